//! What happened, told in the transaction in which it happened to every listener that asked.
//!
//! ```text
//!                ┌──▶ a promise for one listener ──▶ its room
//! a room tells ──┤         all in the same commit; each is kept, fails and is tried again by itself
//!                └──▶ a promise for another ───────▶ its room
//! ```
//!
//! 1. Whoever tells does not know who listens. A kind of news stands in the room that knows the fact, a listener in the
//!    room that acts on it; the one list of who listens to what is [`LISTENERS`].
//! 2. Every listener is promised its own job, with the fact or not at all. So nobody is skipped, in whatever order
//!    transactions commit, and a listener that fails holds up no other.
//! 3. News under one [`key`](News::key), told again while it waits, is heard once. Listeners are safe to run twice, like
//!    any job.

mod listeners;

use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use crate::app::App;
use crate::jobs::{self, Promise};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

pub use listeners::{Heard, Hears, LISTENERS, Listener, listening};

/// A kind of news. It carries ids, not data; a job that hears it carries it as it is.
pub trait News: Serialize {
    /// Its name: the room that tells it, and what happened.
    const NAME: &'static str;
    /// How long after it is told it is heard, in seconds.
    const DELAY_SECONDS: i64 = 0;

    /// What the promises are kept under, once per shop; stable. `None`: it is heard as often as it is told.
    fn key(&self) -> Option<String> {
        None
    }
}

/// Tells whoever listens, in the caller's transaction.
pub async fn tell<N: News>(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    news: &N,
    now: Timestamp,
) -> Result<(), DbErr> {
    tell_those(LISTENERS, txn, app, shop, news, now).await
}

/// Tells those of some listeners who listen to this kind. The first of them is promised under the key of the news, each
/// other one under a key of its own.
pub async fn tell_those<N: News>(
    listeners: &[Listener],
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    news: &N,
    now: Timestamp,
) -> Result<(), DbErr> {
    let payload = serde_json::to_value(news).map_err(|error| DbErr::Json(error.to_string()))?;
    let key = news.key();
    let promise = |(place, listener): (usize, &Listener)| Promise {
        kind: listener.job,
        key: key.as_ref().map(|key| if place == 0 { key.clone() } else { format!("{key}:{}", listener.job) }),
        payload: payload.clone(),
        max_attempts: listener.max_attempts,
    };
    let those = listeners.iter().filter(|listener| listener.news == N::NAME);
    let promises = those.enumerate().map(promise).collect();
    jobs::enqueue_all(txn, &app.chance, shop, promises, now.plus_seconds(N::DELAY_SECONDS), now).await
}
