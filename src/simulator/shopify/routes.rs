//! The admin listener: token endpoint, Admin API, and the few pages of the admin that an embedded app needs.

use actix_web::web::{Bytes, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value, json};

use super::graphql;
use super::oauth::{Access, token_endpoint};
use super::trouble::Strike;
use super::webhooks::API_VERSION;
use crate::simulator::World;
use crate::simulator::dice::{Luck, dice};
use crate::simulator::proof::form_encode;

/// Everything this listener answers.
pub(in crate::simulator) fn configure(config: &mut ServiceConfig) {
    config
        .route("/app-bridge.js", web::get().to(app_bridge))
        .route("/admin/id-token", web::get().to(id_token))
        .route("/admin/apps/{client_id}", web::get().to(admin_page))
        .route("/bulk/{file}", web::get().to(bulk_file))
        .route("/{shop}/admin/oauth/access_token", web::post().to(access_token))
        .route("/{shop}/admin/oauth/authorize", web::get().to(authorize))
        .route("/{shop}/admin/api/{version}/graphql.json", web::post().to(graphql_api));
}

fn body_fields(request: &HttpRequest, body: &Bytes) -> Value {
    let kind = request.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("");
    if kind.starts_with("application/json") {
        return serde_json::from_slice(body).unwrap_or_default();
    }
    url::form_urlencoded::parse(body)
        .map(|(key, value)| (key.into_owned(), Value::String(value.into_owned())))
        .collect()
}

fn status(code: u16) -> actix_web::http::StatusCode {
    actix_web::http::StatusCode::from_u16(code).unwrap_or(actix_web::http::StatusCode::INTERNAL_SERVER_ERROR)
}

async fn access_token(world: Data<World>, shop: Path<String>, request: HttpRequest, body: Bytes) -> HttpResponse {
    let wait = world.hold().faults.token_waits.pop_front();
    if let Some(wait) = wait {
        tokio::time::sleep(wait).await;
    }
    let mut held = world.hold();
    if let Some(code) = held.faults.token.pop_front() {
        return HttpResponse::build(status(code))
            .insert_header(("retry-after", "2"))
            .json(json!({"error": "pretend_trouble"}));
    }
    let (code, answer) = token_endpoint(&mut held, &shop, &body_fields(&request, &body));
    // The effect has happened; only its answer goes astray.
    match held.faults.token_lost.pop_front() {
        Some(200) => return HttpResponse::Ok().content_type("application/json").body("{\"access_token\":\"pret"),
        Some(gone) => return HttpResponse::build(status(gone)).finish(),
        None => {}
    }
    HttpResponse::build(status(code)).json(answer)
}

async fn authorize(
    world: Data<World>,
    shop: Path<String>,
    query: Query<std::collections::BTreeMap<String, String>>,
) -> HttpResponse {
    let code = world.authorization_code();
    let Some(back) = query.get("redirect_uri") else {
        return HttpResponse::BadRequest().body("redirect_uri is missing");
    };
    let held = world.hold();
    let name = shop.trim_end_matches(".myshopify.com");
    let pairs = vec![
        ("code", code),
        ("host", crate::simulator::proof::base64_text(&format!("admin.shopify.com/store/{name}"))),
        ("shop", shop.to_string()),
        ("state", query.get("state").cloned().unwrap_or_default()),
        ("timestamp", held.clock.now().seconds().to_string()),
    ];
    let location = format!("{back}?{}", crate::simulator::proof::signed_query(&held.client_secret, pairs));
    HttpResponse::Found().insert_header(("location", location)).finish()
}

async fn graphql_api(
    world: Data<World>,
    path: Path<(String, String)>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    let (domain, version) = path.into_inner();
    let token = request.headers().get("x-shopify-access-token").and_then(|v| v.to_str().ok()).unwrap_or("");
    let (access, fault, strike, request_id, serves) = {
        let mut held = world.hold();
        held.deliveries += 1;
        let id = dice(held.seed, "request", held.deliveries).uuid();
        let now = held.clock.now();
        let access = held.shops.get(&domain).map_or(Access::Unknown, |shop| shop.tokens.check(token, now));
        let frozen = held.shops.get(&domain).and_then(|shop| shop.frozen);
        held.admin_calls += 1;
        let named = held.faults.chokes.map(|order| format!("Order/{order}\""));
        let chokes = named.is_some_and(|named| body.windows(named.len()).any(|part| part == named.as_bytes()));
        let fault = frozen.or(chokes.then_some(502)).or_else(|| held.faults.admin.pop_front());
        let strike = if matches!(access, Access::Granted) && fault.is_none() { held.strike() } else { None };
        let fault = match strike {
            Some(Strike::TooMany) => Some(429),
            Some(Strike::BrokenBefore) => Some(502),
            _ => fault,
        };
        (access, fault, strike, id.to_string(), held.faults.serves)
    };
    // An unsupported version falls forward; what is compiled in here is the only one.
    let version = if version == "unstable" { version } else { serves.unwrap_or(API_VERSION).to_owned() };
    let mut answer = match (fault, access) {
        (Some(code), _) => HttpResponse::build(status(code)),
        (None, Access::Granted) => HttpResponse::Ok(),
        (None, Access::Unknown) => HttpResponse::Unauthorized(),
        (None, Access::NonExpiring) => HttpResponse::Forbidden(),
    };
    answer.insert_header(("x-shopify-api-version", version)).insert_header(("x-request-id", request_id));
    match (fault, access) {
        (Some(429), _) => answer
            .insert_header(("retry-after", "2.0"))
            .json(json!({"errors": "Exceeded 2 calls per second for api client."})),
        (Some(code), _) => answer.json(json!({"errors": format!("pretend trouble {code}")})),
        (None, Access::Unknown) => answer
            .json(json!({"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})),
        (None, Access::NonExpiring) => {
            answer.json(json!({"errors": "[API] Non-expiring access tokens are no longer accepted for the Admin API."}))
        }
        (None, Access::Granted) => match serde_json::from_slice(&body) {
            Ok(_) if strike == Some(Strike::LostBefore) => broken_off(),
            Ok(_) if strike == Some(Strike::Throttled) => answer.json(graphql::throttled(world.state(), &domain)),
            Ok(document) => {
                let told = graphql::answer(world.state(), &domain, &document);
                let lost = world.hold().faults.admin_lost.pop_front();
                match strike {
                    _ if let Some(code) = lost => {
                        HttpResponse::build(status(code)).json(json!({"errors": "pretend trouble"}))
                    }
                    Some(Strike::LostAfter) => broken_off(),
                    Some(Strike::BrokenAfter) => HttpResponse::BadGateway().finish(),
                    _ => answer.json(told),
                }
            }
            Err(_) => answer.json(json!({"errors": [{"message": "the body is not JSON"}]})),
        },
    }
}

/// An answer that breaks off: the connection ends in the middle of it.
fn broken_off() -> HttpResponse {
    let end = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    HttpResponse::Ok().streaming(futures::stream::iter([Ok(Bytes::from_static(b"{\"da")), Err(end)]))
}

/// The file of a bulk operation, from the byte the reader wants on.
async fn bulk_file(world: Data<World>, file: Path<String>, request: HttpRequest) -> HttpResponse {
    let mut held = world.hold();
    if let Some(code) = held.faults.file.pop_front() {
        return HttpResponse::build(status(code)).finish();
    }
    let id = file.trim_end_matches(".jsonl").parse::<i64>().ok();
    let operation = held.shops.values().flat_map(|shop| &shop.bulk).find(|one| Some(one.id) == id);
    let Some(text) = operation.and_then(super::bulk::Operation::file) else {
        return HttpResponse::NotFound().finish();
    };
    let range = request.headers().get("range").and_then(|range| range.to_str().ok());
    let from = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
    match from {
        Some(from) if from >= text.len() => HttpResponse::RangeNotSatisfiable().finish(),
        Some(from) => HttpResponse::PartialContent().body(text.as_bytes()[from..].to_vec()),
        None => HttpResponse::Ok().body(text),
    }
}

async fn id_token(world: Data<World>, query: Query<std::collections::BTreeMap<String, String>>) -> HttpResponse {
    let main = world.hold().main.clone();
    let shop = query.get("shop").unwrap_or(&main);
    HttpResponse::Ok()
        .insert_header(("access-control-allow-origin", "*"))
        .insert_header(("cache-control", "no-store"))
        .json(json!({"id_token": world.id_token(shop)}))
}

async fn app_bridge(world: Data<World>) -> HttpResponse {
    let (origin, main) = {
        let held = world.hold();
        (held.admin_origin.clone(), held.main.clone())
    };
    let script = include_str!("app_bridge.js").replace("__ORIGIN__", &origin).replace("__SHOP__", &main);
    HttpResponse::Ok()
        .content_type("text/javascript; charset=utf-8")
        .insert_header(("access-control-allow-origin", "*"))
        .insert_header(("cross-origin-resource-policy", "cross-origin"))
        .body(script)
}

async fn admin_page(world: Data<World>, client_id: Path<String>) -> HttpResponse {
    let (known, app, main, name, storefront) = {
        let mut held = world.hold();
        let name = held.shop().profile.name.clone();
        (held.client_id == *client_id, held.app_url.clone(), held.main.clone(), name, held.storefront_origin.clone())
    };
    if !known {
        return HttpResponse::NotFound().body("No app has this client id.");
    }
    let load = format!("{app}/?{}", world.load_query(&main)).replace('&', "&amp;");
    let page = include_str!("admin.html")
        .replace("__NAME__", &name)
        .replace("__LOAD__", &load)
        .replace("__STOREFRONT__", &storefront)
        .replace("__CLIENT__", &form_encode(&client_id));
    HttpResponse::Ok().content_type("text/html; charset=utf-8").insert_header(("cache-control", "no-store")).body(page)
}
