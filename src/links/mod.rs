//! 4. Tracked links: the address a message carries, and the taps on it.
//!
//! 1. A slug is shop part, random part, keyed tag. The tag is checked before anything is looked up, so guessing costs
//!    the guesser and not the database.
//! 2. A tap is on disk before the shopper is sent on: in the database, or on this node's own disk while it is away. If
//!    neither can be, the shopper goes on all the same.
//! 3. Where a link leads comes from our own rows, and lies on the shop's own host.
//! 4. Whose tap it is says the slug, never the host it was opened at: a name that leads here may be anybody's.

mod begin;
mod carried;
pub mod classify;
mod click;
mod destination;
mod domain;
mod link;
mod lookup;
mod outage;
mod person;
mod resolve;
mod routes;
mod settings;
mod slug;
mod sources;
mod spool;
mod taps;

pub use begin::Begin;
pub use click::{
    COLUMN as CLICK, ClickId, Column as ClickColumn, Entity as Clicks, Model as Click, clicks_called, counts,
    meta_click, with_sign,
};
pub use destination::{CLICK_ATTRIBUTE, CLICK_PARAMETER, Carried, Destination, Target, build as destination};
pub use link::{
    COLUMN as LINK, Column as LinkColumn, Entity as Links, LinkContents, Model as Link, address, carry, ends,
    message_left, mint,
};
pub use outage::Outage;
pub use person::{clicks_of, let_old_signs_go, let_signs_go};
pub use resolve::Resolver;
pub use routes::configure;
pub use settings::{Look, configure as configure_api, of as settings};
pub use slug::draw as draw_slug;
pub use taps::Taps;
