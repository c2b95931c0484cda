//! 7. Why an order belongs to a message: evidence → touchpoints → models → conversions.
//!
//! Verdicts are derived from facts by pure functions; they may be thrown away and derived again, and come out the same.
//!
//! 1. Event time decides, never arrival: any order of the same deliveries ends in the same verdicts.
//! 2. The credits of an order sum to its value, per model.
//! 3. Every order of the shop has exactly one line at any instant.
//! 4. A refund, edit or cancellation adds a stage to the conversion and never rewrites what was true before it.

mod before;
mod begin;
mod buyer;
mod claims;
pub mod conversion;
mod counted;
pub mod credit;
mod credited;
mod derive;
mod dossier;
mod end_moved;
pub mod evidence;
pub mod journey;
mod kind;
mod line;
mod load;
pub mod models;
mod person;
mod pixel_arrived;
pub mod policies;
mod policy;
pub mod presets;
#[cfg(test)]
mod properties;
mod radar;
mod reach;
mod rebuild;
mod receipt;
mod restate;
mod routes;
mod rules_changed;
mod settle;
mod stage;
mod standard;
mod statuses_reported;
mod survey;
mod taps_turned;
mod unsettled;
mod verdicts_changed;
mod worth_changed;

pub use before::{Entity as VerdictsBefore, Said, learned, said};
pub use begin::Begin;
pub use buyer::of_orders as buyers_of;
pub use claims::{Claims, Part as ClaimedPart, Told, Way, claims};
pub use conversion::standing;
pub use counted::{
    BOUGHT, CAMPAIGN_SALES, OfMessages, SALES, Sold, at_day, counted_policies, is_counted, ordered_between,
    recount_bought, recount_sales,
};
pub use credited::{CREDITED, Shared, recount_credits};
pub use end_moved::UnsettleByCode;
pub use line::Line;
pub use models::Model;
pub use person::verdicts_of;
pub use pixel_arrived::UnsettleByPixel;
pub use policy::{Basis, DEFAULT as DEFAULT_POLICY, Policy};
pub use radar::Radar;
pub use reach::known_now;
pub use rebuild::{Rebuilt, rebuild};
pub use receipt::{COLUMN as RECEIPT, Candidate, Entity as Receipts, Outcome, Receipt, SharedTouch};
pub use restate::{Restate, progress as restatements};
pub use routes::configure;
pub use rules_changed::UnsettleAll;
pub use stage::{Stage, stages};
pub use statuses_reported::UnsettleByStatuses;
pub use survey::{Looked, Stand, Sum, side_by_side, survey_room};
pub use taps_turned::UnsettleByTaps;
pub use unsettled::{
    Settle, mark_checkout_unsettled, mark_unsettled, mark_unsettled_by_messages, mark_unsettled_since,
};
pub use verdicts_changed::VerdictsChanged;
pub use worth_changed::WorthChanged;
