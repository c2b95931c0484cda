//! The list of orders with their verdicts, newest first.

use sea_orm::sea_query::{Cond, Condition, Expr, Query};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType, Order as Direction};
use serde::Serialize;

use super::measures::Measure;
use super::period::Period;
use super::totals::{count, rows, stages, sum};
use crate::attribution::Line;
use crate::attribution::conversion::{Column as C, Entity as Conversions};
use crate::attribution::evidence::Kind;
use crate::campaigns::{CampaignColumn, CampaignId, Campaigns};
use crate::kernel::{Money, Timestamp};
use crate::orders::{OrderColumn, OrderId, Orders};
use crate::shops::Shop;

/// A campaign by name.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Named {
    /// Its id.
    pub id: CampaignId,
    /// What the merchant calls it.
    pub name: String,
}

/// One order.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OrderItem {
    #[schema(value_type = String)]
    shopify_order_id: OrderId,
    name: String,
    #[schema(value_type = String, format = "date-time")]
    ordered_at: Timestamp,
    line: Line,
    net_sales: Money,
    evidence: Option<Kind>,
    recovered: bool,
    campaign: Option<Named>,
}

/// A page of orders.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OrderPage {
    orders: Vec<OrderItem>,
    next_cursor: Option<String>,
    /// What the whole list holds, all pages; on the first page only.
    total: Option<ListTotal>,
}

/// What a list holds.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ListTotal {
    orders: i64,
    net_sales: Money,
}

/// Which of a period's orders to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice {
    /// Only what this number counts.
    pub measure: Option<Measure>,
    /// Only this line of the ledger.
    pub line: Option<Line>,
}

impl Choice {
    fn condition(self, shop: &Shop, period: &Period) -> Condition {
        let mut condition = stages(shop.shop_id, period);
        if let Some(measure) = self.measure {
            condition = condition.add(measure.condition());
        }
        if let Some(line) = self.line {
            condition = condition.add(Expr::col((Conversions, C::Line)).eq(line));
        }
        condition
    }
}

#[derive(FromQueryResult)]
struct Held {
    orders: i64,
    net: i64,
}

#[derive(FromQueryResult)]
struct Row {
    shopify_order_id: OrderId,
    name: String,
    ordered_at: Timestamp,
    line: Line,
    net_minor: i64,
    evidence: Option<Kind>,
    recovered: bool,
    campaign_id: Option<CampaignId>,
    campaign_name: Option<String>,
}

/// Where a page begins: after this order, in descending order of time.
#[derive(Clone, Copy, Debug)]
pub struct Cursor(Timestamp, OrderId);

impl Cursor {
    /// Reads what a page handed out.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self(Timestamp::from_micros(at.parse().ok()?), OrderId(id.parse().ok()?)))
    }
}

/// Reads a page.
pub async fn order_page(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    choice: Choice,
    after: Option<Cursor>,
    limit: u64,
) -> Result<OrderPage, DbErr> {
    let order = Cond::all()
        .add(Expr::col((Orders, OrderColumn::ShopId)).equals((Conversions, C::ShopId)))
        .add(Expr::col((Orders, OrderColumn::ShopifyOrderId)).equals((Conversions, C::ShopifyOrderId)));
    let campaign = Cond::all()
        .add(Expr::col((Campaigns, CampaignColumn::ShopId)).equals((Conversions, C::ShopId)))
        .add(Expr::col((Campaigns, CampaignColumn::Id)).equals((Conversions, C::CampaignId)));
    let mut select = Query::select()
        .columns([(Conversions, C::ShopifyOrderId), (Conversions, C::OrderedAt), (Conversions, C::Line)])
        .columns([(Conversions, C::NetMinor), (Conversions, C::Evidence), (Conversions, C::CampaignId)])
        .column((Orders, OrderColumn::Name))
        .expr_as(Expr::col((Conversions, C::RecoveredMessageId)).is_not_null(), "recovered")
        .expr_as(Expr::col((Campaigns, CampaignColumn::Name)), "campaign_name")
        .from(Conversions)
        .join(JoinType::InnerJoin, Orders, order)
        .join(JoinType::LeftJoin, Campaigns, campaign)
        .cond_where(choice.condition(shop, period))
        .order_by((Conversions, C::OrderedAt), Direction::Desc)
        .order_by((Conversions, C::ShopifyOrderId), Direction::Desc)
        .limit(limit + 1)
        .to_owned();
    if let Some(Cursor(at, id)) = after {
        let earlier = Expr::col((Conversions, C::OrderedAt)).lt(at);
        let same_time =
            Expr::col((Conversions, C::OrderedAt)).eq(at).and(Expr::col((Conversions, C::ShopifyOrderId)).lt(id));
        select.and_where(earlier.or(same_time));
    }
    let mut found: Vec<Row> = rows(db, &select).await?;
    let more = found.len() as u64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = found.last().filter(|_| more);
    let next_cursor = last.map(|row| format!("{}.{}", row.ordered_at.micros(), row.shopify_order_id));
    let orders = found.into_iter().map(|row| OrderItem {
        shopify_order_id: row.shopify_order_id,
        name: row.name,
        ordered_at: row.ordered_at,
        line: row.line,
        net_sales: Money::new(row.net_minor, shop.money()),
        evidence: row.evidence,
        recovered: row.recovered,
        campaign: row.campaign_id.zip(row.campaign_name).map(|(id, name)| Named { id, name }),
    });
    let total = match after {
        None => Some(total(db, shop, period, choice).await?),
        Some(_) => None,
    };
    Ok(OrderPage { orders: orders.collect(), next_cursor, total })
}

async fn total(db: &impl ConnectionTrait, shop: &Shop, period: &Period, choice: Choice) -> Result<ListTotal, DbErr> {
    let select = Query::select()
        .expr_as(count(), "orders")
        .expr_as(sum(C::NetMinor), "net")
        .from(Conversions)
        .cond_where(choice.condition(shop, period))
        .to_owned();
    let held: Vec<Held> = rows(db, &select).await?;
    let (orders, net) = held.first().map_or((0, 0), |held| (held.orders, held.net));
    Ok(ListTotal { orders, net_sales: Money::new(net, shop.money()) })
}
