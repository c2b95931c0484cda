//! Meta's clicks beside our hits of the same days. Those of our hits that carry a click id of Meta's have an index of their
//! own.

use sea_orm::sea_query::{Cond, Expr, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType};
use serde::Serialize;

use super::hits::{hits, within};
use crate::campaigns::CampaignId;
use crate::links::{ClickColumn, Clicks, LinkColumn, Links};
use crate::messages::{MetaClickColumn, MetaClicks};
use crate::reports::period::Period;
use crate::reports::templates::TemplateWitness;
use crate::reports::totals::{bigint, count, rows};
use crate::shops::Shop;

/// What Meta counted in the same days, beside ours.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Witness {
    /// Clicks Meta told us of.
    meta_clicks: i64,
    /// Those of them that we saw ourselves, by Meta's click id.
    seen_by_us: i64,
    /// Our taps that carried a click id of Meta's.
    taps_with_meta_id: i64,
    /// Why the two differ.
    sentence: String,
    /// The third count: Meta's template analytics.
    templates: TemplateWitness,
}

/// Meta's clicks that we saw, on one link.
#[derive(FromQueryResult)]
pub struct Met {
    pub campaign_id: CampaignId,
    pub slug: String,
    pub clicks: i64,
}

/// Meta's clicks that we saw ourselves, by link.
pub fn matched(shop: &Shop, period: &Period) -> SelectStatement {
    let on = Cond::all()
        .add(Expr::col((MetaClicks, MetaClickColumn::ShopId)).equals((Clicks, ClickColumn::ShopId)))
        .add(Expr::col((MetaClicks, MetaClickColumn::MetaClick)).equals((Clicks, ClickColumn::MetaClick)));
    hits()
        .join(JoinType::InnerJoin, MetaClicks, on)
        .columns([(Links, LinkColumn::CampaignId), (Links, LinkColumn::Slug)])
        .expr_as(bigint(Expr::col((MetaClicks, MetaClickColumn::MetaClick)).count_distinct()), "clicks")
        .cond_where(within(shop, period))
        .and_where(Expr::col((Clicks, ClickColumn::MetaClick)).is_not_null())
        .group_by_columns([(Links, LinkColumn::CampaignId), (Links, LinkColumn::Slug)])
        .to_owned()
}

#[derive(FromQueryResult)]
struct One {
    clicks: i64,
}

/// Compares.
pub async fn witness(
    db: &impl ConnectionTrait,
    shop: &Shop,
    period: &Period,
    seen_by_us: i64,
    templates: TemplateWitness,
) -> Result<Witness, DbErr> {
    let theirs = Query::select()
        .expr_as(bigint(Expr::col(MetaClickColumn::MetaClick).count_distinct()), "clicks")
        .from(MetaClicks)
        .and_where(Expr::col(MetaClickColumn::ShopId).eq(shop.shop_id))
        .and_where(Expr::col(MetaClickColumn::At).gte(period.instants.0))
        .and_where(Expr::col(MetaClickColumn::At).lt(period.instants.1))
        .to_owned();
    let ours = hits()
        .expr_as(count(), "clicks")
        .cond_where(within(shop, period))
        .and_where(Expr::col((Clicks, ClickColumn::Human)).eq(true))
        .and_where(Expr::col((Clicks, ClickColumn::MetaClick)).is_not_null())
        .to_owned();
    let one = async |select: &SelectStatement| {
        let found: Vec<One> = rows(db, select).await?;
        Ok::<i64, DbErr>(found.first().map_or(0, |row| row.clicks))
    };
    let meta_clicks = one(&theirs).await?;
    let taps_with_meta_id = one(&ours).await?;
    let sentence = explained(meta_clicks, seen_by_us, period.campaign.is_some()).to_owned();
    Ok(Witness { meta_clicks, seen_by_us, taps_with_meta_id, sentence, templates })
}

fn explained(theirs: i64, both: i64, one_campaign: bool) -> &'static str {
    match (theirs, both) {
        (0, _) => {
            "Meta told of no clicks in these days. It does so only for some accounts, for messages sent through its Marketing Messages API, and not in the EU, the UK and Japan; our own count does not depend on it."
        }
        (_, _) if one_campaign => {
            "Meta does not say to which campaign a click belongs; its total here is of all campaigns. Where a link was opened with Meta's click id, the two counts of one click are known to be the same."
        }
        (theirs, both) if both == theirs => {
            "Every click Meta told of was seen by us too. Ours are usually more: Meta tells only of messages of the last seven days sent through its Marketing Messages API."
        }
        _ => {
            "Meta also counts clicks on links that are not ours, and taps that never reached us because the phone was offline. We also count taps on forwarded messages, and on messages Meta does not report."
        }
    }
}
