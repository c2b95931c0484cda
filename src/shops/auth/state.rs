//! The state of a code grant: a fresh random value that goes with the browser to Shopify and, in a signed cookie, stays
//! with it. Both have to come back together, within a minute, for the same shop.
//!
//! The cookie's key is derived from the installation's pepper: never the client secret itself, or a cookie of ours would
//! be a valid signature of Shopify's for the same text.

use subtle::ConstantTimeEq;

use crate::kernel::id::ShopId;
use crate::kernel::secret::hmac_sha256;
use crate::kernel::{Chance, Stream, Timestamp, Vault};
use crate::shopify::ShopDomain;

/// A minute is enough to say yes.
pub(super) const LIFE_SECONDS: i64 = 60;

/// What a begun grant is known by.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    /// For the address at Shopify.
    pub state: String,
    /// For the browser.
    pub cookie: String,
}

/// A fresh state for this shop.
pub(super) fn begin(vault: &Vault, chance: &Chance, shop: &ShopDomain, now: Timestamp) -> Begun {
    let state = hex::encode(chance.bytes::<32>(Stream::Keys));
    let cookie = format!("{state}.{}.{}", now.seconds(), tag(vault, &state, shop, now.seconds()));
    Begun { state, cookie }
}

/// Whether this cookie and this state were begun together, for this shop and not long ago.
pub(super) fn holds(vault: &Vault, cookie: &str, state: &str, shop: &ShopDomain, now: Timestamp) -> bool {
    let mut parts = cookie.split('.');
    let (Some(kept), Some(seconds), Some(given), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let Ok(seconds) = seconds.parse::<i64>() else { return false };
    let signed = given.as_bytes().ct_eq(tag(vault, kept, shop, seconds).as_bytes());
    let same = kept.as_bytes().ct_eq(state.as_bytes());
    let fresh = (0..=LIFE_SECONDS).contains(&now.seconds().saturating_sub(seconds));
    bool::from(signed & same) && fresh && !state.is_empty()
}

fn tag(vault: &Vault, state: &str, shop: &ShopDomain, seconds: i64) -> String {
    let key = vault.shop_key(ShopId::NOBODY, "auth.state");
    hex::encode(hmac_sha256(&key, &[state.as_bytes(), b".", shop.as_str().as_bytes(), b".", &seconds.to_be_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_cookie_shop_and_minute_belong_together() {
        let chance = Chance::seeded(1);
        let vault = Vault::new([1; 32], None, chance.clone()).with_pepper([2; 32]);
        let other_vault = Vault::new([1; 32], None, chance.clone()).with_pepper([3; 32]);
        let (ana, bea) =
            (ShopDomain::parse("ana.myshopify.com").unwrap(), ShopDomain::parse("bea.myshopify.com").unwrap());
        let now = Timestamp::from_seconds(1_000);
        let begun = begin(&vault, &chance, &ana, now);
        let other = begin(&vault, &chance, &ana, now);
        let fits = |cookie: &str, state: &str, shop: &ShopDomain, after: i64| {
            holds(&vault, cookie, state, shop, now.plus_seconds(after))
        };
        assert!(fits(&begun.cookie, &begun.state, &ana, 0) && fits(&begun.cookie, &begun.state, &ana, 60));
        assert!(!fits(&begun.cookie, &begun.state, &ana, 61));
        assert!(!fits(&begun.cookie, &begun.state, &ana, -1));
        assert!(!fits(&begun.cookie, &begun.state, &bea, 0));
        assert!(!fits(&begun.cookie, &other.state, &ana, 0));
        assert!(!fits(&other.cookie, &begun.state, &ana, 0));
        assert!(!holds(&other_vault, &begun.cookie, &begun.state, &ana, now));
        for broken in ["", ".", "..", "a.b.c", &begun.cookie[..begun.cookie.len() - 1], &format!("{}.x", begun.cookie)]
        {
            assert!(!fits(broken, &begun.state, &ana, 0), "{broken}");
        }
        assert_eq!(begun.state.len(), 64);
        assert_ne!(begun.state, other.state);
    }
}
