//! One message's life: drawn, code, sent, seen, every hit on its link with its verdict, and what was bought.

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::Serialize;

use super::orders::Named;
use crate::attribution::{Policy, conversion};
use crate::campaigns::{Campaigns, DRAW, Draws};
use crate::codes::RedeemCodes;
use crate::kernel::id::MessageId;
use crate::kernel::{Money, Timestamp};
use crate::links;
use crate::links::classify::{self, Reason, Signs};
use crate::links::{CLICK, Click, ClickColumn, ClickId, Clicks};
use crate::messages::{self, Inbound, META_CLICK, Message, Messages, MetaClicks, REPLACEMENT, Replacements};
use crate::orders::{self, OrderId};
use crate::people::{self, Choice, Recipients, WishSource};
use crate::shops::{CurrentShop, Shop};

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Drawn,
    CodeReserved,
    CodeLive,
    CodeReplaced,
    Issued,
    Sent,
    Delivered,
    Read,
    Failed,
    Hit,
    MetaClick,
    Answered,
    OptedOut,
    OptedIn,
    CodeExpired,
    CodeRevoked,
    Ordered,
    Restated,
}

/// Why a hit counts, or does not.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ReasonView {
    /// `browser`, `preview`, …
    reason: &'static str,
    /// The same in a sentence.
    sentence: &'static str,
}

/// A hit on the link.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct HitView {
    /// Whether it was a person's.
    human: bool,
    /// Whether it began a visit.
    visit: bool,
    /// Only asked whether the link is there.
    head: bool,
    reasons: Vec<ReasonView>,
    /// Whose program it was, where it is known.
    program: Option<String>,
    /// What the browser called itself; `null` after ninety days.
    browser: Option<String>,
    /// Sent on with the code applied.
    with_code: bool,
    /// The code had run out.
    expired: bool,
    /// Opened with a click id of Meta's.
    from_meta: bool,
}

/// An order that goes back to the message.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OrderedView {
    #[schema(value_type = String)]
    shopify_order_id: OrderId,
    name: String,
    net_sales: Money,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Moment {
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    what: What,
    /// In a sentence.
    sentence: String,
    hit: Option<HitView>,
    order: Option<OrderedView>,
}

impl OrderedView {
    /// An order and what it is worth.
    pub(super) const fn new(shopify_order_id: OrderId, name: String, net_sales: Money) -> Self {
        Self { shopify_order_id, name, net_sales }
    }

    /// Which order.
    pub(super) const fn id(&self) -> OrderId {
        self.shopify_order_id
    }

    /// What it was worth at that moment.
    pub(super) const fn net_minor(&self) -> i64 {
        self.net_sales.minor
    }
}

impl Moment {
    /// What kind of thing it is.
    pub(super) const fn what(&self) -> What {
        self.what
    }

    /// The order, of a moment that is about one.
    pub(super) const fn order(&self) -> Option<&OrderedView> {
        self.order.as_ref()
    }

    /// When it happened.
    pub(super) const fn at(&self) -> Timestamp {
        self.at
    }

    /// What happened, in a sentence.
    pub(super) fn sentence(&self) -> &str {
        &self.sentence
    }
}

/// A message's life, oldest first.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Timeline {
    message_id: MessageId,
    campaign: Named,
    /// `null` without an offer, and, for a key that may only read reports, until an order has used it.
    code: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<Timestamp>,
    /// Every GET on the link.
    raw: usize,
    /// People's.
    taps: usize,
    visits: usize,
    /// The version of the rules by which hits are judged.
    rules: i32,
    moments: Vec<Moment>,
    /// Hits after those listed here and on the pages before.
    hits_left_out: usize,
    /// For the page with the next ones; it lists hits only.
    next_cursor: Option<String>,
}

impl Timeline {
    /// What happened.
    pub(super) fn moments(&self) -> &[Moment] {
        &self.moments
    }

    /// People's taps.
    pub(super) const fn taps(&self) -> usize {
        self.taps
    }

    /// Only what happened.
    pub(super) fn into_moments(self) -> Vec<Moment> {
        self.moments
    }
}

/// Hits listed on one page.
const MOST_HITS: usize = 500;

/// Where a page of hits begins: behind this one.
#[derive(Clone, Copy, Debug)]
pub struct HitCursor(Timestamp, ClickId);

impl HitCursor {
    /// Reads a `next_cursor`.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self(Timestamp::from_micros(at.parse().ok().filter(|at| *at >= 0)?), ClickId::from_public(id)?))
    }
}

fn moment(what: What, at: Timestamp, sentence: impl Into<String>) -> Moment {
    Moment { at, what, sentence: sentence.into(), hit: None, order: None }
}

/// Reads a message's life; `None` when the shop has no such message.
pub async fn timeline(
    db: &impl ConnectionTrait,
    current: &CurrentShop,
    id: MessageId,
    policy: &Policy,
    after: Option<HitCursor>,
) -> Result<Option<Timeline>, DbErr> {
    let shop = &current.shop;
    let Some(message) = Messages::find_by_id((shop.shop_id, id)).one(db).await? else { return Ok(None) };
    let campaign = Campaigns::find_by_id((shop.shop_id, message.campaign_id)).one(db).await?;
    let name = campaign.map_or_else(|| "a campaign that is gone".to_owned(), |campaign| campaign.name);
    let mut moments = Vec::new();
    let code = of_code(db, current, &message, &mut moments).await?;
    if after.is_some() {
        moments.clear();
    } else {
        moments.extend(sending(&message));
        let draw = Draws::find().filter(DRAW.shop_id.eq(shop.shop_id)).filter(DRAW.id.eq(id)).one(db).await?;
        let drawn_at = draw.map(|draw| draw.drawn_at);
        moments.extend(drawn_at.map(|at| moment(What::Drawn, at, "The recipient was chosen for the campaign.")));
        moments.extend(of_meta(db, shop, &message).await?);
        moments.extend(of_recipient(db, shop, &message).await?);
        moments.extend(of_orders(db, shop, id, policy).await?);
    }
    let slug = &message.link_slug;
    let (raw, taps, visits) = counts(db, shop, slug).await?;
    let mut hits = hits(db, shop, slug, after).await?;
    let more = hits.len() > MOST_HITS;
    hits.truncate(MOST_HITS);
    let last = hits.last().filter(|_| more).map(|last| (last.at, last.id));
    let hits_left_out = match last {
        Some((at, id)) => usize::try_from(behind(shop, slug, HitCursor(at, id)).count(db).await?).unwrap_or(usize::MAX),
        None => 0,
    };
    moments.extend(hits.iter().map(of_hit));
    moments.sort_by_key(|moment| (moment.at, moment.what));
    Ok(Some(Timeline {
        message_id: id,
        campaign: Named { id: message.campaign_id, name },
        code,
        expires_at: message.expires_at,
        raw,
        taps,
        visits,
        rules: classify::VERSION,
        moments,
        hits_left_out,
        next_cursor: last.map(|(at, id)| format!("{}.{}", at.micros(), id.public())),
    }))
}

/// Hits on a link after one.
fn behind(shop: &Shop, slug: &str, HitCursor(at, id): HitCursor) -> Select<Clicks> {
    let same = sea_orm::Condition::all().add(CLICK.at.eq(at)).add(CLICK.id.gt(id));
    let later = sea_orm::Condition::any().add(CLICK.at.gt(at)).add(same);
    Clicks::of(shop.shop_id).filter(CLICK.slug.eq(slug)).filter(CLICK.at.gte(at)).filter(later)
}

/// A page of them, and one more where there is one, oldest first.
async fn hits(
    db: &impl ConnectionTrait,
    shop: &Shop,
    slug: &str,
    after: Option<HitCursor>,
) -> Result<Vec<Click>, DbErr> {
    let find = match after {
        Some(after) => behind(shop, slug, after),
        None => Clicks::of(shop.shop_id).filter(CLICK.slug.eq(slug)),
    };
    find.order_by_asc(CLICK.at).order_by_asc(CLICK.id).limit(MOST_HITS as u64 + 1).all(db).await
}

/// Hits with GET, people's, and visits.
async fn counts(db: &impl ConnectionTrait, shop: &Shop, slug: &str) -> Result<(usize, usize, usize), DbErr> {
    let of_link = Clicks::of(shop.shop_id).filter(CLICK.slug.eq(slug)).filter(links::counts());
    let grouped = of_link
        .select_only()
        .columns([ClickColumn::Human, ClickColumn::Reason])
        .column_as(Expr::cust("CAST(COUNT(*) AS BIGINT)"), "hits")
        .group_by(ClickColumn::Human)
        .group_by(ClickColumn::Reason);
    let (mut raw, mut taps, mut visits) = (0, 0, 0);
    for (human, reason, hits) in grouped.into_tuple::<(bool, String, i64)>().all(db).await? {
        let hits = usize::try_from(hits).unwrap_or_default();
        raw += hits;
        taps += if human { hits } else { 0 };
        visits += if human && !Reason::read_all(&reason).contains(&Reason::Again) { hits } else { 0 };
    }
    Ok((raw, taps, visits))
}

fn sending(message: &Message) -> Vec<Moment> {
    let why = message.failure().map(|failure| format!(" {}", failure.meaning)).unwrap_or_default();
    let reason =
        message.failure_code.map(|code| format!("{why} WhatsApp's code for it is {code}.")).unwrap_or_default();
    let steps = [
        (What::Issued, Some(message.issued_at), "The link was handed to your WhatsApp platform.".to_owned()),
        (What::Sent, message.sent_at, "WhatsApp sent the message.".to_owned()),
        (What::Delivered, message.delivered_at, "It arrived on the phone.".to_owned()),
        (What::Read, message.read_at, "It was read.".to_owned()),
        (What::Failed, message.failed_at, format!("WhatsApp could not deliver it.{reason}")),
    ];
    steps.into_iter().filter_map(|(what, at, sentence)| Some(moment(what, at?, sentence))).collect()
}

/// The steps of the message's code, and its text if whoever asks may see it.
async fn of_code(
    db: &impl ConnectionTrait,
    current: &CurrentShop,
    message: &Message,
    moments: &mut Vec<Moment>,
) -> Result<Option<String>, DbErr> {
    let shop = &current.shop;
    let replaced = Replacements::find()
        .filter(REPLACEMENT.shop_id.eq(shop.shop_id))
        .filter(REPLACEMENT.message_id.eq(message.id))
        .one(db)
        .await?;
    if let Some(row) = replaced {
        moments.push(moment(What::CodeReplaced, row.replaced_at, "The recipient was given another code."));
    }
    let Some(id) = message.redeem_code_id else { return Ok(None) };
    let Some(code) = RedeemCodes::find_by_id((shop.shop_id, id)).one(db).await? else { return Ok(None) };
    let steps = [
        (What::CodeReserved, Some(code.reserved_at), "was reserved for the campaign."),
        (What::CodeLive, code.imported_at, "became good at Shopify."),
        (What::CodeExpired, code.expires_at.filter(|_| code.expired_at.is_some()), "ran out."),
        (What::CodeRevoked, code.revoked_at, "was taken back."),
    ];
    let shown = Some(&code.code).filter(|_| current.sees_codes() || code.redeemed_at.is_some());
    let text = |words: &str| match shown {
        Some(code) => format!("The code {code} {words}"),
        None => format!("The code {words}"),
    };
    moments.extend(steps.into_iter().filter_map(|(what, at, words)| Some(moment(what, at?, text(words)))));
    Ok(shown.cloned())
}

fn view(click: &Click) -> HitView {
    let signs = Signs(click.signs);
    let reasons = Reason::read_all(&click.reason);
    HitView {
        human: click.human,
        visit: click.human && !reasons.contains(&Reason::Again),
        head: reasons.first() == Some(&Reason::Head),
        program: click.agent.as_deref().and_then(classify::who).map(|agent| agent.who.clone()),
        browser: click.agent.clone(),
        with_code: signs.has(Signs::WITH_CODE),
        expired: signs.has(Signs::EXPIRED),
        from_meta: click.meta_click.is_some(),
        reasons: reasons
            .into_iter()
            .map(|reason| ReasonView { reason: reason.word(), sentence: reason.sentence() })
            .collect(),
    }
}

fn of_hit(click: &Click) -> Moment {
    let hit = view(click);
    let sentence = match (hit.human, hit.visit) {
        (true, true) => "A person opened the link.",
        (true, false) => "The same visit: the link was opened once more.",
        (false, _) => "A machine opened the link; it does not count.",
    };
    Moment { hit: Some(hit), ..moment(What::Hit, click.at, sentence) }
}

/// That the recipient answered, and what they said of marketing since.
async fn of_recipient(db: &impl ConnectionTrait, shop: &Shop, message: &Message) -> Result<Vec<Moment>, DbErr> {
    let answers = match &message.wamid_hash {
        Some(hash) => messages::replies_to(db, shop.shop_id, hash).await?,
        None => Vec::new(),
    };
    let answered = |answer: Inbound| moment(What::Answered, answer.at, "The recipient answered it.");
    let mut moments: Vec<Moment> = answers.into_iter().map(answered).collect();
    let Some(recipient) = Recipients::find_by_id((shop.shop_id, message.recipient_id)).one(db).await? else {
        return Ok(moments);
    };
    let wishes = people::wishes_of_recipient(db, shop.shop_id, &recipient).await?;
    moments.extend(wishes.into_iter().filter(|wish| wish.at >= message.issued_at).map(|wish| match wish.choice {
        Choice::Stop => {
            moment(What::OptedOut, wish.at, format!("The recipient wants no more marketing{}.", by(wish.source)))
        }
        Choice::Resume => {
            moment(What::OptedIn, wish.at, format!("The recipient wants marketing again{}.", by(wish.source)))
        }
    }));
    Ok(moments)
}

/// How a wish was told, to go after what was wished.
pub(super) const fn by(source: WishSource) -> &'static str {
    match source {
        WishSource::Preference => ", by WhatsApp's own switch",
        WishSource::Word => ", in a word",
        WishSource::Failure => ", as WhatsApp said when it refused a message",
        WishSource::Platform => ", as your platform said",
    }
}

/// Clicks Meta counted: those that name this message, and those whose click id came with a hit on its link.
async fn of_meta(db: &impl ConnectionTrait, shop: &Shop, message: &Message) -> Result<Vec<Moment>, DbErr> {
    let of_link = Clicks::of(shop.shop_id).filter(CLICK.slug.eq(&message.link_slug));
    let ids = of_link.filter(CLICK.meta_click.is_not_null()).select_only().column(ClickColumn::MetaClick);
    let ids = ids.order_by_asc(CLICK.at).limit(MOST_HITS as u64).into_tuple::<i64>().all(db).await?;
    let ids: BTreeSet<i64> = ids.into_iter().collect();
    let mut named = sea_orm::Condition::any().add(META_CLICK.meta_click.is_in(ids));
    if let Some(hash) = &message.wamid_hash {
        named = named.add(META_CLICK.wamid_hash.eq(hash.clone()));
    }
    let found = MetaClicks::of(shop.shop_id).filter(named).order_by_asc(META_CLICK.at).all(db).await?;
    let sentence = |component: &str| match component {
        "cta" => "Meta counted a click on the message's button.",
        "body" => "Meta counted a click on the link in the text.",
        _ => "Meta counted a click.",
    };
    Ok(found.iter().map(|row| moment(What::MetaClick, row.at, sentence(&row.component))).collect())
}

/// Orders that go back to the message, with every later change of their worth.
async fn of_orders(
    db: &impl ConnectionTrait,
    shop: &Shop,
    id: MessageId,
    policy: &Policy,
) -> Result<Vec<Moment>, DbErr> {
    let stages = conversion::Entity::find()
        .filter(conversion::COLUMN.shop_id.eq(shop.shop_id))
        .filter(conversion::COLUMN.policy.eq(&policy.name))
        .filter(conversion::COLUMN.message_id.eq(id))
        .order_by_asc(conversion::COLUMN.shopify_order_id)
        .order_by_asc(conversion::COLUMN.effective_at)
        .all(db)
        .await?;
    let ids: BTreeSet<OrderId> = stages.iter().map(|stage| stage.shopify_order_id).collect();
    let facts = orders::facts(db, shop.shop_id, &ids.into_iter().collect::<Vec<_>>()).await?;
    let mut seen = BTreeSet::new();
    Ok(stages
        .iter()
        .map(|stage| {
            let facts = facts.iter().find(|facts| facts.order.shopify_order_id == stage.shopify_order_id);
            let name = facts.map(|facts| facts.order.name.clone()).unwrap_or_default();
            let net_sales = Money::new(stage.net_minor, shop.money());
            let order = Some(OrderedView { shopify_order_id: stage.shopify_order_id, name, net_sales });
            let told = if seen.insert(stage.shopify_order_id) {
                moment(What::Ordered, stage.ordered_at, "An order that goes back to this message.")
            } else {
                moment(What::Restated, stage.effective_at, stage.why.clone())
            };
            Moment { order, ..told }
        })
        .collect())
}
