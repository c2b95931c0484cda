//! Small pieces that the answers of the Admin API are made of.

use serde_json::{Value, json};

use crate::kernel::{Currency, Money, Timestamp};

/// A page with everything: what bulk operations ask for. Nobody else gets more than 250.
pub(super) const ALL: u64 = u32::MAX as u64;

/// How many nodes a page may have.
pub(super) fn size(arguments: &Value, usual: u64) -> usize {
    let asked = arguments["first"].as_u64().or(arguments["last"].as_u64()).unwrap_or(usual);
    if asked == ALL { ALL as usize } else { asked.min(250) as usize }
}

/// An instant as the Admin API writes it: whole seconds.
pub(super) fn instant(at: Timestamp) -> Timestamp {
    Timestamp::from_seconds(at.seconds())
}

/// `gid://shopify/Order/1`.
pub(in crate::simulator) fn gid(kind: &str, number: i64) -> String {
    format!("gid://shopify/{kind}/{number}")
}

/// The number of a gid of whatever kind; a tail `?key=value` is tolerated.
pub(super) fn number(gid: &Value) -> Option<i64> {
    gid.as_str()?.split('?').next()?.rsplit('/').next()?.parse().ok()
}

/// `MoneyV2`.
pub(super) fn amount(minor: i64, currency: Currency) -> Value {
    json!({"__typename": "MoneyV2", "amount": Money::new(minor, currency).decimal(), "currencyCode": currency.code()})
}

/// Adds the fields of one object to another.
pub(super) fn merge(view: &mut Value, more: Value) {
    if let (Value::Object(view), Value::Object(more)) = (view, more) {
        view.extend(more);
    }
}

/// A connection whose page is cut when its arguments are known.
pub(super) fn connection(node: &str, all: Vec<Value>) -> Value {
    json!({"__typename": format!("{node}Connection"), "__all": all})
}

/// One page of nodes with their cursors.
pub(super) fn page(kind: &str, nodes: Vec<(String, Value)>, more: bool, before: bool) -> Value {
    let cursors: Vec<&String> = nodes.iter().map(|(cursor, _)| cursor).collect();
    let info = json!({"__typename": "PageInfo", "hasNextPage": more, "hasPreviousPage": before,
        "startCursor": cursors.first(), "endCursor": cursors.last()});
    let cursors = json!(cursors);
    let nodes: Vec<Value> = nodes.into_iter().map(|(_, node)| node).collect();
    json!({"__typename": kind, "nodes": nodes, "__cursors": cursors, "pageInfo": info})
}

/// Cuts a page out of everything, `entries` being in their order and each with a cursor of its own.
pub(super) fn cut(kind: &str, entries: Vec<(String, Value)>, arguments: &Value) -> Value {
    let mut entries = entries;
    if arguments["reverse"] == json!(true) {
        entries.reverse();
    }
    let after = arguments["after"].as_str().and_then(|after| entries.iter().position(|(cursor, _)| cursor == after));
    let begin = after.map_or(0, |n| n + 1);
    let size = size(arguments, 250);
    let more = entries.len() > begin + size;
    page(kind, entries.into_iter().skip(begin).take(size).collect(), more, begin > 0)
}
