//! `GET /r/{slug}`: note the tap, send the shopper on. `HEAD` answers, is noted, and never counts.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::click::{Model as Click, Taps};
use super::destination::{self, Target};
use super::human::{self, Seen};
use super::resolve::{Resolved, Resolver};
use crate::app::App;
use crate::http::page::simple;
use crate::kernel::Timestamp;
use crate::shops::Directory;

/// Mounts the redirect.
pub fn configure(routes: &mut web::ServiceConfig) {
    routes.service(web::resource("/r/{slug}").route(web::get().to(tap)).route(web::head().to(look)));
}

async fn tap(
    request: HttpRequest,
    slug: web::Path<String>,
    (app, links, taps, shops): (web::Data<App>, web::Data<Resolver>, web::Data<Taps>, web::Data<Directory>),
) -> HttpResponse {
    let now = app.clock.now();
    let Ok(Some(found)) = links.resolve(&slug).await else { return unknown() };
    let click = hit(&request, &app, &found, false, now);
    let public = click.id.public();
    if let Err(error) = taps.note(click).await {
        // The shopper never pays for our trouble.
        tracing::error!(shop.id = %found.link.shop_id, error = %error, "a tap could not be noted; the shopper was sent on");
    }
    send_on(&shops, &found, &public, request.query_string(), now).await
}

/// Link checkers ask with HEAD: the same answer, noted and never counted.
async fn look(
    request: HttpRequest,
    slug: web::Path<String>,
    (app, links, taps, shops): (web::Data<App>, web::Data<Resolver>, web::Data<Taps>, web::Data<Directory>),
) -> HttpResponse {
    let now = app.clock.now();
    let Ok(Some(found)) = links.resolve(&slug).await else { return unknown() };
    // If it cannot be noted, nothing that counts is lost.
    drop(taps.note(hit(&request, &app, &found, true, now)).await);
    send_on(&shops, &found, "", request.query_string(), now).await
}

/// A request as a hit on a link.
fn hit(request: &HttpRequest, app: &App, found: &Resolved, head: bool, now: Timestamp) -> Click {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let forwarded: Vec<&str> =
        request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok()).collect();
    let peer = request.peer_addr().map(|peer| peer.ip());
    let address = human::address(peer, &forwarded, &app.config.server.trusted_proxies);
    let link = &found.link;
    let expired = link.expires_at.is_some_and(|end| end <= now);
    let seen = Seen { head, with_code: found.code_at(now).is_some(), expired };
    Click::seen(app, (link.shop_id, &link.slug), seen, (address, header), request.query_string(), now)
}

async fn send_on(shops: &Directory, found: &Resolved, click: &str, query: &str, now: Timestamp) -> HttpResponse {
    let Ok(Some(shop)) = shops.by_id(found.link.shop_id).await else { return unknown() };
    let target = Target {
        storefront: &shop.storefront_url,
        terms: &found.campaign.link,
        campaign: &found.campaign.name,
        code: found.code_at(now),
        click,
        query,
    };
    // A path that cannot lead onto the shop's own host leads to its front page.
    let location = destination::build(&target).unwrap_or(shop.storefront_url);
    HttpResponse::Found()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer-when-downgrade"))
        .insert_header(("X-Robots-Tag", "noindex"))
        .finish()
}

fn unknown() -> HttpResponse {
    let mut page =
        simple("This link leads nowhere", "It may have been cut off on the way. Ask whoever sent it for a fresh one.");
    *page.status_mut() = actix_web::http::StatusCode::NOT_FOUND;
    page
}
