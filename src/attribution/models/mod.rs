//! How credit is shared over what touched an order: our messages, and other channels by name. A new model is one file here
//! and one variant.
//!
//! All of these *share* credit; none of them proves cause.

mod first_touch;
mod last_non_direct;
mod last_touch;
mod linear;
pub mod markov;
mod paths;
mod position_based;
pub mod shapley;
mod time_decay;

pub use paths::{Path, Paths};

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
    /// All on the message the evidence leads to, whatever came later.
    Originating,
    /// All on the first touch, whoever it was.
    FirstTouch,
    /// All on the last touch, whoever it was.
    LastTouch,
    /// All on the last touch that came from somewhere.
    LastNonDirect,
    /// The same to each.
    Linear,
    /// 40 % to the first and to the last, the rest to those between.
    PositionBased,
    /// The more the later it was, half as much for every seven days.
    TimeDecay,
}

/// One touch as a rule sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Whether it came from nowhere that is known.
    pub direct: bool,
    /// How long before the order, in microseconds.
    pub age_micros: i64,
}

/// A rule that weighs the touches of one journey, oldest first; only the proportion of the weights matters.
pub type Rule = fn(&[Seen]) -> Vec<u64>;

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
    /// Whom the evidence leads to.
    pub originating: Credited,
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
    /// Its rule, if it shares by the touches of one journey.
    pub fn rule(self) -> Option<Rule> {
        Some(match self {
            Self::Originating => return None,
            Self::FirstTouch => first_touch::weights,
            Self::LastTouch => last_touch::weights,
            Self::LastNonDirect => last_non_direct::weights,
            Self::Linear => linear::weights,
            Self::PositionBased => position_based::weights,
            Self::TimeDecay => time_decay::weights,
        })
    }

    /// Its name, as reports and files write it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Originating => "originating",
            Self::FirstTouch => "first_touch",
            Self::LastTouch => "last_touch",
            Self::LastNonDirect => "last_non_direct",
            Self::Linear => "linear",
            Self::PositionBased => "position_based",
            Self::TimeDecay => "time_decay",
        }
    }

    /// Reads that name.
    pub fn called(word: &str) -> Option<Self> {
        Self::iter().find(|model| model.word() == word)
    }
}

/// Shares a value over a journey by every model. Per model the shares sum to the value exactly.
pub fn credits(journey: &Journey<'_>, value: i64) -> Vec<Credit> {
    let touches: Vec<Seen> = journey
        .touchpoints
        .iter()
        .map(|touch| Seen {
            direct: touch.by == Credited::Channel(Channel::Direct),
            age_micros: journey.ordered_at.micros() - touch.at.micros(),
        })
        .collect();
    let mut credits = Vec::new();
    for model in Model::iter() {
        let shares: Vec<(Credited, i64)> = match model.rule() {
            None => vec![(journey.originating, value)],
            Some(rule) => {
                let parts = split_minor(value, &rule(&touches));
                journey.touchpoints.iter().map(|touch| touch.by).zip(parts).collect()
            }
        };
        let shares = (0..).zip(shares.into_iter().filter(|(_, minor)| *minor != 0));
        credits.extend(shares.map(|(place, (to, minor))| Credit { model, place, to, minor }));
    }
    credits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn rule(name: &str) -> Rule {
        Model::called(name).unwrap().rule().unwrap()
    }

    /// Figures of `measurement.md` §4.
    #[test]
    fn rules_share_as_published() {
        let touch = |direct, days: i64| Seen { direct, age_micros: days * 86_400_000_000 };
        let path = [touch(true, 3), touch(false, 2), touch(true, 1)];
        let split = |name, value, path: &[Seen]| split_minor(value, &rule(name)(path));
        assert_eq!(split("first_touch", 14_000, &path), [14_000, 0, 0]);
        assert_eq!(split("last_touch", 14_000, &path), [0, 0, 14_000]);
        assert_eq!(split("last_non_direct", 14_000, &path), [0, 14_000, 0]);
        assert_eq!(split("linear", 14_000, &path), [4_667, 4_667, 4_666]);
        assert_eq!(split("position_based", 14_000, &path), [5_600, 2_800, 5_600]);
        assert_eq!(split("position_based", 6_650, &path[..2]), [3_325, 3_325]);
        let aged = |days: &[i64]| days.iter().map(|days| touch(false, *days)).collect::<Vec<_>>();
        let five = split("time_decay", 1_200_000, &aged(&[38, 33, 26, 8, 0]));
        assert_eq!(five, [17_519, 28_744, 57_488, 341_704, 754_545]);
        assert_eq!(split("time_decay", 10_000, &aged(&[28, 21, 14, 7])), [667, 1_333, 2_667, 5_333]);
        let old = split("time_decay", 100, &aged(&[40_000, 0]));
        assert_eq!(old, [0, 100], "however old, nothing overflows");
        assert_eq!(split("last_non_direct", 9, &[touch(true, 1), touch(true, 0)]), [0, 9]);
    }

    /// Each path: its channels, what it was worth if it ended in an order, how often it did and did not.
    fn toy() -> Paths {
        let mut paths = Paths::default();
        for (path, value, conversions, null) in [
            ("A>B>C", 10.0, 1.0, 0.0),
            ("A>B", 0.0, 0.0, 1.0),
            ("C", 5.0, 1.0, 0.0),
            ("B>C", 8.0, 1.0, 0.0),
            ("A", 0.0, 0.0, 1.0),
            ("C>C>B", 12.0, 1.0, 0.0),
            ("B", 0.0, 0.0, 1.0),
            ("A>C", 7.0, 1.0, 0.0),
        ] {
            let touches = path.split('>').map(|name| paths.channel(name)).collect();
            paths.paths.push(Path { touches, conversions, value, null });
        }
        paths
    }

    #[test]
    fn the_toy_journeys_come_out_as_published() {
        let toy = toy();
        let near = |found: &[f64], known: [f64; 3]| {
            assert!(found.iter().zip(known).all(|(found, known)| (found - known).abs() < 1e-6), "{found:?} {known:?}");
        };
        let values = |name: &str| -> Vec<f64> {
            let seen = |touches: &[usize]| rule(name)(&vec![Seen { direct: false, age_micros: 0 }; touches.len()]);
            toy.shared(seen).into_iter().map(|(_, value)| value).collect()
        };
        near(&values("first_touch"), [17.0, 8.0, 17.0]);
        near(&values("last_touch"), [0.0, 12.0, 30.0]);
        near(&values("linear"), [6.833_333, 11.333_333, 23.833_333]);
        near(&values("position_based"), [7.5, 10.8, 23.7]);
        near(&markov::removal_effects(&toy).unwrap(), [0.408_696, 0.52, 0.84]);
        near(&shapley::shares(&toy).unwrap(), [-0.097_222, -0.055_556, 0.777_778]);

        let mut mailing = Paths::default();
        for (path, conversions, null) in [("google", 2.0, 1.0), ("mailing", 1.0, 0.0), ("google>mailing", 1.0, 0.0)] {
            let touches = path.split('>').map(|name| mailing.channel(name)).collect();
            mailing.paths.push(Path { touches, conversions, value: 0.0, null });
        }
        let effects = markov::removal_effects(&mailing).unwrap();
        assert!((effects[0] - 0.75).abs() < 1e-12 && (effects[1] - 0.5).abs() < 1e-12, "{effects:?}");
        assert_eq!(markov::removal_effects(&Paths::default()), None);
    }

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
            let originating = touchpoints[0].by;
            let journey = Journey { touchpoints: &touchpoints, originating, ordered_at: Timestamp::from_seconds(1_000_000) };
            for model in Model::iter() {
                let of_model: Vec<Credit> = credits(&journey, value).into_iter().filter(|credit| credit.model == model).collect();
                prop_assert_eq!(of_model.iter().map(|credit| credit.minor).sum::<i64>(), value);
                prop_assert!(of_model.iter().zip(0..).all(|(credit, place)| credit.place == place));
            }
        }
    }
}
