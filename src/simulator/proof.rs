//! Signatures as Shopify and Meta make them, written again so that the app's own code is never its own judge.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

fn mac(secret: &str, message: &[u8]) -> Hmac<Sha256> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(message);
    mac
}

/// The webhook header of Shopify: base64 over the raw bytes.
pub(super) fn base64_signature(secret: &str, body: &[u8]) -> String {
    STANDARD.encode(mac(secret, body).finalize().into_bytes())
}

/// Hexadecimal HMAC-SHA256, as Meta's header and Shopify's query want it.
pub(super) fn hex_signature(secret: &str, message: &[u8]) -> String {
    hex::encode(mac(secret, message).finalize().into_bytes())
}

/// Text as a URL part without padding (the `host` parameter).
pub(super) fn base64_text(text: &str) -> String {
    STANDARD_NO_PAD.encode(text)
}

/// An HS256 JWT.
pub(super) fn jwt(secret: &str, claims: &Value) -> String {
    let header = URL_SAFE_NO_PAD.encode(json!({"alg": "HS256", "typ": "JWT"}).to_string());
    let signed = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(mac(secret, signed.as_bytes()).finalize().into_bytes());
    format!("{signed}.{signature}")
}

/// The claims of a JWT whose HS256 signature holds.
pub(super) fn open_jwt(secret: &str, token: &str) -> Option<Value> {
    let (signed, signature) = token.rsplit_once('.')?;
    mac(secret, signed.as_bytes()).verify_slice(&URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let (header, claims) = signed.split_once('.')?;
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    if header["alg"] != "HS256" {
        return None;
    }
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
}

/// Percent-encoding as Shopify's query HMAC wants it: bare are letters, digits and `* - . _`.
pub(super) fn form_encode(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"*-._".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A query string signed as the admin signs the load of an embedded app.
pub(super) fn signed_query(secret: &str, mut pairs: Vec<(&str, String)>) -> String {
    pairs.sort();
    let text =
        pairs.iter().map(|(k, v)| format!("{}={}", form_encode(k), form_encode(v))).collect::<Vec<_>>().join("&");
    format!("{text}&hmac={}", hex_signature(secret, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_documented_vector() {
        let pairs = vec![
            ("code", "0907a61c0c8d55e99db179b68161bc00".to_owned()),
            ("shop", "some-shop.myshopify.com".to_owned()),
            ("state", "0.6784241404160823".to_owned()),
            ("timestamp", "1337178173".to_owned()),
        ];
        let signed = signed_query("hush", pairs);
        assert!(signed.ends_with("hmac=700e2dadb827fcc8609e9d5ce208b2e9cdaab9df07390d2cbca10d7c328fc4bf"), "{signed}");
    }

    #[test]
    fn tokens_open_only_with_their_secret() {
        let token = jwt("hush", &json!({"aud": "x"}));
        assert_eq!(open_jwt("hush", &token), Some(json!({"aud": "x"})));
        assert_eq!(open_jwt("other", &token), None);
        assert_eq!(open_jwt("hush", "a.b"), None);
    }
}
