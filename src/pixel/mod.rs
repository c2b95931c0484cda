//! 4½. The web pixel: which browser brought which click to which checkout. Anybody can write what it says, so it is
//! evidence beside others, and never revenue by itself.
//!
//! 1. The address is public: small bodies, counted callers, and nothing stored that does not fit.
//! 2. A checkout tells a few things and so does a click; whatever comes beyond the bounds of `take.rs` is acknowledged and not
//!    kept.
//! 3. An event is there once per shop, however often it is sent, and on disk before it is acknowledged.
//! 4. Early or late makes no difference: an event that comes after its order has the order weighed again.

mod begin;
mod event;
mod limit;
mod routes;
mod switch;
mod take;
mod told;
mod web_pixel;

pub use begin::Begin;
pub use event::{
    Entity as PixelEvents, Model as PixelEvent, Name, PixelArrived, Tie, drop_old_unmatched, events_of, last_told_at,
    mark_asked, saw, ties_of, unasked,
};
pub use limit::Limit;
pub use routes::{configure, configure_api};
pub use switch::SwitchOn;
pub use take::Pixel;
pub use web_pixel::{Entity as WebPixels, Model as WebPixel, State as WebPixelState, of as web_pixel_of, troubled};
