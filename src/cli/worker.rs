//! `worker`: jobs only, as many processes as wanted.

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::{serve, start};
use crate::worker;

/// Run jobs only, beside nodes that serve with `--no-worker`.
#[derive(Debug, Args)]
pub struct Work {}

impl Work {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let app = start::open_unmigrated().await?;
        let apart = serve::tell_metrics(&app)?;
        let stop = CancellationToken::new();
        worker::stand(&app).await?;
        let working = tokio::spawn(worker::worker(app).work(stop.clone()));
        tracing::info!("Recoup works");
        serve::signal().await;
        stop.cancel();
        working.await?;
        if let Some(apart) = apart {
            apart.stop(false).await;
        }
        Ok(())
    }
}
