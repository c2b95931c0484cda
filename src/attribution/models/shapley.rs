//! `shapley`: each channel's share of the rate at which journeys end in orders, whatever the order in which channels join
//! (Shapley 1953), exactly.
//!
//! The game is v(S) = orders / journeys among the journeys whose channels all lie in S; 0 where there are none. A channel
//! whose journeys end in nothing has a negative share, which is shown and not clipped.

use super::paths::Paths;

/// With more channels there are too many coalitions to look at.
pub const MOST_CHANNELS: usize = 20;

/// Each channel's share, in the order of [`Paths::channels`]; `None`: too many channels.
pub fn shares(paths: &Paths) -> Option<Vec<f64>> {
    let channels = paths.channels.len();
    if channels > MOST_CHANNELS {
        return None;
    }
    let rates = rates(paths);
    // |S|! (n − |S| − 1)! / n!, by the size of S: 1 / (n · (n − 1 over |S|)).
    let mut choose = 1.0;
    let weigh = |size: usize| {
        let weight = 1.0 / (count(channels) * choose);
        choose *= count(channels - 1 - size) / count(size + 1);
        weight
    };
    let weight: Vec<f64> = (0..channels).map(weigh).collect();
    let share = |channel: usize| {
        let without = (0..rates.len()).filter(|coalition| coalition & (1 << channel) == 0);
        without.map(|s| weight[s.count_ones() as usize] * (rates[s | 1 << channel] - rates[s])).sum()
    };
    Some((0..channels).map(share).collect())
}

/// The rate of every coalition.
fn rates(paths: &Paths) -> Vec<f64> {
    let coalitions = 1_usize << paths.channels.len();
    let mut sums = vec![(0.0, 0.0); coalitions];
    for path in &paths.paths {
        let set = path.touches.iter().fold(0, |set, channel| set | 1 << channel);
        sums[set].0 += path.conversions;
        sums[set].1 += path.conversions + path.null;
    }
    // Every coalition gets what its parts have, one channel after the other.
    for channel in 0..paths.channels.len() {
        for coalition in (0..coalitions).filter(|coalition| coalition & (1 << channel) != 0) {
            let (orders, journeys) = sums[coalition ^ 1 << channel];
            sums[coalition] = (sums[coalition].0 + orders, sums[coalition].1 + journeys);
        }
    }
    sums.into_iter().map(|(orders, journeys)| if journeys > 0.0 { orders / journeys } else { 0.0 }).collect()
}

#[expect(clippy::cast_precision_loss, reason = "channels")]
const fn count(channels: usize) -> f64 {
    channels as f64
}
