//! What a campaign wants a discount to be; and Shopify's objections, in the campaign's own fields.

use crate::app::App;
use crate::campaigns::{self, Campaign, Offer, Purchase};
use crate::codes::discount;
use crate::jobs::JobError;
use crate::kernel::{Currency, Money, Timestamp};
use crate::shopify::admin::discount::{
    Combines, DiscountKind, DiscountValue, Items, Minimum, NewDiscount, Purchase as Bought,
};
use crate::shopify::admin::{UserError, UserErrorCode};
use crate::shops::Shop;

/// So far ahead may our clock be. A code nobody has been told of gains nothing from having begun earlier.
const CLOCKS_APART_SECONDS: i64 = 3_600;

/// How soon an offer that Shopify refused is tried again unasked: what it objects to may be put right over there.
const REFUSED_SECONDS: i64 = 3_600;

/// The whole of a discount to be made.
pub(in crate::codes) fn desired(
    shop: &Shop,
    campaign: &Campaign,
    discount: &discount::Model,
    first_code: &str,
    now: Timestamp,
) -> Result<NewDiscount, JobError> {
    if discount.offer_revision != campaign.offer_revision {
        return Err(JobError::retry("the campaign's offer changed a moment ago"));
    }
    let currency = shop.money();
    let combines = campaign.combines_with;
    Ok(NewDiscount {
        title: discount.title.clone(),
        value: value(campaign, currency).map_err(JobError::fail)?,
        first_code: first_code.to_owned(),
        // Well in the past: our clock may be ahead of Shopify's, and a code must work when it is shown.
        starts_at: now.plus_seconds(-CLOCKS_APART_SECONDS),
        ends_at: Some(discount.slot_ends_at),
        minimum: minimum(campaign, currency),
        items: items(campaign),
        purchase: match campaign.purchase {
            Purchase::OneTime => Bought::OneTime,
            Purchase::Subscription => Bought::Subscription,
            Purchase::Both => Bought::Both,
        },
        combines: Combines { order: combines.order, product: combines.product, shipping: combines.shipping },
        tags: discount.tags.clone().unwrap_or_else(|| discount::tags(campaign)).0,
    })
}

/// What its codes take off.
pub(in crate::codes) fn value(campaign: &Campaign, currency: Currency) -> Result<DiscountValue, &'static str> {
    Ok(match campaign.offer.as_ref().ok_or("the campaign has no offer")? {
        offer @ Offer::Percentage { .. } => {
            DiscountValue::Percentage(offer.basis_points().ok_or("the campaign's percentage cannot be read")?)
        }
        Offer::FixedAmount { amount_minor } => DiscountValue::FixedAmount(Money::new(*amount_minor, currency)),
        Offer::FreeShipping {} => DiscountValue::FreeShipping,
    })
}

/// Which of Shopify's two kinds of discounts a campaign's are.
pub(in crate::codes) fn kind(campaign: &Campaign) -> DiscountKind {
    match campaign.offer {
        Some(Offer::FreeShipping {}) => DiscountKind::FreeShipping,
        _ => DiscountKind::Basic,
    }
}

/// What must be in the cart.
pub(in crate::codes) fn minimum(campaign: &Campaign, currency: Currency) -> Option<Minimum> {
    let subtotal = campaign.minimum_subtotal_minor.map(|minor| Minimum::Subtotal(Money::new(minor, currency)));
    subtotal.or(campaign.minimum_quantity.map(Minimum::Quantity))
}

fn items(campaign: &Campaign) -> Items {
    match &campaign.applies_to {
        None => Items::All,
        Some(about) if about.collections.is_empty() => Items::Products(about.products.clone()),
        Some(about) => Items::Collections(about.collections.clone()),
    }
}

/// Why Shopify does not want a discount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::codes) struct Objection {
    /// The campaign's field it is about.
    pub field: Option<&'static str>,
    /// What is wrong and what to do.
    pub words: String,
    /// Shopify's own failure: nothing is wrong with the offer.
    theirs: bool,
}

impl Objection {
    /// Shows it with the campaign; answers what becomes of the job.
    pub(in crate::codes) async fn keep(
        &self,
        app: &App,
        campaign: &Campaign,
        now: Timestamp,
    ) -> Result<JobError, sea_orm::DbErr> {
        if self.theirs {
            return Ok(JobError::retry(&self.words));
        }
        campaigns::refused(app.db.write(), campaign, self.field, &self.words, now).await?;
        Ok(JobError::Pause(self.words.clone(), REFUSED_SECONDS))
    }
}

/// Reads refusals: the first that names a field of ours says which; all of them say why.
pub(in crate::codes) fn objection(errors: &[UserError]) -> Objection {
    let field = errors.iter().find_map(|error| our_field(&error.field));
    let said = errors.iter().map(|error| error.message.trim_end_matches('.')).collect::<Vec<_>>().join("; ");
    let todo = match field {
        Some(field) => format!("Change “{field}” of this campaign; its codes follow by themselves."),
        None => "Change the campaign's offer, or ask us with this sentence.".to_owned(),
    };
    let theirs = !errors.is_empty() && errors.iter().all(|error| error.code == UserErrorCode::InternalError);
    Objection { field, words: format!("Shopify refuses the discount of this campaign: {said}. {todo}"), theirs }
}

/// Our name of what Shopify's path points at; the outermost segment is the argument's name.
fn our_field(path: &[String]) -> Option<&'static str> {
    let named = |segment: &str| path.iter().any(|part| part == segment);
    let table = [
        ("percentage", "offer.percentage"),
        ("discountAmount", "offer.amount_minor"),
        ("products", "applies_to.products"),
        ("collections", "applies_to.collections"),
        ("items", "applies_to"),
        ("appliesOnSubscription", "purchase"),
        ("appliesOnOneTimePurchase", "purchase"),
        ("recurringCycleLimit", "purchase"),
        ("value", "offer"),
        ("quantity", "minimum_quantity"),
        ("subtotal", "minimum_subtotal_minor"),
        ("minimumRequirement", "minimum_subtotal_minor"),
        ("orderDiscounts", "combines_with.order"),
        ("productDiscounts", "combines_with.product"),
        ("shippingDiscounts", "combines_with.shipping"),
        ("combinesWith", "combines_with"),
        ("title", "title"),
        ("tags", "tags"),
        ("endsAt", "expiry.after_seconds"),
        ("startsAt", "expiry.after_seconds"),
        ("code", "code"),
        ("customerGets", "offer"),
    ];
    table.into_iter().find(|(segment, _)| named(segment)).map(|(_, ours)| ours)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(path: &[&str], code: UserErrorCode) -> UserError {
        let field = path.iter().map(|part| (*part).to_owned()).collect();
        UserError { field, code, message: "is not right.".into() }
    }

    #[test]
    fn an_objection_names_our_field_and_says_what_to_do() {
        let path = ["basicCodeDiscount", "customerGets", "items", "products", "productsToAdd"];
        let said = objection(&[error(&[], UserErrorCode::Unknown), error(&path, UserErrorCode::Invalid)]);
        assert_eq!(said.field, Some("applies_to.products"));
        assert!(said.words.contains("is not right; is not right. Change “applies_to.products”"), "{}", said.words);
        let nameless = objection(&[error(&["freeShippingCodeDiscount"], UserErrorCode::Invalid)]);
        assert_eq!(nameless.field, None);
        assert!(objection(&[error(&["id"], UserErrorCode::InternalError)]).theirs);
        assert!(!objection(&[]).theirs);
    }
}
