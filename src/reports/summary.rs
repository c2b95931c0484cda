//! The overview: what was sold, what messages are credited with, the way there.

use std::collections::BTreeMap;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult};
use serde::Serialize;

use super::campaigns::{CampaignLine, ChannelCredit, campaign_lines, channels};
use super::coverage::coverage;
use super::funnel::{self, Funnel};
use super::journey::{self, JourneyCoverage};
use super::measures::{Measure, Sum};
use super::period::Period;
use super::pixel::{self, PixelCoverage};
use super::sales_book::{self, SalesBook};
use super::totals::{Total, totals};
use crate::attribution::Model;
use crate::attribution::evidence::Class;
use crate::catchup;
use crate::kernel::id::ShopId;
use crate::kernel::{Currency, Day, Money, Timestamp};
use crate::lift::{self, Caused, LiftStage, MoneyRange};
use crate::orders::{OrderColumn, Orders};
use crate::shops::Shop;

/// How many orders each measure counts.
#[derive(Clone, Copy, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct OrderCounts {
    /// Every order of the period, test and cancelled ones too.
    all: i64,
    /// Those that carry net sales: without cancelled ones, test orders, renewals and orders in another currency.
    sales: i64,
    attributed: i64,
    /// The part of `attributed` whose code was used by somebody else than its recipient.
    shared: i64,
    recovered: i64,
    /// The part of `recovered` that is attributed as well.
    recovered_attributed: i64,
    assisted: i64,
    pending: i64,
}

/// The part of what is attributed that rests on evidence of one class.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Certainty {
    class: Class,
    orders: i64,
    amount: Money,
}

impl Certainty {
    /// So much of it.
    pub(super) fn of(class: Class, orders: i64, amount: Money) -> Self {
        Self { class, orders, amount }
    }
}

/// The main figures of as many days right before.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SummaryBefore {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    /// The day of the first order that is here, if that is later than `from`: these days are not whole, and nothing is to
    /// be compared with them.
    #[schema(value_type = Option<String>, format = "date")]
    begins_on: Option<Day>,
    net_sales: Money,
    attributed: Money,
    /// The parts of `attributed` by certain and by strong evidence.
    certain: Money,
    strong: Money,
    recovered: Money,
    assisted: Money,
    pending: Money,
}

/// One day.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct DayPoint {
    #[schema(value_type = String, format = "date")]
    day: Day,
    net_sales: Money,
    attributed: Money,
    recovered: Money,
}

/// What of the period's net sales would not have come without messages.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Incremental {
    /// Between which limits; `null` before its gate.
    money: Option<MoneyRange>,
    /// How far it has come.
    stage: LiftStage,
    /// It in one sentence; or why there is none.
    sentence: String,
    /// What it is of.
    definition: &'static str,
    /// Recipients left alone.
    holdout: i64,
    /// Recipients written to.
    treated: i64,
    /// The day on which it may be shown, at the pace of the last 28 days.
    #[schema(value_type = Option<String>, format = "date")]
    earliest_on: Option<Day>,
    /// The day on which the first messages it is of were made: later than the period's where a programme began within it.
    #[schema(value_type = String, format = "date")]
    measured_from: Day,
    /// The day on which the last ones were: everybody's horizon is to be over.
    #[schema(value_type = String, format = "date")]
    measured_to: Day,
}

impl Incremental {
    /// As lift answered.
    pub(super) fn of(caused: Caused, shop: &Shop) -> Self {
        let (from, until) = caused.measured.between;
        let until = Ord::max(from, Timestamp::from_micros(until.micros() - 1));
        Self {
            money: caused.money,
            stage: caused.stage,
            sentence: caused.sentence,
            definition: caused.definition,
            holdout: caused.recipients.0,
            treated: caused.recipients.1,
            earliest_on: caused.interval_on,
            measured_from: from.day(shop.zone()),
            measured_to: until.day(shop.zone()),
        }
    }
}

/// The overview of a period. Attributed, recovered and assisted are separate measures and are never summed.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Summary {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    time_zone: String,
    policy: String,
    policy_version: i32,
    /// How a campaign's share is found; `originating` unless another was asked for.
    model: Model,
    #[schema(value_type = Option<String>, format = "date-time")]
    as_of: Option<Timestamp>,
    currency: String,
    /// The instant up to which every source is known to be whole; `null` until reconciliation has looked.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    /// When the latest thing we heard of happened.
    #[schema(value_type = Option<String>, format = "date-time")]
    heard_through: Option<Timestamp>,
    orders: OrderCounts,
    /// Gross − discounts − returns of all orders; the ledger's lines sum to it.
    net_sales: Money,
    /// Of paid orders that evidence ties to a message.
    attributed: Money,
    /// Of paid orders whose checkout was abandoned before a message about it; `orders.recovered_attributed` of them are
    /// attributed as well.
    recovered: Money,
    /// Of paid orders with exposure only.
    assisted: Money,
    /// The part of `net_sales` that is not paid yet.
    pending: Money,
    /// The part of `attributed` whose code was used by somebody else than its recipient.
    shared: Money,
    /// How sure `attributed` is: the classes sum to it.
    certainty: Vec<Certainty>,
    /// What the pixel saw: `attributed` rests on it where a visit is the evidence.
    pixel: PixelCoverage,
    /// What Shopify's customer journey told: the veto of other channels rests on it.
    journeys: JourneyCoverage,
    /// How far `net_sales` rests on Shopify's own book of sales, and where that differs from what its webhooks told.
    sales_book: SalesBook,
    /// What messages caused; `null` where the past was asked for, or one campaign (whose lift is a report of its own).
    incremental: Option<Incremental>,
    /// What the days before came to.
    before: SummaryBefore,
    funnel: Funnel,
    series: Vec<DayPoint>,
    campaigns: Vec<CampaignLine>,
    /// What the model gives to other channels; with the campaigns it is `attributed`. Nothing by `originating`.
    channels: Vec<ChannelCredit>,
}

/// Reads the overview.
pub async fn summary(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    now: Timestamp,
) -> Result<Summary, DbErr> {
    let currency = shop.money();
    let money = |minor| Money::new(minor, currency);
    let totals = totals(db, shop.shop_id, period).await?;
    let [attributed, shared, recovered, assisted, pending] =
        [Measure::Attributed, Measure::Shared, Measure::Recovered, Measure::Assisted, Measure::Pending]
            .map(|measure| measure.sum(&totals));
    let certainty = |class, measure: Measure| {
        let Sum { orders, net } = measure.sum(&totals);
        Certainty { class, orders, amount: money(net) }
    };
    let funnels = funnel::by_campaign(db, shop.shop_id, period).await?;
    let coverage = coverage(db, shop.shop_id, period.instants).await?;
    Ok(Summary {
        from: period.from,
        to: period.to,
        time_zone: shop.time_zone.clone(),
        policy: period.policy.name.clone(),
        policy_version: period.policy.version,
        model: period.model,
        as_of: period.as_of,
        currency: currency.to_string(),
        complete_through: catchup::complete_through(db, shop.shop_id).await?,
        heard_through: heard_through(db, shop.shop_id).await?,
        orders: OrderCounts {
            all: totals.iter().map(|total| total.orders).sum(),
            sales: Measure::Sales.sum(&totals).orders,
            attributed: attributed.orders,
            shared: shared.orders,
            recovered: recovered.orders,
            recovered_attributed: Measure::RecoveredAttributed.sum(&totals).orders,
            assisted: assisted.orders,
            pending: pending.orders,
        },
        net_sales: money(totals.iter().map(|total| total.net).sum()),
        attributed: money(attributed.net),
        recovered: money(recovered.net),
        assisted: money(assisted.net),
        pending: money(pending.net),
        shared: money(shared.net),
        certainty: vec![
            certainty(Class::Certain, Measure::Certain),
            certainty(Class::Strong, Measure::Strong),
            certainty(Class::Exposure, Measure::Exposure),
        ],
        pixel: pixel::coverage(db, shop, period, (&totals, coverage.as_ref())).await?,
        journeys: journey::coverage(db, shop.shop_id, period, coverage.as_ref()).await?,
        sales_book: sales_book::of_period(db, shop.shop_id, period, (currency, coverage.as_ref())).await?,
        incremental: incremental(db, shop, period, now).await?.map(|caused| Incremental::of(caused, shop)),
        before: before(db, shop, period).await?,
        funnel: funnel::whole(&funnels),
        series: series(&totals, period, currency),
        campaigns: campaign_lines(db, shop, period, &funnels).await?,
        channels: channels(db, shop, period).await?,
    })
}

/// What messages caused in a period as it is known today; `None` of the past, and of one campaign.
pub(super) async fn incremental(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    now: Timestamp,
) -> Result<Option<Caused>, DbErr> {
    match (period.as_of, period.campaign) {
        (None, None) => lift::caused(db, shop, period.instants, now).await.map(Some),
        _ => Ok(None),
    }
}

async fn before(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<SummaryBefore, DbErr> {
    let period = period.before(shop.zone());
    let totals = totals(db, shop.shop_id, &period).await?;
    let of = |measure: Measure| Money::new(measure.sum(&totals).net, shop.money());
    Ok(SummaryBefore {
        from: period.from,
        to: period.to,
        begins_on: first_day(db, shop).await?.filter(|day| *day > period.from),
        net_sales: Money::new(totals.iter().map(|total| total.net).sum(), shop.money()),
        attributed: of(Measure::Attributed),
        certain: of(Measure::Certain),
        strong: of(Measure::Strong),
        recovered: of(Measure::Recovered),
        assisted: of(Measure::Assisted),
        pending: of(Measure::Pending),
    })
}

/// The day of the first order that is here.
async fn first_day(db: &impl ConnectionTrait, shop: &Shop) -> Result<Option<Day>, DbErr> {
    let select = Query::select()
        .expr_as(Expr::col(OrderColumn::OrderedAt).min(), "at")
        .from(Orders)
        .and_where(Expr::col(OrderColumn::ShopId).eq(shop.shop_id))
        .to_owned();
    let first: Vec<Heard> = super::totals::rows(db, &select).await?;
    Ok(first.first().and_then(|first| first.at).map(|at| Timestamp::from_micros(at).day(shop.zone())))
}

/// Every day of the period, those without orders too.
fn series(totals: &[Total], period: &Period, currency: Currency) -> Vec<DayPoint> {
    let mut days: BTreeMap<Day, (i64, i64, i64)> =
        (period.from.0..=period.to.0).map(|day| (Day(day), (0, 0, 0))).collect();
    for total in totals {
        let Some(day) = days.get_mut(&total.ordered_on) else { continue };
        day.0 += total.net;
        day.1 += if Measure::Attributed.holds(total) { total.net } else { 0 };
        day.2 += if Measure::Recovered.holds(total) { total.net } else { 0 };
    }
    let money = |minor| Money::new(minor, currency);
    days.into_iter()
        .map(|(day, (net, attributed, recovered))| DayPoint {
            day,
            net_sales: money(net),
            attributed: money(attributed),
            recovered: money(recovered),
        })
        .collect()
}

#[derive(FromQueryResult)]
struct Heard {
    at: Option<i64>,
}

/// The newest instant any order of the shop speaks of.
async fn heard_through(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<Timestamp>, DbErr> {
    let select = Query::select()
        .expr_as(Expr::col(OrderColumn::UpdatedAt).max(), "at")
        .from(Orders)
        .and_where(Expr::col(OrderColumn::ShopId).eq(shop))
        .to_owned();
    let heard: Vec<Heard> = super::totals::rows(db, &select).await?;
    Ok(heard.first().and_then(|heard| heard.at).map(Timestamp::from_micros))
}
