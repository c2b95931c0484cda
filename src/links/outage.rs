//! Whether the database is away, as this node's redirect last saw it.
//!
//! Who finds it away says so; for a second nobody waits for it again. Then one tap tries, so that an outage costs a
//! shopper a fraction of a second now and then, and never one after the other.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a finding holds.
const HOLDS: Duration = Duration::from_secs(1);

/// The finding; clones share it.
#[derive(Clone, Debug, Default)]
pub struct Outage(Arc<Mutex<Option<Instant>>>);

impl Outage {
    /// Whether the database was found away within the last second.
    pub fn on(&self) -> bool {
        self.last().is_some_and(|seen| seen.elapsed() < HOLDS)
    }

    /// It is away now.
    pub fn seen(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// It took rows again.
    pub fn over(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn last(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
