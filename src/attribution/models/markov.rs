//! `markov`: what would be lost without a channel (order 1; Anderl, Becker, von Wangenheim, Schumann 2016).
//!
//! Journeys are walks through channels that end in an order or in nothing. The chance to end in an order is solved exactly,
//! once with every channel and once for each with that channel leading nowhere; the share that is lost is its removal
//! effect, and credit goes by those.

use super::paths::Paths;

/// Each channel's removal effect, in the order of [`Paths::channels`]; `None`: nothing ends in an order.
pub fn removal_effects(paths: &Paths) -> Option<Vec<f64>> {
    let chain = Chain::of(paths);
    let whole = chain.converts(None);
    if whole <= 0.0 {
        return None;
    }
    Some((0..paths.channels.len()).map(|channel| 1.0 - chain.converts(Some(channel)) / whole).collect())
}

/// Chances to go from one channel to the next; the last row is the beginning.
struct Chain {
    next: Vec<Vec<f64>>,
    order: Vec<f64>,
}

impl Chain {
    fn of(paths: &Paths) -> Self {
        let channels = paths.channels.len();
        let mut next = vec![vec![0.0; channels]; channels + 1];
        let mut order = vec![0.0; channels + 1];
        let mut all = vec![0.0; channels + 1];
        for path in &paths.paths {
            let journeys = path.conversions + path.null;
            let mut at = channels;
            for channel in &path.touches {
                next[at][*channel] += journeys;
                all[at] += journeys;
                at = *channel;
            }
            order[at] += path.conversions;
            all[at] += journeys;
        }
        for ((row, order), all) in next.iter_mut().zip(&mut order).zip(all).filter(|(_, all)| *all > 0.0) {
            row.iter_mut().for_each(|to| *to /= all);
            *order /= all;
        }
        Self { next, order }
    }

    /// The chance to end in an order from the beginning, with one channel leading nowhere.
    fn converts(&self, without: Option<usize>) -> f64 {
        let channels = self.order.len() - 1;
        // x = N·x + o, that is (1 − N)·x = o.
        let mut system: Vec<Vec<f64>> = (0..channels)
            .map(|row| {
                let removed = without == Some(row);
                let entry = |column: usize| {
                    let to = if removed { 0.0 } else { self.next[row][column] };
                    f64::from(u8::from(row == column)) - to
                };
                let order = if removed { 0.0 } else { self.order[row] };
                (0..channels).map(entry).chain([order]).collect()
            })
            .collect();
        let chances = solved(&mut system);
        self.order[channels] + self.next[channels].iter().zip(chances).map(|(to, chance)| to * chance).sum::<f64>()
    }
}

/// Gauss with the largest pivot. A channel that never ends anywhere cannot be: every path ends.
fn solved(system: &mut [Vec<f64>]) -> Vec<f64> {
    let rows = system.len();
    for step in 0..rows {
        let pivot = (step..rows).max_by(|a, b| system[*a][step].abs().total_cmp(&system[*b][step].abs()));
        system.swap(step, pivot.unwrap_or(step));
        let row = system[step].clone();
        for (_, other) in system.iter_mut().enumerate().filter(|(place, _)| *place != step) {
            let factor = other[step] / row[step];
            other.iter_mut().zip(&row).for_each(|(value, pivot)| *value -= factor * pivot);
        }
    }
    system.iter().enumerate().map(|(place, row)| row[rows] / row[place]).collect()
}
