//! What a platform is told when something is not done: beside the routes, for rooms and jobs know nothing of HTTP.

use super::batcher::DrawError;
use super::pace::PaceError;
use super::replace::Refused;
use crate::campaigns::NotDrawn;
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

impl From<DrawError> for Problem {
    fn from(error: DrawError) -> Self {
        match error {
            DrawError::NotDrawn(NotDrawn::Unknown) => Self::not_found("campaign"),
            DrawError::NotDrawn(NotDrawn::Archived) => {
                let detail = "This campaign is archived: nobody is drawn into it any more.";
                Self::conflict("campaign_archived", detail)
            }
            DrawError::NotKept(why) => {
                let again = "Ask again: whoever was drawn gets the same answer.";
                Self::unavailable(format!("This draw is not kept: {why}. {again}"))
            }
            DrawError::Db(error) => error.into(),
        }
    }
}

impl From<PaceError> for Problem {
    fn from(error: PaceError) -> Self {
        match error {
            PaceError::Spent { a_second, seconds } => {
                let detail = format!("This key asks for more than {a_second} a second. Come again in {seconds} s.");
                Self::too_many("too_many", detail, seconds)
            }
            PaceError::Busy => {
                let detail = "Another large batch of this shop is under way. Send them one after the other.";
                Self::too_many("batch_under_way", detail, 5)
            }
        }
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
    use crate::db::GroupError;

    #[test]
    fn what_is_refused_keeps_its_code() {
        use ContactError::{Email, Key, NoAddress, Phone, UserId};
        let codes = [Key, Phone, UserId, NoAddress, Email].map(|error| said(error).0);
        assert_eq!(codes, ["bad_key", "bad_phone", "bad_whatsapp_user_id", "no_address", "bad_email"]);
        let of = |problem: Problem| (problem.code(), problem.detail().to_owned());
        let unknown = DrawError::from(NotDrawn::Unknown).into();
        assert_eq!(of(unknown), of(Problem::not_found("campaign")));
        assert_eq!(of(DrawError::from(NotDrawn::Archived).into()).0, "campaign_archived");
        let late =
            "This draw is not kept: the database took too long. Ask again: whoever was drawn gets the same answer.";
        assert_eq!(of(DrawError::from(GroupError::Late).into()), ("unavailable", late.to_owned()));
        let spent = "This key asks for more than 9 a second. Come again in 3 s.";
        assert_eq!(of(PaceError::Spent { a_second: 9, seconds: 3 }.into()), ("too_many", spent.to_owned()));
        assert_eq!(of(PaceError::Busy.into()).0, "batch_under_way");
    }
}
