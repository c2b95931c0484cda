//! Nothing missing: what no webhook told is read again at the Admin API, and it is known up to when all is there.
//!
//! ```text
//! install ──▶ backfill: 60 days of orders by a bulk operation
//! hourly  ──▶ windows by `updated_at`: ids first; what is missing or older here is read whole
//! edited  ──▶ that one order
//!                 └──▶ kept in the inbox as a webhook would have told it ──▶ the same reader, the same facts
//! ```
//!
//! 1. There is one road from Shopify's words to facts. What is read again differs from a delivery by its source only,
//!    and its id is made of its state: reading twice keeps once.
//! 2. A source is whole up to its watermark. It moves only when everything before it has been compared; while Shopify is
//!    away it stands still and says why.
//! 3. The shop is whole up to the earliest watermark, never beyond the oldest delivery that still waits.
//! 4. An order's visits are no state of it and no delivery tells them: they are asked for once, an hour after it
//!    ([`Journeys`]), and their addresses are kept nowhere. In the same call its sales are read from Shopify's own book,
//!    and again whenever something moved its money.
//! 5. What Shopify's own reports say was sold on each day is read once a day, where the merchant lets us ([`ReadDays`]):
//!    nothing is made of it, it stands beside what we booked.
//! 6. Nobody waits for this work: it leaves the shop's points to whoever does, and comes back when they are used up.

mod admin_session;
mod backfill;
mod begin;
mod checkouts;
mod cycle;
mod edited;
mod fill;
mod journeys;
mod line;
mod orders;
mod reread;
mod routes;
mod sales_again;
mod sales_moved;
mod shop_day;
mod shop_day_reading;
mod shop_days;
mod watermark;

pub use backfill::{Entity as Backfills, Model as Backfilled, State as BackfillState};
pub use begin::Begin;
pub use cycle::CatchUp;
pub use edited::ReadAgain;
pub use fill::Backfill;
pub use journeys::Journeys;
pub use routes::{APPLY_FOR, Sources, configure, sources_of};
pub use sales_again::read_sales_again;
pub use sales_moved::ReadSales;
pub use shop_day::{Entity as ShopDays, Model as ShopDay, shop_days};
pub use shop_day_reading::{Entity as ShopDayReadings, Model as ShopDayReading, shop_days_read};
pub use shop_days::{REPORTS_SCOPE, ReadDays, ReadOlderDays, SETTLED_SECONDS, ask_for_days, last_ended, reads_reports};
pub use watermark::{Entity as Watermarks, Model as Watermark, Source, begins, complete_through};
