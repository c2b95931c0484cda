//! Every order of a period with its verdict.

use std::collections::HashMap;

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::cell::Cell;
use super::sheet::{Asked, Column, Only, Page, ROWS, Sheet, before, campaigns, column, column_only};
use crate::attribution::conversion::{COLUMN, Column as C, Entity as Conversions, Model as Conversion};
use crate::attribution::evidence::Kind;
use crate::attribution::{RECEIPT, Receipts};
use crate::db::Db;
use crate::kernel::{Day, Money, Timestamp};
use crate::orders::{ORDER, OrderId, Orders as AllOrders};
use crate::reports::totals::stages;

/// The table.
pub struct Orders;

/// Where a page begins: on a day after the period's first, after an order of it.
#[derive(Default)]
pub struct After {
    days: i32,
    order: Option<(Timestamp, OrderId)>,
}

impl Sheet for Orders {
    const COLUMNS: &'static [Column] = &[
        column("shopify_order_id", "Shopify's number of the order."),
        column("order", "The order's name, as the shop shows it."),
        column("ordered_at", "When it was placed (UTC)."),
        column("ordered_on", "The shop's local day of that; reports book by it."),
        column("line", "The line of the ledger it stands on; every order stands on exactly one."),
        column(
            "net_sales",
            "Net sales: goods at the price paid, less discounts, returns and goodwill, without tax, shipping, tips and gift cards. Test and cancelled orders, renewals and other currencies count 0.",
        ),
        column("net_sales_minor", "The same in minor units."),
        column("currency", "The shop's currency (ISO 4217)."),
        column("left_out_minor", "Net sales of its goods that this line does not count, in minor units."),
        column("tips_minor", "Tips, in no net sales, in minor units."),
        column("gift_cards_minor", "Gift cards sold, in no net sales, in minor units."),
        column("message_id", "The message it goes back to."),
        column("campaign_id", "That message's campaign."),
        column("campaign", "What the campaign is called."),
        column("evidence", "The strongest evidence that ties it to the message."),
        column("class", "How much that evidence proves: certain, strong or exposure."),
        column("shared", "The code was issued to one person and used by another."),
        column("only_pixel", "Nothing but the browser's pixel ties it to the message."),
        column("recovered", "It completed a checkout that had been abandoned when a message about it was sent."),
        column("assisted", "No evidence ties it to a message, but its shopper had got or read one shortly before."),
        column("policy", "The rules it was judged by."),
        column("policy_version", "Their version."),
        column("judged_as_of", "Since when this has been its verdict (UTC)."),
        column("why", "Why, in a sentence."),
        column_only(
            Only::Receipts,
            "receipt",
            "Everything that was weighed, as it stands now: a JSON document. Only where it was asked for.",
        ),
    ];

    type After = After;

    fn before(asked: &Asked, after: &After) -> i32 {
        let gone = Day(asked.period.from.0.saturating_add(after.days));
        before(asked, gone.start(asked.shop.zone()))
    }

    async fn page(db: &Db, asked: &Asked, after: After) -> Result<Page<After>, DbErr> {
        let day = Day(asked.period.from.0.saturating_add(after.days));
        if day > asked.period.to {
            return Ok((Vec::new(), None));
        }
        let found = of_day(db, asked, day, after.order).await?;
        let more = found.len() as u64 == ROWS;
        let last = found.last().map(|one| (one.ordered_at, one.shopify_order_id));
        let next = if more { After { order: last, ..after } } else { After { days: after.days + 1, order: None } };
        Ok((rows(db, asked, found).await?, Some(next)))
    }
}

async fn of_day(
    db: &Db,
    asked: &Asked,
    day: Day,
    after: Option<(Timestamp, OrderId)>,
) -> Result<Vec<Conversion>, DbErr> {
    let mut period = asked.period.clone();
    (period.from, period.to) = (day, day);
    let mut select = Conversions::find().filter(stages(asked.shop.shop_id, &period));
    if let Some((at, id)) = after {
        let later = Expr::col((Conversions, C::OrderedAt)).gt(at);
        let beside =
            Expr::col((Conversions, C::OrderedAt)).eq(at).and(Expr::col((Conversions, C::ShopifyOrderId)).gt(id));
        select = select.filter(Condition::any().add(later).add(beside));
    }
    select.order_by_asc(COLUMN.ordered_at).order_by_asc(COLUMN.shopify_order_id).limit(ROWS).all(db.read()).await
}

async fn rows(db: &Db, asked: &Asked, found: Vec<Conversion>) -> Result<Vec<Vec<Cell>>, DbErr> {
    let (db, shop) = (db.read(), asked.shop.shop_id);
    let ids = || found.iter().map(|one| one.shopify_order_id).collect::<Vec<_>>();
    let named = AllOrders::of(shop).filter(ORDER.shopify_order_id.is_in(ids())).all(db).await?;
    let names: HashMap<OrderId, String> = named.into_iter().map(|one| (one.shopify_order_id, one.name)).collect();
    let campaigns = campaigns(db, shop, found.iter().filter_map(|one| one.campaign_id)).await?;
    let mut receipts = HashMap::new();
    if asked.receipts {
        let of = Receipts::find().filter(RECEIPT.shop_id.eq(shop)).filter(RECEIPT.policy.eq(&asked.period.policy.name));
        for one in of.filter(RECEIPT.shopify_order_id.is_in(ids())).all(db).await? {
            receipts.insert(one.shopify_order_id, serde_json::to_value(one.document).unwrap_or_default());
        }
    }
    let row = |one: Conversion| {
        let [net, minor, currency] = Cell::money(Money::new(one.net_minor, asked.shop.money()));
        vec![
            Cell::text(one.shopify_order_id),
            Cell::maybe(names.get(&one.shopify_order_id)),
            Cell::text(one.ordered_at),
            Cell::text(one.ordered_on),
            Cell::text(one.line.to_value()),
            net,
            minor,
            currency,
            Cell::Whole(one.left_out_minor),
            Cell::Whole(one.tips_minor),
            Cell::Whole(one.gift_cards_minor),
            Cell::maybe(one.message_id),
            Cell::maybe(one.campaign_id),
            Cell::maybe(one.campaign_id.and_then(|id| campaigns.get(&id))),
            Cell::maybe(one.evidence.map(Kind::word)),
            Cell::maybe(one.evidence.map(|kind| kind.class().word())),
            Cell::Yes(one.shared),
            Cell::Yes(one.by_pixel == Some(true)),
            Cell::Yes(one.recovered_message_id.is_some()),
            Cell::Yes(one.assisted),
            Cell::text(one.policy),
            Cell::Whole(one.policy_version.into()),
            Cell::text(one.effective_at),
            Cell::text(one.why),
            receipts.remove(&one.shopify_order_id).map_or(Cell::Nothing, Cell::Document),
        ]
    };
    Ok(found.into_iter().map(row).collect())
}
