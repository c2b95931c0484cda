//! What messages cost, and who says so.
//!
//! 1. Amounts are sums of what single messages cost, to the digit, each currency by itself: nothing is converted.
//! 2. A message whose price nobody knows is counted as missing, with what its rate would have to be for. It is in no sum.

use std::collections::BTreeMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter};
use serde::Serialize;

use super::orders::Named;
use super::period::Period;
use crate::campaigns::{CAMPAIGN, CampaignId, Campaigns};
use crate::db::counts;
use crate::kernel::{Currency, Day, Money, Price, Timestamp};
use crate::lift::Measured;
use crate::messages::{self, Charge, CostSource, Costing, RateCard};
use crate::shops::Shop;

/// Messages that cost something.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Charged {
    /// How many.
    messages: i64,
    /// What they cost, a sum for each currency.
    amounts: Vec<Price>,
}

/// Messages by where their price comes from. The four counts sum to `messages`.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct CostsBySource {
    /// All messages of the period.
    messages: i64,
    /// Told with a status, by Meta (an estimate of its own, the invoice may differ slightly) or by the platform.
    reported: Charged,
    /// By the shop's own rates.
    rate_table: Charged,
    /// Did not arrive, or WhatsApp says that they are free.
    not_charged: i64,
    /// Arrived, and nobody knows the price: in no sum.
    rate_missing: i64,
    /// Messages priced or missing as marketing because nobody told their category.
    category_assumed: i64,
    /// What is known to have been paid, a sum for each currency.
    total: Vec<Price>,
    /// Whether every price is known; else `total` is a lower bound.
    complete: bool,
}

/// A campaign's messages.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignCosts {
    campaign: Named,
    #[serde(flatten)]
    costs: CostsBySource,
}

/// A rate the shop's table lacks.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct MissingRate {
    /// Country of the recipients' numbers; `null`: not known.
    country: Option<String>,
    /// WhatsApp's category, or `marketing` where nobody told.
    category: String,
    /// Messages that need it.
    messages: i64,
}

/// What the messages of a period cost.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Costs {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    #[serde(flatten)]
    costs: CostsBySource,
    /// Rates that the shop's table lacks, those most needed first.
    missing: Vec<MissingRate>,
    campaigns: Vec<CampaignCosts>,
}

/// What some messages cost, for whoever divides by it.
#[derive(Clone, Debug, Default)]
pub(super) struct Spent {
    sums: BTreeMap<Currency, Price>,
    missing: i64,
}

impl Spent {
    /// Messages that are charged alike.
    pub(super) fn add(&mut self, charge: &Charge, messages: i64, card: &RateCard) {
        let priced = costing(charge).price(card);
        self.missing += if priced.source == CostSource::RateMissing { messages } else { 0 };
        if let Some(cost) = priced.price.and_then(|price| price.times(messages)) {
            grow(&mut self.sums, cost);
        }
    }

    /// What others cost as well.
    pub(super) fn extend(&mut self, other: &Self) {
        self.missing += other.missing;
        other.sums.values().for_each(|cost| grow(&mut self.sums, *cost));
    }

    /// What all of them cost, to the minor unit, if every price is known and in this currency.
    pub(super) fn whole_in(&self, currency: Currency) -> Option<Money> {
        let mut sums = self.sums.values();
        match (sums.next(), sums.next()) {
            _ if self.missing != 0 => None,
            (None, _) => Some(Money::new(0, currency)),
            (Some(one), None) if one.currency() == currency => Money::nearest(&one.decimal(), currency).ok(),
            _ => None,
        }
    }
}

/// Sums of one kind of costs while they are counted.
#[derive(Default)]
struct Counted {
    costs: CostsBySource,
    reported: BTreeMap<Currency, Price>,
    rate_table: BTreeMap<Currency, Price>,
}

/// Reads what messages cost.
pub async fn costs(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<Costs, DbErr> {
    let card = RateCard::of(db, shop.shop_id).await?;
    let mut whole = Counted::default();
    let mut campaigns: BTreeMap<CampaignId, Counted> = BTreeMap::new();
    let mut missing: BTreeMap<(Option<String>, String), i64> = BTreeMap::new();
    let charges = messages::charges(db, shop, period.instants).await?;
    let charges = charges.iter().filter(|(charge, _)| period.campaign.is_none_or(|only| only == charge.campaign));
    for (charge, messages) in charges {
        let costing = costing(charge);
        let priced = costing.price(&card);
        for counted in [&mut whole, campaigns.entry(charge.campaign).or_default()] {
            counted.add(priced.source, priced.price, *messages);
            counted.costs.category_assumed += if priced.category_assumed { *messages } else { 0 };
        }
        if priced.source == CostSource::RateMissing {
            *missing.entry((charge.country.clone(), costing.category().to_owned())).or_default() += messages;
        }
    }
    let named = Campaigns::of(shop.shop_id).filter(CAMPAIGN.id.is_in(campaigns.keys().copied())).all(db).await?;
    let mut lines: Vec<CampaignCosts> = named
        .into_iter()
        .filter_map(|campaign| {
            let costs = campaigns.remove(&campaign.id)?.close();
            Some(CampaignCosts { campaign: Named { id: campaign.id, name: campaign.name }, costs })
        })
        .collect();
    lines.sort_by_key(|line| (std::cmp::Reverse(line.costs.messages), line.campaign.id));
    let mut missing: Vec<MissingRate> = missing
        .into_iter()
        .map(|((country, category), messages)| MissingRate { country, category, messages })
        .collect();
    missing.sort_by_key(|rate| std::cmp::Reverse(rate.messages));
    Ok(Costs { from: period.from, to: period.to, costs: whole.close(), missing, campaigns: lines })
}

/// What a price is found by.
fn costing(charge: &Charge) -> Costing<'_> {
    Costing {
        told: charge.told(),
        arrived_on: charge.arrived_on(),
        country: charge.country.as_deref(),
        category: charge.category.as_deref(),
        kind: None,
    }
}

/// What the messages cost whose effect was measured, to the minor unit, if every price is known and in the shop's currency.
pub async fn price_of(db: &impl ConnectionTrait, shop: &Shop, measured: &Measured) -> Result<Option<Money>, DbErr> {
    let card = RateCard::of(db, shop.shop_id).await?;
    let mut whole = Spent::default();
    for part in by_quarters(measured.between) {
        for (charge, messages) in messages::charges(db, shop, part).await? {
            if measured.campaigns.as_ref().is_none_or(|only| only.contains(&charge.campaign)) {
                whole.add(&charge, messages, &card);
            }
        }
    }
    Ok(whole.whole_in(shop.money()))
}

/// Whole quarters of an hour, which are counted, and what is left of one at either end.
fn by_quarters((from, until): (Timestamp, Timestamp)) -> impl Iterator<Item = (Timestamp, Timestamp)> {
    let at = Timestamp::from_micros;
    let last = at(counts::quarter(until.micros()));
    let first = Ord::min(at(counts::quarter(from.micros() + counts::QUARTER - 1)), until);
    [(from, first), (first, last), (Ord::max(first, last), until)].into_iter().filter(|(from, until)| from < until)
}

impl Counted {
    fn add(&mut self, source: CostSource, price: Option<Price>, messages: i64) {
        self.costs.messages += messages;
        match source {
            CostSource::Reported => self.costs.reported.messages += messages,
            CostSource::RateTable => self.costs.rate_table.messages += messages,
            CostSource::NotCharged => self.costs.not_charged += messages,
            CostSource::RateMissing => self.costs.rate_missing += messages,
        }
        let sums = if source == CostSource::Reported { &mut self.reported } else { &mut self.rate_table };
        if let Some(cost) = price.and_then(|price| price.times(messages)) {
            grow(sums, cost);
        }
    }

    fn close(self) -> CostsBySource {
        let mut total = self.reported.clone();
        self.rate_table.values().for_each(|cost| grow(&mut total, *cost));
        let mut costs = self.costs;
        costs.complete = costs.rate_missing == 0;
        costs.reported.amounts = self.reported.into_values().collect();
        costs.rate_table.amounts = self.rate_table.into_values().collect();
        costs.total = total.into_values().collect();
        costs
    }
}

fn grow(sums: &mut BTreeMap<Currency, Price>, cost: Price) {
    let sum = sums.entry(cost.currency());
    sum.and_modify(|known| *known = known.plus(cost).unwrap_or(*known)).or_insert(cost);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_of_time_falls_into_whole_quarters_and_two_ends() {
        let at = Timestamp::from_seconds;
        let parts = |from, until| by_quarters((at(from), at(until))).collect::<Vec<_>>();
        assert_eq!(parts(900, 2_700), [(at(900), at(2_700))]);
        assert_eq!(parts(100, 2_800), [(at(100), at(900)), (at(900), at(2_700)), (at(2_700), at(2_800))]);
        assert_eq!(parts(100, 200), [(at(100), at(200))]);
        assert_eq!(parts(100, 1_000), [(at(100), at(900)), (at(900), at(1_000))]);
        assert_eq!(parts(900, 900), []);
        assert_eq!(parts(950, 910), []);
    }
}
