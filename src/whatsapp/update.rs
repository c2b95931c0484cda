//! What can happen at WhatsApp, in our words.
//!
//! Every update that we read carries the id of the shop's number: the key by which its tenant is found.

use super::person::{UserId, WaId, Wamid};
use crate::kernel::Timestamp;

/// What became of a message, in Meta's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// Left for the phone.
    Sent,
    /// Arrived.
    Delivered,
    /// Seen.
    Read,
    /// Will not arrive.
    Failed,
    /// A voice message was listened to.
    Played,
    /// A word we do not know yet.
    Other(String),
}

impl Status {
    /// Reads Meta's word.
    pub fn read(word: &str) -> Self {
        match word {
            "sent" => Self::Sent,
            "delivered" => Self::Delivered,
            "read" => Self::Read,
            "failed" => Self::Failed,
            "played" => Self::Played,
            other => Self::Other(other.chars().take(100).collect()),
        }
    }

    /// Meta's word.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Read => "read",
            Self::Failed => "failed",
            Self::Played => "played",
            Self::Other(word) => word,
        }
    }
}

/// What a message cost, as far as a status says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pricing {
    /// `CBP` per conversation (old), `PMP` per message.
    pub model: Option<String>,
    /// `regular` is charged, `free_…` is not. Absent in the old model.
    pub kind: Option<String>,
    /// `marketing`, `utility`, `service`, …: not a closed list.
    pub category: Option<String>,
    /// Meta's own flag, announced for removal.
    pub billable: Option<bool>,
    /// Decimal amount in the currency's base unit, and the currency. An estimate.
    pub cost: Option<(String, String)>,
}

/// What somebody wants of marketing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// No more.
    Stop,
    /// Again.
    Resume,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// One of our messages came further, or failed.
    Status {
        /// The sender's number, by id: the key of the tenant.
        phone_number_id: String,
        /// Which message.
        wamid: Wamid,
        /// How far.
        status: Status,
        /// When.
        at: Timestamp,
        /// Whether it went to a group; then the recipient is the participant it is about.
        group: bool,
        /// Who got it, by number; absent when Meta withholds it.
        recipient: Option<WaId>,
        /// Who got it, by user id.
        recipient_user_id: Option<UserId>,
        /// Our own string, given when sending.
        callback_data: Option<String>,
        /// Why it failed.
        error_code: Option<i64>,
        /// What it cost. A status without it does not unsay an earlier one.
        pricing: Option<Pricing>,
    },
    /// Somebody wrote to the shop.
    Inbound {
        /// The shop's number, by id.
        phone_number_id: String,
        /// Their message.
        wamid: Wamid,
        /// From which number; absent when Meta withholds it.
        from: Option<WaId>,
        /// From whom.
        user_id: Option<UserId>,
        /// `text`, `button`, `interactive`, `unsupported`, …
        kind: String,
        /// What the pressed button stands for: a template button's payload, a reply's id.
        reply: Option<String>,
        /// Whether it is nothing but a word for wanting no more messages, or wanting them again. The text itself stays
        /// behind.
        wish: Option<Wish>,
        /// The message of ours it answers.
        context_wamid: Option<Wamid>,
        /// The click id of the ad it came from: then the visit is the ad's, not a message's.
        ad_click_id: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// Somebody said what they want to receive.
    Preference {
        /// The shop's number, by id.
        phone_number_id: String,
        /// Whose wish, by number.
        wa_id: Option<WaId>,
        /// Whose wish, by user id.
        user_id: Option<UserId>,
        /// `marketing_messages`.
        category: String,
        /// `stop` or `resume`.
        value: String,
        /// When.
        at: Timestamp,
    },
    /// Somebody pressed a link of a marketing message. Meta does not say who.
    LinkClick {
        /// The shop's number, by id.
        phone_number_id: String,
        /// Meta's id of the click.
        click_id: String,
        /// `cta` (a button) or `body` (a link in the text); not a closed list.
        component: Option<String>,
        /// Which message, where Meta says it; its documentation promises nothing.
        wamid: Option<Wamid>,
        /// When.
        at: Timestamp,
    },
    /// Somebody goes on under another number or user id.
    System {
        /// The shop's number, by id.
        phone_number_id: String,
        /// `user_changed_number`, `user_changed_user_id`, …
        kind: String,
        /// The number until now.
        from: Option<WaId>,
        /// The user id until now.
        user_id: Option<UserId>,
        /// The number from now on.
        new_wa_id: Option<WaId>,
        /// The user id from now on.
        new_user_id: Option<UserId>,
        /// When.
        at: Timestamp,
    },
    /// Something we do not read. Acknowledge it all the same.
    Unknown {
        /// Meta's name of the field, if it has one.
        field: String,
        /// What was in the way.
        why: &'static str,
    },
}
