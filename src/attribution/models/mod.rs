//! How credit is shared over what touched an order: our messages, and other channels by name. A new model is one file here and one variant.
//!
//! All of these *share* credit; none of them proves cause.

mod last_touch;

use sea_orm::Iterable;
use sea_orm::entity::prelude::{DeriveActiveEnum, EnumIter, StringLen};
use serde::{Deserialize, Serialize};

use super::journey::Channel;
use crate::campaigns::CampaignId;
use crate::kernel::Timestamp;
use crate::kernel::id::MessageId;
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

/// Whom a share goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credited {
    /// A message of ours, and its campaign.
    Message(MessageId, CampaignId),
    /// Another channel.
    Channel(Channel),
}

/// One touch of a journey as the models see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touchpoint {
    /// Whose it was.
    pub by: Credited,
    /// When it touched the order.
    pub at: Timestamp,
}

/// What a model looks at.
#[derive(Clone, Copy, Debug)]
pub struct Journey<'a> {
    /// What touched the order, oldest first.
    pub touchpoints: &'a [Touchpoint],
    /// When it was placed.
    pub ordered_at: Timestamp,
}

/// A share of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credit {
    /// By which model.
    pub model: Model,
    /// Which of the model's shares, by time.
    pub place: i32,
    /// Whom it goes to.
    pub to: Credited,
    /// Minor units.
    pub minor: i64,
}

impl Model {
    /// Weights over the touchpoints of a journey.
    fn weights(self, journey: &Journey<'_>) -> Vec<u64> {
        match self {
            Self::LastTouch => last_touch::weights(journey),
        }
    }
}

/// Shares a value over a journey by every model. Per model the shares sum to the value exactly.
pub fn credits(journey: &Journey<'_>, value: i64) -> Vec<Credit> {
    let shares = |model: Model| {
        let parts = split_minor(value, &model.weights(journey));
        let shares = journey.touchpoints.iter().zip(parts).filter(|(_, minor)| *minor != 0);
        (0..).zip(shares).map(move |(place, (touch, minor))| Credit { model, place, to: touch.by, minor }).collect()
    };
    Model::iter().flat_map(|model| -> Vec<Credit> { shares(model) }).collect()
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
                by: match i % 3 {
                    0 => Credited::Channel(Channel::Email),
                    _ => Credited::Message(MessageId(Uuid::from_u128(i as u128)), CampaignId(Uuid::from_u128(1))),
                },
                at: Timestamp::from_seconds(*at),
            };
            let touchpoints: Vec<_> = times.iter().enumerate().map(touch).collect();
            let journey = Journey { touchpoints: &touchpoints, ordered_at: Timestamp::from_seconds(1_000_000) };
            for model in Model::iter() {
                let of_model: Vec<Credit> = credits(&journey, value).into_iter().filter(|credit| credit.model == model).collect();
                prop_assert_eq!(of_model.iter().map(|credit| credit.minor).sum::<i64>(), value);
                prop_assert!(of_model.iter().zip(0..).all(|(credit, place)| credit.place == place));
            }
        }
    }
}
