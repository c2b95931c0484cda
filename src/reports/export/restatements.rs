//! Verdicts of a period's orders that took the place of earlier ones: what a number of yesterday became, and when.

use std::collections::HashMap;

use sea_orm::{ActiveEnum, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::cell::Cell;
use super::sheet::{Asked, Column, Page, ROWS, Sheet, column};
use crate::attribution::conversion::{COLUMN, Entity as Conversions, Model as Conversion};
use crate::db::Db;
use crate::kernel::{Money, Timestamp};
use crate::orders::{ORDER, OrderId, Orders};

/// The table.
pub struct Restatements;

impl Sheet for Restatements {
    const COLUMNS: &'static [Column] = &[
        column("shopify_order_id", "Shopify's number of the order."),
        column("order", "The order's name, as the shop shows it."),
        column("ordered_on", "The shop's local day it was placed on; reports book by it."),
        column(
            "effective_at",
            "From when on the new verdict counts: the event's instant, not when we heard of it (UTC).",
        ),
        column("line_before", "The ledger line it stood on."),
        column("line", "The ledger line it stands on since."),
        column("net_sales_before", "Its net sales before."),
        column("net_sales", "Its net sales since."),
        column("change_minor", "The difference, in minor units."),
        column("currency", "The shop's currency (ISO 4217)."),
        column("message_before", "The message it went back to."),
        column("message", "The message it goes back to since."),
        column("policy", "The rules it was judged by."),
        column("policy_version", "Their version."),
    ];

    type After = Option<(OrderId, Timestamp)>;

    /// By the table's key: the stages of an order lie side by side in it.
    async fn page(db: &Db, asked: &Asked, after: Self::After) -> Result<Page<Self::After>, DbErr> {
        let db = db.read();
        let of = Conversions::find().filter(COLUMN.shop_id.eq(asked.shop.shop_id));
        let of = of.filter(COLUMN.policy.eq(&asked.period.policy.name));
        // Whole orders: the stage a page ends with is the one the next begins with.
        let from = after.map_or(OrderId(i64::MIN), |(order, _)| order);
        let select = of.filter(COLUMN.shopify_order_id.gte(from));
        let select = select.order_by_asc(COLUMN.shopify_order_id).order_by_asc(COLUMN.effective_at);
        let seen =
            |one: &Conversion| after.is_some_and(|(order, at)| one.shopify_order_id == order && one.effective_at < at);
        let found: Vec<Conversion> = select.limit(ROWS).all(db).await?;
        let full = found.len() as u64 == ROWS;
        let next = found.last().filter(|_| full).map(|one| (one.shopify_order_id, one.effective_at));
        if next == after && full {
            return Err(DbErr::Custom("an order has more stages than a page has rows".to_owned()));
        }
        let (begin, end) = asked.period.instants;
        let within = |one: &Conversion| one.effective_at >= begin && one.effective_at < end;
        let chosen = |one: &Conversion| asked.period.campaign.is_none_or(|campaign| one.campaign_id == Some(campaign));
        let pairs: Vec<(&Conversion, &Conversion)> = found
            .windows(2)
            .filter_map(|two| {
                let [before, since] = two else { return None };
                let same =
                    before.shopify_order_id == since.shopify_order_id && before.superseded_at == since.effective_at;
                (same && within(since) && !seen(before) && (chosen(before) || chosen(since))).then_some((before, since))
            })
            .collect();
        let ids: Vec<OrderId> = pairs.iter().map(|(_, since)| since.shopify_order_id).collect();
        let named = Orders::of(asked.shop.shop_id).filter(ORDER.shopify_order_id.is_in(ids)).all(db).await?;
        let names: HashMap<OrderId, String> = named.into_iter().map(|one| (one.shopify_order_id, one.name)).collect();
        let decimal = |minor| Cell::Decimal(Money::new(minor, asked.shop.money()).decimal());
        let row = |(before, since): (&Conversion, &Conversion)| {
            vec![
                Cell::text(since.shopify_order_id),
                Cell::maybe(names.get(&since.shopify_order_id)),
                Cell::text(since.ordered_on),
                Cell::text(since.effective_at),
                Cell::text(before.line.to_value()),
                Cell::text(since.line.to_value()),
                decimal(before.net_minor),
                decimal(since.net_minor),
                Cell::Whole(since.net_minor - before.net_minor),
                Cell::text(asked.shop.money()),
                Cell::maybe(before.message_id),
                Cell::maybe(since.message_id),
                Cell::text(&since.policy),
                Cell::Whole(since.policy_version.into()),
            ]
        };
        Ok((pairs.into_iter().map(row).collect(), next.map(Some)))
    }
}
