//! One arm, summed up: what every interval needs of a million recipients, kept additively.
//!
//! 1. Everything is a whole number, so sums do not depend on the order in which facts came, two halves merge into the same
//!    whole, and what is taken back leaves nothing behind.
//! 2. Nothing cancels: variances come from n·Σy² − (Σy)² in whole numbers.
//! 3. Logarithms are whole too, in [`UNIT`]s: the tenth digit of a variance of logs is still right.

use super::{Sample, Why, cuped::Cuped, sample::count, welch::welch};

/// One part in 10¹²: how exactly logarithms are kept.
const UNIT: f64 = 1e12;

/// What one recipient did within the horizon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Net revenue, minor units: 0 after a full refund, below 0 where more was given back than paid.
    pub revenue: i64,
    /// Whether they bought, whatever was given back later.
    pub bought: bool,
    /// What they had spent before eligibility, minor units; `None`: not known.
    pub before: Option<i64>,
}

/// An arm as sums.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ArmMoments {
    /// Recipients.
    pub n: i64,
    /// Those who bought.
    pub buyers: i64,
    /// Those whose net revenue is above 0.
    pub paying: i64,
    /// Σ y: net revenue.
    pub revenue: i128,
    /// Σ y².
    pub revenue_squares: i128,
    /// Σ ln y of those paying, in parts of 10¹².
    pub logs: i128,
    /// Σ (ln y)² of those paying, in parts of 10²⁴.
    pub log_squares: i128,
    /// Σ of what was given back beyond what was paid: −y where y is below 0.
    pub given_back: i128,
    /// Σ of its squares.
    pub given_back_squares: i128,
    /// Recipients of whom it is known what they had spent before.
    pub known_before: i64,
    /// Σ x: what they had spent before.
    pub before: i128,
    /// Σ x².
    pub before_squares: i128,
    /// Σ x·y.
    pub before_revenue: i128,
}

impl ArmMoments {
    /// The arm of some recipients.
    pub fn of<'a>(all: impl IntoIterator<Item = &'a Spent>) -> Self {
        let mut arm = Self::default();
        for one in all {
            arm.add(one);
        }
        arm
    }

    /// Adds a recipient.
    pub fn add(&mut self, one: &Spent) {
        *self = self.with(&Self::of_one(one), 1);
    }

    /// Takes out what [`Self::add`] put in: a verdict was restated.
    pub fn remove(&mut self, one: &Spent) {
        *self = self.with(&Self::of_one(one), -1);
    }

    /// Adds recipients who did nothing and of whom nothing is known from before: most of them.
    pub fn add_idle(&mut self, n: i64) {
        self.n += n;
    }

    /// Adds another part of the same arm.
    pub fn merge(&mut self, other: &Self) {
        *self = self.with(other, 1);
    }

    fn of_one(one: &Spent) -> Self {
        let (y, x) = (i128::from(one.revenue), i128::from(one.before.unwrap_or(0)));
        let paying = one.revenue > 0;
        let log = if paying { log(one.revenue) } else { 0 };
        let back = (-y).max(0);
        Self {
            n: 1,
            buyers: one.bought.into(),
            paying: paying.into(),
            revenue: y,
            revenue_squares: y * y,
            logs: log,
            log_squares: log * log,
            given_back: back,
            given_back_squares: back * back,
            known_before: one.before.is_some().into(),
            before: x,
            before_squares: x * x,
            before_revenue: x * y,
        }
    }

    fn with(&self, other: &Self, times: i8) -> Self {
        let few = |a: i64, b: i64| a + i64::from(times) * b;
        // Squares of amounts nobody ever paid stop at the end of the scale.
        let many = |a: i128, b: i128| a.saturating_add(i128::from(times).saturating_mul(b));
        Self {
            n: few(self.n, other.n),
            buyers: few(self.buyers, other.buyers),
            paying: few(self.paying, other.paying),
            revenue: many(self.revenue, other.revenue),
            revenue_squares: many(self.revenue_squares, other.revenue_squares),
            logs: many(self.logs, other.logs),
            log_squares: many(self.log_squares, other.log_squares),
            given_back: many(self.given_back, other.given_back),
            given_back_squares: many(self.given_back_squares, other.given_back_squares),
            known_before: few(self.known_before, other.known_before),
            before: many(self.before, other.before),
            before_squares: many(self.before_squares, other.before_squares),
            before_revenue: many(self.before_revenue, other.before_revenue),
        }
    }

    /// Net revenue a recipient.
    pub fn per_recipient(&self) -> Sample {
        sample(self.n, self.revenue, self.revenue_squares, 1.0)
    }

    /// The logarithms of what those paying paid.
    pub fn paid(&self) -> Sample {
        sample(self.paying, self.logs, self.log_squares, UNIT)
    }

    /// What was given back beyond what was paid, a recipient.
    pub fn beyond(&self) -> Sample {
        sample(self.n, self.given_back, self.given_back_squares, 1.0)
    }

    /// Buyers among recipients, as [`super::newcombe`] takes them.
    pub fn bought(&self) -> (usize, usize) {
        (size(self.buyers), size(self.n))
    }

    /// Those paying among recipients.
    pub fn paid_of(&self) -> (usize, usize) {
        (size(self.paying), size(self.n))
    }

    /// The share that bought, with the variance by which it varies.
    pub fn share(&self) -> Sample {
        Sample::share(size(self.buyers), size(self.n))
    }

    /// What an interval of money rests on: who bought and still pays something.
    pub fn conversions(&self) -> i64 {
        self.buyers.min(self.paying)
    }
}

/// CUPED from sums: as [`super::cuped`] of every recipient.
pub fn cuped_of(holdout: &ArmMoments, treated: &ArmMoments, alpha: f64) -> Result<Cuped, Why> {
    if holdout.n < 2 || treated.n < 2 {
        return Err(Why::TooFew);
    }
    let both = holdout.with(treated, 1);
    let spread = about(both.n, both.before, both.before, both.before_squares);
    if both.known_before != both.n || spread == 0.0 {
        return Err(Why::NoBefore);
    }
    let theta = about(both.n, both.before, both.revenue, both.before_revenue) / spread;
    let mean_before = ratio(both.before, both.n);
    let rest = |arm: &ArmMoments| {
        let of_y = about(arm.n, arm.revenue, arm.revenue, arm.revenue_squares);
        let of_x = about(arm.n, arm.before, arm.before, arm.before_squares);
        let of_both = about(arm.n, arm.before, arm.revenue, arm.before_revenue);
        let mean = ratio(arm.revenue, arm.n) - theta * (ratio(arm.before, arm.n) - mean_before);
        let squares = (of_y - 2.0 * theta * of_both + theta.powi(2) * of_x).max(0.0);
        Sample { n: count(size(arm.n)), mean, variance: squares / count(size(arm.n - 1)) }
    };
    let welch = welch(&rest(holdout), &rest(treated), alpha)?;
    Ok(Cuped { theta, interval: welch.interval })
}

/// A sample from its sums, each value counted in `unit`s.
fn sample(n: i64, sum: i128, squares: i128, unit: f64) -> Sample {
    if n <= 0 {
        return Sample::default();
    }
    let variance = if n < 2 { 0.0 } else { about(n, sum, sum, squares) / count(size(n - 1)) / unit.powi(2) };
    Sample { n: count(size(n)), mean: ratio(sum, n) / unit, variance }
}

/// Σ (a − ā)(b − b̄) = (n·Σab − Σa·Σb)/n, in whole numbers as long as they fit: 38 digits, a million recipients who spent a
/// hundred million each.
fn about(n: i64, a: i128, b: i128, products: i128) -> f64 {
    let exact =
        i128::from(n).checked_mul(products).zip(a.checked_mul(b)).and_then(|(all, means)| all.checked_sub(means));
    match exact {
        Some(exact) => whole(exact) / count(size(n)),
        None => whole(products) - whole(a) / count(size(n)) * whole(b),
    }
}

fn ratio(sum: i128, n: i64) -> f64 {
    whole(sum) / count(size(n))
}

#[expect(clippy::cast_precision_loss, reason = "estimates: beyond 2⁵³ the last digit does not matter")]
fn whole(value: i128) -> f64 {
    value as f64
}

#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a logarithm is below 44")]
fn log(minor: i64) -> i128 {
    ((minor as f64).ln() * UNIT).round() as i128
}

fn size(n: i64) -> usize {
    usize::try_from(n).unwrap_or(0)
}
