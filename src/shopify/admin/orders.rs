//! Reading again what the shop sold: which orders and checkouts changed in a window, and each of them whole.
//!
//! Windows are half-open, `from` included. Shopify compares whole seconds.

use std::collections::BTreeSet;

use secrecy::SecretString;
use serde_json::Value;

use super::documents::{
    self, Raw, checkouts_changed, checkouts_closed, installation as installed, order_tips, order_whole, orders_changed,
    refund_whole,
};
use super::{Admin, AdminError, as_webhook};
use crate::kernel::Timestamp;
use crate::shopify::{Scopes, ShopDomain, parse_gid};

/// Orders per page: ids and instants only.
pub const ORDERS_PER_PAGE: i64 = 100;

/// Checkouts per page: whole ones.
pub const CHECKOUTS_PER_PAGE: i64 = 25;

/// Pages of lines one order or refund may have; what is longer is nobody's order.
const MOST_PAGES: usize = 20;

/// An instant before which and after which something changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// From this instant on.
    pub from: Timestamp,
    /// Up to this one, not included.
    pub until: Timestamp,
}

impl Window {
    fn query(self) -> String {
        format!("updated_at:>='{}' AND updated_at:<'{}'", second(self.from), second(self.until))
    }
}

fn second(at: Timestamp) -> Timestamp {
    Timestamp::from_seconds(at.seconds())
}

/// Some of what was asked for, and where the rest begins.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// In the order asked for.
    pub items: Vec<T>,
    /// Hand it in to read on.
    pub next: Option<String>,
}

/// An order that changed, and when it last did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Changed {
    /// Shopify's number of the order.
    pub order: i64,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Orders that changed in a window, the longest unchanged first.
pub async fn changed(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    window: Window,
    after: Option<String>,
) -> Result<Page<Changed>, AdminError> {
    let variables = orders_changed::Variables { query: window.query(), first: ORDERS_PER_PAGE, after };
    let orders = admin.call::<documents::OrdersChanged>(shop, token, variables).await?.data.orders;
    let read = |node: orders_changed::OrdersChangedOrdersNodes| {
        let (_, order) = parse_gid(&node.id)?;
        Some(Changed { order, updated_at: Timestamp::parse(&node.updated_at)? })
    };
    let items = orders.nodes.into_iter().map(read).collect::<Option<_>>();
    let items = items.ok_or_else(|| AdminError::Protocol("an order without id or instant".to_owned()))?;
    let next = orders.page_info.end_cursor.filter(|_| orders.page_info.has_next_page);
    Ok(Page { items, next })
}

/// One order with all its lines and its refunds whole, as Shopify writes it. `None`: there is none (any more).
pub async fn whole(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    order: i64,
) -> Result<Option<Value>, AdminError> {
    let id = format!("gid://shopify/Order/{order}");
    let Some(mut order) = Long::Order.read(admin, shop, token, &id).await? else { return Ok(None) };
    let refunds = order["refunds"].as_array().cloned().unwrap_or_default();
    let mut read = Vec::with_capacity(refunds.len());
    for id in refunds.iter().filter_map(|refund| refund["id"].as_str()) {
        read.extend(Long::Refund.read(admin, shop, token, id).await?);
    }
    order["refunds"] = read.into();
    // Of a thousand orders one has a line that may be a tip: only then is it asked which.
    if as_webhook::may_have_tip(&order) {
        let tips = tips(admin, shop, token, &id, &order["updatedAt"]).await?;
        mark_tips(&mut order, &tips);
    }
    Ok(Some(order))
}

/// The lines of an order that its tips' sales name: a line itself does not say that it is one.
async fn tips(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    id: &str,
    updated_at: &Value,
) -> Result<BTreeSet<String>, AdminError> {
    let (mut tips, mut agreement, mut sale) = (BTreeSet::new(), None, None);
    for _ in 0..MOST_PAGES {
        let variables = order_tips::Variables { id: id.to_owned(), agreement: agreement.clone(), sale: sale.clone() };
        let told = admin.call::<Raw<documents::OrderTips>>(shop, token, variables).await?.data;
        if told["order"]["updatedAt"] != *updated_at {
            // It changed between two pages: no state of it was like this.
            return Err(AdminError::Unreachable { maybe_done: false });
        }
        let agreements = &told["order"]["agreements"];
        let sales = &agreements["nodes"][0]["sales"];
        let lines = sales["nodes"].as_array().into_iter().flatten();
        let lines = lines.filter(|sale| sale["__typename"] == "TipSale");
        tips.extend(lines.filter_map(|sale| sale["lineItem"]["id"].as_str()).map(str::to_owned));
        sale = next(&sales["pageInfo"]);
        if sale.is_none() {
            agreement = next(&agreements["pageInfo"]);
            if agreement.is_none() {
                return Ok(tips);
            }
        }
    }
    Err(AdminError::Protocol("too many sales".to_owned()))
}

/// Marks the lines that are tips, in the order and in its refunds.
fn mark_tips(order: &mut Value, tips: &BTreeSet<String>) {
    let mark = |line: &mut Value| {
        if line["id"].as_str().is_some_and(|id| tips.contains(id)) {
            line[as_webhook::IS_TIP] = true.into();
        }
    };
    order["lineItems"]["nodes"].as_array_mut().into_iter().flatten().for_each(mark);
    for refund in order["refunds"].as_array_mut().into_iter().flatten() {
        let lines = refund["refundLineItems"]["nodes"].as_array_mut().into_iter().flatten();
        lines.for_each(|line| mark(&mut line["lineItem"]));
    }
}

/// Where the next page begins.
fn next(page: &Value) -> Option<String> {
    page["endCursor"].as_str().filter(|_| page["hasNextPage"] == true).map(str::to_owned)
}

/// A thing with more lines than one answer holds.
#[derive(Clone, Copy)]
enum Long {
    Order,
    Refund,
}

impl Long {
    async fn page(
        self,
        admin: &Admin,
        shop: &ShopDomain,
        token: &SecretString,
        id: &str,
        lines: Option<String>,
    ) -> Result<Value, AdminError> {
        let id = id.to_owned();
        Ok(match self {
            Self::Order => {
                let variables = order_whole::Variables { id, lines };
                admin.call::<Raw<documents::OrderWhole>>(shop, token, variables).await?.data["order"].take()
            }
            Self::Refund => {
                let variables = refund_whole::Variables { id, lines };
                admin.call::<Raw<documents::RefundWhole>>(shop, token, variables).await?.data["node"].take()
            }
        })
    }

    /// Asks until it has all its lines.
    async fn read(
        self,
        admin: &Admin,
        shop: &ShopDomain,
        token: &SecretString,
        id: &str,
    ) -> Result<Option<Value>, AdminError> {
        let connection = if matches!(self, Self::Order) { "lineItems" } else { "refundLineItems" };
        let next = |thing: &Value| next(&thing[connection]["pageInfo"]);
        let mut whole = self.page(admin, shop, token, id, None).await?;
        if whole.is_null() {
            return Ok(None);
        }
        let mut cursor = next(&whole);
        for _ in 1..MOST_PAGES {
            let Some(after) = cursor else { return Ok(Some(whole)) };
            let mut more = self.page(admin, shop, token, id, Some(after)).await?;
            if more["updatedAt"] != whole["updatedAt"] {
                // It changed between two pages: no state of it was like this.
                return Err(AdminError::Unreachable { maybe_done: false });
            }
            cursor = next(&more);
            if let (Value::Array(all), Value::Array(nodes)) =
                (&mut whole[connection]["nodes"], more[connection]["nodes"].take())
            {
                all.extend(nodes);
            }
        }
        if cursor.is_none() { Ok(Some(whole)) } else { Err(AdminError::Protocol(format!("too many {connection}"))) }
    }
}

/// Checkouts with contact data that were left and changed in a window, whole, as Shopify writes them.
pub async fn checkouts(
    admin: &Admin,
    shop: &ShopDomain,
    token: &SecretString,
    window: Window,
    after: Option<String>,
) -> Result<Page<Value>, AdminError> {
    let variables = checkouts_changed::Variables { query: window.query(), first: CHECKOUTS_PER_PAGE, after };
    let told = admin.call::<Raw<documents::CheckoutsChanged>>(shop, token, variables.clone()).await;
    // Recovery addresses are for apps approved for all protected customer data; all else of a checkout is not.
    let mut data = match told {
        Err(AdminError::AccessDenied) => {
            let checkouts_changed::Variables { query, first, after } = variables;
            let variables = checkouts_closed::Variables { query, first, after };
            admin.call::<Raw<documents::CheckoutsClosed>>(shop, token, variables).await?.data
        }
        told => told?.data,
    };
    let page = &mut data["abandonedCheckouts"];
    let next = next(&page["pageInfo"]);
    match page["nodes"].take() {
        Value::Array(items) => Ok(Page { items, next }),
        _ => Err(AdminError::Protocol("abandoned checkouts without nodes".to_owned())),
    }
}

/// What the shop grants us now.
pub async fn scopes(admin: &Admin, shop: &ShopDomain, token: &SecretString) -> Result<Scopes, AdminError> {
    let answer = admin.call::<documents::Installation>(shop, token, installed::Variables {}).await?;
    let granted = answer.data.current_app_installation.access_scopes.into_iter().map(|scope| scope.handle);
    Ok(Scopes::parse(&granted.collect::<Vec<_>>().join(",")))
}
