//! An example of every body and every answer. What is sent is written by hand, because a sensible call is more than one that
//! fits; what is answered is made from its own description, so that it never says anything else.

use actix_web::http::StatusCode;
use serde_json::{Map, Value, json};

/// What is sent, by operation.
const SENT: &str = include_str!("examples.json");

/// Deeper than any answer of ours is.
const DEPTH: usize = 40;

/// The bodies written by hand.
pub(super) fn sent() -> Map<String, Value> {
    serde_json::from_str(SENT).expect("a test reads it")
}

/// An example of a schema; `all` are the schemas it may name.
fn of(schema: &Value, all: &Value) -> Value {
    make("", schema, all, DEPTH)
}

/// An example of an answer of some kind.
pub(super) fn answer(kind: &str, schema: &Value, all: &Value) -> Value {
    match kind {
        "application/json" => of(schema, all),
        "text/csv" => "shopify_order_id,order,net_sales,currency\r\n5678901234,#1001,19.99,EUR\r\n".into(),
        _ => "{\"shopify_order_id\":\"5678901234\",\"order\":\"#1001\",\"net_sales\":\"19.99\"}\n".into(),
    }
}

/// An example of a refusal.
pub(super) fn refusal(status: u16, code: &str, meaning: Option<&String>) -> Value {
    let title = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Problem");
    json!({
        "type": format!("https://recoup.dev/problems/{code}"),
        "title": title,
        "status": status,
        "code": code,
        "detail": meaning,
        "request_id": "1MSlpfhI2rCDOKjBD",
    })
}

fn make(name: &str, schema: &Value, all: &Value, depth: usize) -> Value {
    if depth == 0 {
        return Value::Null;
    }
    let deeper = |name: &str, schema: &Value| make(name, schema, all, depth - 1);
    for said in ["example", "const"] {
        if let Some(said) = schema.get(said) {
            return said.clone();
        }
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    if let Some(named) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return deeper(name, &all[named]);
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let whole = parts.iter().filter_map(|part| deeper(name, part).as_object().cloned()).flatten();
        return Value::Object(whole.collect());
    }
    for either in ["oneOf", "anyOf"] {
        if let Some(forms) = schema[either].as_array() {
            let form = forms.iter().find(|form| form["type"] != "null");
            return form.map_or(Value::Null, |form| deeper(name, form));
        }
    }
    match kind(schema) {
        "object" => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            Value::Object(fields.map(|(name, field)| (name.clone(), deeper(name, field))).collect())
        }
        "array" if schema["prefixItems"].is_array() => {
            schema["prefixItems"].as_array().into_iter().flatten().map(|item| deeper(name, item)).collect()
        }
        "array" => json!([deeper(name, &schema["items"])]),
        "string" => text(name, schema["format"].as_str().unwrap_or_default()).into(),
        "integer" => schema["minimum"].as_f64().map_or(json!(whole(name)), |least| json!(least as i64)),
        "number" => schema["minimum"].as_f64().map_or(json!(0.25), |least| json!(least)),
        "boolean" => json!(true),
        _ => Value::Null,
    }
}

/// The first kind that is something.
fn kind(schema: &Value) -> &str {
    let kinds =
        schema["type"].as_array().and_then(|kinds| kinds.iter().filter_map(Value::as_str).find(|one| *one != "null"));
    let bare = if schema["properties"].is_object() { "object" } else { "" };
    kinds.or(schema["type"].as_str()).unwrap_or(bare)
}

fn text(name: &str, format: &str) -> &'static str {
    match (format, name) {
        ("date-time", _) => "2026-11-22T10:00:00Z",
        ("date", _) => "2026-11-22",
        ("uuid", _) => "0198d1f0-0000-7000-8000-000000000001",
        (_, "currency" | "cost_currency") => "EUR",
        (_, "time_zone") => "Europe/Vienna",
        (_, "country") => "AT",
        (_, "code") => "WIN7K2M9QXD",
        (_, "link" | "url" | "storefront_url" | "allow_at") => "https://shop.example/r/1a-7K2M9QXD",
        (_, "domain") => "shop.example",
        (_, "policy") => "default",
        (_, "shopify_order_id") => "5678901234",
        (_, "sha256") => "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        (_, "sentence" | "why" | "definition" | "reason") => "In one sentence.",
        _ => "text",
    }
}

fn whole(name: &str) -> i64 {
    match name {
        "minor" => 1_999,
        "bytes" => 34_512,
        _ => 12,
    }
}
