//! Whether an error is the database's trouble or the statement's.

use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// Whether the database is away, locked, full or stopping: another statement would fail too, and the same one may hold
/// later. Decided by kind, never by words: SQLite's primary codes (5 busy, 6 locked, 10 I/O, 13 full, 14 cannot open),
/// PostgreSQL's classes (08 connection, 53 resources, 57 intervention, 25P03 idle too long, 55P03 lock).
pub fn away(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => gone(error),
        _ => false,
    }
}

fn gone(error: &SqlxError) -> bool {
    match error {
        SqlxError::Database(error) => error.code().is_some_and(|code| trouble(&code)),
        SqlxError::Io(_)
        | SqlxError::Tls(_)
        | SqlxError::Protocol(_)
        | SqlxError::PoolTimedOut
        | SqlxError::PoolClosed
        | SqlxError::WorkerCrashed => true,
        _ => false,
    }
}

fn trouble(code: &str) -> bool {
    // PostgreSQL's are five characters; SQLite's extended codes keep the primary one in the low byte.
    match code.parse::<u32>().ok().filter(|_| code.len() != 5) {
        Some(sqlite) => [5, 6, 10, 13, 14].contains(&(sqlite & 0xff)),
        None => ["08", "53", "57"].iter().any(|class| code.starts_with(class)) || ["25P03", "55P03"].contains(&code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_is_told_from_a_bad_statement() {
        for code in ["5", "261", "13", "08006", "57P01", "57P03", "53300", "55P03"] {
            assert!(trouble(code), "{code}");
        }
        for code in ["1", "19", "2067", "23505", "42P01", "22P05", "40001"] {
            assert!(!trouble(code), "{code}");
        }
    }
}
