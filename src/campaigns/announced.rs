//! News for the rooms below: this campaign exists, or its audience changed.
//!
//! This room only promises the job. What it does stands in `codes/refill.rs`: news travels down, imports do not.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use super::campaign::{CampaignId, Model};
use crate::app::App;
use crate::jobs;
use crate::kernel::Timestamp;

/// A campaign that may need codes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Announced(pub CampaignId);

impl Announced {
    /// Promises it in the caller's transaction; once per campaign, however often it is said.
    pub async fn enqueue(db: &impl ConnectionTrait, app: &App, campaign: &Model, now: Timestamp) -> Result<(), DbErr> {
        if campaign.offer.is_none() {
            return Ok(());
        }
        let once = Some(Self::key(campaign));
        jobs::enqueue(db, &app.chance, campaign.shop_id, &Self(campaign.id), once, now, now).await
    }

    /// What the job is kept under.
    pub fn key(campaign: &Model) -> String {
        format!("fill:{}", campaign.id)
    }
}
