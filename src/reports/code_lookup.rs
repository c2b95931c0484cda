//! What a code is, whose it is, and whether it is good: for whoever answers the shopper.
//!
//! Nobody is named: a recipient is a message id and the hash of the platform's own key.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;

use crate::campaigns::{CampaignId, Campaigns, Draws};
use crate::codes::{
    CODE, DISCOUNT, Discounts, REDEMPTION, RedeemCode, RedeemCodeId, RedeemCodes, Redemption, RedemptionColumn,
    Redemptions, Revocations, State, fold,
};
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::messages::{
    MESSAGE, Message, Messages, REPLACEMENT, Replacement, ReplacementColumn, ReplacementReason, Replacements,
};
use crate::orders::{ORDER, Order, OrderId, Orders};

/// A code with everything support asks about it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CodeView {
    code: String,
    /// Where it stands now, by the instants and not only by what was written down.
    state: &'static str,
    /// Whether the recipient can use it now.
    good: bool,
    /// The same in a sentence.
    verdict: String,
    /// When it ends for its recipient, to the second; `null` while nobody has it, and while its clock waits for the
    /// delivery of the message.
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<Timestamp>,
    /// Until when Shopify takes it from anybody who has it.
    #[schema(value_type = Option<String>, format = "date-time")]
    shopify_ends_at: Option<Timestamp>,
    campaign_id: CampaignId,
    campaign: String,
    /// Whose it is; `null` while nobody was given it.
    recipient: Option<RecipientView>,
    /// What happened to it, oldest first.
    life: Vec<Step>,
    /// Orders that used it, oldest first.
    orders: Vec<UseView>,
    /// What somebody should look at.
    warnings: Vec<Warning>,
    /// The code it was replaced by, or the one it replaced.
    replacement: Option<ReplacementView>,
}

/// A recipient, without naming anybody.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct RecipientView {
    message_id: MessageId,
    /// Keyed hash of the platform's own key: equal for equal keys.
    key_hash: String,
}

/// One step of a code's life.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Step {
    state: &'static str,
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
}

/// One order that used it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct UseView {
    #[schema(value_type = String)]
    order_id: OrderId,
    name: String,
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    cancelled_at: Option<Timestamp>,
}

/// Something to look at.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct Warning {
    code: &'static str,
    words: &'static str,
}

/// How one code followed another.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct ReplacementView {
    /// The code that came first.
    first: String,
    /// The one that came after it.
    second: String,
    reason: ReplacementReason,
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
}

/// What is known of a code; `None`: not one of ours.
pub async fn look_up_code(
    db: &impl ConnectionTrait,
    shop: ShopId,
    text: &str,
    now: Timestamp,
) -> Result<Option<CodeView>, DbErr> {
    let found = RedeemCodes::of(shop).filter(CODE.code.eq(fold(text))).one(db).await?;
    let Some(code) = found else { return Ok(None) };
    let campaign = Campaigns::find_by_id((shop, code.campaign_id)).one(db).await?;
    let slot = Discounts::of(shop).filter(DISCOUNT.id.eq(code.discount_id)).one(db).await?;
    let replaced = replacement_of(db, &code).await?;
    let message = message_of(db, &code, replaced.as_ref()).await?;
    let uses = Redemptions::of(shop)
        .filter(REDEMPTION.redeem_code_id.eq(code.id))
        .order_by_asc(RedemptionColumn::At)
        .order_by_asc(RedemptionColumn::ShopifyOrderId)
        .all(db)
        .await?;
    let revoked = Revocations::find_by_id((shop, code.id)).one(db).await?;
    let shopify_ends_at = slot.map(|slot| slot.slot_ends_at);
    let standing = Standing::of(&code, shopify_ends_at, now);
    let started = message.as_ref().and_then(Message::arrived_at).is_some();
    Ok(Some(CodeView {
        state: standing.word(),
        good: standing == Standing::Good,
        verdict: match code.life_seconds.filter(|_| standing == Standing::Good && !started) {
            Some(life) => waits(&code, life),
            None => standing.sentence(&code, shopify_ends_at, now),
        },
        expires_at: code.ends_at(message.as_ref().and_then(Message::arrived_at)),
        shopify_ends_at,
        campaign_id: code.campaign_id,
        campaign: campaign.map(|campaign| campaign.name).unwrap_or_default(),
        recipient: recipient(db, shop, message.as_ref()).await?,
        life: life(&code, revoked.map(|row| row.asked_at)),
        orders: orders(db, shop, &uses).await?,
        warnings: warnings(&code, message.as_ref(), &uses),
        replacement: match replaced {
            Some(row) => shown(db, &row).await?,
            None => None,
        },
        code: code.code,
    }))
}

/// Where a code stands for its recipient at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Unknown,
    Nobodys,
    Pending,
    Good,
    Redeemed,
    Expired,
    Revoking,
    Revoked,
}

impl Standing {
    fn of(code: &RedeemCode, shopify_ends_at: Option<Timestamp>, now: Timestamp) -> Self {
        let over = code.expires_at.or(shopify_ends_at).is_some_and(|end| end <= now);
        match code.state {
            State::Redeemed => Self::Redeemed,
            State::Revoking => Self::Revoking,
            State::Revoked => Self::Revoked,
            State::Expired => Self::Expired,
            _ if over => Self::Expired,
            State::Issued => Self::Good,
            State::Reserved | State::Pushed if code.promised_at.is_some() => Self::Pending,
            State::Imported | State::Canary => Self::Nobodys,
            State::Reserved | State::Pushed => Self::Unknown,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "reserved",
            Self::Nobodys => "imported",
            Self::Pending => "pending",
            Self::Good => "issued",
            Self::Redeemed => "redeemed",
            Self::Expired => "expired",
            Self::Revoking => "revoking",
            Self::Revoked => "revoked",
        }
    }

    fn sentence(self, code: &RedeemCode, shopify_ends_at: Option<Timestamp>, now: Timestamp) -> String {
        let end = code.expires_at.or(shopify_ends_at).unwrap_or(now);
        match self {
            Self::Unknown => "Kept in store; Shopify does not know it yet and nobody was given it.".to_owned(),
            Self::Nobodys => "Nobody was given this code. Whoever has it did not get it from a message.".to_owned(),
            Self::Pending => "Promised to its recipient and on its way to Shopify: not usable yet.".to_owned(),
            Self::Good => format!("Good until {end}, for one order."),
            Self::Redeemed => "Used: an order redeemed it. It works for no other.".to_owned(),
            Self::Expired => match shopify_ends_at.filter(|slot| *slot > now && code.state != State::Revoked) {
                Some(slot) => format!(
                    "Ended for its recipient on {end}; typed in by hand it still works at Shopify until {slot}."
                ),
                None => format!("Ended on {end}."),
            },
            Self::Revoking => "Taken back: its link applies it no more, and Shopify is deleting it.".to_owned(),
            Self::Revoked => "Taken back: Shopify does not know it any more.".to_owned(),
        }
    }
}

/// The sentence about a code that is good and whose clock has not started.
fn waits(code: &RedeemCode, life: i64) -> String {
    let (count, unit) = match life {
        life if life % 86_400 == 0 => (life / 86_400, "days"),
        life if life % 3_600 == 0 => (life / 3_600, "hours"),
        life => (life / 60, "minutes"),
    };
    let latest = code.expires_at.map(|end| format!(", and not after {end}")).unwrap_or_default();
    format!("Good for one order. Its {count} {unit} begin when WhatsApp delivers the message{latest}.")
}

async fn replacement_of(db: &impl ConnectionTrait, code: &RedeemCode) -> Result<Option<Replacement>, DbErr> {
    let first = Replacements::of(code.shop_id).filter(REPLACEMENT.old_code_id.eq(code.id)).one(db).await?;
    if first.is_some() {
        return Ok(first);
    }
    let Some(message) = Messages::of(code.shop_id).filter(MESSAGE.redeem_code_id.eq(code.id)).one(db).await? else {
        return Ok(None);
    };
    let second = Replacements::of(code.shop_id).filter(ReplacementColumn::MessageId.eq(message.id));
    second.filter(REPLACEMENT.new_code_id.eq(code.id)).one(db).await
}

async fn message_of(
    db: &impl ConnectionTrait,
    code: &RedeemCode,
    replaced: Option<&Replacement>,
) -> Result<Option<Message>, DbErr> {
    match replaced {
        Some(row) => Messages::find_by_id((code.shop_id, row.message_id)).one(db).await,
        None => Messages::of(code.shop_id).filter(MESSAGE.redeem_code_id.eq(code.id)).one(db).await,
    }
}

async fn recipient(
    db: &impl ConnectionTrait,
    shop: ShopId,
    message: Option<&Message>,
) -> Result<Option<RecipientView>, DbErr> {
    let Some(message) = message else { return Ok(None) };
    let draw = Draws::find_by_id((shop, message.id)).one(db).await?;
    Ok(draw.map(|draw| RecipientView { message_id: draw.id, key_hash: draw.recipient_key_hash }))
}

fn life(code: &RedeemCode, revoking_at: Option<Timestamp>) -> Vec<Step> {
    let steps = [
        ("reserved", Some(code.reserved_at)),
        ("promised", code.promised_at),
        ("pushed", code.pushed_at),
        ("imported", code.imported_at),
        ("issued", code.issued_at),
        ("redeemed", code.redeemed_at),
        ("expired", code.expired_at),
        ("revoking", revoking_at),
        ("revoked", code.revoked_at),
    ];
    let mut life: Vec<Step> = steps.into_iter().filter_map(|(state, at)| Some(Step { state, at: at? })).collect();
    // Stable: what happened in one instant keeps its order.
    life.sort_by_key(|step| step.at);
    life
}

async fn orders(db: &impl ConnectionTrait, shop: ShopId, uses: &[Redemption]) -> Result<Vec<UseView>, DbErr> {
    let ids = uses.iter().map(|one| OrderId(one.shopify_order_id));
    let known = Orders::of(shop).filter(ORDER.shopify_order_id.is_in(ids)).all(db).await?;
    let known: HashMap<OrderId, Order> = known.into_iter().map(|order| (order.shopify_order_id, order)).collect();
    let view = |one: &Redemption| {
        let order_id = OrderId(one.shopify_order_id);
        let name = known.get(&order_id).map(|order| order.name.clone()).unwrap_or_default();
        UseView { order_id, name, at: one.at, cancelled_at: one.cancelled_at }
    };
    Ok(uses.iter().map(view).collect())
}

fn warnings(code: &RedeemCode, message: Option<&Message>, uses: &[Redemption]) -> Vec<Warning> {
    let after_end = code.expires_at.zip(code.redeemed_at).is_some_and(|(end, at)| at >= end);
    let arrived = message.and_then(Message::arrived_at);
    let early = arrived.zip(code.redeemed_at).is_some_and(|(arrived, at)| at.plus_seconds(60) < arrived);
    let all = [
        ("used_twice", "Two orders used this single-use code.", uses.len() > 1),
        ("used_after_end", "It was used after its end: a checkout was open, or it was typed in by hand.", after_end),
        ("used_before_delivery", "It was used before its message had arrived: somebody else saw it first.", early),
        (
            "nobody_was_given_it",
            "It was used and nobody was ever given it: a list of codes got out.",
            code.was_given_to_nobody() && !uses.is_empty(),
        ),
        (
            "order_cancelled",
            "The order that used it was cancelled. Shopify does not give it back; a replacement can be asked for.",
            !uses.is_empty() && uses.iter().all(|one| one.cancelled_at.is_some()),
        ),
        ("message_failed", "Its message never arrived.", message.is_some_and(Message::failed)),
    ];
    all.into_iter().filter(|(_, _, holds)| *holds).map(|(code, words, _)| Warning { code, words }).collect()
}

async fn shown(db: &impl ConnectionTrait, row: &Replacement) -> Result<Option<ReplacementView>, DbErr> {
    let codes = RedeemCodes::of(row.shop_id).filter(CODE.id.is_in([row.old_code_id, row.new_code_id])).all(db).await?;
    let text = |id: RedeemCodeId| codes.iter().find(|code| code.id == id).map(|code| code.code.clone());
    Ok(text(row.old_code_id).zip(text(row.new_code_id)).map(|(first, second)| ReplacementView {
        first,
        second,
        reason: row.reason,
        at: row.replaced_at,
    }))
}
