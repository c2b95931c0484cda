//! What a GraphQL document costs, and the bucket it is paid from.
//!
//! Scalars are free, an object costs 1, a connection `1 + first × its nodes`, things asked for by their `ids` each what
//! one of them costs, a mutation 10. The bucket holds 2,000
//! points and refills 100 a second by the world's clock.

use apollo_compiler::ExecutableDocument;
use apollo_compiler::ast::Value as Literal;
use apollo_compiler::executable::{Field, Selection, SelectionSet};
use serde_json::{Value, json};

use crate::kernel::Timestamp;

const MAXIMUM: i64 = 2_000;
const RESTORE_RATE: i64 = 100;
/// No single document may ask for more.
pub(super) const MOST_PER_DOCUMENT: i64 = 1_000;

/// The points a shop has for the app. Counted in thousandths, so that refilling loses nothing.
#[derive(Debug)]
pub(in crate::simulator) struct Bucket {
    thousandths: i64,
    at: Timestamp,
}

impl Bucket {
    /// A full bucket.
    pub fn full(now: Timestamp) -> Self {
        Self { thousandths: MAXIMUM * 1000, at: now }
    }

    /// Whole points available now.
    pub fn available(&mut self, now: Timestamp) -> i64 {
        let elapsed = now.micros().saturating_sub(self.at.micros()).max(0);
        self.thousandths = (self.thousandths + elapsed.saturating_mul(RESTORE_RATE) / 1000).min(MAXIMUM * 1000);
        self.at = now;
        self.thousandths / 1000
    }

    /// Pays points.
    pub fn pay(&mut self, points: i64) {
        self.thousandths -= points * 1000;
    }

    /// Empties the bucket, for tests of throttling.
    pub fn drain(&mut self) {
        self.thousandths = 0;
    }

    /// `extensions.cost`.
    pub fn report(&mut self, requested: i64, actual: Option<i64>, now: Timestamp) -> Value {
        json!({"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": {
            "maximumAvailable": MAXIMUM as f64, "currentlyAvailable": self.available(now), "restoreRate": RESTORE_RATE as f64,
        }})
    }
}

/// What a document asks for at most.
pub(super) fn requested(document: &ExecutableDocument, root: &SelectionSet, variables: &Value, mutation: bool) -> i64 {
    if mutation {
        return 10 * root.selections.len() as i64;
    }
    of_selections(document, root, variables)
}

fn of_selections(document: &ExecutableDocument, set: &SelectionSet, variables: &Value) -> i64 {
    let mut dearest_branch = 0;
    let mut sum = 0;
    for selection in &set.selections {
        match selection {
            Selection::Field(field) => sum += of_field(document, field, variables),
            Selection::InlineFragment(part) => {
                dearest_branch = dearest_branch.max(of_selections(document, &part.selection_set, variables));
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = spread.fragment_def(document) {
                    dearest_branch = dearest_branch.max(of_selections(document, &fragment.selection_set, variables));
                }
            }
        }
    }
    sum + dearest_branch
}

fn of_field(document: &ExecutableDocument, field: &Field, variables: &Value) -> i64 {
    if field.selection_set.is_empty() || field.name == "pageInfo" {
        return 0;
    }
    let inside = of_selections(document, &field.selection_set, variables);
    if let Some(ids) = field.specified_argument_by_name("ids") {
        return named(ids, variables) * (1 + inside);
    }
    if matches!(field.name.as_str(), "nodes" | "edges") {
        return if field.name == "nodes" { 1 + inside } else { inside };
    }
    if field.ty().inner_named_type().ends_with("Connection") {
        return 1 + page_size(field, variables) * inside;
    }
    1 + inside
}

/// How many things a list of ids names.
fn named(ids: &Literal, variables: &Value) -> i64 {
    let count = match ids {
        Literal::List(ids) => ids.len(),
        Literal::Variable(name) => variables[name.as_str()].as_array().map_or(0, Vec::len),
        _ => 1,
    };
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn page_size(field: &Field, variables: &Value) -> i64 {
    ["first", "last"]
        .iter()
        .filter_map(|name| field.specified_argument_by_name(name))
        .find_map(|value| match &**value {
            Literal::Int(number) => number.try_to_i32().ok().map(i64::from),
            Literal::Variable(name) => variables[name.as_str()].as_i64(),
            _ => None,
        })
        .unwrap_or(50)
        .clamp(0, 250)
}

/// What an answer really cost: its objects, apart from the wrappers of pages.
pub(super) fn actual(data: &Value, mutation: bool) -> i64 {
    match data.as_object() {
        Some(fields) if mutation => 10 * fields.len() as i64,
        Some(fields) => fields.values().map(objects).sum(),
        None => 0,
    }
}

fn objects(value: &Value) -> i64 {
    match value {
        Value::Array(items) => items.iter().map(objects).sum(),
        Value::Object(fields) if fields.contains_key("hasNextPage") => 0,
        Value::Object(fields) => 1 + fields.values().map(objects).sum::<i64>(),
        _ => 0,
    }
}
