//! `POST /api/opt-outs`: a platform tells who wants no more marketing, or wants it again.

use actix_web::{post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::super::batcher::Batcher;
use super::{Whose, address};
use crate::app::App;
use crate::http::{ApiJson, Problem, Result, limits};
use crate::kernel::id::MessageId;
use crate::kernel::{Phone, Timestamp};
use crate::people::{Choice, Wish, WishSource, record_wishes};
use crate::shops::{CurrentShop, Scope};
use crate::whatsapp::UserId;

/// Mounts it.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(tell);
}

/// Wishes in one call.
const MOST: usize = 1_000;

/// Who wants what of marketing.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ToldWishes {
    /// 1 to 1,000.
    opt_outs: Vec<ToldWish>,
}

/// One wish. Name the person by exactly one of the three.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ToldWish {
    /// A message that was sent to them.
    message_id: Option<String>,
    phone: Option<String>,
    whatsapp_user_id: Option<String>,
    choice: Choice,
    /// When they said it, not when it is told.
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
}

/// What was kept.
#[derive(Serialize, utoipa::ToSchema)]
struct WishesKept {
    accepted: usize,
}

/// Tell who wants no more marketing (`stop`), or wants it again (`resume`). Repeats and any order are fine: what they said
/// last stands. Nothing is kept when one of them cannot be read.
#[utoipa::path(operation_id = "tell_opt_outs", tag = "messages", request_body = ToldWishes, responses((status = 200, body = WishesKept)))]
#[post("/api/opt-outs")]
async fn tell(
    current: CurrentShop,
    (app, desk): (web::Data<App>, web::Data<Batcher>),
    body: ApiJson<ToldWishes, { limits::BATCH }>,
) -> Result<web::Json<WishesKept>> {
    current.may(Scope::Statuses)?;
    let told = body.read()?.opt_outs;
    if told.is_empty() || told.len() > MOST {
        return Err(Problem::invalid("opt_outs", format!("Tell 1 to {MOST} wishes in a call.")));
    }
    let shop = current.shop.shop_id;
    let _turn = desk.pace.take(&current, told.len()).await?;
    let mut wishes = Vec::with_capacity(told.len());
    for (index, one) in told.into_iter().enumerate() {
        let wrong = |field: &str, detail: &str| Problem::invalid(format!("opt_outs[{index}].{field}"), detail);
        if one.at > current.now.plus_seconds(86_400) {
            return Err(wrong("at", "`at` lies in the future. Send when it happened, in UTC."));
        }
        let whose = match (&one.message_id, &one.phone, &one.whatsapp_user_id) {
            (Some(id), None, None) => Whose::Message(
                MessageId::parse(id).ok_or_else(|| wrong("message_id", "This shop has no such message."))?,
            ),
            (None, Some(phone), None) => {
                let phone = Phone::read(phone, current.shop.country.as_deref());
                Whose::Phone(phone.ok_or_else(|| wrong("phone", "Write the phone in full, e.g. +436601234567."))?)
            }
            (None, None, Some(id)) => {
                let known = UserId::parse(id.trim());
                let detail = "Send the WhatsApp user id whole, e.g. AT.1234567890.";
                Whose::User(known.ok_or_else(|| wrong("whatsapp_user_id", detail))?.into_inner())
            }
            _ => return Err(wrong("message_id", "Name the person by one of message_id, phone, whatsapp_user_id.")),
        };
        let address = address(app.db.read(), &app.vault, shop, whose).await?;
        let address = address.ok_or_else(|| wrong("message_id", "This shop has no such message."))?;
        wishes.push(Wish { address, choice: one.choice, source: WishSource::Platform, at: one.at });
    }
    // Only now: while they are looked up, others have the database.
    let txn = app.db.begin_write().await?;
    record_wishes(&txn, shop, &wishes).await?;
    txn.commit().await?;
    Ok(web::Json(WishesKept { accepted: wishes.len() }))
}
