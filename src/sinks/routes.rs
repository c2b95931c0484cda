//! `/api/webhooks`: who is told of what, with which secret, and what became of it.

use actix_web::{HttpResponse, delete, get, post, web};
use sea_orm::{EntityTrait, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::deliver::Deliver;
use super::delivery::{self, DeliveryId, Model as Delivery, State};
use super::endpoint::{self, EndpointId, Event, Model as Endpoint, Subscription};
use super::tell;
use crate::app::App;
use crate::http::Reach;
use crate::http::{ApiJson, Problem, Result};
use crate::kernel::text::is_line;
use crate::kernel::{Stream, Timestamp};
use crate::shops::{CurrentShop, Scope};

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(add).service(list).service(remove).service(test).service(rotate).service(deliveries);
}

/// Endpoints of one shop.
const MOST: u64 = 10;

/// Deliveries shown.
const SHOWN: u64 = 50;

/// Who is to be told of what.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewWebhook)]
struct NewEndpoint {
    /// Where: an https address that is reachable from the public internet.
    #[schema(example = "https://platform.example/recoup")]
    url: String,
    /// Of what. `code.live`: codes that were `pending` are live; up to 125 in one call, each as `{message_id,
    /// campaign_id, code, code_state, expires_at, link, button_suffix}`. `code.alarm`: an alarm of the leak radar, as
    /// `GET /api/codes/alarms` shows it. `checkout.abandoned`: a checkout lies quiet, as `GET /api/checkouts` shows it,
    /// once for each delay of the shop's campaigns. `checkout.withdrawn`: the same with `withdrawn_because`; send nothing
    /// about it any more. `order.judged`: an order stands elsewhere, counts something else or goes back to another message
    /// than before. `export.ready`: a file that was asked for can be fetched, with its checksum and a link for a day.
    events: Vec<Event>,
    /// What it is for; up to 200 characters.
    description: Option<String>,
}

/// An endpoint as it is listed: never with its secret.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Webhook)]
struct EndpointView {
    id: EndpointId,
    url: String,
    events: Vec<Event>,
    description: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    last_delivered_at: Option<Timestamp>,
    /// Since when nothing it was told arrived; `null` while all is well.
    #[schema(value_type = Option<String>, format = "date-time")]
    failing_since: Option<Timestamp>,
    /// Since when nothing is sent there any more.
    #[schema(value_type = Option<String>, format = "date-time")]
    disabled_at: Option<Timestamp>,
    /// Why, in words.
    disabled_because: Option<String>,
    /// Until when the secret before the last rotation signs too.
    #[schema(value_type = Option<String>, format = "date-time")]
    previous_secret_until: Option<Timestamp>,
    /// What proves that we are speaking (Standard Webhooks), in the answer that made it and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl EndpointView {
    fn new(endpoint: Endpoint, now: Timestamp) -> Self {
        Self {
            id: endpoint.id,
            url: endpoint.url,
            events: endpoint.events.0,
            description: endpoint.description,
            created_at: endpoint.created_at,
            last_delivered_at: endpoint.last_delivered_at,
            failing_since: endpoint.failing_since,
            disabled_at: endpoint.disabled_at,
            disabled_because: endpoint.disabled_because,
            previous_secret_until: endpoint.previous_until.filter(|end| now < *end),
            secret: None,
        }
    }
}

/// All endpoints of the shop.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = WebhookList)]
struct EndpointList {
    webhooks: Vec<EndpointView>,
}

/// Have an address told of events (Standard Webhooks). The answer is the only place its secret ever stands.
#[utoipa::path(operation_id = "add_webhook", tag = "webhooks", request_body = NewEndpoint, responses((status = 201, body = EndpointView)))]
#[post("/api/webhooks")]
async fn add(current: CurrentShop, app: web::Data<App>, body: ApiJson<NewEndpoint>) -> Result<HttpResponse> {
    current.may(Scope::Campaigns)?;
    let NewEndpoint { url, mut events, description } = body.read()?;
    let mut seen = Vec::new();
    events.retain(|event| {
        !seen.contains(event) && {
            seen.push(*event);
            true
        }
    });
    if events.contains(&Event::OrderJudged) || events.contains(&Event::ExportReady) {
        // They tell what every order of the shop is worth.
        current.may(Scope::Reports)?;
    }
    if events.is_empty() {
        return Err(Problem::invalid(
            "events",
            "Choose at least one of code.live, code.alarm, checkout.abandoned, checkout.withdrawn, order.judged, export.ready.",
        ));
    }
    let description = description.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if description.as_ref().is_some_and(|text| !is_line(text, 200)) {
        return Err(Problem::invalid("description", "Describe it in up to 200 characters on one line."));
    }
    let url = Reach::of(&app).check(url.trim()).await.map_err(|error| Problem::invalid("url", error.to_string()))?;
    let shop = current.shop.shop_id;
    let asked = Subscription { url: url.into(), events, description };
    let txn = app.db.begin_write().await?;
    if endpoint::Entity::of(shop).count(&txn).await? >= MOST {
        let detail = format!("A shop has at most {MOST} webhook endpoints. Delete one that is not needed.");
        return Err(Problem::conflict("too_many_webhooks", detail));
    }
    let (endpoint, secret) = endpoint::add(&txn, &app, shop, asked, current.now).await?;
    txn.commit().await?;
    tracing::info!(shop.id = %shop, endpoint.id = %endpoint.id, "a webhook endpoint was added");
    let secret = Some(secret.to_string());
    Ok(HttpResponse::Created().json(EndpointView { secret, ..EndpointView::new(endpoint, current.now) }))
}

/// List who is told of what.
#[utoipa::path(operation_id = "webhooks", tag = "webhooks", responses((status = 200, body = EndpointList)))]
#[get("/api/webhooks")]
async fn list(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<EndpointList>> {
    current.may(Scope::Campaigns)?;
    let all = endpoint::all(app.db.read(), current.shop.shop_id).await?;
    let webhooks = all.into_iter().map(|one| EndpointView::new(one, current.now)).collect();
    Ok(web::Json(EndpointList { webhooks }))
}

/// Tell an address nothing any more, and forget what it was told.
#[utoipa::path(operation_id = "delete_webhook", tag = "webhooks", responses((status = 204)))]
#[delete("/api/webhooks/{id}")]
async fn remove(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    let endpoint = find(&current, &app, &id).await?;
    let txn = app.db.begin_write().await?;
    endpoint::Entity::delete_many().filter(endpoint::this(endpoint.shop_id, endpoint.id)).exec(&txn).await?;
    delivery::forget(&txn, endpoint.shop_id, endpoint.id).await?;
    txn.commit().await?;
    tracing::info!(shop.id = %endpoint.shop_id, endpoint.id = %endpoint.id, "a webhook endpoint was deleted");
    Ok(HttpResponse::NoContent().finish())
}

/// A delivery that was asked for.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = WebhookPing)]
struct Ping {
    /// Its `webhook-id` without `msg_` and dashes; see the deliveries.
    delivery_id: DeliveryId,
}

/// Send a `ping` with empty data, signed as any event. What became of it stands among the deliveries.
#[utoipa::path(operation_id = "test_webhook", tag = "webhooks", responses((status = 202, body = Ping)))]
#[post("/api/webhooks/{id}/test")]
async fn test(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    let endpoint = find(&current, &app, &id).await?;
    if endpoint.disabled_at.is_some() {
        let detail = "Nothing is sent to this endpoint any more: it answered 410. Delete it and add it again.";
        return Err(Problem::conflict("webhook_disabled", detail));
    }
    let to = (endpoint.shop_id, endpoint.id);
    let subject = format!("ping:{}", app.chance.uuid_of(Stream::Jitter, current.now));
    let txn = app.db.begin_write().await?;
    let body = tell::body("ping", current.now, json!({}))?;
    let delivery_id = delivery::keep(&txn, &app, to, ("ping", subject), &body, current.now).await?;
    endpoint::wake(&txn, to.0, to.1).await?;
    Deliver::enqueue(&txn, &app, to, current.now).await?;
    txn.commit().await?;
    app.bell.notify_one();
    Ok(HttpResponse::Accepted().json(Ping { delivery_id }))
}

/// Draw a new secret. For a day everything is signed with both, so that nothing is missed while you change it.
#[utoipa::path(operation_id = "rotate_webhook", tag = "webhooks", responses((status = 200, body = EndpointView)))]
#[post("/api/webhooks/{id}/rotate")]
async fn rotate(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<web::Json<EndpointView>> {
    let before = find(&current, &app, &id).await?;
    let secret = endpoint::rotate(app.db.write(), &app, &before, current.now).await?.ok_or_else(|| {
        let detail = "Somebody else drew a new secret at the same moment. Use theirs, or ask again.";
        Problem::conflict("webhook_rotated", detail)
    })?;
    let endpoint = find(&current, &app, &id).await?;
    tracing::info!(shop.id = %endpoint.shop_id, endpoint.id = %endpoint.id, "a webhook secret was rotated");
    Ok(web::Json(EndpointView { secret: Some(secret.to_string()), ..EndpointView::new(endpoint, current.now) }))
}

/// What an endpoint was told.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = WebhookDelivery)]
struct DeliveryView {
    id: DeliveryId,
    /// `code.live`, `code.alarm` or `ping`.
    event: String,
    state: State,
    /// How often it was tried.
    attempts: i32,
    /// What the last try was answered.
    status: Option<i64>,
    /// Why the last try failed, in words.
    reason: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time")]
    next_try_at: Option<Timestamp>,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    done_at: Option<Timestamp>,
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            event: delivery.event,
            state: delivery.state,
            attempts: delivery.attempts,
            status: delivery.status_code,
            reason: delivery.reason,
            next_try_at: (delivery.state == State::Waiting).then_some(delivery.next_try_at),
            created_at: delivery.created_at,
            done_at: delivery.done_at,
        }
    }
}

/// The latest, newest first.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = WebhookDeliveries)]
struct DeliveryList {
    deliveries: Vec<DeliveryView>,
}

/// What an endpoint was told lately, and what became of it; at most 50.
#[utoipa::path(operation_id = "webhook_deliveries", tag = "webhooks", responses((status = 200, body = DeliveryList)))]
#[get("/api/webhooks/{id}/deliveries")]
async fn deliveries(
    current: CurrentShop,
    app: web::Data<App>,
    id: web::Path<String>,
) -> Result<web::Json<DeliveryList>> {
    let endpoint = find(&current, &app, &id).await?;
    let latest = delivery::latest(app.db.read(), endpoint.shop_id, endpoint.id, SHOWN).await?;
    Ok(web::Json(DeliveryList { deliveries: latest.into_iter().map(DeliveryView::from).collect() }))
}

/// An endpoint of the asking shop.
async fn find(current: &CurrentShop, app: &App, id: &str) -> Result<Endpoint> {
    current.may(Scope::Campaigns)?;
    let missing = || Problem::not_found("webhook endpoint");
    let id = EndpointId::parse(id).ok_or_else(missing)?;
    let found = endpoint::Entity::find_by_id((current.shop.shop_id, id)).one(app.db.write()).await?;
    found.ok_or_else(missing)
}
