//! Proof that a delivery comes from Meta: `X-Hub-Signature-256`, HMAC-SHA256 over the raw body.
//!
//! 1. The bytes are hashed exactly as they arrived. Meta escapes what it signs; parsing and writing again would differ.
//! 2. The key is the app secret's text, not what its hex digits mean. The current and the previous one are both good.

use std::fmt;
use std::ops::Deref;

use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Something whose signature held. Only this module can make one, after the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    /// What was proven.
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Verified<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// The Meta app's secret and, while secrets are being rotated, the one before it.
#[derive(Clone)]
pub struct Secrets {
    current: SecretString,
    previous: Option<SecretString>,
}

impl Secrets {
    /// The secret in force and the one still accepted. An empty one proves nothing.
    pub fn new(current: impl Into<SecretString>, previous: Option<SecretString>) -> Self {
        Self { current: current.into(), previous }
    }

    fn signed(&self, message: &[u8], digest: &[u8]) -> bool {
        let all = [Some(&self.current), self.previous.as_ref()].into_iter().flatten();
        all.map(|secret| secret.expose_secret().as_bytes()).filter(|key| !key.is_empty()).any(|key| {
            let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
            mac.update(message);
            mac.verify_slice(digest).is_ok()
        })
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(***)")
    }
}

/// Why a delivery is not believed. All of them are answered 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// No header.
    #[error("X-Hub-Signature-256 is missing")]
    Missing,
    /// Not `sha256=` and 64 lower-case hex digits.
    #[error("X-Hub-Signature-256 is not a SHA-256 signature")]
    Malformed,
    /// Not one of ours.
    #[error("the signature does not match")]
    Forged,
}

/// Believes a body by its `X-Hub-Signature-256`, or says why not. What is proven is the body itself.
pub fn verify<'a>(header: Option<&[u8]>, body: &'a [u8], secrets: &Secrets) -> Result<Verified<&'a [u8]>, ProofError> {
    let header = header.filter(|value| !value.is_empty()).ok_or(ProofError::Missing)?;
    let digits = header.strip_prefix(b"sha256=").ok_or(ProofError::Malformed)?;
    let lower = digits.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b));
    let mut digest = [0; 32];
    if !lower || hex::decode_to_slice(digits, &mut digest).is_err() {
        return Err(ProofError::Malformed);
    }
    if secrets.signed(body, &digest) { Ok(Verified(body)) } else { Err(ProofError::Forged) }
}

/// Whether the token of a set-up request (`hub.verify_token`) is ours; compared in constant time. Such a request
/// carries no signature.
pub fn token_matches(given: &str, ours: &SecretString) -> bool {
    let ours = ours.expose_secret().as_bytes();
    !ours.is_empty() && bool::from(given.as_bytes().ct_eq(ours))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::secret::hmac_sha256;
    use proptest::prelude::*;

    #[test]
    fn either_secret_proves_and_an_empty_one_never() {
        let header = format!("sha256={}", hex::encode(hmac_sha256(b"old", &[b"{}"])));
        let header = Some(header.as_bytes());
        let check = |current: &str, previous: Option<&str>| {
            verify(header, b"{}", &Secrets::new(current, previous.map(Into::into))).map(|body| body.len())
        };
        assert_eq!(check("old", None), Ok(2));
        assert_eq!(check("new", Some("old")), Ok(2));
        assert_eq!(check("new", None), Err(ProofError::Forged));
        let empty = format!("sha256={}", hex::encode(hmac_sha256(b"", &[b"{}"])));
        assert_eq!(verify(Some(empty.as_bytes()), b"{}", &Secrets::new("", Some("".into()))), Err(ProofError::Forged));
        assert_eq!(verify(None, b"{}", &Secrets::new("old", None)), Err(ProofError::Missing));
    }

    #[test]
    fn set_up_tokens() {
        assert!(token_matches("a", &"a".into()));
        assert!(!token_matches("", &"".into()) && !token_matches("ab", &"a".into()));
    }

    proptest! {
        #[test]
        fn never_panics(header in "(sha256=)?[0-9a-fA-F]{0,66}", bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let secrets = Secrets::new("example_app_secret", None);
            prop_assert!(verify(Some(header.as_bytes()), &bytes, &secrets).is_err());
            prop_assert!(verify(Some(&bytes), &bytes, &secrets).is_err());
        }
    }
}
