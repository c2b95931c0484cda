//! 1. Who installed us: shops, their tokens, their API keys, their settings.
//!
//! A shop is known by Shopify's numeric id; its domain only finds it. Nothing but a proven ID token, API key, webhook
//! signature or slug ever names the shop of a request.
//!
//! ```text
//! (nobody) ──first load──▶ installed ──app/uninstalled──▶ uninstalled ──shop/redact──▶ gone
//!                              ▲       (Shopify is asked)      │      (48 hours by our clock)
//!                              └────────── first load ─────────┘
//! ```

mod api_key;
mod auth;
mod begin;
mod call;
mod claim;
mod condition;
mod current;
mod directory;
mod exchange;
mod first_steps;
mod install;
mod install_error;
mod installed;
mod keep_alive;
mod keys;
mod number;
mod page;
mod refresh;
mod reply;
mod retries;
mod routes;
mod scopes;
mod shop;
mod standing;
mod strike_off;
mod token;
mod uninstall;

pub use api_key::{ApiKeyId, Scope};
pub use auth::configure as configure_auth;
pub use begin::Begin;
pub use call::{CallError, call};
pub use condition::{Health, health};
pub use current::{CurrentShop, Who};
pub use directory::Directory;
pub use first_steps::{FirstSteps, first_steps};
pub use install_error::InstallError;
pub use installed::{ShopInstalled, left, stand};
pub use keep_alive::KeepAlive;
pub use number::{give as give_number, sends_through, shop_of_number};
pub use page::{PAGES, configure as configure_page, unknown as unknown_page};
pub use refresh::access_token;
pub use reply::{Repeatable, drop_old_replies};
pub use routes::configure;
pub use scopes::rescope;
pub use shop::{COLUMN as SHOP, Column as ShopColumn, Entity as Shops, Model as Shop};
pub use standing::{Standing, standing};
pub use strike_off::strike_off;
pub use uninstall::{Left, opened_since, uninstall};
