//! `POST /admin/api/{version}/graphql.json`: every document is validated against the schema the app ships, paid for,
//! and executed over values built from the pretend shop.
//!
//! A field the pretend shop has no value for and that may not be null answers an error: nothing is invented.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use apollo_compiler::ast::OperationType;
use apollo_compiler::resolvers::{Execution, FieldError, ObjectValue, ResolveInfo, ResolvedValue};
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::validation::Valid;
use apollo_compiler::{ExecutableDocument, Schema};
use serde_json::{Value, json};

use super::{bulk, cost, discount_view, mutations, queries, shopifyql, view};
use crate::simulator::state::State;

static SCHEMA: LazyLock<Valid<Schema>> = LazyLock::new(|| {
    let text = include_str!("../../shopify/admin-2026-10.graphql");
    Schema::parse_and_validate(text, "admin-2026-10.graphql").expect("the schema in the repository is valid")
});

/// Documents validated before: an app sends few different ones, and validating costs more than answering.
static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Valid<ExecutableDocument>>>>> = LazyLock::new(Mutex::default);
const MOST_KNOWN: usize = 500;

fn document(text: &str) -> Result<Arc<Valid<ExecutableDocument>>, Vec<Value>> {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(document) = known.get(text) {
        return Ok(Arc::clone(document));
    }
    match ExecutableDocument::parse_and_validate(&SCHEMA, text, "query.graphql") {
        Ok(document) => {
            let document = Arc::new(document);
            if known.len() < MOST_KNOWN {
                known.insert(text.to_owned(), Arc::clone(&document));
            }
            Ok(document)
        }
        Err(wrong) => {
            let error =
                |e: &dyn std::fmt::Display| json!({"message": e.to_string(), "extensions": {"code": "invalid"}});
            Err(wrong.errors.iter().map(|e| error(&e)).collect())
        }
    }
}

fn refusal(message: impl std::fmt::Display, code: &str) -> Value {
    json!({"errors": [{"message": message.to_string(), "extensions": {"code": code}}]})
}

/// Answers a request body. `now` is the world's.
pub(super) fn answer(state: &Mutex<State>, domain: &str, body: &Value) -> Value {
    let Some(text) = body["query"].as_str() else {
        return json!({"errors": {"query": "Required parameter missing or invalid"}});
    };
    let document = match document(text) {
        Ok(document) => document,
        Err(errors) => return json!({"errors": errors}),
    };
    let operation = match document.operations.get(body["operationName"].as_str()) {
        Ok(operation) => operation,
        Err(wrong) => return refusal(wrong.message(), "missingOperation"),
    };
    let (closed, reports) = {
        let held = state.lock().unwrap_or_else(PoisonError::into_inner);
        let scopes = held.shops.get(domain).map(|shop| &shop.profile.scopes);
        let reports = scopes.is_some_and(|scopes| scopes.iter().any(|scope| scope == shopifyql::SCOPE));
        (held.faults.closed, reports && !held.faults.reports_denied)
    };
    if !reports && operation.all_fields(&document).any(|field| field.name == "shopifyqlQuery") {
        return refusal("Access denied for shopifyqlQuery field.", "ACCESS_DENIED");
    }
    if closed && operation.all_fields(&document).any(|field| field.name == "abandonedCheckoutUrl") {
        return refusal("Access denied for abandonedCheckoutUrl field.", "ACCESS_DENIED");
    }
    let mutation = operation.is_mutation();
    let requested = cost::requested(&document, &operation.selection_set, &body["variables"], mutation);
    if let Some(refused) = pay_first(state, domain, requested) {
        return refused;
    }
    let variables: JsonMap = match serde_json::from_value(body["variables"].clone()) {
        Ok(JsonValue::Object(map)) => map,
        _ => JsonMap::new(),
    };
    do_bulk(state, domain);
    let root = Root { state, domain, mutation, bulk: false };
    let execution = Execution::new(&SCHEMA, &document).operation(operation).raw_variable_values(&variables);
    let mut answer = match execution.execute_sync(&root) {
        Ok(done) => serde_json::to_value(done).unwrap_or_default(),
        Err(wrong) => refusal(wrong.message(), "INVALID_VARIABLE"),
    };
    let actual = cost::actual(&answer["data"], mutation).min(requested);
    let mut held = state.lock().unwrap_or_else(PoisonError::into_inner);
    let now = held.clock.now();
    if let Some(shop) = held.shops.get_mut(domain) {
        shop.bucket.pay(actual);
        answer["extensions"] = json!({"cost": shop.bucket.report(requested, Some(actual), now)});
    }
    answer
}

/// The kind of a valid document with one operation, and how many connections it has.
pub(super) fn parsed(text: &str) -> Option<(OperationType, usize)> {
    let document = ExecutableDocument::parse_and_validate(&SCHEMA, text, "bulk.graphql").ok()?;
    let operation = document.operations.get(None).ok()?;
    let all = operation.all_fields(&document);
    let connections = all.filter(|field| field.ty().inner_named_type().ends_with("Connection")).count();
    Some((operation.operation_type, connections))
}

/// Does the bulk operations that are due, over all pages there are.
pub(super) fn do_bulk(state: &Mutex<State>, domain: &str) {
    let due: Vec<_> = {
        let held = state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = held.clock.now();
        let all = held.shops.get(domain).map_or(&[][..], |shop| &shop.bulk);
        all.iter().filter(|one| one.due(now)).cloned().collect()
    };
    for one in due {
        let Ok(document) = ExecutableDocument::parse_and_validate(&SCHEMA, &one.query, "bulk.graphql") else {
            continue;
        };
        let Ok(operation) = document.operations.get(None) else { continue };
        let root = Root { state, domain, mutation: false, bulk: true };
        let execution = Execution::new(&SCHEMA, &document).operation(operation);
        let answer = execution.execute_sync(&root).ok().and_then(|done| serde_json::to_value(done).ok());
        let done = bulk::lines(&answer.unwrap_or_default()["data"], one.fails_after);
        let mut held = state.lock().unwrap_or_else(PoisonError::into_inner);
        let all = held.shops.get_mut(domain).map(|shop| &mut shop.bulk);
        if let Some(kept) = all.and_then(|all| all.iter_mut().find(|kept| kept.id == one.id)) {
            kept.done = Some(done);
        }
    }
}

/// A call is throttled, whatever points there are.
pub(super) fn throttled(state: &Mutex<State>, domain: &str) -> Value {
    let mut held = state.lock().unwrap_or_else(PoisonError::into_inner);
    let now = held.clock.now();
    let mut answer = refusal("Throttled", "THROTTLED");
    if let Some(shop) = held.shops.get_mut(domain) {
        answer["extensions"] = json!({"cost": shop.bucket.report(10, None, now)});
    }
    answer
}

fn pay_first(state: &Mutex<State>, domain: &str, requested: i64) -> Option<Value> {
    let mut held = state.lock().unwrap_or_else(PoisonError::into_inner);
    let now = held.clock.now();
    let throttled = held.faults.take_throttle();
    if held.faults.denies > 0 {
        held.faults.denies -= 1;
        return Some(refusal("Access denied for this field.", "ACCESS_DENIED"));
    }
    let shop = held.shops.get_mut(domain)?;
    shop.discounts.catch_up(now);
    if requested > cost::MOST_PER_DOCUMENT {
        let message = format!("Query cost is {requested}, which exceeds the single query max cost limit (1000).");
        return Some(refusal(message, "MAX_COST_EXCEEDED"));
    }
    let empty = shop.bucket.available(now) < requested;
    if throttled || empty {
        let mut answer = refusal("Throttled", "THROTTLED");
        answer["extensions"] = json!({"cost": shop.bucket.report(requested, None, now)});
        held.throttled += u64::from(empty);
        return Some(answer);
    }
    None
}

/// `QueryRoot` or `Mutation`: each field looks the shop up afresh.
struct Root<'s> {
    state: &'s Mutex<State>,
    domain: &'s str,
    mutation: bool,
    /// All there is, in one page.
    bulk: bool,
}

fn arguments(info: &ResolveInfo<'_>) -> Value {
    serde_json::to_value(info.arguments()).unwrap_or_default()
}

impl ObjectValue for Root<'_> {
    fn type_name(&self) -> &str {
        if self.mutation { "Mutation" } else { "QueryRoot" }
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        let mut arguments = arguments(info);
        if self.bulk {
            arguments["first"] = json!(view::ALL);
        }
        let mut held = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (field, domain) = (info.field_name(), self.domain);
        let value = if self.mutation {
            mutations::run(&mut held, domain, field, &arguments)
        } else {
            queries::run(&mut held, domain, field, &arguments)
        };
        drop(held);
        let value =
            value.ok_or_else(|| FieldError { message: format!("this pretend shop does not know `{field}`") })?;
        Ok(resolve(value, Some((self.state, self.domain)), info))
    }
}

/// An object of an answer.
struct Thing<'s> {
    fields: serde_json::Map<String, Value>,
    world: Option<(&'s Mutex<State>, &'s str)>,
}

impl ObjectValue for Thing<'_> {
    fn type_name(&self) -> &str {
        self.fields.get("__typename").and_then(Value::as_str).unwrap_or("")
    }

    fn resolve_field<'a>(&'a self, info: &'a ResolveInfo<'a>) -> Result<ResolvedValue<'a>, FieldError> {
        if info.field_name() == "edges" {
            return Ok(resolve(self.edges(), self.world, info));
        }
        let Some(value) = self.fields.get(info.field_name()) else {
            return Err(self.unknown_field_error(info));
        };
        Ok(resolve(value.clone(), self.world, info))
    }
}

impl Thing<'_> {
    fn edges(&self) -> Value {
        let none = Vec::new();
        let list = |name: &str| self.fields.get(name).and_then(Value::as_array).unwrap_or(&none);
        let kind = self.type_name().replace("Connection", "Edge");
        let pairs = list("nodes").iter().zip(list("__cursors"));
        pairs.map(|(node, cursor)| json!({"__typename": kind, "cursor": cursor, "node": node})).collect()
    }
}

fn resolve<'s>(value: Value, world: Option<(&'s Mutex<State>, &'s str)>, info: &ResolveInfo<'_>) -> ResolvedValue<'s> {
    match value {
        // Whatever it is, it is one value.
        any if info.field_definition().ty.inner_named_type() == "JSON" => ResolvedValue::leaf(leaf(any)),
        Value::Object(mut fields) if fields.contains_key("__typename") => {
            if ["__all", "__codes_of", "__arriving"].iter().any(|list| fields.contains_key(*list)) {
                let paged = page(&mut fields, world, &arguments(info));
                if let Value::Object(paged) = paged {
                    fields = paged;
                }
            }
            ResolvedValue::object(Thing { fields, world })
        }
        Value::Array(items) if items.iter().any(|item| item.get("__typename").is_some()) => {
            let things = items.into_iter().map(move |item| match item {
                Value::Object(fields) => ResolvedValue::object(Thing { fields, world }),
                _ => ResolvedValue::null(),
            });
            ResolvedValue::list(things)
        }
        Value::Array(items) => ResolvedValue::list(items.into_iter().map(|item| ResolvedValue::leaf(leaf(item)))),
        other => ResolvedValue::leaf(leaf(other)),
    }
}

fn leaf(value: Value) -> JsonValue {
    serde_json::from_value(value).unwrap_or(JsonValue::Null)
}

fn page(fields: &mut serde_json::Map<String, Value>, world: Option<(&Mutex<State>, &str)>, arguments: &Value) -> Value {
    let kind = fields.get("__typename").and_then(Value::as_str).unwrap_or_default().to_owned();
    if let (Some(discount), Some((state, domain))) = (fields.get("__codes_of").and_then(Value::as_i64), world) {
        let held = state.lock().unwrap_or_else(PoisonError::into_inner);
        return held.shops.get(domain).map_or(Value::Null, |shop| queries::codes_of(shop, discount, arguments));
    }
    if let (Some(import), Some((state, domain))) = (fields.get("__arriving").and_then(Value::as_i64), world) {
        let held = state.lock().unwrap_or_else(PoisonError::into_inner);
        let all = held.shops.get(domain).map_or(vec![], |shop| discount_view::arriving(shop, import));
        let entries = all.into_iter().enumerate().map(|(n, node)| (format!("c{n}"), node)).collect();
        return view::cut(&kind, entries, arguments);
    }
    let all = match fields.remove("__all") {
        Some(Value::Array(all)) => all,
        _ => vec![],
    };
    let entries = all.into_iter().enumerate().map(|(n, node)| (format!("c{n}"), node)).collect();
    view::cut(&kind, entries, arguments)
}
