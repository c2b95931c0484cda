//! A telephone, however its number is spelled. Never printed.
//!
//! 1. What was told is kept, in E.164, for showing and sending: WhatsApp itself may know a telephone by a spelling that
//!    numbering plans have left behind.
//! 2. Who is who is decided by one *matching form*, today's spelling: every keyed hash is made from it, in every room.
//! 3. Digits without `+` are read as WhatsApp writes them (its `wa_id`), internationally, wherever that can be: the
//!    shop's country never silently makes another person of them.

use rlibphonenumber::{NumberLengthType, PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat, Region};

use super::id::ShopId;
use super::secret::Vault;

/// A phone number. Debug prints `***`: numbers never reach a log.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Phone {
    /// E.164, as told.
    told: String,
    /// E.164, as the telephone is called today; `None`: as told.
    today: Option<String>,
}

impl Phone {
    /// Reads a number as people write it: with `+`, or in the national form of a region (ISO 3166 alpha-2).
    /// Source of the rules: Google's libphonenumber metadata.
    pub fn parse(text: &str, region: Option<&str>) -> Option<Self> {
        Self::of(&parsed(text, region)?)
    }

    /// Reads a `wa_id`: international digits, with or without `+`.
    pub fn from_whatsapp(digits: &str) -> Option<Self> {
        let digits = digits.trim_start_matches('+');
        Self::parse(&format!("+{digits}"), None)
    }

    /// Reads a number nobody said the form of; the region (the shop's country) decides about national ones. Bare digits
    /// are WhatsApp's where they can be: then, and where they could be but no such number exists, they are never the
    /// region's. Where people of the region write their own numbers just so too, nobody can tell: `None`.
    pub fn read(text: &str, region: Option<&str>) -> Option<Self> {
        let text = text.trim();
        if !is_bare(text) {
            return Self::parse(text, region);
        }
        let home = region.and_then(|_| parsed(text, region));
        let at_home = home.as_ref().and_then(Self::of);
        match (Self::from_whatsapp(text), at_home) {
            (Some(abroad), Some(at_home)) if abroad.matching() != at_home.matching() => {
                home.is_some_and(|home| is_dialled_with_zero(&home)).then_some(abroad)
            }
            (Some(abroad), _) => Some(abroad),
            (None, at_home) => at_home.filter(|_| !may_be_international(text)),
        }
    }

    /// Reads a number that stands beside an address of a country: national there, unless it begins with that country's
    /// own calling code.
    pub fn in_country(text: &str, country: &str) -> Option<Self> {
        let text = text.trim();
        let abroad = || Self::from_whatsapp(text).filter(|_| is_bare(text));
        let code =
            country.parse::<Region>().ok().and_then(|region| PHONE_NUMBER_UTIL.get_country_code_for_region(region));
        let with_code = code.is_some_and(|code| text.starts_with(&code.to_string()));
        let own = abroad().filter(|_| with_code);
        own.or_else(|| Self::parse(text, Some(country))).or_else(abroad)
    }

    fn of(number: &PhoneNumber) -> Option<Self> {
        let text = PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::E164).into_owned();
        let today = spelled_today(&text);
        let exists = PHONE_NUMBER_UTIL.is_valid_number(number)
            || today
                .as_deref()
                .and_then(|today| parsed(today, None))
                .is_some_and(|n| PHONE_NUMBER_UTIL.is_valid_number(&n));
        exists.then_some(Self { told: text, today })
    }

    /// The E.164 text as told, for sealing, showing and sending. Never compare by it.
    pub fn e164(&self) -> &str {
        &self.told
    }

    /// The one spelling by which telephones are compared.
    pub fn matching(&self) -> &str {
        self.today.as_deref().unwrap_or(&self.told)
    }

    /// The country (ISO 3166 alpha-2) whose number it is; `None` for numbers of no country.
    pub fn country(&self) -> Option<String> {
        let region = PHONE_NUMBER_UTIL.get_region_for_number(&parsed(self.matching(), None)?)?;
        Some(region.to_string()).filter(|code| code.len() == 2)
    }

    /// The keyed hash by which a shop's rooms know it.
    pub fn hash(&self, vault: &Vault, shop: ShopId) -> String {
        vault.lookup(shop, "phone", self.matching())
    }

    /// [`Phone::hash`], and the one made from another spelling that was valid too: rows from before there was a matching
    /// form may stand under it, and tombstones for ever.
    pub fn hashes(&self, vault: &Vault, shop: ShopId) -> impl Iterator<Item = String> {
        let other = other_spelling(self.matching()).map(|text| vault.lookup(shop, "phone", &text));
        std::iter::once(self.hash(vault, shop)).chain(other)
    }
}

impl std::fmt::Debug for Phone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Phone(***)")
    }
}

fn parsed(text: &str, region: Option<&str>) -> Option<PhoneNumber> {
    let region = region.and_then(|code| code.parse::<Region>().ok());
    PHONE_NUMBER_UTIL.parse(text, region).ok()
}

/// Nothing but digits, and not dialled from within a country: a `wa_id`, or a national number whose `0` got lost.
fn is_bare(text: &str) -> bool {
    !text.starts_with('0') && !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether people of its country write it with a `0` before it: bare digits are none of theirs.
fn is_dialled_with_zero(number: &PhoneNumber) -> bool {
    PHONE_NUMBER_UTIL.format(number, PhoneNumberFormat::National).starts_with('0')
}

/// Whether bare digits have a calling code and a length that fits it.
fn may_be_international(digits: &str) -> bool {
    let number = parsed(&format!("+{digits}"), None);
    number.is_some_and(|n| {
        matches!(PHONE_NUMBER_UTIL.is_possible_number_with_reason(&n), Ok(NumberLengthType::IsPossible))
    })
}

/// How a telephone is called today; `None`: as it is written here. Only what a plan's own arithmetic tells:
///
/// | | was, or is still at WhatsApp | today |
/// | --- | --- | --- |
/// | Mexico, since 2019 | +52 **1** and ten digits | without the 1 |
/// | Argentina | a mobile without its 9 (as in SMS) | +54 **9** and ten digits; a landline keeps to its own ten |
/// | Brazil, since 2012–2016 | two digits of area, eight beginning with 6–9 | a **9** before the eight |
/// | Ivory Coast, since 2021-01-31 | eight digits | **07** (Orange), **05** (MTN), **01** (Moov) before mobile ones; the second digit tells the operator |
/// | Benin, since 2024-11-30 | eight digits | **01** before them |
fn spelled_today(e164: &str) -> Option<String> {
    let digits = e164.strip_prefix('+')?;
    let rest = |code: &str, length: usize| digits.strip_prefix(code).filter(|rest| rest.len() == length);
    if let Some(ten) = rest("521", 10) {
        return Some(format!("+52{ten}"));
    }
    if let Some(ten) = rest("54", 10) {
        return Some(format!("+549{ten}"));
    }
    if let Some(ten) = rest("55", 10) {
        let (area, eight) = ten.split_at_checked(2)?;
        return eight.starts_with(['6', '7', '8', '9']).then(|| format!("+55{area}9{eight}"));
    }
    if let Some(eight) = rest("225", 8) {
        // A first digit of 2 or 3 was a landline.
        let mobile = !eight.starts_with(['2', '3']);
        let operator = match eight.as_bytes().get(1)? {
            b'7'..=b'9' => "07",
            b'4'..=b'6' => "05",
            _ => "01",
        };
        return mobile.then(|| format!("+225{operator}{eight}"));
    }
    rest("229", 8).map(|eight| format!("+22901{eight}"))
}

/// The spelling of today's number that libphonenumber took for valid as well, and that may stand hashed in older rows.
fn other_spelling(e164: &str) -> Option<String> {
    let digits = e164.strip_prefix('+')?;
    if let Some(ten) = digits.strip_prefix("549").filter(|rest| rest.len() == 10) {
        return Some(format!("+54{ten}"));
    }
    let nine = digits.strip_prefix("55").filter(|rest| rest.len() == 11)?;
    let (area, subscriber) = nine.split_at_checked(2)?;
    subscriber.strip_prefix('9').filter(|eight| eight.starts_with('7')).map(|eight| format!("+55{area}{eight}"))
}

#[cfg(test)]
mod tests;
