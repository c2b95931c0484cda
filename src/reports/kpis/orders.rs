//! Attributed orders by campaign and stretch, and messages with one: as they are counted, or else from the stages themselves.

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbErr};

use super::raw;
use super::sums::{Parts, Stretches};
use crate::attribution::{BOUGHT, CAMPAIGN_SALES, OfMessages, Sold, at_day};
use crate::campaigns::CampaignId;
use crate::db::counts;
use crate::kernel::Timestamp;
use crate::reports::period::Period;
use crate::reports::totals::is_of_now;
use crate::shops::Shop;

/// Orders and their net sales.
type Bought = (i64, i64);

/// Adds them to what is counted of messages.
pub(super) async fn add(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    (stretches, bounds): (&Stretches, &[Timestamp]),
    parts: &mut Parts,
) -> Result<(), DbErr> {
    let of_now = is_of_now(period);
    let of_these = if of_now { counts::read_each(db, shop.shop_id, BOUGHT, bounds).await? } else { None };
    let days: Vec<Timestamp> = stretches.days.iter().map(|day| at_day(*day)).collect();
    let placed = if of_now { counts::read_each(db, shop.shop_id, CAMPAIGN_SALES, &days).await? } else { None };
    let Some((of_these, placed)) = of_these.zip(placed) else {
        return add_raw(db, shop, period, (stretches, bounds), parts).await;
    };
    let mut of_these_messages: BTreeMap<(usize, CampaignId), Bought> = BTreeMap::new();
    for (n, (line, of)) in numbered(of_these) {
        let line = OfMessages::read(&line)?;
        if line.policy != period.policy.name {
            continue;
        }
        match line.ordered_on() {
            None => parts.entry((n, line.campaign)).or_default().ordered += of.of("messages"),
            Some(day) if day >= period.from && day <= period.to => {
                more(of_these_messages.entry((n, line.campaign)).or_default(), (of.of("orders"), of.of("net")));
            }
            Some(_) => {}
        }
    }
    let mut placed_then: BTreeMap<(usize, CampaignId), Bought> = BTreeMap::new();
    for (n, (line, of)) in numbered(placed) {
        let sold = Sold::read(&line)?;
        let asked = sold.policy == period.policy.name && sold.line()?.credited();
        if let Some(campaign) = sold.campaign.filter(|_| asked) {
            more(placed_then.entry((n, campaign)).or_default(), (of.of("orders"), of.of("net")));
        }
    }
    if !stretches.by_message {
        put(parts, placed_then);
        return Ok(());
    }
    // What is of none of these messages is of earlier ones.
    let mut earlier: BTreeMap<(usize, CampaignId), Bought> = BTreeMap::new();
    for ((_, campaign), bought) in &placed_then {
        more(earlier.entry((bounds.len() - 1, *campaign)).or_default(), *bought);
    }
    for ((_, campaign), (orders, net)) in &of_these_messages {
        more(earlier.entry((bounds.len() - 1, *campaign)).or_default(), (-orders, -net));
    }
    put(parts, of_these_messages);
    put(parts, earlier);
    Ok(())
}

/// Lines with the number of their stretch.
fn numbered<T>(each: Vec<BTreeMap<String, T>>) -> impl Iterator<Item = (usize, (String, T))> {
    each.into_iter().enumerate().flat_map(|(n, lines)| lines.into_iter().map(move |line| (n, line)))
}

fn more(sum: &mut Bought, (orders, net): Bought) {
    *sum = (sum.0 + orders, sum.1 + net);
}

fn put(parts: &mut Parts, bought: BTreeMap<(usize, CampaignId), Bought>) {
    for (place, (orders, net)) in bought.into_iter().filter(|(_, bought)| *bought != (0, 0)) {
        let sums = parts.entry(place).or_default();
        (sums.orders, sums.net) = (sums.orders + orders, sums.net + net);
    }
}

/// The same of the past, of rules that are not counted by, and before anything is counted.
async fn add_raw(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    (stretches, bounds): (&Stretches, &[Timestamp]),
    parts: &mut Parts,
) -> Result<(), DbErr> {
    let within = |at: Timestamp| bounds.partition_point(|bound| *bound <= at).saturating_sub(1);
    for row in raw::ordered(db, shop.shop_id, period).await? {
        parts.entry((within(row.at()), row.campaign_id)).or_default().ordered += row.amount;
    }
    let mut bought: BTreeMap<(usize, CampaignId), Bought> = BTreeMap::new();
    if stretches.by_message {
        for row in raw::bought(db, shop.shop_id, period).await? {
            // What goes back to a message that is gone, or made before, is of none of the stretches.
            let n = row.issued_at().filter(|at| *at >= bounds[0]).map_or(bounds.len() - 1, within);
            more(bought.entry((n, row.campaign_id)).or_default(), (row.orders, row.net));
        }
    } else {
        for row in raw::placed(db, shop.shop_id, period).await? {
            let Some(n) = stretches.of_day(row.ordered_on) else { continue };
            more(bought.entry((n, row.campaign_id)).or_default(), (row.orders, row.net));
        }
    }
    put(parts, bought);
    Ok(())
}
