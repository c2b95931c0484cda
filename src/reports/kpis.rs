//! The indicators of a period, each with its definition, its numerator, its denominator and what the period before said.
//!
//! 1. An indicator without its denominator is none: with nothing to divide by there is no value, and never a 0.
//! 2. Shares have their limits (Wilson, 95 %). They say how much chance there is in the count, and nothing of its cause.
//! 3. Messages are those made in the period, whatever came of them later; orders are those placed in it, as in the headline.

use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType};
use serde::Serialize;

use super::costs::{costs, price_of};
use super::funnel::{self, Funnel, counted, within};
use super::measures::Measure;
use super::opt_outs::opt_outs;
use super::period::Period;
use super::summary::incremental;
use super::totals::{count, rows, totals};
use crate::catchup;
use crate::codes::{CodeColumn, RedeemCodes};
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Money, Timestamp};
use crate::messages::{MessageColumn, Messages};
use crate::shops::Shop;
use crate::stats::wilson;

/// For how long a receipt shows that somebody sends receipts.
const RECEIPTS_SECONDS: i64 = 90 * 86_400;

/// What an indicator measures in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KpiUnit)]
pub enum Unit {
    /// A share of 1.
    Share,
    /// Money for each.
    Money,
    /// So many times.
    Times,
}

/// An indicator in one period.
#[derive(Clone, Copy, Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = KpiFigure)]
pub struct Figure {
    /// What is counted; of money: minor units.
    numerator: i64,
    /// Out of what.
    denominator: i64,
    /// Their ratio; `null`: there is nothing to divide by, or what it takes is not known.
    value: Option<f64>,
    /// Lower limit (95 %): of a share Wilson's, of what was caused that of lift.
    low: Option<f64>,
    /// Upper limit.
    high: Option<f64>,
    /// Of money: the ratio to the minor unit.
    amount: Option<Money>,
}

/// An indicator.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Kpi {
    /// Its stable name.
    name: &'static str,
    /// What it is called.
    title: &'static str,
    /// Numerator / denominator, in words.
    definition: &'static str,
    /// What to keep in mind.
    note: Option<&'static str>,
    unit: Unit,
    #[serde(flatten)]
    figure: Figure,
    /// The same of as many days right before.
    before: Figure,
}

/// The indicators of a period.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Kpis {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    /// First day of the period before.
    #[schema(value_type = String, format = "date")]
    before_from: Day,
    /// Last day of it.
    #[schema(value_type = String, format = "date")]
    before_to: Day,
    policy: String,
    policy_version: i32,
    /// The instant up to which every source is known to be whole; `null` until reconciliation has looked.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    kpis: Vec<Kpi>,
}

/// Reads the indicators of a period and of the one before.
pub async fn kpis(db: &impl ConnectionTrait, shop: &Shop, period: &Period, now: Timestamp) -> Result<Kpis, DbErr> {
    let before = period.before(shop.zone());
    let (now, then) = (Counts::read(db, shop, period, now).await?, Counts::read(db, shop, &before, now).await?);
    let kpi = |indicator: &Indicator| Kpi {
        name: indicator.name,
        title: indicator.title,
        definition: indicator.definition,
        note: indicator.note,
        unit: indicator.unit,
        figure: indicator.figure(&now, shop),
        before: indicator.figure(&then, shop),
    };
    Ok(Kpis {
        from: period.from,
        to: period.to,
        before_from: before.from,
        before_to: before.to,
        policy: period.policy.name.clone(),
        policy_version: period.policy.version,
        complete_through: catchup::complete_through(db, shop.shop_id).await?,
        kpis: INDICATORS.iter().map(kpi).collect(),
    })
}

/// Everything the indicators of a period divide.
struct Counts {
    funnel: Funnel,
    receipts: Receipts,
    codes: Codes,
    opt_outs: usize,
    attributed: (i64, i64),
    /// Minor units of the shop's currency; `None`: not every price is known, or some are in another currency.
    cost: Option<i64>,
    /// What messages caused, minor units: the estimate and its limits.
    caused: Option<(i64, i64, i64)>,
    /// What those messages cost; `None` as with `cost`.
    cost_of_caused: Option<i64>,
}

#[derive(Default, FromQueryResult)]
struct Receipts {
    delivered: i64,
    read: i64,
}

#[derive(Default, FromQueryResult)]
struct Codes {
    codes: i64,
    redeemed: i64,
}

impl Counts {
    async fn read(db: &impl ConnectionTrait, shop: &Shop, period: &Period, now: Timestamp) -> Result<Self, DbErr> {
        let funnel = funnel::whole(&funnel::by_campaign(db, shop.shop_id, period).await?);
        let receipts: Vec<Receipts> = rows(db, &receipts(shop.shop_id, period)).await?;
        let codes: Vec<Codes> = rows(db, &codes(shop.shop_id, period)).await?;
        let attributed = Measure::Attributed.sum(&totals(db, shop.shop_id, period).await?);
        let found = incremental(db, shop, period, now).await?;
        let caused = found.and_then(|caused| Some((caused.money?, caused.measured)));
        let cost_of_caused = match &caused {
            Some((_, measured)) => price_of(db, shop, measured).await?.map(|money| money.minor),
            None => None,
        };
        Ok(Self {
            caused: caused.map(|(money, _)| (money.value.minor, money.low.minor, money.high.minor)),
            cost_of_caused,
            funnel,
            receipts: receipts.into_iter().next().unwrap_or_default(),
            codes: codes.into_iter().next().unwrap_or_default(),
            opt_outs: opt_outs(db, shop, period).await?.laid(),
            attributed: (attributed.orders, attributed.net),
            cost: costs(db, shop, period).await?.whole_in(shop.money()).map(|money| money.minor),
        })
    }
}

/// How an indicator is made.
struct Indicator {
    name: &'static str,
    title: &'static str,
    definition: &'static str,
    note: Option<&'static str>,
    unit: Unit,
    /// Whether it has the limits of what was caused.
    limits: bool,
    /// Numerator and denominator; `None`: what it takes is not known.
    of: fn(&Counts) -> Option<(i64, i64)>,
}

impl Indicator {
    fn figure(&self, counts: &Counts, shop: &Shop) -> Figure {
        let Some((numerator, denominator)) = (self.of)(counts) else { return Figure::default() };
        let bare = Figure { numerator, denominator, ..Figure::default() };
        if denominator <= 0 {
            return bare;
        }
        #[expect(clippy::cast_precision_loss, reason = "a ratio to be looked at; both counts stand beside it")]
        let value = Some(numerator as f64 / denominator as f64);
        match self.unit {
            Unit::Share => {
                let whole = |count: i64| usize::try_from(count).unwrap_or(0);
                let limits = wilson(whole(numerator), whole(denominator), 0.05).filter(|_| numerator <= denominator);
                Figure { value, low: limits.map(|(low, _)| low), high: limits.map(|(_, high)| high), ..bare }
            }
            Unit::Money => {
                let minor = (numerator + denominator / 2).div_euclid(denominator);
                Figure { value, amount: Some(Money::new(minor, shop.money())), ..bare }
            }
            Unit::Times => {
                #[expect(clippy::cast_precision_loss, reason = "limits to be looked at")]
                let times = |minor: i64| minor as f64 / denominator as f64;
                let limits = counts.caused.filter(|_| self.limits).map(|(_, low, high)| (times(low), times(high)));
                Figure { value, low: limits.map(|(low, _)| low), high: limits.map(|(_, high)| high), ..bare }
            }
        }
    }
}

const fn share(
    name: &'static str,
    title: &'static str,
    definition: &'static str,
    note: Option<&'static str>,
    of: fn(&Counts) -> Option<(i64, i64)>,
) -> Indicator {
    Indicator { name, title, definition, note, unit: Unit::Share, limits: false, of }
}

/// Every indicator, in the order in which they are shown.
const INDICATORS: &[Indicator] = &[
    share(
        "delivery_rate",
        "Delivery rate",
        "Messages that arrived / messages that were sent.",
        Some("Who read a message got it."),
        |c| Some((c.funnel.delivered, c.funnel.sent)),
    ),
    share(
        "read_rate",
        "Read rate, measured",
        "Messages known to be read / messages that arrived.",
        Some("A lower bound: people may switch read receipts off."),
        |c| Some((c.funnel.read, c.funnel.delivered)),
    ),
    share(
        "read_rate_receipts",
        "Read rate of people who send receipts",
        "Messages known to be read / messages that arrived, of people who sent a read receipt within the 90 days before the period's end.",
        Some("It says nothing of everybody else."),
        |c| Some((c.receipts.read, c.receipts.delivered)),
    ),
    share(
        "click_through",
        "Click-through",
        "Messages whose link a person tapped / messages that arrived.",
        Some("Previews, prefetches and known machines are no people."),
        |c| Some((c.funnel.clicked, c.funnel.delivered)),
    ),
    share(
        "click_to_read",
        "Click-to-read",
        "Messages whose link a person tapped / messages known to be read.",
        Some("An upper bound: who switched receipts off and tapped is in the numerator alone."),
        |c| Some((c.funnel.clicked, c.funnel.read)),
    ),
    share(
        "redemption_rate",
        "Redemption rate",
        "Codes that an order used / codes on messages that arrived.",
        None,
        |c| Some((c.codes.redeemed, c.codes.codes)),
    ),
    share(
        "conversion_rate",
        "Conversion rate",
        "Messages with an attributed order, whenever it came / messages that arrived.",
        Some("Attributed is not caused: that takes a holdout."),
        |c| Some((c.funnel.ordered, c.funnel.delivered)),
    ),
    Indicator {
        name: "revenue_per_recipient",
        title: "Revenue per message",
        definition: "Attributed net sales of the period's orders / messages that arrived.",
        note: None,
        unit: Unit::Money,
        limits: false,
        of: |c| Some((c.attributed.1, c.funnel.delivered)),
    },
    Indicator {
        name: "average_order_value",
        title: "Average order",
        definition: "Attributed net sales / attributed orders.",
        note: None,
        unit: Unit::Money,
        limits: false,
        of: |c| Some((c.attributed.1, c.attributed.0)),
    },
    Indicator {
        name: "cost_per_message",
        title: "Cost per message",
        definition: "What WhatsApp charged, else the shop's own rates / messages that arrived.",
        note: Some("Only where every price is known and in the shop's currency."),
        unit: Unit::Money,
        limits: false,
        of: |c| Some((c.cost?, c.funnel.delivered)),
    },
    Indicator {
        name: "return_on_spend",
        title: "Return on WhatsApp spend, attributed",
        definition: "Attributed net sales / what the period's messages cost.",
        note: Some("Of what is attributed, not of what was caused."),
        unit: Unit::Times,
        limits: false,
        of: |c| Some((c.attributed.1, c.cost?)),
    },
    Indicator {
        name: "incremental_return_on_spend",
        title: "Return on WhatsApp spend, caused",
        definition: "Net sales that would not have come without messages / what those messages cost whose effect was measured.",
        note: Some(
            "Its limits are those of lift. Without a holdout, or before its gate, there is none. Not every message of the period need be in it: those of a programme since it began; else those of campaigns with a holdout to people whose 7 days are over.",
        ),
        unit: Unit::Times,
        limits: true,
        of: |c| Some((c.caused?.0, c.cost_of_caused?)),
    },
    share(
        "opt_out_rate",
        "Opt-out rate",
        "People who said stop within 72 hours of a message / messages that arrived.",
        None,
        |c| Some((i64::try_from(c.opt_outs).ok()?, c.funnel.delivered)),
    ),
];

fn has(column: MessageColumn) -> Expr {
    Expr::col((Messages, column)).is_not_null()
}

fn arrived() -> Expr {
    has(MessageColumn::DeliveredAt).or(has(MessageColumn::ReadAt))
}

/// Messages of the period that arrived at somebody who sends receipts.
fn receipts(shop: ShopId, period: &Period) -> SelectStatement {
    let end = period.instants.1;
    let sends = |column: MessageColumn| Expr::col(("receipt", column));
    let sends = Query::select()
        .expr(Expr::val(1))
        .from_as(Messages, "receipt")
        .and_where(sends(MessageColumn::ShopId).eq(shop))
        .and_where(sends(MessageColumn::RecipientId).equals((Messages, MessageColumn::RecipientId)))
        .and_where(sends(MessageColumn::ReadAt).gte(end.plus_seconds(-RECEIPTS_SECONDS)))
        .and_where(sends(MessageColumn::ReadAt).lt(end))
        .to_owned();
    Query::select()
        .expr_as(count(), "delivered")
        .expr_as(counted(has(MessageColumn::ReadAt)), "read")
        .from(Messages)
        .and_where(Expr::col((Messages, MessageColumn::ShopId)).eq(shop))
        .cond_where(within(Messages, MessageColumn::IssuedAt, MessageColumn::CampaignId, period))
        .and_where(arrived())
        .and_where(Expr::exists(sends))
        .to_owned()
}

/// Codes on messages of the period that arrived.
fn codes(shop: ShopId, period: &Period) -> SelectStatement {
    let on = Expr::col((RedeemCodes, CodeColumn::ShopId))
        .equals((Messages, MessageColumn::ShopId))
        .and(Expr::col((RedeemCodes, CodeColumn::Id)).equals((Messages, MessageColumn::RedeemCodeId)));
    Query::select()
        .expr_as(count(), "codes")
        .expr_as(counted(Expr::col((RedeemCodes, CodeColumn::RedeemedAt)).is_not_null()), "redeemed")
        .from(Messages)
        .join(JoinType::InnerJoin, RedeemCodes, on)
        .and_where(Expr::col((Messages, MessageColumn::ShopId)).eq(shop))
        .cond_where(within(Messages, MessageColumn::IssuedAt, MessageColumn::CampaignId, period))
        .and_where(arrived())
        .to_owned()
}
