//! Rows as PostgreSQL takes many of them: one array for each column, in the driver's own binary form.
//!
//! A statement with a parameter for every value is planned anew at every run, at a price for each of its thousands of
//! parameters, and has another text for every number of rows. With arrays it has a parameter for each column, and one
//! text. Bytes go over as bytes: as text, PostgreSQL would read every one of them twice, as two digits within quotes.
//!
//! The driver has no arrays in which single values are absent. A column that may lack values is therefore two arrays: the
//! values, with something in place of what is absent, and which of them are there.

use sea_orm::sea_query::ArrayType;
use sea_orm::{DbErr, Value};

/// One column of many rows.
#[derive(Debug, PartialEq)]
pub(super) struct Column {
    /// The type of one value.
    kind: &'static str,
    /// Values, as a parameter.
    pub(super) array: Value,
    /// Which are there; `None`: all.
    pub(super) there: Option<Value>,
}

impl Column {
    /// The parameter with this number, as an array of the column's type.
    pub(super) fn parameter(&self, number: usize) -> String {
        format!("${number}::{}[]", self.kind)
    }
}

/// Turns rows, one value after the other, into columns; `optional` says of each whether values may be absent.
pub(super) fn columns(values: impl IntoIterator<Item = Value>, optional: &[bool]) -> Result<Vec<Column>, DbErr> {
    let mut gathered: Vec<Vec<Value>> = vec![Vec::new(); optional.len()];
    for (n, value) in values.into_iter().enumerate() {
        gathered[n % optional.len()].push(value);
    }
    gathered.into_iter().zip(optional).map(|(values, optional)| column(values, *optional)).collect()
}

fn column(mut values: Vec<Value>, optional: bool) -> Result<Column, DbErr> {
    let Some(first) = values.first() else { return Err(DbErr::Type("a column of no rows".to_owned())) };
    let of = first.array_type();
    let kind = kind(&of)?;
    let mut there = Vec::with_capacity(if optional { values.len() } else { 0 });
    for value in &mut values {
        if value.array_type() != of {
            return Err(DbErr::Type(format!("a column of {of:?} holds {:?}", value.array_type())));
        }
        let absent = *value == value.as_null();
        if absent && !optional {
            return Err(DbErr::Type(format!("a value of {of:?} is absent in a column that lacks none")));
        }
        if absent {
            *value = value.dummy_value();
        }
        if optional {
            there.push(Value::from(!absent));
        }
    }
    let there = optional.then(|| Value::Array(ArrayType::Bool, Some(Box::new(there))));
    Ok(Column { kind, array: Value::Array(of, Some(Box::new(values))), there })
}

fn kind(of: &ArrayType) -> Result<&'static str, DbErr> {
    Ok(match of {
        ArrayType::Bool => "boolean",
        ArrayType::Int => "integer",
        ArrayType::BigInt => "bigint",
        ArrayType::Uuid => "uuid",
        ArrayType::String => "text",
        ArrayType::Json => "jsonb",
        ArrayType::Bytes => "bytea",
        other => return Err(DbErr::Type(format!("a column of {other:?} does not go over as an array"))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(of: ArrayType, values: impl IntoIterator<Item = Value>) -> Value {
        Value::Array(of, Some(Box::new(values.into_iter().collect())))
    }

    #[test]
    fn a_column_that_may_lack_values_says_which_are_there() {
        let rows: [Value; 4] = [1_i64.into(), vec![0_u8, 255].into(), 2_i64.into(), None::<Vec<u8>>.into()];
        let columns = columns(rows, &[false, true]).unwrap();
        let [numbers, bytes] = columns.as_slice() else { panic!("{columns:?}") };
        assert_eq!((numbers.parameter(1), &numbers.there), ("$1::bigint[]".to_owned(), &None));
        assert_eq!(numbers.array, array(ArrayType::BigInt, [1_i64.into(), 2_i64.into()]));
        assert_eq!(bytes.parameter(2), "$2::bytea[]");
        assert_eq!(bytes.there, Some(array(ArrayType::Bool, [true.into(), false.into()])));
    }

    #[test]
    fn what_the_driver_would_stumble_over_is_refused() {
        for (rows, optional) in [
            (vec![Value::Double(Some(0.5))], true),
            (vec![1_i64.into(), Value::from("one")], true),
            (vec![None::<i64>.into()], false),
            (vec![], false),
        ] {
            assert!(columns(rows.clone(), &[optional]).is_err(), "{rows:?}");
        }
    }
}
