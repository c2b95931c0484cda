//! How credit is shared over the messages that touched an order. A new model is one file here and one variant.
//!
//! All of these *share* credit; none of them proves cause.

mod last_touch;

use sea_orm::Iterable;
use sea_orm::entity::prelude::{DeriveActiveEnum, EnumIter, StringLen};
use serde::{Deserialize, Serialize};

use crate::campaigns::{CampaignId, MessageId};
use crate::kernel::Timestamp;
use crate::kernel::money::split_minor;

/// A rule that shares an order's value.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = CreditModel)]
pub enum Model {
    /// All on the last message that touched the order.
    LastTouch,
}

/// A message seen from an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touchpoint {
    /// The message.
    pub message: MessageId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// When it touched the order.
    pub at: Timestamp,
}

/// A message's share of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// By which model.
    pub model: Model,
    /// The message.
    pub message: MessageId,
    /// Its campaign.
    pub campaign: CampaignId,
    /// Minor units.
    pub minor: i64,
}

impl Model {
    /// Weights over touchpoints, oldest first.
    fn weights(self, touchpoints: &[Touchpoint]) -> Vec<u64> {
        match self {
            Self::LastTouch => last_touch::weights(touchpoints),
        }
    }
}

/// Shares a value over touchpoints (oldest first) by every model. Per model the shares sum to the value exactly.
pub fn credits(touchpoints: &[Touchpoint], value: i64) -> Vec<Credit> {
    Model::iter()
        .flat_map(|model| {
            let parts = split_minor(value, &model.weights(touchpoints));
            let shares = touchpoints.iter().zip(parts).filter(|(_, minor)| *minor != 0);
            let shares =
                shares.map(move |(t, minor)| Credit { model, message: t.message, campaign: t.campaign, minor });
            shares.collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    proptest! {
        #[test]
        fn credits_sum_to_the_order(value in -1_000_000_i64..100_000_000, times in prop::collection::vec(0_i64..1_000_000, 1..12)) {
            let touch = |(i, at): (usize, &i64)| Touchpoint {
                message: MessageId(Uuid::from_u128(i as u128)),
                campaign: CampaignId(Uuid::from_u128(1)),
                at: Timestamp::from_seconds(*at),
            };
            let touchpoints: Vec<_> = times.iter().enumerate().map(touch).collect();
            for model in Model::iter() {
                let sum: i64 = credits(&touchpoints, value).iter().filter(|credit| credit.model == model).map(|credit| credit.minor).sum();
                prop_assert_eq!(sum, value);
            }
        }
    }
}
