//! How a person is reached: an E.164 phone, a normalised e-mail. Neither is ever printed.

use std::str::FromStr;

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat, Region};

/// A phone number in E.164, `+436601234567`. Debug prints `***`: numbers never reach a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone(String);

impl Phone {
    /// Reads a number as people write it. Without a leading `+` the region (ISO 3166 alpha-2, the shop's country)
    /// decides; WhatsApp's bare digits are read by [`Phone::from_whatsapp`].
    /// Source of the rules: Google's libphonenumber metadata.
    pub fn parse(text: &str, region: Option<&str>) -> Option<Self> {
        let region = region.and_then(|code| code.parse::<Region>().ok());
        let number = PHONE_NUMBER_UTIL.parse(text, region).ok()?;
        if !PHONE_NUMBER_UTIL.is_valid_number(&number) {
            return None;
        }
        Some(Self(PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::E164).into_owned()))
    }

    /// Reads a `wa_id`: international digits without `+`.
    pub fn from_whatsapp(digits: &str) -> Option<Self> {
        let digits = digits.trim_start_matches('+');
        Self::parse(&format!("+{digits}"), None)
    }

    /// The E.164 text, for hashing and sealing.
    pub fn e164(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Phone(***)")
    }
}

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
    fn reads_numbers_as_people_write_them() {
        let e164 = |text, region| Phone::parse(text, region).map(|p| p.e164().to_owned());
        assert_eq!(e164("+43 660 1234567", None).as_deref(), Some("+436601234567"));
        assert_eq!(e164("0660 1234567", Some("AT")).as_deref(), Some("+436601234567"));
        assert_eq!(e164("0660 1234567", None), None);
        assert_eq!(e164("+1 555", None), None);
        assert_eq!(Phone::from_whatsapp("436601234567").unwrap().e164(), "+436601234567");
        assert!(!format!("{:?}", Phone::parse("+436601234567", None)).contains("660"));
    }

    #[test]
    fn emails_compare_folded() {
        assert_eq!("Ana@Example.COM ".parse::<Email>(), "ana@example.com".parse());
        for wrong in ["", "ana", "@x", "a@", "a b@c", "a@b@c"] {
            assert!(wrong.parse::<Email>().is_err(), "{wrong}");
        }
    }
}
