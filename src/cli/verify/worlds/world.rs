//! A world whose truth is known: recipients who buy by chance, spend by chance and give back by chance, and messages with a
//! known effect on both. No shop and no HTTP: only what an experiment is made of.
//!
//! What makes measuring hard is in it: few buy, order values have a long tail, loyal customers buy more often and are most of
//! the sales, some orders come back in full, in part, or with more than was paid.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::stats::{ArmMoments, Spent, quantile};

/// Of recipients, those who bought before.
const LOYAL: f64 = 0.3;
/// How much more often than the average they buy; the others buy so much less that the average stays.
const LOYAL_BUYS: f64 = 1.75;
/// The middle of order values, minor units, on the log scale; and how wide they lie.
const MIDDLE: f64 = 8.4;
const WIDTH: f64 = 0.8;
/// What a loyal customer spends follows what they spent: this much of the log of it.
const FOLLOWS: f64 = 0.5;
/// What becomes of an order: the share of orders, and what is kept of their value.
const FATES: [(f64, f64); 3] = [(0.06, 0.0), (0.04, 0.5), (0.004, -0.2)];

/// What a message does: in per cent of the chance to buy, and of what is spent then.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Effect {
    pub chance: f64,
    pub value: f64,
}

/// A campaign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct World {
    pub recipients: u32,
    /// The share held out.
    pub share: f64,
    /// The chance to buy unaided.
    pub base: f64,
    /// Of the message.
    pub effect: Effect,
    /// Over how many days recipients come.
    pub days: u32,
    /// How many campaigns they all get, one after the other; what they spend adds up.
    pub campaigns: u32,
}

/// One arm of a campaign as it was lived.
#[derive(Clone, Debug, Default)]
pub struct Arm {
    /// By the day on which recipients came.
    pub days: Vec<ArmMoments>,
    /// What buyers spent, as far as it is not 0.
    pub amounts: Vec<i64>,
}

impl Arm {
    fn new(days: u32) -> Self {
        Self { days: (0..days).map(|_| ArmMoments::default()).collect(), amounts: Vec::new() }
    }

    fn met(&mut self, day: u32, spent: &Spent) {
        if let Some(day) = usize::try_from(day).ok().and_then(|day| self.days.get_mut(day)) {
            day.add(spent);
        }
        if spent.revenue != 0 {
            self.amounts.push(spent.revenue);
        }
    }

    /// The whole arm.
    pub fn whole(&self) -> ArmMoments {
        let mut whole = ArmMoments::default();
        self.days.iter().for_each(|day| whole.merge(day));
        whole
    }
}

/// The dice of one world of a run.
pub fn dice(seed: u64, line: u64, world: u64) -> StdRng {
    let mixed = [line, world].into_iter().fold(seed, |state, part| {
        (state ^ part).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_add(0xd1b5_4a32_d192_ed03)
    });
    StdRng::seed_from_u64(mixed)
}

impl World {
    /// Lives it: holdout and treated.
    pub fn live(&self, luck: &mut StdRng) -> (Arm, Arm) {
        let (mut holdout, mut treated) = (Arm::new(self.days), Arm::new(self.days));
        for one in 0..self.recipients {
            let day = one % self.days.max(1);
            let held = luck.random_bool(self.share);
            let (arm, effect) = if held { (&mut holdout, Effect::default()) } else { (&mut treated, self.effect) };
            arm.met(day, &recipient(luck, self.base, effect, self.campaigns));
        }
        (holdout, treated)
    }

    /// Three arms in thirds: nothing, the message alone, the message with a code.
    pub fn live_in_thirds(&self, message: Effect, code: Effect, luck: &mut StdRng) -> [Arm; 3] {
        let mut arms = [Arm::new(self.days), Arm::new(self.days), Arm::new(self.days)];
        for one in 0..self.recipients {
            let which = luck.random_range(0..3_usize);
            let effect = [Effect::default(), message, code][which];
            arms[which].met(one % self.days.max(1), &recipient(luck, self.base, effect, self.campaigns));
        }
        arms
    }

    /// The expected difference a recipient, in minor units.
    pub fn truth(&self) -> f64 {
        f64::from(self.campaigns) * (expected(self.base, self.effect) - expected(self.base, Effect::default()))
    }

    /// The expected difference of the shares that buy in one campaign.
    pub fn truth_of_shares(&self) -> f64 {
        self.base * self.effect.chance
    }

    /// The expected difference of revenue of one campaign that counts at most `cap`.
    pub fn truth_below(&self, cap: f64) -> f64 {
        expected_below(self.base, self.effect, cap) - expected_below(self.base, Effect::default(), cap)
    }
}

/// The chance to buy by class: the class's share, its chance.
fn classes(base: f64) -> [(f64, f64); 2] {
    [(LOYAL, base * LOYAL_BUYS), (1.0 - LOYAL, base * (1.0 - LOYAL * LOYAL_BUYS) / (1.0 - LOYAL))]
}

fn recipient(luck: &mut StdRng, base: f64, effect: Effect, campaigns: u32) -> Spent {
    let loyal = luck.random_bool(LOYAL);
    let habit = if loyal { normal(luck) } else { 0.0 };
    let before = if loyal { minor((MIDDLE + WIDTH * habit).exp()) } else { 0 };
    let follows = if loyal { FOLLOWS } else { 0.0 };
    let width = WIDTH * (1.0 - follows * follows).sqrt();
    let chance = classes(base)[usize::from(!loyal)].1 * (1.0 + effect.chance);
    let mut spent = Spent { revenue: 0, bought: false, before: Some(before) };
    for _ in 0..campaigns {
        if luck.random_bool(chance.clamp(0.0, 1.0)) {
            let value = (MIDDLE + WIDTH * follows * habit + width * normal(luck)).exp() * (1.0 + effect.value);
            spent.bought = true;
            spent.revenue += minor(value * kept(luck));
        }
    }
    spent
}

fn kept(luck: &mut StdRng) -> f64 {
    let mut place: f64 = luck.random();
    for (share, kept) in FATES {
        if place < share {
            return kept;
        }
        place -= share;
    }
    1.0
}

/// Every fate: its share, and what is kept.
fn fates() -> impl Iterator<Item = (f64, f64)> {
    let rest = 1.0 - FATES.iter().map(|(share, _)| share).sum::<f64>();
    FATES.into_iter().chain([(rest, 1.0)])
}

/// What a recipient spends, expected. Both classes' order values have the same width, so their chances add up to the base.
pub fn expected(base: f64, effect: Effect) -> f64 {
    let order = (MIDDLE + WIDTH * WIDTH / 2.0).exp() * (1.0 + effect.value);
    let kept: f64 = fates().map(|(share, kept)| share * kept).sum();
    base * (1.0 + effect.chance) * order * kept
}

/// The same with every revenue counted at most `cap`: E min(V, c) of a lognormal V.
fn expected_below(base: f64, effect: Effect, cap: f64) -> f64 {
    let middle = MIDDLE + (1.0 + effect.value).ln();
    let below = |kept: f64| {
        if kept <= 0.0 {
            return kept * (middle + WIDTH * WIDTH / 2.0).exp();
        }
        let middle = middle + kept.ln();
        let place = (cap.ln() - middle) / WIDTH;
        (middle + WIDTH * WIDTH / 2.0).exp() * quantile::normal_below(place - WIDTH)
            + cap * (1.0 - quantile::normal_below(place))
    };
    base * (1.0 + effect.chance) * fates().map(|(share, kept)| share * below(kept)).sum::<f64>()
}

/// A standard normal (Box, Muller 1958).
pub fn normal(luck: &mut StdRng) -> f64 {
    let (radius, angle): (f64, f64) = (1.0 - luck.random::<f64>(), luck.random());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

#[expect(clippy::cast_possible_truncation, reason = "an order is smaller than 2⁶³")]
fn minor(value: f64) -> i64 {
    value.round() as i64
}
