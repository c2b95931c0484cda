//! Chance, with one generator per purpose.
//!
//! 1. In production every stream is seeded by the operating system; all are ChaCha, fit for secrets.
//! 2. With a seed, each purpose has its own sequence: how often one part of the program draws never shifts another's.

use std::sync::{Arc, Mutex, PoisonError};

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use uuid::Uuid;

use super::clock::Timestamp;

/// What a draw is for.
#[derive(Clone, Copy, Debug)]
pub enum Stream {
    /// Row ids.
    Ids,
    /// Redeem codes.
    Codes,
    /// Link slugs.
    Slugs,
    /// Keys, API keys, nonces.
    Keys,
    /// Jitter of retries and everything else whose number of draws depends on the weather.
    Jitter,
}

const STREAMS: usize = 5;

/// The program's source of chance; clones share it.
#[derive(Clone)]
pub struct Chance(Arc<[Mutex<StdRng>; STREAMS]>);

impl std::fmt::Debug for Chance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Chance")
    }
}

impl Chance {
    /// Seeded by the operating system.
    pub fn from_os() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the one lawful place that asks the machine")]
        Self::from_generators(|_| StdRng::from_rng(&mut rand::rng()))
    }

    /// Repeatable: for the pretend world and tests.
    pub fn seeded(seed: u64) -> Self {
        Self::from_generators(|stream| StdRng::seed_from_u64(seed.wrapping_mul(31).wrapping_add(stream as u64)))
    }

    fn from_generators(mut make: impl FnMut(usize) -> StdRng) -> Self {
        Self(Arc::new(std::array::from_fn(|i| Mutex::new(make(i)))))
    }

    fn with<T>(&self, stream: Stream, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        draw(&mut self.0[stream as usize].lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A UUID v7: 48 bits of `now` in milliseconds, 74 random bits.
    pub fn uuid(&self, now: Timestamp) -> Uuid {
        self.uuid_of(Stream::Ids, now)
    }

    /// [`Chance::uuid`] from another stream: for rows whose number depends on the weather, such as jobs.
    pub fn uuid_of(&self, stream: Stream, now: Timestamp) -> Uuid {
        let random: [u8; 10] = self.bytes(stream);
        let millis = u64::try_from(now.micros() / 1000).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// Uniform random bytes.
    pub fn bytes<const N: usize>(&self, stream: Stream) -> [u8; N] {
        self.with(stream, |rng| {
            let mut out = [0; N];
            rng.fill_bytes(&mut out);
            out
        })
    }

    /// `length` characters drawn uniformly (no modulo bias) from an ASCII alphabet.
    pub fn text(&self, stream: Stream, alphabet: &[u8], length: usize) -> String {
        self.with(stream, |rng| {
            (0..length).map(|_| char::from(alphabet[rng.random_range(0..alphabet.len())])).collect()
        })
    }

    /// [`Chance::text`] so many times, without taking turns for each: what a million codes are drawn with.
    ///
    /// A random byte names a character when it lies below the largest multiple of the alphabet's size; others are
    /// thrown away, so that every character is equally likely.
    pub fn texts(&self, stream: Stream, alphabet: &[u8], length: usize, count: usize) -> Vec<String> {
        debug_assert!((1..=256).contains(&alphabet.len()), "a byte names a character");
        let fair = 256 - 256 % alphabet.len();
        self.with(stream, |rng| {
            let mut block = [0_u8; 4_096];
            let mut at = block.len();
            let mut texts = Vec::with_capacity(count);
            for _ in 0..count {
                let mut text = String::with_capacity(length);
                while text.len() < length {
                    if at == block.len() {
                        rng.fill_bytes(&mut block);
                        at = 0;
                    }
                    let byte = usize::from(block[at]);
                    at += 1;
                    if byte < fair {
                        text.push(char::from(alphabet[byte % alphabet.len()]));
                    }
                }
                texts.push(text);
            }
            texts
        })
    }

    /// A whole number in `0..below`; 0 when `below` is 0.
    pub fn below(&self, stream: Stream, below: u64) -> u64 {
        self.with(stream, |rng| if below == 0 { 0 } else { rng.random_range(0..below) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_do_not_shift_one_another() {
        let (a, b) = (Chance::seeded(7), Chance::seeded(7));
        let _ = a.below(Stream::Jitter, 100);
        assert_eq!(a.uuid(Timestamp::default()), b.uuid(Timestamp::default()));
        assert_ne!(a.bytes::<16>(Stream::Codes), a.bytes::<16>(Stream::Slugs));
    }
}
