//! News for the rooms below: this campaign was changed or archived, and its discounts at Shopify should follow.
//!
//! This room only promises the job. What it does stands in `codes/shopify/follow.rs`: news travels down, imports do not.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use super::campaign::{CampaignId, Model};
use crate::app::App;
use crate::jobs;
use crate::kernel::Timestamp;

/// A campaign whose discounts may have to change.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Changed(pub CampaignId);

impl Changed {
    /// Promises it in the caller's transaction; once per campaign, however often it is said.
    pub async fn enqueue(db: &impl ConnectionTrait, app: &App, campaign: &Model, now: Timestamp) -> Result<(), DbErr> {
        let once = Some(format!("retire:{}", campaign.id));
        jobs::enqueue(db, &app.chance, campaign.shop_id, &Self(campaign.id), once, now, now).await
    }
}
