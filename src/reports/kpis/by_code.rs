//! A campaign's indicators by the discounts of its codes: one for each expiry slot of its offer. From the rows themselves:
//! of one campaign they are few.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType, QueryFilter};
use uuid::Uuid;

use super::raw;
use super::sums::Sums;
use crate::attribution::conversion::{Column as C, Entity as Conversions};
use crate::codes::{CodeColumn, DISCOUNT, DiscountId, Discounts, RedeemCodes};
use crate::links::{ClickColumn, Clicks, counts};
use crate::messages::{self, MessageColumn, Messages, RateCard};
use crate::reports::funnel::{counted, within};
use crate::reports::opt_outs::laid;
use crate::reports::period::Period;
use crate::reports::totals::{count, rows};
use crate::shops::Shop;

/// A discount's messages and orders; without one: of messages that carry no code, or one under no discount we know of.
pub(super) type ByDiscount = BTreeMap<Option<Uuid>, Sums>;

#[derive(FromQueryResult)]
struct Steps {
    discount: Option<Uuid>,
    issued: i64,
    sent: i64,
    delivered: i64,
    read: i64,
    coded: i64,
    redeemed: i64,
}

#[derive(FromQueryResult)]
struct Amounts {
    discount: Option<Uuid>,
    amount: i64,
    other: i64,
}

/// Everything that indicators divide of one campaign's messages.
pub(super) async fn read(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<ByDiscount, DbErr> {
    let mut found = ByDiscount::new();
    let has = |column: MessageColumn| raw::message(column).is_not_null();
    let steps = made(shop, period)
        .expr_as(count(), "issued")
        .expr_as(counted(has(MessageColumn::SentAt).or(raw::arrived())), "sent")
        .expr_as(counted(raw::arrived()), "delivered")
        .expr_as(counted(has(MessageColumn::ReadAt)), "read")
        .expr_as(counted(raw::arrived().and(has(MessageColumn::RedeemCodeId))), "coded")
        .expr_as(counted(raw::arrived().and(has(MessageColumn::CodeRedeemedAt))), "redeemed")
        .to_owned();
    for row in rows::<Steps>(db, &steps).await? {
        let sums = found.entry(row.discount).or_default();
        (sums.messages, sums.sent, sums.delivered) = (row.issued, row.sent, row.delivered);
        (sums.read, sums.coded, sums.redeemed) = (row.read, row.coded, row.redeemed);
    }
    let receipts = made(shop, period)
        .expr_as(count(), "amount")
        .expr_as(counted(has(MessageColumn::ReadAt)), "other")
        .and_where(raw::arrived())
        .and_where(raw::sends_receipts(shop.shop_id, period))
        .to_owned();
    for row in rows::<Amounts>(db, &receipts).await? {
        let sums = found.entry(row.discount).or_default();
        (sums.senders_delivered, sums.senders_read) = (row.amount, row.other);
    }
    let hit = || {
        let mut hit = Query::select();
        hit.expr(Expr::val(1))
            .from(Clicks)
            .and_where(Expr::col((Clicks, ClickColumn::ShopId)).eq(shop.shop_id))
            .and_where(Expr::col((Clicks, ClickColumn::Slug)).equals((Messages, MessageColumn::LinkSlug)))
            .and_where(counts());
        hit
    };
    let tapped = hit().and_where(Expr::col((Clicks, ClickColumn::Human)).eq(true)).to_owned();
    let tapped = made(shop, period)
        .expr_as(counted(Expr::exists(tapped)), "amount")
        .expr_as(counted(Expr::exists(hit())), "other")
        .to_owned();
    for row in rows::<Amounts>(db, &tapped).await? {
        let sums = found.entry(row.discount).or_default();
        (sums.clicked, sums.hit) = (row.amount, row.other);
    }
    let ordered = counted(raw::message(MessageColumn::Id).in_subquery(raw::buyers(shop.shop_id, period)));
    let ordered = made(shop, period).expr_as(ordered, "amount").expr_as(raw::nothing(), "other").to_owned();
    for row in rows::<Amounts>(db, &ordered).await? {
        found.entry(row.discount).or_default().ordered = row.amount;
    }
    // An order whose message is gone is of no discount.
    let to_message = Expr::col((Messages, MessageColumn::ShopId))
        .eq(shop.shop_id)
        .and(raw::message(MessageColumn::Id).equals((Conversions, C::MessageId)));
    let mut bought = raw::attributed(shop.shop_id, period);
    bought
        .clear_selects()
        .expr_as(discount(), "discount")
        .expr_as(count(), "amount")
        .expr_as(Expr::cust("CAST(COALESCE(SUM(net_minor), 0) AS BIGINT)"), "other")
        .join(JoinType::LeftJoin, Messages, to_message)
        .join(JoinType::LeftJoin, RedeemCodes, of_message())
        .add_group_by([discount()]);
    for row in rows::<Amounts>(db, &bought).await? {
        let sums = found.entry(row.discount).or_default();
        (sums.orders, sums.net) = (sums.orders + row.amount, sums.net + row.other);
    }
    let card = RateCard::of(db, shop.shop_id).await?;
    let Some(campaign) = period.campaign else { return Ok(found) };
    for (discount, charge, messages) in messages::charges_by_discount(db, shop, campaign, period.instants).await? {
        found.entry(discount).or_default().spent.add(&charge, messages, &card);
    }
    let laid = laid(db, shop.shop_id, period).await?;
    let laid: Vec<_> = laid.into_iter().filter(|laid| laid.campaign == campaign).collect();
    let codes = RedeemCodes::of(shop.shop_id).filter(CodeColumn::Id.is_in(laid.iter().filter_map(|laid| laid.code)));
    let codes: BTreeMap<_, _> = codes.all(db).await?.into_iter().map(|code| (code.id, code.discount_id.0)).collect();
    for laid in laid {
        let discount = laid.code.and_then(|code| codes.get(&code)).copied();
        found.entry(discount).or_default().opt_outs += 1;
    }
    Ok(found)
}

fn discount() -> Expr {
    Expr::col((RedeemCodes, CodeColumn::DiscountId))
}

/// The code a message carries.
fn of_message() -> Expr {
    Expr::col((RedeemCodes, CodeColumn::ShopId))
        .equals((Messages, MessageColumn::ShopId))
        .and(Expr::col((RedeemCodes, CodeColumn::Id)).equals((Messages, MessageColumn::RedeemCodeId)))
}

/// Messages of the period, by discount.
fn made(shop: &Shop, period: &Period) -> SelectStatement {
    Query::select()
        .expr_as(discount(), "discount")
        .from(Messages)
        .join(JoinType::LeftJoin, RedeemCodes, of_message())
        .and_where(raw::message(MessageColumn::ShopId).eq(shop.shop_id))
        .cond_where(within(Messages, MessageColumn::IssuedAt, MessageColumn::CampaignId, period))
        .add_group_by([discount()])
        .to_owned()
}

/// What discounts are called: what shoppers read on them, and until when.
pub(super) async fn names(
    db: &impl ConnectionTrait,
    shop: &Shop,
    ids: impl Iterator<Item = Uuid>,
) -> Result<BTreeMap<Uuid, String>, DbErr> {
    let of_shop = Discounts::of(shop.shop_id).filter(DISCOUNT.id.is_in(ids.map(DiscountId)));
    let name = |title: &str, ends: &str| format!("{title}, until {ends}");
    let found = of_shop.all(db).await?.into_iter();
    Ok(found.map(|one| (one.id.0, name(&one.title, &one.slot_ends_at.minute(shop.zone())))).collect())
}
