//! What names a person at WhatsApp. None of it is ever printed.
//!
//! A message id counts too: it is base64 of a record that holds the recipient's number in clear.

/// Makes a text newtype whose Debug tells nothing.
macro_rules! personal {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text itself, for storing and comparing; not for logs.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text itself.
            pub fn into_inner(self) -> String {
                self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        }
    };
}

personal!(
    /// A phone number as WhatsApp writes it: international digits without `+`.
    WaId
);
personal!(
    /// A business-scoped user id, `DE.…`: a person without a number we may see.
    UserId
);
personal!(
    /// A message's id.
    Wamid
);

impl WaId {
    /// Reads digits with or without `+`; `None` for group ids, user ids and empty texts.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.trim().trim_start_matches('+');
        let fits = (5..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Self(digits.to_owned()))
    }
}

impl UserId {
    /// Reads `<country>.<characters>`, whole.
    pub fn parse(text: &str) -> Option<Self> {
        let (country, rest) = text.split_once('.')?;
        let named = country.len() == 2 && country.bytes().all(|b| b.is_ascii_uppercase());
        let plain = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.');
        (named && plain && text.len() <= 140).then(|| Self(text.to_owned()))
    }
}

impl Wamid {
    /// Takes any visible text of a sensible length.
    pub fn parse(text: &str) -> Option<Self> {
        let fits = !text.is_empty() && text.len() <= 512 && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_whole_and_prints_nothing() {
        assert_eq!(WaId::parse("+491713920012").map(WaId::into_inner).as_deref(), Some("491713920012"));
        assert_eq!((WaId::parse(""), WaId::parse("12036304@g.us"), WaId::parse("DE.1")), (None, None, None));
        assert!(UserId::parse("DE.ENT.30117745920884113562").is_some());
        assert_eq!((UserId::parse("DE."), UserId::parse("491713920012")), (None, None));
        assert_eq!(format!("{:?}", WaId::parse("491713920012").unwrap()), "WaId(***)");
    }
}
