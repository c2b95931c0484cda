//! What keeps secrets: sealing at rest, keyed look-up hashes, keyed tags.
//!
//! 1. Sealed text is `v1.<key id>.<nonce>.<ciphertext>` (XChaCha20-Poly1305); shop and column are bound as associated
//!    data, so a value copied to another row's column does not open.
//! 2. Keys rotate: the current root key seals, the previous one still opens.
//! 3. Look-up hashes and tags hang on the *pepper*, which is drawn once and kept sealed: rotating the root key never
//!    changes a link, a holdout or a look-up.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use super::chance::{Chance, Stream};
use super::id::ShopId;
use super::keyed::Keyed;

pub use super::keyed::hmac_sha256;

/// One root key: seals and opens.
#[derive(Clone)]
struct RootKey {
    id: String,
    tag: [u8; 4],
    key: Zeroizing<[u8; 32]>,
}

impl RootKey {
    fn new(key: [u8; 32]) -> Self {
        // The id is derived, so that operators never have to number keys; it tells nothing about the key.
        let [a, b, c, d, ..] = hmac_sha256(&key, &[b"recoup key id"]);
        let tag = [a, b, c, d];
        Self { id: hex::encode(tag), tag, key: Zeroizing::new(key) }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(*self.key))
    }
}

/// Why sealed text did not open.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Not the form `v1.….….…`.
    #[error("not sealed text")]
    Form,
    /// Sealed under a key that is neither current nor previous.
    #[error("sealed under key {0}, which is not configured: set RECOUP_PREVIOUS_KEY")]
    UnknownKey(String),
    /// Changed, or moved from another shop or column.
    #[error("sealed text does not belong here")]
    Forged,
}

/// The program's keys; clones share nothing mutable and print nothing.
#[derive(Clone)]
pub struct Vault {
    current: RootKey,
    previous: Option<RootKey>,
    keyed: Keyed,
    chance: Chance,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault(***)")
    }
}

impl Vault {
    /// A vault whose pepper is still unknown; [`Vault::with_pepper`] completes it.
    pub fn new(current: [u8; 32], previous: Option<[u8; 32]>, chance: Chance) -> Self {
        Self {
            current: RootKey::new(current),
            previous: previous.map(RootKey::new),
            keyed: Keyed::new([0; 32]),
            chance,
        }
    }

    /// The same keys with the installation's pepper.
    pub fn with_pepper(mut self, pepper: [u8; 32]) -> Self {
        self.keyed = Keyed::new(pepper);
        self
    }

    /// Which key seals now (for telling operators which rows still wait for re-encryption).
    pub fn key_id(&self) -> &str {
        &self.current.id
    }

    /// Which key still opens, while keys rotate.
    pub fn previous_key_id(&self) -> Option<&str> {
        self.previous.as_ref().map(|key| key.id.as_str()).filter(|id| *id != self.current.id)
    }

    /// Seals `plain` so that it opens only for this shop and column.
    pub fn seal(&self, shop: ShopId, column: &str, plain: &[u8]) -> String {
        let nonce: [u8; 24] = self.chance.bytes(Stream::Keys);
        let aad = associated(shop, column);
        let sealed = self
            .current
            .cipher()
            .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad })
            .expect("XChaCha20-Poly1305 seals anything under 256 GB");
        format!("v1.{}.{}.{}", self.current.id, BASE64.encode(nonce), BASE64.encode(sealed))
    }

    /// Opens what [`Vault::seal`] sealed, under the current or the previous key.
    pub fn open(&self, shop: ShopId, column: &str, sealed: &str) -> Result<Vec<u8>, SealError> {
        let mut parts = sealed.split('.');
        let (Some("v1"), Some(id), Some(nonce), Some(text), None) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(SealError::Form);
        };
        let key = [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .find(|key| key.id == id)
            .ok_or_else(|| SealError::UnknownKey(id.to_owned()))?;
        let nonce: [u8; 24] = BASE64.decode(nonce).ok().and_then(|n| n.try_into().ok()).ok_or(SealError::Form)?;
        let text = BASE64.decode(text).map_err(|_| SealError::Form)?;
        let aad = associated(shop, column);
        key.cipher().decrypt(&XNonce::from(nonce), Payload { msg: &text, aad: &aad }).map_err(|_| SealError::Forged)
    }

    /// [`Vault::seal`] for large values kept as bytes: `1`, key id (4 bytes), nonce (24 bytes), ciphertext.
    pub fn seal_bytes(&self, shop: ShopId, column: &str, plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; 24] = self.chance.bytes(Stream::Keys);
        let aad = associated(shop, column);
        let payload = Payload { msg: plain, aad: &aad };
        let sealed = self.current.cipher().encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.expect("XChaCha20-Poly1305 seals anything under 256 GB");
        [&[1][..], &self.current.tag, &nonce, &sealed].concat()
    }

    /// Opens what [`Vault::seal_bytes`] sealed.
    pub fn open_bytes(&self, shop: ShopId, column: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let (1, Some(tag), Some(nonce), Some(text)) =
            (sealed.first().copied().unwrap_or(0), sealed.get(1..5), sealed.get(5..29), sealed.get(29..))
        else {
            return Err(SealError::Form);
        };
        let key = [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .find(|key| key.tag == tag)
            .ok_or_else(|| SealError::UnknownKey(hex::encode(tag)))?;
        let nonce: [u8; 24] = nonce.try_into().map_err(|_| SealError::Form)?;
        let aad = associated(shop, column);
        key.cipher().decrypt(&XNonce::from(nonce), Payload { msg: text, aad: &aad }).map_err(|_| SealError::Forged)
    }

    /// [`Vault::open`] for text.
    pub fn open_text(&self, shop: ShopId, column: &str, sealed: &str) -> Result<String, SealError> {
        String::from_utf8(self.open(shop, column, sealed)?).map_err(|_| SealError::Form)
    }

    /// A keyed hash for looking a value up without keeping it: 64 hex digits, different per shop and purpose.
    pub fn lookup(&self, shop: ShopId, purpose: &'static str, value: &str) -> String {
        hex::encode(self.keyed_hash(shop, purpose, &[value.as_bytes()]))
    }

    /// HMAC-SHA256 under the shop's key for this purpose.
    pub fn keyed_hash(&self, shop: ShopId, purpose: &'static str, parts: &[&[u8]]) -> [u8; 32] {
        self.keyed.hash(shop, purpose, parts)
    }

    /// A key of this shop for one purpose, e.g. the holdout draw. Never leaves the program.
    pub fn shop_key(&self, shop: ShopId, purpose: &str) -> [u8; 32] {
        self.keyed.key(shop, purpose)
    }
}

fn associated(shop: ShopId, column: &str) -> Vec<u8> {
    [&shop.0.to_be_bytes(), column.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(key: u8, previous: Option<u8>) -> Vault {
        Vault::new([key; 32], previous.map(|k| [k; 32]), Chance::seeded(1)).with_pepper([9; 32])
    }

    #[test]
    fn opens_only_where_it_was_sealed() {
        let (shop, other) = (ShopId(1), ShopId(2));
        let sealed = vault(1, None).seal(shop, "tokens.access", b"secret");
        assert_eq!(vault(1, None).open_text(shop, "tokens.access", &sealed).as_deref(), Ok("secret"));
        assert_eq!(vault(1, None).open(other, "tokens.access", &sealed), Err(SealError::Forged));
        assert_eq!(vault(1, None).open(shop, "tokens.refresh", &sealed), Err(SealError::Forged));
        assert!(matches!(vault(2, None).open(shop, "tokens.access", &sealed), Err(SealError::UnknownKey(_))));
        let blob = vault(1, None).seal_bytes(shop, "deliveries.body", b"{}");
        assert_eq!(vault(2, Some(1)).open_bytes(shop, "deliveries.body", &blob).as_deref(), Ok(&b"{}"[..]));
        assert!(vault(1, None).open_bytes(other, "deliveries.body", &blob).is_err());
        assert!(vault(1, None).open_bytes(shop, "deliveries.body", &blob[..20]).is_err());
        for wrong in ["", "v1", "v1.a.b.c", "v2.a.b.c.d", "plain"] {
            assert!(vault(1, None).open(shop, "x", wrong).is_err());
        }
    }

    #[test]
    fn rotation_keeps_old_text_readable_and_hashes_unchanged() {
        let sealed = vault(1, None).seal(ShopId(1), "c", b"x");
        assert!(vault(2, Some(1)).open(ShopId(1), "c", &sealed).is_ok());
        assert_eq!(vault(1, None).lookup(ShopId(1), "phone", "+1"), vault(2, Some(1)).lookup(ShopId(1), "phone", "+1"));
        assert_ne!(vault(1, None).lookup(ShopId(1), "phone", "+1"), vault(1, None).lookup(ShopId(2), "phone", "+1"));
    }
}
