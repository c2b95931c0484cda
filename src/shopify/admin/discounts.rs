//! Discounts and their redeem codes.
//!
//! 1. Every code of a discount we make works once: the limit counts per code.
//! 2. Adding codes is not finished when it is accepted: [`bulk_creation`] tells which codes really exist.
//! 3. A refusal is data, not a failure of the call: [`DiscountError::Rejected`] carries Shopify's reasons.

use secrecy::SecretString;

use super::documents::{self, code_basic_create as basic, code_free_shipping_create as shipping};
use super::{Admin, AdminError, UserError};
use crate::kernel::{Money, Timestamp};
use crate::shopify::ShopDomain;
use crate::shopify::gid::gid_type;

gid_type!(
    /// A discount.
    DiscountGid
);
gid_type!(
    /// One request to add codes to a discount.
    BulkCreationGid
);
gid_type!(
    /// One redeem code of a discount; needed to delete it alone.
    RedeemCodeGid
);
gid_type!(
    /// Something Shopify does in its own time.
    JobGid
);

/// The most codes in one [`add_codes`], and the most ids in one [`delete_codes`].
pub const MOST_CODES: usize = 250;

/// What a code is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiscountValue {
    /// Off the order, in basis points: 1500 is 15 %.
    Percentage(u32),
    /// Off the order as a whole, in the shop's currency.
    FixedAmount(Money),
    /// No shipping costs, anywhere.
    FreeShipping,
}

/// What a discount may meet on one order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Combines {
    /// Order discounts.
    pub order: bool,
    /// Product discounts.
    pub product: bool,
    /// Shipping discounts. Free shipping never meets another one.
    pub shipping: bool,
}

/// A discount to be made, with its first code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDiscount {
    /// Shown to merchant and shopper.
    pub title: String,
    /// What it is worth.
    pub value: DiscountValue,
    /// A discount has at least one code.
    pub first_code: String,
    /// From when its codes work.
    pub starts_at: Timestamp,
    /// Until when; `None` is for ever.
    pub ends_at: Option<Timestamp>,
    /// From which subtotal on, in the shop's currency.
    pub minimum_subtotal: Option<Money>,
    /// What it may meet.
    pub combines: Combines,
    /// At most five.
    pub tags: Vec<String>,
}

/// How often one code works.
const USES_PER_CODE: i64 = 1;

/// Why a discount or its codes are not as asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DiscountError {
    /// Shopify understood and refused.
    #[error("Shopify refused: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Rejected(Vec<UserError>),
    /// Shopify knows no such thing.
    #[error("Shopify does not know it")]
    Missing,
    /// The call itself failed.
    #[error(transparent)]
    Admin(#[from] AdminError),
}

impl DiscountError {
    /// Whether a code belongs to another discount already: draw another one.
    pub fn is_taken(&self) -> bool {
        matches!(self, Self::Rejected(errors) if errors.iter().any(|error| error.code.is_taken()))
    }
}

/// How far a request to add codes has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkCreation {
    /// Whether Shopify has looked at every code.
    pub done: bool,
    /// Each code asked for.
    pub codes: Vec<BulkCode>,
}

/// One code of a [`BulkCreation`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BulkCode {
    /// The code as asked for.
    pub code: String,
    /// Its id once it exists.
    pub redeem_code_gid: Option<RedeemCodeGid>,
    /// Why it does not.
    pub errors: Vec<UserError>,
}

/// Turns the wire's `userErrors` of any one document into ours.
macro_rules! user_errors {
    ($errors:expr) => {
        $errors.into_iter().map(|error| UserError::new(error.field, error.code, error.message)).collect::<Vec<_>>()
    };
}

/// What a mutation's payload brought in one field, once it is present and without refusals.
macro_rules! accepted {
    ($payload:expr, $field:ident) => {{
        let payload = $payload.ok_or_else(|| AdminError::Protocol("the mutation answered nothing".into()))?;
        let errors = user_errors!(payload.user_errors);
        if !errors.is_empty() {
            return Err(DiscountError::Rejected(errors));
        }
        payload.$field
    }};
}

/// Makes a discount with its first code, for everybody, each code good once.
pub async fn create_discount(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    new: &NewDiscount,
) -> Result<DiscountGid, DiscountError> {
    let id = match new.value {
        DiscountValue::FreeShipping => {
            let variables = shipping::Variables { discount: free_shipping(new) };
            let data = admin.call::<documents::CodeFreeShippingCreate>(shop, token, variables).await?.data;
            accepted!(data.discount_code_free_shipping_create, code_discount_node).map(|node| node.id)
        }
        DiscountValue::Percentage(points) => create_basic(admin, shop, token, new, percentage(points)).await?,
        DiscountValue::FixedAmount(money) => create_basic(admin, shop, token, new, fixed_amount(money)).await?,
    };
    id.map(DiscountGid).ok_or_else(nothing_made)
}

async fn create_basic(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    new: &NewDiscount,
    value: basic::DiscountCustomerGetsValueInput,
) -> Result<Option<String>, DiscountError> {
    let variables = basic::Variables { discount: order_discount(new, value) };
    let data = admin.call::<documents::CodeBasicCreate>(shop, token, variables).await?.data;
    Ok(accepted!(data.discount_code_basic_create, code_discount_node).map(|node| node.id))
}

/// Asks for more codes under a discount, at most [`MOST_CODES`]. Not finished before [`bulk_creation`] says so.
pub async fn add_codes(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    discount: &DiscountGid,
    codes: &[String],
) -> Result<BulkCreationGid, DiscountError> {
    use documents::redeem_code_bulk_add as wire;
    let codes = codes.iter().map(|code| wire::DiscountRedeemCodeInput { code: code.clone() }).collect();
    let variables = wire::Variables { discount: discount.0.clone(), codes };
    let data = admin.call::<documents::RedeemCodeBulkAdd>(shop, token, variables).await?.data;
    let made = accepted!(data.discount_redeem_code_bulk_add, bulk_creation);
    made.map(|creation| BulkCreationGid(creation.id)).ok_or_else(nothing_made)
}

/// How far a request to add codes has come.
pub async fn bulk_creation(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    creation: &BulkCreationGid,
) -> Result<BulkCreation, DiscountError> {
    use documents::redeem_code_bulk_creation as wire;
    let variables = wire::Variables { id: creation.0.clone() };
    let data = admin.call::<documents::RedeemCodeBulkCreation>(shop, token, variables).await?.data;
    let creation = data.discount_redeem_code_bulk_creation.ok_or(DiscountError::Missing)?;
    let codes = creation.codes.nodes.into_iter().map(|code| BulkCode {
        code: code.code,
        redeem_code_gid: code.discount_redeem_code.map(|made| RedeemCodeGid(made.id)),
        errors: user_errors!(code.errors),
    });
    Ok(BulkCreation { done: creation.done, codes: codes.collect() })
}

/// Which discount a code belongs to, whatever its case.
pub async fn find_code(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    code: &str,
) -> Result<Option<DiscountGid>, DiscountError> {
    use documents::code_discount_node_by_code as wire;
    let variables = wire::Variables { code: code.to_owned() };
    let data = admin.call::<documents::CodeDiscountNodeByCode>(shop, token, variables).await?.data;
    Ok(data.code_discount_node_by_code.map(|node| DiscountGid(node.id)))
}

/// Stops all codes of a discount at once.
pub async fn deactivate(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    discount: &DiscountGid,
) -> Result<(), DiscountError> {
    use documents::discount_deactivate as wire;
    let variables = wire::Variables { id: discount.0.clone() };
    let data = admin.call::<documents::DiscountDeactivate>(shop, token, variables).await?.data;
    let _ = accepted!(data.discount_code_deactivate, code_discount_node);
    Ok(())
}

/// Asks Shopify to delete single codes of a discount, at most [`MOST_CODES`]; `None` when there was nothing to do.
pub async fn delete_codes(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    discount: &DiscountGid,
    codes: &[RedeemCodeGid],
) -> Result<Option<JobGid>, DiscountError> {
    use documents::redeem_code_bulk_delete as wire;
    let ids = codes.iter().map(|code| code.0.clone()).collect();
    let variables = wire::Variables { discount: discount.0.clone(), ids };
    let data = admin.call::<documents::RedeemCodeBulkDelete>(shop, token, variables).await?.data;
    Ok(accepted!(data.discount_code_redeem_code_bulk_delete, job).map(|job| JobGid(job.id)))
}

fn nothing_made() -> DiscountError {
    AdminError::Protocol("neither a result nor a reason".into()).into()
}

/// Shopify wants a fraction as a JSON number. Dividing a whole number by 10 000 gives the float nearest to the decimal,
/// and that prints as the decimal itself: 1500 is `0.15`, never `0.15000000000000002`.
fn percentage(basis_points: u32) -> basic::DiscountCustomerGetsValueInput {
    basic::DiscountCustomerGetsValueInput {
        percentage: Some(f64::from(basis_points) / 10_000.0),
        discount_amount: None,
        discount_on_quantity: None,
    }
}

fn fixed_amount(money: Money) -> basic::DiscountCustomerGetsValueInput {
    let amount = basic::DiscountAmountInput { amount: Some(money.decimal()), applies_on_each_item: Some(false) };
    basic::DiscountCustomerGetsValueInput {
        percentage: None,
        discount_amount: Some(amount),
        discount_on_quantity: None,
    }
}

fn order_discount(new: &NewDiscount, value: basic::DiscountCustomerGetsValueInput) -> basic::DiscountCodeBasicInput {
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

fn free_shipping(new: &NewDiscount) -> shipping::DiscountCodeFreeShippingInput {
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
    use crate::kernel::Currency;
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

    #[test]
    fn refusals_without_a_code_are_read_all_the_same() {
        let data = json!({"discountCodeBasicCreate": {"codeDiscountNode": null, "userErrors": [
            {"field": null, "code": null, "message": "No"},
            {"field": ["basicCodeDiscount", "code"], "code": "TAKEN", "message": "Code must be unique."},
            {"field": [], "code": "OF_NEXT_YEAR", "message": "?"},
        ]}});
        let data: basic::ResponseData = serde_json::from_value(data).unwrap();
        let errors = user_errors!(data.discount_code_basic_create.unwrap().user_errors);
        assert_eq!(errors[0].code, super::super::UserErrorCode::Unknown);
        assert_eq!(errors[2].code.as_str(), "OF_NEXT_YEAR");
        assert!(DiscountError::Rejected(errors).is_taken());
    }
}
