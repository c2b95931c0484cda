//! Appending what a source told us of an order.

use std::collections::BTreeMap;

use sea_orm::sea_query::{CaseStatement, Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, Iterable};

use super::doubted::doubt_orders;
use super::order::{self, Model as Order, OrderId, Texts};
use super::snapshot::{RefundSnapshot, Snapshot};
use super::version::Model as Version;
use super::{book, click, code, contact, journey, refund};
use crate::db::{INSERT_ROWS, insert_once};
use crate::kernel::Contacts;
use crate::kernel::id::ShopId;

/// Records a state of an order with its refunds and codes. Safe to repeat, in any order. `true`: its book of sales was
/// read before what this tells, and is to be read again.
pub async fn record(txn: &impl ConnectionTrait, shop: ShopId, snapshot: &Snapshot) -> Result<bool, DbErr> {
    record_all(txn, shop, &[snapshot]).await
}

/// [`record`] for some orders at once, which costs hardly more than one: `true` if it is of any of them.
pub async fn record_all(txn: &impl ConnectionTrait, shop: ShopId, snapshots: &[&Snapshot]) -> Result<bool, DbErr> {
    let mut behind = false;
    for wave in waves(snapshots) {
        behind |= append(txn, shop, &wave, false).await?;
    }
    Ok(behind)
}

/// [`record`] for an order of somebody who was forgotten: its facts, and nobody's name. What stands in the place of
/// names stays.
pub async fn record_forgotten(txn: &impl ConnectionTrait, shop: ShopId, snapshot: &Snapshot) -> Result<bool, DbErr> {
    let nameless = Snapshot { shopify_customer_id: None, contacts: Contacts::default(), ..snapshot.clone() };
    append(txn, shop, &[&nameless], true).await
}

/// States that one statement can write: no statement may touch an order twice. In the order of their orders, for whoever
/// waits for each other's rows would wait for ever.
fn waves<'a>(snapshots: &[&'a Snapshot]) -> Vec<Vec<&'a Snapshot>> {
    let mut waves: Vec<BTreeMap<OrderId, &'a Snapshot>> = Vec::new();
    for snapshot in snapshots {
        match waves.last_mut().filter(|wave| wave.len() < INSERT_ROWS && !wave.contains_key(&snapshot.order)) {
            Some(wave) => drop(wave.insert(snapshot.order, snapshot)),
            None => waves.push(BTreeMap::from([(snapshot.order, *snapshot)])),
        }
    }
    waves.into_iter().map(|wave| wave.into_values().collect()).collect()
}

async fn append(txn: &impl ConnectionTrait, shop: ShopId, wave: &[&Snapshot], forgotten: bool) -> Result<bool, DbErr> {
    let versions: Vec<Version> = wave.iter().map(|snapshot| Version::of(shop, snapshot)).collect();
    let keyed: Vec<(&Snapshot, String)> =
        wave.iter().zip(&versions).map(|(snapshot, version)| (*snapshot, version.key())).collect();
    insert_once(txn, versions.into_iter().map(IntoActiveModel::into_active_model)).await?;
    show_newest(txn, shop, &keyed, forgotten).await?;
    contact::record(txn, shop, &keyed).await?;
    // Of somebody who was forgotten nothing more is asked.
    if !forgotten {
        journey::expect(txn, shop, wave).await?;
    }
    click::record(txn, shop, wave).await?;
    let code = |order: OrderId, code: &String| code::ActiveModel {
        shop_id: Set(shop),
        code: Set(code.clone()),
        shopify_order_id: Set(order),
    };
    let codes = wave.iter().flat_map(|snapshot| snapshot.codes.iter().map(|used| code(snapshot.order, used)));
    let codes: Vec<code::ActiveModel> = codes.collect();
    insert_once(txn, codes).await?;
    book::expect(txn, shop, wave).await?;
    let happened = wave.iter().filter_map(|snapshot| match (snapshot.cancelled_at, snapshot.current_total) {
        (Some(at), _) => Some((snapshot.order, at, None)),
        (None, Some(minor)) => Some((snapshot.order, snapshot.updated_at, Some(minor))),
        (None, None) => None,
    });
    let happened: Vec<_> = happened.collect();
    let mut behind = book::happened(txn, shop, happened).await?;
    for snapshot in wave {
        for refund in &snapshot.refunds {
            behind |= record_refund(txn, shop, snapshot.order, refund).await?;
        }
    }
    doubt_orders(txn, shop, &wave.iter().map(|snapshot| snapshot.order).collect::<Vec<_>>()).await?;
    Ok(behind)
}

/// The rows in `orders` follow the newest version by its key, never by arrival. What an order came from is told once and
/// for all: a source that does not know it erases nothing, whichever of the two is heard last.
async fn show_newest(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    keyed: &[(&Snapshot, String)],
    forgotten: bool,
) -> Result<(), DbErr> {
    let row = |(snapshot, key): &(&Snapshot, String)| Order {
        shop_id: shop,
        shopify_order_id: snapshot.order,
        version_key: key.clone(),
        name: snapshot.name.clone(),
        ordered_at: snapshot.ordered_at,
        updated_at: snapshot.updated_at,
        currency: snapshot.currency.clone(),
        presentment_currency: snapshot.presentment_currency.clone(),
        source_name: snapshot.source_name.clone(),
        financial_status: snapshot.financial_status.clone(),
        test: snapshot.test,
        cancelled_at: snapshot.cancelled_at,
        checkout_token: snapshot.checkout_token.clone(),
        cart_token: snapshot.cart_token.clone(),
        shopify_customer_id: snapshot.shopify_customer_id,
        phone_hash: snapshot.contacts.any_phone().next().cloned(),
        email_hash: snapshot.contacts.emails.first().cloned(),
        codes: Texts(snapshot.codes.clone()),
        click_ids: Texts(snapshot.click_ids.clone()),
        landing_click_id: snapshot.landing_click_id.clone(),
        landing: snapshot.landing.clone(),
        referrer: snapshot.referrer.clone(),
    };
    use order::Column as C;
    let old = |column: C| Expr::col(("orders", column));
    let new = |column: C| Expr::col(("excluded", column));
    let mut newest = OnConflict::columns([C::ShopId, C::ShopifyOrderId]);
    let follows = |column: &C| match column {
        C::ShopId | C::ShopifyOrderId => false,
        C::ShopifyCustomerId | C::PhoneHash | C::EmailHash => !forgotten,
        _ => true,
    };
    for column in C::iter().filter(follows) {
        let value: Expr =
            if matches!(column, C::CheckoutToken | C::CartToken | C::LandingClickId | C::Landing | C::Referrer) {
                // Of two that differ, which never should be, the greater: the order of arrival decides nothing.
                let told = old(column).is_null().or(new(column).gt(old(column)));
                CaseStatement::new().case(told, new(column)).finally(old(column)).into()
            } else {
                let later = old(C::VersionKey).lt(new(C::VersionKey));
                CaseStatement::new().case(later, new(column)).finally(old(column)).into()
            };
        newest.value(column, value);
    }
    let rows: Vec<order::ActiveModel> = keyed.iter().map(|one| row(one).into_active_model()).collect();
    order::Entity::insert_many(rows).on_conflict(newest).exec_without_returning(txn).await.map(drop)
}

/// Records a refund; of two tellings the later one counts. `true`: the order's book of sales was read before it, and is to
/// be read again.
pub async fn record_refund(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    order: OrderId,
    told: &RefundSnapshot,
) -> Result<bool, DbErr> {
    // A first reading's keys have an instant, which is a number, in place of the `r`.
    let explained = u8::from(told.unexplained() == 0);
    let key = format!(
        "{:020}-r2{explained}-{}-{}-{}-{}-{}-{}-{}",
        told.known_at.micros(),
        told.at.micros(),
        told.goods,
        told.shipping,
        told.tax,
        told.tips,
        told.gift_cards,
        told.charges
    );
    let row = refund::ActiveModel {
        shop_id: Set(shop),
        shopify_order_id: Set(order),
        shopify_refund_id: Set(told.refund),
        at: Set(told.at),
        version_key: Set(key.clone()),
        goods_minor: Set(told.goods),
        shipping_minor: Set(told.shipping),
        tax_minor: Set(told.tax),
        tips_minor: Set(told.tips),
        gift_cards_minor: Set(told.gift_cards),
        charges_minor: Set(told.charges),
        moved_minor: Set(told.moved),
    };
    let newer =
        OnConflict::columns([refund::Column::ShopId, refund::Column::ShopifyOrderId, refund::Column::ShopifyRefundId])
            .update_columns([
                refund::Column::At,
                refund::Column::VersionKey,
                refund::Column::GoodsMinor,
                refund::Column::ShippingMinor,
                refund::Column::TaxMinor,
                refund::Column::TipsMinor,
                refund::Column::GiftCardsMinor,
                refund::Column::ChargesMinor,
                refund::Column::MovedMinor,
            ])
            .action_and_where(Expr::col(("refunds", refund::Column::VersionKey)).lt(key))
            .to_owned();
    refund::Entity::insert(row).on_conflict(newer).exec_without_returning(txn).await?;
    book::happened(txn, shop, vec![(order, told.at, None)]).await
}

#[cfg(test)]
mod tests;
