//! What was read again, as a delivery: its id is made of the state it tells, so that one state is kept once.

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::admin_session::AdminSession;
use crate::kernel::Timestamp;
use crate::shopify::admin::{VERSION, as_webhook};
use crate::webhooks::{Delivery, Source};

/// An order as the Admin API wrote it.
pub(super) fn order(session: &AdminSession, order: &Value, now: Timestamp) -> Option<Delivery> {
    let body = as_webhook::order(order)?;
    let name = format!("orders/{}", body["id"]);
    Some(delivery(session, "orders/updated", &name, order, &body, now))
}

/// A checkout as the Admin API wrote it, with its token, as far as that is known here.
pub(super) fn checkout(session: &AdminSession, checkout: &Value, token: Option<&str>, now: Timestamp) -> Delivery {
    let body = as_webhook::checkout(checkout, token);
    let id = checkout["id"].as_str().unwrap_or_default();
    let name = format!("checkouts/{}", id.rsplit('/').next().unwrap_or_default());
    delivery(session, "checkouts/update", &name, checkout, &body, now)
}

fn delivery(session: &AdminSession, topic: &str, name: &str, read: &Value, body: &Value, now: Timestamp) -> Delivery {
    let text = body.to_string();
    let updated_at = read["updatedAt"].as_str().and_then(Timestamp::parse);
    // Two states of one second are two states.
    let digest = hex::encode(&Sha256::digest(&text)[..4]);
    let id = format!("{name}@{}#{digest}", updated_at.unwrap_or(now));
    let new = Delivery::new(&session.app.vault, session.shop.shop_id, Source::Reread, id, text.as_bytes(), now);
    Delivery {
        topic: topic.to_owned(),
        shop_domain: session.shop.domain.clone(),
        api_version: Some(VERSION.to_owned()),
        triggered_at: updated_at,
        ..new
    }
}
