//! Sales agreements: Shopify's own book of what was sold and given back with an order. It writes one whenever an order is
//! placed, edited, returned or refunded, with a sale for each thing that changed.
//!
//! Amounts come in the smallest unit of the shop's currency with remainders already distributed: they are read exactly,
//! or the whole order is not. Words are handed on as they come, also those this version does not know.

use serde_json::Value;

use super::AdminError;
use crate::kernel::{Currency, Money, Timestamp};

/// What an order's book says, as far as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sold {
    /// When the order last changed: the state this belongs to.
    pub updated_at: Timestamp,
    /// What Shopify says the order comes to in it.
    pub current_total: Money,
    /// The sales, as they came.
    pub sales: Vec<Sale>,
    /// There are more than were told.
    pub more: bool,
}

/// One sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// Shopify's id of it.
    pub id: String,
    /// Shopify's id of its agreement.
    pub agreement_id: String,
    /// Its agreement's type.
    pub agreement: String,
    /// Why the agreement was made.
    pub reason: String,
    /// When.
    pub happened_at: Timestamp,
    /// What was sold.
    pub line_type: String,
    /// Sold, changed or given back.
    pub action_type: String,
    /// How many.
    pub quantity: Option<i64>,
    /// After discounts, with tax, in the shop's currency.
    pub total: Money,
    /// The tax in it.
    pub tax: Money,
    /// What discounts took off before taxes.
    pub discounts: Money,
}

/// Where the rest of an order's sales begins: after an agreement, and in the next one after a sale.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rest {
    pub agreement: Option<String>,
    pub sale: Option<String>,
}

/// Reads an order's book.
pub(super) fn sold(order: &Value) -> Result<Sold, AdminError> {
    let total = &order["currentTotalPriceSet"];
    let currency = text(&total["shopMoney"]["currencyCode"]);
    let currency = Currency::parse(currency).ok_or_else(|| odd("its currency cannot be counted"))?;
    let agreements = &order["agreements"];
    let mut sales = Vec::new();
    let mut more = agreements["pageInfo"]["hasNextPage"] == true;
    for agreement in list(&agreements["nodes"]) {
        let page = &agreement["sales"];
        more |= page["pageInfo"]["hasNextPage"] == true;
        for sale in list(&page["nodes"]) {
            sales.push(Sale {
                id: id(sale)?,
                agreement_id: id(agreement)?,
                agreement: text(&agreement["__typename"]).to_owned(),
                reason: text(&agreement["reason"]).to_owned(),
                happened_at: instant(&agreement["happenedAt"])?,
                line_type: text(&sale["lineType"]).to_owned(),
                action_type: text(&sale["actionType"]).to_owned(),
                quantity: sale["quantity"].as_i64(),
                total: money(&sale["totalAmount"], currency)?,
                tax: money(&sale["totalTaxAmount"], currency)?,
                discounts: money(&sale["totalDiscountAmountBeforeTaxes"], currency)?,
            });
        }
    }
    Ok(Sold { updated_at: instant(&order["updatedAt"])?, current_total: money(total, currency)?, sales, more })
}

/// Where the next page begins, of an order that is told one agreement at a time. `None`: that was all.
pub(super) fn rest(order: &Value, from: &Rest) -> Option<Rest> {
    let agreements = &order["agreements"];
    let cursor = |page: &Value| page["endCursor"].as_str().filter(|_| page["hasNextPage"] == true).map(str::to_owned);
    match cursor(&agreements["nodes"][0]["sales"]["pageInfo"]) {
        Some(sale) => Some(Rest { agreement: from.agreement.clone(), sale: Some(sale) }),
        None => cursor(&agreements["pageInfo"]).map(|agreement| Rest { agreement: Some(agreement), sale: None }),
    }
}

fn id(thing: &Value) -> Result<String, AdminError> {
    thing["id"].as_str().map(str::to_owned).ok_or_else(|| odd("something has no id"))
}

fn instant(value: &Value) -> Result<Timestamp, AdminError> {
    Timestamp::parse(text(value)).ok_or_else(|| odd("an instant cannot be read"))
}

fn money(set: &Value, currency: Currency) -> Result<Money, AdminError> {
    let told = &set["shopMoney"];
    if Currency::parse(text(&told["currencyCode"])) != Some(currency) {
        return Err(odd("its amounts are in several currencies"));
    }
    Money::parse(text(&told["amount"]), currency).map_err(|error| odd(&error.to_string()))
}

fn odd(what: &str) -> AdminError {
    AdminError::Protocol(format!("an order's sales: {what}"))
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

pub(super) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn bag(amount: &str, code: &str) -> Value {
        json!({"shopMoney": {"amount": amount, "currencyCode": code}})
    }

    fn order(code: &str, amounts: [&str; 3]) -> Value {
        let [total, tax, off] = amounts.map(|amount| bag(amount, code));
        let sale = json!({"id": "gid://shopify/ProductSale/1", "lineType": "PRODUCT", "actionType": "ORDER", "quantity": 2,
            "totalAmount": total, "totalTaxAmount": tax, "totalDiscountAmountBeforeTaxes": off});
        let page = json!({"hasNextPage": false, "endCursor": "s"});
        json!({"id": "gid://shopify/Order/7", "updatedAt": "2026-11-01T10:00:00Z", "currentTotalPriceSet": total,
            "agreements": {"pageInfo": page, "nodes": [{"__typename": "OrderAgreement", "id": "gid://shopify/SalesAgreement/1",
                "reason": "ORDER", "happenedAt": "2026-11-01T09:00:00+01:00", "sales": {"nodes": [sale], "pageInfo": page}}]}})
    }

    #[test]
    fn amounts_are_exact_in_whatever_unit_or_refused() {
        for (code, amounts, minor) in [
            ("EUR", ["119.0", "19.0", "10.0"], [11_900, 1_900, 1_000]),
            ("JPY", ["1100.0", "100", "0.0"], [1_100, 100, 0]),
            ("KWD", ["1.234", "0.017", "0.1"], [1_234, 17, 100]),
        ] {
            let read = sold(&order(code, amounts)).unwrap();
            let [sale] = read.sales.as_slice() else { panic!("{read:?}") };
            assert_eq!([sale.total, sale.tax, sale.discounts].map(|money| money.minor), minor, "{code}");
            assert_eq!((read.current_total.minor, read.more), (minor[0], false));
            assert_eq!(sale.happened_at, Timestamp::parse("2026-11-01T08:00:00Z").unwrap());
        }
        assert!(sold(&order("EUR", ["1.005", "0.0", "0.0"])).is_err(), "nothing is rounded");
        assert!(sold(&order("JPY", ["10.5", "0", "0"])).is_err());
        let mut mixed = order("EUR", ["1.0", "0.0", "0.0"]);
        mixed["agreements"]["nodes"][0]["sales"]["nodes"][0]["totalTaxAmount"] = bag("0.0", "USD");
        assert!(sold(&mixed).is_err());
    }

    #[test]
    fn words_nobody_knows_are_handed_on() {
        let mut told = order("EUR", ["1.0", "0.0", "0.0"]);
        told["agreements"]["nodes"][0]["sales"]["nodes"][0]["lineType"] = json!("DEPOSIT");
        told["agreements"]["nodes"][0]["__typename"] = json!("LayawayAgreement");
        let read = sold(&told).unwrap();
        assert_eq!(
            (read.sales[0].line_type.as_str(), read.sales[0].agreement.as_str()),
            ("DEPOSIT", "LayawayAgreement")
        );
    }

    #[test]
    fn what_a_page_leaves_out_is_found_again() {
        let mut told = order("EUR", ["1.0", "0.0", "0.0"]);
        let begin = Rest::default();
        assert_eq!(rest(&told, &begin), None);
        told["agreements"]["pageInfo"] = json!({"hasNextPage": true, "endCursor": "a1"});
        assert!(sold(&told).unwrap().more);
        let next = rest(&told, &begin).unwrap();
        assert_eq!(next, Rest { agreement: Some("a1".into()), sale: None });
        told["agreements"]["nodes"][0]["sales"]["pageInfo"] = json!({"hasNextPage": true, "endCursor": "s1"});
        assert_eq!(rest(&told, &next), Some(Rest { agreement: Some("a1".into()), sale: Some("s1".into()) }));
    }
}
