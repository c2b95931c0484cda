//! The routes around the page. Nobody is asked for a token until every check has passed.

use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, get, web};
use url::{Url, form_urlencoded};

use super::{admin_page, frame_of, leave, state, used_state};
use crate::app::App;
use crate::http::page::{Frame, bridge_only, leave as leave_page, simple};
use crate::http::{Problem, Result};
use crate::kernel::Timestamp;
use crate::shopify::query::{self, LoadQuery};
use crate::shopify::{Secrets, ShopDomain, Verified, id_token};
use crate::shops::exchange;
use crate::shops::install;
use crate::shops::install_error::InstallError;
use crate::shops::shop;

/// Where Shopify sends the browser back to; also in `shopify.app.toml`.
const CALLBACK: &str = "/auth/callback";

const COOKIE: &str = "recoup_state";

/// Mounts the routes.
pub fn configure(routes: &mut web::ServiceConfig) {
    routes.service(bounce).service(exit_iframe).service(begin).service(callback);
}

fn value(request: &HttpRequest, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(request.query_string().as_bytes());
    pairs.find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The frame of a page without content: the shop it names.
fn named_frame(request: &HttpRequest, app: &App) -> Frame {
    let shop = value(request, "shop").and_then(|shop| ShopDomain::parse(&shop).ok());
    shop.map_or(Frame::Nobody, |shop| frame_of(app, &shop))
}

/// Nothing but App Bridge, which gets a token and reloads the address named by `shopify-reload`.
#[get("/auth/bounce")]
async fn bounce(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let public_url = &app.config.server.public_url;
    // Nobody but us writes this address, and we only ever lead back to ourselves.
    if value(&request, "shopify-reload").is_some_and(|back| !leave::is_ours(&back, public_url)) {
        let detail = "Recoup leads back to its own pages and nowhere else. Open it from the admin again.";
        return Err(Problem::bad_request("bad_target", detail));
    }
    Ok(bridge_only(&app, &named_frame(&request, &app)))
}

/// Leads the browser's own window to `exitIframe`, if that is on the list.
#[get("/auth/exit-iframe")]
async fn exit_iframe(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let shop = proven_shop(&app, &request, app.clock.now());
    let asked = value(&request, "exitIframe").unwrap_or_default();
    let target = leave::target(&asked, &app.config.server.public_url, shop.as_ref());
    let detail = "Recoup leads to its own pages, to Shopify's admin and to the shop itself, and nowhere else.";
    let target = target.ok_or_else(|| Problem::bad_request("bad_target", detail))?;
    Ok(leave_page(&app, &named_frame(&request, &app), &target))
}

/// The shop a query proves, by its signature or by an ID token.
fn proven_shop(app: &App, request: &HttpRequest, now: Timestamp) -> Option<ShopDomain> {
    let (ours, secrets) = (app.config.shopify.app.as_ref()?, app.secrets.as_ref()?);
    let by_token = || {
        let token = value(request, "id_token")?;
        Some(id_token::verify(&token, &ours.client_id, secrets, now).ok()?.shop.clone())
    };
    query::verify(request.query_string(), secrets, now).ok().map(|query| query.shop().clone()).or_else(by_token)
}

/// Our client id, and the secrets signatures hang on.
fn credentials(app: &App) -> Result<(&str, &Secrets)> {
    let client_id = app.config.shopify.app.as_ref().map(|ours| ours.client_id.as_str());
    client_id.zip(app.secrets.as_ref()).ok_or_else(|| {
        Problem::unavailable("This installation has no Shopify credentials yet; its operator must set them.")
    })
}

/// Begins the code grant of `?shop=`.
#[get("/auth")]
async fn begin(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let (client_id, secrets) = credentials(&app)?;
    let now = app.clock.now();
    let shop = value(&request, "shop").and_then(|shop| ShopDomain::parse(&shop).ok());
    let shop = shop.ok_or_else(|| {
        Problem::bad_request("no_shop", "Say which shop: /auth?shop=example.myshopify.com.").at("shop")
    })?;
    if value(&request, "hmac").is_some() && query::verify(request.query_string(), secrets, now).is_err() {
        return Err(Problem::bad_request("forged_query", "This address was not made by Shopify. Begin again."));
    }
    let begun = state::begin(&app.vault, &app.chance, &shop, now);
    let public_url = &app.config.server.public_url;
    if framed(&request) {
        // Shopify's pages refuse to be framed, and our cookie would be a stranger's there.
        let again = leave::target(&format!("{public_url}/auth?shop={shop}"), public_url, None);
        let again = again.ok_or_else(|| Problem::unavailable("RECOUP_PUBLIC_URL must be https to install a shop."))?;
        return Ok(leave_page(&app, &frame_of(&app, &shop), &again));
    }
    let mut authorize = app.origin.endpoint(&shop, "admin/oauth/authorize");
    // No `scope`: what we ask for stands in the app's configuration.
    authorize
        .query_pairs_mut()
        .append_pair("client_id", client_id)
        .append_pair("redirect_uri", &format!("{public_url}{CALLBACK}"))
        .append_pair("state", &begun.state);
    Ok(HttpResponse::Found()
        .cookie(cookie(begun.cookie, state::LIFE_SECONDS))
        .insert_header((header::LOCATION, authorize.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .finish())
}

fn framed(request: &HttpRequest) -> bool {
    let into = request.headers().get("sec-fetch-dest").and_then(|value| value.to_str().ok());
    value(request, "embedded").as_deref() == Some("1") || matches!(into, Some("iframe" | "frame"))
}

fn cookie(value: String, seconds: i64) -> Cookie<'static> {
    Cookie::build(COOKIE, value)
        .path(CALLBACK)
        .max_age(Duration::seconds(seconds))
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish()
}

/// Shopify sends the browser back. The state is spent whatever comes of it.
#[get("/auth/callback")]
async fn callback(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let spent = cookie(String::new(), 0).to_string();
    let come_back = async {
        let query = checked(&app, &request).await?;
        finish(&app, &request, &query).await
    };
    match come_back.await {
        Ok(mut answer) => {
            if let Ok(spent) = header::HeaderValue::from_str(&spent) {
                answer.headers_mut().insert(header::SET_COOKIE, spent);
            }
            Ok(answer)
        }
        Err(problem) => Err(problem.with_header("Set-Cookie", spent)),
    }
}

/// Every check of a callback, before anybody is asked for a token.
async fn checked(app: &App, request: &HttpRequest) -> Result<Verified<LoadQuery>> {
    let (_, secrets) = credentials(app)?;
    let now = app.clock.now();
    let refused = |why: &str| {
        tracing::warn!(reason = why, "a code grant was refused");
        Problem::unauthorized(format!("{why} Begin again from the shop's admin."))
    };
    let kept = request.cookie(COOKIE).ok_or_else(|| refused("This browser did not begin the installation here."))?;
    let query = query::verify(request.query_string(), secrets, now)
        .map_err(|error| refused(&format!("The way back from Shopify does not hold: {error}.")))?;
    let state = query.state().unwrap_or_default();
    if !state::holds(&app.vault, kept.value(), state, query.shop(), now) {
        return Err(refused("The installation was begun elsewhere, for another shop, or more than a minute ago."));
    }
    if query.code().is_none_or(str::is_empty) {
        return Err(refused("Shopify sent no code."));
    }
    if !used_state::once(app.db.write(), state, now).await? {
        return Err(refused("This way back was used before."));
    }
    Ok(query)
}

async fn finish(app: &App, request: &HttpRequest, query: &LoadQuery) -> Result<HttpResponse> {
    let (domain, now) = (query.shop(), app.clock.now());
    request.extensions_mut().insert(frame_of(app, domain));
    let (apps, of, code, at) =
        (app.clone(), domain.clone(), query.code().unwrap_or_default().to_owned(), query.timestamp());
    let exchange = async move {
        let endpoint = apps.tokens.as_ref().ok_or(InstallError::NotConfigured)?;
        let tokens = endpoint.code_grant(&of, &code, now).await?;
        let known = shop::Entity::find_by_domain(of.as_str()).one(apps.db.read()).await?;
        let known = known.filter(shop::Model::installed);
        install::acquired(&apps, known, &of, &tokens, at, now).await
    };
    exchange::one_at_a_time(app, domain, exchange).await.map_err(|error| {
        tracing::error!(shop.domain = %domain, error = %error, "a code grant was not finished");
        Problem::unavailable(format!("Shopify did not let us finish: {error}. Begin again in a moment."))
    })?;
    let inside = admin_page(app, query.host(), Some(domain)).filter(|_| app.config.shopify.embedded);
    Ok(match inside.and_then(|place| Url::parse(&format!("{place}/")).ok()) {
        Some(place) => HttpResponse::Found()
            .insert_header((header::LOCATION, place.as_str()))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::REFERRER_POLICY, "no-referrer"))
            .finish(),
        None => simple("Recoup is installed", "Work with it through its API; this page may be closed."),
    })
}
