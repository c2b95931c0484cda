//! `GET /r/{slug}`: note the tap, send the shopper on. `HEAD` answers without counting.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use super::click::{ClickId, Model as Click, Taps};
use super::destination::{self, Target};
use super::human;
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
    let click = judged(&request, &app, &found, now);
    let public = click.id.public();
    if let Err(error) = taps.note(click).await {
        // The shopper never pays for our trouble.
        tracing::error!(shop.id = %found.link.shop_id, error = %error, "a tap could not be noted; the shopper was sent on");
    }
    send_on(&shops, &found, &public, request.query_string(), now).await
}

/// Link checkers ask with HEAD: the same answer, nothing noted.
async fn look(
    request: HttpRequest,
    slug: web::Path<String>,
    links: web::Data<Resolver>,
    shops: web::Data<Directory>,
    app: web::Data<App>,
) -> HttpResponse {
    match links.resolve(&slug).await {
        Ok(Some(found)) => send_on(&shops, &found, "", request.query_string(), app.clock.now()).await,
        _ => unknown(),
    }
}

fn judged(request: &HttpRequest, app: &App, found: &Resolved, now: Timestamp) -> Click {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let purpose = ["sec-purpose", "purpose", "x-purpose", "x-moz"].into_iter().find_map(header);
    let verdict = human::judge(header("user-agent"), purpose);
    Click {
        shop_id: found.link.shop_id,
        at: now,
        id: ClickId::new(&app.chance, now),
        slug: found.link.slug.clone(),
        human: verdict.human,
        reason: verdict.reason.to_owned(),
    }
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
