//! 7½. What messages caused: everybody who was assigned to an arm, what they bought, and the difference between the arms.
//!
//! 1. Intention to treat: whoever was assigned counts in their arm, whatever became of the message.
//! 2. What somebody bought is all of *their* orders by any road, never only the attributed ones.
//! 3. A refund restates it, a late order joins it, and a rebuild comes to the same rows.

mod arms;
mod caused;
mod claimed;
mod comparison;
mod control;
mod measure;
mod outcome;
mod parts;
mod plan;
mod pool;
mod recovery;
mod report;
mod routes;
mod sentence;
mod view;

pub use caused::{Caused, HORIZON_DAYS, Measured, caused, caused_in_orders};
pub use measure::{MeasureDrawn, MeasureOrders, rebuild};
pub use outcome::{Column as OutcomeColumn, Entity as Outcomes, Model as Outcome};
pub use report::{Question, campaign_lift};
pub use routes::configure;
pub use view::{LiftStage, MoneyRange, OverAttribution};
