//! `GET /api/deliveries`, `POST /api/deliveries/{source}/{id}/replay`.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{Cursor, DeliveryPage, page};
use crate::app::App;
use crate::http::{ApiQuery, Problem, Result};
use crate::shops::CurrentShop;
use crate::webhooks::delivery::{Source, State};
use crate::webhooks::replay::{Replay, replay};

/// Mounts this part of the API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(deliveries).service(replay_delivery);
}

/// Which deliveries to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct DeliveriesAsked {
    /// Only in this state; default `dead`: those that were set aside.
    state: Option<State>,
    /// Only of this topic, e.g. `orders/create`.
    topic: Option<String>,
    /// What the page before handed out.
    cursor: Option<String>,
    /// 1 to 200; default 50.
    limit: Option<u64>,
}

/// What Shopify and WhatsApp delivered, what became of it and why; newest first. Bodies are never shown.
#[utoipa::path(tag = "deliveries", params(DeliveriesAsked), responses((status = 200, body = DeliveryPage)))]
#[get("/api/deliveries")]
async fn deliveries(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<DeliveriesAsked>,
) -> Result<web::Json<DeliveryPage>> {
    current.merchant_only()?;
    let DeliveriesAsked { state, topic, cursor, limit } = asked.read()?;
    let limit = limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Problem::invalid("limit", "Ask for 1 to 200 deliveries."));
    }
    let cursor = cursor.map(|text| {
        Cursor::parse(&text)
            .ok_or_else(|| Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged."))
    });
    let which = (state.unwrap_or(State::Dead), topic);
    Ok(web::Json(page(app.db.read(), current.shop.shop_id, which, cursor.transpose()?, limit).await?))
}

/// What was asked to be translated again.
#[derive(Serialize, utoipa::ToSchema)]
struct Replayed {
    /// How many deliveries wait to be translated: one.
    waiting: u64,
}

/// Translate one delivery again. Safe to repeat: facts are recorded by event time, so nothing counts twice.
#[utoipa::path(tag = "deliveries", responses((status = 202, body = Replayed)))]
#[post("/api/deliveries/{source}/{id}/replay")]
async fn replay_delivery(
    current: CurrentShop,
    app: web::Data<App>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse> {
    current.merchant_only()?;
    let (source, id) = path.into_inner();
    let source = Source::named(&source).ok_or_else(|| Problem::not_found("delivery"))?;
    let one =
        Replay { shop: Some(current.shop.shop_id), source: Some(source), delivery_id: Some(id), ..Replay::default() };
    match replay(&app, &one).await? {
        0 => Err(Problem::not_found("delivery")),
        waiting => Ok(HttpResponse::build(StatusCode::ACCEPTED).json(Replayed { waiting })),
    }
}
