//! Reading fields as they come: a text or a number, a list or nothing. A field of another shape than ours counts as
//! absent; it never loses the event.
//!
//! Numbers stay the text they were written as, so that no amount and no id passes through a float.

use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_json::value::RawValue;

use crate::webhooks::parsed::Unreadable;

/// Reads a whole body.
pub fn payload<T: DeserializeOwned>(body: &str) -> Result<T, Unreadable> {
    // serde's own words may quote the payload.
    serde_json::from_str(body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Unreadable::because(format!("the body is not the JSON we expect (line {line}, column {column})"))
    })
}

/// A text, number or truth value as text; blank counts as absent.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let raw = <&RawValue>::deserialize(from)?.get();
    let text = match raw.bytes().next() {
        Some(b'"') => serde_json::from_str::<String>(raw).ok(),
        Some(b'-' | b'0'..=b'9' | b't' | b'f') => Some(raw.to_owned()),
        _ => None,
    };
    // PostgreSQL keeps no NUL in text, and nobody means one.
    Ok(text.map(|text| text.trim().replace('\0', "")).filter(|text| !text.is_empty()))
}

/// A whole number, written as a number or a text.
pub fn whole<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(text(from)?.and_then(|text| text.parse().ok()))
}

/// Whether it is there and true.
pub fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    Ok(text(from)?.as_deref() == Some("true"))
}

/// That the field is there, whatever it says: `null` too.
pub fn present<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    <&RawValue>::deserialize(from).map(|_| true)
}

/// An object of ours.
pub fn object<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<T>, D::Error> {
    let raw = <&RawValue>::deserialize(from)?.get();
    // A list would be read into a struct field by field.
    Ok(if raw.starts_with('{') { serde_json::from_str(raw).ok() } else { None })
}

/// A list, telling an absent one from an empty one.
pub fn maybe_list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<Vec<T>>, D::Error> {
    let raw = <&RawValue>::deserialize(from)?.get();
    let items: Option<Vec<&RawValue>> = serde_json::from_str(raw).ok();
    Ok(items.map(|items| items.iter().filter_map(|item| serde_json::from_str(item.get()).ok()).collect()))
}

/// A list; absent counts as empty.
pub fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(maybe_list(from)?.unwrap_or_default())
}
