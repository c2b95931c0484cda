//! Shopify's global ids, `gid://shopify/Order/123?key=…`.
//!
//! Most of them are kept as they came: what Shopify calls a thing is Shopify's business. The number is read only where
//! a webhook or a report speaks the number instead.

/// The type and the number of a global id; a query behind it is ignored. `None` for anything else.
pub fn parse_gid(text: &str) -> Option<(&str, i64)> {
    let (kind, rest) = text.strip_prefix("gid://shopify/")?.split_once('/')?;
    let number = rest.split_once('?').map_or(rest, |(number, _)| number);
    let digits = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let named = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_alphanumeric());
    if digits && named { Some((kind, number.parse().ok()?)) } else { None }
}

/// Makes a newtype for the global ids of one kind of thing.
macro_rules! gid_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub struct $name(pub String);

        impl $name {
            /// The text as Shopify gave it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub(super) use gid_type;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_type_and_number() {
        assert_eq!(parse_gid("gid://shopify/Order/450789469"), Some(("Order", 450_789_469)));
        assert_eq!(parse_gid("gid://shopify/Cart/12?key=ab/c"), Some(("Cart", 12)));
        for wrong in ["", "gid://shopify/Order/", "gid://shopify//1", "gid://other/Order/1", "gid://shopify/Order/x1"] {
            assert_eq!(parse_gid(wrong), None, "{wrong}");
        }
        assert_eq!(parse_gid("gid://shopify/Order/99999999999999999999"), None);
    }
}
