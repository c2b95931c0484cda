//! What Shopify's customer journey told of orders: of one in words, of a period in numbers.

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, Iterable};
use serde::Serialize;

use super::coverage::Coverage;
use super::period::Period;
use super::totals::rows;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::orders::{Journey, JourneyColumn, JourneyState, Journeys, OrderColumn, Orders};

/// How the asking for one order's visits stands.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct JourneyView {
    /// `null`: orders of this kind have no visits.
    state: Option<JourneyState>,
    /// When Shopify is asked next, while it is to be asked.
    #[schema(value_type = Option<String>, format = "date-time")]
    ask_at: Option<Timestamp>,
    /// In words.
    sentence: String,
}

/// Says how it stands; `visits` are those that are here.
pub fn of_order(journey: Option<&Journey>, visits: usize) -> JourneyView {
    let sentence = match journey.map(|journey| (journey.state, journey.tries)) {
        None => {
            "Shopify is not asked for visits: the order did not come out of the online store's checkout.".to_owned()
        }
        Some((JourneyState::Waiting, 0)) => {
            "Shopify is asked for the visits before this order an hour after it; until then they are not known."
                .to_owned()
        }
        Some((JourneyState::Waiting, _)) => {
            "Shopify cannot tell the visits before this order yet. It is asked again.".to_owned()
        }
        Some((JourneyState::Told, _)) if visits == 1 => "Shopify told one visit before this order.".to_owned(),
        Some((JourneyState::Told, _)) => format!("Shopify told {visits} visits before this order."),
        Some((JourneyState::Nothing, _)) => {
            "Shopify tells no visits before this order: it saw none, or the shopper did not allow it to.".to_owned()
        }
        Some((JourneyState::NotReady, _)) => {
            "Shopify could not tell the visits before this order within a day. It is not asked any more.".to_owned()
        }
        Some((JourneyState::Unasked, _)) => {
            "Shopify was not asked for visits: the order was too old, or its shopper had been forgotten.".to_owned()
        }
    };
    let waiting = journey.filter(|journey| journey.state == JourneyState::Waiting);
    JourneyView { state: journey.map(|journey| journey.state), ask_at: waiting.map(|journey| journey.ask_at), sentence }
}

/// What Shopify told of the visits before the orders of a period. A later click of another channel can only outweigh a
/// tap where it is known.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct JourneyCoverage {
    /// Orders that Shopify was asked about, or is to be: those of the online store, test orders left out.
    orders: i64,
    /// Their visits are here.
    told: i64,
    /// Shopify tells no visits of them, had not finished after a day, or was not asked any more.
    none: i64,
    /// Not told yet.
    waiting: i64,
    /// The same for people.
    sentence: String,
}

#[derive(FromQueryResult)]
struct Count {
    state: JourneyState,
    n: i64,
}

/// Counts them.
pub async fn coverage(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
    counted: Option<&Coverage>,
) -> Result<JourneyCoverage, DbErr> {
    let states: Vec<(JourneyState, i64)> = match counted {
        Some(counted) => JourneyState::iter().map(|state| (state, counted.journeys(state))).collect(),
        None => of_rows(db, shop, period).await?.into_iter().map(|count| (count.state, count.n)).collect(),
    };
    let of = |state| states.iter().filter(|(one, _)| *one == state).map(|(_, n)| n).sum::<i64>();
    let orders: i64 = states.iter().map(|(_, n)| n).sum();
    let (told, waiting) = (of(JourneyState::Told), of(JourneyState::Waiting));
    let none = orders - told - waiting;
    let sentence = match orders {
        0 => "No order was placed in the online store, so there are no visits Shopify could have told.".to_owned(),
        _ => format!(
            "Shopify told the visits before {told} of {orders} online orders, tells none of {none}, and has not told \
             those of {waiting} yet: where it tells none, a later click of another channel is known only from the order's \
             own landing page."
        ),
    };
    Ok(JourneyCoverage { orders, told, none, waiting, sentence })
}

async fn of_rows(db: &impl ConnectionTrait, shop: ShopId, period: &Period) -> Result<Vec<Count>, DbErr> {
    let select = Query::select()
        .column((Journeys, JourneyColumn::State))
        .expr_as(Expr::col((Orders, OrderColumn::ShopifyOrderId)).count(), "n")
        .from(Orders)
        .inner_join(
            Journeys,
            Expr::col((Journeys, JourneyColumn::ShopId)).equals((Orders, OrderColumn::ShopId)).and(
                Expr::col((Journeys, JourneyColumn::ShopifyOrderId)).equals((Orders, OrderColumn::ShopifyOrderId)),
            ),
        )
        .and_where(Expr::col((Orders, OrderColumn::ShopId)).eq(shop))
        .and_where(Expr::col((Orders, OrderColumn::OrderedAt)).gte(period.instants.0))
        .and_where(Expr::col((Orders, OrderColumn::OrderedAt)).lt(period.instants.1))
        .group_by_col((Journeys, JourneyColumn::State))
        .to_owned();
    rows(db, &select).await
}
