//! A share that is shown only where enough bought. Who looks only at experiments whose holdout had twenty buyers sees, among
//! small ones, those whose holdout happened to buy much; their difference is too small for no other reason. In worlds of
//! 5,000 recipients, 10 % held out, 3 % buying, fifteen buyers are expected and twenty happen in one of thirteen: there an
//! interval that forgets this holds the truth in 79 of 100, and every miss lies below it.
//!
//! So near the gate the lower limit is that of a binomial count of which it is known that it reached the gate: the share at
//! which, *among counts that reach the gate*, one as large as the one found has the chance α/2. Where a count just at the gate
//! is no surprise, no count that is shown can be surprisingly small; then all of α is left for this side. Wilson's limit is
//! moved by as much as the gate moves the exact one (mid-p, by the incomplete beta function), and never upwards. Ten buyers
//! beyond the gate hardly anything is left of it.

use statrs::function::beta::beta_reg;

use super::sample::count;

/// By what the lower limit of `hits` of `of` is to be multiplied, knowing that `hits` reached `gate`.
pub(super) fn moved(hits: usize, of: usize, gate: usize, alpha: f64) -> f64 {
    if gate == 0 || hits < gate || hits >= of {
        return 1.0;
    }
    let free = Count { hits, of, gate: 0 };
    let low = free.lower_limit(alpha);
    if at_least(gate, of, low) > 1.0 - 1e-6 {
        return 1.0;
    }
    (Count { hits, of, gate }.lower_limit(alpha) / low).min(1.0)
}

struct Count {
    hits: usize,
    of: usize,
    gate: usize,
}

impl Count {
    /// The chance of more than `hits`, half of as many counted, among counts that reach the gate.
    fn beyond(&self, hits: usize, p: f64) -> f64 {
        let (here, more) = (at_least(hits, self.of, p), at_least(hits + 1, self.of, p));
        let reached = at_least(self.gate, self.of, p);
        // So small a chance that neither can be told: as p falls to 0, all who reach the gate stand just there.
        if reached <= 1e-280 {
            return if hits == self.gate { 0.5 } else { 0.0 };
        }
        f64::midpoint(here, more) / reached
    }

    /// By halves: the chance grows with the share, and what it may be shrinks. 0 where it is larger at every share.
    fn lower_limit(&self, alpha: f64) -> f64 {
        let (mut low, mut high) = (0.0, count(self.hits) / count(self.of));
        for _ in 0..40 {
            let middle = f64::midpoint(low, high);
            let at_the_gate_surprises = 1.0 - self.beyond(self.gate, middle) <= alpha / 2.0;
            let may_be = if at_the_gate_surprises { alpha / 2.0 } else { alpha };
            if self.beyond(self.hits, middle) < may_be {
                low = middle;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// The chance of at least `hits` of `of`.
fn at_least(hits: usize, of: usize, p: f64) -> f64 {
    if hits == 0 {
        return 1.0;
    }
    if hits > of {
        return 0.0;
    }
    beta_reg(count(hits), count(of - hits + 1), p.clamp(0.0, 1.0))
}
