//! Bulk operations: a query over everything, done in Shopify's own time, its result a file with one object per line.
//!
//! 1. Children come after all parents: whoever reads must not rely on finding them close by.
//! 2. The shop is read when the operation is done, not when it was asked for.

use apollo_compiler::ast::OperationType;
use serde_json::{Map, Value, json};

use super::view::gid;
use crate::kernel::Timestamp;
use crate::simulator::shopify::shop::Shop;

/// How long an operation takes.
const SECONDS: i64 = 20;

/// How many may be under way at once.
const AT_ONCE: usize = 5;

/// A bulk operation.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Operation {
    pub id: i64,
    pub query: String,
    pub created_at: Timestamp,
    /// Fails after so many lines.
    pub fails_after: Option<usize>,
    pub done: Option<Done>,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(in crate::simulator) struct Done {
    pub roots: usize,
    pub objects: usize,
    pub lines: Vec<String>,
}

impl Operation {
    /// Whether it is to be done by now.
    pub fn due(&self, now: Timestamp) -> bool {
        self.done.is_none() && now.seconds_since(self.created_at) >= SECONDS
    }

    /// Its file.
    pub fn file(&self) -> Option<String> {
        self.done.as_ref().map(|done| done.lines.concat())
    }
}

/// `bulkOperationRunQuery`.
pub(super) fn run(shop: &mut Shop, arguments: &Value, fails_after: Option<usize>, now: Timestamp) -> Value {
    let refused = |code: &str, message: &str| {
        let error =
            json!({"__typename": "BulkOperationUserError", "code": code, "field": ["query"], "message": message});
        json!({"bulkOperation": null, "userErrors": [error]})
    };
    let query = arguments["query"].as_str().unwrap_or_default();
    let valid = super::graphql::parsed(query)
        .is_some_and(|(kind, connections)| kind == OperationType::Query && (1..=5).contains(&connections));
    if !valid {
        return refused("INVALID", "Bulk queries must be valid and contain one to five connections.");
    }
    if shop.bulk.iter().filter(|one| one.done.is_none()).count() >= AT_ONCE {
        return refused("LIMIT_REACHED", "Too many bulk operations are running.");
    }
    let id = 4_000_000 + shop.bulk.len() as i64;
    let operation = Operation { id, query: query.to_owned(), created_at: now, fails_after, done: None };
    shop.bulk.push(operation);
    json!({"bulkOperation": view(&shop.bulk[shop.bulk.len() - 1], ""), "userErrors": []})
}

/// `BulkOperation`.
pub(super) fn view(operation: &Operation, origin: &str) -> Value {
    let file = |lines: &[String]| {
        (!lines.is_empty()).then(|| format!("{origin}/bulk/{}.jsonl?signature=pretend", operation.id))
    };
    let done = operation.done.as_ref();
    let failed = operation.fails_after.is_some();
    let url = done.and_then(|done| file(&done.lines));
    let status = match (done, failed) {
        (None, _) => "RUNNING",
        (Some(_), true) => "FAILED",
        (Some(_), false) => "COMPLETED",
    };
    json!({
        "__typename": "BulkOperation", "id": gid("BulkOperation", operation.id), "query": operation.query, "type": "QUERY",
        "status": status, "errorCode": (status == "FAILED").then_some("TIMEOUT"), "createdAt": operation.created_at,
        "completedAt": (status == "COMPLETED").then(|| operation.created_at.plus_seconds(SECONDS)),
        "objectCount": done.map_or(0, |done| done.objects).to_string(),
        "rootObjectCount": done.map_or(0, |done| done.roots).to_string(), "fileSize": null,
        "url": if failed { None } else { url.clone() }, "partialDataUrl": if failed { url } else { None },
    })
}

/// The lines of an answer: objects of the outermost connection, then their children.
pub(super) fn lines(data: &Value, fails_after: Option<usize>) -> Done {
    let (mut roots, mut children) = (Vec::new(), Vec::new());
    for field in data.as_object().into_iter().flat_map(Map::values) {
        for node in nodes(field) {
            flatten(node, None, &mut roots, &mut children);
        }
    }
    let count = roots.len();
    roots.append(&mut children);
    let objects = roots.len();
    roots.truncate(fails_after.unwrap_or(usize::MAX));
    Done { roots: count, objects, lines: roots.iter().map(|line| format!("{line}\n")).collect() }
}

fn nodes(connection: &Value) -> impl Iterator<Item = &Value> {
    connection["edges"].as_array().into_iter().flatten().map(|edge| &edge["node"])
}

fn flatten(node: &Value, parent: Option<&str>, own: &mut Vec<Value>, below: &mut Vec<Value>) {
    let mut line = node.clone();
    let Some(fields) = line.as_object_mut() else { return };
    let connections: Vec<String> =
        fields.iter().filter(|(_, value)| value["edges"].is_array()).map(|(name, _)| name.clone()).collect();
    let connections: Vec<Value> = connections.iter().filter_map(|name| fields.remove(name)).collect();
    if let Some(parent) = parent {
        fields.insert("__parentId".to_owned(), json!(parent));
    }
    own.push(line);
    let id = node["id"].as_str();
    for connection in &connections {
        for child in nodes(connection) {
            let mut deeper = Vec::new();
            flatten(child, id, below, &mut deeper);
            below.append(&mut deeper);
        }
    }
}
