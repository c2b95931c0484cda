//! Carrying SQLite's write-ahead log over into the database, beside the writer instead of in its way.
//!
//! The writer itself would stop for it at some commit, and whoever waits for that commit stops with it: tens of
//! milliseconds. A passive checkpoint on a connection of the readers disturbs nobody. The writer's own limit stays as a
//! backstop; there it finds little left to do, and begins the log anew.

use std::sync::{Arc, Weak};
use std::time::Duration;

use sea_orm::DatabaseConnection;
use tokio::sync::Mutex;

/// How often somebody looks whether there is something to carry. A page that every commit changes is then carried once and
/// not at each look, and few commits meet the disk busy with it.
const EVERY: Duration = Duration::from_secs(2);

/// Statements since the last time that make it worth while.
const WORTH: u64 = 200;

/// Whoever holds it checkpoints: SQLite turns a second one away.
pub(super) type Turn = Arc<Mutex<()>>;

/// Starts it. It ends when the database is closed, or when nobody holds `alive` any more. `statements` says how many
/// were run so far.
pub(super) fn start<T: Send + Sync + 'static>(
    readers: DatabaseConnection,
    turn: Turn,
    alive: Weak<T>,
    statements: impl Fn() -> u64 + Send + 'static,
) {
    tokio::spawn(async move {
        let mut carried = 0;
        loop {
            tokio::time::sleep(EVERY).await;
            if alive.strong_count() == 0 {
                return;
            }
            let run = statements();
            if run.saturating_sub(carried) < WORTH {
                continue;
            }
            carried = run;
            let _turn = turn.lock().await;
            let pool = readers.get_sqlite_connection_pool();
            match sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(pool).await {
                Ok(_) => {}
                Err(sqlx::Error::PoolClosed) => return,
                // The writer's own limit is still there.
                Err(error) => tracing::debug!(error = %error, "the log could not be carried over"),
            }
        }
    });
}
