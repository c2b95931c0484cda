//! Quantiles and tails of the three distributions the intervals rest on.
//!
//! A library's quantile is a start; two steps of Newton's method on its distribution function bring it to the last digits.

use statrs::distribution::{ChiSquared, Continuous, ContinuousCDF, Normal, StudentsT};

/// The value below which a share `p` of a standard normal lies.
pub fn normal(p: f64) -> f64 {
    let standard = Normal::standard();
    polished(standard.inverse_cdf(p), p, &standard)
}

/// The share of a standard normal below `value`.
pub fn normal_below(value: f64) -> f64 {
    Normal::standard().cdf(value)
}

/// The value below which a share `p` of Student's t lies.
pub fn student(p: f64, freedom: f64) -> f64 {
    match StudentsT::new(0.0, 1.0, freedom) {
        Ok(t) => polished(t.inverse_cdf(p), p, &t),
        Err(_) => f64::NAN,
    }
}

/// The value below which a share `p` of χ² lies.
pub fn chi_squared(p: f64, freedom: f64) -> f64 {
    match ChiSquared::new(freedom) {
        Ok(chi) => polished(chi.inverse_cdf(p), p, &chi),
        Err(_) => f64::NAN,
    }
}

/// The share of Student's t further from 0 than `value`, on both sides.
pub fn student_beyond(value: f64, freedom: f64) -> f64 {
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |t| 2.0 * t.cdf(-value.abs()))
}

/// The share of χ² beyond `value`.
pub fn chi_squared_beyond(value: f64, freedom: f64) -> f64 {
    ChiSquared::new(freedom).map_or(f64::NAN, |chi| chi.sf(value))
}

fn polished(start: f64, p: f64, of: &(impl Continuous<f64, f64> + ContinuousCDF<f64, f64>)) -> f64 {
    let step = |x: f64, _| {
        let density = of.pdf(x);
        if density > 0.0 && x.is_finite() { x - (of.cdf(x) - p) / density } else { x }
    };
    (0..2).fold(start, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From R 4.3: `qnorm`, `qt`, `qchisq`, `pt`, `pchisq`. The library knows its functions to ten digits.
    #[test]
    fn agree_with_the_tables() {
        let near =
            |found: f64, known: f64| assert!((found - known).abs() < 1e-9 * known.abs().max(1.0), "{found} {known}");
        near(normal(0.975), 1.959_963_984_540_054);
        near(normal(0.8), 0.841_621_233_572_914_3);
        near(student(0.975, 5.0), 2.570_581_835_636_314);
        near(student(0.975, 1.0), 12.706_204_736_174_7);
        near(chi_squared(0.025, 10.0), 3.246_972_780_236_841);
        near(chi_squared(0.975, 1.0), 5.023_886_187_314_888);
        near(chi_squared_beyond(2.5, 1.0), 0.113_846_298_006_657_6);
        assert!((student_beyond(2.0, 7.0) - 0.085_6).abs() < 5e-5);
    }
}
