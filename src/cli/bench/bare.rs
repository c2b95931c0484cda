//! The measure: a handler that reads the body, checks its signature, and answers.

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::load::SECRET;
use crate::kernel::secret::hmac_sha256;

/// Serves on loopback until killed.
pub async fn serve(port: u16) -> anyhow::Result<()> {
    let server = HttpServer::new(|| App::new().route("/webhooks/shopify", web::post().to(check)));
    Ok(server.workers(1).bind(("127.0.0.1", port))?.run().await?)
}

async fn check(request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let digest = request.headers().get("x-shopify-hmac-sha256").and_then(|value| BASE64.decode(value).ok());
    if digest.as_deref() == Some(&hmac_sha256(SECRET.as_bytes(), &[&body])[..]) {
        HttpResponse::Ok().finish()
    } else {
        HttpResponse::Unauthorized().finish()
    }
}
