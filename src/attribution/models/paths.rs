//! Journeys summed up by their path: what the models of a whole report look at, and `recoup verify journeys` reads.

/// Journeys of one path.
#[derive(Clone, Debug, PartialEq)]
pub struct Path {
    /// Channels by their place in [`Paths::channels`], oldest touch first.
    pub touches: Vec<usize>,
    /// How many of them ended in an order.
    pub conversions: f64,
    /// What those orders were worth together.
    pub value: f64,
    /// How many ended in nothing.
    pub null: f64,
}

/// All journeys.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Paths {
    /// Names of the channels.
    pub channels: Vec<String>,
    /// The journeys.
    pub paths: Vec<Path>,
}

impl Paths {
    /// The place of a channel; one that is new gets the next.
    pub fn channel(&mut self, name: &str) -> usize {
        self.channels.iter().position(|known| known == name).unwrap_or_else(|| {
            self.channels.push(name.to_owned());
            self.channels.len() - 1
        })
    }

    /// What each channel gets of orders and value by a rule that weighs the touches of one journey: as (conversions, value).
    pub fn shared(&self, weights: impl Fn(&[usize]) -> Vec<u64>) -> Vec<(f64, f64)> {
        let mut shared = vec![(0.0, 0.0); self.channels.len()];
        for path in &self.paths {
            let weights = weights(&path.touches);
            let all: u64 = weights.iter().sum();
            for (channel, weight) in path.touches.iter().zip(weights) {
                #[expect(clippy::cast_precision_loss, reason = "weights of a report's models are small")]
                let part = weight as f64 / all as f64;
                shared[*channel].0 += part * path.conversions;
                shared[*channel].1 += part * path.value;
            }
        }
        shared
    }
}
