//! Webhooks sent by hand: repeated, forged, from elsewhere.

use anyhow::Context;
use bytes::Bytes;
use serde_json::Value;

use super::{Answer, read};
use crate::simulator::World;
use crate::simulator::proof;
use crate::simulator::shopify::webhooks::Delivery;
use crate::simulator::whatsapp::as_meta_writes;

/// A webhook about to be sent by hand.
pub struct Sending<'w> {
    world: &'w World,
    delivery: Delivery,
    secret: Option<String>,
    events: bool,
    times: usize,
}

impl Sending<'_> {
    /// The same delivery so many times in all.
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Signed with another secret.
    pub fn signed_with(mut self, secret: &str) -> Self {
        self.secret = Some(secret.to_owned());
        self
    }

    /// With this delivery id.
    pub fn with_id(mut self, id: &str) -> Self {
        self.delivery.webhook_id = id.to_owned();
        self
    }

    /// From another shop.
    pub fn from_shop(mut self, domain: &str) -> Self {
        self.delivery.domain = domain.to_owned();
        self
    }

    /// Triggered at another instant.
    pub fn triggered_at(mut self, at: crate::kernel::Timestamp) -> Self {
        self.delivery.triggered_at = at;
        self
    }

    /// With the headers of next-generation Events.
    pub fn as_event(mut self) -> Self {
        self.events = true;
        self
    }

    /// Sends, one after the other; the answer to the last.
    pub async fn send(self) -> anyhow::Result<Answer> {
        let (own, app) = {
            let held = self.world.hold();
            (held.client_secret.clone(), held.app_url.clone())
        };
        let headers = self.delivery.headers(self.secret.as_deref().unwrap_or(&own), self.events);
        let mut last = None;
        for _ in 0..self.times.max(1) {
            let request = self.world.request_webhook(
                &format!("{app}/webhooks/shopify"),
                headers.clone(),
                self.delivery.body.clone(),
            );
            last = Some(read(request).await?);
        }
        last.context("nothing was sent")
    }
}

impl World {
    pub(in crate::simulator) fn request_webhook(
        &self,
        url: &str,
        headers: Vec<(String, String)>,
        body: Bytes,
    ) -> reqwest::RequestBuilder {
        let request = self.inner.http.post(url).header("content-type", "application/json").body(body);
        headers.into_iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    pub(in crate::simulator) fn request_whatsapp(&self, body: Bytes) -> reqwest::RequestBuilder {
        let (app, secret) = {
            let held = self.hold();
            (held.app_url.clone(), held.whatsapp_app_secret.clone())
        };
        let signature = format!("sha256={}", proof::hex_signature(&secret, &body));
        self.request_webhook(
            &format!("{app}/webhooks/whatsapp"),
            vec![("x-hub-signature-256".to_owned(), signature)],
            body,
        )
    }

    /// A webhook of the main shop, ready to be sent.
    pub fn delivery(&self, topic: &str, body: &Value) -> Sending<'_> {
        let delivery = self.hold().delivery(topic, body);
        Sending { world: self, delivery, secret: None, events: false, times: 1 }
    }

    /// Sends one webhook of the main shop.
    pub async fn deliver(&self, topic: &str, body: &Value) -> anyhow::Result<Answer> {
        self.delivery(topic, body).send().await
    }

    /// Sends one WhatsApp webhook, signed.
    pub async fn whatsapp(&self, body: &Value) -> anyhow::Result<Answer> {
        read(self.request_whatsapp(as_meta_writes(body))).await
    }
}
