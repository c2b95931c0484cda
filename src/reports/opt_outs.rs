//! Who wanted no more marketing after a message.
//!
//! 1. A person counts once a period, however often and under whatever address they say it.
//! 2. The rate is of the first stop within 72 hours of a message that arrived, laid to the latest such message before it;
//!    beside it stand all stops, for people also stop long after, or before any message of ours.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::Serialize;

use super::orders::Named;
use super::period::Period;
use crate::campaigns::{CAMPAIGN, CampaignId, Campaigns};
use crate::codes::RedeemCodeId;
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Timestamp};
use crate::messages::{self, Message, MessageColumn, Messages};
use crate::people::{
    self, Address, AddressKind, Choice, OptOut, Pairs, RECIPIENT, Recipient, RecipientColumn, RecipientId, Recipients,
    WishSource,
};
use crate::shops::Shop;
use crate::stats::wilson;

/// How long after a message a stop is laid to it.
const WITHIN_SECONDS: i64 = 72 * 3_600;

/// People looked up in one statement.
const AT_ONCE: usize = 200;

/// A share with its limits (Wilson, 95 %).
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct OptOutRate {
    value: f64,
    low: f64,
    high: f64,
}

/// People who stopped, by how they said it.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct StopsBySource {
    source: WishSource,
    people: usize,
}

/// What became of a campaign's messages in this respect.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignOptOuts {
    campaign: Named,
    delivered: i64,
    /// People whose stop is laid to a message of the campaign.
    opt_outs: usize,
    rate: Option<OptOutRate>,
}

/// Opt-outs of a period.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OptOuts {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    /// People who said stop in the period, whether or not they were ever sent a message of ours.
    stopped: usize,
    /// The same by how they said it first.
    by_source: Vec<StopsBySource>,
    /// People who said that they want marketing again.
    resumed: usize,
    /// Messages made in the period that arrived.
    delivered: i64,
    /// People whose stop came within 72 hours of one of these messages.
    opt_outs: usize,
    /// `opt_outs / delivered`; `null` when nothing arrived.
    rate: Option<OptOutRate>,
    campaigns: Vec<CampaignOptOuts>,
}

/// A message that somebody's stop is laid to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Laid {
    pub(super) campaign: CampaignId,
    pub(super) issued_at: Timestamp,
    pub(super) code: Option<RedeemCodeId>,
}

/// The messages of a period that stops are laid to, one for each stop.
pub(super) async fn laid(db: &impl ConnectionTrait, shop: ShopId, period: &Period) -> Result<Vec<Laid>, DbErr> {
    let (from, until) = period.instants;
    let wishes = people::wished_between(db, shop, (from, until.plus_seconds(WITHIN_SECONDS))).await?;
    let pairs = Pairs::around(db, shop, wishes.iter().map(|wish| wish.hash.clone())).await?;
    let stops = first_of_each(wishes.iter().filter(|wish| wish.choice == Choice::Stop), &pairs);
    laid_to(db, shop, period, &stops).await
}

/// Reads the opt-outs of a period.
pub async fn opt_outs(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<OptOuts, DbErr> {
    let (from, until) = period.instants;
    let wishes = people::wished_between(db, shop.shop_id, (from, until.plus_seconds(WITHIN_SECONDS))).await?;
    let pairs = Pairs::around(db, shop.shop_id, wishes.iter().map(|wish| wish.hash.clone())).await?;
    let in_period: Vec<&OptOut> = wishes.iter().filter(|wish| wish.at < until).collect();
    let first_stops = first_of_each(in_period.iter().copied().filter(|wish| wish.choice == Choice::Stop), &pairs);
    let resumed = first_of_each(in_period.into_iter().filter(|wish| wish.choice == Choice::Resume), &pairs).len();
    let mut by_source: BTreeMap<WishSource, usize> = BTreeMap::new();
    for (_, stop) in &first_stops {
        *by_source.entry(stop.source).or_default() += 1;
    }
    let stops = first_of_each(wishes.iter().filter(|wish| wish.choice == Choice::Stop), &pairs);
    let mut laid = laid_to(db, shop.shop_id, period, &stops).await?;
    laid.retain(|laid| period.campaign.is_none_or(|only| only == laid.campaign));
    let mut steps = messages::steps(db, shop.shop_id, period.instants).await?;
    steps.retain(|campaign, steps| steps.delivered > 0 && period.campaign.is_none_or(|only| only == *campaign));
    let delivered: i64 = steps.values().map(|steps| steps.delivered).sum();
    let mut names = BTreeMap::new();
    let ids: Vec<CampaignId> = steps.keys().copied().collect();
    for campaign in Campaigns::of(shop.shop_id).filter(CAMPAIGN.id.is_in(ids)).all(db).await? {
        names.insert(campaign.id, campaign.name);
    }
    let campaigns = steps.iter().map(|(id, steps)| {
        let opt_outs = laid.iter().filter(|laid| laid.campaign == *id).count();
        let name = names.get(id).cloned().unwrap_or_default();
        let rate = rate(opt_outs, steps.delivered);
        CampaignOptOuts { campaign: Named { id: *id, name }, delivered: steps.delivered, opt_outs, rate }
    });
    Ok(OptOuts {
        from: period.from,
        to: period.to,
        stopped: first_stops.len(),
        by_source: by_source.into_iter().map(|(source, people)| StopsBySource { source, people }).collect(),
        resumed,
        delivered,
        opt_outs: laid.len(),
        rate: rate(laid.len(), delivered),
        campaigns: campaigns.collect(),
    })
}

/// The first wish of each person, with all their addresses; wishes come oldest first.
fn first_of_each<'a>(wishes: impl Iterator<Item = &'a OptOut>, pairs: &Pairs) -> Vec<(BTreeSet<Address>, &'a OptOut)> {
    let mut seen: BTreeSet<Address> = BTreeSet::new();
    let mut found = Vec::new();
    for wish in wishes {
        let address = Address { kind: wish.kind, hash: wish.hash.clone() };
        if !seen.contains(&address) {
            let all = pairs.all_of([address]);
            seen.extend(all.iter().cloned());
            found.push((all, wish));
        }
    }
    found
}

/// The messages these stops are laid to, one for each stop that is laid to any: the latest that arrived before it, of
/// whichever campaign.
async fn laid_to(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
    stops: &[(BTreeSet<Address>, &OptOut)],
) -> Result<Vec<Laid>, DbErr> {
    let mut laid = Vec::new();
    for some in stops.chunks(AT_ONCE) {
        let recipients = recipients_at(db, shop, some.iter().flat_map(|(all, _)| all)).await?;
        let messages = messages_to(db, shop, period, recipients.iter().map(|one| one.id)).await?;
        for (all, stop) in some {
            let theirs: BTreeSet<RecipientId> =
                recipients.iter().filter(|one| one.at().any(|at| all.contains(&at))).map(|one| one.id).collect();
            let arrived = messages.iter().filter(|message| theirs.contains(&message.recipient_id));
            let arrived = arrived.filter_map(|message| Some((message.arrived_at()?, message)));
            let near = arrived.filter(|(at, _)| (*at..=at.plus_seconds(WITHIN_SECONDS)).contains(&stop.at));
            let latest = near.max_by_key(|(at, message)| (*at, message.id));
            laid.extend(latest.map(|(_, message)| Laid {
                campaign: message.campaign_id,
                issued_at: message.issued_at,
                code: message.redeem_code_id,
            }));
        }
    }
    Ok(laid)
}

async fn recipients_at(
    db: &impl ConnectionTrait,
    shop: ShopId,
    addresses: impl Iterator<Item = &Address>,
) -> Result<Vec<Recipient>, DbErr> {
    let (phones, users): (Vec<&Address>, Vec<&Address>) =
        addresses.partition(|address| address.kind == AddressKind::Phone);
    let hashes = |all: Vec<&Address>| all.into_iter().map(|address| address.hash.clone()).collect::<Vec<_>>();
    let any = Condition::any()
        .add(RecipientColumn::PhoneHash.is_in(hashes(phones)))
        .add(RecipientColumn::WhatsappHash.is_in(hashes(users)));
    Recipients::find().filter(RECIPIENT.shop_id.eq(shop)).filter(any).all(db).await
}

async fn messages_to(
    db: &impl ConnectionTrait,
    shop: ShopId,
    period: &Period,
    recipients: impl Iterator<Item = RecipientId>,
) -> Result<Vec<Message>, DbErr> {
    Messages::of(shop)
        .filter(MessageColumn::RecipientId.is_in(recipients))
        .filter(MessageColumn::IssuedAt.gte(period.instants.0))
        .filter(MessageColumn::IssuedAt.lt(period.instants.1))
        .all(db)
        .await
}

fn rate(opt_outs: usize, delivered: i64) -> Option<OptOutRate> {
    let of = usize::try_from(delivered).ok()?.max(opt_outs);
    let (low, high) = wilson(opt_outs, of, 0.05)?;
    Some(OptOutRate { value: opt_outs as f64 / of as f64, low, high })
}
