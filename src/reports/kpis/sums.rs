//! What indicators divide, counted by campaign and by stretch of the period.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr};

use super::raw;
use crate::attribution::{BOUGHT, CAMPAIGN_SALES, OfMessages, Sold, at_day};
use crate::campaigns::CampaignId;
use crate::db::counts;
use crate::kernel::{Day, Timestamp};
use crate::links::classify::hit_counts_each;
use crate::messages::{self, RateCard};
use crate::reports::costs::Spent;
use crate::reports::opt_outs::laid;
use crate::reports::period::Period;
use crate::reports::totals::is_of_now;
use crate::shops::Shop;

/// Some messages, and the orders that go back to them.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    pub(super) messages: i64,
    pub(super) sent: i64,
    pub(super) delivered: i64,
    pub(super) read: i64,
    /// Delivered to somebody known to send receipts.
    pub(super) senders_delivered: i64,
    /// Read by them.
    pub(super) senders_read: i64,
    /// With a tap of a person's.
    pub(super) clicked: i64,
    /// Delivered with a code.
    pub(super) coded: i64,
    /// With a code that an order used.
    pub(super) redeemed: i64,
    /// With an attributed order, whenever it came.
    pub(super) ordered: i64,
    pub(super) opt_outs: i64,
    /// Attributed orders of the period.
    pub(super) orders: i64,
    /// Their net sales.
    pub(super) net: i64,
    pub(super) spent: Spent,
}

impl Sums {
    pub(super) fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.sent += other.sent;
        self.delivered += other.delivered;
        self.read += other.read;
        self.senders_delivered += other.senders_delivered;
        self.senders_read += other.senders_read;
        self.clicked += other.clicked;
        self.coded += other.coded;
        self.redeemed += other.redeemed;
        self.ordered += other.ordered;
        self.opt_outs += other.opt_outs;
        self.orders += other.orders;
        self.net += other.net;
        self.spent.extend(&other.spent);
    }
}

/// How a period is divided.
pub(super) struct Stretches {
    /// The first day of each, and the day after the last.
    pub(super) days: Vec<Day>,
    /// Orders are those of each stretch's messages, and not those placed in it; what goes back to messages made before the
    /// first comes in a stretch of its own, behind the last.
    pub(super) by_message: bool,
}

impl Stretches {
    /// The whole period.
    pub(super) fn whole(period: &Period) -> Self {
        Self { days: vec![period.from, period.to.next()], by_message: false }
    }

    fn of_day(&self, day: Day) -> Option<usize> {
        self.days.partition_point(|first| *first <= day).checked_sub(1).filter(|n| n + 1 < self.days.len())
    }
}

/// What was counted of a campaign in a stretch.
pub(super) type Parts = BTreeMap<(usize, CampaignId), Sums>;

/// Everything that indicators divide; only of some campaigns, if they are named.
pub(super) async fn read(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    stretches: &Stretches,
    only: Option<&BTreeSet<CampaignId>>,
) -> Result<Parts, DbErr> {
    let bounds: Vec<Timestamp> = stretches.days.iter().map(|day| day.start(shop.zone())).collect();
    let within = |at: Timestamp| bounds.partition_point(|bound| *bound <= at).saturating_sub(1);
    let mut parts = Parts::new();
    for (n, of) in messages::steps_each(db, shop.shop_id, &bounds).await?.into_iter().enumerate() {
        for (campaign, steps) in of {
            let sums = parts.entry((n, campaign)).or_default();
            (sums.messages, sums.sent, sums.delivered) = (steps.issued, steps.sent, steps.delivered);
            (sums.read, sums.coded) = (steps.read, steps.coded);
        }
    }
    match hit_counts_each(db, shop.shop_id, &bounds).await? {
        Some(each) => {
            for (n, of) in each.into_iter().enumerate() {
                of.into_iter().for_each(|(id, hits)| parts.entry((n, id)).or_default().clicked += hits.clicked);
            }
        }
        None => {
            for row in raw::clicked(db, shop.shop_id, period).await? {
                parts.entry((within(row.at()), row.campaign_id)).or_default().clicked += row.amount;
            }
        }
    }
    let card = RateCard::of(db, shop.shop_id).await?;
    for (n, of) in messages::charges_each(db, shop, &bounds).await?.into_iter().enumerate() {
        for (charge, messages) in of {
            parts.entry((n, charge.campaign)).or_default().spent.add(&charge, messages, &card);
        }
    }
    for row in raw::receipts(db, shop.shop_id, period, bounds.len() > 2).await? {
        let sums = parts.entry((within(row.at()), row.campaign_id)).or_default();
        sums.senders_delivered += row.amount;
        sums.senders_read += row.other;
    }
    for row in raw::redeemed(db, shop.shop_id, period, bounds.len() > 2).await? {
        parts.entry((within(row.at()), row.campaign_id)).or_default().redeemed += row.amount;
    }
    for laid in laid(db, shop.shop_id, period).await? {
        parts.entry((within(laid.issued_at), laid.campaign)).or_default().opt_outs += 1;
    }
    orders(db, shop, period, stretches, &bounds, &mut parts).await?;
    if let Some(only) = only {
        parts.retain(|(_, campaign), _| only.contains(campaign));
    }
    Ok(parts)
}

/// Attributed orders, and messages with one: as they are counted, or else from the stages themselves.
async fn orders(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    stretches: &Stretches,
    bounds: &[Timestamp],
    parts: &mut Parts,
) -> Result<(), DbErr> {
    let within = |at: Timestamp| bounds.partition_point(|bound| *bound <= at).saturating_sub(1);
    let counted = if is_of_now(period) { counts::read_each(db, shop.shop_id, BOUGHT, bounds).await? } else { None };
    match counted {
        Some(each) => {
            for (n, (line, of)) in
                each.into_iter().enumerate().flat_map(|(n, of)| of.into_iter().map(move |of| (n, of)))
            {
                let line = OfMessages::read(&line)?;
                if line.policy == period.policy.name && line.ordered_on().is_none() {
                    parts.entry((n, line.campaign)).or_default().ordered += of.of("messages");
                }
            }
        }
        None => {
            for row in raw::ordered(db, shop.shop_id, period).await? {
                parts.entry((within(row.at()), row.campaign_id)).or_default().ordered += row.amount;
            }
        }
    }
    if stretches.by_message {
        for row in raw::bought(db, shop.shop_id, period).await? {
            // What goes back to a message that is gone, or made before, is of none of the stretches.
            let n = row.issued_at().filter(|at| *at >= bounds[0]).map_or(bounds.len() - 1, within);
            let sums = parts.entry((n, row.campaign_id)).or_default();
            (sums.orders, sums.net) = (sums.orders + row.orders, sums.net + row.net);
        }
        return Ok(());
    }
    let days: Vec<Timestamp> = stretches.days.iter().map(|day| at_day(*day)).collect();
    let counted =
        if is_of_now(period) { counts::read_each(db, shop.shop_id, CAMPAIGN_SALES, &days).await? } else { None };
    match counted {
        Some(each) => {
            for (n, (line, of)) in
                each.into_iter().enumerate().flat_map(|(n, of)| of.into_iter().map(move |of| (n, of)))
            {
                let sold = Sold::read(&line)?;
                let asked = sold.policy == period.policy.name && sold.line()?.credited();
                if let Some(campaign) = sold.campaign.filter(|_| asked) {
                    let sums = parts.entry((n, campaign)).or_default();
                    (sums.orders, sums.net) = (sums.orders + of.of("orders"), sums.net + of.of("net"));
                }
            }
        }
        None => {
            for row in raw::placed(db, shop.shop_id, period).await? {
                let Some(n) = stretches.of_day(row.ordered_on) else { continue };
                let sums = parts.entry((n, row.campaign_id)).or_default();
                (sums.orders, sums.net) = (sums.orders + row.orders, sums.net + row.net);
            }
        }
    }
    Ok(())
}
