//! Beginning a transaction so that whoever stops waiting for it leaves nothing open.
//!
//! A caller goes away at any time: a client hangs up, a time-out strikes, a job is ended. sqlx 0.9.0 rolls back what was
//! begun on PostgreSQL only from the moment the answer to `BEGIN` is read. A caller gone before that hands the pool a
//! connection with an open transaction, and what the next callers write through it is held back from everybody and lost
//! in the end, though they were told it is kept (transact-rs/sqlx issue 4393). So a task of its own reads the answer
//! there, and drops the transaction when nobody waits for it any more.

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, TransactionOptions, TransactionTrait,
};

/// Begins a transaction on a connection of the pool. Safe to stop waiting for at any moment.
pub async fn begin(pool: &DatabaseConnection, options: TransactionOptions) -> Result<DatabaseTransaction, DbErr> {
    if pool.get_database_backend() == DbBackend::Sqlite {
        return pool.begin_with_options(options).await;
    }
    let pool = pool.clone();
    match tokio::spawn(async move { pool.begin_with_options(options).await }).await {
        Ok(begun) => begun,
        Err(ended) => Err(DbErr::Conn(RuntimeErr::Internal(ended.to_string()))),
    }
}
