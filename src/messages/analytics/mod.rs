//! Meta's template analytics: what Meta counts of a message template on a day, handed in by whoever may ask Meta. A second
//! witness beside our own redirect, and no evidence: its numbers are per template, never per recipient.
//!
//! 1. A number belongs to a template. Which campaigns send the template is told beside it, and several may.
//! 2. Handed in again, or in another order, the same answers end in the same numbers (see `stand.rs`).
//! 3. What Meta leaves out is not told, which is not nought: it counts nothing for accounts in the EU, the UK and Japan,
//!    no clicks where link tracking is off, and reads and clicks for seven days after sending only ("Analytics", 2026-04-20).

mod figure;
mod routes;
mod stand;
mod used;

use sea_orm::{ConnectionTrait, DbErr};

use crate::campaigns::CampaignId;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::whatsapp::template_analytics::Told;

pub use figure::{
    COLUMN as TEMPLATE_FIGURE, Column as TemplateFigureColumn, Entity as TemplateFigures, Figure,
    Model as TemplateFigure,
};
pub use routes::configure;
pub use used::{Entity as CampaignTemplates, Model as CampaignTemplate, templates_of};

/// Keeps what Meta answered at `told_at` about the templates of a campaign.
async fn record(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    campaign: CampaignId,
    told: &Told,
    told_at: Timestamp,
) -> Result<(), DbErr> {
    used::record(txn, shop, campaign, &told.templates).await?;
    stand::record(txn, shop, told, told_at).await
}
