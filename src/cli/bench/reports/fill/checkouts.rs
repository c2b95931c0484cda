//! Abandoned checkouts, one for every order: of ten three are completed after all, one is withdrawn, the others lie there.

use sea_orm::IntoActiveModel;

use super::{Words, multiply, word};
use crate::abandoned::{Abandonment, AbandonmentColumn, Abandonments, State};
use crate::app::App;
use crate::checkouts::{Checkout, CheckoutColumn, Checkouts};
use crate::kernel::Timestamp;
use crate::shops::Shop;

pub(super) async fn of_checkouts(app: &App, shop: &Shop, words: &Words, at: Timestamp) -> anyhow::Result<()> {
    let (all, begun, token) = (words.orders, words.ordered("n"), "'left' || n".to_owned());
    let checkout = Checkout {
        shop_id: shop.shop_id,
        token: "left".into(),
        cart_token: None,
        currency: "EUR".into(),
        total_minor: 4_000,
        email_hash: None,
        phone_hash: None,
        shopify_customer_id: None,
        created_at: at,
        updated_at: at,
        completed_at: None,
        recovery_url_sealed: None,
        contact_key: 0,
        cart_items: None,
        cart_items_at: None,
        shopify_checkout_id: None,
    };
    let columns = [
        (CheckoutColumn::Token, token.clone()),
        (CheckoutColumn::TotalMinor, "4000 + n % 5000".into()),
        (CheckoutColumn::CreatedAt, begun.clone()),
        (CheckoutColumn::UpdatedAt, begun.clone()),
    ];
    multiply::<Checkouts>(app, checkout.into_active_model(), all, "n >= 0", &columns).await?;
    let left = Abandonment {
        shop_id: shop.shop_id,
        token: "left".into(),
        state: State::Open,
        last_at: at,
        abandoned_at: Some(at),
        ended_at: None,
        ended_by: None,
        shopify_order_id: None,
        offered_at: None,
        withdrawn_at: None,
        told_seconds: 0,
        next_at: None,
        looks: 0,
    };
    let state = format!(
        "CASE WHEN n % 10 < 3 THEN {} WHEN n % 10 = 3 THEN {} ELSE {} END",
        word(State::Recovered),
        word(State::Withdrawn),
        word(State::Open)
    );
    let columns = [
        (AbandonmentColumn::Token, token),
        (AbandonmentColumn::State, state),
        (AbandonmentColumn::LastAt, begun.clone()),
        (AbandonmentColumn::AbandonedAt, format!("{begun} + 3600000000")),
    ];
    multiply::<Abandonments>(app, left.into_active_model(), all, "n >= 0", &columns).await
}
