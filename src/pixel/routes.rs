//! `POST /pixel`: public, because it is called from shoppers' browsers on the shop's own pages. 204 means: on disk,
//! or nothing new of a checkout that has told enough.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError, get, web};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::take::Pixel;
use super::told;
use super::web_pixel::{self, State};
use crate::app::App;
use crate::http::{Problem, read_body};
use crate::kernel::Timestamp;
use crate::links::classify;
use crate::shops::{CurrentShop, Directory, Scope};

/// A body of ours has some 400 bytes.
const MOST_BYTES: usize = 4 * 1024;

/// Mounts the door.
pub fn configure(routes: &mut web::ServiceConfig) {
    let allowed = web::method(actix_web::http::Method::OPTIONS).to(allow);
    routes.service(web::resource("/pixel").route(web::post().to(take)).route(allowed));
}

/// Mounts this room's API.
pub fn configure_api(routes: &mut ServiceConfig<'_>) {
    routes.service(about);
}

/// How the web pixel of a shop stands.
#[derive(Serialize, utoipa::ToSchema)]
struct PixelView {
    /// `null`: not looked at yet.
    state: Option<State>,
    /// Why it is not on, in a sentence.
    trouble: Option<String>,
    /// When Shopify was last asked.
    #[schema(value_type = Option<String>, format = "date-time")]
    looked_at: Option<Timestamp>,
    /// What it means and what to do.
    sentence: &'static str,
}

/// Whether the web pixel is on, and what to do if it is not.
#[utoipa::path(operation_id = "pixel", tag = "shop", responses((status = 200, body = PixelView)))]
#[get("/api/pixel")]
async fn about(current: CurrentShop, app: web::Data<App>) -> crate::http::Result<web::Json<PixelView>> {
    current.may(Scope::Reports)?;
    let known = web_pixel::of(app.db.read(), current.shop.shop_id).await?;
    let sentence = State::sentence(known.as_ref().map(|known| known.state));
    let (state, looked_at) = (known.as_ref().map(|known| known.state), known.as_ref().map(|known| known.looked_at));
    Ok(web::Json(PixelView { state, looked_at, trouble: known.and_then(|known| known.trouble), sentence }))
}

/// What a browser asks first when somebody sends JSON. The pixel sends text, for which nobody asks.
async fn allow() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .insert_header(("Access-Control-Allow-Methods", "POST"))
        .insert_header(("Access-Control-Allow-Headers", "content-type"))
        .insert_header(("Access-Control-Max-Age", "86400"))
        .finish()
}

async fn take(
    request: HttpRequest,
    body: web::Payload,
    (app, pixel, shops): (web::Data<App>, web::Data<Pixel>, web::Data<Directory>),
) -> HttpResponse {
    let answer = match keep(&request, body, (&app, &pixel, &shops)).await {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(problem) => problem.error_response(),
    };
    let mut answer = answer;
    let any = actix_web::http::header::HeaderValue::from_static("*");
    answer.headers_mut().insert(actix_web::http::header::ACCESS_CONTROL_ALLOW_ORIGIN, any);
    answer
}

async fn keep(
    request: &HttpRequest,
    body: web::Payload,
    (app, pixel, shops): (&App, &Pixel, &Directory),
) -> Result<(), Problem> {
    let now = app.clock.now();
    let caller = caller(request, app);
    if !pixel.limit.address(caller, now) {
        return Err(too_many());
    }
    let bytes = read_body(request, body, MOST_BYTES).await?;
    let event = told::read(&bytes, now)?;
    if !pixel.limit.shop(event.shop_id, caller, now) {
        return Err(too_many());
    }
    let known = shops.by_id(event.shop_id).await?;
    if !known.is_some_and(|shop| shop.installed()) {
        return Err(Problem::invalid("shop", "No such shop has this app."));
    }
    let away = |_| Problem::unavailable("The event could not be kept. Send it again in a moment.");
    pixel.note(event).await.map_err(away)
}

fn too_many() -> Problem {
    let detail = "Too many events from there in this minute. Send the rest in the next one.";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too_many", detail).with_header("Retry-After", "60")
}

/// Who calls, by the same rule as a tap: only proxies the operator named are believed.
fn caller(request: &HttpRequest, app: &App) -> IpAddr {
    let forwarded = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let forwarded: Vec<&str> = forwarded.collect();
    let peer = request.peer_addr().map(|peer| peer.ip());
    classify::address(peer, &forwarded, &app.config.server.trusted_proxies).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED))
}
