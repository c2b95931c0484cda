//! Rows as PostgreSQL takes many of them: one array for each column.
//!
//! A statement with a parameter for every value is planned anew at every run, at a price for each of its thousands of
//! parameters, and has another text for every number of rows. With arrays it has a parameter for each column, and one text.
//! An array goes over as the text PostgreSQL itself writes it in (its documentation, 8.15.2), because the driver has no
//! arrays in which single values are absent.

use std::fmt::Write;

use sea_orm::{DbErr, Value};

/// One column of many rows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Column {
    /// Its values, as PostgreSQL reads an array.
    pub(super) array: String,
    /// The type of one.
    pub(super) kind: &'static str,
}

impl Column {
    /// The parameter with this number, as an array of its type.
    pub(super) fn parameter(&self, number: usize) -> String {
        format!("${number}::text::{}[]", self.kind)
    }
}

/// Turns rows of `width` values each, one after the other in `values`, into columns.
pub(super) fn columns(values: &[Value], width: usize) -> Result<Vec<Column>, DbErr> {
    (0..width).map(|at| column(values.iter().skip(at).step_by(width), values.len() / width)).collect()
}

/// Bytes of a value, its comma and its quotes, as most of them are.
const USUAL: usize = 40;

fn column<'a>(values: impl Iterator<Item = &'a Value>, rows: usize) -> Result<Column, DbErr> {
    let mut column = Column { array: String::with_capacity(rows * USUAL), kind: "text" };
    column.array.push('{');
    for value in values {
        if column.array.len() > 1 {
            column.array.push(',');
        }
        column.kind = push(&mut column.array, value)?;
    }
    column.array.push('}');
    Ok(column)
}

/// Writes a value; answers its type, which an absent one has too.
fn push(array: &mut String, value: &Value) -> Result<&'static str, DbErr> {
    match value {
        Value::Bool(value) => plain(array, value.as_ref(), "boolean"),
        Value::Int(value) => plain(array, value.as_ref(), "integer"),
        Value::BigInt(value) => plain(array, value.as_ref(), "bigint"),
        Value::Uuid(value) => plain(array, value.as_ref(), "uuid"),
        Value::String(Some(value)) => quoted(array, value, "text"),
        Value::Json(Some(value)) => quoted(array, &value.to_string(), "jsonb"),
        Value::Bytes(Some(value)) => quoted(array, &format!("\\x{}", hex::encode(value)), "bytea"),
        Value::String(None) => plain(array, None::<&i64>, "text"),
        Value::Json(None) => plain(array, None::<&i64>, "jsonb"),
        Value::Bytes(None) => plain(array, None::<&i64>, "bytea"),
        other => Err(DbErr::Type(format!("a column of {:?} does not go over as an array", other.array_type()))),
    }
}

fn plain(
    array: &mut String,
    value: Option<&impl std::fmt::Display>,
    kind: &'static str,
) -> Result<&'static str, DbErr> {
    match value {
        Some(value) => write!(array, "{value}").expect("a String takes what is written to it"),
        None => array.push_str("NULL"),
    }
    Ok(kind)
}

/// Within quotes only quotes and backslashes mean anything; without them `NULL` and an empty text would.
fn quoted(array: &mut String, text: &str, kind: &'static str) -> Result<&'static str, DbErr> {
    array.push('"');
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\']) {
        array.push_str(&rest[..at]);
        array.push('\\');
        array.push_str(&rest[at..=at]);
        rest = &rest[at + 1..];
    }
    array.push_str(rest);
    array.push('"');
    Ok(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value_is_written_as_postgresql_reads_it() {
        let rows: Vec<Vec<Value>> = vec![
            vec![1_i64.into(), "a".into(), true.into(), vec![0_u8, 255].into(), serde_json::json!({"a": "\""}).into()],
            vec![
                None::<i64>.into(),
                None::<String>.into(),
                None::<bool>.into(),
                None::<Vec<u8>>.into(),
                None::<serde_json::Value>.into(),
            ],
        ];
        let written = columns(&rows.concat(), 5).unwrap();
        let written: Vec<(&str, &str)> = written.iter().map(|column| (column.array.as_str(), column.kind)).collect();
        let wanted = [
            ("{1,NULL}", "bigint"),
            (r#"{"a",NULL}"#, "text"),
            ("{true,NULL}", "boolean"),
            (r#"{"\\x00ff",NULL}"#, "bytea"),
            (r#"{"{\"a\":\"\\\"\"}",NULL}"#, "jsonb"),
        ];
        assert_eq!(written, wanted);
    }

    #[test]
    fn no_text_ends_its_quotes() {
        let texts = ["", "NULL", "{}", ",", "\"", "\\", "a\"b\\c", "\u{e4}\n\t", "\\\"", "null"];
        let column = column(texts.map(Value::from).iter(), texts.len()).unwrap();
        assert_eq!(
            column.array,
            "{\"\",\"NULL\",\"{}\",\",\",\"\\\"\",\"\\\\\",\"a\\\"b\\\\c\",\"\u{e4}\n\t\",\"\\\\\\\"\",\"null\"}"
        );
    }

    #[test]
    fn a_kind_nobody_wrote_is_refused() {
        assert!(column([Value::Double(Some(0.5))].iter(), 1).is_err());
    }
}
