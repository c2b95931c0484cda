//! News: this campaign exists, or its audience changed.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use super::campaign::{CampaignId, Model};
use crate::app::App;
use crate::kernel::Timestamp;
use crate::news::{self, News};

/// A campaign that may need codes.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct CampaignAnnounced(pub CampaignId);

impl CampaignAnnounced {
    /// Tells it in the caller's transaction, of a campaign that offers something.
    pub async fn tell(db: &impl ConnectionTrait, app: &App, campaign: &Model, now: Timestamp) -> Result<(), DbErr> {
        if campaign.offer.is_none() {
            return Ok(());
        }
        news::tell(db, app, campaign.shop_id, &Self(campaign.id), now).await
    }
}

impl News for CampaignAnnounced {
    const NAME: &'static str = "campaigns.announced";

    /// Once per campaign, however often it is said.
    fn key(&self) -> Option<String> {
        Some(format!("fill:{}", self.0))
    }
}
