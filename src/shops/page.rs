//! `GET /`: what Shopify's admin opens. The first load installs the shop; every load answers the same shell, framed
//! by nobody but that shop's admin.
//!
//! 1. The shop comes from a proven ID token, never from the query beside it.
//! 2. No token, or a stale one: the bounce page, where App Bridge fetches a fresh one and loads us again.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, web};
use url::form_urlencoded;

use super::directory::Directory;
use super::install::{self, InstallError};
use crate::app::App;
use crate::http::page::{Frame, shell, simple};
use crate::http::{Problem, Result};
use crate::shopify::oauth::TokenError;
use crate::shopify::{ShopDomain, id_token};

/// Mounts the page and its helpers.
pub fn configure(routes: &mut web::ServiceConfig) {
    routes.service(open).service(bounce).service(inside);
}

/// Paths of the page's own router: a reload inside the admin lands here without a query.
#[get("/{page:(orders|campaigns)(/.*)?}")]
async fn inside(request: HttpRequest, app: web::Data<App>, shops: web::Data<Directory>) -> Result<HttpResponse> {
    load(&request, &app, &shops).await
}

#[get("/")]
async fn open(request: HttpRequest, app: web::Data<App>, shops: web::Data<Directory>) -> Result<HttpResponse> {
    load(&request, &app, &shops).await
}

async fn load(request: &HttpRequest, app: &App, shops: &Directory) -> Result<HttpResponse> {
    let value = |name: &str| {
        form_urlencoded::parse(request.query_string().as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, v)| v.into_owned())
    };
    let (Some(ours), Some(secrets)) = (&app.config.shopify.app, &app.secrets) else {
        return Ok(simple(
            "Recoup runs, but has no Shopify credentials yet",
            "Its operator sets SHOPIFY_API_KEY and SHOPIFY_API_SECRET; `recoup doctor` says what else is missing.",
        ));
    };
    let Some(token) = value("id_token") else {
        // Loaded by hand or reloaded inside the frame: the shell asks App Bridge who is here.
        let embedded = value("embedded").as_deref() == Some("1");
        return if embedded { Ok(to_bounce(request)) } else { Ok(shell(app, &Frame::Nobody)) };
    };
    let now = app.clock.now();
    let Ok(proven) = id_token::verify(&token, &ours.client_id, secrets, now) else { return Ok(to_bounce(request)) };
    let _turn = shops.turn(&proven.shop).await;
    match install::ensure(app, &proven.shop, &token, proven.began_at, now).await {
        Ok(()) => Ok(shell(app, &Frame::Shop(app.origin.of(&proven.shop).origin().ascii_serialization()))),
        Err(InstallError::Token(TokenError::InvalidSubject)) => Ok(to_bounce(request)),
        Err(error) => Err(install_problem(&error, &proven.shop)),
    }
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

/// To the bounce page with everything but the stale token, and where to come back to.
fn to_bounce(request: &HttpRequest) -> HttpResponse {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let mut back = form_urlencoded::Serializer::new(String::new());
    for (key, value) in form_urlencoded::parse(request.query_string().as_bytes()) {
        if key != "id_token" && key != "shopify-reload" {
            query.append_pair(&key, &value);
            back.append_pair(&key, &value);
        }
    }
    query.append_pair("shopify-reload", &format!("{}?{}", request.path(), back.finish()));
    let location = format!("/auth/bounce?{}", query.finish());
    HttpResponse::Found().insert_header((header::LOCATION, location)).finish()
}

/// Nothing but App Bridge, which gets a token and reloads the address named by `shopify-reload`.
#[get("/auth/bounce")]
async fn bounce(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let shop = form_urlencoded::parse(request.query_string().as_bytes()).find(|(key, _)| key == "shop");
    let frame = shop.and_then(|(_, shop)| ShopDomain::parse(&shop).ok());
    let frame = frame.map_or(Frame::Nobody, |shop| Frame::Shop(app.origin.of(&shop).origin().ascii_serialization()));
    crate::http::page::bridge_only(&app, &frame)
}
