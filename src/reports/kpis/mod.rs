//! The indicators of a period, each with its definition, its numerator, its denominator and what the period before said.
//!
//! 1. An indicator without its denominator is none: with nothing to divide by there is no value, and never a 0.
//! 2. Shares have their limits (Wilson, 95 %). They say how much chance there is in the count, and nothing of its cause.
//! 3. Messages are those made in the period, whatever came of them later; orders are those placed in it, as in the headline.
//! 4. Groups add up to the whole: every message is in one, and every order in that of the message it goes back to.

mod by_code;
mod figure;
mod groups;
mod orders;
mod raw;
mod sums;

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use self::figure::{Effect, Figure, INDICATORS, Indicator, Known, Unit};
pub use self::groups::{By, Position};
use self::groups::{Groups, Words, gather, page};
use self::sums::{Stretches, Sums};
use super::costs::price_of;
use super::period::Period;
use super::summary::incremental;
use crate::campaigns::CampaignId;
use crate::catchup;
use crate::kernel::{Day, Timestamp};
use crate::shops::Shop;

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
    /// How the period is divided, if it is.
    #[schema(inline)]
    by: Option<By>,
    /// What a group is of.
    definition: Option<&'static str>,
    /// The same indicators of each group: days and months in their order, others by their messages, the most first.
    groups: Option<Vec<KpiGroup>>,
    /// For the page with the next groups.
    next_cursor: Option<String>,
}

/// The indicators of a group.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct KpiGroup {
    /// Tells it from the others: a day, a month (`YYYY-MM`), a campaign's or a discount's id, a word, a destination. Empty: none
    /// was given.
    key: String,
    /// What it is called.
    name: String,
    /// Messages made, whatever came of them.
    messages: i64,
    /// By the names of the indicators.
    #[schema(value_type = std::collections::BTreeMap<String, Figure>)]
    figures: BTreeMap<&'static str, Figure>,
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Of when.
    pub period: Period,
    /// Only campaigns with this word for their message; empty: without one.
    pub template: Option<String>,
    /// Only campaigns with this word for their step; empty: without one.
    pub step: Option<String>,
    /// How it is divided.
    pub by: Option<By>,
    /// Only groups after this one.
    pub after: Option<Position>,
}

impl Question {
    /// About all of a period.
    pub const fn whole(period: Period) -> Self {
        Self { period, template: None, step: None, by: None, after: None }
    }
}

/// Reads the indicators of a period, of the one before, and of each group.
pub async fn kpis(db: &impl ConnectionTrait, shop: &Shop, asked: &Question, now: Timestamp) -> Result<Kpis, DbErr> {
    let (period, before) = (&asked.period, asked.period.before(shop.zone()));
    let words = match (asked.by, &asked.template, &asked.step) {
        (None, None, None) => None,
        _ => Some(Words::read(db, shop.shop_id).await?),
    };
    let only = words.as_ref().and_then(|words| asked.only(words)).or(period.campaign.map(|id| BTreeSet::from([id])));
    let stretches = asked.by.map_or_else(|| Stretches::whole(period), |by| by.stretches(period));
    let parts = sums::read(db, shop, period, &stretches, only.as_ref()).await?;
    let parts_before = sums::read(db, shop, &before, &Stretches::whole(&before), only.as_ref()).await?;
    let sum = |parts: &sums::Parts| {
        let mut whole = Sums::default();
        parts.values().for_each(|part| whole.add(part));
        whole
    };
    let (sums, sums_before) = (sum(&parts), sum(&parts_before));
    let currency = shop.money();
    let known = Known { sums: &sums, caused: caused(db, shop, period, only.is_some(), now).await?, currency };
    let caused_before = caused(db, shop, &before, only.is_some(), now).await?;
    let known_before = Known { sums: &sums_before, caused: caused_before, currency };
    let groups = match asked.by.zip(words.as_ref()) {
        Some((By::Code, words)) => Some((By::Code, asked.codes(db, shop, words).await?)),
        Some((by, words)) => Some((by, gather((by, &stretches), &parts, words))),
        None => None,
    };
    let page = groups.map(|(by, groups)| page(by, groups, asked.after.as_ref()));
    let view = |group: groups::Group| {
        let known = Known { sums: &group.sums, caused: Err(OF_A_PART), currency };
        let figures = INDICATORS.iter().map(|indicator| (indicator.name, indicator.figure(&known))).collect();
        KpiGroup { key: group.key, name: group.name, messages: group.sums.messages, figures }
    };
    let (groups, next) =
        page.map_or((None, None), |(groups, next)| (Some(groups.into_iter().map(view).collect()), next));
    let kpi = |indicator: &Indicator| Kpi {
        name: indicator.name,
        title: indicator.title,
        definition: indicator.definition,
        note: indicator.note,
        unit: indicator.unit,
        figure: indicator.figure(&known),
        before: indicator.figure(&known_before),
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
        by: asked.by,
        definition: asked.by.map(By::definition),
        groups,
        next_cursor: next.map(|next| next.written()),
    })
}

impl Question {
    /// The campaigns it is about, if not about all.
    fn only(&self, words: &Words) -> Option<BTreeSet<CampaignId>> {
        if self.template.is_none() && self.step.is_none() {
            return None;
        }
        let mut only = words.with(self.template.as_deref(), self.step.as_deref());
        only.retain(|campaign| self.period.campaign.is_none_or(|asked| asked == *campaign));
        Some(only)
    }

    /// The groups of the campaign's codes.
    async fn codes(&self, db: &impl ConnectionTrait, shop: &Shop, words: &Words) -> Result<Groups, DbErr> {
        if self.only(words).is_some_and(|only| only.is_empty()) {
            return Ok(Groups::new());
        }
        let found = by_code::read(db, shop, &self.period).await?;
        let names = by_code::names(db, shop, found.keys().flatten().copied()).await?;
        let group = |(discount, sums): (Option<uuid::Uuid>, Sums)| match discount {
            None => (String::new(), ("Without a code".to_owned(), sums)),
            Some(id) => {
                let name = names.get(&id).cloned();
                (id.to_string(), (name.unwrap_or_else(|| "Codes of no discount that is known".to_owned()), sums))
            }
        };
        Ok(found.into_iter().map(group).collect())
    }
}

const OF_A_PART: &str = "What messages caused is told of the whole shop: small parts would show chance. Lift has reports of its own for them.";
const OF_THE_PAST: &str = "What messages caused is told as it is known today only.";
const NOT_KNOWN: &str = "Without a holdout, or before its gate, nothing is known of what messages caused.";

async fn caused(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    part: bool,
    now: Timestamp,
) -> Result<Result<Effect, &'static str>, DbErr> {
    if part || period.as_of.is_some() {
        return Ok(Err(if part { OF_A_PART } else { OF_THE_PAST }));
    }
    let found = incremental(db, shop, period, now).await?.and_then(|caused| Some((caused.money?, caused.measured)));
    let Some((money, measured)) = found else { return Ok(Err(NOT_KNOWN)) };
    let cost = price_of(db, shop, &measured).await?.map(|cost| cost.minor);
    Ok(Ok(Effect { value: money.value.minor, low: money.low.minor, high: money.high.minor, cost }))
}
