//! How many, their mean, and their variance.

/// A sample, summed up. The variance is the unbiased one (n − 1).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sample {
    /// How many.
    pub n: f64,
    /// Their mean.
    pub mean: f64,
    /// Their variance; 0 for fewer than two.
    pub variance: f64,
}

impl Sample {
    /// Sums up some values: in two passes, so that nothing cancels.
    pub fn of(values: &[f64]) -> Self {
        let n = count(values.len());
        if values.is_empty() {
            return Self::default();
        }
        let mean = values.iter().sum::<f64>() / n;
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self { n, mean, variance: if values.len() < 2 { 0.0 } else { squares / (n - 1.0) } }
    }

    /// Sums up `n` values of which all but these are 0.
    pub fn with_zeroes(n: usize, others: impl Iterator<Item = f64> + Clone) -> Self {
        if n == 0 {
            return Self::default();
        }
        let (mean, zeroes) = (others.clone().sum::<f64>() / count(n), n.saturating_sub(others.clone().count()));
        let squares = others.map(|value| (value - mean).powi(2)).sum::<f64>() + count(zeroes) * mean.powi(2);
        Self { n: count(n), mean, variance: if n < 2 { 0.0 } else { squares / count(n - 1) } }
    }

    /// The variance of the mean.
    pub fn of_mean(&self) -> f64 {
        self.variance / self.n
    }

    /// Of zeroes and ones, the variance by which their share varies: p(1 − p).
    pub fn share(hits: usize, of: usize) -> Self {
        let (n, p) = (count(of), count(hits) / count(of));
        Self { n, mean: p, variance: p * (1.0 - p) }
    }
}

/// A count as a number to reckon with. Exact up to 2⁵³.
#[expect(clippy::cast_precision_loss, reason = "nobody has 2⁵³ recipients")]
pub fn count(n: usize) -> f64 {
    n as f64
}
