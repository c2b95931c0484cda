//! Abandoned checkouts that were completed: of those whose shoppers were written to, of those held out, by the age of the
//! cart. A checkout that lay an hour completes itself more often than one that lay three days; only the excess was brought.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use super::report::Question;
use super::view::Range;
use crate::attribution;
use crate::campaigns::{Arm, CAMPAIGN, CampaignId, Campaigns, DRAW, Draw, DrawColumn, Draws, Kind};
use crate::checkouts;
use crate::kernel::{Money, Timestamp};
use crate::orders;
use crate::shops::Shop;
use crate::stats;

/// Draws read at a time.
const PAGE: u64 = 1_000;

/// Ages of a cart, in hours up to which each reaches.
const AGES: [(i64, &str); 5] = [
    (2, "under 2 hours"),
    (12, "2 to 12 hours"),
    (24, "12 to 24 hours"),
    (72, "1 to 3 days"),
    (i64::MAX / 3_600, "3 days and more"),
];

/// Recovered checkouts of some days.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Recovery {
    /// In words.
    pub definition: &'static str,
    /// For how many days after the message, sent or not, an order completes its checkout.
    pub horizon_days: u32,
    /// Checkouts whose shoppers were written to.
    pub treated: Recovered,
    /// Checkouts whose shoppers were held out: what completes itself.
    pub held_out: Recovered,
    /// The excess of the share that was completed, carts of one age compared with each other; `null`: an arm is empty.
    pub excess: Option<Range>,
    /// The same in checkouts: what messages recovered, of those written to.
    pub incremental: Option<Range>,
    /// By the age of the cart.
    pub ages: Vec<RecoveryOfAge>,
    /// It in one sentence.
    pub sentence: String,
}

/// Checkouts and what became of them.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct Recovered {
    /// Checkouts whose horizon has closed.
    pub checkouts: u64,
    /// Those of them that were completed.
    pub completed: u64,
    /// Net sales of the orders that completed them.
    pub revenue: Money,
    /// The share that was completed, with its limits (Wilson); `null`: there are none.
    pub rate: Option<Range>,
}

/// Carts of one age.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RecoveryOfAge {
    /// How old: since the last step in the checkout when the message was due.
    pub age: &'static str,
    /// Of shoppers written to.
    pub treated: Recovered,
    /// Of shoppers held out.
    pub held_out: Recovered,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    all: usize,
    completed: usize,
    minor: i64,
}

/// Reads the abandoned checkouts whose message was due in the asked days, sent or not.
pub async fn recovery(db: &impl ConnectionTrait, shop: &Shop, question: &Question) -> Result<Recovery, DbErr> {
    let of_kind = Campaigns::of(shop.shop_id).filter(CAMPAIGN.kind.eq(Kind::AbandonedCheckout));
    let campaigns: Vec<CampaignId> = of_kind.all(db).await?.into_iter().map(|campaign| campaign.id).collect();
    let seconds = i64::from(question.horizon_days) * 86_400;
    let until = Ord::min(question.through.unwrap_or_default().plus_seconds(-seconds), question.until);
    let mut sums = [[Sum::default(); 2]; AGES.len()];
    let mut after = None;
    while !campaigns.is_empty() {
        let mut page = Draws::of(shop.shop_id)
            .filter(DRAW.campaign_id.is_in(campaigns.clone()))
            .filter(DRAW.by_program.eq(false))
            .filter(DrawColumn::CheckoutToken.is_not_null())
            .filter(DRAW.drawn_at.gte(question.from))
            .filter(DRAW.drawn_at.lte(until))
            .order_by_asc(DRAW.id)
            .limit(PAGE);
        if let Some(after) = after {
            page = page.filter(DRAW.id.gt(after));
        }
        let page: Vec<Draw> = page.all(db).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        add(db, shop, &page, seconds, &mut sums).await?;
    }
    Ok(told(shop, question, &sums))
}

async fn add(
    db: &impl ConnectionTrait,
    shop: &Shop,
    page: &[Draw],
    seconds: i64,
    sums: &mut [[Sum; 2]; AGES.len()],
) -> Result<(), DbErr> {
    let tokens: Vec<String> = page.iter().filter_map(|draw| draw.checkout_token.clone()).collect();
    let steps = checkouts::steps_of(db, shop.shop_id, tokens.clone()).await?;
    let completing = orders::Orders::of(shop.shop_id).filter(orders::OrderColumn::CheckoutToken.is_in(tokens));
    let completing = completing.all(db).await?;
    let ids: Vec<orders::OrderId> = completing.iter().map(|order| order.shopify_order_id).collect();
    let standing = attribution::standing(db, shop.shop_id, &ids).await?;
    let standing = standing.iter().filter(|conversion| super::measure::counts(conversion.line));
    let worth: HashMap<orders::OrderId, i64> =
        standing.map(|conversion| (conversion.shopify_order_id, conversion.net_minor)).collect();
    let mut of_token: BTreeMap<&str, Vec<(Timestamp, i64)>> = BTreeMap::new();
    for order in &completing {
        let (Some(token), Some(net)) = (&order.checkout_token, worth.get(&order.shopify_order_id)) else { continue };
        of_token.entry(token).or_default().push((order.ordered_at, *net));
    }
    for draw in page {
        let Some(token) = &draw.checkout_token else { continue };
        let worked_on = steps.get(token).and_then(|steps| steps.iter().rfind(|step| **step <= draw.drawn_at));
        let hours = worked_on.map_or(0, |step| draw.drawn_at.seconds_since(*step) / 3_600);
        let age = AGES.iter().position(|(until, _)| hours < *until).unwrap_or(AGES.len() - 1);
        let within = |(at, _): &&(Timestamp, i64)| *at >= draw.drawn_at && at.seconds_since(draw.drawn_at) < seconds;
        let orders = of_token.get(token.as_str()).into_iter().flatten().filter(within);
        let (count, minor) = orders.fold((0, 0), |(count, sum), (_, net)| (count + 1, sum + net));
        let sum = &mut sums[age][usize::from(draw.arm == Arm::Nothing)];
        sum.all += 1;
        sum.completed += usize::from(count > 0);
        sum.minor += minor;
    }
    Ok(())
}

fn told(shop: &Shop, question: &Question, sums: &[[Sum; 2]; AGES.len()]) -> Recovery {
    let recovered = |sum: Sum| Recovered {
        checkouts: sum.all as u64,
        completed: sum.completed as u64,
        revenue: Money::new(sum.minor, shop.money()),
        rate: stats::wilson(sum.completed, sum.all, 0.05).map(|(low, high)| {
            #[expect(clippy::cast_precision_loss, reason = "a rate")]
            let value = sum.completed as f64 / sum.all as f64;
            Range { value, low, high }
        }),
    };
    let whole = |arm: usize| {
        sums.iter().map(|age| age[arm]).fold(Sum::default(), |sum, one| Sum {
            all: sum.all + one.all,
            completed: sum.completed + one.completed,
            minor: sum.minor + one.minor,
        })
    };
    let (treated, held_out) = (recovered(whole(0)), recovered(whole(1)));
    let strata: Vec<(stats::Hits, stats::Hits)> =
        sums.iter().map(|[treated, held]| ((held.completed, held.all), (treated.completed, treated.all))).collect();
    let excess = stats::strata(&strata, 0.05).ok().map(|strata| Range::from(strata.interval));
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let n = treated.checkouts as f64;
    let incremental =
        excess.map(|excess| Range { value: excess.value * n, low: excess.low * n, high: excess.high * n });
    let ages = AGES.iter().zip(sums).filter(|(_, [treated, held])| treated.all + held.all > 0);
    Recovery {
        definition: "Checkouts whose message was due in these days, sent or held back, and that an order completed within the horizon after that; only the excess over those held back is incremental.",
        horizon_days: question.horizon_days,
        sentence: sentence(&treated, &held_out, incremental),
        treated,
        held_out,
        excess,
        incremental,
        ages: ages
            .map(|((_, age), [treated, held])| RecoveryOfAge {
                age,
                treated: recovered(*treated),
                held_out: recovered(*held),
            })
            .collect(),
    }
}

fn sentence(treated: &Recovered, held_out: &Recovered, incremental: Option<Range>) -> String {
    let Some(found) = incremental.filter(|_| held_out.checkouts > 0) else {
        return "Nobody's checkout was held back, so what completes itself is not known: leave a share of them alone to see it.".to_owned();
    };
    let all = format!("{} of {} checkouts were completed after a message", treated.completed, treated.checkouts);
    if found.low > 0.0 {
        format!(
            "{all}; between {:.0} and {:.0} of them would not have been without it.",
            found.low.floor(),
            found.high.ceil()
        )
    } else {
        format!("{all}; whether messages recovered any cannot be told from what completes itself.")
    }
}
