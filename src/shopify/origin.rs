//! Where a shop's own addresses begin: Shopify itself, or the pretend Shopify on loopback.
//!
//! 1. The pattern has `{shop}` exactly once, as the whole host or as one whole part of the path.
//! 2. Plain HTTP leads to loopback only: a client secret travels these roads.

use url::{Host, Url};

use super::domain::ShopDomain;

const SHOP: &str = "{shop}";

/// The pattern of a shop's address, `https://{shop}` unless somebody pretends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// Why a pattern was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// `{shop}` is absent, repeated, or only a piece of the host or of a path part.
    #[error("expected `{{shop}}` once, as the whole host or one whole part of the path, e.g. https://{{shop}}")]
    Shop,
    /// Neither HTTPS nor loopback, or not an address at all.
    #[error("expected an https address, or http on loopback")]
    Address,
}

impl Default for Origin {
    fn default() -> Self {
        Self(format!("https://{SHOP}"))
    }
}

impl Origin {
    /// Reads a pattern such as `https://{shop}` or `http://127.0.0.1:9100/{shop}`.
    pub fn parse(pattern: &str) -> Result<Self, OriginError> {
        let pattern = pattern.trim().trim_end_matches('/');
        let (scheme, rest) = pattern.split_once("://").ok_or(OriginError::Address)?;
        if rest.split('/').filter(|part| *part == SHOP).count() != 1 || pattern.matches(SHOP).count() != 1 {
            return Err(OriginError::Shop);
        }
        let url = Url::parse(&pattern.replace(SHOP, "example.myshopify.com")).map_err(|_| OriginError::Address)?;
        let bare =
            url.username().is_empty() && url.password().is_none() && url.query().is_none() && url.fragment().is_none();
        let safe = match (scheme, url.host()) {
            ("https", Some(_)) => true,
            ("http", Some(Host::Ipv4(ip))) => ip.is_loopback(),
            ("http", Some(Host::Ipv6(ip))) => ip.is_loopback(),
            ("http", Some(Host::Domain(name))) => name == "localhost",
            _ => false,
        };
        if bare && safe { Ok(Self(pattern.to_owned())) } else { Err(OriginError::Address) }
    }

    /// Where everything of this shop begins; ends in `/`, so that `join` of a relative path stays inside.
    pub fn of(&self, shop: &ShopDomain) -> Url {
        let text = format!("{}/", self.0.replace(SHOP, shop.as_str()));
        Url::parse(&text).expect("the pattern was read with a shop in it, and every ShopDomain is a host")
    }

    /// The address of a path of this shop. The path begins without `/`.
    pub fn endpoint(&self, shop: &ShopDomain, path: &str) -> Url {
        let mut url = self.of(shop);
        let whole = format!("{}{path}", url.path());
        url.set_path(&whole);
        url
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builds_addresses_of_one_shop() {
        let shop = ShopDomain::parse("example.myshopify.com").unwrap();
        let real = Origin::parse("https://{shop}").unwrap();
        assert_eq!(real, Origin::default());
        assert_eq!(real.endpoint(&shop, "admin/x.json").as_str(), "https://example.myshopify.com/admin/x.json");
        let pretend = Origin::parse("http://127.0.0.1:9100/{shop}/").unwrap();
        assert_eq!(pretend.of(&shop).join("a").unwrap().as_str(), "http://127.0.0.1:9100/example.myshopify.com/a");
    }

    #[test]
    fn refuses_what_could_carry_the_secret_elsewhere() {
        for wrong in ["https://example.com", "https://x{shop}", "https://{shop}.evil.example", "https://{shop}/{shop}"]
        {
            assert_eq!(Origin::parse(wrong), Err(OriginError::Shop), "{wrong}");
        }
        for wrong in
            ["http://{shop}", "http://10.0.0.1/{shop}", "{shop}", "ftp://localhost/{shop}", "https://a@b/{shop}"]
        {
            assert_eq!(Origin::parse(wrong), Err(OriginError::Address), "{wrong}");
        }
    }
}
