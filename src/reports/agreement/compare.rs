//! Ours beside Shopify's own: the net sales of each day as Shopify's reports show them, what we booked that day, and why
//! the two differ, to the cent.
//!
//! 1. Ours = Shopify's + the named lines + what is unexplained. An agreement is nothing unexplained.
//! 2. Only a day that is over, read an hour after its end, and of which every source is known to be whole can disagree.
//!    On any other day what is left is named: not heard yet.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr, Iterable};
use serde::Serialize;

use super::booked::{Booked, Part, booked};
use super::suspects::{Suspect, suspects};
use crate::app::App;
use crate::catchup::{self, SETTLED_SECONDS, ShopDay};
use crate::kernel::{Day, Money, Timestamp};
use crate::reports::period::Period;
use crate::shops::Shop;

/// Of so many days that do not agree, the latest, the orders they can come from are listed.
const LISTED_DAYS: usize = 12;

/// Whether Shopify's figures are here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AgreementStanding)]
pub enum Standing {
    /// The merchant has not allowed `read_reports`.
    ScopeMissing,
    /// Allowed, and not read yet.
    Unread,
    /// Allowed, and Shopify refuses all the same.
    Refused,
    /// They are here.
    Read,
}

/// What a day comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AgreementVerdict)]
pub enum Verdict {
    /// Nothing is unexplained.
    Agrees,
    /// Something is.
    Differs,
    /// The day is not over, or not everything of it is known to be here.
    Open,
    /// Orders in another currency than the shop's cannot be compared.
    OtherCurrency,
    /// Before the first order that is here.
    Before,
    /// Shopify's figure is not here.
    Unread,
}

impl Verdict {
    /// Its word, as in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Agrees => "agrees",
            Self::Differs => "differs",
            Self::Open => "open",
            Self::OtherCurrency => "other_currency",
            Self::Before => "before",
            Self::Unread => "unread",
        }
    }
}

/// Why ours is not Shopify's figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, sea_orm::EnumIter, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AgreementReason)]
pub enum Reason {
    /// Subscriptions that renew themselves are left out of ours.
    SubscriptionRenewals,
    /// A cancelled order counts nothing here, whatever was kept of it.
    CancelledKept,
    /// Given back for orders from before Shopify shows us any.
    OlderOrders,
    /// Orders in another currency than the shop counts in.
    OtherCurrency,
    /// Orders whose buyer saw another currency: counted in the shop's own by both.
    BuyersCurrency,
    /// Not everything of the day is here, or was when Shopify's figure was read.
    NotHeardYet,
}

impl Reason {
    const fn title(self) -> &'static str {
        match self {
            Self::SubscriptionRenewals => "Subscription renewals",
            Self::CancelledKept => "Kept of cancelled orders",
            Self::OlderOrders => "Refunds of older orders",
            Self::OtherCurrency => "In another currency",
            Self::BuyersCurrency => "Paid in the buyer's currency",
            Self::NotHeardYet => "Not heard yet",
        }
    }

    const fn why(self) -> &'static str {
        match self {
            Self::SubscriptionRenewals => {
                "Shopify counts them. They are left out here, because no message makes a subscription renew itself."
            }
            Self::CancelledKept => {
                "Shopify counts what was kept of an order when it was cancelled. A cancelled order counts 0 here."
            }
            Self::OlderOrders => {
                "Shopify subtracts goods given back for orders from before the first one it shows to this app. They are not here."
            }
            Self::OtherCurrency => {
                "Orders from before the shop changed its currency. Shopify converts them; two currencies are never added here, so such a day cannot be compared."
            }
            Self::BuyersCurrency => {
                "Shopify and this ledger both count the shop's own money, so these orders explain nothing. They are named because one would expect them to."
            }
            Self::NotHeardYet => {
                "The day is not over, Shopify's figure was read before it had settled, or not every source is known to be whole up to its end."
            }
        }
    }

    /// What it explains of a day, before anything else is known.
    const fn of(self, booked: &Booked) -> Part {
        match self {
            Self::SubscriptionRenewals => Part { orders: booked.renewals.orders, minor: -booked.renewals.minor },
            Self::CancelledKept => Part { orders: booked.kept.orders, minor: -booked.kept.minor },
            Self::OlderOrders => booked.older,
            Self::OtherCurrency => Part { orders: booked.foreign, minor: 0 },
            Self::BuyersCurrency => Part { orders: booked.presented, minor: 0 },
            Self::NotHeardYet => Part { orders: 0, minor: 0 },
        }
    }
}

/// A named line.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AgreementLine {
    pub(in crate::reports) line: Reason,
    title: &'static str,
    why: &'static str,
    /// How many orders; 0 where nobody knows.
    orders: i64,
    /// What ours is more than Shopify's figure because of it; less, where negative.
    pub(in crate::reports) amount: Money,
}

/// One day.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AgreementDay {
    #[schema(value_type = String, format = "date")]
    pub(in crate::reports) day: Day,
    pub(in crate::reports) verdict: Verdict,
    pub(super) agrees: bool,
    /// In words.
    sentence: String,
    /// Shopify's own net sales of the day; `null`: not read.
    pub(in crate::reports) shopify: Option<Money>,
    /// What was booked here that day, everything on the day it happened.
    pub(in crate::reports) ours: Money,
    /// What explains the difference; lines that explain nothing of it are left out.
    pub(in crate::reports) lines: Vec<AgreementLine>,
    /// What no line explains: ours − Shopify's − lines.
    pub(in crate::reports) unexplained: Option<Money>,
    /// When Shopify's figure was read.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub(in crate::reports) read_at: Option<Timestamp>,
    /// The orders a difference can come from, at most 50, the least sure first. Of the latest 12 days that differ; `null`
    /// on every other day.
    pub(super) orders: Option<Vec<Suspect>>,
}

/// Sums of the days whose figure is here and can be compared.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AgreementSums {
    days: i64,
    pub(super) agree: i64,
    pub(super) differ: i64,
    /// Not over, not whole, in another currency, before the first order, or not read: not among `agree` and `differ`.
    other: i64,
    shopify: Money,
    ours: Money,
    lines: Vec<AgreementLine>,
    unexplained: Money,
}

/// Ours beside Shopify's own figures.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Agreement {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    time_zone: String,
    currency: String,
    pub(super) standing: Standing,
    /// In words: what is compared, or what it needs.
    sentence: String,
    /// Where the merchant allows it, while it is not.
    allow_at: Option<String>,
    /// When Shopify's figures were last read.
    #[schema(value_type = Option<String>, format = "date-time")]
    read_at: Option<Timestamp>,
    /// Why they were not read the last time.
    trouble: Option<String>,
    /// The instant up to which every source is known to be whole.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    pub(super) sums: AgreementSums,
    /// Every day of the period, oldest first.
    pub(super) days: Vec<AgreementDay>,
}

/// Reads the agreement of a period.
pub async fn agreement(db: &impl ConnectionTrait, app: &App, shop: &Shop, period: &Period) -> Result<Agreement, DbErr> {
    let (currency, id) = (shop.money(), shop.shop_id);
    let reading = catchup::shop_days_read(db, id).await?;
    let complete_through = catchup::complete_through(db, id).await?;
    let mut days = agreed_days(db, shop, period).await?;
    let differing = days.iter_mut().rev().filter(|day| day.verdict == Verdict::Differs);
    for day in differing.take(LISTED_DAYS) {
        let unexplained = day.unexplained.map_or(0, |money| money.minor);
        day.orders = Some(suspects(db, shop, &period.of_day(day.day, shop), unexplained).await?);
    }
    let refused = reading.as_ref().is_some_and(|reading| reading.refused_at.is_some());
    let read_at = reading.as_ref().and_then(|reading| reading.read_at);
    let standing = match () {
        () if !catchup::reads_reports(shop) => Standing::ScopeMissing,
        () if refused => Standing::Refused,
        () if read_at.is_none() => Standing::Unread,
        () => Standing::Read,
    };
    let sums = sums(&days, shop);
    Ok(Agreement {
        from: period.from,
        to: period.to,
        time_zone: shop.time_zone.clone(),
        currency: currency.to_string(),
        standing,
        sentence: in_words(standing, &sums),
        allow_at: (standing == Standing::ScopeMissing).then(|| allow_at(app, shop)).flatten(),
        read_at,
        trouble: reading.and_then(|reading| reading.trouble),
        complete_through,
        sums,
        days,
    })
}

/// Every day of a period, oldest first; of none the orders a difference can come from.
pub async fn agreed_days(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<Vec<AgreementDay>, DbErr> {
    let complete_through = catchup::complete_through(db, shop.shop_id).await?;
    let begins = catchup::begins(db, shop).await?;
    let figures = catchup::shop_days(db, shop.shop_id, (period.from, period.to), shop.money()).await?;
    let figures: BTreeMap<Day, ShopDay> = figures.into_iter().map(|figure| (figure.day, figure)).collect();
    let booked = booked(db, shop, period).await?;
    let day = |day| {
        let known = Known { begins, complete_through, figure: figures.get(&Day(day)) };
        judge(shop, Day(day), booked.get(&Day(day)).copied().unwrap_or_default(), &known)
    };
    Ok((period.from.0..=period.to.0).map(day).collect())
}

/// What is known of a day beside what was booked.
struct Known<'k> {
    begins: Timestamp,
    complete_through: Option<Timestamp>,
    figure: Option<&'k ShopDay>,
}

fn judge(shop: &Shop, day: Day, booked: Booked, known: &Known<'_>) -> AgreementDay {
    let money = |minor| Money::new(minor, shop.money());
    let (zone, figure) = (shop.zone(), known.figure);
    let ended = day.next().start(zone);
    let mut parts: Vec<(Reason, Part)> = Reason::iter().map(|reason| (reason, reason.of(&booked))).collect();
    let explained: i64 = parts.iter().map(|(_, part)| part.minor).sum();
    let left = figure.map(|figure| booked.net - figure.net_sales_minor - explained);
    let settled = figure.is_some_and(|figure| figure.read_at >= ended.plus_seconds(SETTLED_SECONDS));
    let closed = settled && known.complete_through.is_some_and(|through| through >= ended);
    let verdict = match left {
        None if day.start(zone) < known.begins => Verdict::Before,
        None => Verdict::Unread,
        Some(_) if day.start(zone) < known.begins => Verdict::Before,
        Some(_) if !closed => Verdict::Open,
        Some(0) => Verdict::Agrees,
        Some(_) if booked.foreign > 0 => Verdict::OtherCurrency,
        Some(_) => Verdict::Differs,
    };
    // What is left of a day that cannot be judged has a name all the same.
    let named = match verdict {
        Verdict::Open => Some(Reason::NotHeardYet),
        Verdict::OtherCurrency => Some(Reason::OtherCurrency),
        _ => None,
    };
    if let Some((_, part)) = parts.iter_mut().find(|(reason, _)| Some(*reason) == named) {
        part.minor += left.unwrap_or(0);
    }
    let lines = parts.into_iter().filter(|(_, part)| *part != Part::default());
    let unexplained = left.filter(|_| verdict != Verdict::Before).map(|left| if named.is_some() { 0 } else { left });
    AgreementDay {
        day,
        verdict,
        agrees: verdict == Verdict::Agrees,
        sentence: sentence(verdict, unexplained.map(money)),
        shopify: figure.map(|figure| money(figure.net_sales_minor)),
        ours: money(booked.net),
        lines: lines.map(|(reason, part)| line(reason, part, shop)).collect(),
        unexplained: unexplained.map(money),
        read_at: figure.map(|figure| figure.read_at),
        orders: None,
    }
}

fn line(reason: Reason, part: Part, shop: &Shop) -> AgreementLine {
    let amount = Money::new(part.minor, shop.money());
    AgreementLine { line: reason, title: reason.title(), why: reason.why(), orders: part.orders, amount }
}

fn sentence(verdict: Verdict, unexplained: Option<Money>) -> String {
    match verdict {
        Verdict::Agrees => "Agrees with Shopify to the cent.".to_owned(),
        Verdict::Differs => {
            let left = unexplained.map_or(0, |money| money.minor);
            let amount = unexplained.map(|money| Money { minor: left.abs(), ..money }.decimal()).unwrap_or_default();
            let way = if left < 0 { "less" } else { "more" };
            format!(
                "Here it is {amount} {way} than Shopify says, and nothing explains it. The orders it can come from are listed; their sales can be read again."
            )
        }
        Verdict::Open => "Not everything of this day is known to be here yet.".to_owned(),
        Verdict::OtherCurrency => "Orders of this day are in another currency and cannot be compared.".to_owned(),
        Verdict::Before => "Before the first order that is here.".to_owned(),
        Verdict::Unread => "Shopify's figure of this day has not been read.".to_owned(),
    }
}

fn sums(days: &[AgreementDay], shop: &Shop) -> AgreementSums {
    let money = |minor| Money::new(minor, shop.money());
    let count = |of: &dyn Fn(Verdict) -> bool| days.iter().filter(|day| of(day.verdict)).count() as i64;
    let compared = || days.iter().filter(|day| !matches!(day.verdict, Verdict::Before | Verdict::Unread));
    let sum =
        |of: &dyn Fn(&AgreementDay) -> Option<Money>| money(compared().filter_map(of).map(|money| money.minor).sum());
    let lines = Reason::iter().filter_map(|reason| {
        let mut part = Part::default();
        compared().flat_map(|day| &day.lines).filter(|line| line.line == reason).for_each(|line| {
            part.add(line.orders, line.amount.minor);
        });
        (part != Part::default()).then(|| line(reason, part, shop))
    });
    let (agree, differ) = (count(&|v| v == Verdict::Agrees), count(&|v| v == Verdict::Differs));
    AgreementSums {
        days: days.len() as i64,
        agree,
        differ,
        other: days.len() as i64 - agree - differ,
        shopify: sum(&|day| day.shopify),
        ours: sum(&|day| Some(day.ours)),
        lines: lines.collect(),
        unexplained: sum(&|day| day.unexplained),
    }
}

fn in_words(standing: Standing, sums: &AgreementSums) -> String {
    match standing {
        Standing::ScopeMissing => "With the optional permission read_reports, Shopify's own net sales stand here beside ours \
             for every day, with the reason for every cent between the two. It reads the figures of Shopify's reports and \
             nothing else; everything else works without it."
            .to_owned(),
        Standing::Unread => "Shopify's own figures are read within the hour.".to_owned(),
        Standing::Refused => "The permission is there, and Shopify refuses its reports all the same: whoever runs the app \
             requests approval for protected customer data of level 2 in the Partner or Dev Dashboard. They are asked for \
             again every day."
            .to_owned(),
        Standing::Read if sums.agree + sums.differ == 0 => "No day of this period can be compared yet.".to_owned(),
        Standing::Read if sums.differ == 0 => {
            format!("All {} days that can be compared agree with Shopify to the cent.", sums.agree)
        }
        Standing::Read => {
            format!("{} of {} days do not agree with Shopify.", sums.differ, sums.agree + sums.differ)
        }
    }
}

/// Where Shopify asks the merchant for the scope.
fn allow_at(app: &App, shop: &Shop) -> Option<String> {
    let ours = app.config.shopify.app.as_ref()?;
    let name = shop.domain.strip_suffix(".myshopify.com")?;
    let (id, scope) = (&ours.client_id, catchup::REPORTS_SCOPE);
    Some(format!("https://admin.shopify.com/store/{name}/oauth/install?client_id={id}&optional_scopes={scope}"))
}
