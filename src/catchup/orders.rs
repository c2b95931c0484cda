//! Comparing a window of orders with what is here, the longest unchanged first: ids and instants, then what is missing or
//! older here, whole.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, DbErr, QueryFilter, QuerySelect};

use super::admin_session::{AdminSession, Stopped};
use super::reread;
use super::watermark::Read;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::{ORDER, OrderColumn, OrderId, Orders};
use crate::shopify::admin::orders::{self as api, Window};
use crate::webhooks;

/// Pages compared in one run: then other jobs have their turn.
const PAGES: usize = 10;

/// Compares a window. `read` grows with every page; whether the window was gone through to its end is the answer.
pub(super) async fn read(
    session: &AdminSession,
    window: Window,
    read: &mut Read,
    now: Timestamp,
) -> Result<bool, Stopped> {
    let mut after = None;
    for _ in 0..PAGES {
        let (admin, from) = (&session.admin, &after);
        let page = session
            .ask(now, |domain, token| async move { api::changed(admin, &domain, &token, window, from.clone()).await })
            .await?;
        let known = known(session, page.items.iter().map(|one| one.order)).await?;
        for one in &page.items {
            if known.get(&one.order).is_none_or(|known| *known < one.updated_at) {
                read.found += i64::from(one_order(session, one.order, now).await?);
            }
            // Others may have changed in the same second.
            read.through = Some(one.updated_at.min(window.until));
        }
        after = page.next;
        if after.is_none() {
            read.through = Some(window.until);
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads one order whole and keeps its state. `true`: it was new here.
pub(super) async fn one_order(session: &AdminSession, order: i64, now: Timestamp) -> Result<bool, Stopped> {
    let admin = &session.admin;
    let whole =
        session.ask(now, |domain, token| async move { api::whole(admin, &domain, &token, order).await }).await?;
    let Some(delivery) = whole.and_then(|order| reread::order(session, &order, now)) else { return Ok(false) };
    Ok(webhooks::keep(&session.app, &[delivery]).await?.contains(&true))
}

/// When the orders we know were last changed, as far as we know.
async fn known(session: &AdminSession, orders: impl Iterator<Item = i64>) -> Result<HashMap<i64, Timestamp>, DbErr> {
    updated(session, session.shop.shop_id, orders.map(OrderId).collect()).await
}

/// When these orders were last changed, as far as we know.
pub(super) async fn updated(
    session: &AdminSession,
    shop: ShopId,
    ids: Vec<OrderId>,
) -> Result<HashMap<i64, Timestamp>, DbErr> {
    let select = Orders::of(shop).filter(ORDER.shopify_order_id.is_in(ids)).select_only();
    let rows: Vec<(OrderId, Timestamp)> = select
        .columns([OrderColumn::ShopifyOrderId, OrderColumn::UpdatedAt])
        .into_tuple()
        .all(session.app.db.read())
        .await?;
    Ok(rows.into_iter().map(|(order, at)| (order.0, at)).collect())
}
