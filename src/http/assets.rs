//! The built page, embedded in the binary (read from disk in debug builds, so that an edit shows on reload).

use std::sync::LazyLock;

use actix_web::http::header;
use actix_web::{HttpResponse, get, web};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};

#[derive(RustEmbed)]
#[folder = "web/dist"]
struct Dist;

/// Changes with every build of the page, so that its files may be cached for ever under it.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut names: Vec<_> = Dist::iter().collect();
    names.sort();
    let mut digest = Sha256::new();
    for file in names.iter().filter_map(|name| Dist::get(name)) {
        digest.update(&file.data);
    }
    hex::encode(&digest.finalize()[..6])
});

/// `index.html` with its scripts under the versioned prefix and the head completed.
pub(super) fn index(head: &str) -> String {
    let page = Dist::get("index.html").map(|file| String::from_utf8_lossy(&file.data).into_owned());
    let page =
        page.unwrap_or_else(|| "<!doctype html><title>Recoup</title><!-- head -->The page was not built.".into());
    page.replace("./assets/", &format!("/assets/{}/", *VERSION)).replace("<!-- head -->", head)
}

/// Mounts `/assets/<version>/…`.
pub fn configure(routes: &mut web::ServiceConfig) {
    routes.service(asset);
}

#[get("/assets/{version}/{file:.*}")]
async fn asset(path: web::Path<(String, String)>) -> HttpResponse {
    let Some(file) = Dist::get(&format!("assets/{}", path.1)) else { return HttpResponse::NotFound().finish() };
    let kind = match path.1.rsplit('.').next() {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("woff2") => "font/woff2",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    };
    HttpResponse::Ok()
        .content_type(kind)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(file.data.into_owned())
}
