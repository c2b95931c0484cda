//! What is logged, and how.
//!
//! Personal data never is. Our own values print `***`; of what others wrote, the reader of phone numbers logs the
//! numbers it reads, so it is never heard, whatever filter is set.

use tracing_subscriber::filter::{EnvFilter, filter_fn};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{Log, LogFormat};

/// Starts logging to standard error. A second start is ignored.
pub fn start(log: &Log) -> anyhow::Result<()> {
    let wanted =
        EnvFilter::try_new(&log.filter).map_err(|error| anyhow::anyhow!("RECOUP_LOG cannot be read: {error}"))?;
    let names_nobody = filter_fn(|event| !event.target().starts_with("rlibphonenumber"));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match log.format {
        LogFormat::Text => lines.with_filter(names_nobody).boxed(),
        LogFormat::Json => lines.json().with_filter(names_nobody).boxed(),
    };
    drop(tracing_subscriber::registry().with(lines).with(wanted).try_init());
    Ok(())
}
