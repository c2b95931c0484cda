//! Registers every room's jobs. A job that is not in this list waits for a node that knows it.

use crate::app::App;
use crate::attribution::Settle;
use crate::campaigns::Announced;
use crate::jobs::{Worker, registered};
use crate::webhooks::Translate;

/// A worker that knows every kind of job.
pub fn worker(app: App) -> Worker {
    Worker::new(app, vec![registered::<Translate>(), registered::<Announced>(), registered::<Settle>()])
}
