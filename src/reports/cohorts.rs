//! Customers by the month of the first touch that is known of them, and what they bought in the months after it.
//!
//! 1. A customer is Shopify's number of one. Their first touch is the earliest touch the models share any of their paid
//!    orders among (rule R14 of the verification), of the months that are looked at.
//! 2. Full accounting: cohorts, customers whom nothing is known to have touched, and orders that name no customer sum to
//!    the net sales of the paid orders of these months, to the cent.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use sea_orm::sea_query::{Cond, Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, JoinType, QueryFilter};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::period::Period;
use super::totals::{rows, stages};
use crate::attribution::conversion::{Column as C, Entity as Conversions};
use crate::attribution::{Line, RECEIPT, Receipt, Receipts};
use crate::catchup;
use crate::kernel::{Currency, Day, Money, Timestamp};
use crate::orders::{OrderColumn, OrderId, Orders};
use crate::shops::Shop;

/// A merchant waits this long; what could not be looked at by then is said.
const PATIENCE: Duration = Duration::from_secs(8);

/// Orders read at once.
const PAGE: u64 = 500;

/// Whose first touch makes a cohort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CohortTouch)]
pub enum By {
    /// By any channel, ours too.
    #[default]
    Any,
    /// By one of our messages.
    Whatsapp,
}

/// Customers and what they bought.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CohortSum {
    customers: i64,
    orders: i64,
    net_sales: Money,
}

/// What a cohort bought in one month.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CohortCell {
    /// Months after the month of the first touch; 0: in it.
    after: i32,
    #[serde(flatten)]
    sum: CohortSum,
}

/// Customers first touched in one month.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Cohort {
    /// The first day of it.
    #[schema(value_type = String, format = "date")]
    month: Day,
    /// All they bought in the months looked at.
    #[serde(flatten)]
    sum: CohortSum,
    /// What they bought in months before it, which nothing is known to have touched.
    before: CohortSum,
    /// Every month from it to the last, those without orders too.
    cells: Vec<CohortCell>,
}

/// First-touch months and what came of them.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CohortsReport {
    /// First day of the orders looked at.
    #[schema(value_type = String, format = "date")]
    from: Day,
    /// Last day of them, included.
    #[schema(value_type = String, format = "date")]
    to: Day,
    by: By,
    policy: String,
    policy_version: i32,
    currency: String,
    /// The instant up to which every source is known to be whole; `null` until reconciliation has looked.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    /// Whether all orders were looked at, or time ran out first: then those with the smallest numbers were.
    whole: bool,
    /// By month, the earliest first.
    cohorts: Vec<Cohort>,
    /// Customers without a known touch.
    untouched: CohortSum,
    /// Orders that name no customer; `customers` is 0.
    nameless: CohortSum,
    /// All of these: the paid orders of the months looked at.
    total: CohortSum,
    definition: &'static str,
    caveats: &'static [&'static str],
}

const DEFINITION: &str = "Customers who bought in these months, by the month of the earliest touch known of any of their orders; in each cell the net sales of their paid orders of that month, and how many of them bought.";

const CAVEATS: &[&str] = &[
    "Only customers who bought are here: whom a message reached and who never bought is in no cohort.",
    "A touch is known of an order only within the windows of the policy and Shopify's thirty days of visits, so the first touch that is known may not be the first there was.",
    "A cohort buying more is no proof that its first touch made it.",
];

/// Orders and their net sales.
type Bought = (i64, i64);

/// One customer.
#[derive(Default)]
struct Customer {
    first: Option<Timestamp>,
    months: BTreeMap<Day, Bought>,
}

#[derive(FromQueryResult)]
struct Ordered {
    shopify_order_id: OrderId,
    net_minor: i64,
    ordered_on: Day,
    customer: Option<i64>,
}

/// Reads the cohorts of a period.
pub async fn cohorts(db: &impl ConnectionTrait, shop: &Shop, period: &Period, by: By) -> Result<CohortsReport, DbErr> {
    let mut customers: HashMap<i64, Customer> = HashMap::new();
    let mut nameless: Bought = (0, 0);
    let (began, mut after, mut whole) = (Instant::now(), OrderId(i64::MIN), false);
    while began.elapsed() < PATIENCE {
        let page = orders(db, shop, period, after).await?;
        let Some(last) = page.last() else {
            whole = true;
            break;
        };
        after = last.shopify_order_id;
        let touched = first_touches(db, shop, period, &page, by).await?;
        for order in page {
            let Some(number) = order.customer else {
                nameless = (nameless.0 + 1, nameless.1 + order.net_minor);
                continue;
            };
            let customer = customers.entry(number).or_default();
            let touch = touched.get(&order.shopify_order_id).copied();
            customer.first = [customer.first, touch].into_iter().flatten().min();
            let month = customer.months.entry(order.ordered_on.month()).or_default();
            *month = (month.0 + 1, month.1 + order.net_minor);
        }
    }
    let mut report = Sums::of(customers, shop).report(shop.money(), period);
    report.total.orders += nameless.0;
    report.total.net_sales.minor += nameless.1;
    report.nameless = CohortSum { customers: 0, orders: nameless.0, net_sales: Money::new(nameless.1, shop.money()) };
    report.complete_through = catchup::complete_through(db, shop.shop_id).await?;
    Ok(CohortsReport { whole, by, ..report })
}

/// Paid orders of the period with their customers, a page of them.
async fn orders(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    after: OrderId,
) -> Result<Vec<Ordered>, DbErr> {
    let paid = [Line::Attributed, Line::AttributedShared, Line::Unattributed];
    let same = Cond::all()
        .add(Expr::col((Orders, OrderColumn::ShopId)).equals((Conversions, C::ShopId)))
        .add(Expr::col((Orders, OrderColumn::ShopifyOrderId)).equals((Conversions, C::ShopifyOrderId)));
    let select = Query::select()
        .columns([(Conversions, C::ShopifyOrderId), (Conversions, C::NetMinor), (Conversions, C::OrderedOn)])
        .expr_as(Expr::col((Orders, OrderColumn::ShopifyCustomerId)), "customer")
        .from(Conversions)
        .join(JoinType::InnerJoin, Orders, same)
        .cond_where(stages(shop.shop_id, period))
        .and_where(Expr::col((Conversions, C::Line)).is_in(paid))
        .and_where(Expr::col((Conversions, C::ShopifyOrderId)).gt(after))
        .order_by((Conversions, C::ShopifyOrderId), sea_orm::sea_query::Order::Asc)
        .limit(PAGE)
        .to_owned();
    rows(db, &select).await
}

/// The earliest touch of each order that has one.
async fn first_touches(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    page: &[Ordered],
    by: By,
) -> Result<HashMap<OrderId, Timestamp>, DbErr> {
    let ids: Vec<OrderId> = page.iter().map(|order| order.shopify_order_id).collect();
    let receipts = Receipts::find()
        .filter(RECEIPT.shop_id.eq(shop.shop_id))
        .filter(RECEIPT.policy.eq(&period.policy.name))
        .filter(RECEIPT.shopify_order_id.is_in(ids))
        .all(db)
        .await?;
    let first = |receipt: &Receipt| {
        let touches = receipt.touchpoints.iter().filter(|touch| by == By::Any || touch.message_id.is_some());
        touches.map(|touch| touch.at).min()
    };
    Ok(receipts.iter().filter_map(|row| Some((row.shopify_order_id, first(&row.document)?))).collect())
}

/// Customers, orders and net sales while they are added up.
#[derive(Clone, Copy, Default)]
struct Sum {
    customers: i64,
    orders: i64,
    net: i64,
}

impl Sum {
    fn add(&mut self, (orders, net): Bought) {
        *self = Self { customers: self.customers + 1, orders: self.orders + orders, net: self.net + net };
    }

    fn view(self, currency: Currency) -> CohortSum {
        CohortSum { customers: self.customers, orders: self.orders, net_sales: Money::new(self.net, currency) }
    }
}

#[derive(Default)]
struct Sums {
    /// By month of the first touch: all, before it, and by months after it.
    cohorts: BTreeMap<Day, (Sum, Sum, BTreeMap<i32, Sum>)>,
    untouched: Sum,
    total: Sum,
}

impl Sums {
    fn of(customers: HashMap<i64, Customer>, shop: &Shop) -> Self {
        let mut sums = Self::default();
        for customer in customers.into_values() {
            let all = |months: &[Bought]| months.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
            let bought = all(&customer.months.values().copied().collect::<Vec<_>>());
            sums.total.add(bought);
            let Some(first) = customer.first else {
                sums.untouched.add(bought);
                continue;
            };
            let month = first.day(shop.zone()).month();
            let (whole, before, cells) = sums.cohorts.entry(month).or_default();
            whole.add(bought);
            let earlier: Vec<Bought> = customer.months.range(..month).map(|(_, bought)| *bought).collect();
            if !earlier.is_empty() {
                before.add(all(&earlier));
            }
            for (ordered, bought) in customer.months.range(month..) {
                cells.entry(ordered.months_after(month)).or_default().add(*bought);
            }
        }
        sums
    }

    fn report(self, currency: Currency, period: &Period) -> CohortsReport {
        let cohort = |(month, (all, before, cells)): (Day, (Sum, Sum, BTreeMap<i32, Sum>))| Cohort {
            month,
            sum: all.view(currency),
            before: before.view(currency),
            cells: (0..=period.to.months_after(month))
                .map(|after| CohortCell { after, sum: cells.get(&after).copied().unwrap_or_default().view(currency) })
                .collect(),
        };
        CohortsReport {
            from: period.from,
            to: period.to,
            by: By::Any,
            policy: period.policy.name.clone(),
            policy_version: period.policy.version,
            currency: currency.to_string(),
            complete_through: None,
            whole: false,
            cohorts: self.cohorts.into_iter().map(cohort).collect(),
            untouched: self.untouched.view(currency),
            nameless: Sum::default().view(currency),
            total: self.total.view(currency),
            definition: DEFINITION,
            caveats: CAVEATS,
        }
    }
}
