//! What was seen in many worlds, and whether it is as it should be.

use std::fmt;

use crate::stats::Interval;

/// What one world showed on one line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// How far the estimate was off.
    pub error: f64,
    /// Whether the truth lay below the interval (which flatters), above it, or in it.
    pub miss: Option<Miss>,
}

/// On which side an interval missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Miss {
    /// The interval lies above the truth.
    Flatters,
    /// The interval lies below the truth.
    Understates,
}

impl Seen {
    /// An interval beside the truth.
    pub fn of(interval: &Interval, truth: f64) -> Self {
        let miss = if interval.low > truth {
            Some(Miss::Flatters)
        } else if interval.high < truth {
            Some(Miss::Understates)
        } else {
            None
        };
        Self { error: interval.difference - truth, miss }
    }
}

/// What a line must be like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bound {
    /// Of the intervals shown, 95 in 100 hold the truth: a point and a half more or less. Where the gate keeps back more than
    /// a tenth, what is shown allows for that, cautiously: it may hold it three points more often.
    Covers,
    /// At least as many do: limits that are cautious by nature, drawn toward the mean or of a handful of buyers.
    CoversAtLeast,
    /// A change that is none is called one in at most 5 of 100 worlds.
    SeldomAlarms,
    /// The estimates are off by nothing on the whole: less than three standard errors.
    Unbiased,
    /// Shown to compare: what we do not do.
    Compared,
}

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is about.
    pub name: String,
    /// What it must be like.
    pub bound: Bound,
    /// How many worlds were lived.
    pub worlds: usize,
    /// What they showed, as far as they did.
    pub seen: Vec<Seen>,
    /// How many worlds showed something.
    pub shown: usize,
}

/// Fewer say nothing of a share.
const SOME: usize = 20;

impl Line {
    /// Of what was shown, the share on one side.
    pub fn missed(&self, side: Miss) -> f64 {
        count(self.seen.iter().filter(|seen| seen.miss == Some(side)).count()) / count(self.seen.len().max(1))
    }

    /// Of what was shown, the share that holds the truth.
    pub fn covered(&self) -> f64 {
        1.0 - self.missed(Miss::Flatters) - self.missed(Miss::Understates)
    }

    /// Of all worlds, the share with a miss.
    pub fn alarms(&self) -> f64 {
        count(self.seen.iter().filter(|seen| seen.miss.is_some()).count()) / count(self.worlds.max(1))
    }

    /// How far estimates were off on the whole, in standard errors of that.
    pub fn off(&self) -> f64 {
        let n = count(self.seen.len());
        let mean = self.seen.iter().map(|seen| seen.error).sum::<f64>() / n;
        let squares = self.seen.iter().map(|seen| (seen.error - mean).powi(2)).sum::<f64>();
        mean / (squares / (n - 1.0) / n).sqrt()
    }

    /// Between which shares it is to lie; `None` where too little was shown to say. A point and a half off, or three standard
    /// errors where fewer than two thousand worlds leave that much to chance.
    pub fn limits(&self) -> Option<(f64, f64)> {
        let about = |n: usize| (3.0 * (0.05 * 0.95 / count(n)).sqrt()).max(0.015);
        match self.bound {
            Bound::Covers if self.shown >= SOME => {
                let kept_back = self.shown * 10 < self.worlds * 9;
                let off = about(self.shown);
                Some((0.95 - off, 0.95 + off.max(if kept_back { 0.03 } else { 0.0 })))
            }
            Bound::CoversAtLeast if self.shown >= SOME => Some((0.95 - about(self.shown), 1.0)),
            Bound::SeldomAlarms => Some((0.0, 0.05 + (about(self.worlds) - about(1_000)).max(0.0))),
            Bound::Unbiased if self.shown >= SOME => Some((-3.0, 3.0)),
            Bound::Covers | Bound::CoversAtLeast | Bound::Unbiased | Bound::Compared => None,
        }
    }

    /// The figure that is to lie there.
    pub fn figure(&self) -> f64 {
        match self.bound {
            Bound::Covers | Bound::CoversAtLeast | Bound::Compared => self.covered(),
            Bound::SeldomAlarms => self.alarms(),
            Bound::Unbiased => self.off(),
        }
    }

    /// What is wrong with it, as a sentence.
    pub fn wrong(&self) -> Option<String> {
        let (low, high) = self.limits()?;
        let figure = self.figure();
        if (low..=high).contains(&figure) {
            return None;
        }
        let (name, of) = (&self.name, self.worlds);
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        Some(match self.bound {
            Bound::Unbiased => format!(
                "{name}: estimates are off by {figure:.1} standard errors in {of} worlds, at most 3 are chance."
            ),
            Bound::SeldomAlarms => {
                format!(
                    "{name}: called a change in {} of {of} worlds where nothing changed, at most {} may be.",
                    percent(figure),
                    percent(high)
                )
            }
            Bound::Covers | Bound::CoversAtLeast | Bound::Compared => format!(
                "{name}: {} of the intervals shown hold the truth, not between {} and {} ({} of {of} worlds showed one).",
                percent(figure),
                percent(low),
                percent(high),
                self.shown
            ),
        })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |share: f64| format!("{:.1} %", share * 100.0);
        let some = |text: String| if self.seen.is_empty() { "–".to_owned() } else { text };
        let is_to = match (self.bound, self.limits()) {
            (Bound::Compared, _) => "to compare".to_owned(),
            (_, None) => "too few shown".to_owned(),
            (Bound::Unbiased, _) => format!("off {:+.1} se, ± 3", self.off()),
            (Bound::SeldomAlarms, Some((_, high))) => format!("alarms ≤ {}", percent(high)),
            (Bound::Covers | Bound::CoversAtLeast, Some((low, high))) => {
                format!("{} – {}", percent(low), percent(high.min(1.0)))
            }
        };
        let verdict = if self.wrong().is_some() { "  NO" } else { "" };
        write!(
            f,
            "{:<66} {:>7} {:>8} {:>9} {:>11} {:>8}   {is_to}{verdict}",
            self.name,
            percent(count(self.shown) / count(self.worlds.max(1))),
            some(percent(self.covered())),
            some(percent(self.missed(Miss::Flatters))),
            some(percent(self.missed(Miss::Understates))),
            percent(self.alarms()),
        )
    }
}

/// The head of the table.
pub fn head() -> String {
    format!(
        "{:<66} {:>7} {:>8} {:>9} {:>11} {:>8}   {}",
        "", "shown", "covers", "flatters", "understates", "misses", "is to be"
    )
}

#[expect(clippy::cast_precision_loss, reason = "nobody lives 2⁵³ worlds")]
fn count(n: usize) -> f64 {
    n as f64
}
