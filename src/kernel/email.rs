//! A normalised e-mail address. Never printed.

use std::str::FromStr;

/// An e-mail address, trimmed and lower-cased, for comparing. Debug prints `***`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email(String);

impl Email {
    /// The normalised text, for hashing and sealing.
    pub fn normalised(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = ();

    /// Takes anything with one `@` between two non-empty parts and no white space: whether it exists is not ours to say.
    fn from_str(text: &str) -> Result<Self, ()> {
        let text = text.trim().to_lowercase();
        let (name, host) = text.split_once('@').ok_or(())?;
        let fits = !name.is_empty() && !host.is_empty() && !host.contains('@') && text.len() <= 254;
        if fits && !text.contains(char::is_whitespace) { Ok(Self(text)) } else { Err(()) }
    }
}

impl std::fmt::Debug for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Email(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emails_compare_folded() {
        assert_eq!("Ana@Example.COM ".parse::<Email>(), "ana@example.com".parse());
        for wrong in ["", "ana", "@x", "a@", "a b@c", "a@b@c"] {
            assert!(wrong.parse::<Email>().is_err(), "{wrong}");
        }
    }
}
