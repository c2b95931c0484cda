//! Appending what a source told us of an order.

use sea_orm::sea_query::{CaseStatement, Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, ExprTrait, IntoActiveModel, Iterable};

use super::order::{self, Model as Order, OrderId, Texts};
use super::snapshot::{RefundSnapshot, Snapshot};
use super::version::{self, Model as Version};
use super::{book, click, code, contact, journey, refund};
use crate::kernel::Contacts;
use crate::kernel::id::ShopId;

/// Records a state of an order with its refunds and codes. Safe to repeat, in any order. `true`: its book of sales was
/// read before what this tells, and is to be read again.
pub async fn record(txn: &impl ConnectionTrait, shop: ShopId, snapshot: &Snapshot) -> Result<bool, DbErr> {
    append(txn, shop, snapshot, false).await
}

/// [`record`] for an order of somebody who was forgotten: its facts, and nobody's name. What stands in the place of
/// names stays.
pub async fn record_forgotten(txn: &impl ConnectionTrait, shop: ShopId, snapshot: &Snapshot) -> Result<bool, DbErr> {
    let nameless = Snapshot { shopify_customer_id: None, contacts: Contacts::default(), ..snapshot.clone() };
    append(txn, shop, &nameless, true).await
}

async fn append(txn: &impl ConnectionTrait, shop: ShopId, snapshot: &Snapshot, forgotten: bool) -> Result<bool, DbErr> {
    let version = Version::of(shop, snapshot);
    let key = version.key();
    let once = OnConflict::columns([
        version::Column::ShopId,
        version::Column::ShopifyOrderId,
        version::Column::UpdatedAt,
        version::Column::Digest,
    ])
    .do_nothing()
    .to_owned();
    version::Entity::insert(version.into_active_model()).on_conflict(once).exec_without_returning(txn).await?;
    show_newest(txn, shop, snapshot, key.clone(), forgotten).await?;
    contact::record(txn, shop, snapshot.order, &snapshot.contacts, &key).await?;
    // Of somebody who was forgotten nothing more is asked.
    if !forgotten {
        journey::expect(txn, shop, snapshot).await?;
    }
    click::record(txn, shop, snapshot.order, snapshot.click_ids.iter().chain(&snapshot.landing_click_id).collect())
        .await?;
    for code in &snapshot.codes {
        let row =
            code::ActiveModel { shop_id: Set(shop), code: Set(code.clone()), shopify_order_id: Set(snapshot.order) };
        let once = OnConflict::columns(code::Column::iter()).do_nothing().to_owned();
        code::Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    }
    book::expect(txn, shop, snapshot).await?;
    let order = snapshot.order;
    let mut behind = match (snapshot.cancelled_at, snapshot.current_total) {
        (Some(at), _) => book::happened(txn, shop, order, at, None).await?,
        (None, Some(minor)) => book::happened(txn, shop, order, snapshot.updated_at, Some(minor)).await?,
        (None, None) => false,
    };
    for refund in &snapshot.refunds {
        behind |= record_refund(txn, shop, order, refund).await?;
    }
    Ok(behind)
}

/// The row in `orders` follows the newest version by its key, never by arrival. What an order came from is told once and
/// for all: a source that does not know it erases nothing, whichever of the two is heard last.
async fn show_newest(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    snapshot: &Snapshot,
    key: String,
    forgotten: bool,
) -> Result<(), DbErr> {
    let row = Order {
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
                let later = old(C::VersionKey).lt(key.clone());
                CaseStatement::new().case(later, new(column)).finally(old(column)).into()
            };
        newest.value(column, value);
    }
    order::Entity::insert(row.into_active_model()).on_conflict(newest).exec_without_returning(txn).await.map(drop)
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
    book::happened(txn, shop, order, told.at, None).await
}

#[cfg(test)]
mod tests;
