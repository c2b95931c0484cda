//! Why WhatsApp did not deliver a message: Meta's codes in words of ours, and whether sending again can help.
//!
//! The table is data. Each line names where it was read; where Meta's own page says less than others have found, both are
//! named. A code that is not on it is shown as a number, with nothing claimed about it.

use serde::Serialize;

/// Whether sending again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SendAgain)]
pub enum Again {
    /// Not to this person; trying does harm or nothing.
    Never,
    /// Later, with nothing changed.
    Later,
    /// After something was changed: the message, the template, the account.
    AfterChange,
}

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = FailureMeaning)]
pub struct Failure {
    /// Meta's code.
    pub code: i64,
    /// What happened, in a sentence.
    pub meaning: &'static str,
    /// Whether sending again can help.
    pub again: Again,
    /// What to do, in a sentence.
    pub advice: &'static str,
    /// Where this was read.
    pub source: &'static str,
}

const META: &str = "Meta, Cloud API error codes (developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes), 2026";
const LIMITS: &str = "Meta, per-user marketing template message limits, 2026-04-29";
const BSUID: &str = "Meta, business-scoped user ids, 2026-05-07";
const MARKETING: &str = "Meta, Marketing Messages API for WhatsApp, 2026-06-28";
const EXPERIMENT: &str =
    "Meta, Cloud API error codes, 2026; the share and that it is random: reports of providers, 2026-11-28";
const PHONE_FIELD: &str = "Meta, Cloud API error codes, 2026; user ids in phone fields: logs of integrators, 2026";

const fn line(code: i64, again: Again, meaning: &'static str, advice: &'static str, source: &'static str) -> Failure {
    Failure { code, meaning, again, advice, source }
}

/// Every code we know, by number.
pub const FAILURES: &[Failure] = &[
    line(4, Again::Later, "The app made too many calls to Meta.", "Send more slowly.", META),
    line(
        368,
        Again::AfterChange,
        "Meta has restricted the account for breaking its policies.",
        "Look at the account's quality in WhatsApp Manager, and appeal there.",
        META,
    ),
    line(80_007, Again::Later, "The WhatsApp account reached its rate limit.", "Send more slowly.", META),
    line(130_429, Again::Later, "More was sent in a second than the number may send.", "Send more slowly.", META),
    line(
        130_472,
        Again::Later,
        "Meta keeps this person out of marketing for an experiment of its own.",
        "Do not strike the person off: it is chance, says nothing about them, and nobody tells when it ends. It is not charged.",
        EXPERIMENT,
    ),
    line(
        130_497,
        Again::Never,
        "This business may not write to people in this country.",
        "Leave recipients of this country out.",
        META,
    ),
    line(
        131_026,
        Again::Later,
        "The message could not be delivered: the number has no WhatsApp, an old version of it, or has not agreed to its terms.",
        "Try once more later; after several such failures leave the number out. A user id in a field for phones fails like this too.",
        PHONE_FIELD,
    ),
    line(
        131_031,
        Again::AfterChange,
        "The WhatsApp account is locked.",
        "Look at the account in WhatsApp Manager: a policy was broken, or a PIN was wrong.",
        META,
    ),
    line(
        131_042,
        Again::AfterChange,
        "There is a problem with how the WhatsApp account is paid for.",
        "Mend the payment method in Meta's billing settings.",
        META,
    ),
    line(
        131_047,
        Again::AfterChange,
        "More than 24 hours have passed since this person wrote last, so free text may not be sent.",
        "Send a template.",
        META,
    ),
    line(
        131_048,
        Again::Later,
        "Too many messages of this number were blocked or reported as spam.",
        "Send less and to people who asked for it; look at the number's quality in WhatsApp Manager.",
        META,
    ),
    line(
        131_049,
        Again::Later,
        "Meta held the message back: this person has been sent enough marketing for now.",
        "Wait at least 24 hours; trying again sooner can block the person for a day more. It is not charged.",
        LIMITS,
    ),
    line(
        131_050,
        Again::Never,
        "This person wants no more marketing from this business.",
        "Do not send them marketing until they resume it themselves. Recoup keeps it as an opt-out.",
        META,
    ),
    line(131_051, Again::AfterChange, "This type of message is not supported.", "Send another type.", META),
    line(
        131_056,
        Again::Later,
        "Too many messages went to this one person within a short time.",
        "Wait: 1 second, then 4, then 16, and so on.",
        META,
    ),
    line(
        131_057,
        Again::Later,
        "The number is being worked on, for about a minute.",
        "Send again in a few minutes.",
        META,
    ),
    line(
        131_061,
        Again::AfterChange,
        "The template has a maximum price and was sent the ordinary way.",
        "Send it through the Marketing Messages API.",
        MARKETING,
    ),
    line(
        131_062,
        Again::AfterChange,
        "This kind of message cannot be sent to a user id.",
        "Send it to a phone number.",
        BSUID,
    ),
    line(
        131_063,
        Again::AfterChange,
        "Marketing templates are switched off for the Cloud API on this account.",
        "Send them through the Marketing Messages API.",
        MARKETING,
    ),
    line(
        131_064,
        Again::AfterChange,
        "The account may send less, because templates were put into a wrong category.",
        "Put the templates into the right category; look at WhatsApp Manager.",
        META,
    ),
    line(
        132_000,
        Again::AfterChange,
        "The template takes another number of values than were given.",
        "Give as many values as the template has variables.",
        META,
    ),
    line(
        132_001,
        Again::AfterChange,
        "There is no such template in this language, or it is not approved.",
        "Check the template's name, language and approval.",
        META,
    ),
    line(132_005, Again::AfterChange, "The filled template is too long.", "Shorten the values.", META),
    line(
        132_007,
        Again::AfterChange,
        "The template breaks a policy on formatting or content.",
        "Look at why it was rejected in WhatsApp Manager.",
        META,
    ),
    line(
        132_012,
        Again::AfterChange,
        "A value does not have the form the template asks for.",
        "Compare the values with the template's variables.",
        META,
    ),
    line(
        132_015,
        Again::AfterChange,
        "The template is paused, because people blocked or reported it.",
        "Change the template, or wait until the pause is over.",
        META,
    ),
    line(
        132_016,
        Again::Never,
        "The template is switched off for good, after it was paused too often.",
        "Make another template.",
        META,
    ),
];

/// The recipient wants no marketing of this business.
pub const OPTED_OUT: i64 = 131_050;

/// What a code means, if it is known.
pub fn failure(code: i64) -> Option<&'static Failure> {
    FAILURES.binary_search_by_key(&code, |line| line.code).ok().map(|place| &FAILURES[place])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_once_in_order_with_a_source() {
        assert!(FAILURES.is_sorted_by(|one, next| one.code < next.code));
        for line in FAILURES {
            assert_eq!(failure(line.code), Some(line));
            assert!(
                line.meaning.ends_with('.') && line.advice.ends_with('.') && line.source.contains("2026"),
                "{line:?}"
            );
        }
        assert_eq!(failure(1), None);
        for (code, again) in [
            (131_026, Again::Later),
            (131_047, Again::AfterChange),
            (131_049, Again::Later),
            (131_050, Again::Never),
            (130_472, Again::Later),
            (131_056, Again::Later),
        ] {
            assert_eq!(failure(code).map(|line| line.again), Some(again), "{code}");
        }
    }
}
