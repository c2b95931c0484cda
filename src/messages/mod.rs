//! 5. One row per WhatsApp message, and what became of it.
//!
//! ```text
//! issued ──▶ sent ──▶ delivered ──▶ read        failed: never delivered; a later `delivered` wins over it
//! ```
//!
//! 1. Asking again for the same recipient of a campaign answers the same message.
//! 2. A held-out recipient has no message, no code, no link.
//! 3. Statuses are facts with the time they happened; the message shows the earliest of each kind, so the order in
//!    which we hear of them changes nothing.

mod analytics;
mod answer;
mod batcher;
mod callback;
mod compose;
mod drawn;
mod list;
mod message;
mod meta_click;
mod pace;
mod person;
mod preview;
mod refusals;
mod replace;
mod replacement;
mod reported;
mod routes;
mod status;

pub use analytics::{
    CampaignTemplate, CampaignTemplates, Figure, TEMPLATE_FIGURE, TemplateFigure, TemplateFigureColumn,
    TemplateFigures, templates_of,
};
pub use answer::Answer;
pub use batcher::Batcher;
pub use callback::{make as callback_data, read as read_callback};
pub use drawn::{Drawn, drawn_for};
pub use message::{COLUMN as MESSAGE, Column as MessageColumn, Entity as Messages, Model as Message};
pub use meta_click::{
    COLUMN as META_CLICK, Column as MetaClickColumn, Entity as MetaClicks, MetaClick, Model as MetaClickRow,
    record as record_meta_clicks,
};
pub use person::{drop_old_statuses, forget, messages_of, statuses_of};
pub use replacement::{
    COLUMN as REPLACEMENT, Column as ReplacementColumn, Entity as Replacements, Model as Replacement,
    Reason as ReplacementReason,
};
pub use reported::StatusesReported;
pub use routes::configure;
pub use status::{Known, Model as StatusRow, Recorded, Reported, Status, record};
