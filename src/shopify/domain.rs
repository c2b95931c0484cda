//! A shop's permanent name, `example.myshopify.com`.
//!
//! 1. Exactly one label of ASCII letters, digits and hyphens before `.myshopify.com`, anchored at both ends.
//! 2. Always lower-case, so that one shop has one key.
//! 3. A host the URL parser takes as it stands: an address built from it cannot lead elsewhere.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

const SUFFIX: &str = ".myshopify.com";

/// A shop's `.myshopify.com` name, lower-case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ShopDomain(String);

/// The text is not a shop's `.myshopify.com` name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a shop name such as example.myshopify.com")]
pub struct NotAShopDomain;

impl ShopDomain {
    /// Reads an untrusted text. Other vendor hosts, schemes, ports, paths and white space are refused.
    pub fn parse(text: &str) -> Result<Self, NotAShopDomain> {
        let text = text.to_ascii_lowercase();
        let name = text.strip_suffix(SUFFIX).ok_or(NotAShopDomain)?;
        let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !letters || name.is_empty() || name.starts_with('-') || name.len() > 63 {
            return Err(NotAShopDomain);
        }
        // Broken punycode (`xn--…`) has the right letters and still is no host.
        match url::Host::parse(&text) {
            Ok(url::Host::Domain(host)) if host == text => Ok(Self(text)),
            _ => Err(NotAShopDomain),
        }
    }

    /// The whole name, `example.myshopify.com`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before `.myshopify.com`, as the admin's addresses use it.
    pub fn name(&self) -> &str {
        self.0.strip_suffix(SUFFIX).unwrap_or(&self.0)
    }
}

impl FromStr for ShopDomain {
    type Err = NotAShopDomain;

    fn from_str(text: &str) -> Result<Self, NotAShopDomain> {
        Self::parse(text)
    }
}

impl AsRef<str> for ShopDomain {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ShopDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ShopDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for ShopDomain {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for ShopDomain {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_shop_has_one_key() {
        let shop = ShopDomain::parse("ExampleShop.MyShopify.com").unwrap();
        assert_eq!((shop.as_str(), shop.name()), ("exampleshop.myshopify.com", "exampleshop"));
        assert_eq!(serde_json::from_str::<ShopDomain>(&serde_json::to_string(&shop).unwrap()).unwrap(), shop);
    }

    #[test]
    fn what_is_no_host_is_no_shop() {
        for wrong in
            ["xn--0.myshopify.com", "a_b.myshopify.com", "a.myshopify.com.", " a.myshopify.com", "a.myshopify.com\n"]
        {
            assert_eq!(ShopDomain::parse(wrong), Err(NotAShopDomain), "{wrong:?}");
        }
        assert!(ShopDomain::parse(&format!("{}.myshopify.com", "a".repeat(64))).is_err());
    }

    proptest! {
        #[test]
        fn never_panics_and_stays_a_host(text in "[a-zA-Z0-9./:@#_-]{0,20}(\\.myshopify\\.com)?.{0,3}") {
            if let Ok(shop) = ShopDomain::parse(&text) {
                let url = url::Url::parse(&format!("https://{shop}/")).unwrap();
                prop_assert_eq!(url.host_str(), Some(shop.as_str()));
            }
        }
    }
}
