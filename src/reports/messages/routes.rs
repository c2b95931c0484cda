//! `GET /api/messages`, `GET /api/recipients/{id}`, `POST /api/recipients/{id}/contact`.

use actix_web::http::StatusCode;
use actix_web::{get, post, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::contact::{RecipientContact, open};
use super::life::{RecipientLife, life};
use super::list::{MessagePage, page};
use super::standing::Standing;
use crate::app::App;
use crate::http::{ApiQuery, Problem, Result};
use crate::people::RecipientId;
use crate::reports::codes::Cursor;
use crate::reports::period::{Period, ReportQuery};
use crate::shops::{CurrentShop, Scope};

/// Mounts it.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(messages).service(recipient).service(contact);
}

/// Which messages to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MessagesQuery {
    /// First day on which they were made, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    from: Option<String>,
    /// Last day, included; default today.
    to: Option<String>,
    /// Only this campaign.
    campaign: Option<String>,
    /// Only those that came that far.
    #[param(inline)]
    state: Option<Standing>,
    /// What the page before handed out.
    cursor: Option<String>,
    /// 1 to 200; default 50.
    limit: Option<u64>,
}

/// Messages of a period, the latest first: what became of all of them, and each with its code, its taps and its orders.
/// Nobody is named.
#[utoipa::path(operation_id = "messages", tag = "messages", params(MessagesQuery), responses((status = 200, body = MessagePage)))]
#[get("/api/messages")]
async fn messages(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<MessagesQuery>,
) -> Result<web::Json<MessagePage>> {
    current.may(Scope::Reports)?;
    let MessagesQuery { from, to, campaign, state, cursor, limit } = asked.read()?;
    let asked = ReportQuery { from, to, campaign, ..ReportQuery::default() };
    let period = Period::read(app.db.read(), &asked, &current.shop, current.now).await?;
    let limit = limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Problem::invalid("limit", "Ask for 1 to 200 messages."));
    }
    let cursor = cursor.map(|text| {
        Cursor::parse(&text)
            .ok_or_else(|| Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged."))
    });
    Ok(web::Json(page(app.db.read(), &current, &period, state, cursor.transpose()?, limit).await?))
}

/// All that is known of a recipient, in the order in which it happened. Nobody is named.
#[utoipa::path(operation_id = "recipient", tag = "messages", responses((status = 200, body = RecipientLife)))]
#[get("/api/recipients/{id}")]
async fn recipient(
    current: CurrentShop,
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<web::Json<RecipientLife>> {
    current.may(Scope::Reports)?;
    let missing = || Problem::not_found("recipient");
    let id = RecipientId::parse(&id).ok_or_else(missing)?;
    let period = Period::read(app.db.read(), &ReportQuery::default(), &current.shop, current.now).await?;
    let found = life(app.db.read(), &current, id, &period.policy).await?;
    found.map(web::Json).ok_or_else(missing)
}

/// How a recipient is reached, in clear. That you looked is on record first, for whoever asks who did.
#[utoipa::path(operation_id = "open_contact", tag = "messages", responses((status = 200, body = RecipientContact)))]
#[post("/api/recipients/{id}/contact")]
async fn contact(
    current: CurrentShop,
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<web::Json<RecipientContact>> {
    current.merchant_only()?;
    let id = RecipientId::parse(&id).ok_or_else(|| Problem::not_found("recipient"))?;
    let gone = || {
        let detail = "How they were reached is no longer kept: they were forgotten, or it aged out.";
        Problem::new(StatusCode::GONE, "contact_gone", detail)
    };
    open(&app, &current, id).await?.map(web::Json).ok_or_else(gone)
}
