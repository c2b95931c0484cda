//! Trouble of the Admin API by rate: a script for long runs, hanging on the world's seed.
//!
//! | trouble | what the app sees | what happened |
//! | --- | --- | --- |
//! | `too_many` | 429 with `Retry-After` | nothing |
//! | `throttled` | 200 with `THROTTLED` | nothing |
//! | `broken` | 502 | for every second one nothing, for the others all |
//! | `lost_before` | the answer breaks off | nothing |
//! | `lost_after` | the answer breaks off | all |
//! | `partial` | a bulk add with a creation **and** `userErrors` | all but a few codes, which it names |
//! | `refused` | single codes of a creation fail (`INTERNAL_ERROR`) | all but those |
//! | `taken` | a code is TAKEN | another app made a discount with it a moment before |
//! | `forgotten` | the creation is unknown (null) | its codes are imported all the same |
//! | `stuck` | the creation is never done | its codes are imported all the same |
//!
//! The first five strike any call, the others what they are about: bulk adds, and `taken` new discounts too.

use super::discounts::Discount;
use crate::simulator::dice::{Luck, dice};
use crate::simulator::state::State;

/// How often what goes wrong; probabilities per call.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct AdminTrouble {
    /// Too many requests.
    pub too_many: f64,
    /// Throttled, though there are points.
    pub throttled: f64,
    /// A failure of Shopify's own.
    pub broken: f64,
    /// The connection ends before anything was done.
    pub lost_before: f64,
    /// The connection ends after everything was done.
    pub lost_after: f64,
    /// A bulk add leaves codes out and says so.
    pub partial: f64,
    /// A bulk add's codes fail one by one.
    pub refused: f64,
    /// Somebody else has a code first.
    pub taken: f64,
    /// A creation is not known afterwards.
    pub forgotten: f64,
    /// A creation is never done.
    pub stuck: f64,
}

impl AdminTrouble {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self::default()
    }

    /// So large a share of all calls goes wrong as a call; and as large a share of bulk adds in what they bring.
    pub fn of(share: f64) -> Self {
        let (call, add) = (share / 5.0, share / 4.0);
        Self {
            too_many: call,
            throttled: call,
            broken: call,
            lost_before: call,
            lost_after: call,
            partial: add,
            refused: add,
            taken: add,
            forgotten: add / 2.0,
            stuck: add / 2.0,
        }
    }
}

/// What strikes a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strike {
    TooMany,
    Throttled,
    BrokenBefore,
    BrokenAfter,
    LostBefore,
    LostAfter,
}

/// What strikes a bulk add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mischief {
    Partial,
    Refused,
    Taken,
    Forgotten,
    Stuck,
}

fn first<T: Copy>(roll: f64, chances: &[(f64, T)]) -> Option<T> {
    let mut sum = 0.0;
    chances.iter().find_map(|(chance, what)| {
        sum += chance;
        (roll < sum).then_some(*what)
    })
}

/// A number in 0..1.
fn roll(luck: &mut impl Luck) -> f64 {
    luck.between(0, 999_999) as f64 / 1_000_000.0
}

impl State {
    /// What strikes the call under way.
    pub(super) fn strike(&mut self) -> Option<Strike> {
        let t = self.trouble;
        let chances = [
            (t.too_many, Strike::TooMany),
            (t.throttled, Strike::Throttled),
            (t.broken / 2.0, Strike::BrokenBefore),
            (t.broken / 2.0, Strike::BrokenAfter),
            (t.lost_before, Strike::LostBefore),
            (t.lost_after, Strike::LostAfter),
        ];
        let strike = first(roll(&mut dice(self.seed, "strike", self.admin_calls)), &chances);
        self.strikes += u64::from(strike.is_some());
        strike
    }

    /// What strikes the bulk add under way.
    pub(super) fn mischief(&mut self) -> Option<Mischief> {
        let t = self.trouble;
        let chances = [
            (t.partial, Mischief::Partial),
            (t.refused, Mischief::Refused),
            (t.taken, Mischief::Taken),
            (t.forgotten, Mischief::Forgotten),
            (t.stuck, Mischief::Stuck),
        ];
        let mischief = first(roll(&mut dice(self.seed, "mischief", self.admin_calls)), &chances);
        self.strikes += u64::from(mischief.is_some());
        mischief
    }

    /// Places of a few of so many codes.
    pub(super) fn few_of(&self, codes: usize) -> Vec<usize> {
        let mut luck = dice(self.seed, "few", self.admin_calls);
        let most = i64::try_from(codes).unwrap_or(1) - 1;
        let mut places: Vec<usize> =
            (0..=luck.between(0, 4)).map(|_| usize::try_from(luck.between(0, most.max(0))).unwrap_or(0)).collect();
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Another app makes a discount with this code, unless somebody has it.
    pub(super) fn stranger_takes(&mut self, domain: &str, code: &str) {
        let now = self.clock.now();
        if let Some(shop) = self.shops.get_mut(domain)
            && shop.discounts.find(code).is_none()
        {
            shop.discounts.add(Discount { title: "Another app's".into(), ..Discount::of_the_house(now) }, code);
        }
    }
}
