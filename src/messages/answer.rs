//! What a platform gets for a recipient: everything its message needs, in the words of the contract.

use serde::Serialize;

use super::callback;
use super::message::Model as Message;
use crate::app::App;
use crate::codes::{RedeemCode, State};
use crate::kernel::Timestamp;
use crate::kernel::id::MessageId;
use crate::links;

/// Whether a code can be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CodeState {
    /// Shopify takes it.
    Live,
    /// Reserved for this recipient, on its way to Shopify; the link works meanwhile and applies it once it is live.
    Pending,
    /// Its time is over.
    Expired,
    /// Taken back: do not show it.
    Revoked,
}

impl CodeState {
    /// What a code's own state means for who wants to show it. The instant decides, not what was written down.
    pub(super) fn of(code: &RedeemCode, now: Timestamp) -> Self {
        match code.state {
            State::Issued if code.expires_at.is_some_and(|end| end <= now) => Self::Expired,
            State::Issued | State::Redeemed => Self::Live,
            State::Expired => Self::Expired,
            State::Revoking | State::Revoked => Self::Revoked,
            State::Reserved | State::Pushed | State::Imported | State::Canary => Self::Pending,
        }
    }

    /// Whether the code itself is told.
    pub(super) const fn told(self) -> bool {
        matches!(self, Self::Live | Self::Expired)
    }
}

/// One recipient's answer.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Answer {
    /// The platform's own key.
    pub key: String,
    /// Our id of the message; `null` for the held out.
    pub message_id: Option<MessageId>,
    /// Left alone on purpose: send nothing, so that lift can be measured.
    pub held_out: bool,
    /// The code to show; `null` while it is pending or when the campaign has no offer.
    #[schema(example = "WIN7K2M9QXDTPB")]
    pub code: Option<String>,
    /// Whether the code can be shown.
    pub code_state: Option<CodeState>,
    /// When a pending code is expected to be live: by how long imports take at this shop and how many codes wait.
    #[schema(value_type = Option<String>, format = "date-time")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<Timestamp>,
    /// When the code ends, to the second. `null` while its clock has not started: with `expiry.starts: delivery` it
    /// is known once WhatsApp has delivered the message.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub expires_at: Option<Timestamp>,
    /// While the clock has not started: when the code ends at the latest, however late the message is delivered.
    #[schema(value_type = Option<String>, format = "date-time")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_latest_at: Option<Timestamp>,
    /// The tracked link.
    pub link: Option<String>,
    /// What to put into a template whose button is `…/r/{{1}}`.
    pub button_suffix: Option<String>,
    /// Send it as `biz_opaque_callback_data`: statuses then find their message.
    pub callback_data: Option<String>,
}

/// What every answer of a call needs at hand.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The shop's own link domain.
    pub domain: Option<&'a str>,
    /// Keys and addresses.
    pub app: &'a App,
    /// When codes that are pending now are expected to be live.
    pub expected_at: Option<Timestamp>,
    /// When the call came.
    pub now: Timestamp,
}

impl Answer {
    /// The answer for a recipient; `None` for the held out.
    pub fn new(edge: Context<'_>, key: String, composed: Option<(Message, Option<RedeemCode>)>) -> Self {
        let Context { domain, app, expected_at, now } = edge;
        let Some((message, code)) = composed else { return Self::held_out(key) };
        let state = code.as_ref().map(|code| CodeState::of(code, now));
        let latest = code.as_ref().and_then(|code| code.expires_at);
        let expires_at = code.as_ref().and_then(|code| code.ends_at(message.arrived_at()));
        Self {
            key,
            message_id: Some(message.id),
            held_out: false,
            expected_at: expected_at.filter(|_| state == Some(CodeState::Pending)),
            code: code.filter(|_| state.is_some_and(CodeState::told)).map(|code| code.code),
            code_state: state,
            expires_at,
            expires_latest_at: latest.filter(|_| expires_at.is_none()),
            link: Some(links::address(app, domain, &message.link_slug)),
            callback_data: Some(callback::make(&app.vault, message.shop_id, message.id)),
            button_suffix: Some(message.link_slug),
        }
    }

    fn held_out(key: String) -> Self {
        Self {
            key,
            message_id: None,
            held_out: true,
            code: None,
            code_state: None,
            expected_at: None,
            expires_at: None,
            expires_latest_at: None,
            link: None,
            button_suffix: None,
            callback_data: None,
        }
    }
}
