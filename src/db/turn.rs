//! One process at a time changes the schema.
//!
//! Several nodes start at once after an update. One takes the turn, on SQLite by the write lock of the file, on PostgreSQL
//! by an advisory lock of its main node, where the schema is changed; the others look again and again until it is over.
//! None of them waits inside a statement: an index that is made beside its writers waits for every statement begun before
//! it. Who dies gives the turn back.

use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel, RuntimeErr, SqlxPostgresConnector,
    Statement, TransactionOptions,
};
use sqlx::postgres::PgPoolOptions;
use tokio::time::Instant;

use super::{Db, away, begin};

/// How long one waits between two looks, and how long in all.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(3_600);

/// What the turn is called among PostgreSQL's advisory locks: any number of ours.
const NAME: i64 = 0x7265_636f_7570;

impl Db {
    /// Waits for the turn and takes it; it ends with the transaction.
    pub async fn turn_to_migrate(&self) -> Result<DatabaseTransaction, DbErr> {
        let began = Instant::now();
        let mut said = false;
        loop {
            let error = match self.take_turn().await {
                Ok(Some(turn)) => return Ok(turn),
                Ok(None) => DbErr::Custom("another process has been changing the schema for an hour".to_owned()),
                Err(error) => error,
            };
            let passes = matches!(error, DbErr::Custom(_)) || away(&error);
            if !passes || began.elapsed() > PATIENCE {
                return Err(error);
            }
            if !said {
                tracing::info!("another process is changing the schema; waiting for it");
                said = true;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn take_turn(&self) -> Result<Option<DatabaseTransaction>, DbErr> {
        if self.is_sqlite() {
            return self.begin_write().await.map(Some);
        }
        // Between two statements it then keeps no view of the rows, for which the making of an index would wait.
        let options = TransactionOptions { isolation_level: Some(IsolationLevel::ReadCommitted), ..Default::default() };
        let turn = begin::begin(&self.write, options).await?;
        // Held for as long as the schema takes, with nothing to say meanwhile.
        turn.execute_unprepared("SET LOCAL idle_in_transaction_session_timeout = 0").await?;
        let ask = format!("SELECT pg_try_advisory_xact_lock({NAME})");
        let answer = turn.query_one_raw(Statement::from_string(turn.get_database_backend(), ask)).await?;
        match answer.map(|row| row.try_get_by_index::<bool>(0)).transpose()? {
            Some(true) => Ok(Some(turn)),
            _ => turn.rollback().await.map(|()| None),
        }
    }

    /// A connection of its own for changing the schema on PostgreSQL: rows by the million are moved and indexed there, so
    /// no statement is cut off. Who waits for a table is: everybody else queues behind.
    pub async fn connect_to_migrate(&self) -> Result<DatabaseConnection, DbErr> {
        let everyday = self.write.get_postgres_connection_pool();
        let endless = [("statement_timeout", "0"), ("idle_in_transaction_session_timeout", "0")];
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(everyday.options().get_acquire_timeout())
            .connect_with(everyday.connect_options().as_ref().clone().options(endless))
            .await
            .map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
        Ok(SqlxPostgresConnector::from_sqlx_postgres_pool(pool))
    }
}
