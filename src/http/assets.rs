//! The built page, embedded in the binary (read from disk in debug builds, so that an edit shows on reload). Its build
//! brings each file compressed as well: nothing is compressed while a browser waits.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header::{self, AcceptEncoding, Encoding};
use actix_web::{HttpResponse, get, web};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;
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

/// What each page needs (`web/scripts/ahead.ts`), by the page's folder.
#[derive(Default, Deserialize)]
struct Ahead {
    always: Vec<String>,
    alone: Vec<String>,
    pages: HashMap<String, Vec<String>>,
}

static AHEAD: LazyLock<Ahead> = LazyLock::new(|| {
    let list = Dist::get("ahead.json").and_then(|file| serde_json::from_slice(&file.data).ok());
    list.unwrap_or_default()
});

/// `index.html` with its scripts under the versioned prefix and the head completed. The files of the page at that path
/// are named in it, so that a browser fetches them at once and not one after the other; `alone`: Polaris's stand-ins too.
pub(super) fn index(head: &str, path: &str, alone: bool) -> String {
    let page = Dist::get("index.html").map(|file| String::from_utf8_lossy(&file.data).into_owned());
    let page =
        page.unwrap_or_else(|| "<!doctype html><title>Recoup</title><!-- head -->The page was not built.".into());
    let page = page.replace("./assets/", &format!("/assets/{}/", *VERSION)).replace("<!-- head -->", head);
    let ahead: String = ahead(path, alone)
        .map(|file| format!("<link rel=\"modulepreload\" crossorigin href=\"/assets/{}/{file}\">", *VERSION))
        .collect();
    page.replace("</head>", &format!("{ahead}</head>"))
}

/// The list at `/orders` is the page of the folder `orders`. What stands below it has a folder of another name, which the
/// first script finds.
fn ahead(path: &str, alone: bool) -> impl Iterator<Item = &'static str> {
    let name = match path.trim_matches('/') {
        "" => "overview",
        name => name,
    };
    let of_page = AHEAD.pages.get(name).map_or(&[][..], Vec::as_slice);
    let stand_ins = if alone { AHEAD.alone.as_slice() } else { &[] };
    AHEAD.always.iter().chain(stand_ins).chain(of_page).map(String::as_str)
}

/// Mounts `/assets/<version>/…`.
pub fn configure(routes: &mut web::ServiceConfig) {
    routes.service(asset);
}

#[get("/assets/{version}/{file:.*}")]
async fn asset(path: web::Path<(String, String)>, accepts: Option<web::Header<AcceptEncoding>>) -> HttpResponse {
    let (version, name) = path.into_inner();
    let Some(kind) = kind_of(&name) else { return HttpResponse::NotFound().finish() };
    let Some((file, encoding)) = smallest(&name, accepts.as_deref()) else {
        return HttpResponse::NotFound().finish();
    };
    // While one version follows another, a page may ask for a file of the one that is not here. What it gets must not
    // stay under that name.
    let keep = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-store" };
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(kind)
        .insert_header((header::CACHE_CONTROL, keep))
        .insert_header((header::VARY, "accept-encoding"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    if let Some(encoding) = encoding {
        answer.insert_header((header::CONTENT_ENCODING, encoding));
    }
    match file.data {
        Cow::Borrowed(bytes) => answer.body(bytes),
        Cow::Owned(bytes) => answer.body(bytes),
    }
}

/// None for what nobody may ask for by name, such as the compressed forms.
fn kind_of(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "js" => Some("text/javascript; charset=utf-8"),
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        "woff2" => Some("font/woff2"),
        "png" => Some("image/png"),
        _ => None,
    }
}

/// The form of a file that the browser reads best, as the page's build compressed it.
fn smallest(name: &str, accepts: Option<&AcceptEncoding>) -> Option<(EmbeddedFile, Option<&'static str>)> {
    let forms = [(Encoding::brotli(), "br", "br"), (Encoding::gzip(), "gz", "gzip")];
    let made: Vec<_> = forms
        .into_iter()
        .filter_map(|(encoding, ending, said)| Some((encoding, said, Dist::get(&format!("assets/{name}.{ending}"))?)))
        .collect();
    let offered: Vec<Encoding> =
        made.iter().map(|(encoding, ..)| encoding.clone()).chain([Encoding::identity()]).collect();
    let chosen = accepts.and_then(|accepts| accepts.negotiate(offered.iter()));
    match made.into_iter().find(|(encoding, ..)| Some(encoding) == chosen.as_ref()) {
        Some((_, said, file)) => Some((file, Some(said))),
        None => Some((Dist::get(&format!("assets/{name}"))?, None)),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::Header;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_file_goes_out_in_the_form_the_browser_reads_best() {
        let form = |accepts: &str| {
            let asked = TestRequest::default().insert_header((header::ACCEPT_ENCODING, accepts)).to_http_request();
            smallest("vendor.js", Some(&AcceptEncoding::parse(&asked).unwrap())).unwrap().1
        };
        assert_eq!(form("gzip, deflate, br, zstd"), Some("br"));
        assert_eq!(form("gzip, deflate"), Some("gzip"));
        assert_eq!(form("br;q=0, gzip;q=0.5"), Some("gzip"));
        assert_eq!(form("identity"), None);
        assert_eq!(smallest("vendor.js", None).unwrap().1, None);
        assert!(smallest("nothing.js", None).is_none());
    }

    #[test]
    fn what_a_page_needs_is_named_ahead_and_nothing_a_stranger_writes() {
        let files = |path: &str, alone| ahead(path, alone).collect::<Vec<_>>();
        assert!(files("/", false).contains(&"page-overview.js") && files("/", false).contains(&"charts.js"));
        assert!(files("/orders/", false).contains(&"page-orders.js"));
        let always = files("/orders/5", false);
        assert!(always.contains(&"start.js") && !always.iter().any(|file| file.starts_with("page-")));
        for path in ["/nowhere", "/\"><script>", "/../index"] {
            assert_eq!(files(path, false), always, "{path}");
        }
        assert!(files("/", true).contains(&"polaris-fallback.js") && !always.contains(&"polaris-fallback.js"));
        for file in files("/", true) {
            assert!(Dist::get(&format!("assets/{file}")).is_some(), "{file}");
        }
    }
}
