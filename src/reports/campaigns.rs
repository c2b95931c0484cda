//! Campaigns with their numbers.

use std::collections::{BTreeMap, HashMap};

use sea_orm::sea_query::{Cond, Expr, Func, Query, SelectStatement};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, ExprTrait, FromQueryResult, QueryFilter};
use serde::Serialize;

use super::funnel::{self, Funnel};
use super::measures::Measure;
use super::period::Period;
use super::totals::{bigint, count, is_of_now, rows, stages, sum};
use crate::attribution::conversion::{Column as C, Entity as Conversions};
use crate::attribution::credit::{Column as K, Entity as Credits};
use crate::attribution::journey::Channel;
use crate::attribution::{CAMPAIGN_SALES, CREDITED, Model, Shared, Sold, at_day};
use crate::campaigns::{CAMPAIGN, Campaign, CampaignId, Campaigns, Kind, Trouble, page};
use crate::codes;
use crate::db::counts;
use crate::kernel::{Money, Timestamp};
use crate::shops::Shop;

/// A campaign in the overview.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignLine {
    id: CampaignId,
    name: String,
    kind: Kind,
    drawn: i64,
    held_out: i64,
    messages: i64,
    delivered: i64,
    /// Messages with at least one human click.
    clicked: i64,
    /// Messages with at least one hit of any kind.
    clicked_raw: i64,
    /// Hits that were people's.
    taps: i64,
    /// Hits of any kind.
    taps_raw: i64,
    /// Attributed orders placed in the period; over all campaigns they sum to the headline.
    orders: i64,
    attributed: Money,
}

#[derive(FromQueryResult)]
struct Credited {
    campaign_id: CampaignId,
    orders: i64,
    minor: i64,
}

/// What each campaign is credited with: its part of [`Measure::Attributed`], orders and minor units.
pub(super) async fn credited(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
) -> Result<HashMap<CampaignId, (i64, i64)>, DbErr> {
    // A campaign filter here would hide credit shared with a message of another campaign.
    let all = Period { campaign: None, ..period.clone() };
    let counted = match period.model {
        Model::Originating => counted(db, shop, &all).await?,
        _ => counted_shares(db, shop, &all).await?.map(|shares| shares.campaigns),
    };
    if let Some(credited) = counted {
        return Ok(credited);
    }
    let select = match period.model {
        Model::Originating => originating(shop, &all),
        model => shared(shop, &all, model),
    };
    let found: Vec<Credited> = rows(db, &select).await?;
    Ok(found.into_iter().map(|row| (row.campaign_id, (row.orders, row.minor))).collect())
}

/// The same as it is counted, by the message the evidence leads to.
async fn counted(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
) -> Result<Option<HashMap<CampaignId, (i64, i64)>>, DbErr> {
    if !is_of_now(period) {
        return Ok(None);
    }
    let days = (at_day(period.from), at_day(period.to.next()));
    let Some(lines) = counts::read(db, shop.shop_id, CAMPAIGN_SALES, days).await? else { return Ok(None) };
    let mut credited: HashMap<CampaignId, (i64, i64)> = HashMap::new();
    for (line, of) in lines {
        let sold = Sold::read(&line)?;
        let Some(campaign) = sold.campaign.filter(|_| sold.policy == period.policy.name) else { continue };
        if sold.line()?.credited() && of.of("orders") != 0 {
            let sum = credited.entry(campaign).or_default();
            *sum = (sum.0 + of.of("orders"), sum.1 + of.of("net"));
        }
    }
    Ok(Some(credited))
}

/// What a model that shares credit gives to each campaign, and to each other channel.
#[derive(Default)]
struct Shares {
    campaigns: HashMap<CampaignId, (i64, i64)>,
    channels: BTreeMap<Channel, i64>,
}

async fn counted_shares(db: &impl ConnectionTrait, shop: &Shop, period: &Period) -> Result<Option<Shares>, DbErr> {
    if !is_of_now(period) {
        return Ok(None);
    }
    let days = (at_day(period.from), at_day(period.to.next()));
    let Some(lines) = counts::read(db, shop.shop_id, CREDITED, days).await? else { return Ok(None) };
    let mut shares = Shares::default();
    for (line, of) in lines {
        let shared = Shared::read(&line)?;
        if shared.policy != period.policy.name || shared.model != period.model || of.of("orders") == 0 {
            continue;
        }
        if let Some(campaign) = shared.campaign {
            let sum = shares.campaigns.entry(campaign).or_default();
            *sum = (sum.0 + of.of("orders"), sum.1 + of.of("minor"));
        }
        if let Some(channel) = shared.channel {
            *shares.channels.entry(channel).or_default() += of.of("minor");
        }
    }
    Ok(Some(shares))
}

/// What a model gives to another channel.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ChannelCredit {
    channel: Channel,
    credit: Money,
}

#[derive(FromQueryResult)]
struct OtherCredit {
    channel: Channel,
    minor: i64,
}

/// What other channels get of [`Measure::Attributed`], the most first: with the campaigns it is the whole.
pub(super) async fn channels(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
) -> Result<Vec<ChannelCredit>, DbErr> {
    if period.model == Model::Originating {
        return Ok(Vec::new());
    }
    let all = Period { campaign: None, ..period.clone() };
    let counted = counted_shares(db, shop, &all).await?;
    let mut found: Vec<OtherCredit> = match counted {
        Some(shares) => shares.channels.into_iter().map(|(channel, minor)| OtherCredit { channel, minor }).collect(),
        None => {
            let mut select = joined(shop, &all, period.model);
            select
                .column((Credits, K::Channel))
                .expr_as(bigint(credit_sum()), "minor")
                .and_where(Expr::col((Credits, K::CampaignId)).is_null())
                .group_by_col((Credits, K::Channel));
            rows(db, &select).await?
        }
    };
    found.sort_by_key(|row| (std::cmp::Reverse(row.minor), row.channel));
    let view = |row: OtherCredit| ChannelCredit { channel: row.channel, credit: Money::new(row.minor, shop.money()) };
    Ok(found.into_iter().map(view).collect())
}

/// By the message the evidence leads to, which stands on the conversion itself: orders that are worth nothing (any
/// more) count as well, as they do in the headline.
fn originating(shop: &Shop, period: &Period) -> SelectStatement {
    Query::select()
        .column((Conversions, C::CampaignId))
        .expr_as(count(), "orders")
        .expr_as(sum(C::NetMinor), "minor")
        .from(Conversions)
        .cond_where(stages(shop.shop_id, period))
        .cond_where(Measure::Attributed.condition())
        .and_where(Expr::col((Conversions, C::CampaignId)).is_not_null())
        .group_by_col((Conversions, C::CampaignId))
        .to_owned()
}

/// By a model that shares credit over the messages that touched an order.
fn shared(shop: &Shop, period: &Period, model: Model) -> SelectStatement {
    joined(shop, period, model)
        .column((Credits, K::CampaignId))
        .expr_as(bigint(Expr::col((Credits, K::ShopifyOrderId)).count_distinct()), "orders")
        .expr_as(bigint(credit_sum()), "minor")
        .and_where(Expr::col((Credits, K::CampaignId)).is_not_null())
        .group_by_col((Credits, K::CampaignId))
        .to_owned()
}

fn credit_sum() -> Expr {
    Func::coalesce([Expr::col((Credits, K::CreditMinor)).sum(), Expr::cust("0")]).into()
}

/// Attributed orders of a period with their credits by a model.
fn joined(shop: &Shop, period: &Period, model: Model) -> SelectStatement {
    let same = [
        (K::ShopId, C::ShopId),
        (K::Policy, C::Policy),
        (K::ShopifyOrderId, C::ShopifyOrderId),
        (K::EffectiveAt, C::EffectiveAt),
    ];
    let joined = same
        .into_iter()
        .fold(Cond::all(), |on, (one, other)| on.add(Expr::col((Credits, one)).equals((Conversions, other))));
    Query::select()
        .from(Conversions)
        .join(sea_orm::JoinType::InnerJoin, Credits, joined)
        .cond_where(stages(shop.shop_id, period))
        .and_where(Expr::col((Credits, K::ShopId)).eq(shop.shop_id))
        .and_where(Expr::col((Credits, K::Model)).eq(model))
        .cond_where(Measure::Attributed.condition())
        .to_owned()
}

/// The campaigns that drew or earned in the period, best first.
pub async fn campaign_lines(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    funnels: &[(CampaignId, Funnel)],
) -> Result<Vec<CampaignLine>, DbErr> {
    let credited = credited(db, shop, period).await?;
    let funnels: BTreeMap<CampaignId, Funnel> = funnels.iter().copied().collect();
    let mut ids: Vec<CampaignId> = funnels.keys().chain(credited.keys()).copied().collect();
    ids.retain(|id| period.campaign.is_none_or(|only| only == *id));
    ids.sort();
    ids.dedup();
    let named = Campaigns::of(shop.shop_id).filter(CAMPAIGN.id.is_in(ids)).all(db).await?;
    let mut lines: Vec<CampaignLine> = named
        .into_iter()
        .map(|campaign| {
            let funnel = funnels.get(&campaign.id).copied().unwrap_or_default();
            let (orders, minor) = credited.get(&campaign.id).copied().unwrap_or_default();
            CampaignLine {
                id: campaign.id,
                name: campaign.name,
                kind: campaign.kind,
                drawn: funnel.drawn,
                held_out: funnel.held_out,
                messages: funnel.issued,
                delivered: funnel.delivered,
                clicked: funnel.clicked,
                clicked_raw: funnel.clicked_raw,
                taps: funnel.taps,
                taps_raw: funnel.taps_raw,
                orders,
                attributed: Money::new(minor, shop.money()),
            }
        })
        .collect();
    lines.sort_by_key(|line| (std::cmp::Reverse(line.attributed.minor), line.id));
    Ok(lines)
}

/// Codes ready and on their way.
#[derive(Clone, Copy, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct Pool {
    /// Ready to be handed out.
    imported: i64,
    /// On their way to Shopify.
    pending: i64,
}

/// A campaign in the list, with its numbers since it began.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignItem {
    id: CampaignId,
    name: String,
    kind: Kind,
    /// `15 % off`
    offer_text: Option<String>,
    #[schema(value_type = String, format = "date-time")]
    created_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    archived_at: Option<Timestamp>,
    holdout: f64,
    drawn: i64,
    held_out: i64,
    issued: i64,
    delivered: i64,
    /// Messages with at least one human click.
    clicked: i64,
    /// Messages with at least one hit of any kind.
    clicked_raw: i64,
    /// Hits that were people's.
    taps: i64,
    /// Hits of any kind.
    taps_raw: i64,
    /// Messages with at least one attributed order.
    ordered: i64,
    /// Attributed orders.
    orders: i64,
    attributed: Money,
    pool: Pool,
    /// How many recipients were announced.
    expected_recipients: Option<i64>,
    /// Why the campaign gets no codes now; `null` when nothing is known to be wrong.
    trouble: Option<Trouble>,
    /// Alarms of the leak radar that nobody has seen to.
    open_alarms: i64,
}

/// A page of campaigns, newest first.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignPage {
    campaigns: Vec<CampaignItem>,
    next_cursor: Option<CampaignId>,
}

/// Campaigns on one page.
const PAGE: u64 = 50;

/// Reads a page of campaigns.
pub async fn campaign_page(
    db: &impl ConnectionTrait,
    shop: &Shop,
    after: Option<CampaignId>,
    whole: &Period,
) -> Result<CampaignPage, DbErr> {
    let mut campaigns = page(db, shop.shop_id, after, PAGE + 1).await?;
    let more = campaigns.len() > PAGE as usize;
    campaigns.truncate(PAGE as usize);
    let next_cursor = campaigns.last().map(|campaign| campaign.id).filter(|_| more);
    Ok(CampaignPage { campaigns: items(db, shop, campaigns, whole).await?, next_cursor })
}

/// Campaigns with their numbers, in the order given.
pub async fn items(
    db: &impl ConnectionTrait,
    shop: &Shop,
    campaigns: Vec<Campaign>,
    whole: &Period,
) -> Result<Vec<CampaignItem>, DbErr> {
    let funnels: HashMap<CampaignId, Funnel> =
        funnel::by_campaign(db, shop.shop_id, whole).await?.into_iter().collect();
    let credited = credited(db, shop, whole).await?;
    let ids: Vec<CampaignId> = campaigns.iter().map(|campaign| campaign.id).collect();
    let pools = codes::on_hand(db, shop.shop_id, &ids).await?;
    let alarms = codes::open_alarms(db, shop.shop_id, &ids).await?;
    let item = |campaign: Campaign| {
        let funnel = funnels.get(&campaign.id).copied().unwrap_or_default();
        let (orders, minor) = credited.get(&campaign.id).copied().unwrap_or_default();
        CampaignItem {
            offer_text: campaign.offer.as_ref().map(|offer| offer.in_words(shop.money())),
            pool: pools
                .get(&campaign.id)
                .map_or_else(Pool::default, |have| Pool { imported: have.imported, pending: have.pending }),
            trouble: campaign.trouble(),
            expected_recipients: campaign.expected_recipients,
            open_alarms: alarms.get(&campaign.id).copied().unwrap_or_default(),
            id: campaign.id,
            name: campaign.name,
            kind: campaign.kind,
            created_at: campaign.created_at,
            archived_at: campaign.archived_at,
            holdout: f64::from(campaign.holdout_ppm) / 1_000_000.0,
            drawn: funnel.drawn,
            held_out: funnel.held_out,
            issued: funnel.issued,
            delivered: funnel.delivered,
            clicked: funnel.clicked,
            clicked_raw: funnel.clicked_raw,
            taps: funnel.taps,
            taps_raw: funnel.taps_raw,
            ordered: funnel.ordered,
            orders,
            attributed: Money::new(minor, shop.money()),
        }
    };
    Ok(campaigns.into_iter().map(item).collect())
}
