//! HTML: the shell of the embedded app, the bounce page, plain notices. Each with the headers Shopify's review asks.

use actix_web::HttpResponse;
use actix_web::http::{StatusCode, header};
use url::Url;

use super::assets;
use crate::app::App;
use crate::kernel::Stream;
use crate::kernel::id::base62;

/// Who may put the page into a frame. A request that has proven its shop keeps it in its extensions, so that an error
/// page shows where the page itself would have.
#[derive(Clone, Debug)]
pub enum Frame {
    /// Nobody.
    Nobody,
    /// The admin of one proven shop, named by the origin at which that shop answers.
    Shop(String),
}

impl Frame {
    fn ancestors(&self) -> String {
        match self {
            Self::Nobody => "'none'".to_owned(),
            Self::Shop(origin) => format!("{origin} https://admin.shopify.com"),
        }
    }
}

/// The embedded app: the built page with its head completed for this installation, about to show what stands at `path`.
pub fn shell(app: &App, frame: &Frame, path: &str) -> HttpResponse {
    let polaris = app.config.shopify.polaris_url.as_deref();
    html(app, frame, assets::index(&head(app, polaris), path, polaris.is_none()))
}

/// A page that holds App Bridge and nothing else.
pub fn bridge_only(app: &App, frame: &Frame) -> HttpResponse {
    let head = head(app, None);
    html(
        app,
        frame,
        format!(
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Recoup</title>{head}</head><body></body></html>"
        ),
    )
}

/// Leaves the admin's frame: the browser's own window goes to an address that was checked before.
pub fn leave(app: &App, frame: &Frame, target: &Url) -> HttpResponse {
    let nonce = base62(u128::from_be_bytes(app.chance.bytes(Stream::Jitter)));
    let script = format!("window.open({}, \"_top\");", for_script(target.as_str()));
    let head = format!("{}<script nonce=\"{nonce}\">{script}</script>", head(app, None));
    let body = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Recoup</title>{head}</head><body></body></html>"
    );
    with_policy(app, frame, body, &format!("'nonce-{nonce}'"))
}

/// A text as a JavaScript literal that cannot end the script it stands in.
fn for_script(text: &str) -> String {
    let json = serde_json::to_string(text).unwrap_or_else(|_| "\"\"".to_owned());
    let mut safe = String::with_capacity(json.len());
    for letter in json.chars() {
        match letter {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => safe.push_str(&format!("\\u{:04x}", u32::from(letter))),
            letter => safe.push(letter),
        }
    }
    safe
}

/// A notice for people who came by hand.
pub fn simple(title: &str, text: &str) -> HttpResponse {
    notice(&Frame::Nobody, StatusCode::OK, title, text)
}

/// A page that says one thing.
pub fn notice(frame: &Frame, status: StatusCode, title: &str, text: &str) -> HttpResponse {
    let (title, text) = (escape(title), escape(text));
    let body = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\
         <body style=\"font:16px/1.5 system-ui,sans-serif;max-width:36rem;margin:15vh auto;padding:0 1rem\"><h1 style=\"font-size:1.4rem\">{title}</h1><p>{text}</p></body></html>"
    );
    let ancestors = frame.ancestors();
    HttpResponse::build(status)
        .content_type("text/html; charset=utf-8")
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            format!("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"),
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(body)
}

/// App Bridge first, then Polaris: plain blocking scripts, in this order (Shopify's rule 2.2.3).
fn head(app: &App, polaris: Option<&str>) -> String {
    let shopify = &app.config.shopify;
    let client_id = shopify.app.as_ref().map_or("", |app| app.client_id.as_str());
    let mut head = format!("<meta name=\"shopify-api-key\" content=\"{}\">", escape(client_id));
    for script in std::iter::once(shopify.app_bridge_url.as_str()).chain(polaris) {
        head.push_str(&format!("<script src=\"{}\"></script>", escape(script)));
    }
    head
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

fn html(app: &App, frame: &Frame, body: String) -> HttpResponse {
    with_policy(app, frame, body, "")
}

/// `script`: what else may run, besides our own files and Shopify's.
fn with_policy(app: &App, frame: &Frame, body: String, script: &str) -> HttpResponse {
    let outside = outside(app);
    let policy = format!(
        "default-src 'self'; script-src 'self' {outside} {script}; style-src 'self' 'unsafe-inline' {outside}; \
         connect-src 'self' {outside} https://*.shopify.com https://monorail-edge.shopifysvc.com; \
         img-src 'self' data: https:; font-src 'self' https://cdn.shopify.com; object-src 'none'; base-uri 'none'; \
         form-action 'self'; frame-ancestors {}",
        frame.ancestors()
    );
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(body)
}

/// Origins our scripts come from.
fn outside(app: &App) -> String {
    let shopify = &app.config.shopify;
    let urls = [Some(&shopify.app_bridge_url), shopify.polaris_url.as_ref()];
    let mut origins: Vec<String> = urls
        .into_iter()
        .flatten()
        .filter_map(|url| Url::parse(url).ok())
        .map(|url| url.origin().ascii_serialization())
        .collect();
    origins.dedup();
    origins.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_cannot_end_the_script() {
        let hostile = "https://a.example/?x=</script><!--\u{2028}&'\"\\";
        let safe = for_script(hostile);
        assert!(!safe.contains(['<', '>', '&', '\u{2028}']), "{safe}");
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), hostile);
    }
}
