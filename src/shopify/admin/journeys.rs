//! What Shopify tells of orders an hour after them: which visits it saw before them, and their sales in its own book.
//!
//! A customer journey is worked out after the order, tells the visits of the thirty days before it, and only where the
//! shopper let Shopify see them.

use secrecy::SecretString;
use serde_json::Value;

use super::documents::{OrderJourneys, Raw, order_journeys};
use super::sales::{self, Rest, Sold, list, text};
use super::{Admin, AdminError};
use crate::kernel::Timestamp;
use crate::shopify::{ShopDomain, parse_gid};

/// How much of an order is asked for at once. Shopify answers nothing that may cost more than 1,000 points, counted by
/// what is asked for: an order costs 8, 2 more for each visit, and for each agreement 2 and 7 for each of its sales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pages {
    /// Orders a call.
    pub orders: usize,
    /// Visits beside the first: the latest, because a later one outweighs those before it.
    visits: i64,
    agreements: i64,
    sales: i64,
}

impl Pages {
    /// An hour after an order: a few things and their shipping.
    pub const MANY: Self = Self { orders: 25, visits: 4, agreements: 1, sales: 3 };
    /// What had more to tell than that.
    const SOME: Self = Self { orders: 8, visits: VISITS, agreements: 2, sales: 6 };
    /// All there is of one order, an agreement at a time.
    const ONE: Self = Self { orders: 1, visits: VISITS, agreements: 1, sales: 100 };

    /// How to ask for what these pages left out. `None`: they leave nothing out.
    pub fn longer(self) -> Option<Self> {
        match self.orders {
            25 => Some(Self::SOME),
            8 => Some(Self::ONE),
            _ => None,
        }
    }
}

/// The most visits beside the first that are ever asked for.
const VISITS: i64 = 10;

/// Pages of sales one order may have; what is longer is nobody's order.
const MOST_PAGES: usize = 50;

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

/// What Shopify tells of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Its visits, where they were asked for.
    pub journey: Journey,
    /// It has more visits, and longer pages would bring some.
    pub more_visits: bool,
    /// Its sales; `None`: Shopify knows no such order (any more).
    pub sold: Option<Sold>,
}

/// What some orders have to tell, in their order: their sales, and their visits if `visited`.
pub async fn told(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    orders: &[i64],
    visited: bool,
    pages: Pages,
) -> Result<Vec<Told>, AdminError> {
    let nodes = nodes(admin, shop, token, orders, visited, pages, &Rest::default()).await?;
    let mut told: Vec<Told> = nodes.iter().map(|order| read(order, pages)).collect::<Result<_, _>>()?;
    if let ([order], [node], [Told { sold: Some(sold), .. }], None) =
        (orders, nodes.as_slice(), told.as_mut_slice(), pages.longer())
    {
        let mut rest = sales::rest(node, &Rest::default());
        for _ in 0..MOST_PAGES {
            let Some(from) = rest else { break };
            let node = self::nodes(admin, shop, token, &[*order], false, pages, &from).await?.swap_remove(0);
            let more = sales::sold(&node)?;
            if more.updated_at != sold.updated_at {
                // It changed between two pages: no state of it was like this.
                return Err(AdminError::Unreachable { maybe_done: false });
            }
            sold.sales.extend(more.sales);
            rest = sales::rest(&node, &from);
        }
        sold.more = rest.is_some();
    }
    Ok(told)
}

async fn nodes(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    orders: &[i64],
    journeys: bool,
    pages: Pages,
    from: &Rest,
) -> Result<Vec<Value>, AdminError> {
    let ids = orders.iter().map(|order| format!("gid://shopify/Order/{order}")).collect();
    let Pages { visits, agreements, sales, .. } = pages;
    let Rest { agreement, sale } = from.clone();
    let variables = order_journeys::Variables { ids, journeys, visits, agreements, agreement, sales, sale };
    let mut data = admin.call::<Raw<OrderJourneys>>(shop, token, variables).await?.data;
    let Value::Array(nodes) = data["nodes"].take() else { return Err(odd_orders()) };
    let fits =
        |(node, order): (&Value, &i64)| node.is_null() || parse_gid(text(&node["id"])) == Some(("Order", *order));
    if nodes.len() != orders.len() || !nodes.iter().zip(orders).all(fits) {
        return Err(odd_orders());
    }
    Ok(nodes)
}

fn odd_orders() -> AdminError {
    AdminError::Protocol("orders other than those asked for".to_owned())
}

fn read(order: &Value, pages: Pages) -> Result<Told, AdminError> {
    let summary = &order["customerJourneySummary"];
    let more_visits = pages.visits < VISITS && summary["moments"]["pageInfo"]["hasNextPage"] == true;
    let sold = if order.is_null() { None } else { Some(sales::sold(order)?) };
    Ok(Told { journey: journey(summary), more_visits, sold })
}

fn journey(summary: &Value) -> Journey {
    if summary["ready"] == false {
        return Journey::NotReady;
    }
    let first = std::iter::once(&summary["firstVisit"]);
    let mut visits: Vec<Seen> = list(&summary["moments"]["nodes"]).iter().chain(first).filter_map(seen).collect();
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
        let first = visit(1, "https://shop.example/?utm_source=x#top");
        let nodes =
            [visit(3, ""), visit(2, "https://shop.example/"), first.clone(), json!({"__typename": "CustomerMoment"})];
        let summary = json!({"ready": true, "firstVisit": first, "moments": {"nodes": nodes}});
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
        let unfinished = json!({"ready": false, "firstVisit": null, "moments": null});
        assert_eq!(journey(&unfinished), Journey::NotReady);
        assert_eq!(journey(&Value::Null), Journey::Told(vec![]), "a till knows no visits");
        let refused = json!({"ready": true, "firstVisit": null, "moments": {"nodes": []}});
        assert_eq!(journey(&refused), Journey::Told(vec![]));
    }

    /// As `simulator::shopify::cost` counts: an object 1, a connection 1 and its page, an order its own.
    #[test]
    fn no_page_asks_for_more_than_shopify_answers() {
        for pages in [Pages::MANY, Pages::SOME, Pages::ONE] {
            let order = 1 + (1 + 2 + 1 + 2 * pages.visits) + 2 + 1 + pages.agreements * (2 + 7 * pages.sales);
            let asked = order * i64::try_from(pages.orders).unwrap();
            assert!(asked <= 1_000, "{pages:?}: {asked}");
        }
        assert_eq!(Pages::MANY.longer().and_then(Pages::longer), Some(Pages::ONE));
        assert_eq!(Pages::ONE.longer(), None);
    }
}
