//! The storefront listener. Forms get redirects, clients that ask for JSON get JSON.

use std::collections::BTreeMap;

use actix_web::web::{Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::checkout::Payment;
use super::pages;
use super::session::Session;
use crate::simulator::World;
use crate::simulator::state::State;

/// Everything this listener answers.
pub(in crate::simulator) fn configure(config: &mut ServiceConfig) {
    super::pixel::configure(config);
    config
        .route("/discount/{code}", web::get().to(discount))
        .route("/cart", web::get().to(cart))
        .route("/cart.js", web::get().to(cart_json))
        .route("/cart/add", web::post().to(cart_add))
        .route("/cart/update.js", web::post().to(cart_update))
        .route("/checkout", web::post().to(begin))
        .route("/checkout/{token}", web::get().to(show))
        .route("/checkout/{token}", web::post().to(proceed))
        .route("/{shop_id}/checkouts/ac/{cart_token}/recover", web::get().to(recover))
        .route("/products/{handle}", web::get().to(product))
        .route("/collections/{handle}", web::get().to(catalogue))
        .route("/", web::get().to(catalogue));
}

fn cookie(request: &HttpRequest, name: &str) -> Option<String> {
    request.cookie(name).map(|c| c.value().to_owned()).filter(|value| !value.is_empty())
}

/// The browser's session, made if there is none; the page it opened counts as its landing if it is the first.
fn enter(state: &mut State, request: &HttpRequest) -> String {
    let known = cookie(request, "session").filter(|id| state.shop().sessions.contains_key(id));
    let session = known.unwrap_or_else(|| state.open_session());
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
    let blocks = cookie(request, "blocker").is_some();
    let page = request.method() == actix_web::http::Method::GET && !request.path().ends_with(".js");
    let (now, referrer) = (state.clock.now(), came_from(state, request));
    if let Some(held) = state.shop().sessions.get_mut(&session) {
        if page { held.opens(path, referrer.as_deref(), blocks, now) } else { held.lands(path, blocks) }
    }
    session
}

/// The page of somebody else that a browser says it comes from.
fn came_from(state: &State, request: &HttpRequest) -> Option<String> {
    let from = request.headers().get("referer").and_then(|from| from.to_str().ok())?;
    (!from.is_empty() && !from.starts_with(&state.storefront_origin)).then(|| from.to_owned())
}

fn held(state: &mut State, session: &str) -> Session {
    state.shop().sessions.get(session).cloned().unwrap_or_default()
}

fn set_cookie(session: &str) -> (&'static str, String) {
    ("set-cookie", format!("session={session}; Path=/; HttpOnly; SameSite=Lax"))
}

fn page(session: &str, html: Option<String>) -> HttpResponse {
    match html {
        Some(html) => {
            HttpResponse::Ok().insert_header(set_cookie(session)).content_type("text/html; charset=utf-8").body(html)
        }
        None => HttpResponse::NotFound().body("This store does not have that."),
    }
}

fn forward(session: &str, to: &str) -> HttpResponse {
    HttpResponse::Found().insert_header(set_cookie(session)).insert_header(("location", to)).finish()
}

fn fields(request: &HttpRequest, body: &Bytes) -> Value {
    let kind = request.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("");
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body).unwrap_or_default();
    }
    url::form_urlencoded::parse(body)
        .map(|(key, value)| (key.into_owned(), Value::String(value.into_owned())))
        .collect()
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn wants_json(request: &HttpRequest) -> bool {
    request.headers().get("accept").and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("json"))
}

/// Sets the code for the session and forwards; every parameter but `redirect` stays.
async fn discount(world: Data<World>, code: Path<String>, request: HttpRequest) -> HttpResponse {
    let mut state = world.hold();
    let session = enter(&mut state, &request);
    if let Some(browser) = state.shop().sessions.get_mut(&session) {
        browser.brings(&code);
    }
    let query: Vec<(String, String)> =
        url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let target = query.iter().find(|(key, _)| key == "redirect").map_or("/", |(_, path)| path.as_str());
    // Only a path of this store: anything else would make the store an open door to elsewhere.
    let target = if target.starts_with('/') && !target.starts_with("//") { target } else { "/" };
    let rest: BTreeMap<_, _> = query.iter().filter(|(key, _)| key != "redirect").map(|(k, v)| (k, v)).collect();
    let rest = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).finish();
    let joint = if target.contains('?') { '&' } else { '?' };
    forward(&session, &if rest.is_empty() { target.to_owned() } else { format!("{target}{joint}{rest}") })
}

async fn catalogue(world: Data<World>, request: HttpRequest) -> HttpResponse {
    let mut state = world.hold();
    let session = enter(&mut state, &request);
    let browser = held(&mut state, &session);
    page(&session, Some(pages::catalogue(state.shop(), &browser)))
}

async fn product(world: Data<World>, handle: Path<String>, request: HttpRequest) -> HttpResponse {
    let mut state = world.hold();
    let session = enter(&mut state, &request);
    let browser = held(&mut state, &session);
    page(&session, pages::product(state.shop(), &browser, &handle))
}

async fn cart(world: Data<World>, request: HttpRequest) -> HttpResponse {
    let mut state = world.hold();
    let session = enter(&mut state, &request);
    let (browser, now) = (held(&mut state, &session), state.clock.now());
    page(&session, Some(pages::cart(state.shop(), &browser, now)))
}

fn cart_view(browser: &Session) -> Value {
    let attributes: BTreeMap<_, _> = browser.attributes.iter().cloned().collect();
    let items: Vec<Value> = browser.cart.iter().map(|(id, quantity)| json!({"id": id, "quantity": quantity})).collect();
    json!({"token": browser.cart_token, "attributes": attributes, "items": items, "discount_codes": browser.codes})
}

async fn cart_json(world: Data<World>, request: HttpRequest) -> HttpResponse {
    let mut state = world.hold();
    let session = enter(&mut state, &request);
    HttpResponse::Ok().insert_header(set_cookie(&session)).json(cart_view(&held(&mut state, &session)))
}

async fn cart_add(world: Data<World>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let mut state = world.hold();
    let session = enter(&mut state, &request);
    let given = fields(&request, &body);
    if let (Some(browser), Some(id)) = (state.shop().sessions.get_mut(&session), number(&given["id"])) {
        browser.add(usize::try_from(id).unwrap_or(0), number(&given["quantity"]).unwrap_or(1));
    }
    forward(&session, "/cart")
}

async fn cart_update(world: Data<World>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let mut state = world.hold();
    let session = enter(&mut state, &request);
    let given = fields(&request, &body);
    if let (Some(browser), Some(attributes)) =
        (state.shop().sessions.get_mut(&session), given["attributes"].as_object())
    {
        attributes.iter().for_each(|(name, value)| browser.set(name, value.as_str().unwrap_or_default()));
    }
    HttpResponse::Ok().insert_header(set_cookie(&session)).json(cart_view(&held(&mut state, &session)))
}

async fn begin(world: Data<World>, request: HttpRequest) -> HttpResponse {
    let mut state = world.hold();
    let session = enter(&mut state, &request);
    match state.begin_checkout(&session, Default::default(), None) {
        None => forward(&session, "/cart"),
        Some(token) if wants_json(&request) => HttpResponse::Created().json(json!({"token": token})),
        Some(token) => forward(&session, &format!("/checkout/{token}")),
    }
}

async fn show(world: Data<World>, token: Path<String>, request: HttpRequest) -> HttpResponse {
    let mut state = world.hold();
    let session = enter(&mut state, &request);
    let (browser, now) = (held(&mut state, &session), state.clock.now());
    let checkout = state.shop().checkouts.get(&*token).cloned();
    page(&session, checkout.map(|checkout| pages::checkout(state.shop(), &browser, &checkout, now)))
}

async fn proceed(world: Data<World>, token: Path<String>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let mut state = world.hold();
    let session = enter(&mut state, &request);
    let given = fields(&request, &body);
    let text = |name: &str| given[name].as_str().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    state.touch_checkout(&token, |checkout| {
        checkout.buyer.email = text("email").or(checkout.buyer.email.take());
        checkout.buyer.phone = text("phone").or(checkout.buyer.phone.take());
        if let Some(code) = given["code"].as_str() {
            checkout.codes = code.split(',').map(str::trim).filter(|c| !c.is_empty()).map(str::to_owned).collect();
        }
    });
    let mut order = None;
    if text("act").as_deref() == Some("pay") {
        let visits = held(&mut state, &session).visits;
        if let Some(checkout) = state.shop().checkouts.get_mut(&*token) {
            checkout.visits.join(&visits.all);
        }
        order = state.complete_checkout(&token, Payment::default());
        if order.is_some() {
            let emptied = Session { cart: vec![], codes: vec![], ..held(&mut state, &session) };
            state.shop().sessions.insert(session.clone(), emptied);
        }
    }
    if order.is_none() {
        state.goes_quiet(&token);
    }
    if wants_json(&request) {
        return HttpResponse::Ok().json(json!({"token": *token, "order": order}));
    }
    forward(&session, &format!("/checkout/{token}"))
}

/// The recovery link of an abandoned checkout: its key opens it in whatever browser it is tapped.
async fn recover(world: Data<World>, path: Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let mut state = world.hold();
    let session = enter(&mut state, &request);
    let query: BTreeMap<String, String> =
        url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect();
    let found = state.shop().checkouts.values().find(|c| c.cart_token == path.1 && query.get("key") == Some(&c.key));
    let Some(token) = found.map(|c| c.token.clone()) else {
        return HttpResponse::NotFound().body("This checkout is gone.");
    };
    let browser = held(&mut state, &session);
    state.touch_checkout(&token, |checkout| {
        if let Some(code) = query.get("discount") {
            checkout.codes = vec![code.clone()];
        }
        for (name, value) in browser.attributes {
            checkout.attributes.retain(|(known, _)| *known != name);
            checkout.attributes.push((name, value));
        }
    });
    forward(&session, &format!("/checkout/{token}"))
}
