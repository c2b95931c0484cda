//! What stands at Shopify, compared with what a campaign wants.

use crate::app::App;
use crate::campaigns::Campaign;
use crate::codes::discount::{self, Difference};
use crate::codes::shopify::desired;
use crate::jobs::JobError;
use crate::kernel::Timestamp;
use crate::shopify::admin::discount::{DiscountGid, DiscountValue, Minimum, Seen};
use crate::shopify::admin::discounts as api;
use crate::shops::{self, Shop};

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

/// Whether its codes work as long as their recipients were told.
pub(super) fn works_as_promised(discount: &discount::Model, seen: &Seen) -> bool {
    seen.active && seen.ends_at.is_none_or(|end| end.seconds() >= discount.slot_ends_at.seconds())
}

/// What is not as the campaign wants it.
pub(super) fn differences(
    shop: &Shop,
    campaign: &Campaign,
    discount: &discount::Model,
    seen: &Seen,
) -> Vec<Difference> {
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
        let desired = desired::value(campaign, shop.money()).ok();
        compare("offer", value_in_words(desired), value_in_words(seen.value));
        compare("minimum", minimum_in_words(desired::minimum(campaign, shop.money())), minimum_in_words(seen.minimum));
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
