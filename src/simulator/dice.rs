//! Chance of the pretend world: one generator per purpose and key, all hanging on one seed.
//!
//! 1. The same seed, purpose and key always give the same draws, however often anything else was drawn.
//! 2. Nothing here is fit for secrets, and nothing here needs to be.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use uuid::Uuid;

/// A generator for one purpose and key.
pub(super) fn dice(seed: u64, purpose: &str, key: u64) -> StdRng {
    let mut state = 0xcbf2_9ce4_8422_2325_u64 ^ seed;
    for byte in purpose.bytes().chain(key.to_be_bytes()) {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    StdRng::seed_from_u64(state)
}

/// A key made of text, e.g. of a checkout token.
pub(super) fn key_of(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0000_0100_0000_01b3))
}

/// The draws the world needs.
pub(super) trait Luck {
    /// True with this probability.
    fn happens(&mut self, probability: f64) -> bool;
    /// A whole number in `low..=high`.
    fn between(&mut self, low: i64, high: i64) -> i64;
    /// One of these; they are never none.
    fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T;
    /// Lower-case hexadecimal text.
    fn hex(&mut self, digits: usize) -> String;
    /// A random UUID.
    fn uuid(&mut self) -> Uuid;
}

impl Luck for StdRng {
    fn happens(&mut self, probability: f64) -> bool {
        self.random_bool(probability.clamp(0.0, 1.0))
    }

    fn between(&mut self, low: i64, high: i64) -> i64 {
        self.random_range(low..=high.max(low))
    }

    fn one_of<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.random_range(0..choices.len())]
    }

    fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[self.random_range(0..16)])).collect()
    }

    fn uuid(&mut self) -> Uuid {
        let mut bytes = [0_u8; 16];
        self.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}
