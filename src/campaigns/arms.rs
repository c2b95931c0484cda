//! The arms of a campaign's experiment, and what a platform says of them.

use sea_orm::entity::prelude::{DeriveActiveEnum, EnumIter, StringLen};
use serde::{Deserialize, Serialize};

use super::holdout::{below, place};
use super::offer::Offer;
use super::terms::Wrong;

/// What a recipient is given.
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
pub enum Arm {
    /// Left alone: neither message nor code nor link.
    Nothing,
    /// A message with a link, and no code: all there is of a campaign without an offer.
    Message,
    /// A message with a code and a link.
    MessageAndCode,
}

/// Shares of the arms; they sum to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arms {
    /// Share of recipients left alone.
    #[schema(example = 0.1)]
    pub nothing: f64,
    /// Share that gets the message with its link, and no code.
    #[schema(example = 0.45)]
    pub message: f64,
    /// Share that gets the message with its code.
    #[schema(example = 0.45)]
    pub message_and_code: f64,
}

impl Arms {
    /// What is wrong with them: the field, and what to write instead.
    pub fn check(&self, offer: Option<&Offer>) -> Result<(), Wrong> {
        let all = [self.nothing, self.message, self.message_and_code];
        if offer.is_none() {
            return Err(("arms", "A campaign without an offer has no code to leave out: say `holdout` instead."));
        }
        if !all.iter().all(|share| (0.0..=1.0).contains(share)) || all.map(ppm).iter().sum::<i32>() != 1_000_000 {
            return Err(("arms", "Give three shares from 0 to 1 that sum to 1, with at most six decimals."));
        }
        if self.nothing > 0.9 {
            return Err(("arms.nothing", "Choose a share from 0 to 0.9."));
        }
        if self.message <= 0.0 || self.message_and_code <= 0.0 {
            return Err(("arms", "Both messages need a share above 0; with only one of them say `holdout` instead."));
        }
        Ok(())
    }

    /// Shares in millionths: left alone, and with a message alone.
    pub fn shares(&self) -> (i32, i32) {
        (ppm(self.nothing), ppm(self.message))
    }

    /// From shares in millionths; `None`: nobody gets a message alone on purpose.
    pub fn of(nothing_ppm: i32, message_ppm: i32) -> Option<Self> {
        let share = |ppm: i32| f64::from(ppm) / 1_000_000.0;
        (message_ppm > 0).then(|| Self {
            nothing: share(nothing_ppm),
            message: share(message_ppm),
            message_and_code: share(1_000_000 - nothing_ppm - message_ppm),
        })
    }
}

/// A share in millionths.
#[expect(clippy::cast_possible_truncation, reason = "checked to lie between 0 and 1")]
pub(super) fn ppm(share: f64) -> i32 {
    (share * 1_000_000.0).round() as i32
}

/// How a campaign's recipients are divided.
#[derive(Clone, Copy, Debug)]
pub struct Split {
    /// Left alone, in millionths.
    pub nothing_ppm: i32,
    /// With a message alone, in millionths.
    pub message_ppm: i32,
    /// Whether the rest gets a code.
    pub offer: bool,
}

impl Split {
    /// The arm of a recipient (`measurement.md` §6): where they stand between 0 and 1 decides, and that is a pure function
    /// of shop, experiment and key. Whoever is left alone under a small share is left alone under every larger one.
    pub fn arm(&self, shop_key: &[u8; 32], experiment: &str, recipient_key: &str) -> Arm {
        let place = place(shop_key, experiment, recipient_key);
        let share = |ppm: i32| u32::try_from(ppm).unwrap_or(0);
        if below(place, share(self.nothing_ppm)) {
            Arm::Nothing
        } else if !self.offer || below(place, share(self.nothing_ppm.saturating_add(self.message_ppm))) {
            Arm::Message
        } else {
            Arm::MessageAndCode
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: Offer = Offer::FreeShipping {};

    #[test]
    fn three_arms_get_their_shares_and_agree_with_the_holdout() {
        let split = Split { nothing_ppm: 100_000, message_ppm: 450_000, offer: true };
        let mut counts = [0_i64; 3];
        for i in 0..20_000 {
            let key = format!("r{i}");
            let arm = split.arm(&[3; 32], "exp", &key);
            counts[arm as usize] += 1;
            assert_eq!(arm == Arm::Nothing, super::super::held_out(&[3; 32], "exp", &key, 100_000));
        }
        // Five standard deviations of a binomial with n = 20,000.
        assert!((counts[0] - 2_000).abs() < 212, "{counts:?}");
        assert!((counts[1] - 9_000).abs() < 352 && (counts[2] - 9_000).abs() < 352, "{counts:?}");
    }

    #[test]
    fn without_an_offer_there_is_no_third_arm() {
        let split = Split { nothing_ppm: 0, message_ppm: 0, offer: false };
        assert_eq!(split.arm(&[3; 32], "exp", "r"), Arm::Message);
        assert_eq!(Split { offer: true, ..split }.arm(&[3; 32], "exp", "r"), Arm::MessageAndCode);
    }

    #[test]
    fn shares_must_be_whole() {
        let arms = |nothing, message, message_and_code| Arms { nothing, message, message_and_code };
        assert_eq!(arms(0.1, 0.45, 0.45).check(Some(&OFFER)), Ok(()));
        assert_eq!(arms(0.1, 0.2, 0.7).check(Some(&OFFER)), Ok(()));
        assert!(arms(0.1, 0.45, 0.44).check(Some(&OFFER)).is_err());
        assert!(arms(0.95, 0.02, 0.03).check(Some(&OFFER)).is_err());
        assert!(arms(0.1, 0.9, 0.0).check(Some(&OFFER)).is_err());
        assert!(arms(f64::NAN, 0.5, 0.5).check(Some(&OFFER)).is_err());
        assert!(arms(0.1, 0.45, 0.45).check(None).is_err());
        assert_eq!(Arms::of(100_000, 450_000), Some(arms(0.1, 0.45, 0.45)));
        assert_eq!(Arms::of(100_000, 0), None);
    }
}
