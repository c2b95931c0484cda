//! The keyed hashes of a shop, one key for each purpose, all derived from the installation's pepper.
//!
//! Every tap and every recipient asks for several. Deriving a key costs as much as using it, so the keys of shops that
//! are being asked for are kept ready. Anybody may name any shop: what is kept is bounded.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::id::ShopId;

type HmacSha256 = Hmac<Sha256>;

/// HMAC-SHA256.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = <HmacSha256 as KeyInit>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

/// Keys kept ready: about 250 bytes each.
const MOST: usize = 4_096;

/// The pepper and the keys derived from it; clones share them.
#[derive(Clone)]
pub(super) struct Keyed {
    pepper: Zeroizing<[u8; 32]>,
    ready: Arc<RwLock<HashMap<(ShopId, &'static str), HmacSha256>>>,
}

impl Keyed {
    pub(super) fn new(pepper: [u8; 32]) -> Self {
        Self { pepper: Zeroizing::new(pepper), ready: Arc::default() }
    }

    pub(super) fn key(&self, shop: ShopId, purpose: &str) -> [u8; 32] {
        hmac_sha256(&*self.pepper, &[b"shop\x1f", &shop.0.to_be_bytes(), b"\x1f", purpose.as_bytes()])
    }

    /// `HMAC-SHA256(key(shop, purpose), parts)`.
    pub(super) fn hash(&self, shop: ShopId, purpose: &'static str, parts: &[&[u8]]) -> [u8; 32] {
        let ready = self.ready.read().unwrap_or_else(PoisonError::into_inner).get(&(shop, purpose)).cloned();
        let mut mac = ready.unwrap_or_else(|| self.prepare(shop, purpose));
        for part in parts {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }

    fn prepare(&self, shop: ShopId, purpose: &'static str) -> HmacSha256 {
        let key = self.key(shop, purpose);
        let mac = <HmacSha256 as KeyInit>::new_from_slice(&key).expect("HMAC takes keys of any length");
        let mut ready = self.ready.write().unwrap_or_else(PoisonError::into_inner);
        if ready.len() >= MOST {
            ready.clear();
        }
        ready.insert((shop, purpose), mac.clone());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_key_says_what_a_fresh_one_says_and_strangers_fill_nothing() {
        let keyed = Keyed::new([3; 32]);
        for shop in (0..10_000).map(ShopId).chain([ShopId(7), ShopId(7)]) {
            let fresh = hmac_sha256(&keyed.key(shop, "slug"), &[b"ab", b"c"]);
            assert_eq!(keyed.hash(shop, "slug", &[b"a", b"bc"]), fresh);
        }
        assert_ne!(keyed.hash(ShopId(7), "slug", &[b"a"]), keyed.hash(ShopId(7), "device", &[b"a"]));
        assert!(keyed.ready.read().unwrap().len() <= MOST);
    }
}
