//! Journeys of a period by the channels that touched them, and what each channel gets of the orders by every model: those that
//! share one journey at a time, and the two that look at all journeys together, those that ended in nothing too.
//!
//! 1. A journey that ended in an order is a paid order with something that touched it (rule R14 of the verification).
//! 2. One that ended in nothing is a person who tapped links of ours in the period and goes back to no order. Of other
//!    channels nobody tells us who came and left: their part is flattered, and the report says so.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, Iterable, QueryFilter};
use serde::Serialize;
use tokio::time::Instant;

use super::period::Period;
use super::totals::{bigint, rows, stages};
use crate::attribution::conversion::{Column as C, Entity as Conversions};
use crate::attribution::journey::Channel;
use crate::attribution::models::{Path, Paths, Seen, markov, shapley};
use crate::attribution::{Line, Model, RECEIPT, Receipt, Receipts};
use crate::catchup;
use crate::db::each;
use crate::kernel::id::MessageId;
use crate::kernel::money::split_minor;
use crate::kernel::{Currency, Day, Money, Timestamp};
use crate::links::{ClickColumn, Clicks};
use crate::messages::{Message, MessageColumn, Messages};
use crate::orders::OrderId;
use crate::people::RecipientId;
use crate::shops::Shop;

/// A merchant waits this long; what could not be looked at by then is said.
const PATIENCE: Duration = Duration::from_secs(8);

/// Orders read at once.
const PAGE: u64 = 500;

/// Of a longer journey only the latest touches are looked at.
const LONGEST: usize = 20;

/// What a channel gets by one model that shares journey by journey.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ModelShare {
    model: Model,
    amount: Money,
}

/// What a channel gets by the chain of all journeys.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct MarkovShare {
    amount: Money,
    /// By how much fewer journeys would end in an order without it, from 0 to 1.
    removal_effect: f64,
}

/// One channel.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ChannelShares {
    channel: Channel,
    /// Journeys it touched.
    journeys: i64,
    shares: Vec<ModelShare>,
    /// `null`: nothing converted.
    markov: Option<MarkovShare>,
    /// Its share of the rate at which journeys end in an order; may be negative.
    shapley_rate: Option<f64>,
}

/// A path of channels that people took.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct JourneyPath {
    /// Oldest first; of a longer journey the latest touches.
    channels: Vec<Channel>,
    /// Journeys of it that ended in an order.
    orders: i64,
    /// What those orders are worth.
    value: Money,
    /// Those that ended in nothing.
    ended_in_nothing: i64,
}

/// Journeys of a period.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct JourneysReport {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    policy: String,
    policy_version: i32,
    currency: String,
    /// The instant up to which every source is known to be whole; `null` until reconciliation has looked.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    /// Journeys that ended in an order.
    converted: i64,
    /// What those orders are worth.
    value: Money,
    /// People who tapped a link of ours and go back to no order.
    ended_in_nothing: i64,
    /// Whether all orders of the period were looked at, or time ran out first.
    whole: bool,
    channels: Vec<ChannelShares>,
    /// The part of `value` that evidence gives to a message: what `originating` shares. The other models share all of it.
    originating: Money,
    /// Paths by what their orders are worth, the largest first; at most thirty.
    paths: Vec<JourneyPath>,
    /// Paths there are.
    paths_in_all: i64,
    /// How to read it.
    caveats: Vec<&'static str>,
}

const CAVEATS: &[&str] = &[
    "This shares credit, it does not prove cause.",
    "Journeys that ended in nothing are known of WhatsApp alone: who came by another channel and left tells nobody. That flatters the other channels in the two models that look at all journeys.",
    "Orders that nothing is known to have touched are in none of these journeys.",
    "The originating message gets an order whole where evidence leads to one, and nobody gets the others: it shares `originating`, the other models share all of `value`.",
];

/// Journeys, summed up while they are read.
#[derive(Default)]
struct Sums {
    channels: Vec<Channel>,
    touched: BTreeMap<usize, i64>,
    shares: HashMap<(usize, Model), i64>,
    /// By path: orders, their value, journeys that ended in nothing.
    paths: BTreeMap<Vec<usize>, (i64, i64, i64)>,
    /// Our messages in journeys that ended in an order.
    converted: BTreeSet<MessageId>,
    /// Of orders that evidence gives to a message.
    originating: i64,
}

/// Paths that are told.
const MOST_PATHS: usize = 30;

/// Reads the journeys of a period.
pub async fn journeys(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<JourneysReport, DbErr> {
    let mut sums = Sums::default();
    let (began, mut after, mut whole) = (Instant::now(), OrderId(i64::MIN), false);
    while began.elapsed() < PATIENCE {
        let page = orders(db, shop, period, after).await?;
        let Some(last) = page.last() else {
            whole = true;
            break;
        };
        after = last.shopify_order_id;
        let ids: Vec<OrderId> = page.iter().map(|order| order.shopify_order_id).collect();
        let receipts = Receipts::find()
            .filter(RECEIPT.shop_id.eq(shop.shop_id))
            .filter(RECEIPT.policy.eq(&period.policy.name))
            .filter(RECEIPT.shopify_order_id.is_in(ids))
            .all(db)
            .await?;
        let worth: HashMap<OrderId, &Ordered> = page.iter().map(|order| (order.shopify_order_id, order)).collect();
        for receipt in receipts {
            if let Some(order) = worth.get(&receipt.shopify_order_id) {
                sums.add(&receipt.document, order);
            }
        }
    }
    let (nothing, all) = ended_in_nothing(db, shop, period, std::mem::take(&mut sums.converted)).await?;
    whole &= all;
    for (taps, people) in nothing {
        let whatsapp = sums.channel(Channel::Whatsapp);
        let path = vec![whatsapp; usize::try_from(taps).unwrap_or(1).clamp(1, LONGEST)];
        sums.paths.entry(path).or_default().2 += people;
    }
    let complete_through = catchup::complete_through(db, shop.shop_id).await?;
    Ok(JourneysReport { complete_through, ..sums.report(shop.money(), period, whole) })
}

#[derive(FromQueryResult)]
struct Ordered {
    shopify_order_id: OrderId,
    net_minor: i64,
    ordered_at: Timestamp,
    line: Line,
}

/// Paid orders of the period, a page of them.
async fn orders(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    after: OrderId,
) -> Result<Vec<Ordered>, DbErr> {
    let paid = [Line::Attributed, Line::AttributedShared, Line::Unattributed];
    let select = Query::select()
        .columns([C::ShopifyOrderId, C::NetMinor, C::OrderedAt, C::Line])
        .from(Conversions)
        .cond_where(stages(shop.shop_id, period))
        .and_where(Expr::col((Conversions, C::Line)).is_in(paid))
        .and_where(Expr::col((Conversions, C::ShopifyOrderId)).gt(after))
        .order_by((Conversions, C::ShopifyOrderId), sea_orm::sea_query::Order::Asc)
        .limit(PAGE)
        .to_owned();
    rows(db, &select).await
}

#[derive(FromQueryResult)]
struct Tapped {
    recipient_id: RecipientId,
    taps: i64,
}

/// People looked at whether they tapped for nothing: more would not fit beside other work.
const MOST_PEOPLE: u64 = 200_000;

/// People who tapped in the period and are in no journey that ended in an order, by how many of their messages they
/// tapped; and whether that is everybody.
async fn ended_in_nothing(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    converted: BTreeSet<MessageId>,
) -> Result<(BTreeMap<i64, i64>, bool), DbErr> {
    let of_shop = Messages::of(shop.shop_id);
    let converted: Vec<Message> = each(db, of_shop, MessageColumn::Id, converted).await?;
    let bought: BTreeSet<RecipientId> = converted.into_iter().map(|message| message.recipient_id).collect();
    let (from, until) = period.instants;
    let message = |column: MessageColumn| Expr::col((Messages, column));
    let click = |column: ClickColumn| Expr::col((Clicks, column));
    let mut select = Query::select();
    select
        .column((Messages, MessageColumn::RecipientId))
        .expr_as(bigint(message(MessageColumn::Id).count_distinct()), "taps")
        .from(Clicks)
        .inner_join(
            Messages,
            click(ClickColumn::ShopId)
                .equals((Messages, MessageColumn::ShopId))
                .and(click(ClickColumn::Slug).equals((Messages, MessageColumn::LinkSlug))),
        )
        .and_where(click(ClickColumn::ShopId).eq(shop.shop_id))
        .and_where(message(MessageColumn::ShopId).eq(shop.shop_id))
        .and_where(click(ClickColumn::Human).eq(true))
        .and_where(click(ClickColumn::At).gte(from))
        .and_where(click(ClickColumn::At).lt(until))
        .group_by_col((Messages, MessageColumn::RecipientId))
        .limit(MOST_PEOPLE + 1);
    if let Some(campaign) = period.campaign {
        select.and_where(message(MessageColumn::CampaignId).eq(campaign));
    }
    let people: Vec<Tapped> = rows(db, &select).await?;
    let all = people.len() as u64 <= MOST_PEOPLE;
    let mut by_taps: BTreeMap<i64, i64> = BTreeMap::new();
    for one in people.into_iter().filter(|one| !bought.contains(&one.recipient_id)) {
        *by_taps.entry(one.taps).or_default() += 1;
    }
    Ok((by_taps, all))
}

impl Sums {
    fn channel(&mut self, channel: Channel) -> usize {
        self.channels.iter().position(|known| *known == channel).unwrap_or_else(|| {
            self.channels.push(channel);
            self.channels.len() - 1
        })
    }

    fn add(&mut self, receipt: &Receipt, order: &Ordered) {
        let all = &receipt.touchpoints;
        let touches = &all[all.len().saturating_sub(LONGEST)..];
        self.converted.extend(all.iter().filter_map(|touch| touch.message_id));
        if touches.is_empty() {
            return;
        }
        let path: Vec<usize> = touches.iter().map(|touch| self.channel(touch.channel)).collect();
        let seen: Vec<Seen> = touches
            .iter()
            .map(|touch| Seen {
                direct: touch.channel == Channel::Direct,
                age_micros: order.ordered_at.micros() - touch.at.micros(),
            })
            .collect();
        for model in Model::iter() {
            let Some(rule) = model.rule() else { continue };
            for (channel, minor) in path.iter().zip(split_minor(order.net_minor, &rule(&seen))) {
                *self.shares.entry((*channel, model)).or_default() += minor;
            }
        }
        if order.line.credited() {
            let ours = self.channel(Channel::Whatsapp);
            *self.shares.entry((ours, Model::Originating)).or_default() += order.net_minor;
            self.originating += order.net_minor;
        }
        for channel in path.iter().collect::<BTreeSet<_>>() {
            *self.touched.entry(*channel).or_default() += 1;
        }
        let sum = self.paths.entry(path).or_default();
        *sum = (sum.0 + 1, sum.1 + order.net_minor, sum.2);
    }

    /// The largest paths by what their orders are worth, and how many there are.
    fn paths(&self, currency: Currency) -> (Vec<JourneyPath>, i64) {
        let mut paths: Vec<_> = self.paths.iter().collect();
        paths.sort_by_key(|(path, (orders, minor, null))| (-minor, -orders, -null, path.len()));
        let path = |(path, (orders, minor, null)): &(&Vec<usize>, &(i64, i64, i64))| JourneyPath {
            channels: path.iter().map(|place| self.channels[*place]).collect(),
            orders: *orders,
            value: Money::new(*minor, currency),
            ended_in_nothing: *null,
        };
        (paths.iter().take(MOST_PATHS).map(path).collect(), i64::try_from(paths.len()).unwrap_or(i64::MAX))
    }

    fn report(self, currency: Currency, period: &Period, whole: bool) -> JourneysReport {
        let (told, paths_in_all) = self.paths(currency);
        let (mut converted, mut value, mut nothing) = (0, 0, 0);
        let mut paths = Paths::default();
        for channel in &self.channels {
            paths.channel(channel.word());
        }
        #[expect(clippy::cast_precision_loss, reason = "counts and sums of a period")]
        for (touches, (orders, minor, null)) in self.paths {
            (converted, value, nothing) = (converted + orders, value + minor, nothing + null);
            let (conversions, value, null) = (orders as f64, minor as f64, null as f64);
            paths.paths.push(Path { touches, conversions, value, null });
        }
        let effects = markov::removal_effects(&paths).filter(|effects| effects.iter().sum::<f64>() > 0.0);
        let by_chain = effects.as_ref().map(|effects| split_minor(value, &weights(effects)));
        let rates = shapley::shares(&paths).filter(|_| converted + nothing > 0);
        let money = |minor| Money::new(minor, currency);
        let shares = |place: usize| {
            let of = |model| self.shares.get(&(place, model)).copied().unwrap_or_default();
            Model::iter().map(|model| ModelShare { model, amount: money(of(model)) }).collect()
        };
        let channel = |(place, channel): (usize, &Channel)| ChannelShares {
            channel: *channel,
            journeys: self.touched.get(&place).copied().unwrap_or_default(),
            shares: shares(place),
            markov: effects
                .as_ref()
                .zip(by_chain.as_ref())
                .map(|(effects, minor)| MarkovShare { amount: money(minor[place]), removal_effect: effects[place] }),
            shapley_rate: rates.as_ref().map(|rates| rates[place]),
        };
        let mut channels: Vec<ChannelShares> = self.channels.iter().enumerate().map(channel).collect();
        channels.sort_by_key(|one| std::cmp::Reverse(one.journeys));
        JourneysReport {
            from: period.from,
            to: period.to,
            policy: period.policy.name.clone(),
            policy_version: period.policy.version,
            complete_through: None,
            originating: money(self.originating),
            paths: told,
            paths_in_all,
            currency: currency.to_string(),
            converted,
            value: money(value),
            ended_in_nothing: nothing,
            whole,
            channels,
            caveats: CAVEATS.to_vec(),
        }
    }
}

/// Removal effects as whole weights: only their proportion matters.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1")]
fn weights(effects: &[f64]) -> Vec<u64> {
    effects.iter().map(|effect| (f64::max(*effect, 0.0) * 1e12).round() as u64).collect()
}
