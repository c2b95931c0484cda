//! The database: connecting, checking that it is safe, and beginning a write.
//!
//! 1. On SQLite there are two connections: one writer, several readers; on PostgreSQL both names mean one pool.
//! 2. Every write begins [`Db::begin_write`]: `IMMEDIATE` on SQLite, because a transaction that reads first and then
//!    writes fails at once under load, whatever the busy time-out says.
//! 3. What differs between the engines lives in this folder and nowhere else.

mod alone;
mod away;
mod begin;
mod bulk;
mod checkpoint;
mod checks;
mod columns;
pub mod counts;
mod each;
mod erase;
mod first;
mod group;
mod insert;
mod post;
mod private;
mod statistics;
mod turn;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    IsolationLevel, SqliteTransactionMode, TransactionOptions,
};
use sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};

pub use alone::Alone;
pub use away::away;
pub use bulk::Cell;
pub use checks::refuse_unsafe;
pub use each::{asked, each, each_like};
pub use first::first_free;
pub use group::{Group, GroupError};
pub use insert::{insert_once, insert_or};
pub use statistics::keep_statistics;

/// The most rows one statement inserts; with the widest table this stays far below SQLite's 32,766 parameters.
pub const INSERT_ROWS: usize = 1_000;

/// An open database.
#[derive(Clone, Debug)]
pub struct Db {
    write: DatabaseConnection,
    read: DatabaseConnection,
    number: u64,
    generation: Arc<AtomicU64>,
    statements: Arc<AtomicU64>,
    checkpoint: checkpoint::Turn,
    file: Option<Arc<Path>>,
}

impl Db {
    /// Opens a database from its URL; does not migrate it.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        if url.starts_with("sqlite://") {
            private::keep(url)?;
            let write = Database::connect(sqlite(url, 1, WRITER)).await?;
            let read = Database::connect(sqlite(url, 4, READER)).await?;
            let mut db = Self::counted(write, read);
            db.file = Some(file(url).into());
            let (alive, statements) = (Arc::downgrade(&db.generation), Arc::clone(&db.statements));
            let statements = move || statements.load(Ordering::Relaxed);
            checkpoint::start(db.read.clone(), Arc::clone(&db.checkpoint), alive, statements);
            return Ok(db);
        }
        let pool = Database::connect(postgres(url)).await?;
        Ok(Self::counted(pool.clone(), pool))
    }

    /// An empty database that lives in memory, on one connection: whoever reads while somebody writes waits for ever.
    pub async fn in_memory() -> Result<Self, DbErr> {
        let connection = Database::connect(sqlite("sqlite::memory:?mode=memory", 1, WRITER)).await?;
        Ok(Self::counted(connection.clone(), connection))
    }

    fn counted(mut write: DatabaseConnection, mut read: DatabaseConnection) -> Self {
        static DATABASES: AtomicU64 = AtomicU64::new(1);
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let statements = Arc::<AtomicU64>::default();
        for connection in [&mut write, &mut read] {
            let count = Arc::clone(&statements);
            connection.set_metric_callback(move |run| {
                count.fetch_add(1, Ordering::Relaxed);
                // Its text only: values are personal.
                tracing::trace!(target: "recoup::statement", database = number, sql = %run.statement.sql);
            });
        }
        Self { write, read, number, generation: Arc::default(), statements, checkpoint: Arc::default(), file: None }
    }

    /// Which of the databases this process has opened it is, in the lines of `recoup::statement`.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// How many statements this process has run.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// For reading outside a write.
    pub fn read(&self) -> &DatabaseConnection {
        &self.read
    }

    /// For single statements that write, and for migrating.
    pub fn write(&self) -> &DatabaseConnection {
        &self.write
    }

    /// Where SQLite's writer sorts: in files, which any amount fits into, or in memory, as it stands outside a change of
    /// the schema. PostgreSQL decides by the amount.
    pub async fn sort_in_files(&self, files: bool) -> Result<(), DbErr> {
        if self.is_sqlite() {
            let place = if files { "FILE" } else { "MEMORY" };
            self.write.execute_unprepared(&format!("PRAGMA temp_store = {place}")).await?;
        }
        Ok(())
    }

    /// Opens a transaction that may write. It touches one shop, waits for no network, and the edge that opened it
    /// commits it.
    pub async fn begin_write(&self) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        begin::begin(&self.write, options).await
    }

    /// Opens a transaction in which every statement sees the same moment. It writes nothing and is short.
    pub async fn begin_read(&self) -> Result<DatabaseTransaction, DbErr> {
        // On SQLite every transaction is so.
        let isolation_level = (!self.is_sqlite()).then_some(IsolationLevel::RepeatableRead);
        begin::begin(&self.read, TransactionOptions { isolation_level, ..Default::default() }).await
    }

    /// Says that rows were changed of which this node keeps copies in memory: after the commit.
    pub fn changed(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// Copies taken in another generation are out of date.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Whether this is the embedded database.
    pub fn is_sqlite(&self) -> bool {
        self.read.get_database_backend() == DbBackend::Sqlite
    }

    /// Closes every connection.
    pub async fn close(self) -> Result<(), DbErr> {
        if self.is_sqlite() {
            self.read.close().await?;
        }
        self.write.close().await
    }
}

fn quiet(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url.to_owned());
    options.sqlx_logging(false).record_stmt_in_spans(false).connect_timeout(Duration::from_secs(2));
    options
}

/// The file behind an SQLite address.
fn file(url: &str) -> PathBuf {
    let path = url.trim_start_matches("sqlite://");
    path.split_once('?').map_or(path, |(path, _)| path).into()
}

/// The writer changes pages all over the indexes. What a statement of many rows keeps for the case that it fails stays in
/// memory: a temporary file for each, made and deleted, costs more than the statement.
const WRITER: [(&str, &str); 2] = [("cache_size", "-10000"), ("temp_store", "MEMORY")];

/// A reader forgets all it holds at every commit of the writer's, and what it needs twice the system keeps.
const READER: [(&str, &str); 2] = [("cache_size", "-2000"), ("temp_store", "FILE")];

/// Prepared statements a connection keeps: the hot inserts and look-ups have a text for each of a dozen sizes.
const STATEMENTS: usize = 256;

fn sqlite(url: &str, connections: u32, pragmas: [(&'static str, &'static str); 2]) -> ConnectOptions {
    let url = if url.contains('?') { url.to_owned() } else { format!("{url}?mode=rwc") };
    let mut options = quiet(&url);
    options
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(Duration::from_secs(10))
        // A file does not hang up, and asking it each time costs as much as a look-up.
        .test_before_acquire(false)
        .map_sqlx_sqlite_opts(move |options| {
            pragmas
                .into_iter()
                .fold(options, |options, (name, value)| options.pragma(name, value))
                .statement_cache_capacity(STATEMENTS)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(5))
                .pragma("secure_delete", "ON")
                // 128 MB, by when most of it has been carried over beside the writer.
                .pragma("wal_autocheckpoint", "32000")
        });
    options
}

fn postgres(url: &str) -> ConnectOptions {
    let mut options = quiet(url);
    options
        .max_connections(16)
        .acquire_timeout(Duration::from_secs(2))
        .statement_timeout(Duration::from_secs(15))
        .set_application_name("recoup")
        .map_sqlx_postgres_opts(|options| {
            options.statement_cache_capacity(STATEMENTS).options([
                ("lock_timeout", "5s"),
                ("idle_in_transaction_session_timeout", "10s"),
                ("timezone", "UTC"),
                // A plan made while a table was empty would stay: a list of a thousand ids then reads the whole shop.
                ("plan_cache_mode", "force_custom_plan"),
                // Compiling a report's statement anew at every run takes longer than what it saves: of a year of 300,000
                // messages, 595 ms of 1,009.
                ("jit", "off"),
            ])
        });
    options
}
