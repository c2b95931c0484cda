//! Proof that a delivery comes from Shopify: HMAC-SHA256 over the raw body, base64, in a header.
//!
//! 1. The bytes are hashed exactly as they arrived, before anybody parses them.
//! 2. The current and the previous client secret are both good; an empty one proves nothing.
//! 3. Headers are not signed: the shop named there is a claim, to be compared with the payload and with our records.
//!    Topic, delivery id and time are claims too: nothing that cannot be undone hangs on them.
//!
//! # What is signed, by whom, with which key, for which purpose
//!
//! One secret signs several languages, so each verifier also refuses what is not a text of its own.
//!
//! | signed | by | key | for | why it is nothing elsewhere |
//! | --- | --- | --- | --- | --- |
//! | `header.claims` of an ID token | Shopify | client secret | who asks, for a minute ([`super::id_token`]) | letters, digits, `-_.`: never a JSON object, has no `=` |
//! | sorted query | Shopify | client secret | a page load, the way back of a code grant ([`super::query`]) | begins with a parameter's name, braces are `%7B`: never a JSON object; has no two dots of a JWT around base64 |
//! | raw body of a webhook, either family | Shopify | client secret | facts, and reasons to ask ([`super::named`]) | begins with `{`, which neither a JWT nor a signed query can hold |
//! | raw body of a WhatsApp webhook | Meta | Meta's app secret | statuses | another key |
//! | state, shop and second of a code grant | us | pepper, purpose `auth.state` | the cookie of the grant | another key; also once only |
//! | slug | us | pepper, per shop, purpose `slug` | a link | another key |
//! | callback data | us | pepper, per shop, purpose `callback` | finds a message | another key |
//! | API key | us | kept as a keyed hash, purpose `api_key` | a platform acts for a shop | another key; ends with the installation |
//! | `id.time.body` of an outgoing webhook | us | the endpoint's own random secret | the merchant's server believes us | another key; we verify none |
//! | cursors, export addresses | nobody | none | where a page begins | read only inside the shop of a proven caller |
//!
//! The pepper is the installation's own and leaves it never; its keys are derived for one shop and one purpose each.
//! An app proxy would bring a fifth language of the client secret (`key=value` without separators): we have none.

use std::fmt;
use std::ops::Deref;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::domain::ShopDomain;
use crate::kernel::Timestamp;

/// Something whose signature held. Only this module and its siblings can make one, after the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified<T>(T);

impl<T> Verified<T> {
    pub(super) fn proven(value: T) -> Self {
        Self(value)
    }

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

/// The app's client secret and, while secrets are being rotated, the one before it.
#[derive(Clone)]
pub struct Secrets {
    current: SecretString,
    previous: Option<SecretString>,
}

impl Secrets {
    /// The secret for new requests and the one still accepted; an empty previous one counts as none.
    pub fn new(current: impl Into<SecretString>, previous: Option<SecretString>) -> Self {
        Self { current: current.into(), previous: previous.filter(|secret| !secret.expose_secret().is_empty()) }
    }

    /// The secret that requests of ours carry.
    pub fn current(&self) -> &SecretString {
        &self.current
    }

    /// Every key a signature may hang on, newest first.
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        let all = [Some(&self.current), self.previous.as_ref()].into_iter().flatten();
        all.map(|secret| secret.expose_secret().as_bytes()).filter(|key| !key.is_empty())
    }

    /// Whether one of the secrets made this digest of the message; compared in constant time.
    pub(super) fn signed(&self, message: &[u8], digest: &[u8]) -> bool {
        self.keys().any(|key| {
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

/// Which of Shopify's two delivery forms: they differ in header names and in the body's shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `X-Shopify-…` headers, a REST-shaped body.
    Classic,
    /// `shopify-…` headers, a GraphQL-shaped body.
    Events,
}

/// What the headers of a proven delivery say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Whose delivery it claims to be.
    pub shop: ShopDomain,
    /// `orders/paid`; for [`Family::Events`] a type name, `Order`.
    pub topic: String,
    /// The API version that wrote the body.
    pub api_version: String,
    /// Unique per delivery and the same in its repeats: the key for keeping it once.
    pub delivery_id: String,
    /// Shared by all deliveries of one merchant action.
    pub event_id: Option<String>,
    /// When it happened, if the header can be read.
    pub triggered_at: Option<Timestamp>,
    /// Which headers carried it.
    pub family: Family,
    /// `create`, `update` or `delete`; [`Family::Events`] only.
    pub action: Option<String>,
    /// The subscription's own name; [`Family::Events`] only.
    pub handle: Option<String>,
}

/// Why a delivery is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Nothing was sent.
    #[error("the body is empty")]
    EmptyBody,
    /// A required header is absent or empty.
    #[error("header {0} is missing")]
    MissingHeader(&'static str),
    /// A required header is repeated or unreadable.
    #[error("header {0} is not usable")]
    BadHeader(&'static str),
    /// The signature is not one of ours.
    #[error("the signature does not match")]
    Forged,
    /// What was signed is no delivery: those are JSON objects.
    #[error("what was signed is no delivery of a webhook")]
    NoObject,
    /// The payload names another shop than the header.
    #[error("the signed payload is about another shop than the header names")]
    Elsewhere,
    /// The payload does not name its shop, and those of its topic do.
    #[error("the signed payload does not say which shop it is about")]
    Silent,
    /// The payload is another kind of thing than the topic says.
    #[error("the signed payload is not what its topic says")]
    OtherTopic,
}

impl ProofError {
    /// The HTTP status Shopify's review expects: 401 for a bad signature, 400 for an incomplete request.
    pub const fn status(self) -> u16 {
        match self {
            Self::Forged | Self::NoObject | Self::Elsewhere | Self::Silent | Self::OtherTopic => 401,
            Self::EmptyBody | Self::MissingHeader(_) | Self::BadHeader(_) => 400,
        }
    }
}

/// Believes a delivery's signature, or says why not. Header names may have any case. Whether the signed bytes are a
/// delivery at all, and the one its headers say, is asked next: [`super::named`].
pub fn verify_webhook<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    body: &[u8],
    secrets: &Secrets,
) -> Result<Verified<Delivery>, ProofError> {
    let headers = Headers::collect(headers);
    if body.is_empty() {
        return Err(ProofError::EmptyBody);
    }
    // The newer form decides by its mere presence: a good old signature never rescues a bad new one.
    let (family, names) =
        if headers.has(EVENTS.digest) { (Family::Events, EVENTS) } else { (Family::Classic, CLASSIC) };
    let digest = BASE64.decode(headers.required(names.digest)?).map_err(|_| ProofError::Forged)?;
    if !secrets.signed(body, &digest) {
        return Err(ProofError::Forged);
    }
    let shop = headers.required(names.shop)?;
    Ok(Verified::proven(Delivery {
        shop: ShopDomain::parse(shop).map_err(|_| ProofError::BadHeader(names.shop))?,
        topic: headers.required(names.topic)?.to_owned(),
        api_version: headers.required(names.api_version)?.to_owned(),
        delivery_id: headers.required(names.delivery_id)?.to_owned(),
        event_id: headers.optional(names.event_id),
        triggered_at: headers.optional(names.triggered_at).and_then(|text| Timestamp::parse(&text)),
        family,
        action: names.action.and_then(|name| headers.optional(name)),
        handle: names.handle.and_then(|name| headers.optional(name)),
    }))
}

struct Names {
    digest: &'static str,
    shop: &'static str,
    topic: &'static str,
    api_version: &'static str,
    delivery_id: &'static str,
    event_id: &'static str,
    triggered_at: &'static str,
    action: Option<&'static str>,
    handle: Option<&'static str>,
}

const CLASSIC: Names = Names {
    digest: "x-shopify-hmac-sha256",
    shop: "x-shopify-shop-domain",
    topic: "x-shopify-topic",
    api_version: "x-shopify-api-version",
    delivery_id: "x-shopify-webhook-id",
    event_id: "x-shopify-event-id",
    triggered_at: "x-shopify-triggered-at",
    action: None,
    handle: None,
};

const EVENTS: Names = Names {
    digest: "shopify-hmac-sha256",
    shop: "shopify-shop-domain",
    topic: "shopify-topic",
    api_version: "shopify-api-version",
    delivery_id: "shopify-webhook-id",
    event_id: "shopify-event-id",
    triggered_at: "shopify-triggered-at",
    action: Some("shopify-action"),
    handle: Some("shopify-handle"),
};

/// Longer values are not Shopify's, and would not fit where they are kept.
const LONGEST: usize = 255;

/// The headers of interest. Their names may have any case.
struct Headers<'a>(Vec<(&'a str, &'a [u8])>);

impl<'a> Headers<'a> {
    fn collect(all: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let ours = |name: &str| {
            ["shopify-", "x-shopify-"]
                .iter()
                .any(|prefix| name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix)))
        };
        Self(all.into_iter().filter(|(name, _)| ours(name)).collect())
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n.eq_ignore_ascii_case(name))
    }

    fn required(&self, name: &'static str) -> Result<&'a str, ProofError> {
        let mut values = self.0.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| *value);
        let value = values.next().ok_or(ProofError::MissingHeader(name))?;
        if values.next().is_some() || value.len() > LONGEST {
            return Err(ProofError::BadHeader(name));
        }
        match std::str::from_utf8(value).map(str::trim) {
            Ok("") => Err(ProofError::MissingHeader(name)),
            Ok(text) if text.bytes().all(|b| (0x20..0x7f).contains(&b)) => Ok(text),
            _ => Err(ProofError::BadHeader(name)),
        }
    }

    fn optional(&self, name: &'static str) -> Option<String> {
        self.required(name).ok().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn secrets() -> Secrets {
        Secrets::new("example_client_secret_one", None)
    }

    #[test]
    fn secrets_are_never_printed_and_never_empty() {
        assert_eq!(format!("{:?}", secrets()), "Secrets(***)");
        let empty = Secrets::new("", Some("".into()));
        let digest = crate::kernel::secret::hmac_sha256(b"", &[b"body"]);
        assert!(!empty.signed(b"body", &digest));
    }

    #[test]
    fn a_shop_header_that_is_no_shop_is_refused_after_the_proof() {
        let digest = BASE64.encode(crate::kernel::secret::hmac_sha256(b"example_client_secret_one", &[b"{}"]));
        let with = |shop: &'static str, digest: &str| {
            let digest = digest.to_owned();
            let all = [
                ("X-Shopify-Hmac-Sha256", digest.as_bytes()),
                ("X-Shopify-Topic", b"orders/paid"),
                ("X-Shopify-API-Version", b"2026-10"),
                ("X-Shopify-Webhook-Id", b"1"),
                ("X-Shopify-Shop-Domain", shop.as_bytes()),
            ];
            verify_webhook(all, b"{}", &secrets()).map(|delivery| delivery.into_inner().shop.to_string())
        };
        assert_eq!(with("Example.myshopify.com", &digest).as_deref(), Ok("example.myshopify.com"));
        assert_eq!(with("evil.example", &digest), Err(ProofError::BadHeader("x-shopify-shop-domain")));
        assert_eq!(with("evil.example", "AAAA"), Err(ProofError::Forged));
    }

    type Pairs = Vec<(String, Vec<u8>)>;

    fn sign(secret: &str, body: &[u8]) -> String {
        BASE64.encode(crate::kernel::secret::hmac_sha256(secret.as_bytes(), &[body]))
    }

    /// The headers of one family, as Shopify sends them.
    fn family(names: &Names, digest: &str, shop: &str, topic: &str, id: &str) -> Pairs {
        let all = [
            (names.digest, digest),
            (names.shop, shop),
            (names.topic, topic),
            (names.api_version, "2026-10"),
            (names.delivery_id, id),
            (names.triggered_at, "2026-11-23T08:00:00.123456789Z"),
        ];
        all.into_iter().map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).collect()
    }

    fn verify(headers: &Pairs, body: &[u8], secrets: &Secrets) -> Result<Delivery, ProofError> {
        let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
        verify_webhook(pairs, body, secrets).map(Verified::into_inner)
    }

    /// The name with some letters in the other case.
    fn recased(name: &str, pattern: u64) -> String {
        let other = |(i, c): (usize, char)| if pattern >> (i % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c };
        name.chars().enumerate().map(other).collect()
    }

    prop_compose! {
        fn delivered()(
            events in any::<bool>(),
            shop in "[a-z0-9]{1,20}\\.myshopify\\.com",
            topic in "[a-z_]{1,12}/[a-z_]{1,12}",
            id in "[0-9a-f-]{1,40}",
            body in prop::collection::vec(any::<u8>(), 1..200),
        ) -> (Family, Pairs, Vec<u8>) {
            let (family_is, names) = if events { (Family::Events, EVENTS) } else { (Family::Classic, CLASSIC) };
            let headers = family(&names, &sign("example_client_secret_one", &body), &shop, &topic, &id);
            (family_is, headers, body)
        }
    }

    proptest! {
        #[test]
        fn what_was_signed_is_believed_in_any_order_and_case((is, headers, body) in delivered(), case in any::<u64>(), turn in 0_usize..6) {
            let plain = verify(&headers, &body, &secrets()).unwrap();
            prop_assert_eq!(plain.family, is);
            prop_assert!(plain.triggered_at.is_some());
            let mut other: Pairs = headers.iter().map(|(name, value)| (recased(name, case), value.clone())).collect();
            other.rotate_left(turn);
            other.push(("accept".into(), b"*/*".to_vec()));
            prop_assert_eq!(verify(&other, &body, &secrets()), Ok(plain.clone()));
            // While secrets are being rotated either may have signed, and nobody can tell which.
            let rotated = Secrets::new("example_client_secret_two", Some("example_client_secret_one".into()));
            prop_assert_eq!(verify(&headers, &body, &rotated), Ok(plain));
        }

        #[test]
        fn one_flipped_bit_anywhere_is_refused((_, headers, body) in delivered(), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let flip = |bytes: &[u8]| {
                let mut bytes = bytes.to_vec();
                let i = at.index(bytes.len());
                bytes[i] ^= 1 << bit;
                bytes
            };
            prop_assert_eq!(verify(&headers, &flip(&body), &secrets()), Err(ProofError::Forged));
            let mut forged = headers.clone();
            forged[0].1 = flip(&forged[0].1);
            prop_assert!(verify(&forged, &body, &secrets()).is_err());
            let secret = String::from_utf8(flip(b"example_client_secret_one"));
            if let Ok(secret) = secret {
                prop_assert_eq!(verify(&headers, &body, &Secrets::new(secret, None)), Err(ProofError::Forged));
            }
            // A secret nobody configured proves nothing, not even for an empty one.
            prop_assert!(verify(&headers, &body, &Secrets::new("", None)).is_err());
        }

        #[test]
        fn exactly_one_family_decides(body in prop::collection::vec(any::<u8>(), 1..60), new_is_good in any::<bool>(), old_is_good in any::<bool>(), turn in 0_usize..12) {
            let digest = |good| sign(if good { "example_client_secret_one" } else { "another" }, &body);
            let mut both = family(&EVENTS, &digest(new_is_good), "new.myshopify.com", "Order", "new");
            both.extend(family(&CLASSIC, &digest(old_is_good), "old.myshopify.com", "orders/paid", "old"));
            both.rotate_left(turn);
            match verify(&both, &body, &secrets()) {
                Ok(delivery) => {
                    prop_assert!(new_is_good, "a good old signature rescued a bad new one");
                    prop_assert_eq!((delivery.family, delivery.delivery_id.as_str()), (Family::Events, "new"));
                    prop_assert_eq!((delivery.shop.as_str(), delivery.topic.as_str()), ("new.myshopify.com", "Order"));
                }
                Err(error) => {
                    prop_assert!(!new_is_good);
                    prop_assert_eq!(error, ProofError::Forged);
                }
            }
        }

        #[test]
        fn a_required_header_is_there_once_and_not_empty((is, headers, body) in delivered(), which in 0_usize..5, twice in any::<bool>()) {
            let mut headers = headers;
            let name = headers[which].0.clone();
            if twice {
                let again = headers[which].clone();
                headers.push(again);
            } else {
                headers[which].1 = b"  ".to_vec();
            }
            let refused = verify(&headers, &body, &secrets());
            match refused {
                Err(ProofError::BadHeader(bad)) => prop_assert!(twice && bad == name),
                Err(ProofError::MissingHeader(missing)) => prop_assert!(!twice && missing == name),
                other => prop_assert!(false, "{is:?} {name}: {other:?}"),
            }
        }

        #[test]
        fn never_panics_and_believes_nobody(
            headers in prop::collection::vec(
                ("((x-)?shopify-(hmac-sha256|topic|shop-domain|webhook-id|api-version))|[a-z-]{0,12}", prop::collection::vec(any::<u8>(), 0..60)),
                0..12,
            ),
            body in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            let pairs: Vec<(&str, &[u8])> = headers.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
            prop_assert!(verify_webhook(pairs, &body, &secrets()).is_err());
        }
    }
}
