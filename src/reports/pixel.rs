//! How much of what was sold online the pixel could see: beside every number that depends on it.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult};
use serde::Serialize;

use super::coverage::Coverage;
use super::measures::Measure;
use super::period::Period;
use super::totals::{Total, rows};
use crate::kernel::Money;
use crate::kernel::id::ShopId;
use crate::orders::{OrderColumn, Orders};
use crate::pixel::saw;
use crate::shops::Shop;

/// What the pixel saw of the orders of a period. `click_session` finds no more than the landing page for the others.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PixelCoverage {
    /// Orders placed in the online store, test orders left out.
    online_orders: i64,
    /// Those whose checkout the pixel told of.
    seen: i64,
    /// Those it did not tell of.
    unseen: i64,
    /// How many of those had refused consent: `null`, because Shopify does not tell it of an order.
    refused_consent: Option<i64>,
    /// The part of `attributed` that nothing but the pixel ties to a message. Anybody can write what the pixel says.
    attributed: Money,
    /// How many orders that is.
    attributed_orders: i64,
    /// The same for people.
    sentence: String,
}

#[derive(FromQueryResult)]
struct Count {
    n: i64,
}

/// Counts them; what rests on the pixel alone comes out of the period's sums.
pub async fn coverage(
    db: &impl ConnectionTrait,
    of: &Shop,
    period: &Period,
    (totals, counted): (&[Total], Option<&Coverage>),
) -> Result<PixelCoverage, DbErr> {
    let (online_orders, seen) = match counted {
        Some(counted) => counted.online(),
        None => of_rows(db, of.shop_id, period).await?,
    };
    let unseen = online_orders - seen;
    let sentence = match online_orders {
        0 => "No order was placed in the online store, so there is nothing the pixel could have seen.".to_owned(),
        all => format!(
            "The pixel saw the checkouts of {seen} of {all} online orders. Of the other {unseen} nobody can tell whether the \
             shopper refused consent, blocked scripts or left too soon: what rests on the pixel is a lower bound."
        ),
    };
    let alone = Measure::Pixel.sum(totals);
    let (attributed_orders, attributed) = (alone.orders, Money::new(alone.net, of.money()));
    Ok(PixelCoverage { online_orders, seen, unseen, refused_consent: None, attributed, attributed_orders, sentence })
}

/// Orders of the online store, and those whose checkout the pixel told of.
async fn of_rows(db: &impl ConnectionTrait, shop: ShopId, period: &Period) -> Result<(i64, i64), DbErr> {
    let online = || {
        Query::select()
            .expr_as(Expr::col((Orders, OrderColumn::ShopifyOrderId)).count(), "n")
            .from(Orders)
            .and_where(Expr::col((Orders, OrderColumn::ShopId)).eq(shop))
            .and_where(Expr::col((Orders, OrderColumn::OrderedAt)).gte(period.instants.0))
            .and_where(Expr::col((Orders, OrderColumn::OrderedAt)).lt(period.instants.1))
            .and_where(Expr::col((Orders, OrderColumn::SourceName)).eq("web"))
            .and_where(Expr::col((Orders, OrderColumn::Test)).eq(false))
            .and_where(Expr::col((Orders, OrderColumn::CheckoutToken)).is_not_null())
            .to_owned()
    };
    let count = async |select| {
        let counted: Vec<Count> = rows(db, &select).await?;
        Ok::<_, DbErr>(counted.first().map_or(0, |count| count.n))
    };
    let online_orders = count(online()).await?;
    let seen = count(online().and_where(saw(shop, Expr::col((Orders, OrderColumn::CheckoutToken)))).to_owned()).await?;
    Ok((online_orders, seen))
}
