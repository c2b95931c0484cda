//! The loop guard of fetches: App Bridge repeats a refused call once, with a fresh ID token, when a header asks for it.
//! A caller that is refused again is not asked again: it gets a plain 401.
//!
//! Who was asked is remembered for ten seconds, in a bounded table on this node, under a hash of where the call comes
//! from and what it asks. Another node does not know it, which costs one more repeat.

use std::time::Duration;

use moka::future::Cache;
use sha2::{Digest, Sha256};

/// The callers that were asked to come again.
#[derive(Clone, Debug)]
pub(super) struct Retries(Cache<[u8; 32], ()>);

impl Retries {
    pub fn new() -> Self {
        Self(Cache::builder().max_capacity(10_000).time_to_live(Duration::from_secs(10)).build())
    }

    /// Whether this caller was not asked a moment ago; it is from now on.
    pub async fn first(&self, caller: &[&[u8]]) -> bool {
        let mut digest = Sha256::new();
        for part in caller {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        self.0.entry(digest.finalize().into()).or_insert(()).await.is_fresh()
    }
}
