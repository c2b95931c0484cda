//! Indexes on tables that may hold millions of rows, made and dropped while others go on writing.
//!
//! 1. On PostgreSQL that is `CONCURRENTLY`, which runs outside a transaction only: a migration that calls this answers
//!    `Some(false)` to `use_transaction`, and each of its steps may be run again.
//! 2. One that was cut off leaves an index that is not valid, which `IF NOT EXISTS` would take for done: it goes first.
//! 3. It waits for whoever still reads or writes by the old state, and nobody waits behind it: so it has no `lock_timeout`.
//!
//! SQLite's one writer makes an index at once.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

use crate::table::index;

/// Creates an index; say beside the call which query it serves.
pub async fn indexed_beside(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let name = format!("ix_{table}_{}", columns.join("_"));
    created_beside(manager, &name, index(table, columns, "ix")).await
}

/// Creates the index of this name.
pub async fn created_beside(
    manager: &SchemaManager<'_>,
    name: &str,
    mut index: IndexCreateStatement,
) -> Result<(), DbErr> {
    index.name(name).if_not_exists();
    if manager.get_database_backend() != DbBackend::Postgres {
        return manager.create_index(index).await;
    }
    if is_left_over(manager, name).await? {
        patiently(manager, &format!("DROP INDEX CONCURRENTLY IF EXISTS \"{name}\"")).await?;
    }
    patiently(manager, &index.concurrently().to_string(PostgresQueryBuilder)).await
}

/// Drops the index of this name, if it is there.
pub async fn dropped_beside(manager: &SchemaManager<'_>, table: &'static str, name: &str) -> Result<(), DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return manager.drop_index(Index::drop().name(name).table(table).if_exists().to_owned()).await;
    }
    patiently(manager, &format!("DROP INDEX CONCURRENTLY IF EXISTS \"{name}\"")).await
}

/// Whether an index of this name was begun and not ended.
async fn is_left_over(manager: &SchemaManager<'_>, name: &str) -> Result<bool, DbErr> {
    let sql = format!(
        "SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid \
         WHERE c.relname = '{name}' AND pg_table_is_visible(c.oid) AND NOT i.indisvalid"
    );
    let found = manager.get_connection().query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    Ok(found.is_some())
}

async fn patiently(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    db.execute_unprepared("SET lock_timeout = 0").await?;
    let done = db.execute_unprepared(sql).await;
    db.execute_unprepared("RESET lock_timeout").await?;
    done.map(drop)
}
