//! What an offer depends on: what must be in the cart, what it applies to, how it is bought; checked against Shopify's
//! rules before anything is made there.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use super::offer::Offer;
use super::terms::{Checked, Combines, Wrong};
use crate::kernel::text::is_line;

/// Most products, and most collections, of one discount at Shopify.
const MOST_THINGS: usize = 100;

/// Most pieces anybody may be asked to buy, and the largest amount in minor units: far above what a shop sells, and far
/// below where a number is no longer exact in JSON.
const MOST_PIECES: i64 = 1_000_000;
const MOST_MINOR: i64 = 1_000_000_000_000;

/// Shopify takes five tags; two are ours.
const MOST_TAGS: usize = 3;

/// What an offer applies to: products or collections, by their numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AppliesTo {
    /// Shopify's numeric product ids as text, 1 to 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["7234590408000"]))]
    pub products: Vec<String>,
    /// Shopify's numeric collection ids as text, 1 to 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub collections: Vec<String>,
}

/// How something must be bought for the offer to apply.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, EnumIter, DeriveActiveEnum, utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Purchase {
    /// Once.
    #[default]
    OneTime,
    /// On a subscription; its first order only.
    Subscription,
    /// Either; of a subscription the first order only.
    Both,
}

/// The merchant's own tags of a campaign's discounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Tags(pub Vec<String>);

impl AppliesTo {
    fn check(&self) -> Checked {
        let (field, things) = match (self.products.is_empty(), self.collections.is_empty()) {
            (false, false) => return Err(("applies_to", "Name products or collections, not both.")),
            (true, true) => return Err(("applies_to", "Name 1 to 100 products or collections, or leave it out.")),
            (false, true) => ("applies_to.products", &self.products),
            (true, false) => ("applies_to.collections", &self.collections),
        };
        if things.len() > MOST_THINGS {
            return Err((field, "Shopify takes at most 100 of them in one discount; a collection can hold more."));
        }
        if !things.iter().all(|id| is_number(id)) {
            return Err((field, "Write each of Shopify's numeric ids as text, e.g. \"7234590408000\"."));
        }
        let mut sorted: Vec<&String> = things.iter().collect();
        sorted.sort();
        sorted.dedup();
        if sorted.len() != things.len() { Err((field, "Name each of them once.")) } else { Ok(()) }
    }
}

fn is_number(id: &str) -> bool {
    id.bytes().all(|b| b.is_ascii_digit()) && !id.starts_with('0') && id.parse::<i64>().is_ok()
}

impl Tags {
    /// What is wrong with them.
    pub fn check(&self) -> Checked {
        if self.0.len() > MOST_TAGS {
            return Err(("tags", "Shopify takes five tags in a discount and two are ours: name at most 3."));
        }
        if !self.0.iter().all(|tag| is_line(tag.trim(), 255)) {
            return Err(("tags", "Each tag has 1 to 255 characters on one line."));
        }
        let mut folded: Vec<String> = self.0.iter().map(|tag| tag.trim().to_lowercase()).collect();
        folded.sort();
        folded.dedup();
        if folded.len() != self.0.len() { Err(("tags", "Name each tag once.")) } else { Ok(()) }
    }
}

/// A title a shopper may see.
pub fn check_title(title: &str) -> Checked {
    match is_line(title.trim(), 255) {
        true => Ok(()),
        false => Err(("title", "Give the discount a title of 1 to 255 characters on one line, or leave it out.")),
    }
}

/// Everything that decides what a discount is worth, taken together: some of it excludes other parts.
#[derive(Clone, Copy, Debug)]
pub struct Conditions<'a> {
    /// What it takes off.
    pub offer: Option<&'a Offer>,
    /// From which subtotal on.
    pub minimum_subtotal_minor: Option<i64>,
    /// From how many pieces on.
    pub minimum_quantity: Option<i64>,
    /// What it applies to.
    pub applies_to: Option<&'a AppliesTo>,
    /// How things must be bought.
    pub purchase: Purchase,
    /// What it may meet.
    pub combines_with: Combines,
}

impl Conditions<'_> {
    /// The first thing that is wrong with them, and where.
    pub fn check(&self) -> Checked {
        self.problems().into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that is wrong with them, and where.
    pub fn problems(&self) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = self.offer.and_then(|offer| offer.check().err()).into_iter().collect();
        if self.minimum_subtotal_minor.is_some_and(|minor| !(1..=MOST_MINOR).contains(&minor)) {
            wrong.push(("minimum_subtotal_minor", "Write an amount above 0 in minor units, or leave it out."));
        }
        if self.minimum_quantity.is_some_and(|pieces| !(1..=MOST_PIECES).contains(&pieces)) {
            wrong.push(("minimum_quantity", "Write a number of pieces from 1 to 1000000, or leave it out."));
        }
        if self.minimum_subtotal_minor.is_some() && self.minimum_quantity.is_some() {
            wrong.push((
                "minimum_quantity",
                "Shopify takes a minimum subtotal or a minimum quantity, not both: leave one out.",
            ));
        }
        let shipping = matches!(self.offer, Some(Offer::FreeShipping {}));
        if let Some(applies_to) = self.applies_to {
            if shipping {
                wrong.push(("applies_to", "Free shipping is for the whole order: leave this out."));
            } else {
                wrong.extend(applies_to.check().err());
            }
        }
        if shipping && self.combines_with.shipping {
            wrong.push((
                "combines_with.shipping",
                "Shopify never combines free shipping with another shipping discount: write false or leave it out.",
            ));
        }
        let needs_an_offer = [
            ("minimum_quantity", self.minimum_quantity.is_some()),
            ("applies_to", self.applies_to.is_some()),
            ("purchase", self.purchase != Purchase::OneTime),
        ];
        let without = needs_an_offer.into_iter().filter(|(_, given)| *given && self.offer.is_none());
        wrong.extend(without.map(|(field, _)| (field, "This campaign has no offer it could belong to: leave it out.")));
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEN: Offer = Offer::FixedAmount { amount_minor: 1_000 };

    fn field(change: impl FnOnce(&mut Conditions<'_>)) -> &'static str {
        let mut conditions = Conditions {
            offer: Some(&TEN),
            minimum_subtotal_minor: None,
            minimum_quantity: None,
            applies_to: None,
            purchase: Purchase::OneTime,
            combines_with: Combines::default(),
        };
        change(&mut conditions);
        conditions.check().map_or_else(|(field, _)| field, |()| "")
    }

    #[test]
    fn parts_that_exclude_each_other_are_refused() {
        assert_eq!(field(|_| ()), "");
        assert_eq!(field(|c| (c.minimum_quantity, c.minimum_subtotal_minor) = (Some(2), Some(2))), "minimum_quantity");
        assert_eq!(field(|c| c.minimum_quantity = Some(0)), "minimum_quantity");
        assert_eq!(field(|c| c.minimum_subtotal_minor = Some(0)), "minimum_subtotal_minor");
        assert_eq!(field(|c| (c.offer, c.purchase) = (None, Purchase::Both)), "purchase");
        assert_eq!(field(|c| c.offer = Some(&Offer::FreeShipping {})), "combines_with.shipping");
    }

    #[test]
    fn things_are_named_by_number_and_once() {
        let products = |ids: &[&str]| AppliesTo {
            products: ids.iter().map(|id| (*id).to_owned()).collect(),
            ..AppliesTo::default()
        };
        assert!(products(&["1", "22"]).check().is_ok());
        for wrong in [&["1", "1"][..], &["gid://shopify/Product/1"], &["01"], &["-1"], &[""], &["9999999999999999999"]]
        {
            assert_eq!(products(wrong).check().unwrap_err().0, "applies_to.products", "{wrong:?}");
        }
        let many: Vec<String> = (1..=101).map(|n: u32| n.to_string()).collect();
        let many = AppliesTo { collections: many, ..AppliesTo::default() };
        assert_eq!(many.check().unwrap_err().0, "applies_to.collections");
        assert!(AppliesTo::default().check().is_err());
    }

    #[test]
    fn tags_leave_room_for_ours() {
        let tags = |tags: &[&str]| Tags(tags.iter().map(|tag| (*tag).to_owned()).collect()).check();
        assert!(tags(&["a", "b", "c"]).is_ok());
        assert!(tags(&["a", "b", "c", "d"]).is_err());
        assert!(tags(&["a", " A"]).is_err());
        assert!(tags(&[&"x".repeat(256)]).is_err());
        assert!(tags(&[" "]).is_err());
    }
}
