//! What merchants did to our discounts, told in words on the campaign's page.

use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use crate::campaigns::CampaignId;
use crate::codes::discount::{self, Because, Difference};
use crate::codes::pool::retire;
use crate::kernel::Timestamp;
use crate::shops::Shop;

/// Most news of one campaign's discounts shown at once.
const MOST_NOTICES: u64 = 50;

/// What the merchant did to a discount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = NoticeKind)]
pub enum DriftKind {
    /// It is gone; its codes do not work.
    Deleted,
    /// It ended, or will, before its codes should.
    Ended,
    /// It is worth something else, or works otherwise.
    Changed,
}

/// News of one discount, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = Notice)]
pub struct DriftNotice {
    /// What was done.
    pub kind: DriftKind,
    /// Since when, as far as we know.
    #[schema(value_type = String, format = "date-time")]
    pub since: Timestamp,
    /// Which of the campaign's discounts: by its end.
    #[schema(value_type = String, format = "date-time")]
    pub slot_ends_at: Timestamp,
    /// Shopify's id of it.
    pub shopify_discount_id: Option<String>,
    /// Codes of it that people hold and that should be good now.
    pub codes_held: u64,
    /// What differs from what this campaign wants.
    pub differences: Vec<Difference>,
    /// What happened and what it means.
    pub words: String,
}

/// What merchants did to a campaign's discounts that have not run out yet, latest end first.
pub async fn drift_notices(
    db: &impl ConnectionTrait,
    shop: &Shop,
    campaign: CampaignId,
    now: Timestamp,
) -> Result<Vec<DriftNotice>, DbErr> {
    let news = Condition::any()
        .add(discount::Column::DeletedAt.is_not_null())
        .add(discount::Column::DiffersSince.is_not_null());
    let discounts = discount::Entity::of(shop.shop_id)
        .filter(discount::COLUMN.campaign_id.eq(campaign))
        .filter(discount::COLUMN.slot_ends_at.gt(now))
        .filter(news)
        .order_by_desc(discount::COLUMN.slot_ends_at)
        .order_by_desc(discount::COLUMN.series)
        .limit(MOST_NOTICES)
        .all(db)
        .await?;
    let mut notices = Vec::with_capacity(discounts.len());
    for discount in discounts {
        let held = retire::held(db, &discount, now).await?;
        notices.extend(notice(shop, discount, held, now));
    }
    Ok(notices)
}

fn notice(shop: &Shop, discount: discount::Model, codes_held: u64, now: Timestamp) -> Option<DriftNotice> {
    let differences = discount.differs.map(|differs| differs.0).unwrap_or_default();
    let since = discount.deleted_at.or(discount.differs_since)?;
    let kind = match (discount.deleted_at, discount.retired_because) {
        (Some(_), _) => DriftKind::Deleted,
        (None, Some(Because::Ended)) => DriftKind::Ended,
        (None, _) => DriftKind::Changed,
    };
    let day = since.day(shop.zone());
    let words = match kind {
        DriftKind::Deleted => format!(
            "The discount was deleted in Shopify's admin on {day}: {}. New codes come from a new discount.",
            outcome(codes_held, "does not work", "do not work"),
        ),
        DriftKind::Ended => {
            let end = differences.iter().find(|one| one.what == "ends_at").and_then(|one| Timestamp::parse(&one.found));
            match end.filter(|end| *end > now) {
                Some(end) => format!(
                    "In Shopify's admin the discount was given an earlier end on {day}, {end}: {}. New codes come from a new discount.",
                    outcome(codes_held, "stops working then", "stop working then"),
                ),
                None => format!(
                    "The discount was ended in Shopify's admin on {day}: {}. New codes come from a new discount.",
                    outcome(codes_held, "does not work", "do not work"),
                ),
            }
        }
        DriftKind::Changed => {
            let list: Vec<String> = differences
                .iter()
                .map(|one| format!("{} “{}” instead of “{}”", called(&one.what), one.found, one.asked))
                .collect();
            format!(
                "The discount was changed in Shopify's admin, noticed on {day}: {}. It stays as it was changed, for {}. Set it back there if messages say something else.",
                list.join("; "),
                match codes_held {
                    0 => "codes handed out from now on".to_owned(),
                    1 => "1 code that somebody holds and those to come".to_owned(),
                    n => format!("{n} codes that people hold and those to come"),
                },
            )
        }
    };
    Some(DriftNotice {
        kind,
        since,
        slot_ends_at: discount.slot_ends_at,
        shopify_discount_id: discount.shopify_discount_id,
        codes_held,
        differences,
        words,
    })
}

/// What a difference is called in a sentence.
fn called(what: &str) -> &str {
    match what {
        "ends_at" => "its end is",
        "active" => "whether it is active is",
        "usage_limit" => "how often a code may be used is",
        "offer" => "the offer is",
        "minimum" => "the minimum is",
        "title" => "its title is",
        other => other,
    }
}

/// What it means for people's codes.
fn outcome(held: u64, one: &str, many: &str) -> String {
    match held {
        0 => "nobody holds a code of it that should still be good".to_owned(),
        1 => format!("1 code that somebody holds {one}"),
        n => format!("{n} codes that people hold {many}"),
    }
}
