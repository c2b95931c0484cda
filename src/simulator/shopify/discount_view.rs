//! Discounts as the Admin API shows them.

use serde_json::{Value, json};

use crate::kernel::Timestamp;

use super::discounts::{Arriving, Discount, Entitled, Import, Minimum, Offer, RedeemCode, user_error};
use super::view::{amount, connection, gid, merge};
use crate::simulator::shopify::shop::Shop;

/// `DiscountCodeBasic` or `DiscountCodeFreeShipping`.
fn code_discount(shop: &Shop, discount: &Discount, now: Timestamp) -> Value {
    let money = |minor| amount(minor, shop.profile.currency);
    let tally = shop.discounts.tally(discount.id);
    let mut view = json!({
        "title": discount.title, "summary": discount.title, "shortSummary": discount.title,
        "status": discount.status(now), "startsAt": discount.starts_at, "endsAt": discount.ends_at,
        "createdAt": discount.created_at, "updatedAt": discount.updated_at,
        "usageLimit": discount.usage_limit, "appliesOncePerCustomer": discount.once_per_customer,
        "asyncUsageCount": tally.uses, "recurringCycleLimit": discount.recurring_cycle_limit, "tags": discount.tags,
        "hasTimelineComment": false, "shareableUrls": [], "totalSales": null,
        "combinesWith": {"__typename": "DiscountCombinesWith", "orderDiscounts": discount.combines.order,
            "productDiscounts": discount.combines.product, "shippingDiscounts": discount.combines.shipping,
            "productDiscountsWithTagsOnSameCartLine": null},
        "context": {"__typename": "DiscountBuyerSelectionAll", "all": "ALL"},
        "customerSelection": {"__typename": "DiscountCustomerAll", "allCustomers": true},
        "minimumRequirement": match discount.minimum {
            None => Value::Null,
            Some(Minimum::Subtotal(minor)) =>
                json!({"__typename": "DiscountMinimumSubtotal", "greaterThanOrEqualToSubtotal": money(minor)}),
            Some(Minimum::Quantity(pieces)) =>
                json!({"__typename": "DiscountMinimumQuantity", "greaterThanOrEqualToQuantity": pieces.to_string()}),
        },
        "codes": {"__typename": "DiscountRedeemCodeConnection", "__codes_of": discount.id},
        "codesCount": {"__typename": "Count", "precision": "EXACT", "count": tally.codes},
    });
    let class = if discount.entitled == Entitled::All { "ORDER" } else { "PRODUCT" };
    let more = match discount.offer {
        Offer::FreeShipping(most) => json!({
            "__typename": "DiscountCodeFreeShipping", "discountClass": "SHIPPING", "discountClasses": ["SHIPPING"],
            "appliesOnOneTimePurchase": discount.once, "appliesOnSubscription": discount.subscriptions,
            "maximumShippingPrice": most.map(money),
            "destinationSelection": {"__typename": "DiscountCountryAll", "allCountries": true},
        }),
        Offer::Percentage(_) | Offer::Fixed(_) => json!({
            "__typename": "DiscountCodeBasic", "discountClass": class, "discountClasses": [class],
            "customerGets": {"__typename": "DiscountCustomerGets", "appliesOnOneTimePurchase": discount.once,
                "appliesOnSubscription": discount.subscriptions, "items": items(discount),
                "value": match discount.offer {
                    Offer::Percentage(share) =>
                        json!({"__typename": "DiscountPercentage", "percentage": share as f64 / 10_000.0}),
                    Offer::Fixed(minor) =>
                        json!({"__typename": "DiscountAmount", "amount": money(minor), "appliesOnEachItem": false}),
                    Offer::FreeShipping(_) => Value::Null,
                }},
        }),
    };
    merge(&mut view, more);
    view
}

fn items(discount: &Discount) -> Value {
    let named = |kind: &str, ids: &[i64]| {
        connection(kind, ids.iter().map(|id| json!({"__typename": kind, "id": gid(kind, *id)})).collect())
    };
    match &discount.entitled {
        Entitled::All => json!({"__typename": "AllDiscountItems", "allItems": true}),
        Entitled::Products(ids) => json!({"__typename": "DiscountProducts", "products": named("Product", ids)}),
        Entitled::Collections(ids) => {
            json!({"__typename": "DiscountCollections", "collections": named("Collection", ids)})
        }
    }
}

/// `DiscountCodeNode`.
pub(super) fn code_node(shop: &Shop, discount: &Discount, now: Timestamp) -> Value {
    json!({"__typename": "DiscountCodeNode", "id": gid("DiscountCodeNode", discount.id), "metafield": null,
           "codeDiscount": code_discount(shop, discount, now)})
}

/// `DiscountNode`.
pub(super) fn node(shop: &Shop, discount: &Discount, now: Timestamp) -> Value {
    json!({"__typename": "DiscountNode", "id": gid("DiscountNode", discount.id), "metafield": null,
           "discount": code_discount(shop, discount, now)})
}

/// `DiscountRedeemCode`.
pub(super) fn redeem_code(code: &RedeemCode) -> Value {
    json!({"__typename": "DiscountRedeemCode", "id": gid("DiscountRedeemCode", code.id), "code": code.code,
           "asyncUsageCount": code.uses, "createdBy": null})
}

/// The codes of a bulk addition, with what became of each.
pub(super) fn arriving(shop: &Shop, import: i64) -> Vec<Value> {
    let view = |arriving: &Arriving| {
        let (kept, errors) = match arriving.outcome {
            Some(Ok(_)) => (shop.discounts.find(&arriving.code).map(|(code, _)| redeem_code(code)), vec![]),
            Some(Err("TAKEN")) => (None, vec![user_error(&["code"], "TAKEN", "Code must be unique.")]),
            Some(Err(why)) => (None, vec![user_error(&["code"], why, "Code is not valid.")]),
            None => (None, vec![]),
        };
        json!({"__typename": "DiscountRedeemCodeBulkCreationCode", "code": arriving.code,
               "discountRedeemCode": kept, "errors": errors})
    };
    shop.discounts.imports.get(&import).map_or(vec![], |import| import.codes.iter().map(view).collect())
}

/// `DiscountRedeemCodeBulkCreation`. Its codes are listed when somebody asks for them.
pub(super) fn bulk_creation(shop: &Shop, import: &Import, now: Timestamp) -> Value {
    let counted = |wanted: bool| import.codes.iter().filter(|c| c.outcome.is_some_and(|o| o.is_ok() == wanted)).count();
    json!({
        "__typename": "DiscountRedeemCodeBulkCreation", "id": gid("DiscountRedeemCodeBulkCreation", import.id),
        "createdAt": import.created_at, "done": import.done() && !import.stuck, "codesCount": import.codes.len(),
        "importedCount": counted(true), "failedCount": counted(false),
        "discountCode": shop.discounts.list.get(&import.discount).map(|discount| code_node(shop, discount, now)),
        "codes": {"__typename": "DiscountRedeemCodeBulkCreationCodeConnection", "__arriving": import.id},
    })
}
