//! What a platform is told when something is not done: beside the routes, for rooms and jobs know nothing of HTTP.

use super::replace::Refused;
use crate::http::Problem;
use crate::people::ContactError;

/// What is said of a recipient who is not taken: a stable code, and what to do.
pub(super) fn said(error: ContactError) -> (&'static str, &'static str) {
    match error {
        ContactError::Key => {
            ("bad_key", "Give each recipient a key of 1 to 200 characters: your own id of the person.")
        }
        ContactError::Phone => (
            "bad_phone",
            "This is not a phone number that exists, or digits that several countries could mean. Write it in full, e.g. +436601234567.",
        ),
        ContactError::UserId => {
            ("bad_whatsapp_user_id", "Send the WhatsApp user id whole, e.g. AT.1234567890: country, dot, the rest.")
        }
        ContactError::NoAddress => {
            ("no_address", "Send a phone or a whatsapp_user_id: without one there is nobody to message.")
        }
        ContactError::Email => ("bad_email", "This is not an e-mail address. Correct it or leave it out."),
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Db(error) => error.into(),
            refused => Self::conflict(refused.code(), refused.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_refused_keeps_its_code() {
        use ContactError::{Email, Key, NoAddress, Phone, UserId};
        let codes = [Key, Phone, UserId, NoAddress, Email].map(|error| said(error).0);
        assert_eq!(codes, ["bad_key", "bad_phone", "bad_whatsapp_user_id", "no_address", "bad_email"]);
    }
}
