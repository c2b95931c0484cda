//! Amounts of an order as the Admin API shows them, in both its currencies, and the one line that is nothing but an amount.

use serde_json::{Value, json};

use super::order::Order;
use super::payload::tip_id;
use super::pricing::presented;
use super::view::{amount, gid};
use crate::kernel::Money;

/// `MoneyBag`.
pub(super) fn bag(order: &Order, minor: i64) -> Value {
    let buyer = presented(Money::new(minor, order.currency), order.presentment, order.rate);
    json!({"__typename": "MoneyBag", "shopMoney": amount(minor, order.currency),
           "presentmentMoney": amount(buyer.minor, buyer.currency)})
}

/// The line a tip stands on: no field of it says so.
pub(super) fn tip_line(order: &Order) -> Value {
    json!({
        "__typename": "LineItem", "id": gid("LineItem", tip_id(order)), "name": "Tip", "title": "Tip", "quantity": 1,
        "currentQuantity": i64::from(order.current_tip() > 0), "refundableQuantity": i64::from(order.current_tip() > 0),
        "isGiftCard": false, "requiresShipping": false, "taxable": false, "sku": null, "variantTitle": null, "vendor": null,
        "customAttributes": [], "sellingPlan": null, "variant": null, "product": null,
        "originalUnitPriceSet": bag(order, order.tip), "originalTotalSet": bag(order, order.tip),
        "discountedTotalSet": bag(order, order.tip), "totalDiscountSet": bag(order, 0),
        "discountedUnitPriceAfterAllDiscountsSet": bag(order, order.tip), "discountAllocations": [], "taxLines": [],
    })
}
