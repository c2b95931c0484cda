//! A figure and the limits between which it lies.

/// A difference with its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub difference: f64,
    /// The lower limit.
    pub low: f64,
    /// The upper limit.
    pub high: f64,
}

impl Interval {
    /// An estimate and what it may be off by on either side.
    pub fn around(difference: f64, half: f64) -> Self {
        Self { difference, low: difference - half, high: difference + half }
    }

    /// Whether a value lies between the limits.
    pub fn holds(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }
}
