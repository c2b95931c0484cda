//! A discount in Shopify's words, read into ours.

use super::discount::{DiscountValue, Minimum, Seen};
use super::documents::discount_by_id as wire;
use crate::kernel::{Currency, Money, Timestamp};

/// `None`: not a code discount of the two kinds we make.
pub(super) fn seen(node: wire::DiscountByIdNode) -> Option<Seen> {
    use wire::DiscountByIdNodeOnDiscountCodeNodeCodeDiscount as Discount;
    let wire::DiscountByIdNode::DiscountCodeNode(node) = node else { return None };
    match node.code_discount {
        Discount::DiscountCodeBasic(basic) => Some(Seen {
            title: basic.title,
            active: matches!(basic.status, wire::DiscountStatus::Active),
            ends_at: basic.ends_at.as_deref().and_then(Timestamp::parse),
            usage_limit: basic.usage_limit,
            value: value(basic.customer_gets.value),
            minimum: basic.minimum_requirement.and_then(minimum),
        }),
        Discount::DiscountCodeFreeShipping(shipping) => Some(Seen {
            title: shipping.title,
            active: matches!(shipping.status, wire::DiscountStatus::Active),
            ends_at: shipping.ends_at.as_deref().and_then(Timestamp::parse),
            usage_limit: shipping.usage_limit,
            value: Some(DiscountValue::FreeShipping),
            minimum: shipping.minimum_requirement.and_then(minimum),
        }),
        _ => None,
    }
}

fn value(
    value: wire::DiscountByIdNodeOnDiscountCodeNodeCodeDiscountOnDiscountCodeBasicCustomerGetsValue,
) -> Option<DiscountValue> {
    use wire::DiscountByIdNodeOnDiscountCodeNodeCodeDiscountOnDiscountCodeBasicCustomerGetsValue as Value;
    match value {
        // Shopify's fraction has at most four decimals of ours in it.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share between 0 and 1")]
        Value::DiscountPercentage(share) => {
            Some(DiscountValue::Percentage((share.percentage.clamp(0.0, 1.0) * 10_000.0).round() as u32))
        }
        Value::DiscountAmount(off) => {
            money(&off.amount.amount, &off.amount.currency_code).map(DiscountValue::FixedAmount)
        }
        Value::DiscountOnQuantity => None,
    }
}

fn minimum(minimum: wire::Minimum) -> Option<Minimum> {
    match minimum {
        wire::Minimum::DiscountMinimumSubtotal(from) => {
            let from = from.greater_than_or_equal_to_subtotal;
            money(&from.amount, &from.currency_code).map(Minimum::Subtotal)
        }
        wire::Minimum::DiscountMinimumQuantity(from) => {
            from.greater_than_or_equal_to_quantity.parse().ok().map(Minimum::Quantity)
        }
    }
}

fn money(amount: &str, currency: &str) -> Option<Money> {
    Money::parse(amount, Currency::parse(currency)?).ok()
}
