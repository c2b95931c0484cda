//! Comparing a window of abandoned checkouts with what is here. The Admin API does not say a checkout's token; the
//! recovery address names its cart, and the cart names the checkout where a webhook or the order told it. Where Shopify
//! tells no address, the customer and the second in which it began name it.

use sea_orm::DbErr;
use serde_json::Value;

use super::admin_session::{AdminSession, Stopped};
use super::reread;
use super::watermark::Read;
use crate::checkouts::{self, Checkout};
use crate::kernel::Timestamp;
use crate::orders;
use crate::shopify::admin::as_webhook;
use crate::shopify::admin::orders::{self as api, Window};
use crate::shopify::parse_gid;
use crate::webhooks;

/// The longest window asked for at once: its pages are not in the order of its instants, so it counts as a whole or not
/// at all.
pub(super) const LONGEST_SECONDS: i64 = 86_400;

/// Compares a window to its end.
pub(super) async fn read(
    session: &AdminSession,
    window: Window,
    read: &mut Read,
    now: Timestamp,
) -> Result<(), Stopped> {
    let mut after = None;
    loop {
        let (admin, from) = (&session.admin, &after);
        let page = session
            .ask(now, |domain, token| async move { api::checkouts(admin, &domain, &token, window, from.clone()).await })
            .await?;
        let mut missing = Vec::new();
        for checkout in &page.items {
            missing.extend(lacking(session, checkout, now).await?);
        }
        let new = webhooks::keep(&session.app, &missing).await?;
        read.found += i64::try_from(new.iter().filter(|new| **new).count()).unwrap_or(0);
        after = page.next;
        if after.is_none() {
            read.through = Some(window.until);
            return Ok(());
        }
    }
}

/// The state of a checkout, if it is missing or older here.
async fn lacking(
    session: &AdminSession,
    checkout: &Value,
    now: Timestamp,
) -> Result<Option<webhooks::Delivery>, DbErr> {
    let at = |field: &str| checkout[field].as_str().and_then(Timestamp::parse);
    let url = checkout["abandonedCheckoutUrl"].as_str().unwrap_or_default();
    let known = match url {
        "" => begun(session, &checkout["customer"], at("createdAt")).await?,
        url => known(session, url, at("createdAt")).await?,
    };
    let here = known.as_ref().is_some_and(|known| {
        Some(known.updated_at) >= at("updatedAt") && (known.completed_at.is_some() || at("completedAt").is_none())
    });
    if here {
        return Ok(None);
    }
    let token = match known {
        Some(known) => Some(known.token),
        None => match as_webhook::checkout_token(url) {
            Some(token) => Some(token),
            None => of_order(session, url).await?,
        },
    };
    Ok(Some(reread::checkout(session, checkout, token.as_deref(), now)))
}

/// The checkout an address leads to. One cart may have had several: the one that began at the same second.
async fn known(session: &AdminSession, url: &str, began: Option<Timestamp>) -> Result<Option<Checkout>, DbErr> {
    let db = session.app.db.read();
    if let Some(token) = as_webhook::checkout_token(url) {
        return checkouts::find(db, session.shop.shop_id, &token).await;
    }
    let Some(cart) = as_webhook::cart_token(url) else { return Ok(None) };
    let of_cart = checkouts::of_cart(db, session.shop.shop_id, &cart).await?;
    let same = |checkout: &Checkout| began.is_some_and(|began| began.seconds() == checkout.created_at.seconds());
    Ok(of_cart.into_iter().find(same))
}

/// The one checkout a customer began in a second.
async fn begun(session: &AdminSession, customer: &Value, began: Option<Timestamp>) -> Result<Option<Checkout>, DbErr> {
    let Some((began, (_, customer))) = began.zip(customer["id"].as_str().and_then(parse_gid)) else { return Ok(None) };
    let second = Timestamp::from_seconds(began.seconds());
    let within = (second, second.plus_seconds(1));
    let mut found = checkouts::begun_by(session.app.db.read(), session.shop.shop_id, customer, within).await?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// The token of the checkout that became an order of this cart.
async fn of_order(session: &AdminSession, url: &str) -> Result<Option<String>, DbErr> {
    let Some(cart) = as_webhook::cart_token(url) else { return Ok(None) };
    let order = orders::of_cart(session.app.db.read(), session.shop.shop_id, &cart).await?;
    Ok(order.and_then(|order| order.checkout_token))
}
