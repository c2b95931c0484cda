//! Customer journeys: which visits Shopify saw before some orders. It works them out after the order, tells those of the
//! thirty days before it, and only where the shopper let it see them.

use secrecy::SecretString;
use serde_json::Value;

use super::documents::{OrderJourneys, Raw, order_journeys};
use super::{Admin, AdminError};
use crate::kernel::Timestamp;
use crate::shopify::{ShopDomain, parse_gid};

/// Orders per call: with their visits less than 1,000 points, beyond which Shopify answers nothing.
pub const ORDERS_PER_CALL: usize = 25;

/// Visits per order beside its first: the latest, because a later one outweighs those before it.
const VISITS: i64 = 10;

/// What Shopify says of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Journey {
    /// It has not finished.
    NotReady,
    /// Its visits; none where it saw none, or knows no such order.
    Told(Vec<Seen>),
}

/// A visit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Shopify's id of it.
    pub id: String,
    /// When it began.
    pub at: Timestamp,
    /// The address of the page it began on, with the UTM values Shopify tells beside it when the address lacks them.
    pub landing: String,
    /// The address of the page before it.
    pub referrer: Option<String>,
}

/// The journeys of some orders, in their order.
pub async fn journeys(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    orders: &[i64],
) -> Result<Vec<Journey>, AdminError> {
    let ids = orders.iter().map(|order| format!("gid://shopify/Order/{order}")).collect();
    let variables = order_journeys::Variables { ids, visits: VISITS };
    let data = admin.call::<Raw<OrderJourneys>>(shop, token, variables).await?.data;
    let nodes = list(&data["nodes"]);
    let fits =
        |(node, order): (&Value, &i64)| node.is_null() || parse_gid(text(&node["id"])) == Some(("Order", *order));
    if nodes.len() != orders.len() || !nodes.iter().zip(orders).all(fits) {
        return Err(AdminError::Protocol("orders other than those asked for".to_owned()));
    }
    Ok(nodes.iter().map(|order| journey(&order["customerJourneySummary"])).collect())
}

fn journey(summary: &Value) -> Journey {
    if summary["ready"] == false {
        return Journey::NotReady;
    }
    let ends = [&summary["firstVisit"], &summary["lastVisit"]];
    let mut visits: Vec<Seen> = list(&summary["moments"]["nodes"]).iter().chain(ends).filter_map(seen).collect();
    visits.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
    visits.dedup_by(|a, b| a.id == b.id);
    Journey::Told(visits)
}

/// `None`: no visit, or one that names no instant.
fn seen(visit: &Value) -> Option<Seen> {
    let at = Timestamp::parse(visit["occurredAt"].as_str()?)?;
    let referrer = visit["referrerUrl"].as_str().filter(|url| !url.is_empty()).map(str::to_owned);
    Some(Seen { id: visit["id"].as_str()?.to_owned(), at, landing: landing(visit), referrer })
}

fn landing(visit: &Value) -> String {
    let mut page = text(&visit["landingPage"]).split('#').next().unwrap_or_default().to_owned();
    for name in ["source", "medium", "campaign"] {
        let value = text(&visit["utmParameters"][name]);
        if !value.is_empty() && !page.contains(&format!("utm_{name}=")) {
            let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            page = format!("{page}{}utm_{name}={value}", if page.contains('?') { '&' } else { '?' });
        }
    }
    page
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn visit(n: i64, landing: &str) -> Value {
        json!({"__typename": "CustomerVisit", "id": format!("gid://shopify/CustomerVisit/{n}"),
               "occurredAt": format!("2026-08-24T0{n}:00:00Z"), "landingPage": landing, "referrerUrl": null,
               "utmParameters": {"source": "Klaviyo & Co", "medium": "email", "campaign": null}})
    }

    #[test]
    fn each_visit_is_told_once_and_the_oldest_first() {
        let (first, last) = (visit(1, "https://shop.example/?utm_source=x#top"), visit(3, ""));
        let nodes = [last.clone(), visit(2, "https://shop.example/"), json!({"__typename": "CustomerMoment"})];
        let summary = json!({"ready": true, "firstVisit": first, "lastVisit": last, "moments": {"nodes": nodes}});
        let Journey::Told(visits) = journey(&summary) else { panic!("it is ready") };
        let pages: Vec<&str> = visits.iter().map(|visit| visit.landing.as_str()).collect();
        assert_eq!(
            pages,
            [
                "https://shop.example/?utm_source=x&utm_medium=email",
                "https://shop.example/?utm_source=Klaviyo+%26+Co&utm_medium=email",
                "?utm_source=Klaviyo+%26+Co&utm_medium=email",
            ]
        );
    }

    #[test]
    fn unfinished_is_not_none() {
        let unfinished = json!({"ready": false, "firstVisit": null, "lastVisit": null, "moments": null});
        assert_eq!(journey(&unfinished), Journey::NotReady);
        assert_eq!(journey(&Value::Null), Journey::Told(vec![]), "a till knows no visits");
        let refused = json!({"ready": true, "firstVisit": null, "lastVisit": null, "moments": {"nodes": []}});
        assert_eq!(journey(&refused), Journey::Told(vec![]));
    }
}
