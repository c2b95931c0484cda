//! One message's life: drawn, code, sent, seen, every hit on its link with its verdict, and what was bought.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;

use super::orders::Named;
use crate::attribution::{Policy, conversion};
use crate::campaigns::{Campaigns, DRAW, Draws, MessageId};
use crate::codes::RedeemCodes;
use crate::kernel::{Money, Timestamp};
use crate::links::human::{self, Reason, Signs};
use crate::links::{Click, clicks_of};
use crate::messages::{META_CLICK, Message, Messages, MetaClicks, REPLACEMENT, Replacements};
use crate::orders::{self, OrderId};
use crate::shops::Shop;

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

/// A message's life, oldest first.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Timeline {
    message_id: MessageId,
    campaign: Named,
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
    /// Only the first hits are listed; there were more.
    hits_left_out: usize,
}

/// A link that is hit more often than this is not read line by line.
const MOST_HITS: usize = 500;

fn moment(what: What, at: Timestamp, sentence: impl Into<String>) -> Moment {
    Moment { at, what, sentence: sentence.into(), hit: None, order: None }
}

/// Reads a message's life; `None` when the shop has no such message.
pub async fn timeline(
    db: &impl ConnectionTrait,
    shop: &Shop,
    id: MessageId,
    policy: &Policy,
) -> Result<Option<Timeline>, DbErr> {
    let Some(message) = Messages::find_by_id((shop.shop_id, id)).one(db).await? else { return Ok(None) };
    let campaign = Campaigns::find_by_id((shop.shop_id, message.campaign_id)).one(db).await?;
    let name = campaign.map_or_else(|| "a campaign that is gone".to_owned(), |campaign| campaign.name);
    let mut moments = sending(&message);
    let draw = Draws::find().filter(DRAW.shop_id.eq(shop.shop_id)).filter(DRAW.id.eq(id)).one(db).await?;
    moments.extend(draw.map(|draw| moment(What::Drawn, draw.drawn_at, "The recipient was chosen for the campaign.")));
    let code = of_code(db, shop, &message, &mut moments).await?;
    let hits = clicks_of(db, shop.shop_id, std::slice::from_ref(&message.link_slug)).await?;
    moments.extend(of_meta(db, shop, &message, &hits).await?);
    moments.extend(of_orders(db, shop, id, policy).await?);
    let counted = |of: fn(&HitView) -> bool| hits.iter().map(view).filter(|hit| !hit.head && of(hit)).count();
    let (raw, taps, visits) = (counted(|_| true), counted(|hit| hit.human), counted(|hit| hit.visit));
    moments.extend(hits.iter().take(MOST_HITS).map(of_hit));
    moments.sort_by_key(|moment| (moment.at, moment.what));
    Ok(Some(Timeline {
        message_id: id,
        campaign: Named { id: message.campaign_id, name },
        code,
        expires_at: message.expires_at,
        raw,
        taps,
        visits,
        rules: human::RULES,
        moments,
        hits_left_out: hits.len().saturating_sub(MOST_HITS),
    }))
}

fn sending(message: &Message) -> Vec<Moment> {
    let reason = message.failure_code.map(|code| format!(" WhatsApp's code for it is {code}.")).unwrap_or_default();
    let steps = [
        (What::Issued, Some(message.issued_at), "The link was handed to your WhatsApp platform.".to_owned()),
        (What::Sent, message.sent_at, "WhatsApp sent the message.".to_owned()),
        (What::Delivered, message.delivered_at, "It arrived on the phone.".to_owned()),
        (What::Read, message.read_at, "It was read.".to_owned()),
        (What::Failed, message.failed_at, format!("WhatsApp could not deliver it.{reason}")),
    ];
    steps.into_iter().filter_map(|(what, at, sentence)| Some(moment(what, at?, sentence))).collect()
}

async fn of_code(
    db: &impl ConnectionTrait,
    shop: &Shop,
    message: &Message,
    moments: &mut Vec<Moment>,
) -> Result<Option<String>, DbErr> {
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
    let text = |words: &str| format!("The code {} {words}", code.code);
    moments.extend(steps.into_iter().filter_map(|(what, at, words)| Some(moment(what, at?, text(words)))));
    Ok(Some(code.code))
}

fn view(click: &Click) -> HitView {
    let signs = Signs(click.signs);
    let reasons = Reason::read_all(&click.reason);
    HitView {
        human: click.human,
        visit: click.human && !reasons.contains(&Reason::Again),
        head: reasons.first() == Some(&Reason::Head),
        program: click.agent.as_deref().and_then(human::who).map(|agent| agent.who.clone()),
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

/// Clicks Meta counted: those that name this message, and those whose click id came with a hit on its link.
async fn of_meta(
    db: &impl ConnectionTrait,
    shop: &Shop,
    message: &Message,
    hits: &[Click],
) -> Result<Vec<Moment>, DbErr> {
    let ids: BTreeSet<i64> = hits.iter().filter_map(|hit| hit.meta_click).take(MOST_HITS).collect();
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
