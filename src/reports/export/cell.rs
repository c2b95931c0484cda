//! A value of a table, and how it stands in a file.

use serde_json::Value;

use crate::kernel::{Money, Timestamp};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Words; whoever wrote them is not trusted.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A decimal number, to the digit.
    Decimal(String),
    /// Yes or no.
    Yes(bool),
    /// A document.
    Document(Value),
    /// Nothing is known.
    Nothing,
}

impl Cell {
    /// Words of our own or of somebody else.
    pub fn text(words: impl ToString) -> Self {
        Self::Text(words.to_string())
    }

    /// An instant, if there is one: RFC 3339, UTC.
    pub fn at(instant: Option<Timestamp>) -> Self {
        Self::maybe(instant)
    }

    /// Words, if there are any.
    pub fn maybe(words: Option<impl ToString>) -> Self {
        words.map_or(Self::Nothing, Self::text)
    }

    /// Money in the three columns it takes: decimal, minor units, currency.
    pub fn money(money: Money) -> [Self; 3] {
        [Self::Decimal(money.decimal()), Self::Whole(money.minor), Self::text(money.currency)]
    }

    /// As a field of a CSV file. What a spreadsheet would take for a formula gets an apostrophe before it, as OWASP's page
    /// on CSV injection says; numbers of ours are no formulas and stay numbers.
    pub fn csv(&self) -> String {
        match self {
            Self::Text(words) => {
                let formula = words
                    .trim_start_matches(' ')
                    .starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
                // No NUL: what follows one is lost in half of the programs that read such files.
                let words = words.replace('\0', "\u{fffd}");
                if formula { format!("'{words}") } else { words }
            }
            Self::Whole(number) => number.to_string(),
            Self::Decimal(number) => number.clone(),
            Self::Yes(yes) => yes.to_string(),
            Self::Document(value) => value.to_string(),
            Self::Nothing => String::new(),
        }
    }

    /// As a value of a line of JSON.
    pub fn json(&self) -> Value {
        match self {
            Self::Text(words) | Self::Decimal(words) => words.as_str().into(),
            Self::Whole(number) => (*number).into(),
            Self::Yes(yes) => (*yes).into(),
            Self::Document(value) => value.clone(),
            Self::Nothing => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_begins_a_formula_and_numbers_stay_numbers() {
        for words in ["=1+1", "+43660", "-2", "@SUM(A1)", "\t=1", "  =1", "＝1"] {
            assert_eq!(Cell::text(words).csv(), format!("'{words}"), "{words:?}");
        }
        for words in ["", "Winback 15 %", "#1001", "a=b"] {
            assert_eq!(Cell::text(words).csv(), words);
        }
        assert_eq!((Cell::Whole(-5).csv(), Cell::Decimal("-12.30".into()).csv()), ("-5".into(), "-12.30".into()));
        assert_eq!(Cell::text("a\0b").csv(), "a\u{fffd}b");
    }
}
