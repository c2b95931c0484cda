//! News: this campaign was changed or archived, and its discounts at Shopify should follow.

use serde::{Deserialize, Serialize};

use super::campaign::CampaignId;
use crate::news::News;

/// A campaign whose discounts may have to change.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct CampaignChanged(pub CampaignId);

impl News for CampaignChanged {
    const NAME: &'static str = "campaigns.changed";

    /// Once per campaign, however often it is said.
    fn key(&self) -> Option<String> {
        Some(format!("retire:{}", self.0))
    }
}
