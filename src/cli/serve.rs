//! `serve`: migrate, listen, work.

use actix_web::dev::ServerHandle;
use clap::Args;
use tokio_util::sync::CancellationToken;

use super::start;
use crate::app::App;
use crate::{server, worker};

/// Serve HTTP and run jobs.
#[derive(Debug, Default, Args)]
pub struct Serve {
    /// Leave the jobs to `recoup worker`.
    #[arg(long)]
    no_worker: bool,
    /// Leave the schema as it is; `recoup migrate` changes it.
    #[arg(long)]
    no_migrate: bool,
}

impl Serve {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let app = if self.no_migrate { start::open_unmigrated().await? } else { start::open_from_env().await? };
        let listener = server::bind(&app.config.server.bind)?;
        let address = listener.local_addr()?;
        let server = server::serve(app.clone(), listener, threads())?;
        let handle = server.handle();
        let apart = tell_metrics(&app)?;
        let stop = CancellationToken::new();
        if !self.no_worker {
            worker::stand(&app).await?;
        }
        let working = (!self.no_worker).then(|| tokio::spawn(worker::worker(app.clone()).work(stop.clone())));
        tracing::info!(%address, public_url = %app.config.server.public_url, "Recoup serves");
        if app.config.shopify.app.is_none() {
            tracing::warn!(
                "no shop can install yet: SHOPIFY_API_KEY and SHOPIFY_API_SECRET are missing; `recoup doctor` says more"
            );
        }
        let serving = tokio::spawn(server);
        signal().await;
        tracing::info!("stopping: finishing what is in hand; a second signal stops at once");
        tokio::spawn(async {
            signal().await;
            std::process::exit(1);
        });
        handle.stop(true).await;
        serving.await??;
        if let Some(apart) = apart {
            apart.stop(false).await;
        }
        stop.cancel();
        if let Some(working) = working {
            working.await?;
        }
        Ok(())
    }
}

/// Answers `/metrics` at an address of its own, if there is one.
pub(super) fn tell_metrics(app: &App) -> anyhow::Result<Option<ServerHandle>> {
    let Some(apart) = server::metrics_apart(app)? else { return Ok(None) };
    let handle = apart.handle();
    tokio::spawn(apart);
    Ok(Some(handle))
}

/// One HTTP thread per core.
pub(super) fn threads() -> usize {
    std::thread::available_parallelism().map_or(2, usize::from)
}

/// Waits for Ctrl-C or a termination.
pub(super) async fn signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    drop(tokio::signal::ctrl_c().await);
}
