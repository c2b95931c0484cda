//! What a body of `POST /pixel` says, read into values that hold; whatever does not fit is refused and leaves nothing.

use serde::Deserialize;

use super::event::{Model as PixelEvent, Name};
use crate::http::Problem;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::links::ClickId;

/// Browsers' clocks are wrong by hours; beyond this an event is no news of a checkout.
const PAST_SECONDS: i64 = 7 * 86_400;
const FUTURE_SECONDS: i64 = 86_400;

/// The body, as web/pixel sends it. Fields of a newer pixel than this server are let pass.
#[derive(Deserialize)]
struct Body {
    shop: String,
    event: Name,
    id: String,
    at: String,
    checkout_token: String,
    #[serde(default)]
    click: Option<String>,
}

/// Reads an event. `now` is when it came.
pub(super) fn read(body: &[u8], now: Timestamp) -> Result<PixelEvent, Problem> {
    let body: Body = serde_json::from_slice(body).map_err(|error| {
        Problem::bad_request("bad_pixel_event", format!("The body is no event of the pixel: {error}."))
    })?;
    let shop = body.shop.parse().ok().filter(|id| *id > 0).map(ShopId);
    let shop_id = shop.ok_or_else(|| Problem::invalid("shop", "Send Shopify's numeric id of the shop."))?;
    if !fits(&body.id, 1..=100) {
        return Err(Problem::invalid("id", "Send the event's id: 1 to 100 letters, digits, dashes."));
    }
    if !fits(&body.checkout_token, 8..=64) {
        return Err(Problem::invalid("checkout_token", "Send the checkout's token: 8 to 64 letters, digits, dashes."));
    }
    let at = Timestamp::parse(&body.at)
        .filter(|at| (-PAST_SECONDS..=FUTURE_SECONDS).contains(&at.seconds_since(now)))
        .ok_or_else(|| {
            Problem::invalid("at", "Send the event's time; older than a week or from tomorrow is no news.")
        })?;
    let click_id = match body.click.as_deref() {
        Some(text) => {
            let no_click = || Problem::invalid("click", "Send the click id of one of our links, or leave it out.");
            Some(ClickId::from_public(text).ok_or_else(no_click)?)
        }
        None => None,
    };
    Ok(PixelEvent {
        shop_id,
        event_id: body.id,
        name: body.event,
        checkout_token: body.checkout_token,
        click_id,
        at,
        received_at: now,
        asked_at: None,
    })
}

fn fits(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Chance;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn now() -> Timestamp {
        Timestamp::parse("2026-11-01T12:00:00Z").unwrap()
    }

    fn good() -> Value {
        let click = ClickId::new(&Chance::seeded(1), now()).public();
        json!({"shop": "101", "event": "checkout_started", "id": "sh-1", "at": "2026-11-01T12:00:00.000Z", "client": "b",
               "checkout_token": "e169664354e4c25a1cc8b9061775d9e2", "order_id": null, "click": click, "clicked_at": null})
    }

    #[test]
    fn each_field_is_held_to_its_shape() {
        let read = |body: &Value| read(body.to_string().as_bytes(), now());
        assert_eq!(read(&good()).unwrap().shop_id, ShopId(101));
        for (field, wrong) in [
            ("shop", json!("-1")),
            ("shop", json!("x")),
            ("shop", json!(null)),
            ("event", json!("page_viewed")),
            ("id", json!("")),
            ("id", json!("x".repeat(101))),
            ("id", json!("a\u{0}b")),
            ("at", json!("yesterday")),
            ("at", json!("2026-10-01T12:00:00Z")),
            ("at", json!("2026-11-03T12:00:00Z")),
            ("checkout_token", json!(null)),
            ("checkout_token", json!("short")),
            ("checkout_token", json!("x".repeat(65))),
            ("click", json!("hello")),
            ("click", json!("7n42DGM5Tflk9n8mt7Fhc7x")),
            ("click", json!(5)),
        ] {
            let mut body = good();
            body[field] = wrong.clone();
            assert!(read(&body).is_err(), "{field}: {wrong}");
        }
        let mut without = good();
        without.as_object_mut().unwrap().remove("click");
        assert_eq!(read(&without).unwrap().click_id, None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_stumble(body in "\\PC{0,200}") {
            prop_assert!(read(body.as_bytes(), now()).is_err());
        }
    }
}
