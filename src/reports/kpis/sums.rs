//! What indicators divide, counted by campaign and by stretch of the period.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr};

use super::{orders, raw};
use crate::campaigns::CampaignId;
use crate::kernel::{Day, Timestamp};
use crate::links::classify::hit_counts_each;
use crate::messages::{self, RateCard};
use crate::reports::costs::Spent;
use crate::reports::opt_outs::laid;
use crate::reports::period::Period;
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
    /// With a hit of any kind.
    pub(super) hit: i64,
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
        self.hit += other.hit;
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

    /// The stretch a day lies in.
    pub(super) fn of_day(&self, day: Day) -> Option<usize> {
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
            (sums.read, sums.coded, sums.redeemed) = (steps.read, steps.coded, steps.redeemed);
        }
    }
    match hit_counts_each(db, shop.shop_id, &bounds).await? {
        Some(each) => {
            for (n, (campaign, hits)) in
                each.into_iter().enumerate().flat_map(|(n, of)| of.into_iter().map(move |of| (n, of)))
            {
                let sums = parts.entry((n, campaign)).or_default();
                (sums.clicked, sums.hit) = (hits.clicked, hits.clicked_raw);
            }
        }
        None => {
            for row in raw::clicked(db, shop.shop_id, period).await? {
                let sums = parts.entry((within(row.at()), row.campaign_id)).or_default();
                (sums.clicked, sums.hit) = (sums.clicked + row.amount, sums.hit + row.other);
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
    for laid in laid(db, shop.shop_id, period).await? {
        parts.entry((within(laid.issued_at), laid.campaign)).or_default().opt_outs += 1;
    }
    orders::add(db, shop, period, (stretches, &bounds), &mut parts).await?;
    if let Some(only) = only {
        parts.retain(|(_, campaign), _| only.contains(campaign));
    }
    Ok(parts)
}
