//! A fake app: counts what comes, checks the signatures its own way, hands out codes and links like the real one.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use actix_web::web::{Bytes, Data, Path};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};

use super::*;

/// What the fake app has seen.
#[derive(Default)]
pub struct Seen {
    /// Topic → how often.
    pub topics: BTreeMap<String, usize>,
    /// Every delivery id.
    pub ids: Vec<String>,
    /// Bodies by topic, in order of arrival.
    pub bodies: Vec<(String, Value)>,
    /// Status → how often.
    pub statuses: BTreeMap<String, usize>,
    /// Taps on links, by user agent.
    pub taps: Vec<String>,
    /// How many people were drawn.
    pub drawn: usize,
    /// Where links lead.
    pub storefront: String,
    /// Refuse the next so many webhooks.
    pub refuse: usize,
}

type Shared = Data<Mutex<Seen>>;

fn header(request: &HttpRequest, name: &str) -> String {
    request.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}

async fn shopify(seen: Shared, request: HttpRequest, body: Bytes) -> HttpResponse {
    use base64::Engine;
    let expected = crate::kernel::secret::hmac_sha256(b"pretend-client-secret", &[&body]);
    if header(&request, "x-shopify-hmac-sha256") != base64::engine::general_purpose::STANDARD.encode(expected) {
        return HttpResponse::Unauthorized().finish();
    }
    let mut seen = seen.lock().unwrap();
    if seen.refuse > 0 {
        seen.refuse -= 1;
        return HttpResponse::ServiceUnavailable().finish();
    }
    let topic = header(&request, "x-shopify-topic");
    *seen.topics.entry(topic.clone()).or_default() += 1;
    seen.ids.push(header(&request, "x-shopify-webhook-id"));
    seen.bodies.push((topic, serde_json::from_slice(&body).unwrap()));
    HttpResponse::Ok().finish()
}

async fn whatsapp(seen: Shared, request: HttpRequest, body: Bytes) -> HttpResponse {
    let expected = hex::encode(crate::kernel::secret::hmac_sha256(b"pretend-whatsapp-secret", &[&body]));
    if header(&request, "x-hub-signature-256") != format!("sha256={expected}") {
        return HttpResponse::Unauthorized().finish();
    }
    let envelope: Value = serde_json::from_slice(&body).unwrap();
    let value = &envelope["entry"][0]["changes"][0]["value"];
    assert_eq!(value["metadata"]["phone_number_id"], crate::simulator::PHONE_NUMBER_ID);
    for status in value["statuses"].as_array().unwrap() {
        let name = status["status"].as_str().unwrap().to_owned();
        *seen.lock().unwrap().statuses.entry(name).or_default() += 1;
    }
    HttpResponse::Ok().finish()
}

async fn campaigns(body: web::Json<Value>) -> HttpResponse {
    HttpResponse::Created().json(json!({"id": format!("c-{}", body["name"].as_str().unwrap())}))
}

async fn messages(seen: Shared, campaign: Path<String>, request: HttpRequest, body: web::Json<Value>) -> HttpResponse {
    let host = header(&request, "host");
    let mut seen = seen.lock().unwrap();
    let messages: Vec<Value> = body["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|recipient| {
            seen.drawn += 1;
            let key = recipient["key"].as_str().unwrap();
            let held_out = crate::simulator::dice::key_of(key).is_multiple_of(10);
            let id = format!("{campaign}/{key}");
            let link = format!("http://{host}/r/{key}");
            json!({"key": key, "message_id": id, "held_out": held_out, "code": (!held_out).then(|| format!("C{}", key.len())),
                "code_state": "pending", "link": (!held_out).then_some(link), "callback_data": id})
        })
        .collect();
    HttpResponse::Ok().json(json!({"messages": messages, "errors": []}))
}

async fn tap(seen: Shared, slug: Path<String>, request: HttpRequest) -> HttpResponse {
    let mut seen = seen.lock().unwrap();
    seen.taps.push(header(&request, "user-agent"));
    let to = format!(
        "{}/discount/FIRST?redirect=%2Fcollections%2Fall&utm_source=whatsapp&rcp=click-{slug}",
        seen.storefront
    );
    HttpResponse::Found().insert_header(("location", to)).finish()
}

/// Starts the fake app for a world and connects the two.
pub async fn start(world: &World) -> (Arc<Mutex<Seen>>, actix_web::dev::ServerHandle) {
    let seen = Data::new(Mutex::new(Seen { storefront: world.storefront_origin(), ..Seen::default() }));
    let shared = seen.clone();
    let app = move || {
        App::new()
            .app_data(shared.clone())
            .app_data(web::JsonConfig::default().limit(8 << 20))
            .route("/", web::get().to(|| async { HttpResponse::Ok().body("the app") }))
            .route(
                "/api/keys",
                web::post().to(|| async { HttpResponse::Created().json(json!({"id": "k", "key": "rcp_pretend"})) }),
            )
            .route("/api/settings", web::patch().to(|| async { HttpResponse::Ok().json(json!({})) }))
            .route("/api/campaigns", web::post().to(campaigns))
            .route("/api/campaigns/{id}/messages", web::post().to(messages))
            .route("/r/{slug}", web::get().to(tap))
            .route("/webhooks/shopify", web::post().to(shopify))
            .route("/webhooks/whatsapp", web::post().to(whatsapp))
    };
    let server = HttpServer::new(app).workers(1).disable_signals().bind(("127.0.0.1", 0)).unwrap();
    let url = format!("http://{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    tokio::spawn(server);
    world.connect(&url);
    (seen.into_inner(), handle)
}
