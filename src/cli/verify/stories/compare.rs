//! What a story expects against what was found. Only what is named is compared.

use sea_orm::Iterable;
use serde::Serialize;
use serde_json::{Map, Value};

use super::found::Found;
use crate::attribution::Line;

/// Where the two differ.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Difference {
    path: String,
    expected: Value,
    found: Value,
}

impl Difference {
    /// The facts were told the other way round, and something else came out.
    pub fn of_order() -> Self {
        let (expected, found) = ("the same when the facts are told the other way round", "something else");
        Self { path: "facts".to_owned(), expected: expected.into(), found: found.into() }
    }
}

impl std::fmt::Display for Difference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: expected {}, found {}", self.path, self.expected, self.found)
    }
}

/// Everything that is expected and was not found so.
pub(super) fn compare(expect: &Map<String, Value>, found: &Found) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (what, expected) in expect {
        match what.as_str() {
            "orders" => each(expected, what, &mut differences, |id, expected, path, differences| {
                order(path, expected, found.orders.get(id).unwrap_or(&Value::Null), differences);
            }),
            "ledger" => each(expected, what, &mut differences, |line, expected, path, differences| {
                // A line nobody stands on is a line of nothing; one that does not exist is a slip of the pen.
                let known = Line::iter().any(|one| serde_json::json!(one) == line);
                let nothing = if known { serde_json::json!({"orders": 0, "net_minor": 0}) } else { Value::Null };
                subset(path, expected, found.ledger.get(line).unwrap_or(&nothing), differences);
            }),
            "summary" => subset(what.clone(), expected, &found.summary, &mut differences),
            _ => differ(what.clone(), expected, &Value::Null, &mut differences),
        }
    }
    differences
}

fn each(
    expected: &Value,
    path: &str,
    differences: &mut Vec<Difference>,
    mut one: impl FnMut(&str, &Value, String, &mut Vec<Difference>),
) {
    for (name, expected) in expected.as_object().into_iter().flatten() {
        one(name, expected, format!("{path}.{name}"), differences);
    }
}

fn order(path: String, expected: &Value, found: &Value, differences: &mut Vec<Difference>) {
    if found.is_null() {
        return differ(path, expected, found, differences);
    }
    each(expected, &path, differences, |field, expected, path, differences| match field {
        "credits" => each(expected, &path, differences, |model, expected, path, differences| {
            credits(path, expected, &found["credits"][model], differences);
        }),
        field => {
            if found.get(field) != Some(expected) {
                differ(path, expected, found.get(field).unwrap_or(&Value::Null), differences);
            }
        }
    });
}

/// Whoever is not listed gets nothing.
fn credits(path: String, expected: &Value, found: &Value, differences: &mut Vec<Difference>) {
    let (Some(expected), Some(found)) = (expected.as_object(), found.as_object()) else {
        return differ(path, expected, found, differences);
    };
    let zero = Value::from(0);
    let mut whose: Vec<&String> = expected.keys().chain(found.keys()).collect();
    whose.sort();
    whose.dedup();
    for name in whose {
        let (expected, found) = (expected.get(name).unwrap_or(&zero), found.get(name).unwrap_or(&zero));
        if expected != found {
            differ(format!("{path}.{name}"), expected, found, differences);
        }
    }
}

fn subset(path: String, expected: &Value, found: &Value, differences: &mut Vec<Difference>) {
    each(expected, &path, differences, |field, expected, path, differences| {
        if found.get(field) != Some(expected) {
            differ(path, expected, found.get(field).unwrap_or(&Value::Null), differences);
        }
    });
}

fn differ(path: String, expected: &Value, found: &Value, differences: &mut Vec<Difference>) {
    differences.push(Difference { path, expected: expected.clone(), found: found.clone() });
}
