//! What an order was worth, from which instant on: its stages, from its facts alone.

use super::line::Line;
use super::policy::Basis;
use crate::kernel::{Currency, Money, Timestamp};
use crate::orders::{Facts, Refund, Version, net_sales};

/// One stage of an order's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// From this instant on, until the next stage.
    pub effective_at: Timestamp,
    /// Where it stands, before anybody asks about evidence: paid orders are [`Line::Unattributed`] here.
    pub line: Line,
    /// Its part of net sales, minor units.
    pub net: i64,
    /// The same with shipping, taxes and duties.
    pub total: i64,
    /// Whether it is left out of what the shop sold (subscription renewals): then `net` and `total` say how much that is.
    pub left_out: bool,
    /// Tips that were kept, left out.
    pub tips: i64,
    /// Gift cards that were kept, left out.
    pub gift_cards: i64,
    /// What happened, in words.
    pub why: String,
}

impl Stage {
    /// What it counts and what is left out of it, by a basis.
    pub const fn worth(&self, basis: Basis) -> (i64, i64) {
        let all = match basis {
            Basis::NetSales => self.net,
            Basis::TotalSales => self.total,
        };
        if self.left_out { (0, all) } else { (all, 0) }
    }
}

/// The stages of an order in the currency its shop counts in, oldest first; equal neighbours are one stage. At least one for every order with a version.
pub fn stages(facts: &Facts, currency: Currency) -> Vec<Stage> {
    let start = facts.order.ordered_at;
    let mut instants = vec![start];
    instants.extend(facts.versions.iter().map(|version| version.updated_at));
    instants.extend(facts.refunds.iter().map(|refund| refund.at));
    instants.extend(facts.versions.iter().filter_map(|version| version.cancelled_at));
    instants.retain(|at| *at >= start);
    instants.sort();
    instants.dedup();
    let mut stages: Vec<Stage> = Vec::new();
    for at in instants {
        let Some(stage) = stage_at(facts, at, currency) else { continue };
        let same = stages.last().is_some_and(|last| {
            Stage { effective_at: at, why: last.why.clone(), ..stage.clone() }
                == Stage { effective_at: at, ..last.clone() }
        });
        if !same {
            stages.push(stage);
        }
    }
    stages
}

fn stage_at(facts: &Facts, at: Timestamp, currency: Currency) -> Option<Stage> {
    let version = version_at(&facts.versions, at)?;
    let returns: i64 = facts.refunds.iter().filter(|refund| refund.at <= at).map(|refund| refund.goods_minor).sum();
    let amounts = version.amounts();
    let net = net_sales(amounts, returns);
    let back = |of: fn(&Refund) -> i64| facts.refunds.iter().filter(|refund| refund.at <= at).map(of).sum::<i64>();
    let cancelled = facts.versions.iter().filter_map(|version| version.cancelled_at).any(|cancelled| cancelled <= at);
    let paid = facts
        .versions
        .iter()
        .any(|version| version.paid() && (version.updated_at <= at || Some(version) == facts.versions.first()));
    let line = match () {
        () if version.test => Line::Test,
        () if Currency::parse(&facts.order.currency) != Some(currency) => Line::OtherCurrency,
        () if cancelled => Line::Cancelled,
        () if facts.order.source_name.starts_with("subscription_contract") => Line::SubscriptionRenewals,
        () if !paid => Line::Pending,
        () => Line::Unattributed,
    };
    let beside = |refund: &Refund| refund.shipping_minor + refund.tax_minor + refund.charges_minor;
    let total = net + amounts.shipping + amounts.tax + amounts.duties + amounts.fees - back(beside);
    let counts = !matches!(line, Line::Test | Line::Cancelled | Line::OtherCurrency);
    Some(Stage {
        effective_at: at,
        line,
        net: if counts { net } else { 0 },
        total: if counts { total } else { 0 },
        left_out: line == Line::SubscriptionRenewals,
        tips: if counts { version.tips_minor - back(|refund| refund.tips_minor) } else { 0 },
        gift_cards: if counts { version.gift_cards_minor - back(|refund| refund.gift_cards_minor) } else { 0 },
        why: why(facts, version, line, returns, at),
    })
}

/// The newest state at an instant. The first one we heard of stands for everything before it.
fn version_at(versions: &[Version], at: Timestamp) -> Option<&Version> {
    versions.iter().rev().find(|version| version.updated_at <= at).or_else(|| versions.first())
}

fn why(facts: &Facts, version: &Version, line: Line, returns: i64, at: Timestamp) -> String {
    match line {
        Line::Test => "a test order".into(),
        Line::Cancelled => "the order was cancelled".into(),
        Line::OtherCurrency => format!("ordered in {}, which the shop does not count in", facts.order.currency),
        Line::Pending => "ordered, not paid yet".into(),
        _ if facts.refunds.iter().any(|refund| refund.at == at) => {
            let money = Currency::parse(&facts.order.currency)
                .map(|currency| format!("{} {currency}", Money::new(returns, currency).decimal()));
            format!("refunded {} in all", money.unwrap_or_default())
        }
        _ if at == facts.order.ordered_at => "ordered".into(),
        _ if version.updated_at == at && version.paid() => "paid, or changed by the shop".into(),
        _ => "changed by the shop".into(),
    }
}
