//! What the hits on a link count as: in reports, by the quarter of an hour in which its link was made, whenever they came.
//!
//! Taps are noted by the thousand a second and nobody may wait for a count; whether they were people's is known later, and
//! may change. So what was counted of a link is kept beside it, and whoever judges hits counts the difference to what there
//! is now. A report does the same with the links that were hit since, without writing it down.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, ExprTrait, Func, OnConflict, Query, SelectStatement};
use sea_orm::{ConnectionTrait, FromQueryResult, IntoActiveModel, QueryOrder, QuerySelect, Statement};

use super::times::{CAMPAIGN_HIT_DAYS, HIT_DAYS, HIT_TIMES, Times, recount_times, times_of};
use super::{Signs, progress, queue};
use crate::app::App;
use crate::campaigns::CampaignId;
use crate::db::INSERT_ROWS;
use crate::db::counts::{self, Changes, Line, QUARTER};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::links::click::{self, counts as is_hit};
use crate::links::link;
use crate::shops::{Shop, Shops};

/// The book of hits: a line for each campaign.
pub const HITS: &str = "hits";

/// Where hits are judged at all, they are within so long.
const DAY_SECONDS: i64 = 86_400;

/// What was counted of a link's hits.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "counted_hits")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    pub raw: i64,
    pub taps: i64,
    pub visits: i64,
    /// What was counted by when they came ([`Times`]).
    pub times: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Hits on links.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LinkHits {
    /// Links with at least one tap of a person's.
    pub clicked: i64,
    /// Links with at least one hit of any kind.
    pub clicked_raw: i64,
    /// Hits of any kind; HEAD is none.
    pub taps_raw: i64,
    /// Hits that were people's.
    pub taps: i64,
    /// People's, those of one device within half an hour taken together.
    pub visits: i64,
}

impl LinkHits {
    const fn named(self) -> [(&'static str, i64); 5] {
        [
            ("clicked", self.clicked),
            ("clicked_raw", self.clicked_raw),
            ("taps_raw", self.taps_raw),
            ("taps", self.taps),
            ("visits", self.visits),
        ]
    }

    fn read(line: &Line) -> Self {
        Self {
            clicked: line.of("clicked"),
            clicked_raw: line.of("clicked_raw"),
            taps_raw: line.of("taps_raw"),
            taps: line.of("taps"),
            visits: line.of("visits"),
        }
    }
}

/// The hits on one link.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct OfLink {
    raw: i64,
    taps: i64,
    visits: i64,
}

impl OfLink {
    fn count(self, changes: &mut Changes, at: Timestamp, campaign: CampaignId, by: i64) {
        let counts = LinkHits {
            clicked: i64::from(self.taps > 0),
            clicked_raw: i64::from(self.raw > 0),
            taps_raw: self.raw,
            taps: self.taps,
            visits: self.visits,
        };
        for (measure, count) in counts.named() {
            changes.add(HITS, at, &campaign.to_string(), measure, count * by);
        }
    }
}

/// The hits on the links of each campaign that were made between two instants. Read in one moment of the database.
pub async fn hit_counts(
    db: &impl ConnectionTrait,
    shop: ShopId,
    between: (Timestamp, Timestamp),
) -> Result<Option<BTreeMap<CampaignId, LinkHits>>, DbErr> {
    let Some(lines) = counts::read(db, shop, HITS, between).await? else { return Ok(None) };
    let since = differences(db, (shop, Tz::UTC), uncounted(db, shop).await?).await?.0.lines_within(HITS, between);
    Ok(Some(of_campaigns(&lines, &since)))
}

/// The same of each of the stretches between instants that rise.
pub async fn hit_counts_each(
    db: &impl ConnectionTrait,
    shop: ShopId,
    bounds: &[Timestamp],
) -> Result<Option<Vec<BTreeMap<CampaignId, LinkHits>>>, DbErr> {
    let Some(lines) = counts::read_each(db, shop, HITS, bounds).await? else { return Ok(None) };
    let since = differences(db, (shop, Tz::UTC), uncounted(db, shop).await?).await?.0.lines_each(HITS, bounds);
    Ok(Some(lines.iter().zip(&since).map(|(lines, since)| of_campaigns(lines, since)).collect()))
}

fn of_campaigns(lines: &BTreeMap<String, Line>, since: &BTreeMap<String, Line>) -> BTreeMap<CampaignId, LinkHits> {
    let mut counts: BTreeMap<CampaignId, LinkHits> = BTreeMap::new();
    for (line, of) in lines.iter().chain(since) {
        let Some(campaign) = CampaignId::parse(line) else { continue };
        let (sum, more) = (counts.entry(campaign).or_default(), LinkHits::read(of));
        sum.clicked += more.clicked;
        sum.clicked_raw += more.clicked_raw;
        sum.taps_raw += more.taps_raw;
        sum.taps += more.taps;
        sum.visits += more.visits;
    }
    counts
}

/// What came of hits since they were counted by when they came; `None`: they are not.
pub async fn hits_since(db: &impl ConnectionTrait, shop: &Shop) -> Result<Option<Changes>, DbErr> {
    if !counts::all_counted(db, shop.shop_id, &[HIT_TIMES, HIT_DAYS, CAMPAIGN_HIT_DAYS]).await? {
        return Ok(None);
    }
    let slugs = uncounted(db, shop.shop_id).await?;
    Ok(Some(differences(db, (shop.shop_id, shop.zone()), slugs).await?.0))
}

/// Links whose hits may not be counted as they are: hit since hits were last judged, or in doubt.
async fn uncounted(db: &impl ConnectionTrait, shop: ShopId) -> Result<BTreeSet<String>, DbErr> {
    let latest = click::Entity::of(shop).order_by_desc(click::COLUMN.at).one(db).await?;
    let Some(latest) = latest else { return Ok(BTreeSet::new()) };
    let judged = progress::Entity::find_by_id(shop).one(db).await?.map_or(Timestamp::default(), |row| row.through);
    // All are judged anew for a while after the rules changed; then only what came lately is not counted yet. Told apart
    // here: asked for each name once, SQLite reads all hits in the order of their names.
    let since = Ord::max(judged, latest.at.plus_seconds(-DAY_SECONDS));
    let hit = click::Entity::of(shop).filter(click::COLUMN.at.gte(since)).select_only().column(click::Column::Slug);
    let doubted =
        queue::Entity::find().filter(queue::COLUMN.shop_id.eq(shop)).select_only().column(queue::Column::Slug);
    let mut slugs: BTreeSet<String> = hit.into_tuple::<String>().all(db).await?.into_iter().collect();
    slugs.extend(doubted.into_tuple::<String>().all(db).await?);
    Ok(slugs)
}

/// Counts what came of some links since they were counted.
pub(super) async fn count_links(app: &App, shop: ShopId, slugs: BTreeSet<String>) -> Result<(), DbErr> {
    let slugs: Vec<String> = slugs.into_iter().collect();
    let zone = Shops::find_by_id(shop).one(app.db.read()).await?.map_or(Tz::UTC, |shop| shop.zone());
    for some in slugs.chunks(INSERT_ROWS) {
        let txn = app.db.begin_write().await?;
        // Nobody counts the same link meanwhile.
        hold(&txn, shop, some).await?;
        let (changes, rows) = differences(&txn, (shop, zone), some.iter().cloned().collect()).await?;
        keep(&txn, rows).await?;
        changes.append(&txn, &app.chance, shop, app.clock.now()).await?;
        txn.commit().await?;
    }
    Ok(())
}

async fn hold(txn: &impl ConnectionTrait, shop: ShopId, slugs: &[String]) -> Result<(), DbErr> {
    let links = link::Entity::find().filter(link::COLUMN.shop_id.eq(shop)).filter(link::COLUMN.slug.is_in(slugs));
    let held = links.order_by_asc(link::COLUMN.slug).lock_exclusive().select_only().column(link::Column::Slug);
    held.into_tuple::<String>().all(txn).await.map(drop)
}

async fn keep(txn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    let instead = OnConflict::columns([Column::ShopId, Column::Slug])
        .update_columns([Column::Raw, Column::Taps, Column::Visits, Column::Times])
        .to_owned();
    let rows = rows.into_iter().map(IntoActiveModel::into_active_model);
    Entity::insert_many(rows).on_conflict(instead).exec_without_returning(txn).await.map(drop)
}

#[derive(FromQueryResult)]
struct Found {
    slug: String,
    raw: i64,
    taps: i64,
    visits: i64,
}

/// What there is of some links' hits and was not counted yet, and what is to be kept as counted.
async fn differences(
    db: &impl ConnectionTrait,
    (shop, zone): (ShopId, Tz),
    slugs: BTreeSet<String>,
) -> Result<(Changes, Vec<Model>), DbErr> {
    let slugs: Vec<String> = slugs.into_iter().collect();
    let (mut changes, mut rows) = (Changes::default(), Vec::new());
    for some in slugs.chunks(INSERT_ROWS) {
        let links = link::Entity::find().filter(link::COLUMN.shop_id.eq(shop)).filter(link::COLUMN.slug.is_in(some));
        let known = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.slug.is_in(some)).all(db).await?;
        let of = |row: &Model| OfLink { raw: row.raw, taps: row.taps, visits: row.visits };
        let times = |row: &Model| row.times.as_deref().map(Times::read).unwrap_or_default();
        let counted: BTreeMap<String, (OfLink, Times)> =
            known.iter().map(|row| (row.slug.clone(), (of(row), times(row)))).collect();
        let select = grouped(shop).and_where(Expr::col((click::Entity, click::Column::Slug)).is_in(some)).to_owned();
        let mut found = BTreeMap::new();
        for row in db.query_all(&select).await? {
            let row = Found::from_query_result(&row, "")?;
            found.insert(row.slug, OfLink { raw: row.raw, taps: row.taps, visits: row.visits });
        }
        let mut came = times_of(db, shop, some).await?;
        for link in links.all(db).await? {
            let (was, then) = counted.get(&link.slug).cloned().unwrap_or_default();
            let is = found.get(&link.slug).copied().unwrap_or_default();
            let times = came.remove(&link.slug).unwrap_or_default();
            if (was, &then) == (is, &times) {
                continue;
            }
            was.count(&mut changes, link.created_at, link.campaign_id, -1);
            is.count(&mut changes, link.created_at, link.campaign_id, 1);
            then.count(&mut changes, link.campaign_id, zone, -1);
            times.count(&mut changes, link.campaign_id, zone, 1);
            let (OfLink { raw, taps, visits }, times) = (is, Some(times.kept()));
            rows.push(Model { shop_id: shop, slug: link.slug, raw, taps, visits, times });
        }
    }
    Ok((changes, rows))
}

/// Hits by their links.
fn grouped(shop: ShopId) -> SelectStatement {
    let counted = |condition: Expr| -> Expr {
        let one: Expr = CaseStatement::new().case(condition, 1).finally(0).into();
        Func::cast_as(one.sum(), "BIGINT").into()
    };
    let hit = |column: click::Column| Expr::col((click::Entity, column));
    let human = || hit(click::Column::Human).eq(true);
    Query::select()
        .column((click::Entity, click::Column::Slug))
        .expr_as(Expr::cust("CAST(COUNT(*) AS BIGINT)"), "raw")
        .expr_as(counted(human()), "taps")
        .expr_as(counted(human().and(hit(click::Column::Reason).ne("again"))), "visits")
        .from(click::Entity)
        .and_where(hit(click::Column::ShopId).eq(shop))
        .and_where(is_hit())
        .group_by_col((click::Entity, click::Column::Slug))
        .to_owned()
}

/// Keeps what there is of every link's hits as counted, and counts it.
pub async fn recount_hits(txn: &impl ConnectionTrait, of: &Shop) -> Result<Changes, DbErr> {
    let shop = of.shop_id;
    Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).exec(txn).await?;
    let sum = |condition: &str| format!("CAST(SUM(CASE WHEN {condition} THEN 1 ELSE 0 END) AS BIGINT)");
    let (signs, hit) = (|bit: i32| format!("clicks.human AND (clicks.signs / {bit}) % 2 = 1"), "clicks.signs % 2 = 0");
    let (taps, visits) =
        (format!("{hit} AND clicks.human"), format!("{hit} AND clicks.human AND clicks.reason <> 'again'"));
    let insert = format!(
        "INSERT INTO counted_hits (shop_id, slug, raw, taps, visits, times) \
         SELECT shop_id, slug, CAST(SUM(raw) AS BIGINT), CAST(SUM(taps) AS BIGINT), CAST(SUM(visits) AS BIGINT), \
         string_agg(kept, ';') FROM (SELECT clicks.shop_id, clicks.slug, {} AS raw, {} AS taps, {} AS visits, \
         CAST(clicks.at / {QUARTER} AS VARCHAR) || '|' || CASE WHEN clicks.human THEN '1' ELSE '0' END || '|' || \
         clicks.reason || '|' || CAST(COUNT(*) AS VARCHAR) || '|' || CAST({} AS VARCHAR) || '|' || CAST({} AS VARCHAR) \
         AS kept FROM clicks JOIN links ON links.shop_id = clicks.shop_id AND links.slug = clicks.slug \
         WHERE clicks.shop_id = $1 \
         GROUP BY clicks.shop_id, clicks.slug, clicks.at / {QUARTER}, clicks.human, clicks.reason) AS alike \
         GROUP BY shop_id, slug",
        sum(hit),
        sum(&taps),
        sum(&visits),
        sum(&signs(Signs::WITH_CODE)),
        sum(&signs(Signs::EXPIRED))
    );
    let insert = Statement::from_sql_and_values(txn.get_database_backend(), insert, [shop.0.into()]);
    txn.execute_raw(insert).await?;
    let quarter = || Expr::col((link::Entity, link::Column::CreatedAt)).div(Expr::cust(QUARTER.to_string()));
    let campaign = || Expr::col((link::Entity, link::Column::CampaignId));
    let on = Expr::col((link::Entity, link::Column::ShopId))
        .equals((Entity, Column::ShopId))
        .and(Expr::col((link::Entity, link::Column::Slug)).equals((Entity, Column::Slug)));
    let sum = |text: &str| Expr::cust(format!("CAST(COALESCE(SUM({text}), 0) AS BIGINT)"));
    let select = Query::select()
        .expr_as(quarter(), "quarter")
        .expr_as(campaign(), "campaign_id")
        .expr_as(sum("CASE WHEN taps > 0 THEN 1 ELSE 0 END"), "clicked")
        .expr_as(sum("CASE WHEN raw > 0 THEN 1 ELSE 0 END"), "clicked_raw")
        .expr_as(sum("raw"), "taps_raw")
        .expr_as(sum("taps"), "taps")
        .expr_as(sum("visits"), "visits")
        .from(Entity)
        .inner_join(link::Entity, on)
        .and_where(Expr::col((Entity, Column::ShopId)).eq(shop))
        .add_group_by([quarter(), campaign()])
        .to_owned();
    let mut changes = recount_times(txn, shop, of.zone()).await?;
    for row in txn.query_all(&select).await? {
        let row = Sum::from_query_result(&row, "")?;
        let Sum { clicked, clicked_raw, taps_raw, taps, visits, .. } = row;
        let at = Timestamp::from_micros(row.quarter * QUARTER);
        for (measure, count) in (LinkHits { clicked, clicked_raw, taps_raw, taps, visits }).named() {
            changes.add(HITS, at, &row.campaign_id.to_string(), measure, count);
        }
    }
    Ok(changes)
}

#[derive(FromQueryResult)]
struct Sum {
    quarter: i64,
    campaign_id: CampaignId,
    clicked: i64,
    clicked_raw: i64,
    taps_raw: i64,
    taps: i64,
    visits: i64,
}
