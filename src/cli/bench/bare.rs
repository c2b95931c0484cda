//! The measure: handlers that do only what nobody can leave out.

use actix_web::http::header;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::webhooks::SECRET;
use crate::kernel::secret::hmac_sha256;

/// Serves on loopback until killed.
pub async fn serve(port: u16) -> anyhow::Result<()> {
    let server = HttpServer::new(|| {
        App::new().route("/webhooks/shopify", web::post().to(check)).route("/r/{slug}", web::get().to(send_on))
    });
    Ok(server.workers(1).bind(("127.0.0.1", port))?.run().await?)
}

/// Reads the body, checks its signature, and answers.
async fn check(request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let digest = request.headers().get("x-shopify-hmac-sha256").and_then(|value| BASE64.decode(value).ok());
    if digest.as_deref() == Some(&hmac_sha256(SECRET.as_bytes(), &[&body])[..]) {
        HttpResponse::Ok().finish()
    } else {
        HttpResponse::Unauthorized().finish()
    }
}

/// Sends on: notes nothing, looks nothing up.
async fn send_on() -> HttpResponse {
    HttpResponse::Found().insert_header((header::LOCATION, "https://bench.example/")).finish()
}
