//! A new discount in Shopify's words.
//!
//! 1. For everybody, and every code good once.
//! 2. What is not said stays unsaid: an absent field is not sent as null.

use super::discounts::NewDiscount;
use super::documents::{code_basic_create as basic, code_free_shipping_create as shipping};
use crate::kernel::Money;

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

pub(super) fn order_discount(
    new: &NewDiscount,
    value: basic::DiscountCustomerGetsValueInput,
) -> basic::DiscountCodeBasicInput {
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
            items: Some(basic::DiscountItemsInput { all: Some(true), collections: None, products: None }),
            applies_on_one_time_purchase: None,
            applies_on_subscription: None,
        }),
        minimum_requirement: new.minimum_subtotal.map(|money| basic::DiscountMinimumRequirementInput {
            subtotal: Some(basic::DiscountMinimumSubtotalInput {
                greater_than_or_equal_to_subtotal: Some(money.decimal()),
            }),
            quantity: None,
        }),
        combines_with: Some(basic::DiscountCombinesWithInput {
            order_discounts: Some(new.combines.order),
            product_discounts: Some(new.combines.product),
            shipping_discounts: Some(new.combines.shipping),
            product_discounts_with_tags_on_same_cart_line: None,
        }),
        recurring_cycle_limit: None,
        tags: Some(new.tags.clone()),
    }
}

pub(super) fn free_shipping(new: &NewDiscount) -> shipping::DiscountCodeFreeShippingInput {
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
        minimum_requirement: new.minimum_subtotal.map(|money| shipping::DiscountMinimumRequirementInput {
            subtotal: Some(shipping::DiscountMinimumSubtotalInput {
                greater_than_or_equal_to_subtotal: Some(money.decimal()),
            }),
            quantity: None,
        }),
        combines_with: Some(shipping::DiscountCombinesWithInput {
            order_discounts: Some(new.combines.order),
            product_discounts: Some(new.combines.product),
            // Shopify refuses a shipping discount that wants to meet another one.
            shipping_discounts: Some(false),
            product_discounts_with_tags_on_same_cart_line: None,
        }),
        applies_on_one_time_purchase: None,
        applies_on_subscription: None,
        recurring_cycle_limit: None,
        tags: Some(new.tags.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Currency, Timestamp};
    use crate::shopify::admin::discounts::{Combines, DiscountValue};
    use serde_json::json;

    fn new() -> NewDiscount {
        NewDiscount {
            title: "Winback".into(),
            value: DiscountValue::Percentage(1500),
            first_code: "ABCD2345".into(),
            starts_at: Timestamp::from_seconds(0),
            ends_at: Some(Timestamp::from_seconds(3600)),
            minimum_subtotal: Some(Money::new(4000, Currency::parse("EUR").unwrap())),
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
    fn every_percentage_prints_as_its_decimal() {
        for points in 0..=10_000_u32 {
            let printed = serde_json::to_string(&percentage(points).percentage).unwrap();
            let exact = rust_decimal::Decimal::new(points.into(), 4);
            assert_eq!(printed.parse::<rust_decimal::Decimal>().unwrap(), exact, "{printed}");
        }
    }
}
