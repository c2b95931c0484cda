//! A new code for a recipient whose first one was no use to them.
//!
//! 1. Once per message: asking again answers the same code, whatever became of it.
//! 2. The old code ends; the message's link applies the new one.
//! 3. A code that had its chance is not replaced: who let it end, or used it, has had the discount.
//! 4. The new code has a discount of its own and a clock that starts when it is issued, whatever the campaign's terms:
//!    the message arrived long ago, or another one is sent at once.

use std::collections::BTreeSet;

use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::counted::hold;
use super::message::{self, Model as Message};
use super::replacement::{self, Reason};
use super::used::carries;
use crate::app::App;
use crate::campaigns::Campaign;
use crate::codes::{self, REDEMPTION, RedeemCode, RedeemCodes, Redemptions, RevokeError, RevokeReason, State};
use crate::db::counts::Changes;
use crate::db::insert_or;
use crate::kernel::Timestamp;
use crate::links;

/// Why a message gets no other code.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Its campaign has no offer.
    #[error("This message carries no code: its campaign has no offer.")]
    NoCode,
    /// Nobody is drawn into its campaign any more.
    #[error("The campaign is archived: it issues no codes any more.")]
    Archived,
    /// The first one is on its way.
    #[error("The first code is on its way to Shopify: GET /api/messages/{{id}} shows it once it is live.")]
    Pending,
    /// The first one still works.
    #[error(
        "The first code is good until {0}. Revoke it first if it must not be used: POST /api/messages/{{id}}/revoke."
    )]
    StillGood(Timestamp),
    /// An order that stands used it.
    #[error("An order used the first code and was not cancelled: the recipient has had the discount.")]
    Used,
    /// It ended in the recipient's hands.
    #[error("The first code ended on {0}, after the message had arrived: the recipient had the time it promised.")]
    HadItsTime(Timestamp),
    /// Somebody else is replacing it in this moment: nothing of this call may be kept, and asking again answers theirs.
    #[error("This code is being replaced by another call: ask again.")]
    Raced,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

impl Refused {
    /// Stable; programs decide by it.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoCode => "no_code",
            Self::Archived => "campaign_archived",
            Self::Pending => "code_pending",
            Self::StillGood(_) => "code_still_good",
            Self::Used => "code_used",
            Self::HadItsTime(_) => "code_had_its_time",
            Self::Raced => "replaced_meanwhile",
            Self::Db(_) => "internal",
        }
    }
}

/// Gives a message another code, or says why not; the replacement there is when there was one before.
pub async fn replace(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    message: &Message,
    now: Timestamp,
) -> Result<replacement::Model, Refused> {
    let shop = message.shop_id;
    if let Some(known) = replacement::Entity::find_by_id((shop, message.id)).one(txn).await? {
        return Ok(known);
    }
    let old = message.redeem_code_id.ok_or(Refused::NoCode)?;
    let old = RedeemCodes::find_by_id((shop, old)).one(txn).await?.ok_or(Refused::NoCode)?;
    let reason = reason(txn, message, &old, now).await?;
    if campaign.archived_at.is_some() {
        return Err(Refused::Archived);
    }
    if campaign.offer.is_none() {
        return Err(Refused::NoCode);
    }
    let new = codes::replacement(txn, app, campaign, now).await?.ok_or(Refused::NoCode)?;
    let row = replacement::Model {
        shop_id: shop,
        message_id: message.id,
        old_code_id: old.id,
        new_code_id: new.id,
        reason,
        replaced_at: now,
    };
    let mut once = OnConflict::columns([replacement::Column::ShopId, replacement::Column::MessageId]);
    let insert = replacement::Entity::insert(replacement::ActiveModel {
        shop_id: Set(row.shop_id),
        message_id: Set(row.message_id),
        old_code_id: Set(row.old_code_id),
        new_code_id: Set(row.new_code_id),
        reason: Set(row.reason),
        replaced_at: Set(row.replaced_at),
    });
    if insert_or(txn, insert.on_conflict(once.do_nothing().to_owned())).await? == 0 {
        return Err(Refused::Raced);
    }
    carry(txn, app, message, &new, now).await?;
    end(txn, app, &old, now).await?;
    Ok(row)
}

/// Why the first code is replaced, if it may be.
async fn reason(
    txn: &impl ConnectionTrait,
    message: &Message,
    old: &RedeemCode,
    now: Timestamp,
) -> Result<Reason, Refused> {
    match old.state {
        State::Revoking | State::Revoked => return Ok(Reason::Revoked),
        State::Redeemed => {
            let uses = Redemptions::of(message.shop_id).filter(REDEMPTION.redeem_code_id.eq(old.id)).all(txn).await?;
            let stands = uses.is_empty() || uses.iter().any(|one| one.cancelled_at.is_none());
            return if stands { Err(Refused::Used) } else { Ok(Reason::OrderCancelled) };
        }
        _ => {}
    }
    let ends_at = old.expires_at.unwrap_or(Timestamp::FOREVER);
    match message.arrived_at() {
        Some(arrived) if ends_at <= arrived => Ok(Reason::ExpiredBeforeDelivery),
        // Delivered so late that Shopify took it for less time than it was promised.
        Some(arrived) if ends_at <= now && cut_short(old, arrived) => Ok(Reason::ExpiredBeforeDelivery),
        Some(_) if ends_at <= now => Err(Refused::HadItsTime(ends_at)),
        None if ends_at <= now => Ok(Reason::ExpiredBeforeDelivery),
        _ if matches!(old.state, State::Reserved | State::Pushed) => Err(Refused::Pending),
        _ => Err(Refused::StillGood(ends_at)),
    }
}

/// Whether a code whose clock started with the delivery ended before its life was over.
fn cut_short(code: &RedeemCode, arrived: Timestamp) -> bool {
    code.life_seconds.zip(code.expires_at).is_some_and(|(life, end)| end.seconds_since(arrived) < life - 1)
}

/// Message and link carry the new code from now on.
async fn carry(
    txn: &impl ConnectionTrait,
    app: &App,
    message: &Message,
    new: &RedeemCode,
    now: Timestamp,
) -> Result<(), DbErr> {
    // The first may have been used, by an order that was cancelled.
    let mut changes = Changes::default();
    for held in hold(txn, message.shop_id, BTreeSet::from([message.id])).await? {
        carries(txn, &mut changes, &held, None).await?;
    }
    changes.append(txn, &app.chance, message.shop_id, now).await?;
    message::Entity::update_many()
        .col_expr(message::Column::RedeemCodeId, Expr::value(new.id))
        .col_expr(message::Column::ExpiresAt, Expr::value(new.expires_at))
        .filter(message::COLUMN.shop_id.eq(message.shop_id))
        .filter(message::COLUMN.id.eq(message.id))
        .exec(txn)
        .await?;
    links::carry(txn, message.shop_id, &message.link_slug, new, now).await
}

/// The old one must not be good beside it: Shopify takes it until its slot ends.
async fn end(txn: &impl ConnectionTrait, app: &App, old: &RedeemCode, now: Timestamp) -> Result<(), DbErr> {
    match codes::revoke(txn, app, old, RevokeReason::Replaced, now).await {
        Ok(_) | Err(RevokeError::Used) => Ok(()),
        Err(RevokeError::Db(error)) => Err(error),
    }
}
