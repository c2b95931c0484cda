//! Net sales by day, as the shop's own reports in the admin show them: ShopifyQL, which needs the scope `read_reports` and
//! the approval for protected customer data of level 2.
//!
//! 1. A day is the shop's own, and everything counts on the day on which it happened: a refund on its own, not on its
//!    order's.
//! 2. Amounts are the shop's currency, read exactly, or the whole answer is not.

use secrecy::SecretString;
use serde_json::Value;

use super::documents::{Shopifyql as Document, shopifyql as wire};
use super::{Admin, AdminError};
use crate::kernel::{Currency, Day, Money};
use crate::shopify::ShopDomain;

/// The most days asked for at once: an answer has at most a thousand rows.
pub const MOST_DAYS: i32 = 366;

/// Net sales of each day from `from` through `to`, at most [`MOST_DAYS`], oldest first. A day that is not among them was
/// not told.
pub async fn net_sales(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    (from, to): (Day, Day),
    currency: Currency,
) -> Result<Vec<(Day, Money)>, AdminError> {
    let query = format!("FROM sales SHOW net_sales SINCE {from} UNTIL {to} TIMESERIES day ORDER BY day ASC LIMIT 1000");
    let answer = admin.call::<Document>(shop, token, wire::Variables { query }).await?;
    read(answer.data, currency)
}

fn read(data: wire::ResponseData, currency: Currency) -> Result<Vec<(Day, Money)>, AdminError> {
    let Some(answer) = data.shopifyql_query else { return Err(odd("nothing was answered")) };
    if !answer.parse_errors.is_empty() {
        return Err(AdminError::Rejected(answer.parse_errors));
    }
    let rows = answer.table_data.ok_or_else(|| odd("there is no table"))?.rows;
    let rows = rows.as_array().ok_or_else(|| odd("its rows are no list"))?;
    let mut days = rows.iter().map(|row| row_of(row, currency)).collect::<Result<Vec<_>, _>>()?;
    days.sort_by_key(|(day, _)| *day);
    Ok(days)
}

fn row_of(row: &Value, currency: Currency) -> Result<(Day, Money), AdminError> {
    // A day is written as its date, or as the instant at which it begins.
    let day = row["day"].as_str().and_then(|text| text.get(..10)).and_then(Day::parse);
    let day = day.ok_or_else(|| odd("a day cannot be read"))?;
    let amount = match &row["net_sales"] {
        Value::Null => return Ok((day, Money::zero(currency))),
        Value::String(text) => Money::parse(text, currency),
        Value::Number(number) => Money::parse(&number.to_string(), currency),
        _ => return Err(odd("an amount is none")),
    };
    Ok((day, amount.map_err(|error| odd(&error.to_string()))?))
}

fn odd(what: &str) -> AdminError {
    AdminError::Protocol(format!("net sales by day: {what}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(answer: Value) -> Result<Vec<(Day, i64)>, AdminError> {
        let data = serde_json::from_value(json!({ "shopifyqlQuery": answer })).unwrap();
        let days = read(data, Currency::parse("EUR").unwrap())?;
        Ok(days.into_iter().map(|(day, money)| (day, money.minor)).collect())
    }

    #[test]
    fn days_are_read_exactly_or_not_at_all() {
        let rows = |rows: Value| json!({"parseErrors": [], "tableData": {"rows": rows}});
        let day = |text: &str| Day::parse(text).unwrap();
        let good = json!([{"day": "2026-11-02", "net_sales": "-12.5"}, {"day": "2026-11-01T00:00:00Z", "net_sales": "1024.10"},
            {"day": "2026-11-03", "net_sales": null}, {"day": "2026-11-04", "net_sales": 0}]);
        assert_eq!(
            told(rows(good)).unwrap(),
            [(day("2026-11-01"), 102_410), (day("2026-11-02"), -1_250), (day("2026-11-03"), 0), (day("2026-11-04"), 0)]
        );
        for bad in [
            json!([{"day": "2026-11-02", "net_sales": "1.005"}]),
            json!([{"day": "November", "net_sales": "1.00"}]),
            json!([{"day": "2026-11-02", "net_sales": []}]),
            json!({"day": "2026-11-02"}),
        ] {
            assert!(matches!(told(rows(bad.clone())), Err(AdminError::Protocol(_))), "{bad}");
        }
    }

    #[test]
    fn a_query_it_does_not_understand_is_refused_in_its_words() {
        let refused = told(json!({"parseErrors": ["Column `returns` not found"], "tableData": null}));
        assert_eq!(refused, Err(AdminError::Rejected(vec!["Column `returns` not found".into()])));
        assert!(matches!(told(json!({"parseErrors": [], "tableData": null})), Err(AdminError::Protocol(_))));
        assert!(matches!(told(Value::Null), Err(AdminError::Protocol(_))));
    }
}
