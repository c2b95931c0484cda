//! What was learned late: orders of which something else is known of an instant that had passed.

use std::collections::HashMap;

use sea_orm::{ActiveEnum, ColumnTrait, DbErr, QueryFilter};

use super::cell::Cell;
use super::sheet::{Asked, Column, Page, ROWS, Sheet, column};
use crate::attribution::{Said, learned, said};
use crate::db::Db;
use crate::kernel::{Money, Timestamp};
use crate::orders::{ORDER, OrderId, Orders};

/// The table.
pub struct LearnedLate;

impl Sheet for LearnedLate {
    const COLUMNS: &'static [Column] = &[
        column("shopify_order_id", "Shopify's number of the order."),
        column("order", "The order's name, as the shop shows it."),
        column("ordered_at", "When it was placed (UTC)."),
        column("learned_at", "When the first of it was learned (UTC)."),
        column(
            "of",
            "The instant it is known otherwise of (UTC): the one asked for, else the last one before these days.",
        ),
        column("line_before", "The ledger line it was said to stand on then; empty: nothing was known of it."),
        column("line", "The ledger line it stood on then, as is known since."),
        column("net_sales_before", "The net sales it was said to count then."),
        column("net_sales", "Those it counted then, as is known since."),
        column("change_minor", "The difference, in minor units."),
        column("currency", "The shop's currency (ISO 4217)."),
        column("message_before", "The message it was said to go back to then."),
        column("message", "The message it went back to then, as is known since."),
        column("policy", "The rules it was judged by."),
    ];

    type After = Option<OrderId>;

    async fn page(db: &Db, asked: &Asked, after: Self::After) -> Result<Page<Self::After>, DbErr> {
        let (db, shop) = (db.read(), asked.shop.shop_id);
        let (begin, end) = asked.period.instants;
        let of = asked.period.as_of.unwrap_or_else(|| Timestamp::from_micros(begin.micros() - 1));
        let whose = (shop, asked.period.policy.name.as_str());
        let ids = learned(db, whose, (begin, end), after, ROWS).await?;
        let next = ids.last().filter(|_| ids.len() as u64 == ROWS).map(|last| Some(*last));
        let all = said(db, whose, (begin, end), &ids).await?;
        let orders = Orders::of(shop).filter(ORDER.shopify_order_id.is_in(ids)).all(db).await?;
        let orders: HashMap<OrderId, _> = orders.into_iter().map(|order| (order.shopify_order_id, order)).collect();
        let chosen = |one: Option<&Said>| {
            asked.period.campaign.is_none_or(|only| one.and_then(|one| one.campaign_id) == Some(only))
        };
        let decimal = |one: Option<&Said>| {
            one.map_or(Cell::Nothing, |one| Cell::Decimal(Money::new(one.net_minor, asked.shop.money()).decimal()))
        };
        let mut rows = Vec::new();
        for (id, one) in &all {
            let (was, is) = (one.was.at(of), one.is(of));
            let same = match (was, is) {
                (Some(was), Some(is)) => was.same(is),
                (was, is) => was.is_none() && is.is_none(),
            };
            if same || !(chosen(was) || chosen(is)) {
                continue;
            }
            let (order, minor) = (orders.get(id), |one: Option<&Said>| one.map_or(0, |one| one.net_minor));
            rows.push(vec![
                Cell::text(id),
                Cell::maybe(order.map(|order| &order.name)),
                Cell::at(order.map(|order| order.ordered_at)),
                Cell::text(one.at),
                Cell::text(of),
                Cell::maybe(was.map(|was| was.line.to_value())),
                Cell::maybe(is.map(|is| is.line.to_value())),
                decimal(was),
                decimal(is),
                Cell::Whole(minor(is) - minor(was)),
                Cell::text(asked.shop.money()),
                Cell::maybe(was.and_then(|was| was.message_id)),
                Cell::maybe(is.and_then(|is| is.message_id)),
                Cell::text(&asked.period.policy.name),
            ]);
        }
        Ok((rows, next))
    }
}
