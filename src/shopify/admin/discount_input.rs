//! A new discount in Shopify's words.
//!
//! 1. For everybody, and every code good once.
//! 2. What is not said stays unsaid: an absent field is not sent as null.

use super::discount::{DiscountGid, Items, Minimum, NewDiscount, Purchase};
use super::documents::{
    code_basic_create as basic, code_basic_update as basic_update, code_free_shipping_create as shipping,
    code_free_shipping_update as shipping_update,
};
use crate::kernel::{Money, Timestamp};

/// How often one code works.
const USES_PER_CODE: i64 = 1;

/// Shopify wants a fraction as a JSON number. Dividing a whole number by 10 000 gives the float nearest to the decimal,
/// and that prints as the decimal itself: 1500 is `0.15`, never `0.15000000000000002`.
pub(super) fn percentage(basis_points: u32) -> basic::DiscountCustomerGetsValueInput {
    basic::DiscountCustomerGetsValueInput {
        percentage: Some(f64::from(basis_points) / 10_000.0),
        discount_amount: None,
        discount_on_quantity: None,
    }
}

pub(super) fn fixed_amount(money: Money) -> basic::DiscountCustomerGetsValueInput {
    let amount = basic::DiscountAmountInput { amount: Some(money.decimal()), applies_on_each_item: Some(false) };
    basic::DiscountCustomerGetsValueInput {
        percentage: None,
        discount_amount: Some(amount),
        discount_on_quantity: None,
    }
}

/// Shopify knows things by their global ids.
fn gids(kind: &str, numbers: &[String]) -> Vec<String> {
    numbers.iter().map(|number| format!("gid://shopify/{kind}/{number}")).collect()
}

fn items(items: &Items) -> basic::DiscountItemsInput {
    let nothing = basic::DiscountItemsInput { all: None, collections: None, products: None };
    match items {
        Items::All => basic::DiscountItemsInput { all: Some(true), ..nothing },
        Items::Products(numbers) => {
            let products = basic::DiscountProductsInput {
                products_to_add: Some(gids("Product", numbers)),
                products_to_remove: None,
                product_variants_to_add: None,
                product_variants_to_remove: None,
            };
            basic::DiscountItemsInput { products: Some(products), ..nothing }
        }
        Items::Collections(numbers) => {
            let collections = basic::DiscountCollectionsInput { add: Some(gids("Collection", numbers)), remove: None };
            basic::DiscountItemsInput { collections: Some(collections), ..nothing }
        }
    }
}

/// Whether it applies to things bought once, whether to subscriptions, and to how many orders of one.
const fn bought(purchase: Purchase) -> (Option<bool>, Option<bool>, Option<i64>) {
    match purchase {
        Purchase::OneTime => (None, None, None),
        Purchase::Subscription => (Some(false), Some(true), Some(1)),
        Purchase::Both => (Some(true), Some(true), Some(1)),
    }
}

// The two inputs are two generated types of the same shape.
macro_rules! minimum {
    ($wire:ident, $minimum:expr) => {
        $minimum.map(|minimum| $wire::DiscountMinimumRequirementInput {
            subtotal: match minimum {
                Minimum::Subtotal(money) => Some($wire::DiscountMinimumSubtotalInput {
                    greater_than_or_equal_to_subtotal: Some(money.decimal()),
                }),
                Minimum::Quantity(_) => None,
            },
            quantity: match minimum {
                Minimum::Quantity(pieces) => Some($wire::DiscountMinimumQuantityInput {
                    greater_than_or_equal_to_quantity: Some(pieces.to_string()),
                }),
                Minimum::Subtotal(_) => None,
            },
        })
    };
}

pub(super) fn order_discount(
    new: &NewDiscount,
    value: basic::DiscountCustomerGetsValueInput,
) -> basic::DiscountCodeBasicInput {
    let (once, subscription, recurring_cycle_limit) = bought(new.purchase);
    basic::DiscountCodeBasicInput {
        title: Some(new.title.clone()),
        code: Some(new.first_code.clone()),
        starts_at: Some(new.starts_at.to_string()),
        ends_at: new.ends_at.map(|at| at.to_string()),
        usage_limit: Some(USES_PER_CODE),
        applies_once_per_customer: None,
        context: Some(basic::DiscountContextInput::All(basic::DiscountBuyerSelection::All)),
        customer_selection: None,
        customer_gets: Some(basic::DiscountCustomerGetsInput {
            value: Some(value),
            items: Some(items(&new.items)),
            applies_on_one_time_purchase: once,
            applies_on_subscription: subscription,
        }),
        minimum_requirement: minimum!(basic, new.minimum),
        combines_with: Some(basic::DiscountCombinesWithInput {
            order_discounts: Some(new.combines.order),
            product_discounts: Some(new.combines.product),
            shipping_discounts: Some(new.combines.shipping),
            product_discounts_with_tags_on_same_cart_line: None,
        }),
        recurring_cycle_limit,
        tags: Some(new.tags.clone()),
    }
}

pub(super) fn free_shipping(new: &NewDiscount) -> shipping::DiscountCodeFreeShippingInput {
    let (once, subscription, recurring_cycle_limit) = bought(new.purchase);
    shipping::DiscountCodeFreeShippingInput {
        title: Some(new.title.clone()),
        code: Some(new.first_code.clone()),
        starts_at: Some(new.starts_at.to_string()),
        ends_at: new.ends_at.map(|at| at.to_string()),
        usage_limit: Some(USES_PER_CODE),
        applies_once_per_customer: None,
        context: Some(shipping::DiscountContextInput::All(shipping::DiscountBuyerSelection::All)),
        customer_selection: None,
        destination: Some(shipping::DiscountShippingDestinationSelectionInput { all: Some(true), countries: None }),
        maximum_shipping_price: None,
        minimum_requirement: minimum!(shipping, new.minimum),
        combines_with: Some(shipping::DiscountCombinesWithInput {
            order_discounts: Some(new.combines.order),
            product_discounts: Some(new.combines.product),
            // Shopify refuses a shipping discount that wants to meet another one.
            shipping_discounts: Some(false),
            product_discounts_with_tags_on_same_cart_line: None,
        }),
        applies_on_one_time_purchase: once,
        applies_on_subscription: subscription,
        recurring_cycle_limit,
        tags: Some(new.tags.clone()),
    }
}

/// Nothing but another title and other tags.
pub(super) fn renamed_basic(title: &str, tags: &[String], id: &DiscountGid) -> basic_update::Variables {
    let discount = basic_update::DiscountCodeBasicInput {
        title: Some(title.to_owned()),
        tags: Some(tags.to_vec()),
        ..unchanged_basic()
    };
    basic_update::Variables { id: id.0.clone(), discount }
}

/// Nothing but another end.
pub(super) fn ending_basic(ends_at: Timestamp, id: &DiscountGid) -> basic_update::Variables {
    let discount = basic_update::DiscountCodeBasicInput { ends_at: Some(ends_at.to_string()), ..unchanged_basic() };
    basic_update::Variables { id: id.0.clone(), discount }
}

fn unchanged_basic() -> basic_update::DiscountCodeBasicInput {
    basic_update::DiscountCodeBasicInput {
        title: None,
        tags: None,
        code: None,
        starts_at: None,
        ends_at: None,
        usage_limit: None,
        applies_once_per_customer: None,
        context: None,
        customer_selection: None,
        customer_gets: None,
        minimum_requirement: None,
        combines_with: None,
        recurring_cycle_limit: None,
    }
}

/// Nothing but another title and other tags.
pub(super) fn renamed_free_shipping(title: &str, tags: &[String], id: &DiscountGid) -> shipping_update::Variables {
    let discount = shipping_update::DiscountCodeFreeShippingInput {
        title: Some(title.to_owned()),
        tags: Some(tags.to_vec()),
        ..unchanged_free_shipping()
    };
    shipping_update::Variables { id: id.0.clone(), discount }
}

/// Nothing but another end.
pub(super) fn ending_free_shipping(ends_at: Timestamp, id: &DiscountGid) -> shipping_update::Variables {
    let ends_at = Some(ends_at.to_string());
    let discount = shipping_update::DiscountCodeFreeShippingInput { ends_at, ..unchanged_free_shipping() };
    shipping_update::Variables { id: id.0.clone(), discount }
}

fn unchanged_free_shipping() -> shipping_update::DiscountCodeFreeShippingInput {
    shipping_update::DiscountCodeFreeShippingInput {
        title: None,
        tags: None,
        code: None,
        starts_at: None,
        ends_at: None,
        usage_limit: None,
        applies_once_per_customer: None,
        context: None,
        customer_selection: None,
        destination: None,
        maximum_shipping_price: None,
        minimum_requirement: None,
        combines_with: None,
        applies_on_one_time_purchase: None,
        applies_on_subscription: None,
        recurring_cycle_limit: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Currency;
    use crate::shopify::admin::discount::{Combines, DiscountValue};
    use serde_json::json;

    fn new() -> NewDiscount {
        NewDiscount {
            title: "Winback".into(),
            value: DiscountValue::Percentage(1500),
            first_code: "ABCD2345".into(),
            starts_at: Timestamp::from_seconds(0),
            ends_at: Some(Timestamp::from_seconds(3600)),
            minimum: Some(Minimum::Subtotal(Money::new(4000, Currency::parse("EUR").unwrap()))),
            items: Items::All,
            purchase: Purchase::OneTime,
            combines: Combines { order: false, product: true, shipping: true },
            tags: vec!["recoup".into()],
        }
    }

    #[test]
    fn what_is_sent_says_exactly_what_is_meant() {
        let sent = serde_json::to_value(order_discount(&new(), percentage(1500))).unwrap();
        let expected = json!({
            "title": "Winback", "code": "ABCD2345", "startsAt": "1970-01-01T00:00:00Z", "endsAt": "1970-01-01T01:00:00Z",
            "usageLimit": 1, "context": {"all": "ALL"},
            "customerGets": {"value": {"percentage": 0.15}, "items": {"all": true}},
            "minimumRequirement": {"subtotal": {"greaterThanOrEqualToSubtotal": "40.00"}},
            "combinesWith": {"orderDiscounts": false, "productDiscounts": true, "shippingDiscounts": true},
            "tags": ["recoup"],
        });
        assert_eq!(sent, expected);
        let amount = serde_json::to_value(fixed_amount(Money::new(500, Currency::parse("JPY").unwrap()))).unwrap();
        assert_eq!(amount, json!({"discountAmount": {"amount": "500", "appliesOnEachItem": false}}));
        let sent = serde_json::to_value(free_shipping(&new())).unwrap();
        assert_eq!(sent["destination"], json!({"all": true}));
        assert_eq!(sent["combinesWith"]["shippingDiscounts"], json!(false));
    }

    #[test]
    fn entitlement_quantity_and_subscription_are_said_only_where_they_are_meant() {
        let wanted = NewDiscount {
            minimum: Some(Minimum::Quantity(3)),
            items: Items::Products(vec!["123".into()]),
            purchase: Purchase::Subscription,
            ..new()
        };
        let sent = serde_json::to_value(order_discount(&wanted, percentage(1500))).unwrap();
        assert_eq!(sent["minimumRequirement"], json!({"quantity": {"greaterThanOrEqualToQuantity": "3"}}));
        assert_eq!(
            sent["customerGets"]["items"],
            json!({"products": {"productsToAdd": ["gid://shopify/Product/123"]}})
        );
        assert_eq!(sent["customerGets"]["appliesOnOneTimePurchase"], json!(false));
        assert_eq!(sent["customerGets"]["appliesOnSubscription"], json!(true));
        assert_eq!(sent["recurringCycleLimit"], json!(1));
        let wanted = NewDiscount { items: Items::Collections(vec!["4".into()]), purchase: Purchase::Both, ..new() };
        let sent = serde_json::to_value(order_discount(&wanted, percentage(1500))).unwrap();
        assert_eq!(sent["customerGets"]["items"], json!({"collections": {"add": ["gid://shopify/Collection/4"]}}));
        assert_eq!(serde_json::to_value(free_shipping(&wanted)).unwrap()["appliesOnOneTimePurchase"], json!(true));
        let renamed = renamed_basic("New", &["recoup".into()], &DiscountGid("gid://shopify/DiscountCodeNode/1".into()));
        let renamed = serde_json::to_value(renamed).unwrap();
        assert_eq!(renamed["discount"], json!({"title": "New", "tags": ["recoup"]}));
        let ending = ending_basic(Timestamp::from_seconds(60), &DiscountGid("gid://shopify/DiscountCodeNode/1".into()));
        let ending = serde_json::to_value(ending).unwrap();
        assert_eq!(ending["discount"], json!({"endsAt": "1970-01-01T00:01:00Z"}));
    }

    #[test]
    fn every_percentage_prints_as_its_decimal() {
        for points in 0..=10_000_u32 {
            let printed = serde_json::to_string(&percentage(points).percentage).unwrap();
            let exact = rust_decimal::Decimal::new(points.into(), 4);
            assert_eq!(printed.parse::<rust_decimal::Decimal>().unwrap(), exact, "{printed}");
        }
    }
}
