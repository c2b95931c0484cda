//! Reading a file, or standard input, and saying where it cannot be read.

use std::io::Read;

/// Why a file cannot be read, with its place.
#[derive(Debug, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct Unreadable {
    file: String,
    problem: String,
}

impl Unreadable {
    pub(super) fn new(file: &str, problem: impl std::fmt::Display) -> Self {
        Self { file: file.to_owned(), problem: problem.to_string() }
    }
}

/// More than anybody verifies at once, and less than would fill a small machine.
const MOST: u64 = 512 << 20;

/// The text of a file; `-`: of standard input.
pub(super) fn read(file: &str) -> Result<String, Unreadable> {
    let mut text = String::new();
    let reader: Box<dyn Read> = match file {
        "-" => Box::new(std::io::stdin()),
        path => Box::new(std::fs::File::open(path).map_err(|error| Unreadable::new(file, error))?),
    };
    let read = reader.take(MOST + 1).read_to_string(&mut text).map_err(|error| Unreadable::new(file, error))?;
    if read as u64 > MOST {
        return Err(Unreadable::new(file, "larger than 512 MiB"));
    }
    Ok(text)
}

/// The rows of a CSV file with a header, each with its line; columns are asked for by name.
pub(super) struct Table {
    file: String,
    header: csv::StringRecord,
    rows: Vec<csv::StringRecord>,
}

/// One row of a [`Table`].
pub(super) struct Line<'a> {
    table: &'a Table,
    row: &'a csv::StringRecord,
}

impl Table {
    /// Reads a file that has at least these columns.
    pub(super) fn read(file: &str, columns: &[&str]) -> Result<Self, Unreadable> {
        let text = read(file)?;
        let wrong = |problem: String| Unreadable::new(file, problem);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
        let missing: Vec<&&str> = columns.iter().filter(|column| !header.iter().any(|name| name == **column)).collect();
        if !missing.is_empty() {
            return Err(wrong(format!("line 1: the header has no column {missing:?}; it needs {columns:?}")));
        }
        let mut names: Vec<&str> = header.iter().collect();
        names.sort_unstable();
        if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(wrong(format!("line 1: column {:?} stands there twice", twice[0])));
        }
        let rows = reader.records().collect::<Result<_, _>>().map_err(|error| wrong(error.to_string()))?;
        Ok(Self { file: file.to_owned(), header, rows })
    }

    /// Its rows.
    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.rows.iter().map(|row| Line { table: self, row })
    }

    /// Whether it has a column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.header.iter().any(|name| name == column)
    }
}

impl Line<'_> {
    /// A column's text.
    pub(super) fn text(&self, column: &str) -> &str {
        let place = self.table.header.iter().position(|name| name == column);
        place.and_then(|place| self.row.get(place)).unwrap_or_default()
    }

    /// A column's value, as `read` makes it.
    pub(super) fn value<T>(
        &self,
        column: &str,
        form: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, Unreadable> {
        let text = self.text(column);
        read(text).ok_or_else(|| self.wrong(column, format!("{text:?} is not {form}")))
    }

    /// A problem with a column of this line.
    pub(super) fn wrong(&self, column: &str, problem: impl std::fmt::Display) -> Unreadable {
        let line = self.row.position().map_or(0, csv::Position::line);
        Unreadable::new(&self.table.file, format!("line {line}, {column}: {problem}"))
    }
}
