//! What WhatsApp tells about messages: sent, delivered, read, failed, as Meta's webhooks put it.
//!
//! 1. The body is signed as it is sent: ASCII, with `/` escaped, as Meta writes it.
//! 2. A read may come without its delivered; statuses may come twice or in the wrong order.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::kernel::Timestamp;

use super::clockwork::Event;
use super::dice::{Luck, dice};
use super::state::State;

/// The number the platform sends from.
pub const PHONE_NUMBER_ID: &str = "770000000000202";
/// No request carries more statuses.
pub(super) const MOST_PER_REQUEST: usize = 200;

/// News of one message.
#[derive(Clone, Debug)]
pub(super) struct StatusNote {
    /// The recipient's number.
    pub recipient: usize,
    pub wamid: String,
    pub callback_data: String,
    pub phone: Option<String>,
    pub bsuid: String,
    pub status: &'static str,
    pub at: Timestamp,
    pub error: Option<i64>,
    pub attempt: usize,
}

impl StatusNote {
    fn view(&self) -> Value {
        let mut view = json!({"id": self.wamid, "status": self.status, "timestamp": self.at.seconds().to_string(),
            "biz_opaque_callback_data": self.callback_data});
        if let Some(phone) = &self.phone {
            view["recipient_id"] = json!(phone.trim_start_matches('+'));
        }
        if self.error.is_none() || self.phone.is_none() {
            view["recipient_user_id"] = json!(self.bsuid);
        }
        if matches!(self.status, "sent" | "delivered") {
            view["pricing"] =
                json!({"billable": true, "pricing_model": "PMP", "category": "marketing", "type": "regular"});
        }
        if let Some(code) = self.error {
            let title = match code {
                131_049 => "This message was not delivered to maintain healthy ecosystem engagement.",
                131_050 => "User's preferences have opted out of marketing messages.",
                _ => "Message undeliverable.",
            };
            view["errors"] = json!([{"code": code, "title": title, "message": title, "error_data": {"details": title},
                "href": "/documentation/business-messaging/whatsapp/support/error-codes"}]);
        }
        view
    }
}

/// A request body for a batch of statuses.
pub(super) fn body(notes: &[StatusNote]) -> Bytes {
    let statuses: Vec<Value> = notes.iter().map(StatusNote::view).collect();
    let envelope = json!({"object": "whatsapp_business_account", "entry": [{"id": "880000000000101", "changes": [{"field": "messages",
        "value": {"messaging_product": "whatsapp", "statuses": statuses,
            "metadata": {"display_phone_number": "493023125012", "phone_number_id": PHONE_NUMBER_ID}}}]}]});
    as_meta_writes(&envelope)
}

/// A request body for a click on a message's button, as Meta tells it: neither message nor recipient is named.
pub(super) fn link_click(id: &str, at: &str) -> Bytes {
    let data = json!({"click_component": "cta", "click_id": id, "tracking_token": "pretend"});
    let action = json!({"action_type": "marketing_messages_link_click", "timestamp": at, "marketing_messages_link_click_data": data});
    let envelope = json!({"object": "whatsapp_business_account", "entry": [{"id": "880000000000101", "changes": [{"field": "messages",
        "value": {"messaging_product": "whatsapp", "user_actions": [action],
            "metadata": {"display_phone_number": "493023125012", "phone_number_id": PHONE_NUMBER_ID}}}]}]});
    as_meta_writes(&envelope)
}

/// JSON with `/` and everything beyond ASCII escaped.
pub(super) fn as_meta_writes(value: &Value) -> Bytes {
    let mut out = String::new();
    for c in value.to_string().chars() {
        match c {
            '/' => out.push_str("\\/"),
            c if c.is_ascii() => out.push(c),
            c => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| out.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    Bytes::from(out)
}

/// What becomes of one message, decided when it is sent.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fate {
    pub sent: i64,
    pub delivered: Option<i64>,
    pub read: Option<i64>,
    pub failed: Option<(i64, i64)>,
}

/// Seconds after sending at which things happen to message number n.
pub(super) fn fate(seed: u64, number: u64) -> Fate {
    let mut luck = dice(seed, "fate", number);
    let sent = luck.between(1, 40);
    if luck.happens(0.035) {
        let code = *luck.one_of(&[131_026, 131_026, 131_049, 131_050]);
        return Fate { sent, delivered: None, read: None, failed: Some((sent + luck.between(2, 60), code)) };
    }
    let slow = luck.happens(0.06);
    let delivered = sent + if slow { luck.between(1_800, 30_000) } else { luck.between(1, 90) };
    let quick = luck.happens(0.5);
    let read = luck
        .happens(0.78)
        .then(|| delivered + if quick { luck.between(20, 1_800) } else { luck.between(1_800, 40_000) });
    Fate { sent, delivered: Some(delivered), read, failed: None }
}

impl State {
    /// Plans the webhooks of one message. A receipt is only sent by those who send receipts.
    pub fn plan_statuses(&mut self, number: usize, fate: Fate, receipts: bool, mut note: StatusNote) {
        let mut luck = dice(self.seed, "status", number as u64);
        let begin = note.at;
        let mut steps: Vec<(&'static str, i64)> = vec![("sent", fate.sent)];
        if let Some((at, code)) = fate.failed {
            note.error = Some(code);
            steps = vec![("sent", fate.sent), ("failed", at)];
        }
        steps.extend(fate.delivered.map(|at| ("delivered", at)));
        steps.extend(fate.read.filter(|_| receipts).map(|at| ("read", at)));
        let open_chat = fate.read.is_some() && receipts && luck.happens(0.03);
        for (status, at) in steps {
            if status == "delivered" && open_chat {
                continue;
            }
            let happened = begin.plus_seconds(at);
            let error = note.error.filter(|_| status == "failed");
            let told = StatusNote { status, at: happened, error, ..note.clone() };
            let late =
                if luck.happens(self.weather.status_disorder) { luck.between(60, 3_000) } else { luck.between(0, 3) };
            // Of a stream of its own: what is lost changes nothing else.
            let mut lost = dice(self.seed, "lost status", number as u64 ^ (at as u64) << 24);
            if lost.happens(self.weather.status_drops) {
                continue;
            }
            if luck.happens(self.weather.status_disorder) {
                self.queue.plan(happened.plus_seconds(late + 90), Event::Status(Box::new(told.clone())));
            }
            self.queue.plan(happened.plus_seconds(late), Event::Status(Box::new(told)));
        }
    }
}
