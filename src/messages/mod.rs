//! 5. One row per WhatsApp message, and what became of it.
//!
//! ```text
//! issued ──▶ sent ──▶ delivered ──▶ read        failed: never delivered; a later `delivered` wins over it
//! ```
//!
//! 1. Asking again for the same recipient of a campaign answers the same message.
//! 2. A held-out recipient has no message, no code, no link.
//! 3. Statuses are facts with the time they happened; the message shows the earliest of each kind, so the order in
//!    which we hear of them changes nothing. What came before its message was known waits for it.
//! 4. What a message cost is told, or stands in the shop's table of rates, or is missing: never nothing ([`CostSource`]).

mod analytics;
mod answer;
mod batcher;
mod callback;
mod coded;
mod compose;
mod counted;
mod drawn;
mod early;
mod list;
mod message;
mod meta_click;
mod opt_outs;
mod pace;
mod person;
mod preview;
mod rates;
mod refusals;
mod replace;
mod replacement;
mod reply;
mod report;
mod reported;
mod routes;
mod status;
mod used;

pub use analytics::{
    CampaignTemplate, CampaignTemplates, Figure, TEMPLATE_FIGURE, TemplateFigure, TemplateFigureColumn,
    TemplateFigures, templates_of,
};
pub use answer::Answer;
pub use batcher::Batcher;
pub use callback::{make as callback_data, read as read_callback};
pub use coded::{CODED, CodeCounts, Stands, code_counts, count_doubted_codes, overdue, recount_codes};
pub use counted::{
    COSTS, Charge, MESSAGES, Steps, charges, charges_by_discount, charges_each, hold, issued_between, recount, steps,
    steps_each,
};
pub use drawn::{Drawn, drawn_for};
pub use early::{drop_old_early, keep_early};
pub use message::{COLUMN as MESSAGE, Charged, Column as MessageColumn, Entity as Messages, Model as Message};
pub use meta_click::{
    COLUMN as META_CLICK, Column as MetaClickColumn, Entity as MetaClicks, MetaClick, Model as MetaClickRow,
    record as record_meta_clicks,
};
pub use person::{drop_old_statuses, forget, messages_of, statuses_of};
pub use rates::{CostSource, Costing, Priced, RateCard};
pub use replacement::{
    COLUMN as REPLACEMENT, Column as ReplacementColumn, Entity as Replacements, Model as Replacement,
    Reason as ReplacementReason,
};
pub use reply::{
    Entity as Inbounds, Model as Inbound, NewReply, forget_replies, record_replies, replies_of, replies_to,
};
pub use report::{Known, Reported, Status};
pub use reported::StatusesReported;
pub use routes::configure;
pub use status::{Model as StatusRow, Recorded, last_status_at, record};
pub use used::codes_used;
