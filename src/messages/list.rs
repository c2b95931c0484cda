//! The messages of a campaign, page after page: for whoever answers a shopper. Nobody is named: a recipient is a
//! message id and the hash of the platform's own key.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use super::answer::CodeState;
use super::message::{COLUMN, Entity, Model as Message};
use super::replacement;
use crate::campaigns::{Campaign, DRAW, Draws};
use crate::codes::{CODE, RedeemCode, RedeemCodeId, RedeemCodes};
use crate::kernel::Timestamp;
use crate::kernel::id::MessageId;
use crate::whatsapp::failure::Failure;

/// A message of a campaign, its code and what became of both.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MessageLine {
    message_id: MessageId,
    /// Keyed hash of the platform's own key: equal for equal keys.
    key_hash: String,
    /// The code; `null` while it is pending, after it was taken back, without an offer, and, for a key that may only read
    /// reports, until an order has used it.
    code: Option<String>,
    /// Whether the code can be shown.
    code_state: Option<CodeState>,
    /// When the code ends, to the second.
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<Timestamp>,
    /// When an order used it.
    #[schema(value_type = Option<String>, format = "date-time")]
    redeemed_at: Option<Timestamp>,
    /// When the first code made way for this one.
    #[schema(value_type = Option<String>, format = "date-time")]
    replaced_at: Option<Timestamp>,
    #[schema(value_type = String, format = "date-time")]
    issued_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    sent_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    delivered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    read_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    failed_at: Option<Timestamp>,
    /// Meta's error code, e.g. 131049.
    failure_code: Option<i64>,
    /// What that code means, where it is known.
    failure: Option<Failure>,
}

/// A page of messages, newest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MessagePage {
    messages: Vec<MessageLine>,
    next_cursor: Option<MessageId>,
}

/// Messages of a campaign, newest first, after a cursor; at most `limit`. Who may not see codes sees those that are used up.
pub async fn page(
    db: &impl ConnectionTrait,
    campaign: &Campaign,
    after: Option<MessageId>,
    limit: u64,
    (sees_codes, now): (bool, Timestamp),
) -> Result<MessagePage, DbErr> {
    // Ids are UUID v7: their order is the order of drawing.
    let later = after.map_or(Condition::all(), |id| Condition::all().add(COLUMN.id.lt(id)));
    let find = Entity::of(campaign.shop_id).filter(COLUMN.campaign_id.eq(campaign.id)).filter(later);
    let mut messages = find.order_by_desc(COLUMN.id).limit(limit + 1).all(db).await?;
    let more = messages.len() as u64 > limit;
    messages.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = messages.last().map(|message| message.id).filter(|_| more);
    Ok(MessagePage { messages: lines(db, campaign, messages, (sees_codes, now)).await?, next_cursor })
}

async fn lines(
    db: &impl ConnectionTrait,
    campaign: &Campaign,
    messages: Vec<Message>,
    (sees_codes, now): (bool, Timestamp),
) -> Result<Vec<MessageLine>, DbErr> {
    let shop = campaign.shop_id;
    let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
    let draws = Draws::of(shop).filter(DRAW.id.is_in(ids.clone())).all(db).await?;
    let mut hashes: HashMap<MessageId, String> =
        draws.into_iter().map(|draw| (draw.id, draw.recipient_key_hash)).collect();
    let replaced = replacement::Entity::of(shop).filter(replacement::Column::MessageId.is_in(ids)).all(db).await?;
    let replaced: HashMap<MessageId, Timestamp> =
        replaced.into_iter().map(|row| (row.message_id, row.replaced_at)).collect();
    let code_ids = messages.iter().filter_map(|message| message.redeem_code_id);
    let codes = RedeemCodes::of(shop).filter(CODE.id.is_in(code_ids)).all(db).await?;
    let mut codes: HashMap<RedeemCodeId, RedeemCode> = codes.into_iter().map(|code| (code.id, code)).collect();
    let mut line = |message: Message| {
        let code = message.redeem_code_id.and_then(|id| codes.remove(&id));
        let state = code.as_ref().map(|code| CodeState::of(code, now));
        MessageLine {
            key_hash: hashes.remove(&message.id).unwrap_or_default(),
            replaced_at: replaced.get(&message.id).copied(),
            redeemed_at: code.as_ref().and_then(|code| code.redeemed_at),
            code: code
                .filter(|code| state.is_some_and(CodeState::told) && (sees_codes || code.redeemed_at.is_some()))
                .map(|code| code.code),
            code_state: state,
            expires_at: message.expires_at,
            issued_at: message.issued_at,
            sent_at: message.sent_at,
            delivered_at: message.delivered_at,
            read_at: message.read_at,
            failed_at: message.failed_at,
            failure_code: message.failure_code,
            failure: message.failure(),
            message_id: message.id,
        }
    };
    Ok(messages.into_iter().map(&mut line).collect())
}
