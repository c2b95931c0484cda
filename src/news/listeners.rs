//! Who listens to what: a kind of news, and the job that hears it. `worker.rs` registers the same jobs, and a test says
//! when the two disagree.

use super::News;
use crate::jobs::{Job, MAX_ATTEMPTS, Registered, registered};

/// A line of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listener {
    /// The kind of news.
    pub news: &'static str,
    /// The job that hears it.
    pub job: &'static str,
    /// How often that job may fail.
    pub max_attempts: i32,
}

impl Listener {
    /// A job listens to a kind of news.
    pub const fn new(news: &'static str, job: &'static str) -> Self {
        Self { news, job, max_attempts: MAX_ATTEMPTS }
    }

    /// It may fail this often.
    const fn failing(self, max_attempts: i32) -> Self {
        Self { max_attempts, ..self }
    }
}

/// Everybody who listens. The first line of a kind is kept under the key of the news, as it was before others came: a
/// new listener stands below those that are there.
pub const LISTENERS: &[Listener] = &[
    Listener::new("shops.installed", "shops.installed"),
    Listener::new("shops.installed", "codes.installed"),
    Listener::new("shops.installed", "links.installed"),
    Listener::new("shops.installed", "pixel.installed"),
    Listener::new("shops.installed", "attribution.installed"),
    Listener::new("shops.installed", "catchup.installed"),
    Listener::new("shops.installed", "rights.installed"),
    Listener::new("shops.installed", "abandoned.installed"),
    Listener::new("shops.installed", "files.installed"),
    Listener::new("shops.installed", "reports.installed"),
    Listener::new("campaigns.announced", "codes.fill").failing(i32::MAX),
    Listener::new("campaigns.changed", "codes.retire"),
    Listener::new("campaigns.delays_changed", "abandoned.delays_changed"),
    Listener::new("codes.went_live", "sinks.went_live"),
    Listener::new("codes.alarmed", "sinks.alarmed"),
    Listener::new("codes.end_moved", "attribution.end_moved"),
    Listener::new("links.taps_turned", "attribution.taps_turned"),
    Listener::new("links.rules_changed", "attribution.rules_changed"),
    Listener::new("messages.statuses_reported", "attribution.statuses_reported"),
    Listener::new("abandoned.offered", "sinks.offered"),
    Listener::new("abandoned.withdrawn", "sinks.withdrawn"),
    Listener::new("attribution.verdicts_changed", "sinks.judged"),
    Listener::new("files.ready", "sinks.file_ready"),
    Listener::new("campaigns.drawn", "lift.drawn"),
    Listener::new("attribution.worth_changed", "lift.worth_changed"),
    Listener::new("pixel.arrived", "pixel.told"),
    Listener::new("webhooks.edited", "catchup.edited"),
    Listener::new("webhooks.sales_moved", "catchup.sales_moved"),
    Listener::new("privacy.requested", "rights.fulfil").failing(1_000),
];

/// A job that hears news. It is stored as the news itself, so that what was told before an update is heard after it.
pub trait Hears: Job {
    /// Which kind.
    type News: News;
}

/// A listener and how to run it.
#[derive(Clone, Copy, Debug)]
pub struct Heard {
    /// Its line in the list.
    pub listener: Listener,
    /// Its line among the worker's jobs.
    pub job: Registered,
}

/// Registers a listener.
pub fn listening<J: Hears>() -> Heard {
    let listener = Listener { news: J::News::NAME, job: J::NAME, max_attempts: J::MAX_ATTEMPTS };
    Heard { listener, job: registered::<J>() }
}
