//! `GET /metrics` for whoever runs Recoup; `GET /api/health`, `POST /api/health/jobs/{id}/retry` and `GET /api/setup` for
//! the merchant.
//!
//! Who may read `/metrics`: with a token in the configuration, whoever sends it. Without one, at an address of its own,
//! whoever reaches that; at the main address whoever asks from this machine, and only while the public address is one of
//! this machine. Behind a proxy everybody asks from this machine.

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, get, post, web};
use secrecy::ExposeSecret;
use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa_actix_web::service_config::ServiceConfig;

use super::gauges::Gauges;
use super::recorder;
use super::setup::{self, Setup};
use super::shop::{self, Health};
use crate::app::App;
use crate::http::{Problem, Result};
use crate::jobs::{self, JobId};
use crate::shops::CurrentShop;

/// What Prometheus calls its text.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(health).service(retry_job).service(first_steps);
}

/// Mounts `/metrics` at the main address.
pub fn configure_metrics(routes: &mut web::ServiceConfig) {
    routes.route("/metrics", web::get().to(metrics));
}

/// Mounts all there is at an address of its own.
pub fn configure_apart(routes: &mut web::ServiceConfig) {
    routes.route("/metrics", web::get().to(metrics_apart)).route("/healthz", web::get().to(HttpResponse::Ok));
}

async fn metrics(request: HttpRequest, app: web::Data<App>, gauges: web::Data<Gauges>) -> Result<HttpResponse> {
    if !has_token(&request, &app)? && !from_here(&request, &app) {
        return Err(Problem::forbidden(
            "Metrics are not told here. Set RECOUP_METRICS_TOKEN and send it as a bearer token, or RECOUP_METRICS_BIND and ask there.",
        ));
    }
    Ok(told(&gauges).await)
}

async fn metrics_apart(request: HttpRequest, app: web::Data<App>, gauges: web::Data<Gauges>) -> Result<HttpResponse> {
    has_token(&request, &app)?;
    Ok(told(&gauges).await)
}

async fn told(gauges: &Gauges) -> HttpResponse {
    let text = format!("{}{}", recorder::render(), gauges.render().await);
    HttpResponse::Ok().content_type(TEXT).insert_header(("cache-control", "no-store")).body(text)
}

/// Whether a token is asked for and this is it. `Err`: it is asked for and this is not.
fn has_token(request: &HttpRequest, app: &App) -> Result<bool> {
    let Some(ours) = &app.config.metrics.token else { return Ok(false) };
    let given = request.headers().get(AUTHORIZATION).map_or(&b""[..], |value| value.as_bytes());
    let given = given.strip_prefix(b"Bearer ").unwrap_or_default();
    match bool::from(given.ct_eq(ours.expose_secret().as_bytes())) {
        true => Ok(true),
        false => Err(Problem::unauthorized(
            "Metrics are told to who sends `Authorization: Bearer` with RECOUP_METRICS_TOKEN.",
        )),
    }
}

/// Whether somebody on this machine asks, and nobody else can look as if they did.
fn from_here(request: &HttpRequest, app: &App) -> bool {
    let headers = request.headers();
    let forwarded = ["forwarded", "via", "x-forwarded-for", "x-real-ip"].iter().any(|name| headers.contains_key(*name));
    let near = request.peer_addr().is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    near && !forwarded && app.config.server.is_private()
}

/// How it goes: what was last heard from where, what was missing, how full pools are, and what failed.
#[utoipa::path(operation_id = "health", tag = "shop", responses((status = 200, body = Health)))]
#[get("/api/health")]
async fn health(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<Health>> {
    current.merchant_only()?;
    Ok(web::Json(shop::look(app.db.read(), current.shop.shop_id, current.now).await?))
}

/// The first steps: what is connected, what is missing, and what happens next.
#[utoipa::path(operation_id = "setup", tag = "shop", responses((status = 200, body = Setup)))]
#[get("/api/setup")]
async fn first_steps(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<Setup>> {
    current.merchant_only()?;
    Ok(web::Json(setup::look(app.db.read(), &current.shop).await?))
}

/// What was asked to be tried again.
#[derive(Serialize, utoipa::ToSchema)]
struct Retried {
    id: JobId,
    /// Its name in the log.
    kind: String,
}

/// Try a job again that was set aside.
#[utoipa::path(operation_id = "retry_job", tag = "shop", responses((status = 202, body = Retried)))]
#[post("/api/health/jobs/{id}/retry")]
async fn retry_job(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    current.merchant_only()?;
    let unknown = || Problem::not_found("job");
    let id = JobId::parse(&id).ok_or_else(unknown)?;
    let job = jobs::of(app.db.read(), current.shop.shop_id, id).await?.ok_or_else(unknown)?;
    if job.state != jobs::State::Dead || !jobs::revive(app.db.write(), &job, current.now).await? {
        return Err(Problem::conflict("not_set_aside", "This job was not set aside: it is tried by itself."));
    }
    app.bell.notify_one();
    tracing::info!(shop.id = %job.shop_id, job.kind = %job.kind, job.id = %job.id, "a merchant tries a job again");
    Ok(HttpResponse::build(StatusCode::ACCEPTED).json(Retried { id, kind: job.kind }))
}
