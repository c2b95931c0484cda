//! The ways around the page: bouncing, leaving the admin's frame, and the authorization code grant.
//!
//! ```text
//! GET /auth/bounce        App Bridge and nothing else: it fetches an ID token and loads us again
//! GET /auth/exit-iframe   the browser's own window goes to an address of the fixed list in `leave.rs`
//! GET /auth               begins the code grant: state in a signed cookie, on to Shopify ──┐
//! GET /auth/callback      ◀── Shopify sends the browser back with a code; tokens, installed ┘
//! ```
//!
//! Who uses the code grant: an installation that is not embedded (`RECOUP_EMBEDDED=false`), whose loads bring no ID
//! token to exchange. An embedded one sends every load from outside into the admin, where token exchange does it all;
//! its `/auth` works all the same, for whoever was sent there.
//!
//! The bounce page and the leaving page hold no word of any shop. They may be framed by the shop they *name*, which is
//! the one exception to the rule that only a proven shop frames a page: the proof is what the bounce page is fetching.

mod leave;
mod routes;
mod state;
mod used_state;

pub use routes::configure;

use url::Url;

use crate::app::App;
use crate::http::page::Frame;
use crate::shopify::ShopDomain;
use crate::shopify::query::admin_host;

/// The frame of a shop's pages.
pub(super) fn frame_of(app: &App, shop: &ShopDomain) -> Frame {
    if app.config.shopify.embedded {
        Frame::Shop(app.origin.of(shop).origin().ascii_serialization())
    } else {
        Frame::Nobody
    }
}

/// The app's page in the admin: by the admin's own `host` if that leads to Shopify, else by the shop's name.
pub(super) fn admin_page(app: &App, host: Option<&str>, shop: Option<&ShopDomain>) -> Option<String> {
    let ours = app.config.shopify.app.as_ref()?;
    let place = match host {
        Some(host) => admin_host(host)?,
        None => format!("admin.shopify.com/store/{}", shop?.name()),
    };
    Url::parse(&format!("https://{place}/apps/{}", ours.client_id)).ok().map(String::from)
}

/// Where a merchant allows the app (again): Shopify's own page, or our grant when we are not embedded.
pub(super) fn reauthorize_at(app: &App, shop: &ShopDomain) -> String {
    let client_id = app.config.shopify.app.as_ref().map_or("", |app| app.client_id.as_str());
    if app.config.shopify.embedded {
        format!("https://admin.shopify.com/store/{}/oauth/install?client_id={client_id}", shop.name())
    } else {
        format!("{}/auth?shop={shop}", app.config.server.public_url)
    }
}
