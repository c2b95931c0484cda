//! Verdicts of a period's orders that took the place of earlier ones: what a number of yesterday became, and when.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ActiveEnum, ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::cell::Cell;
use super::sheet::{Asked, Column, Page, ROWS, Sheet, before, column};
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

    type After = Option<(Timestamp, OrderId)>;

    fn before(asked: &Asked, after: &Self::After) -> i32 {
        after.map_or(0, |(at, _)| before(asked, at))
    }

    /// By the instants at which stages begin, so that a day's restatements cost what that day holds.
    async fn page(db: &Db, asked: &Asked, after: Self::After) -> Result<Page<Self::After>, DbErr> {
        let (db, shop) = (db.read(), asked.shop.shop_id);
        let (begin, end) = asked.period.instants;
        let of = || {
            let of = Conversions::find().filter(COLUMN.shop_id.eq(shop));
            of.filter(COLUMN.policy.eq(&asked.period.policy.name))
        };
        let mut select = of().filter(COLUMN.effective_at.lt(end));
        select = select.filter(COLUMN.effective_at.gte(after.map_or(begin, |(at, _)| at)));
        if let Some((at, id)) = after {
            let later = Condition::any().add(COLUMN.effective_at.gt(at)).add(COLUMN.shopify_order_id.gt(id));
            select = select.filter(later);
        }
        let select = select.order_by_asc(COLUMN.effective_at).order_by_asc(COLUMN.shopify_order_id);
        let found: Vec<Conversion> = select.limit(ROWS).all(db).await?;
        let full = found.len() as u64 == ROWS;
        let next = found.last().filter(|_| full).map(|one| Some((one.effective_at, one.shopify_order_id)));
        let ids: BTreeSet<OrderId> = found.iter().map(|one| one.shopify_order_id).collect();
        let ended = of().filter(COLUMN.shopify_order_id.is_in(ids.iter().copied()));
        let ended = ended.filter(COLUMN.superseded_at.gte(begin)).filter(COLUMN.superseded_at.lt(end));
        let key = |one: &Conversion| (one.shopify_order_id, one.superseded_at);
        let ended: HashMap<_, _> = ended.all(db).await?.into_iter().map(|one| (key(&one), one)).collect();
        // What has nothing before it is an order's first verdict, and restates none.
        let chosen = |one: &Conversion| asked.period.campaign.is_none_or(|campaign| one.campaign_id == Some(campaign));
        let mut pairs: Vec<(&Conversion, &Conversion)> = Vec::new();
        for since in &found {
            let before = ended.get(&(since.shopify_order_id, since.effective_at));
            pairs.extend(before.filter(|before| chosen(before) || chosen(since)).map(|before| (before, since)));
        }
        let named = Orders::of(shop).filter(ORDER.shopify_order_id.is_in(ids)).all(db).await?;
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
        Ok((pairs.into_iter().map(row).collect(), next))
    }
}
