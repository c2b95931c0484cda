//! The web pixel in the browsers of living shoppers: what it tells the app, and when.
//!
//! 1. It runs where the shopper allows it and blocks no scripts, and only while the app has a pixel at the shop.
//! 2. It remembers the latest tap of its browser, as the real one does; tokens and clicks are all it says.
//! 3. Its draws hang on the checkout alone: how shoppers decide does not depend on what their browsers tell.

use serde_json::{Value, json};

use crate::kernel::Timestamp;

use super::World;
use super::clockwork::Event;
use super::clues::PixelTold;
use super::dice::{Luck, dice, key_of};
use super::state::State;
use super::visit::click_in;

/// Share of shoppers who allow analytics and marketing.
const ALLOWS: f64 = 0.7;

/// Share of what is told that waits for a network: then the order is told first.
const LATE: f64 = 0.06;

/// How long the real pixel remembers a tap.
const KEPT_SECONDS: i64 = 30 * 86_400;

/// What the pixel keeps in a browser's storage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub click: String,
    pub at: Timestamp,
}

/// A telling on its way.
#[derive(Clone, Debug)]
pub(super) struct Telling {
    endpoint: String,
    body: Value,
    seen: Option<PixelTold>,
}

impl State {
    /// Whether the person's browser lets the pixel run; a person does not change their mind.
    pub fn lets_the_pixel_run(&self, key: &str, blocks_scripts: bool) -> bool {
        !blocks_scripts && dice(self.seed, "consent", key_of(key)).happens(ALLOWS)
    }

    /// What the pixel remembers when a page of the store was opened by this address.
    pub fn remembers(&self, landing: &str, before: Option<Kept>) -> Option<Kept> {
        let at = self.clock.now();
        let fresh = before.filter(|kept| at <= kept.at.plus_seconds(KEPT_SECONDS));
        click_in(landing).map(|click| Kept { click, at }).or(fresh)
    }

    /// The pixel of a checkout's browser sees it started or completed.
    pub fn pixel_sees(&mut self, token: &str, name: &'static str) {
        let (now, seed) = (self.clock.now(), self.seed);
        let shop = self.shop();
        let settings = shop.pixel.as_ref().map(|(_, settings)| settings.clone());
        let checkout = shop.checkouts.get(token).filter(|checkout| checkout.pixel).cloned();
        let (Some(settings), Some(checkout)) = (settings, checkout) else { return };
        let mut luck = dice(seed, name, key_of(token) ^ now.micros().unsigned_abs());
        let kept = checkout.kept.as_ref();
        let body = json!({
            "shop": settings["shop"], "event": name, "id": format!("sh-{}", luck.uuid()), "at": now.to_string(),
            "client": luck.uuid(), "checkout_token": token, "order_id": checkout.order.map(|id| id.to_string()),
            "click": kept.map(|kept| &kept.click), "clicked_at": kept.map(|kept| kept.at.to_string()),
        });
        let seen = kept.map(|kept| PixelTold { click: kept.click.clone(), checkout: token.to_owned(), at: now });
        let wait = if luck.happens(LATE) { luck.between(900, 20_000) } else { luck.between(0, 4) };
        let endpoint = settings["endpoint"].as_str().unwrap_or_default().to_owned();
        self.plan_in(wait, Event::Pixel(Box::new(Telling { endpoint, body, seen })));
    }
}

impl World {
    /// Tells it as the extension does: plain text, once. What is lost is lost.
    pub(super) async fn tells(&self, telling: Telling) {
        let post = self.inner.http.post(&telling.endpoint).header("content-type", "text/plain");
        let answer = post.body(telling.body.to_string()).send().await;
        match answer.map(|answer| answer.status()) {
            Ok(status) if status.is_success() => self.hold().pixels.extend(telling.seen),
            Ok(status) => tracing::warn!(status = status.as_u16(), "the app refused what a pixel told"),
            Err(_) => {}
        }
    }
}
