//! What the database knows of the tables it plans for.
//!
//! PostgreSQL's own autovacuum looks once a minute. A campaign's first evening fills a table from nothing within seconds, and
//! until somebody counts the rows the planner takes a shop for one of two hundred and reads all of it for a list of
//! ids: 90 ms instead of 2 for 64 links among 200,000. SQLite counts nothing unless told to, and takes a shop for a few
//! rows until then.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, Statement};
use tokio_util::sync::CancellationToken;

use super::Db;

/// How often somebody looks.
const EVERY: Duration = Duration::from_secs(5);

/// Tables of whose rows the planner has never heard of one in twenty: a campaign's, perhaps. Fewer than a thousand are
/// read in no time, whatever the plan. Counting looks at a sample, so that it costs the same however large the table.
const UNKNOWN: &str = "SELECT quote_ident(relname) FROM pg_stat_user_tables WHERE schemaname = current_schema() \
                       AND n_mod_since_analyze > 1000 AND n_mod_since_analyze > n_live_tup / 20";

/// SQLite looks at every table and counts those that were never counted or have grown tenfold, from a sample of each
/// index (<https://sqlite.org/pragma.html#pragma_optimize>); mostly there are none, and nothing is written.
const OPTIMIZE: &str = "PRAGMA optimize(0x10002)";

/// Has tables counted soon after they were filled, until told to stop.
pub async fn keep_statistics(db: Db, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        match refresh(&db).await {
            Ok(tables) if !tables.is_empty() => tracing::debug!(?tables, "the planner knows them now"),
            Ok(_) => {}
            // It only makes plans worse for a while, and autovacuum comes too.
            Err(error) => tracing::debug!(error = %error, "tables could not be counted"),
        }
    }
}

/// Has the tables counted that need it; which ones, where the database says so.
async fn refresh(db: &Db) -> Result<Vec<String>, DbErr> {
    if db.is_sqlite() {
        return db.write().execute_unprepared(OPTIMIZE).await.map(|_| Vec::new());
    }
    let (write, backend) = (db.write(), db.write().get_database_backend());
    let rows = write.query_all_raw(Statement::from_string(backend, UNKNOWN)).await?;
    let tables = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<Vec<String>, _>>()?;
    for table in &tables {
        write.execute_unprepared(&format!("ANALYZE {table}")).await?;
    }
    Ok(tables)
}
