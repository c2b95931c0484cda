//! What is logged, and how.

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts logging to standard error. A second start is ignored.
pub fn start(log: &Log) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(&log.filter).map_err(|error| anyhow::anyhow!("RECOUP_LOG cannot be read: {error}"))?;
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Text => subscriber.try_init(),
        LogFormat::Json => subscriber.json().try_init(),
    };
    drop(started);
    Ok(())
}
