//! What a platform tells us of a recipient, read once into values that hold.

use super::same::Known;
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
}

/// Why a recipient was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContactError {
    /// None, or a longer one than anybody needs.
    #[error("the key has no or more than 200 characters")]
    Key,
    /// No number that exists, or one that several countries could mean.
    #[error("the phone is no number that exists")]
    Phone,
    /// Not the whole of it.
    #[error("the WhatsApp user id is not whole")]
    UserId,
    /// Neither phone nor user id: there is nobody to message.
    #[error("there is neither a phone nor a WhatsApp user id")]
    NoAddress,
    /// No e-mail address.
    #[error("the e-mail address is none")]
    Email,
}

/// The look-up hashes of a recipient.
#[derive(Clone, Debug)]
pub(super) struct Hashes {
    /// Of the phone, and the one under which a row of before may know it.
    pub phones: Vec<String>,
    pub user: Option<String>,
    pub email: Option<String>,
}

impl Hashes {
    /// Where messages reach them. An e-mail address or an account recognises the shopper behind an order, but two who
    /// share one are two recipients.
    pub fn addresses(&self) -> Known<'_> {
        Known { phones: &self.phones, users: self.user.as_slice(), ..Known::default() }
    }
}

impl NewRecipient {
    /// Reads one recipient; the shop's country decides about phones in national form ([`Phone::read`]).
    pub fn parse(
        key: &str,
        phone: Option<&str>,
        whatsapp_user_id: Option<&str>,
        email: Option<&str>,
        country: Option<&str>,
    ) -> Result<Self, ContactError> {
        let filled = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let key = key.trim();
        if key.is_empty() || key.len() > 200 {
            return Err(ContactError::Key);
        }
        let phone = filled(phone).map(|text| Phone::read(&text, country).ok_or(ContactError::Phone)).transpose()?;
        let whatsapp_user_id = filled(whatsapp_user_id);
        if whatsapp_user_id.as_deref().is_some_and(|id| !is_user_id(id)) {
            return Err(ContactError::UserId);
        }
        if phone.is_none() && whatsapp_user_id.is_none() {
            return Err(ContactError::NoAddress);
        }
        let email = filled(email).map(|text| text.parse::<Email>().map_err(|()| ContactError::Email)).transpose()?;
        Ok(Self { key: key.to_owned(), phone, whatsapp_user_id, email, shopify_customer_id: None })
    }

    /// The country of their number, else the one their user id begins with.
    pub fn country(&self) -> Option<String> {
        let of_user = || self.whatsapp_user_id.as_deref().and_then(|id| id.get(..2)).map(str::to_owned);
        self.phone.as_ref().and_then(Phone::country).or_else(of_user)
    }

    pub(super) fn hashes(&self, vault: &Vault, shop: ShopId) -> Hashes {
        Hashes {
            phones: self.phone.iter().flat_map(|phone| phone.hashes(vault, shop)).collect(),
            user: self.whatsapp_user_id.as_ref().map(|id| vault.lookup(shop, "whatsapp", id)),
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

    fn read(phone: Option<&str>, user: Option<&str>, email: Option<&str>) -> Result<(), ContactError> {
        NewRecipient::parse("k", phone, user, email, Some("AT")).map(drop)
    }

    #[test]
    fn one_bad_recipient_says_which_part_is_bad() {
        assert_eq!(read(Some("+43 660 1234567"), None, None), Ok(()));
        assert_eq!(read(None, Some("AT.1234567890abc"), None), Ok(()));
        assert_eq!(read(None, Some("DE.ENT.123"), None), Ok(()));
        assert_eq!(read(Some("12"), None, None), Err(ContactError::Phone));
        assert_eq!(read(Some("+5215512345678"), None, None), Ok(()));
        assert_eq!(read(Some("6605552601"), None, None), Err(ContactError::Phone));
        assert_eq!(read(None, Some("1234"), None), Err(ContactError::UserId));
        assert_eq!(read(None, None, Some("a@b.c")), Err(ContactError::NoAddress));
        assert_eq!(read(Some("+436601234567"), None, Some("nope")), Err(ContactError::Email));
        let long = "k".repeat(201);
        for key in ["", " ", &long] {
            let read = NewRecipient::parse(key, Some("+436601234567"), None, None, None);
            assert_eq!(read.map(drop), Err(ContactError::Key));
        }
    }
}
