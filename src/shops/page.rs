//! `GET /`: what Shopify's admin opens. The first load installs the shop; every load answers the same shell, framed
//! by nobody but that shop's admin.
//!
//! 1. The shop comes from a proven ID token, never from the query beside it.
//! 2. A signature of the query is a second check: a wrong one is refused, one for another shop too. A load may come
//!    without one, because what App Bridge reloads is not signed anew.
//! 3. No token, or a stale one: the bounce page, where App Bridge fetches a fresh one and loads us again. Three bounces
//!    within a minute are a loop; the fourth is a page that says so.
//! 4. Outside the admin there is nothing to see: the browser is sent into it (or, when the app is not embedded, to the
//!    authorization code grant).

use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, web};
use url::form_urlencoded;

use super::auth;
use super::current::unauthorized;
use super::directory::Directory;
use super::install;
use super::install_error::InstallError;
use crate::app::App;
use crate::http::page::{Frame, shell, simple};
use crate::http::{Problem, Result};
use crate::kernel::Timestamp;
use crate::shopify::oauth::TokenError;
use crate::shopify::query::{self, QueryError};
use crate::shopify::{Secrets, ShopDomain, id_token};

/// Mounts the page.
pub fn configure(routes: &mut web::ServiceConfig) {
    routes.service(open).service(web::resource(PAGES).route(web::get().to(inside)));
}

/// Paths of the page's own router, as `web/src/app/App.tsx` has them: a reload inside the admin lands here without a query.
pub const PAGES: &str = "/{page:(orders(/[^/]+)?|campaigns(/[^/]+(/change)?)?|checkouts(/[^/]+)?|codes|links|files|messages(/[^/]+)?|recipients/[^/]+|policies|claims|lift|journeys|ledger|agreement|health|shop)/?}";

async fn inside(request: HttpRequest, app: web::Data<App>, shops: web::Data<Directory>) -> Result<HttpResponse> {
    load(&request, &app, &shops).await
}

/// A path the page does not know either: it opens and says so itself.
pub async fn unknown(request: &HttpRequest, app: &App, shops: &Directory) -> Result<HttpResponse> {
    let mut page = load(request, app, shops).await?;
    if page.status() == StatusCode::OK {
        *page.status_mut() = StatusCode::NOT_FOUND;
    }
    Ok(page)
}

#[get("/")]
async fn open(request: HttpRequest, app: web::Data<App>, shops: web::Data<Directory>) -> Result<HttpResponse> {
    load(&request, &app, &shops).await
}

async fn load(request: &HttpRequest, app: &App, shops: &Directory) -> Result<HttpResponse> {
    let (Some(ours), Some(secrets)) = (&app.config.shopify.app, &app.secrets) else {
        return Ok(simple(
            "Recoup runs, but has no Shopify credentials yet",
            "Its operator sets SHOPIFY_API_KEY and SHOPIFY_API_SECRET; `recoup doctor` says what else is missing.",
        ));
    };
    let now = app.clock.now();
    let signed = signed(request.query_string(), secrets, now)?;
    if let Signed::By(shop) = &signed {
        request.extensions_mut().insert(auth::frame_of(app, shop));
    }
    let Some(token) = value(request, "id_token") else {
        return without_token(request, app, shops, &signed, now).await;
    };
    let Ok(proven) = id_token::verify(&token, &ours.client_id, secrets, now) else {
        return to_bounce(request, app, now);
    };
    let frame = auth::frame_of(app, &proven.shop);
    request.extensions_mut().insert(frame.clone());
    match &signed {
        Signed::By(shop) if *shop != proven.shop => return Err(forged()),
        Signed::LongAgo => return to_bounce(request, app, now),
        Signed::By(_) | Signed::Not => {}
    }
    match install::ensure(app, &proven.shop, &token, proven.began_at, now).await {
        Ok(()) => Ok(shell(app, &frame, request.path())),
        Err(InstallError::Token(TokenError::InvalidSubject)) => to_bounce(request, app, now),
        Err(error) => Err(install_problem(&error, &proven.shop)),
    }
}

fn value(request: &HttpRequest, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// What the query's own signature says.
enum Signed {
    /// There is none.
    Not,
    /// A good one that is not of this minute: an old page was loaded again.
    LongAgo,
    /// Shopify signed it just now, for this shop.
    By(ShopDomain),
}

fn signed(raw: &str, secrets: &Secrets, now: Timestamp) -> Result<Signed> {
    if !form_urlencoded::parse(raw.as_bytes()).any(|(key, _)| key == "hmac") {
        return Ok(Signed::Not);
    }
    match query::verify(raw, secrets, now) {
        Ok(query) => Ok(Signed::By(query.shop().clone())),
        Err(QueryError::Stale) => Ok(Signed::LongAgo),
        Err(QueryError::Ambiguous | QueryError::Forged | QueryError::Shop) => Err(forged()),
    }
}

fn forged() -> Problem {
    Problem::bad_request("forged_query", "This address was not made by Shopify. Open Recoup from the admin.")
}

/// A load that brings no ID token.
async fn without_token(
    request: &HttpRequest,
    app: &App,
    shops: &Directory,
    signed: &Signed,
    now: Timestamp,
) -> Result<HttpResponse> {
    if request.headers().contains_key(header::AUTHORIZATION) {
        let detail = "A page is opened with `id_token` in its query, not by a fetch.";
        return Err(unauthorized(request, shops, detail).await);
    }
    if value(request, "embedded").as_deref() == Some("1") {
        return to_bounce(request, app, now);
    }
    let (shop, host) = (value(request, "shop"), value(request, "host"));
    if shop.is_none() && host.is_none() {
        // Loaded by hand or reloaded inside the frame: the shell asks App Bridge who is here.
        return Ok(shell(app, &Frame::Nobody, request.path()));
    }
    if !app.config.shopify.embedded
        && let Signed::By(shop) = signed
    {
        return Ok(away(&format!("/auth?shop={shop}")));
    }
    let shop = shop.and_then(|shop| ShopDomain::parse(&shop).ok());
    let place = auth::admin_page(app, host.as_deref(), shop.as_ref());
    let detail = "This address names no shop of Shopify's. Open Recoup from the admin.";
    Ok(away(&place.ok_or_else(|| Problem::bad_request("no_shop", detail))?))
}

fn away(location: &str) -> HttpResponse {
    HttpResponse::Found()
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .finish()
}

fn install_problem(error: &InstallError, shop: &ShopDomain) -> Problem {
    tracing::error!(shop.domain = %shop, error = %error, "a shop could not be installed");
    match error {
        InstallError::Db(_) => Problem::unavailable("The database is not answering. Open the app again in a moment."),
        other => {
            Problem::unavailable(format!("Shopify did not let us finish: {other}. Open the app again in a moment."))
        }
    }
}

/// Bounces within [`LOOP_SECONDS`] that are one too many.
const MOST_BOUNCES: u32 = 3;
const LOOP_SECONDS: i64 = 60;

/// How often this load was bounced, and since when: `seconds-count` in the address that App Bridge loads again. Anybody
/// may write it; all it can do is end their own bouncing.
const BOUNCED: &str = "bounced";

/// What is left out of the address to come back to: the stale token, and a signature that would not cover the new one.
const STALE: [&str; 6] = ["id_token", "hmac", "signature", "timestamp", "shopify-reload", BOUNCED];

/// To the bounce page with everything but the stale token, and where to come back to.
fn to_bounce(request: &HttpRequest, app: &App, now: Timestamp) -> Result<HttpResponse> {
    let (since, count) = bounced(value(request, BOUNCED).as_deref(), now);
    if count >= MOST_BOUNCES {
        tracing::warn!(count, "a browser was bounced in a loop");
        let detail = "Shopify's admin did not tell us who you are, several times in a row. Reload the admin; if it goes on, sign out and in again.";
        return Err(Problem::unauthorized(detail));
    }
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut back = form_urlencoded::Serializer::new(String::new());
    for (key, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
        if key != "id_token" && key != "shopify-reload" && key != BOUNCED {
            query.append_pair(&key, &value);
        }
        if !STALE.contains(&&*key) {
            back.append_pair(&key, &value);
        }
    }
    back.append_pair(BOUNCED, &format!("{}-{}", since.seconds(), count + 1));
    let back = format!("{}{}?{}", app.config.server.public_url, request.path(), back.finish());
    query.append_pair("shopify-reload", &back);
    Ok(away(&format!("/auth/bounce?{}", query.finish())))
}

/// Since when, and how often; a row of bounces that began long ago, or in the future, is over.
fn bounced(mark: Option<&str>, now: Timestamp) -> (Timestamp, u32) {
    let read = |mark: &str| {
        let (since, count) = mark.split_once('-')?;
        Some((Timestamp::from_seconds(since.parse().ok()?), count.parse().ok()?))
    };
    match mark.and_then(read) {
        Some((since, count)) if (0..LOOP_SECONDS).contains(&now.seconds_since(since)) => (since, count),
        _ => (now, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_bounces_ends_with_time() {
        let now = Timestamp::from_seconds(1_000);
        assert_eq!(bounced(Some("990-2"), now), (Timestamp::from_seconds(990), 2));
        for fresh in [None, Some("900-3"), Some("1001-3"), Some("x"), Some("-5-3"), Some("990-x")] {
            assert_eq!(bounced(fresh, now), (now, 0), "{fresh:?}");
        }
    }
}
