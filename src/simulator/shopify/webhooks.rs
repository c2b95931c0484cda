//! Webhooks as Shopify sends them: signed over raw bytes, at least once, in no promised order.
//!
//! A body is written when its event happens and never again: what comes late is old, as in life. A delivery that is
//! not answered with 2xx comes again with the same id, eight times over four hours.

use bytes::Bytes;
use serde_json::{Value, json};

use super::view::gid;
use crate::kernel::Timestamp;
use crate::simulator::clockwork::Event;
use crate::simulator::dice::{Luck, dice};
use crate::simulator::proof;
use crate::simulator::state::State;

/// The version that writes the bodies.
pub const API_VERSION: &str = "2026-10";

/// When a delivery that failed comes again, in seconds after each failure.
const RETRIES: [i64; 8] = [60, 120, 300, 600, 1_200, 2_400, 3_600, 5_400];

/// One webhook on its way.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Delivery {
    pub webhook_id: String,
    pub event_id: String,
    pub topic: String,
    pub domain: String,
    pub body: Bytes,
    pub triggered_at: Timestamp,
    pub attempt: usize,
}

impl Delivery {
    /// The headers of classic webhooks, or of the next-generation Events.
    pub fn headers(&self, secret: &str, events: bool) -> Vec<(String, String)> {
        let prefix = if events { "shopify-" } else { "x-shopify-" };
        [
            ("topic", self.topic.clone()),
            ("hmac-sha256", proof::base64_signature(secret, &self.body)),
            ("shop-domain", self.domain.clone()),
            ("api-version", API_VERSION.to_owned()),
            ("webhook-id", self.webhook_id.clone()),
            ("event-id", self.event_id.clone()),
            ("triggered-at", self.triggered_at.to_string()),
        ]
        .into_iter()
        .map(|(name, value)| (format!("{prefix}{name}"), value))
        .collect()
    }

    /// When it comes again after a failure; never, after the last.
    pub fn again(&self) -> Option<i64> {
        RETRIES.get(self.attempt).copied()
    }
}

impl State {
    /// A fresh delivery of the main shop.
    pub fn delivery(&mut self, topic: &str, body: &Value) -> Delivery {
        self.deliveries += 1;
        let mut luck = dice(self.seed, "delivery id", self.deliveries);
        self.delivery_with(topic, body, &mut luck)
    }

    fn delivery_with(&self, topic: &str, body: &Value, luck: &mut rand::rngs::StdRng) -> Delivery {
        Delivery {
            webhook_id: luck.uuid().to_string(),
            event_id: luck.uuid().to_string(),
            topic: topic.to_owned(),
            domain: self.main.clone(),
            body: Bytes::from(body.to_string()),
            triggered_at: self.clock.now(),
            attempt: 0,
        }
    }

    /// A discount changed: `discounts/update`.
    pub fn tell_discount(&mut self, id: i64) {
        let now = self.clock.now();
        let Some(held) = self.shop().discounts.list.get(&id) else { return };
        let body = json!({"admin_graphql_api_id": gid("DiscountCodeNode", id), "title": held.title,
            "status": held.status(now), "created_at": held.created_at, "updated_at": held.updated_at});
        self.announce_discount("discounts/update", &body);
    }

    /// A discount is gone: `discounts/delete`.
    pub fn tell_discount_gone(&mut self, id: i64) {
        let body = json!({"admin_graphql_api_id": gid("DiscountCodeNode", id), "deleted_at": self.clock.now()});
        self.announce_discount("discounts/delete", &body);
    }

    /// Apart from other news, and always as late: how often the app asks never shifts the world.
    fn announce_discount(&mut self, topic: &str, body: &Value) {
        if !self.shop().installed {
            return;
        }
        self.discount_deliveries += 1;
        let mut luck = dice(self.seed, "discount delivery id", self.discount_deliveries);
        let delivery = self.delivery_with(topic, body, &mut luck);
        self.plan_in(2, Event::Deliver(Box::new(delivery)));
    }

    /// Something happened at the shop: its webhook is planned, with the weather of the world.
    pub fn announce(&mut self, topic: &str, body: &Value) {
        if !self.shop().installed && topic != "app/uninstalled" {
            return;
        }
        let delivery = self.delivery(topic, body);
        let mut luck = dice(self.seed, "delivery", self.deliveries);
        if luck.happens(self.weather.drops) {
            return;
        }
        let mut delay = luck.between(1, 20);
        if luck.happens(self.weather.delays) {
            delay += if luck.happens(0.1) { luck.between(3_600, 86_400) } else { luck.between(60, 1_800) };
        }
        if luck.happens(self.weather.repeats) {
            let later = delay + luck.between(30, 7_200);
            self.plan_in(later, Event::Deliver(Box::new(delivery.clone())));
        }
        self.plan_in(delay, Event::Deliver(Box::new(delivery)));
    }
}
