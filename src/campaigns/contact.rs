//! What a platform tells us of a recipient, read once into values that hold.

use crate::kernel::id::ShopId;
use crate::kernel::{Email, Phone, Vault};

/// A recipient as parsed: at least one of phone and WhatsApp user id is there.
#[derive(Clone, Debug)]
pub struct NewRecipient {
    /// The platform's own key; 1–200 characters.
    pub key: String,
    /// As told, and as compared.
    pub phone: Option<Phone>,
    /// Business-scoped user id, whole: prefix, dot, rest.
    pub whatsapp_user_id: Option<String>,
    /// For recognising the shopper behind an order.
    pub email: Option<Email>,
    /// For recognising the shopper behind an order.
    pub shopify_customer_id: Option<i64>,
    /// The abandoned checkout the message is about.
    pub checkout_token: Option<String>,
}

/// Why a recipient was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecipientError {
    /// Stable.
    pub code: &'static str,
    /// What to do.
    pub detail: &'static str,
}

/// The look-up hashes of a recipient.
#[derive(Clone, Debug)]
pub(super) struct Hashes {
    pub key: String,
    pub phone: Option<String>,
    /// Under which a row of before may know the phone.
    pub phone_before: Option<String>,
    pub whatsapp: Option<String>,
    pub email: Option<String>,
}

impl NewRecipient {
    /// Reads one recipient; the shop's country decides about phones in national form ([`Phone::read`]).
    pub fn parse(
        key: &str,
        phone: Option<&str>,
        whatsapp_user_id: Option<&str>,
        email: Option<&str>,
        country: Option<&str>,
    ) -> Result<Self, RecipientError> {
        let wrong = |code, detail| Err(RecipientError { code, detail });
        let filled = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let key = key.trim();
        if key.is_empty() || key.len() > 200 {
            return wrong("bad_key", "Give each recipient a key of 1 to 200 characters: your own id of the person.");
        }
        let phone = match filled(phone) {
            Some(text) => match Phone::read(&text, country) {
                Some(phone) => Some(phone),
                None => {
                    return wrong(
                        "bad_phone",
                        "This is not a phone number that exists, or digits that several countries could mean. Write it in full, e.g. +436601234567.",
                    );
                }
            },
            None => None,
        };
        let whatsapp_user_id = filled(whatsapp_user_id);
        if whatsapp_user_id.as_deref().is_some_and(|id| !is_user_id(id)) {
            return wrong(
                "bad_whatsapp_user_id",
                "Send the WhatsApp user id whole, e.g. AT.1234567890: country, dot, the rest.",
            );
        }
        if phone.is_none() && whatsapp_user_id.is_none() {
            return wrong("no_address", "Send a phone or a whatsapp_user_id: without one there is nobody to message.");
        }
        let email = match filled(email).map(|text| text.parse::<Email>()) {
            Some(Ok(email)) => Some(email),
            Some(Err(())) => return wrong("bad_email", "This is not an e-mail address. Correct it or leave it out."),
            None => None,
        };
        let key = key.to_owned();
        Ok(Self { key, phone, whatsapp_user_id, email, shopify_customer_id: None, checkout_token: None })
    }

    pub(super) fn hashes(&self, vault: &Vault, shop: ShopId) -> Hashes {
        let mut phones = self.phone.iter().flat_map(|phone| phone.hashes(vault, shop));
        Hashes {
            key: vault.lookup(shop, "recipient_key", &self.key),
            phone: phones.next(),
            phone_before: phones.next(),
            whatsapp: self.whatsapp_user_id.as_ref().map(|id| vault.lookup(shop, "whatsapp", id)),
            email: self.email.as_ref().map(|email| vault.lookup(shop, "email", email.normalised())),
        }
    }

    /// The contact as one document, for sealing.
    pub(super) fn document(&self) -> Vec<u8> {
        let document = serde_json::json!({
            "key": self.key,
            "phone": self.phone.as_ref().map(Phone::e164),
            "whatsapp_user_id": self.whatsapp_user_id,
            "email": self.email.as_ref().map(Email::normalised),
        });
        document.to_string().into_bytes()
    }
}

/// `<ISO country>.<up to 128 letters and digits>`; parent ids have a further `ENT.` (Meta, business-scoped user ids).
fn is_user_id(id: &str) -> bool {
    let mut parts = id.split('.');
    let country = parts.next().is_some_and(|c| c.len() == 2 && c.bytes().all(|b| b.is_ascii_uppercase()));
    let rest: Vec<&str> = parts.collect();
    let text = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
    country && id.len() <= 140 && matches!(rest.len(), 1 | 2) && rest.iter().all(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(phone: Option<&str>, user: Option<&str>, email: Option<&str>) -> &'static str {
        NewRecipient::parse("k", phone, user, email, Some("AT")).map_or_else(|error| error.code, |_| "ok")
    }

    #[test]
    fn one_bad_recipient_says_which_part_is_bad() {
        assert_eq!(code(Some("+43 660 1234567"), None, None), "ok");
        assert_eq!(code(None, Some("AT.1234567890abc"), None), "ok");
        assert_eq!(code(None, Some("DE.ENT.123"), None), "ok");
        assert_eq!(code(Some("12"), None, None), "bad_phone");
        assert_eq!(code(Some("+5215512345678"), None, None), "ok");
        assert_eq!(code(Some("6605552601"), None, None), "bad_phone");
        assert_eq!(code(None, Some("1234"), None), "bad_whatsapp_user_id");
        assert_eq!(code(None, None, Some("a@b.c")), "no_address");
        assert_eq!(code(Some("+436601234567"), None, Some("nope")), "bad_email");
        assert!(NewRecipient::parse("", Some("+436601234567"), None, None, None).is_err());
    }
}
