//! The terms of a campaign: when its codes end, what they look like, where its links lead.

use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

use super::offer::Offer;
use crate::kernel::Timestamp;

/// What is wrong with a term: the field, and what to write instead.
pub type Wrong = (&'static str, &'static str);

/// What a term's check says.
pub type Checked = Result<(), Wrong>;

/// With which of the shop's other discounts a code may be combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Combines {
    /// Discounts on the whole order.
    pub order: bool,
    /// Discounts on products.
    pub product: bool,
    /// Discounts on shipping.
    pub shipping: bool,
}

/// [`Combines`] as asked for: what is left out is as usual.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CombinesAsked {
    /// Discounts on the whole order; `false` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<bool>,
    /// Discounts on products; `false` when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<bool>,
    /// Discounts on shipping; `true` when left out, and never for free shipping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping: Option<bool>,
}

impl CombinesAsked {
    /// What is asked for, over what stands.
    pub fn over(self, standing: Combines) -> Combines {
        Combines {
            order: self.order.unwrap_or(standing.order),
            product: self.product.unwrap_or(standing.product),
            shipping: self.shipping.unwrap_or(standing.shipping),
        }
    }
}

impl Combines {
    /// What an offer usually may meet.
    pub fn usual(offer: Option<&Offer>) -> Self {
        Self { shipping: !matches!(offer, Some(Offer::FreeShipping {})), ..Self::default() }
    }
}

impl Default for Combines {
    fn default() -> Self {
        Self { order: false, product: false, shipping: true }
    }
}

/// When a code's clock starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExpiryStart {
    /// When the recipient is drawn.
    Issue,
    /// When WhatsApp delivers the message: at the earliest `delivered` or `read` that is reported, by its own instant.
    Delivery,
}

/// When a code ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Expiry {
    /// Life of a code in seconds: 15 minutes to one year.
    pub after_seconds: i64,
    /// When the clock starts. With `delivery` a code has no end before its message is delivered; a replacement's clock
    /// starts when it is issued, whatever stands here.
    #[serde(default = "issue")]
    pub starts: ExpiryStart,
    /// With `starts: delivery`: how long WhatsApp may take. Shopify takes a code for this time and its life after it
    /// was issued, so a message that is delivered later shortens the code's life. One hour to 30 days; 3 days when
    /// left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deliver_within_seconds: Option<i64>,
    /// Codes ending within one slot share a discount at Shopify, which ends with the slot: 15 minutes to 24 hours.
    #[serde(default = "hour")]
    pub slot_seconds: i64,
    /// One discount per recipient, ending at Shopify to the second. For small audiences: each is a call of its own and
    /// a line in the merchant's list of discounts.
    #[serde(default)]
    pub exact: bool,
}

fn issue() -> ExpiryStart {
    ExpiryStart::Issue
}

/// What WhatsApp is given to deliver unless the merchant says otherwise: a phone that was off over a weekend.
const DELIVER_WITHIN: i64 = 3 * 86_400;

const fn hour() -> i64 {
    3_600
}

impl Default for Expiry {
    fn default() -> Self {
        Self {
            after_seconds: 2 * 24 * 3_600,
            starts: ExpiryStart::Issue,
            deliver_within_seconds: None,
            slot_seconds: hour(),
            exact: false,
        }
    }
}

impl Expiry {
    /// What is wrong with it.
    pub fn check(&self) -> Checked {
        if !(900..=366 * 86_400).contains(&self.after_seconds) {
            return Err(("expiry.after_seconds", "Choose between 900 (15 minutes) and 31622400 (one year)."));
        }
        if !(900..=86_400).contains(&self.slot_seconds) {
            return Err(("expiry.slot_seconds", "Choose between 900 (15 minutes) and 86400 (24 hours)."));
        }
        match (self.deliver_within_seconds, self.starts) {
            (Some(_), ExpiryStart::Issue) => Err((
                "expiry.deliver_within_seconds",
                "It only means something with \"starts\": \"delivery\"; leave it out.",
            )),
            (Some(seconds), _) if !(3_600..=30 * 86_400).contains(&seconds) => Err((
                "expiry.deliver_within_seconds",
                "Choose between 3600 (one hour) and 2592000 (30 days, when WhatsApp gives up).",
            )),
            _ => Ok(()),
        }
    }

    /// When a code issued now ends, to the second; with a clock that starts at delivery: at the latest.
    pub fn ends_at(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_seconds(now.seconds() + self.reach_seconds())
    }

    /// From a code's issue to its end, at the latest.
    pub fn reach_seconds(&self) -> i64 {
        self.after_seconds + self.life_seconds().map_or(0, |_| self.deliver_within_seconds.unwrap_or(DELIVER_WITHIN))
    }

    /// How long a code lives from its delivery; `None`: its clock starts at its issue.
    pub fn life_seconds(&self) -> Option<i64> {
        (self.starts == ExpiryStart::Delivery).then_some(self.after_seconds)
    }

    /// The same terms for a replacement: its clock starts when it is issued.
    pub fn of_replacement(&self) -> Self {
        Self { starts: ExpiryStart::Issue, deliver_within_seconds: None, exact: true, ..*self }
    }

    /// When the slot of a code that ends at `end` ends at Shopify: the next slot boundary, never earlier than the code.
    pub fn slot_of(&self, end: Timestamp) -> Timestamp {
        let width = self.slot_seconds.saturating_mul(1_000_000).max(1);
        let slots = end.micros().div_euclid(width) + i64::from(end.micros().rem_euclid(width) != 0);
        Timestamp::from_micros(slots.saturating_mul(width))
    }
}

/// What codes look like. WhatsApp's copy-code button takes at most 15 letters and digits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CodeTerms {
    /// Letters every code begins with; at most 5, from the same alphabet.
    #[schema(example = "WIN")]
    pub prefix: Option<String>,
    /// Random characters behind the prefix, 10 to 12.
    pub length: usize,
}

impl Default for CodeTerms {
    fn default() -> Self {
        Self { prefix: None, length: 12 }
    }
}

impl CodeTerms {
    /// What is wrong with it.
    pub fn check(&self) -> Checked {
        if !(10..=12).contains(&self.length) {
            return Err(("code.length", "Choose 10, 11 or 12 random characters."));
        }
        let prefix = self.prefix.as_deref().unwrap_or_default();
        if !prefix.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) {
            return Err(("code.prefix", "Use only letters A–Z and digits."));
        }
        if prefix.len() + self.length > 15 {
            return Err((
                "code.prefix",
                "Prefix and random characters together may have 15 characters, so that WhatsApp's copy-code button takes the code.",
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_never_ends_before_its_codes() {
        let expiry = Expiry { slot_seconds: 3_600, ..Expiry::default() };
        let at = |text| Timestamp::parse(text).unwrap();
        assert_eq!(expiry.slot_of(at("2026-11-22T10:00:00Z")), at("2026-11-22T10:00:00Z"));
        assert_eq!(expiry.slot_of(at("2026-11-22T10:00:01Z")), at("2026-11-22T11:00:00Z"));
    }

    #[test]
    fn a_clock_that_starts_at_delivery_leaves_whatsapp_its_time() {
        let terms = |json: &str| serde_json::from_str::<Expiry>(json).unwrap();
        let now = Timestamp::from_micros(1_000_000_999_999);
        let issue = terms(r#"{"after_seconds": 3600}"#);
        assert_eq!((issue.ends_at(now), issue.life_seconds()), (Timestamp::from_seconds(1_003_600), None));
        let delivery = terms(r#"{"after_seconds": 3600, "starts": "delivery"}"#);
        assert_eq!((delivery.reach_seconds(), delivery.life_seconds()), (3_600 + 259_200, Some(3_600)));
        let within = terms(r#"{"after_seconds": 3600, "starts": "delivery", "deliver_within_seconds": 7200}"#);
        assert_eq!((within.reach_seconds(), within.check()), (10_800, Ok(())));
        assert_eq!(within.of_replacement().reach_seconds(), 3_600);
        for wrong in [
            r#"{"after_seconds": 3600, "deliver_within_seconds": 7200}"#,
            r#"{"after_seconds": 3600, "starts": "delivery", "deliver_within_seconds": 3599}"#,
            r#"{"after_seconds": 3600, "starts": "delivery", "deliver_within_seconds": 2592001}"#,
        ] {
            assert_eq!(terms(wrong).check().unwrap_err().0, "expiry.deliver_within_seconds");
        }
        // What a node of the version before reads stays as it knows it.
        assert!(!serde_json::to_string(&issue).unwrap().contains("deliver_within"));
    }

    #[test]
    fn codes_fit_the_copy_button() {
        let terms = |prefix: &str, length| CodeTerms { prefix: Some(prefix.into()), length };
        assert!(terms("WIN", 12).check().is_ok());
        assert!(terms("WINTER", 10).check().is_err());
        assert!(terms("Wi-", 10).check().is_err());
        assert!(terms("", 9).check().is_err());
    }
}
