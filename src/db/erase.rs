//! Erasing for good, as far as each engine lets us.
//!
//! SQLite overwrites what is deleted (`secure_delete`), and truncating its write-ahead log removes the copies there.
//! PostgreSQL leaves dead rows in its files until a vacuum makes their room free and something new is written over it:
//! therefore nothing personal is ever written there unsealed, and after an erasure the touched tables are vacuumed.

use sea_orm::{ConnectionTrait, DbErr, Statement};

use super::{Db, INSERT_ROWS};
use crate::kernel::id::ShopId;

impl Db {
    /// Deletes at most [`INSERT_ROWS`] rows of one shop from a table; answers how many. `table` and `but` (a condition
    /// on rows that stay) are constants of the program, never anybody's text.
    pub async fn delete_some(
        &self,
        txn: &impl ConnectionTrait,
        table: &'static str,
        shop: ShopId,
        but: Option<&'static str>,
    ) -> Result<u64, DbErr> {
        let row = if self.is_sqlite() { "rowid" } else { "ctid" };
        let but = but.map(|kept| format!(" AND NOT ({kept})")).unwrap_or_default();
        let sql = format!(
            "DELETE FROM {table} WHERE shop_id = $1 AND {row} IN \
             (SELECT {row} FROM {table} WHERE shop_id = $2{but} LIMIT {INSERT_ROWS})"
        );
        let values = [shop.0.into(), shop.0.into()];
        let statement = Statement::from_sql_and_values(txn.get_database_backend(), sql, values);
        Ok(txn.execute_raw(statement).await?.rows_affected())
    }

    /// Empties SQLite's write-ahead log, in which copies of what was let go still stand. PostgreSQL cleans by itself.
    pub async fn scrub_log(&self) {
        if self.is_sqlite() {
            self.scrub(&[]).await;
        }
    }

    /// Removes what an erasure left behind in the database's own files. Failing is no harm: what is left is sealed, and
    /// the engine gets to it by itself later.
    pub async fn scrub(&self, tables: &[&'static str]) {
        let sql = if self.is_sqlite() {
            "PRAGMA wal_checkpoint(TRUNCATE)".to_owned()
        } else {
            format!("VACUUM {}", tables.join(", "))
        };
        let _turn = self.checkpoint.lock().await;
        if let Err(error) = self.write.execute_unprepared(&sql).await {
            tracing::warn!(error = %error, "what an erasure left in the database's files waits for the engine's own cleaning");
        }
    }
}
