//! What an order was worth, from which instant on: its stages, from its facts alone. Shopify's own book of sales decides
//! what it was worth where it is known, what its webhooks told where it is not ([`Source`]).

use super::line::Line;
use super::policy::Basis;
use crate::kernel::{Currency, Money, Timestamp};
use crate::orders::{Agreement, Facts, Parts, Source, Version};

/// One stage of an order's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// From this instant on, until the next stage.
    pub effective_at: Timestamp,
    /// Where it stands, before anybody asks about evidence: paid orders are [`Line::Unattributed`] here.
    pub line: Line,
    /// Its part of net sales, minor units: the basis `net_sales`.
    pub net: i64,
    /// Its part of total sales, net with shipping, taxes and duties: the basis `total_sales`.
    pub total: i64,
    /// What is left out of net sales on this line (subscription renewals).
    pub left_out: i64,
    /// What is left out of total sales on this line.
    pub left_out_total: i64,
    /// Tips that were kept, left out.
    pub tips: i64,
    /// Gift cards that were kept, left out.
    pub gift_cards: i64,
    /// Duties, left out of net sales.
    pub duties: i64,
    /// The shop's own fees and those of returns, left out.
    pub fees: i64,
    /// The part of what came off `net` that stands on no line: goodwill, less what has not been paid back (yet).
    pub adjustments: i64,
    /// Who says what it was worth.
    pub source: Source,
    /// What happened, in words.
    pub why: String,
}

impl Stage {
    /// What it counts and what is left out of it, by a basis.
    pub const fn worth(&self, basis: Basis) -> (i64, i64) {
        match basis {
            Basis::NetSales => (self.net, self.left_out),
            Basis::TotalSales => (self.total, self.left_out_total),
        }
    }
}

/// The stages of an order in the currency its shop counts in, oldest first; equal neighbours are one stage. At least one for every order with a version.
pub fn stages(facts: &Facts, currency: Currency) -> Vec<Stage> {
    let start = facts.order.ordered_at;
    let source = facts.source();
    let mut instants = vec![start];
    instants.extend(facts.versions.iter().map(|version| version.updated_at));
    instants.extend(facts.versions.iter().filter_map(|version| version.cancelled_at));
    match source {
        Source::Sales => instants.extend(facts.sales.iter().map(|sale| sale.counts_from(start))),
        Source::Payload(_) => instants.extend(facts.refunds.iter().map(|refund| refund.at)),
    }
    instants.retain(|at| *at >= start);
    instants.sort();
    instants.dedup();
    let mut stages: Vec<Stage> = Vec::new();
    for at in instants {
        let Some(stage) = stage_at(facts, source, at, currency) else { continue };
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

fn stage_at(facts: &Facts, source: Source, at: Timestamp, currency: Currency) -> Option<Stage> {
    let version = facts.version_at(at)?;
    let parts = if source == Source::Sales { facts.parts_sold(at) } else { facts.parts_told(at) };
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
    let renewal = line == Line::SubscriptionRenewals;
    let counted =
        if matches!(line, Line::Test | Line::Cancelled | Line::OtherCurrency) { Parts::default() } else { parts };
    let [net, total] = if renewal { [0, 0] } else { [counted.net(), counted.total_sales()] };
    Some(Stage {
        effective_at: at,
        line,
        net,
        total,
        left_out: counted.net() - net,
        left_out_total: counted.total_sales() - total,
        tips: counted.tips,
        gift_cards: counted.gift_cards,
        duties: counted.duties,
        fees: counted.fees,
        adjustments: counted.adjustments,
        source,
        why: why(facts, source, version, line, parts.returns, at),
    })
}

fn why(facts: &Facts, source: Source, version: &Version, line: Line, returns: i64, at: Timestamp) -> String {
    let start = facts.order.ordered_at;
    let sold =
        |kind: Agreement| facts.sales.iter().any(|sale| sale.agreement() == kind && sale.counts_from(start) == at);
    let refunded = match source {
        Source::Sales => sold(Agreement::Back),
        Source::Payload(_) => facts.refunds.iter().any(|refund| refund.at == at),
    };
    match line {
        Line::Test => "a test order".into(),
        Line::Cancelled => "the order was cancelled".into(),
        Line::OtherCurrency => format!("ordered in {}, which the shop does not count in", facts.order.currency),
        Line::Pending => "ordered, not paid yet".into(),
        _ if refunded => {
            let money = Currency::parse(&facts.order.currency)
                .map(|currency| format!("{} {currency}", Money::new(returns, currency).decimal()));
            format!("refunded {} in all", money.unwrap_or_default())
        }
        _ if at == start => "ordered".into(),
        _ if version.updated_at == at && version.paid() => "paid, or changed by the shop".into(),
        _ => "changed by the shop".into(),
    }
}

#[cfg(test)]
mod tests;
