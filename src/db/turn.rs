//! One process at a time changes the schema.
//!
//! Several nodes start at once after an update. One takes the turn, on SQLite by the write lock of the file, on PostgreSQL
//! by an advisory lock of its main node, where the schema is changed; the others wait until it is over, however long an
//! index takes. Who dies gives the turn back.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};

use super::{Db, away};

/// How long one waits between two looks, and how often one looks: ten minutes in all.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const LOOKS: usize = 600;

/// What the turn is called among PostgreSQL's advisory locks: any number of ours.
const NAME: i64 = 0x7265_636f_7570;

impl Db {
    /// Waits for the turn and takes it; it ends with the transaction.
    pub async fn turn_to_migrate(&self) -> Result<DatabaseTransaction, DbErr> {
        let mut looks = 0;
        loop {
            match self.take_turn().await {
                Err(error) if away(&error) && looks < LOOKS => {
                    if looks == 0 {
                        tracing::info!("another process is changing the schema; waiting for it");
                    }
                    looks += 1;
                    tokio::time::sleep(LOOK_EVERY).await;
                }
                taken => return taken,
            }
        }
    }

    async fn take_turn(&self) -> Result<DatabaseTransaction, DbErr> {
        let turn = self.begin_write().await?;
        if !self.is_sqlite() {
            // Held for as long as the schema takes, with nothing to say meanwhile.
            turn.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
            turn.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({NAME})")).await?;
        }
        Ok(turn)
    }
}
