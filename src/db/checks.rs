//! Start-up refuses storage that could lose what was acknowledged.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};

use super::Db;

/// Checks the settings behind promise P1 (2xx means committed) and P8 (erased is gone).
/// The error is a sentence that says what to change.
pub async fn refuse_unsafe(db: &Db) -> Result<(), DbErr> {
    let wanted: &[(&str, &[&str])] = if db.is_sqlite() {
        &[
            ("PRAGMA journal_mode", &["wal"]),
            ("PRAGMA synchronous", &["2", "3"]),
            ("PRAGMA foreign_keys", &["1"]),
            ("PRAGMA secure_delete", &["1"]),
        ]
    } else {
        &[("SHOW fsync", &["on"]), ("SHOW synchronous_commit", &["on", "remote_write", "remote_apply"])]
    };
    for (question, lawful) in wanted {
        let answer = ask(db, question).await?;
        if !lawful.contains(&answer.as_str()) {
            let lawful = lawful.join(" or ");
            return Err(DbErr::Custom(format!(
                "unsafe storage: `{question}` answers `{answer}`, but an acknowledged row is only kept with {lawful}"
            )));
        }
    }
    Ok(())
}

async fn ask(db: &Db, question: &str) -> Result<String, DbErr> {
    let backend = if db.is_sqlite() { DbBackend::Sqlite } else { DbBackend::Postgres };
    let row = db.write().query_one_raw(Statement::from_string(backend, question)).await?;
    let row = row.ok_or_else(|| DbErr::Custom(format!("`{question}` has no answer")))?;
    row.try_get_by_index::<String>(0).or_else(|_| row.try_get_by_index::<i64>(0).map(|n| n.to_string()))
}
