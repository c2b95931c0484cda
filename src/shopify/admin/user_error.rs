//! What Shopify says when a mutation was understood and still not done.
//!
//! A code may be absent and new codes appear with every version: neither may ever stop us from reading the rest.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why one input was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserError {
    /// Path to the input, outermost first; empty when Shopify names none.
    pub field: Vec<String>,
    /// What kind of refusal.
    pub code: UserErrorCode,
    /// A sentence for people.
    pub message: String,
}

impl UserError {
    pub(super) fn new(field: Option<Vec<String>>, code: Option<UserErrorCode>, message: String) -> Self {
        Self { field: field.unwrap_or_default(), code: code.unwrap_or(UserErrorCode::Unknown), message }
    }
}

impl std::fmt::Display for UserError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.message, self.code.as_str())
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// The kinds of refusal somebody can act on; all others keep their text.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum UserErrorCode {
            $($(#[$doc])* $variant,)*
            /// A code we do not act on, as Shopify wrote it.
            Other(String),
            /// No code was given.
            Unknown,
        }

        impl UserErrorCode {
            /// Reads Shopify's spelling.
            pub fn read(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)*
                    "" => Self::Unknown,
                    other => Self::Other(other.chars().take(100).collect()),
                }
            }

            /// Shopify's spelling.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $text,)*
                    Self::Other(text) => text,
                    Self::Unknown => "UNKNOWN",
                }
            }
        }

        #[cfg(test)]
        const SPELLINGS: &[&str] = &[$($text,)*];
    };
}

codes! {
    /// Another discount of the shop has this code.
    Taken = "TAKEN",
    /// The code is twice in one request, or taken.
    Duplicate = "DUPLICATE",
    /// Something required is empty.
    Blank = "BLANK",
    /// A text is too long.
    TooLong = "TOO_LONG",
    /// A text is too short.
    TooShort = "TOO_SHORT",
    /// Not a good value, or no such thing.
    Invalid = "INVALID",
    /// A number is out of its range.
    ValueOutsideRange = "VALUE_OUTSIDE_RANGE",
    /// It would end before it begins.
    EndDateBeforeStartDate = "END_DATE_BEFORE_START_DATE",
    /// More than Shopify allows.
    ExceededMax = "EXCEEDED_MAX",
    /// Two settings exclude each other.
    Conflict = "CONFLICT",
    /// More tags than allowed.
    TooManyTags = "TOO_MANY_TAGS",
    /// A tag is too long.
    InvalidTagLength = "INVALID_TAG_LENGTH",
    /// Shopify failed; worth another try.
    InternalError = "INTERNAL_ERROR",
}

impl UserErrorCode {
    /// Whether somebody else has the code already: draw another one.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Taken | Self::Duplicate)
    }
}

impl<'de> Deserialize<'de> for UserErrorCode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::read(&String::deserialize(from)?))
    }
}

impl Serialize for UserErrorCode {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_new_ones_are_kept() {
        for text in SPELLINGS.iter().chain(&["SOMETHING_OF_NEXT_YEAR"]) {
            assert_eq!(UserErrorCode::read(text).as_str(), *text);
        }
        assert_eq!(UserErrorCode::read("NEW"), UserErrorCode::Other("NEW".into()));
        assert_eq!(UserError::new(None, None, "no".into()).code, UserErrorCode::Unknown);
    }
}
