//! `POST /pixel`: public, because it is called from shoppers' browsers on the shop's own pages. 204 means: on disk.

use std::net::{IpAddr, Ipv4Addr};

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, ResponseError, web};

use super::take::Pixel;
use super::told;
use crate::app::App;
use crate::http::Problem;
use crate::shops::Directory;

/// A body of ours has some 400 bytes.
const MOST_BYTES: usize = 4 * 1024;

/// Mounts the door.
pub fn configure(routes: &mut web::ServiceConfig) {
    let allowed = web::method(actix_web::http::Method::OPTIONS).to(allow);
    routes.service(web::resource("/pixel").route(web::post().to(take)).route(allowed));
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
    if !pixel.limit.address(address(request), now) {
        return Err(too_many());
    }
    let large = |_| Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "An event has at most 4 KiB.");
    let broken = |error| Problem::bad_request("bad_body", format!("The body broke off: {error}."));
    let bytes = body.to_bytes_limited(MOST_BYTES).await.map_err(large)?.map_err(broken)?;
    let event = told::read(&bytes, now)?;
    if !pixel.limit.shop(event.shop_id, now) {
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

/// Who calls. Behind a proxy of ours (a private address), the last hop the proxy itself saw: what stands before it is
/// the caller's own writing.
fn address(request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let near = match peer {
        IpAddr::V4(v4) => v4.is_loopback() || v4.is_private(),
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local(),
    };
    let hops = request.headers().get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let last = hops.and_then(|hops| hops.rsplit(',').next()?.trim().parse().ok());
    last.filter(|_| near).unwrap_or(peer)
}
