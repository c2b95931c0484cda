//! The links: every hit, which of them were people's, why the others were not, and what Meta counted beside us.
//!
//! 1. **Raw** is every GET; HEAD only asks whether a link is there. **Taps** are the raw hits that were people's, and
//!    taps of one device within half an hour are one **visit**.
//! 2. Raw = taps + machines, and the machines' reasons sum to the machines.

mod hits;
mod meta;
mod page;

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ConnectionTrait, DbErr, QueryFilter};
use serde::Serialize;

use self::hits::{HitCounts, HitDay, by_campaign, by_link, days, since};
use self::meta::{Met, Witness, matched, witness};
pub use self::page::LinkCursor;
use self::page::page;
use super::campaigns::credited;
use super::orders::Named;
use super::period::Period;
use super::templates::{Templates, template_witness};
use super::totals::rows;
use crate::campaigns::{CampaignId, Campaigns};
use crate::kernel::id::MessageId;
use crate::kernel::{Day, Money};
use crate::messages::{Figure, MESSAGE, Messages};
use crate::shops::Shop;

/// A campaign's links.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CampaignLinks {
    campaign: Named,
    hits: HitCounts,
    /// Clicks Meta told us of, as far as they lead to this campaign.
    meta_clicks: i64,
    /// Clicks on address buttons that Meta counts for the templates it sends, in its template analytics; `null`: not told.
    template_clicks: Option<i64>,
    /// Attributed orders placed in these days, with a tap or without one.
    orders: i64,
    attributed: Money,
}

/// One link.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LinkLine {
    message_id: Option<MessageId>,
    campaign: Named,
    hits: HitCounts,
    meta_clicks: i64,
}

/// The links report.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LinksReport {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    total: HitCounts,
    days: Vec<HitDay>,
    witness: Witness,
    /// Attributed orders placed in these days: what the overview counts, and what the campaigns below sum to.
    orders: i64,
    attributed: Money,
    campaigns: Vec<CampaignLinks>,
    /// A page of links, the latest hit first.
    links: Vec<LinkLine>,
    next_cursor: Option<String>,
}

/// Reads the report.
pub async fn links_report(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    after: Option<LinkCursor>,
) -> Result<LinksReport, DbErr> {
    let since = since(db, shop).await?;
    let of_campaigns = by_campaign(db, shop, period, &since).await?;
    let days = days(db, shop, period, &since).await?;
    let page = page(db, shop, period, after, &days).await?;
    let slugs: Vec<&str> = page.links.iter().map(|(slug, _)| slug.as_str()).collect();
    let of_links = by_link(db, shop, period, &slugs).await?;
    let met: Vec<Met> = rows(db, &matched(shop, period)).await?;
    let meta_of_campaign = |id| met.iter().filter(|row| row.campaign_id == id).map(|row| row.clicks).sum();
    let meta_of_link = |slug: &str| met.iter().filter(|row| row.slug == slug).map(|row| row.clicks).sum();
    let names = Campaigns::of(shop.shop_id).all(db).await?;
    let names: HashMap<CampaignId, String> = names.into_iter().map(|row| (row.id, row.name)).collect();
    let named = |id| Named { id, name: names.get(&id).cloned().unwrap_or_else(|| "a campaign that is gone".into()) };
    let messages = Messages::of(shop.shop_id).filter(MESSAGE.link_slug.is_in(slugs)).all(db).await?;
    let messages: HashMap<&str, MessageId> = messages.iter().map(|row| (row.link_slug.as_str(), row.id)).collect();
    let credited = credited(db, shop, period).await?;
    let told = Templates::read(db, shop, period).await?;
    let span = told.span(period);
    let in_span = match &span {
        Some(span) => by_campaign(db, shop, span, &since).await?,
        None => BTreeMap::new(),
    };
    let hits_of = |id| in_span.get(&id).map_or((0, 0), |hits| (hits.raw, hits.taps));
    let templates = template_witness(db, shop, (period, span.as_ref()), &told, hits_of).await?;
    // A code may be typed in without a tap: a campaign whose links nobody opened can have orders all the same.
    let mut ids: Vec<CampaignId> = of_campaigns.keys().chain(credited.keys()).copied().collect();
    ids.retain(|id| period.campaign.is_none_or(|only| only == *id));
    ids.sort();
    ids.dedup();
    let mut campaigns: Vec<CampaignLinks> = ids
        .into_iter()
        .map(|id| {
            let hits = of_campaigns.get(&id).cloned().unwrap_or_default();
            let (orders, minor) = credited.get(&id).copied().unwrap_or_default();
            let attributed = Money::new(minor, shop.money());
            let (meta_clicks, template_clicks) = (meta_of_campaign(id), told.of(id, Figure::UrlClicks));
            CampaignLinks { campaign: named(id), hits, meta_clicks, template_clicks, orders, attributed }
        })
        .collect();
    campaigns.sort_by_key(|line| (std::cmp::Reverse(line.hits.taps), line.campaign.id));
    let links = page.links.iter().map(|(slug, campaign)| LinkLine {
        message_id: messages.get(slug.as_str()).copied(),
        campaign: named(*campaign),
        hits: of_links.get(slug).cloned().unwrap_or_default(),
        meta_clicks: meta_of_link(slug),
    });
    Ok(LinksReport {
        from: period.from,
        to: period.to,
        days,
        witness: witness(db, shop, period, met.iter().map(|row| row.clicks).sum(), templates).await?,
        total: HitCounts::sum(of_campaigns.values()),
        orders: campaigns.iter().map(|line| line.orders).sum(),
        attributed: Money::new(campaigns.iter().map(|line| line.attributed.minor).sum(), shop.money()),
        campaigns,
        links: links.collect(),
        next_cursor: page.next,
    })
}
