//! What the store serves for web pixels: the host of each page, the sandbox, and the app's own extension as it was
//! built, with the settings the app gave it and the purposes its configuration declares.

use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, web};
use serde_json::{Value, json};

use super::checkout::Checkout;
use crate::simulator::World;

const HOST: &str = include_str!("pixel_host.js");
const SANDBOX: &str = include_str!("pixel_sandbox.js");

/// What a merchant's shop has of the app: the built extension and its configuration, as they are deployed.
const EXTENSION: &str = include_str!("../../../web/pixel/dist/recoup-pixel.js");
const CONFIGURATION: &str = include_str!("../../../web/pixel/shopify.extension.toml");

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .route("/web-pixels/host.js", web::get().to(|| script(HOST)))
        .route("/web-pixels/sandbox.js", web::get().to(|| script(SANDBOX)))
        .route("/web-pixels/extension.js", web::get().to(|| script(EXTENSION)))
        .route("/web-pixels/config.json", web::get().to(pixels));
}

async fn script(text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type("text/javascript; charset=utf-8").body(text)
}

async fn pixels(world: Data<World>) -> HttpResponse {
    let settings = world.web_pixel();
    let pixels: Vec<Value> =
        settings.into_iter().map(|settings| json!({"settings": settings, "purposes": purposes()})).collect();
    HttpResponse::Ok().json(json!({ "pixels": pixels }))
}

/// What shoppers must allow before the extension runs.
fn purposes() -> Vec<&'static str> {
    let declared = |line: &'static str| {
        let (name, value) = line.split_once('=')?;
        (value.trim() == "true").then_some(name.trim())
    };
    CONFIGURATION.lines().filter_map(declared).collect()
}

/// The customer events of a checkout's page: a `<script>` the page's host reads. Attributes are told early in a
/// checkout, and at its end they are empty.
pub(super) fn events(checkout: &Checkout) -> String {
    let attributes = match checkout.order {
        None => checkout.attributes.iter().map(|(key, value)| json!({"key": key, "value": value})).collect(),
        Some(_) => Vec::new(),
    };
    let name = if checkout.order.is_some() { "checkout_completed" } else { "checkout_started" };
    let order = checkout.order.map(|id| json!({"id": format!("gid://shopify/OrderIdentity/{id}")}));
    let told = json!({"token": checkout.token, "attributes": attributes, "order": order, "email": null, "phone": null});
    let events = json!([{"name": name, "data": {"checkout": told}}]).to_string().replace('<', "\\u003c");
    format!("<script type=application/json id=customer-events>{events}</script>")
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_purposes_are_those_the_extension_declares() {
        assert_eq!(super::purposes(), ["analytics", "marketing"]);
    }
}
