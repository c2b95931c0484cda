//! Access scopes: what a shop allowed us.
//!
//! A write scope implies the read scope; Shopify grants `write_discounts` and never says `read_discounts`.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::LazyLock;

/// What Shopify asks merchants for in our name: read from the file it is deployed from, so that the two cannot differ.
static REQUIRED: LazyLock<Scopes> = LazyLock::new(|| {
    let file = include_str!("../../shopify.app.toml");
    let line = file.lines().find_map(|line| line.trim().strip_prefix("scopes = "));
    Scopes::parse(line.unwrap_or_default().trim_matches('"'))
});

/// A set of scopes; printed comma separated, as Shopify does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(BTreeSet<String>);

impl Scopes {
    /// The scopes this app cannot do without.
    pub fn required() -> &'static Self {
        &REQUIRED
    }

    /// Reads comma separated scopes; spaces and empty parts do not count.
    pub fn parse(text: &str) -> Self {
        Self(text.split(',').map(str::trim).filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
    }

    /// Whether one scope is granted, by name or by its write scope.
    pub fn has(&self, scope: &str) -> bool {
        let writes = || scope.strip_prefix("read_").is_some_and(|what| self.0.contains(&format!("write_{what}")));
        self.0.contains(scope) || writes()
    }

    /// Which of the required scopes are not granted.
    pub fn missing<'a>(&self, required: &'a Scopes) -> Vec<&'a str> {
        required.0.iter().map(String::as_str).filter(|scope| !self.has(scope)).collect()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.iter().map(String::as_str).collect::<Vec<_>>().join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_required_stands_in_the_app_configuration() {
        assert!(Scopes::required().has("write_discounts") && Scopes::required().has("read_orders"));
        assert!(!Scopes::required().to_string().contains('"'));
    }

    #[test]
    fn write_implies_read() {
        let granted = Scopes::parse("write_discounts, read_orders,");
        assert!(granted.missing(&Scopes::parse("read_discounts,write_discounts,read_orders")).is_empty());
        assert_eq!(granted.missing(&Scopes::parse("write_orders,read_customers")), ["read_customers", "write_orders"]);
        assert_eq!(granted.to_string(), "read_orders,write_discounts");
    }
}
