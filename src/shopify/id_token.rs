//! ID tokens: the one-minute JWT by which the embedded UI says which shop and which person is asking.
//!
//! 1. HS256 and nothing else, both in the token's header and in the only cryptography there is to call.
//! 2. The signature is checked before a claim is read; the crate's own look at the machine's clock is switched off.
//! 3. A token may be shown more than once within its minute. App Bridge hands out the same one for several calls
//!    (Shopify/turbolinks-jwt-sample-app, issue 9), and the one in the address of a load is what `idToken()` answers next
//!    (Shopify/shopify_app, issue 1795): whoever took each only once would turn merchants away. What keeps it from others is
//!    that it stands in no log and no referrer, and that it buys nothing a minute later.
//! 4. `exp` and `nbf` are required, `iss` and `dest` must name the same shop, and it must have the form of a shop.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error as JwtError, ErrorKind, new_error};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use sha2::Sha256;
use signature::{Error as SignatureError, Signer, Verifier};

use super::domain::ShopDomain;
use super::proof::{Secrets, Verified};
use crate::kernel::Timestamp;

/// How far two clocks may differ, in seconds.
const LEEWAY: i64 = 10;

/// Real tokens have well under one kilobyte.
const LONGEST: usize = 8 * 1024;

/// Who is asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdToken {
    /// Whose shop the UI is open in: the only lawful source of the tenant.
    pub shop: ShopDomain,
    /// Which person of the shop's staff; absent in tokens of checkout and customer-account extensions.
    pub user: Option<String>,
    /// Shopify's id for this person and this app.
    pub session: Option<String>,
    /// When it began to be good, by Shopify's clock: the app was installed then.
    pub began_at: Timestamp,
    /// When it stops being good (without the leeway).
    pub expires_at: Timestamp,
}

/// Why a token is not believed. The browser is told nothing but to bring a fresh one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    /// Not a signed HS256 JWT with the claims we need.
    #[error("not an ID token")]
    Malformed,
    /// Signed by somebody else, or changed.
    #[error("the token's signature does not match")]
    Forged,
    /// Meant for another app.
    #[error("the token is for another app")]
    Audience,
    /// `iss` and `dest` disagree or name no shop.
    #[error("the token names no shop")]
    Shop,
    /// Over.
    #[error("the token has expired")]
    Expired,
    /// Not begun.
    #[error("the token is not valid yet")]
    TooEarly,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    dest: String,
    aud: String,
    exp: i64,
    nbf: i64,
    sub: Option<String>,
    sid: Option<String>,
}

/// Believes a token meant for this app, or says why not.
pub fn verify(
    token: &str,
    client_id: &str,
    secrets: &Secrets,
    now: Timestamp,
) -> Result<Verified<IdToken>, IdTokenError> {
    let claims = signed_claims(token, secrets)?;
    if claims.aud != client_id {
        return Err(IdTokenError::Audience);
    }
    let now = now.seconds();
    if claims.exp <= now.saturating_sub(LEEWAY) {
        return Err(IdTokenError::Expired);
    }
    if claims.nbf > now.saturating_add(LEEWAY) {
        return Err(IdTokenError::TooEarly);
    }
    let shop = shop_of(&claims)?;
    let (began_at, expires_at) = (Timestamp::from_seconds(claims.nbf), Timestamp::from_seconds(claims.exp));
    Ok(Verified::proven(IdToken { shop, user: claims.sub, session: claims.sid, began_at, expires_at }))
}

fn signed_claims(token: &str, secrets: &Secrets) -> Result<Claims, IdTokenError> {
    install_provider();
    if token.len() > LONGEST || token.bytes().filter(|b| *b == b'.').count() != 2 {
        return Err(IdTokenError::Malformed);
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| IdTokenError::Malformed)?;
    // A critical member is one that must be understood, and we understand none.
    if header.alg != Algorithm::HS256 || header.crit.is_some() {
        return Err(IdTokenError::Malformed);
    }
    let mut outcome = Err(IdTokenError::Forged);
    for key in secrets.keys() {
        match jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(key), &signature_only()) {
            Ok(data) => return Ok(data.claims),
            Err(error) if matches!(error.kind(), ErrorKind::InvalidSignature) => {}
            Err(_) => outcome = Err(IdTokenError::Malformed),
        }
    }
    outcome
}

/// The crate checks the signature; the claims are ours to check, against the time handed in.
fn signature_only() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

/// `dest` is `https://{shop}`, or the bare host in tokens of UI extensions; `iss` is `https://{shop}/admin`.
fn shop_of(claims: &Claims) -> Result<ShopDomain, IdTokenError> {
    let dest = claims.dest.strip_prefix("https://").unwrap_or(&claims.dest);
    let shop = ShopDomain::parse(dest).map_err(|_| IdTokenError::Shop)?;
    let issuer = claims.iss.strip_prefix("https://").ok_or(IdTokenError::Shop)?;
    let issuer = issuer.split_once('/').map_or(issuer, |(host, _)| host);
    if ShopDomain::parse(issuer) == Ok(shop.clone()) { Ok(shop) } else { Err(IdTokenError::Shop) }
}

/// Gives the JWT crate its cryptography: HMAC-SHA256, and an error for every other algorithm. May be called again.
pub fn install_provider() {
    // An error means that it is installed already, and nothing else in this program could have installed another.
    let _ = PROVIDER.install_default();
}

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.as_bytes())?)),
    verifier_factory: |algorithm, key| Ok(Box::new(Hs256::new(*algorithm, key.try_get_as_bytes()?)?)),
    key_utils: KeyUtils::new_unimplemented(),
};

struct Hs256(Hmac<Sha256>);

impl Hs256 {
    fn new(algorithm: Algorithm, key: &[u8]) -> Result<Self, JwtError> {
        if algorithm != Algorithm::HS256 {
            return Err(new_error(ErrorKind::InvalidAlgorithm));
        }
        Hmac::new_from_slice(key).map(Self).map_err(|_| new_error(ErrorKind::InvalidKeyFormat))
    }
}

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), SignatureError> {
        let mut mac = self.0.clone();
        mac.update(message);
        mac.verify_slice(signature).map_err(|_| SignatureError::new())
    }
}

impl Signer<Vec<u8>> for Hs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, SignatureError> {
        let mut mac = self.0.clone();
        mac.update(message);
        Ok(mac.finalize().into_bytes().to_vec())
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

impl JwtSigner for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::{EncodingKey, Header};
    use proptest::prelude::*;
    use serde_json::json;

    const SECRET: &str = "example_client_secret_one";
    const NOW: i64 = 1_795_305_600;

    fn signed(claims: &serde_json::Value, secret: &str) -> String {
        install_provider();
        jsonwebtoken::encode(&Header::default(), claims, &EncodingKey::from_secret(secret.as_bytes())).unwrap()
    }

    fn claims() -> serde_json::Value {
        json!({
            "iss": "https://example.myshopify.com/admin", "dest": "https://example.myshopify.com",
            "aud": "client", "sub": "42", "exp": NOW + 50, "nbf": NOW - 10, "sid": "s",
        })
    }

    fn check(claims: &serde_json::Value) -> Result<IdToken, IdTokenError> {
        let secrets = Secrets::new(SECRET, Some("the one before".into()));
        verify(&signed(claims, SECRET), "client", &secrets, Timestamp::from_seconds(NOW)).map(Verified::into_inner)
    }

    fn with(key: &str, value: serde_json::Value) -> Result<IdToken, IdTokenError> {
        let mut changed = claims();
        changed[key] = value;
        check(&changed)
    }

    #[test]
    fn believes_a_token_of_either_secret() {
        let token = check(&claims()).unwrap();
        assert_eq!((token.shop.as_str(), token.user.as_deref()), ("example.myshopify.com", Some("42")));
        let old = signed(&claims(), "the one before");
        let now = Timestamp::from_seconds(NOW);
        let both = Secrets::new(SECRET, Some("the one before".into()));
        assert!(verify(&old, "client", &both, now).is_ok());
        assert_eq!(verify(&old, "client", &Secrets::new(SECRET, None), now), Err(IdTokenError::Forged));
    }

    #[test]
    fn checks_what_the_official_package_leaves_out() {
        assert!(with("dest", json!("example.myshopify.com")).is_ok());
        assert_eq!(with("dest", json!("https://other.myshopify.com")), Err(IdTokenError::Shop));
        assert_eq!(with("iss", json!("https://evil.example/admin")), Err(IdTokenError::Shop));
        assert_eq!(with("iss", json!("http://example.myshopify.com/admin")), Err(IdTokenError::Shop));
        assert_eq!(with("aud", json!("other")), Err(IdTokenError::Audience));
        for required in ["exp", "nbf", "iss", "dest", "aud"] {
            assert_eq!(with(required, serde_json::Value::Null), Err(IdTokenError::Malformed), "{required}");
        }
    }

    #[test]
    fn the_edges_of_the_leeway() {
        assert!(with("exp", json!(NOW - 9)).is_ok());
        assert_eq!(with("exp", json!(NOW - 10)), Err(IdTokenError::Expired));
        assert!(with("nbf", json!(NOW + 10)).is_ok());
        assert_eq!(with("nbf", json!(NOW + 11)), Err(IdTokenError::TooEarly));
        assert!(with("exp", json!(i64::MAX)).is_ok());
        assert_eq!(with("exp", json!(i64::MIN)), Err(IdTokenError::Expired));
    }

    proptest! {
        #[test]
        fn never_panics(token in "[A-Za-z0-9_.=-]{0,80}|.{0,80}") {
            let secrets = Secrets::new(SECRET, None);
            prop_assert!(verify(&token, "client", &secrets, Timestamp::from_seconds(NOW)).is_err());
        }
    }
}
