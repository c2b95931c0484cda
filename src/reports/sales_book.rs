//! What Shopify's own book of sales says beside what its webhooks told: of one order, and of a period in numbers.

use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, Iden, Iterable};
use serde::Serialize;

use super::coverage::Coverage;
use super::period::Period;
use super::totals::{count, rows};
use crate::kernel::id::ShopId;
use crate::kernel::{Currency, Money, Timestamp};
use crate::orders::{
    Because, BookColumn, BookState, Books, DifferenceColumn, DifferenceKind, Differences, Facts, OrderColumn, Orders,
    Sale, Source,
};

/// Who says what an order is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// Shopify's own book of sales.
    Sales,
    /// What its webhooks told.
    Payload,
}

/// One sale of Shopify's own book, in Shopify's words.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SaleView {
    /// Why its agreement was made.
    reason: String,
    #[schema(value_type = String, format = "date-time")]
    happened_at: Timestamp,
    line_type: String,
    action_type: String,
    quantity: Option<i64>,
    /// After discounts, with tax.
    total: Money,
    tax: Money,
    /// What discounts took off before taxes.
    discounts: Money,
    /// It is of a kind we know, and counted.
    counted: bool,
}

/// In what the two sources differ.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct DifferenceView {
    kind: DifferenceKind,
    /// As its webhooks, or the order itself, say it.
    payload: Money,
    /// As the sales say it.
    sales: Money,
}

/// Who says what an order is worth, and what both say.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct WorthView {
    decided_by: DecidedBy,
    /// In words.
    sentence: String,
    /// Through which state of the order its sales are known; `null`: not at all.
    #[schema(value_type = Option<String>, format = "date-time")]
    known_through: Option<Timestamp>,
    /// When they are asked for next, while they are to be.
    #[schema(value_type = Option<String>, format = "date-time")]
    ask_at: Option<Timestamp>,
    /// Shopify's own book of it, oldest first.
    sales: Vec<SaleView>,
    /// Where the two sources differ.
    differences: Vec<DifferenceView>,
}

/// Says who decides what an order is worth.
pub fn of_order(facts: &Facts, currency: Currency) -> WorthView {
    let money = |minor| Money::new(minor, currency);
    let waiting = facts.book.as_ref().filter(|book| book.state == BookState::Waiting);
    let asked = if waiting.is_some() { " It is asked for it." } else { "" };
    let (decided_by, sentence) = match facts.source() {
        Source::Sales => (
            DecidedBy::Sales,
            "What this order is worth is taken from Shopify's own book of sales, which holds every sale and every refund \
             of it."
                .to_owned(),
        ),
        Source::Payload(Because::Unread) if waiting.is_some() => (
            DecidedBy::Payload,
            "What this order is worth is read from what Shopify's webhooks told; its own book of sales is asked for an \
             hour after the order."
                .to_owned(),
        ),
        Source::Payload(Because::Unread) => (
            DecidedBy::Payload,
            "What this order is worth is read from what Shopify's webhooks told: a test order, or one whose sales Shopify \
             did not show."
                .to_owned(),
        ),
        Source::Payload(Because::Behind) => (
            DecidedBy::Payload,
            format!(
                "What this order is worth is read from what Shopify's webhooks told, because something happened to it after \
                 Shopify's own book of sales was read.{asked}"
            ),
        ),
        Source::Payload(Because::Strange) => (
            DecidedBy::Payload,
            "What this order is worth is read from what Shopify's webhooks told, because Shopify's own book holds sales of \
             a kind that is not known here. They are shown and counted nowhere."
                .to_owned(),
        ),
    };
    let sale = |sale: &Sale| SaleView {
        reason: sale.reason.clone(),
        happened_at: sale.happened_at,
        line_type: sale.line_type.clone(),
        action_type: sale.action_type.clone(),
        quantity: sale.quantity,
        total: money(sale.total_minor),
        tax: money(sale.tax_minor),
        discounts: money(sale.discounts_minor),
        counted: sale.line().is_some(),
    };
    WorthView {
        decided_by,
        sentence,
        known_through: facts.through(),
        ask_at: waiting.map(|book| book.ask_at),
        sales: facts.sales.iter().map(sale).collect(),
        differences: facts
            .differences()
            .into_iter()
            .map(|one| DifferenceView {
                kind: one.kind,
                payload: money(one.payload_minor),
                sales: money(one.sales_minor),
            })
            .collect(),
    }
}

/// How many orders of a period differ in something.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct DifferenceCountView {
    kind: DifferenceKind,
    /// What it is called.
    called: &'static str,
    orders: i64,
    /// What the sales say more (or less) than the webhooks, in all.
    amount: Money,
}

/// How many of a period's orders have their worth from Shopify's own book of sales, and where that differs from what its
/// webhooks told.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SalesBook {
    /// Orders but test orders.
    orders: i64,
    /// Their sales are here.
    known: i64,
    /// To be asked for, the first time or again.
    waiting: i64,
    /// Shopify did not show them, and they are not asked for any more.
    left: i64,
    differences: Vec<DifferenceCountView>,
    /// The same for people.
    sentence: String,
}

#[derive(FromQueryResult)]
struct Counted {
    state: BookState,
    known: i64,
    orders: i64,
}

#[derive(FromQueryResult)]
struct Differing {
    kind: DifferenceKind,
    orders: i64,
    amount: i64,
}

/// Counts them.
pub async fn of_period(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
    (currency, counted): (Currency, Option<&Coverage>),
) -> Result<SalesBook, DbErr> {
    let (counted, mut differing) = match counted {
        Some(counted) => as_counted(counted),
        None => of_rows(db, shop, period).await?,
    };
    differing.sort_by_key(|one| one.kind);
    let of = |state| counted.iter().filter(|one| one.state == state).map(|one| one.orders).sum::<i64>();
    let orders: i64 = counted.iter().map(|one| one.orders).sum();
    let known: i64 = counted.iter().map(|one| one.known).sum();
    let (waiting, left) = (of(BookState::Waiting), of(BookState::Left));
    let named: Vec<String> = differing.iter().map(|one| format!("{} of {}", one.kind.called(), one.orders)).collect();
    let differs = match named.is_empty() {
        true => "It agrees with what the webhooks told.".to_owned(),
        false => format!("It differs from what the webhooks told in {}; the book counts.", named.join(", ")),
    };
    let sentence = match orders {
        0 => "No order was placed.".to_owned(),
        _ => format!("Shopify's own book of sales is known of {known} of {orders} orders. {differs}"),
    };
    let view = |one: &Differing| DifferenceCountView {
        kind: one.kind,
        called: one.kind.called(),
        orders: one.orders,
        amount: Money::new(one.amount, currency),
    };
    Ok(SalesBook { orders, known, waiting, left, differences: differing.iter().map(view).collect(), sentence })
}

fn as_counted(of: &Coverage) -> (Vec<Counted>, Vec<Differing>) {
    let book = |state| {
        let (orders, known) = of.books(state);
        Counted { state, known, orders }
    };
    let difference = |kind| {
        let (orders, amount) = of.differing(kind);
        (orders > 0).then_some(Differing { kind, orders, amount })
    };
    (BookState::iter().map(book).collect(), DifferenceKind::iter().filter_map(difference).collect())
}

async fn of_rows(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
) -> Result<(Vec<Counted>, Vec<Differing>), DbErr> {
    let known = format!("CAST(COUNT({}) AS BIGINT)", BookColumn::Through.unquoted());
    let books = Query::select()
        .column((Books, BookColumn::State))
        .expr_as(Expr::cust(known), "known")
        .expr_as(count(), "orders")
        .from(Orders)
        .inner_join(
            Books,
            Expr::col((Books, BookColumn::ShopId))
                .equals((Orders, OrderColumn::ShopId))
                .and(Expr::col((Books, BookColumn::ShopifyOrderId)).equals((Orders, OrderColumn::ShopifyOrderId))),
        )
        .group_by_col((Books, BookColumn::State))
        .to_owned();
    let (payload, sales) = (DifferenceColumn::PayloadMinor.unquoted(), DifferenceColumn::SalesMinor.unquoted());
    let amount = format!("CAST(COALESCE(SUM({sales} - {payload}), 0) AS BIGINT)");
    let differing = Query::select()
        .column((Differences, DifferenceColumn::Kind))
        .expr_as(count(), "orders")
        .expr_as(Expr::cust(amount), "amount")
        .from(Orders)
        .inner_join(
            Differences,
            Expr::col((Differences, DifferenceColumn::ShopId)).equals((Orders, OrderColumn::ShopId)).and(
                Expr::col((Differences, DifferenceColumn::ShopifyOrderId))
                    .equals((Orders, OrderColumn::ShopifyOrderId)),
            ),
        )
        .group_by_col((Differences, DifferenceColumn::Kind))
        .to_owned();
    Ok((rows(db, &within(books, shop, period)).await?, rows(db, &within(differing, shop, period)).await?))
}

/// Of the shop's orders, those of the period.
fn within(mut select: SelectStatement, shop: ShopId, period: &Period) -> SelectStatement {
    select
        .and_where(Expr::col((Orders, OrderColumn::ShopId)).eq(shop))
        .and_where(Expr::col((Orders, OrderColumn::OrderedAt)).gte(period.instants.0))
        .and_where(Expr::col((Orders, OrderColumn::OrderedAt)).lt(period.instants.1))
        .to_owned()
}
