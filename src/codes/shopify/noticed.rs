//! What the merchant does to our discounts in the admin: noticed, kept, shown; never overwritten.
//!
//! 1. Shopify tells only that something happened, of every app's discounts. Ours are asked for and compared with what
//!    we wanted.
//! 2. Codes that would not work as promised are not handed out: a discount that is gone, or ends before its slot does,
//!    is retired. Any other change is the merchant's right and stays.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::wanted;
use crate::app::App;
use crate::campaigns::{Campaign, CampaignId, Campaigns};
use crate::codes::discount::{self, Because, Difference, Differences};
use crate::codes::id::DiscountId;
use crate::codes::pool::retire;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shopify::admin::discounts::{self as api, DiscountGid, DiscountValue, Minimum, Seen};
use crate::shopify::parse_gid;
use crate::shops::{self, Shop, Shops};

/// Most news of one campaign's discounts shown at once.
const MOST_NOTICES: u64 = 50;

/// A discount of ours that should be looked at.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Noticed(DiscountId);

/// Shopify told of a discount, by whatever form of its global id. `false`: not one of ours.
pub async fn heard(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    gid: &str,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let Some(("DiscountCodeNode" | "DiscountNode", number)) = parse_gid(gid) else { return Ok(false) };
    let ours = discount::Entity::of(shop)
        .filter(discount::Column::ShopifyDiscountId.eq(format!("gid://shopify/DiscountCodeNode/{number}")));
    let Some(discount) = ours.one(txn).await? else { return Ok(false) };
    let once = Some(format!("noticed:{}", discount.id));
    jobs::enqueue(txn, &app.chance, shop, &Noticed(discount.id), once, now, now).await?;
    Ok(true)
}

impl Job for Noticed {
    const NAME: &'static str = "codes.noticed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let db = app.db.read();
        let Some(discount) = discount::Entity::find_by_id((shop, self.0)).one(db).await? else {
            return Ok(Next::Done);
        };
        let campaign = Campaigns::find_by_id((shop, discount.campaign_id)).one(db).await?;
        let shop = Shops::find_by_id(shop).one(db).await?.filter(|shop| shop.installed());
        if let (Some(campaign), Some(shop)) = (campaign, shop) {
            look(&app, &shop, &campaign, &discount, app.clock.now()).await?;
        }
        Ok(Next::Done)
    }
}

/// How a discount stands at Shopify; `None`: it is gone.
pub(in crate::codes) async fn seen(
    app: &App,
    shop: &Shop,
    gid: &DiscountGid,
    now: Timestamp,
) -> Result<Option<Seen>, JobError> {
    let seen =
        shops::call(
            app,
            shop,
            now,
            |domain, token| async move { api::discount(&app.admin, &domain, &token, gid).await },
        );
    Ok(seen.await?)
}

/// Whether what stands at Shopify under a code's text is the very discount we wanted, made by a try whose answer was
/// lost or by another node; and not somebody else's, whose code ours happens to be.
pub(in crate::codes) async fn is_ours(
    app: &App,
    shop: &Shop,
    discount: &discount::Model,
    gid: &DiscountGid,
    now: Timestamp,
) -> Result<bool, JobError> {
    let Some(seen) = seen(app, shop, gid, now).await? else { return Ok(false) };
    let end = seen.ends_at.map(Timestamp::seconds);
    let wanted = Some(discount.slot_ends_at.seconds());
    // An end that moved since was asked for when it was later.
    let same_end = end == wanted || (discount.ends_changed_at.is_some() && end > wanted);
    Ok(same_end && seen.title == discount.title && seen.usage_limit == Some(1))
}

/// Asks Shopify how a discount stands, and keeps what is different. `true`: it still exists.
pub(in crate::codes) async fn look(
    app: &App,
    shop: &Shop,
    campaign: &Campaign,
    discount: &discount::Model,
    now: Timestamp,
) -> Result<bool, JobError> {
    let Some(gid) = discount.shopify_discount_id.clone().map(DiscountGid) else { return Ok(false) };
    // What we are ending ourselves, and what has run out, differs as it should.
    if discount.deleted_at.is_some() || discount.ending_at.is_some() || discount.slot_ends_at <= now {
        return Ok(discount.deleted_at.is_none());
    }
    let seen = seen(app, shop, &gid, now).await?;
    let txn = app.db.begin_write().await?;
    match &seen {
        None => gone(&txn, app, discount, now).await?,
        Some(seen) => {
            let found = differences(shop, campaign, discount, seen);
            keep(&txn, discount, found, now).await?;
            if !works_as_promised(discount, seen) && !discount.lost() {
                retire::retire(&txn, discount, Because::Ended, now).await?;
                retire::refill(&txn, app, discount, now).await?;
            }
        }
    }
    txn.commit().await?;
    app.bell.notify_one();
    Ok(seen.is_some())
}

fn works_as_promised(discount: &discount::Model, seen: &Seen) -> bool {
    seen.active && seen.ends_at.is_none_or(|end| end.seconds() >= discount.slot_ends_at.seconds())
}

/// It exists no more, and with it none of its codes.
async fn gone(txn: &impl ConnectionTrait, app: &App, discount: &discount::Model, now: Timestamp) -> Result<(), DbErr> {
    let noted = discount::Entity::update_many()
        .col_expr(discount::Column::DeletedAt, Expr::value(now))
        .filter(discount::COLUMN.shop_id.eq(discount.shop_id))
        .filter(discount::COLUMN.id.eq(discount.id))
        .filter(discount::Column::DeletedAt.is_null())
        .exec(txn)
        .await?;
    if noted.rows_affected == 1 && discount.slot_ends_at > now {
        retire::retire(txn, discount, Because::Deleted, now).await?;
        retire::refill(txn, app, discount, now).await?;
    }
    Ok(())
}

fn differences(shop: &Shop, campaign: &Campaign, discount: &discount::Model, seen: &Seen) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut compare = |what: &str, asked: String, there: String| {
        if asked != there {
            found.push(Difference { what: what.to_owned(), asked, found: there });
        }
    };
    let end = |at: Timestamp| Timestamp::from_seconds(at.seconds()).to_string();
    // While another end is on its way, either is ours.
    if discount.ends_changed_at.is_none() {
        compare("ends_at", end(discount.slot_ends_at), seen.ends_at.map_or_else(|| "never".to_owned(), end));
    }
    compare("active", "yes".to_owned(), if seen.active { "yes" } else { "no" }.to_owned());
    compare("usage_limit", "1".to_owned(), seen.usage_limit.map_or_else(|| "none".to_owned(), |n| n.to_string()));
    if discount.offer_revision == campaign.offer_revision {
        let wanted = wanted::value(campaign, shop.money()).ok();
        compare("offer", value_in_words(wanted), value_in_words(seen.value));
        compare("minimum", minimum_in_words(wanted::minimum(campaign, shop.money())), minimum_in_words(seen.minimum));
    }
    // While a new title is on its way, either is ours.
    if seen.title != campaign.title() {
        compare("title", discount.title.clone(), seen.title.clone());
    }
    found
}

fn value_in_words(value: Option<DiscountValue>) -> String {
    match value {
        Some(DiscountValue::Percentage(points)) => {
            format!("{} % off", rust_decimal::Decimal::new(points.into(), 2).normalize())
        }
        Some(DiscountValue::FixedAmount(money)) => format!("{} {} off", money.decimal(), money.currency),
        Some(DiscountValue::FreeShipping) => "free shipping".to_owned(),
        None => "something else".to_owned(),
    }
}

fn minimum_in_words(minimum: Option<Minimum>) -> String {
    match minimum {
        Some(Minimum::Subtotal(money)) => format!("from {} {}", money.decimal(), money.currency),
        Some(Minimum::Quantity(pieces)) => format!("from {pieces} pieces"),
        None => "none".to_owned(),
    }
}

/// Keeps the differences, and since when there are any; none: the merchant put it right.
async fn keep(
    txn: &impl ConnectionTrait,
    discount: &discount::Model,
    found: Vec<Difference>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let found = Some(Differences(found)).filter(|found| !found.0.is_empty());
    let since = found.as_ref().map(|_| discount.differs_since.unwrap_or(now));
    discount::Entity::update_many()
        .col_expr(discount::Column::Differs, Expr::value(found))
        .col_expr(discount::Column::DiffersSince, Expr::value(since))
        .filter(discount::COLUMN.shop_id.eq(discount.shop_id))
        .filter(discount::COLUMN.id.eq(discount.id))
        .exec(txn)
        .await
        .map(drop)
}

/// What the merchant did to a discount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    /// It is gone; its codes do not work.
    Deleted,
    /// It ended, or will, before its codes should.
    Ended,
    /// It is worth something else, or works otherwise.
    Changed,
}

/// News of one discount, in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Notice {
    /// What was done.
    pub kind: NoticeKind,
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
pub async fn notices(
    db: &impl ConnectionTrait,
    shop: &Shop,
    campaign: CampaignId,
    now: Timestamp,
) -> Result<Vec<Notice>, DbErr> {
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

fn notice(shop: &Shop, discount: discount::Model, codes_held: u64, now: Timestamp) -> Option<Notice> {
    let differences = discount.differs.map(|differs| differs.0).unwrap_or_default();
    let since = discount.deleted_at.or(discount.differs_since)?;
    let kind = match (discount.deleted_at, discount.retired_because) {
        (Some(_), _) => NoticeKind::Deleted,
        (None, Some(Because::Ended)) => NoticeKind::Ended,
        (None, _) => NoticeKind::Changed,
    };
    let day = since.day(shop.zone());
    let words = match kind {
        NoticeKind::Deleted => format!(
            "The discount was deleted in Shopify's admin on {day}: {}. New codes come from a new discount.",
            outcome(codes_held, "does not work", "do not work"),
        ),
        NoticeKind::Ended => {
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
        NoticeKind::Changed => {
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
    Some(Notice {
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
