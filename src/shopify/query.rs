//! The signed query of a page load or an OAuth callback.
//!
//! 1. Every parameter but `hmac` and `signature` is covered, known or not, empty or not.
//! 2. A repeated key is refused: signer and reader could each mean another of its values.
//! 3. Ninety seconds either way, then the query is stale.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use url::form_urlencoded;

use super::domain::ShopDomain;
use super::proof::{Secrets, Verified};
use crate::kernel::Timestamp;

/// How old, or how early, a query may be, in seconds.
const WINDOW: u64 = 90;

/// The parameters of a proven query, decoded. Debug leaves out all but shop and time: tokens and codes are among them.
#[derive(Clone, PartialEq, Eq)]
pub struct LoadQuery {
    shop: ShopDomain,
    timestamp: Timestamp,
    rest: BTreeMap<String, String>,
}

impl fmt::Debug for LoadQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadQuery")
            .field("shop", &self.shop)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

/// Why a query is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Some key appears twice, or a text is not UTF-8.
    #[error("the query cannot be read in one way only")]
    Ambiguous,
    /// No `hmac`, or not one of ours.
    #[error("the query's signature does not match")]
    Forged,
    /// No whole number of seconds in `timestamp`, or too far from now.
    #[error("the query is not of this minute")]
    Stale,
    /// No `shop`, or none of Shopify's.
    #[error("the query names no shop")]
    Shop,
}

impl LoadQuery {
    /// Which shop the page was opened for.
    pub fn shop(&self) -> &ShopDomain {
        &self.shop
    }

    /// When Shopify signed it.
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// A signed parameter by name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.rest.get(name).map(String::as_str)
    }

    /// The admin's address as it came: base64, unchecked. For redirects use [`LoadQuery::admin_host`].
    pub fn host(&self) -> Option<&str> {
        self.get("host")
    }

    /// The admin's host and path (`admin.shopify.com/store/example`), if `host` leads to Shopify.
    pub fn admin_host(&self) -> Option<String> {
        admin_host(self.host()?)
    }

    /// The ID token of an embedded page load. It has its own proof: see [`super::id_token`].
    pub fn id_token(&self) -> Option<&str> {
        self.get("id_token")
    }

    /// The code of an OAuth callback.
    pub fn code(&self) -> Option<&str> {
        self.get("code")
    }

    /// The state of an OAuth callback, to be compared with the one we set.
    pub fn state(&self) -> Option<&str> {
        self.get("state")
    }
}

/// Decodes the admin's host and path from a `host` parameter, signed or not: it leads to Shopify, or there is none.
pub fn admin_host(host: &str) -> Option<String> {
    let bytes = BASE64.decode(host.trim_end_matches('=')).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let url = url::Url::parse(&format!("https://{text}")).ok()?;
    let name = url.host_str()?;
    let theirs = name == "shopify.com" || name.ends_with(".shopify.com") || name.ends_with(".myshopify.com");
    let bare = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    let plain = url.query().is_none() && url.fragment().is_none();
    (theirs && bare && plain).then(|| format!("{name}{}", url.path().trim_end_matches('/')))
}

/// Believes a raw query (without `?`), or says why not.
pub fn verify(raw: &str, secrets: &Secrets, now: Timestamp) -> Result<Verified<LoadQuery>, QueryError> {
    let mut all = parse(raw)?;
    let digest = all.remove("hmac").as_deref().and_then(lower_hex).ok_or(QueryError::Forged)?;
    all.remove("signature");
    if !secrets.signed(canonical(&all).as_bytes(), &digest) {
        return Err(QueryError::Forged);
    }
    let seconds = all.get("timestamp").and_then(|text| whole_number(text)).ok_or(QueryError::Stale)?;
    if now.seconds().abs_diff(seconds) > WINDOW {
        return Err(QueryError::Stale);
    }
    let shop = all.get("shop").and_then(|text| ShopDomain::parse(text).ok()).ok_or(QueryError::Shop)?;
    Ok(Verified::proven(LoadQuery { shop, timestamp: Timestamp::from_seconds(seconds), rest: all }))
}

/// Decoded parameters by name, in byte order.
fn parse(raw: &str) -> Result<BTreeMap<String, String>, QueryError> {
    let mut all = BTreeMap::new();
    for (key, value) in form_urlencoded::parse(raw.as_bytes()) {
        // The decoder writes U+FFFD for what is not UTF-8, so that different bytes would share one signature.
        let lossy = key.contains('\u{fffd}') || value.contains('\u{fffd}');
        if lossy || all.insert(key.into_owned(), value.into_owned()).is_some() {
            return Err(QueryError::Ambiguous);
        }
    }
    Ok(all)
}

/// The text that is signed: sorted, form-urlencoded again, a space as `%20`.
fn canonical(all: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    for (key, value) in all {
        if !text.is_empty() {
            text.push('&');
        }
        encode(key, &mut text);
        text.push('=');
        encode(value, &mut text);
    }
    text
}

fn encode(part: &str, into: &mut String) {
    for piece in form_urlencoded::byte_serialize(part.as_bytes()) {
        into.push_str(if piece == "+" { "%20" } else { piece });
    }
}

/// 64 lower-case hex digits as bytes.
fn lower_hex(text: &str) -> Option<[u8; 32]> {
    let lower = text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    let mut bytes = [0; 32];
    (lower && hex::decode_to_slice(text, &mut bytes).is_ok()).then_some(bytes)
}

fn whole_number(text: &str) -> Option<i64> {
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: &str = "example_client_secret_one";

    fn signed(text: &str) -> String {
        let digest = crate::kernel::secret::hmac_sha256(SECRET.as_bytes(), &[text.as_bytes()]);
        format!("{text}&hmac={}", hex::encode(digest))
    }

    /// The same parameters in another order.
    fn shuffled(text: &str, by: u64) -> String {
        let mut parts: Vec<&str> = text.split('&').collect();
        parts.sort_by_cached_key(|part| crate::kernel::secret::hmac_sha256(&by.to_be_bytes(), &[part.as_bytes()]));
        parts.join("&")
    }

    fn check(raw: &str) -> Result<LoadQuery, QueryError> {
        verify(raw, &Secrets::new(SECRET, None), Timestamp::from_seconds(1000)).map(Verified::into_inner)
    }

    #[test]
    fn reads_a_load() {
        let query =
            check(&signed("host=YWRtaW4uc2hvcGlmeS5jb20vc3RvcmUvZQ&shop=e.myshopify.com&timestamp=1090")).unwrap();
        assert_eq!(query.shop().as_str(), "e.myshopify.com");
        assert_eq!(query.admin_host().as_deref(), Some("admin.shopify.com/store/e"));
        assert_eq!(check(&signed("shop=e.myshopify.com&timestamp=1091")), Err(QueryError::Stale));
        assert_eq!(check(&signed("shop=e.myshopify.com&timestamp=%2B1000")), Err(QueryError::Stale));
        assert_eq!(check(&signed("shop=evil.example&timestamp=1000")), Err(QueryError::Shop));
        assert_eq!(check(&signed("note=%FF&shop=e.myshopify.com&timestamp=1000")), Err(QueryError::Ambiguous));
    }

    #[test]
    fn redirects_lead_to_shopify_only() {
        let host = |text: &str| {
            let query = format!("host={}&shop=e.myshopify.com&timestamp=1000", BASE64.encode(text));
            check(&signed(&query.replace('+', "%2B").replace('/', "%2F"))).unwrap().admin_host()
        };
        assert_eq!(host("admin.shopify.com/store/e").as_deref(), Some("admin.shopify.com/store/e"));
        for wrong in
            ["evil.example/x", "admin.shopify.com@evil.example", "evil.example#.shopify.com", "evilshopify.com", ""]
        {
            assert_eq!(host(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn canonical_text_reads_back(all in prop::collection::btree_map("[^\u{fffd}]{1,8}", "[^\u{fffd}]{0,8}", 1..6)) {
            let text = canonical(&all);
            prop_assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b"*-._%&=".contains(&b)));
            prop_assert_eq!(parse(&text), Ok(all));
        }

        #[test]
        fn any_order_has_one_canonical_text(
            all in prop::collection::btree_map("[^\u{fffd}]{1,8}", "[^\u{fffd}]{0,8}", 1..8), shuffle in any::<u64>(),
        ) {
            let text = canonical(&all);
            let shuffled = shuffled(&text, shuffle);
            prop_assert_eq!(canonical(&parse(&shuffled).unwrap()), text);
        }

        #[test]
        fn what_was_signed_is_believed_in_any_order(
            notes in prop::collection::btree_map("[a-z_]{1,6}x", "[^\u{fffd}]{0,8}", 0..5), shuffle in any::<u64>(),
        ) {
            let mut all = notes;
            all.insert("shop".into(), "e.myshopify.com".into());
            all.insert("timestamp".into(), "1000".into());
            let raw = shuffled(&signed(&canonical(&all)), shuffle);
            prop_assert_eq!(check(&raw).map(|query| query.rest), Ok(all));
            // Written another way, the same values are the same text: a space is `+` or `%20`, a letter may be escaped.
            prop_assert!(check(&raw.replace("%20", "+").replace("shop=e", "shop=%65")).is_ok());
        }

        #[test]
        fn one_changed_value_key_or_secret_is_refused(
            notes in prop::collection::btree_map("[a-z_]{1,6}x", "[a-z0-9 =&é]{0,8}", 1..5),
            which in any::<prop::sample::Index>(), bit in 0_u8..8, secret_bit in 0_usize..8,
        ) {
            let mut all = notes;
            all.insert("shop".into(), "e.myshopify.com".into());
            all.insert("timestamp".into(), "1000".into());
            let raw = signed(&canonical(&all));
            // Whatever one bit does to the text: it never says something else that is believed.
            let mut flipped = raw.clone().into_bytes();
            let at = which.index(flipped.len());
            flipped[at] ^= 1 << bit;
            if let Ok(flipped) = String::from_utf8(flipped)
                && let Ok(query) = check(&flipped)
            {
                prop_assert_eq!(query.rest, all.clone());
            }
            // One parameter more, one less, one twice.
            let unknown = format!("{raw}&zz=1");
            prop_assert_eq!(check(&unknown).err(), Some(QueryError::Forged));
            let parts: Vec<&str> = raw.split('&').collect();
            let gone = which.index(parts.len() - 1);
            let fewer: Vec<&str> = parts.iter().enumerate().filter(|(i, _)| *i != gone).map(|(_, part)| *part).collect();
            prop_assert_eq!(check(&fewer.join("&")).err(), Some(QueryError::Forged));
            prop_assert_eq!(check(&format!("{raw}&{}", parts[gone])).err(), Some(QueryError::Ambiguous));
            // Another secret, one bit away.
            let mut other = SECRET.as_bytes().to_vec();
            let at = which.index(other.len());
            other[at] ^= 1 << (secret_bit % 7);
            let other = String::from_utf8(other).unwrap();
            let refused = verify(&raw, &Secrets::new(other, None), Timestamp::from_seconds(1000));
            prop_assert_eq!(refused.err(), Some(QueryError::Forged));
        }

        #[test]
        fn never_panics(raw in ".{0,80}|([a-z]{1,4}=[%A-F0-9+]{0,6}&?){0,6}") {
            prop_assert!(check(&raw).is_err());
        }
    }
}
