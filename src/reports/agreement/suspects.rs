//! Which orders a day can come from that does not agree with Shopify's own figure: those with something booked that day,
//! the least sure first.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult};
use serde::Serialize;

use super::booked::{beginning, change};
use crate::attribution::conversion::Column as C;
use crate::kernel::{Money, Timestamp};
use crate::orders::{BookColumn, BookState, Books, DifferenceColumn, Differences, OrderColumn, OrderId, Orders};
use crate::reports::period::Period;
use crate::reports::totals::rows;
use crate::shops::Shop;

/// The most that are offered.
pub const MOST: usize = 50;

/// The most that are looked through.
const LOOKED_THROUGH: u64 = 10_000;

/// Why an order may be the one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Suspicion {
    /// What Shopify's own book says it sold is not known.
    SalesUnread,
    /// It is being asked for again.
    AskedAgain,
    /// That book and the webhooks say different things of it.
    Differs,
    /// What was booked of it that day is exactly what is left unexplained.
    SameAmount,
    /// Its sales were last read before the day ended.
    ReadBefore,
    /// Something of it was booked that day.
    Booked,
}

impl Suspicion {
    const fn sentence(self) -> &'static str {
        match self {
            Self::SalesUnread => "Its sales in Shopify's own book were never read.",
            Self::AskedAgain => "Its sales are being read again.",
            Self::Differs => "Shopify's own book and its webhooks say different things of it.",
            Self::SameAmount => "What was booked of it that day is exactly the difference.",
            Self::ReadBefore => "Its sales were last read before that day ended.",
            Self::Booked => "Something of it was booked that day.",
        }
    }
}

/// An order a day's difference can come from.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Suspect {
    #[schema(value_type = String)]
    pub(super) shopify_order_id: OrderId,
    name: String,
    /// What was booked of it that day.
    booked: Money,
    suspicion: Suspicion,
    /// In words.
    sentence: &'static str,
}

#[derive(FromQueryResult)]
struct Row {
    shopify_order_id: OrderId,
    name: String,
    booked: i64,
    state: Option<BookState>,
    through: Option<Timestamp>,
    read_at: Option<Timestamp>,
    differs: bool,
}

impl Row {
    fn suspicion(&self, day_ended: Timestamp, unexplained: i64) -> Suspicion {
        match () {
            // A test order has no book, and counts for nothing anywhere.
            () if self.state.is_some() && self.through.is_none() => Suspicion::SalesUnread,
            () if self.state == Some(BookState::Waiting) => Suspicion::AskedAgain,
            () if self.differs => Suspicion::Differs,
            () if self.booked != 0 && self.booked.abs() == unexplained.abs() => Suspicion::SameAmount,
            () if self.read_at.is_some_and(|at| at < day_ended) => Suspicion::ReadBefore,
            () => Suspicion::Booked,
        }
    }
}

/// The orders of one day (`day` is a period of it), at most [`MOST`].
pub async fn suspects(
    db: &impl ConnectionTrait,
    shop: &Shop,
    day: &Period,
    unexplained: i64,
) -> Result<Vec<Suspect>, DbErr> {
    let stage = |column: C| Expr::col(("stage", column));
    let order = |column: OrderColumn| Expr::col((Orders, column));
    let book = |column: BookColumn| Expr::col((Books, column));
    let difference = |column: DifferenceColumn| Expr::col((Differences, column));
    let differs = Query::select()
        .expr(Expr::val(1))
        .from(Differences)
        .and_where(difference(DifferenceColumn::ShopId).eq(shop.shop_id))
        .and_where(difference(DifferenceColumn::ShopifyOrderId).eq(stage(C::ShopifyOrderId)))
        .to_owned();
    let select = beginning(shop, day)
        .expr_as(stage(C::ShopifyOrderId), "shopify_order_id")
        .expr_as(order(OrderColumn::Name), "name")
        .expr_as(Expr::cust(change(C::NetMinor)), "booked")
        .expr_as(book(BookColumn::State), "state")
        .expr_as(book(BookColumn::Through), "through")
        .expr_as(book(BookColumn::ReadAt), "read_at")
        .expr_as(Expr::exists(differs), "differs")
        .inner_join(
            Orders,
            order(OrderColumn::ShopId)
                .eq(stage(C::ShopId))
                .and(order(OrderColumn::ShopifyOrderId).eq(stage(C::ShopifyOrderId))),
        )
        .left_join(
            Books,
            book(BookColumn::ShopId)
                .eq(stage(C::ShopId))
                .and(book(BookColumn::ShopifyOrderId).eq(stage(C::ShopifyOrderId))),
        )
        .limit(LOOKED_THROUGH)
        .to_owned();
    let mut found: Vec<Row> = Vec::new();
    let mut all: Vec<Row> = rows(db, &select).await?;
    // Several stages of one order may begin on one day.
    all.sort_by_key(|row| row.shopify_order_id);
    for row in all {
        match found.last_mut().filter(|last| last.shopify_order_id == row.shopify_order_id) {
            Some(last) => last.booked += row.booked,
            None => found.push(row),
        }
    }
    let mut suspects: Vec<Suspect> = found
        .into_iter()
        .map(|row| {
            let suspicion = row.suspicion(day.instants.1, unexplained);
            Suspect {
                shopify_order_id: row.shopify_order_id,
                name: row.name,
                booked: Money::new(row.booked, shop.money()),
                suspicion,
                sentence: suspicion.sentence(),
            }
        })
        .collect();
    suspects.sort_by_key(|one| (one.suspicion, one.shopify_order_id));
    suspects.truncate(MOST);
    Ok(suspects)
}
