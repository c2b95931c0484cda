//! Opening the program: database, schema, belongings. Used by every command and by the tests.

use anyhow::Context;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use migrations::Migrator;
use migrations::MigratorTrait;

use crate::app::App;
use crate::config::Config;
use crate::db::{Db, refuse_unsafe};
use crate::kernel::{Chance, Clock, Stream};
use crate::shopify::id_token::install_provider;

/// Connects and checks that the storage keeps what it acknowledges.
pub async fn connect(config: &Config) -> anyhow::Result<Db> {
    let db = Db::connect(&config.database_url)
        .await
        .with_context(|| format!("cannot open the database (RECOUP_DATABASE_URL, {})", scheme(&config.database_url)))?;
    refuse_unsafe(&db).await?;
    Ok(db)
}

/// Brings the schema up to date. Of several at once one does it; the others wait, and find nothing to do.
pub async fn migrate(db: &Db) -> anyhow::Result<()> {
    let why = "the schema could not be brought up to date";
    // An index over years of taps is sorted at once.
    db.sort_in_files(true).await.context(why)?;
    let turn = db.turn_to_migrate().await.context(why)?;
    // On SQLite the one connection that writes is in the turn's hands; on PostgreSQL each step is committed by itself.
    let waiting = if db.is_sqlite() {
        let waiting = Migrator::get_pending_migrations(&turn).await.context(why)?.len();
        Migrator::up(&turn, None).await.context(why)?;
        turn.commit().await.context(why)?;
        waiting
    } else {
        let own = db.connect_to_migrate().await.context(why)?;
        let waiting = Migrator::get_pending_migrations(&own).await.context(why)?.len();
        Migrator::up(&own, None).await.context(why)?;
        own.close().await.context(why)?;
        turn.rollback().await.context(why)?;
        waiting
    };
    if waiting > 0 {
        tracing::debug!(migrations = waiting, "the schema was brought up to date");
    }
    db.sort_in_files(false).await.context(why)
}

/// Connects, migrates and builds the app.
pub async fn open(config: Config, clock: Clock, chance: Chance) -> anyhow::Result<App> {
    install_provider();
    let db = connect(&config).await?;
    migrate(&db).await?;
    App::build(config, db, clock, chance).await
}

/// The app on an empty database in memory, under a key that nobody keeps.
pub async fn open_in_memory(clock: Clock, chance: Chance) -> anyhow::Result<App> {
    let key = BASE64_STANDARD.encode(chance.bytes::<32>(Stream::Keys));
    let config = Config::read(&|name| (name == "RECOUP_KEY").then(|| key.clone()))?;
    let db = Db::in_memory().await?;
    Migrator::up(db.write(), None).await.context("the schema could not be made")?;
    App::build(config, db, clock, chance).await
}

/// The app on the machine's clock and chance, from the environment.
pub async fn open_from_env() -> anyhow::Result<App> {
    let config = Config::from_env()?;
    super::logs::start(&config.log)?;
    open(config, Clock::System, Chance::from_os()).await
}

/// The same, on a schema that somebody else brings up to date.
pub async fn open_unmigrated() -> anyhow::Result<App> {
    let config = Config::from_env()?;
    super::logs::start(&config.log)?;
    install_provider();
    let db = connect(&config).await?;
    App::build(config, db, Clock::System, Chance::from_os()).await
}

fn scheme(url: &str) -> &str {
    url.split("://").next().unwrap_or_default()
}
