//! `migrate`: bring the schema up to date and stop.

use clap::Args;
use migrations::Migrator;
use migrations::MigratorTrait;

use super::{logs, start};
use crate::config::Config;

/// Bring the database's schema up to date and stop. Safe to run again.
#[derive(Debug, Args)]
pub struct Migrate {
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

impl Migrate {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let config = Config::from_env()?;
        logs::start(&config.log)?;
        let db = start::connect(&config).await?;
        let turn = db.turn_to_migrate().await?;
        let pending = Migrator::get_pending_migrations(&turn).await?;
        turn.commit().await?;
        for migration in &pending {
            println!("{}", migration.name());
        }
        if self.dry_run {
            println!("{} to do", pending.len());
            return Ok(());
        }
        start::migrate(&db).await?;
        println!("{} done", pending.len());
        Ok(())
    }
}
