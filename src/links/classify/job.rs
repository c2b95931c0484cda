//! Which hits on links were people's: the whole set of rules, a little after the fact.
//!
//! At the door a hit is judged by its own signs. What its neighbours and the message's sending say is known later, and
//! in any order; so the hits of a link are classified again
//! - a minute after they came (the standing job reads on from where it stopped),
//! - when late news of their link comes (`doubted_links`),
//! - all of them, when the rules changed ([`VERSION`] grew), or when an operator says `recoup rejudge`.
//!
//! A verdict is a function of the facts alone, so each of these ends in the same, and doing it twice changes nothing.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Cond, Expr};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::counted::count_links;
use super::flood::{self, FLOOD, whole_hours};
use super::turned::{RulesChanged, TapsTurned};
use super::{Around, Hit, Left, Reason, Signs, VERSION, Verdict, progress, queue, weigh};
use crate::app::App;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::links::click::{COLUMN as CLICK, ClickId, Column as ClickColumn, Entity as Clicks, Model as Click};
use crate::links::link::{COLUMN as LINK, Entity as Links};
use crate::news;
use crate::shops::Shops;

/// Hits read at a time.
const PAGE: u64 = 2_000;

/// Pages, and doubted links, a run: then other jobs have their turn.
const PAGES: usize = 50;

/// Links judged with one look.
const LINKS: u64 = 200;

/// Hits of one link that are looked at together, hours in which it was flooded left out.
const MOST_HITS: u64 = 100_000;

/// Verdicts that are kept in one transaction.
const KEPT: usize = 500;

/// A hit may become visible this long after it happened: the shopper is kept waiting no longer than two seconds, and
/// what waits on disk raises a doubt.
const LATE_SECONDS: i64 = 120;

/// How far behind and ahead of a new hit others may be judged differently for it.
const REACH_SECONDS: (i64, i64) = (60, 3_600);

/// The job that judges what came since.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Classify {}

/// What judging found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Classified {
    /// Hits looked at.
    pub hits: usize,
    /// Hits whose verdict came out different.
    pub changed: usize,
}

impl Job for Classify {
    const NAME: &'static str = "attribution.judge";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        if Shops::find_by_id(shop).one(app.db.read()).await?.is_none_or(|shop| !shop.installed()) {
            return Ok(Next::Done);
        }
        let now = app.clock.now();
        let stands = progress::Entity::find_by_id(shop).one(app.db.read()).await?;
        if stands.as_ref().is_some_and(|row| row.rules != VERSION) {
            let txn = app.db.begin_write().await?;
            news::tell(&txn, &app, shop, &RulesChanged {}, now).await?;
            txn.commit().await?;
        }
        let from = stands.filter(|row| row.rules == VERSION).map_or(Timestamp::from_micros(0), |row| row.through);
        let mut cursor = Cursor { at: from, id: ClickId(Uuid::nil()) };
        let mut seen = 0;
        let mut caught_up = false;
        for _ in 0..PAGES {
            let page = cursor.next(&app, shop).await?;
            caught_up = page.len() < PAGE as usize;
            seen += page.len();
            let links = spans(&page, REACH_SECONDS);
            judge(&app, shop, &links, true).await?;
            let through = if caught_up { now.plus_seconds(-LATE_SECONDS) } else { cursor.at };
            progress::note(app.db.write(), progress::Model { shop_id: shop, rules: VERSION, through }).await?;
            if caught_up {
                break;
            }
        }
        let queued = queued(&app, shop).await?;
        if !caught_up || queued == LINKS as usize {
            return Ok(Next::At(now));
        }
        // Where nobody taps, nothing is to be judged: a quiet shop is looked at less often.
        Ok(Next::At(now.plus_seconds(if seen > 0 { 60 } else { 900 })))
    }
}

/// Judges the links of which late news came; answers how many.
async fn queued(app: &App, shop: ShopId) -> Result<usize, DbErr> {
    let rows =
        queue::Entity::find().filter(queue::COLUMN.shop_id.eq(shop)).order_by_asc(queue::COLUMN.slug).limit(LINKS);
    let rows = rows.all(app.db.read()).await?;
    let until = Timestamp::FOREVER;
    let links = rows.iter().map(|row| (row.slug.clone(), (row.since, until))).collect();
    judge(app, shop, &links, true).await?;
    tell_of_late(app, shop, &rows).await?;
    for row in &rows {
        // News that came meanwhile raised `again`: the row stays.
        queue::Entity::delete_many()
            .filter(queue::COLUMN.shop_id.eq(shop))
            .filter(queue::COLUMN.slug.eq(&row.slug))
            .filter(queue::COLUMN.again.eq(row.again))
            .exec(app.db.write())
            .await?;
    }
    Ok(rows.len())
}

/// A tap that was written down late may have led to an order that was judged without it.
async fn tell_of_late(app: &App, shop: ShopId, rows: &[queue::Model]) -> Result<(), DbErr> {
    let Some(since) = rows.iter().map(|row| row.since).min() else { return Ok(()) };
    let slugs = rows.iter().map(|row| row.slug.as_str());
    let taps: Vec<(String, Timestamp)> = Clicks::of(shop)
        .filter(CLICK.slug.is_in(slugs))
        .filter(CLICK.at.gte(since))
        .filter(CLICK.human.eq(true))
        .select_only()
        .columns([ClickColumn::Slug, ClickColumn::At])
        .into_tuple()
        .all(app.db.read())
        .await?;
    let doubted = |slug: &str, at| rows.iter().any(|row| row.slug == slug && row.since <= at);
    let late = taps.into_iter().filter(|(slug, at)| doubted(slug, *at)).collect();
    let txn = app.db.begin_write().await?;
    TapsTurned::tell(&txn, app, shop, late).await?;
    txn.commit().await
}

/// Judges every hit of a shop again; with `write` false it only says what would change.
pub async fn classify_again(app: &App, shop: ShopId, write: bool) -> Result<Classified, DbErr> {
    let mut cursor = Cursor { at: Timestamp::from_micros(0), id: ClickId(Uuid::nil()) };
    let mut judged = Classified::default();
    loop {
        let page = cursor.next(app, shop).await?;
        if page.is_empty() {
            return Ok(judged);
        }
        judged.hits += page.len();
        // Each hit has its own turn, so that none is counted twice.
        judged.changed += judge(app, shop, &spans(&page, (0, 0)), write).await?;
    }
}

/// Where reading stands.
struct Cursor {
    at: Timestamp,
    id: ClickId,
}

type Row = (Timestamp, ClickId, String);

impl Cursor {
    async fn next(&mut self, app: &App, shop: ShopId) -> Result<Vec<Row>, DbErr> {
        let later = CLICK.at.gt(self.at);
        let same = Cond::all().add(CLICK.at.eq(self.at)).add(CLICK.id.gt(self.id));
        let page: Vec<Row> = Clicks::of(shop)
            .filter(CLICK.at.gte(self.at))
            .filter(Cond::any().add(later).add(same))
            .order_by_asc(CLICK.at)
            .order_by_asc(CLICK.id)
            .limit(PAGE)
            .select_only()
            .columns([ClickColumn::At, ClickColumn::Id, ClickColumn::Slug])
            .into_tuple()
            .all(app.db.read())
            .await?;
        if let Some((at, id, _)) = page.last() {
            (self.at, self.id) = (*at, *id);
        }
        Ok(page)
    }
}

/// Links, and from when to when their hits are to be judged.
type Spans = BTreeMap<String, (Timestamp, Timestamp)>;

fn spans(page: &[Row], (behind, ahead): (i64, i64)) -> Spans {
    let mut spans = Spans::new();
    for (at, _, slug) in page {
        let (from, to) = (at.plus_seconds(-behind), at.plus_seconds(ahead));
        let span = spans.entry(slug.clone()).or_insert((from, to));
        *span = (span.0.min(from), span.1.max(to));
    }
    spans
}

/// Judges some links; answers how many verdicts came out different.
async fn judge(app: &App, shop: ShopId, links: &Spans, write: bool) -> Result<usize, DbErr> {
    let mut changed = 0;
    let all: Vec<&String> = links.keys().collect();
    for some in all.chunks(LINKS as usize) {
        let left = left(app, shop, some).await?;
        let mut different: Vec<(Click, Verdict)> = Vec::new();
        for slug in some {
            let (marked, others) =
                differences(app, shop, (slug, links[*slug]), left.get(*slug).copied(), write).await?;
            changed += marked;
            different.extend(others);
        }
        changed += different.len();
        for some in different.chunks(KEPT).filter(|_| write) {
            keep(app, shop, some).await?;
        }
        if write {
            count_links(app, shop, some.iter().map(|slug| (*slug).clone()).collect()).await?;
        }
    }
    Ok(changed)
}

/// When the message of each link left, as far as is known.
async fn left(app: &App, shop: ShopId, slugs: &[&String]) -> Result<BTreeMap<String, Left>, DbErr> {
    let slugs = slugs.iter().map(|slug| slug.as_str());
    let links = Links::find().filter(LINK.shop_id.eq(shop)).filter(LINK.slug.is_in(slugs)).all(app.db.read()).await?;
    Ok(links.into_iter().filter_map(|link| Some((link.slug.clone(), link.left()?))).collect())
}

/// The hits of a link within a span whose verdict comes out different, and how many were marked already because the link
/// was flooded.
async fn differences(
    app: &App,
    shop: ShopId,
    (slug, (from, to)): (&str, (Timestamp, Timestamp)),
    left: Option<Left>,
    write: bool,
) -> Result<(usize, Vec<(Click, Verdict)>), DbErr> {
    let around = whole_hours((from.plus_seconds(-Around::SECONDS), to.plus_seconds(Around::SECONDS)));
    let read = async |hours: &[i64], most: u64| {
        let find = Clicks::of(shop).filter(CLICK.slug.eq(slug)).filter(CLICK.at.between(around.0, around.1));
        let find = flood::without(find, hours).order_by_asc(CLICK.at).order_by_asc(CLICK.id);
        find.limit(most).all(app.db.read()).await
    };
    let mut rows = read(&[], FLOOD + 1).await?;
    let mut marked = 0;
    if rows.len() as u64 > FLOOD {
        let hours = flood::hours(app, shop, slug, around).await?;
        marked = flood::mark(app, shop, slug, &hours, (from, to), write).await?;
        rows = read(&hours, MOST_HITS).await?;
    }
    let hits: Vec<Hit> = rows.iter().map(hit).collect();
    let verdicts = weigh(&hits, left);
    let judged = rows.into_iter().zip(verdicts).filter(|(row, _)| (from..=to).contains(&row.at));
    let differs = |row: &Click, verdict: &Verdict| row.human != verdict.human || row.reason != verdict.kept();
    // Where the signs are gone the verdict stands, in whatever words.
    let different = judged.filter(|(row, verdict)| !Signs(row.signs).has(Signs::GONE) && differs(row, verdict));
    Ok((marked, different.collect()))
}

fn hit(row: &Click) -> Hit {
    let gone = Signs(row.signs).has(Signs::GONE);
    let reasons = if gone { Reason::read_all(&row.reason) } else { Vec::new() };
    Hit {
        at: row.at,
        signs: Signs(row.signs),
        agent: row.agent.clone(),
        device: row.device,
        stands: Verdict { human: row.human, reasons },
    }
}

/// Keeps the verdicts; where a hit became a person's, or ceased to be one, the orders it may have touched are asked again.
async fn keep(app: &App, shop: ShopId, different: &[(Click, Verdict)]) -> Result<(), DbErr> {
    let turned = different.iter().filter(|(row, verdict)| row.human != verdict.human);
    let turned = turned.map(|(row, _)| (row.slug.clone(), row.at)).collect();
    let txn = app.db.begin_write().await?;
    for (row, verdict) in different {
        Clicks::update_many()
            .col_expr(ClickColumn::Human, Expr::value(verdict.human))
            .col_expr(ClickColumn::Reason, Expr::value(verdict.kept()))
            .filter(CLICK.shop_id.eq(row.shop_id))
            .filter(CLICK.at.eq(row.at))
            .filter(CLICK.id.eq(row.id))
            // Its signs may have been let go meanwhile; then its verdict stands.
            .filter(CLICK.signs.eq(row.signs))
            .exec(&txn)
            .await?;
    }
    TapsTurned::tell(&txn, app, shop, turned).await?;
    txn.commit().await
}
