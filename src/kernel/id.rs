//! Ids as their own types, so that a message's id cannot be handed in where an order's is wanted.

/// Makes a UUID v7 newtype that is a database value, JSON text and an API schema.
#[macro_export]
macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, sea_orm::DeriveValueType, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[schema(value_type = String, format = "uuid")]
        pub struct $name(pub uuid::Uuid);

        impl $name {
            /// A fresh id, ordered by time.
            pub fn new(chance: &$crate::kernel::Chance, now: $crate::kernel::Timestamp) -> Self {
                Self(chance.uuid(now))
            }

            /// Reads the textual form; `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                uuid::Uuid::try_parse(text).ok().map(Self)
            }
        }

        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

crate::uuid_id!(
    /// A WhatsApp message; also the id of the draw that asked for it. No room's own: the draw gives it, in a room that
    /// comes before messages, and the held out have one and never a message.
    MessageId
);

/// Shopify's numeric shop id: the tenant. Only a proven token, signature, API key or slug yields one.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    sea_orm::DeriveValueType,
    serde::Serialize,
    serde::Deserialize,
)]
pub struct ShopId(pub i64);

impl ShopId {
    /// Where deliveries of shops that never installed us are kept: no shop has this id.
    pub const NOBODY: ShopId = ShopId(0);
}

impl std::fmt::Display for ShopId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Digits of [`base62`], for drawing random text from the same alphabet.
pub const BASE62_DIGITS: &[u8] = BASE62;

/// A number in base 62, most significant digit first.
pub fn base62(mut number: u128) -> String {
    // Ten digits fit a machine word, whose division is many times faster.
    const TEN: u128 = 62_u128.pow(10);
    let (mut digits, mut from) = ([0_u8; 30], 30);
    loop {
        let (mut low, last) = ((number % TEN) as u64, number < TEN);
        number /= TEN;
        for _ in 0..10 {
            from -= 1;
            digits[from] = BASE62[(low % 62) as usize];
            low /= 62;
            if last && low == 0 {
                return digits[from..].iter().map(|&digit| char::from(digit)).collect();
            }
        }
    }
}

/// Reads what [`base62`] wrote. `None` for other characters, an empty text, or more than 128 bits.
pub fn from_base62(text: &str) -> Option<u128> {
    if text.is_empty() {
        return None;
    }
    text.bytes().try_fold(0_u128, |number, byte| {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => return None,
        };
        number.checked_mul(62)?.checked_add(digit.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn base62_round_trips(number: u128) {
            prop_assert_eq!(from_base62(&base62(number)), Some(number));
        }

        #[test]
        fn base62_never_panics(text in ".{0,40}") {
            let _ = from_base62(&text);
        }
    }
}
