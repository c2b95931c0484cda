//! 1. Who installed us: shops, their tokens, their API keys, their settings.
//!
//! A shop is known by Shopify's numeric id; its domain only finds it. Nothing but a proven ID token, API key, webhook
//! signature or slug ever names the shop of a request.
//!
//! ```text
//! (nobody) ──first load──▶ installed ──app/uninstalled──▶ uninstalled ──shop/redact──▶ gone
//!                              ▲                               │
//!                              └────────── first load ─────────┘
//! ```

mod api_key;
mod current;
mod directory;
mod granted;
mod install;
mod installed;
mod keys;
mod number;
mod page;
mod reply;
mod routes;
mod shop;
mod token;
mod uninstall;

pub use api_key::Scope;
pub use current::{CurrentShop, Who};
pub use directory::Directory;
pub use granted::granted;
pub use install::{InstallError, access_token};
pub use installed::{Installed, installed};
pub use number::shop_of_number;
pub use page::configure as configure_page;
pub use reply::Repeatable;
pub use routes::configure;
pub use shop::{COLUMN as SHOP, Entity as Shops, Model as Shop};
pub use uninstall::uninstall;
