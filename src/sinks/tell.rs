//! News becomes deliveries: one for every endpoint that subscribed to it. What each kind says stands in a file of its own.

use sea_orm::DbErr;
use serde::Serialize;

use super::deliver::Deliver;
use super::delivery;
use super::endpoint::{self, Event, Model as Endpoint};
use crate::app::App;
use crate::jobs::{JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// What is sent: the form of Standard Webhooks.
#[derive(Serialize)]
struct Envelope<T> {
    #[serde(rename = "type")]
    event: &'static str,
    /// When it happened, not when it is told.
    timestamp: Timestamp,
    data: T,
}

/// The body of a webhook.
pub(super) fn body<T: Serialize>(event: &'static str, at: Timestamp, data: T) -> Result<String, DbErr> {
    serde_json::to_string(&Envelope { event, timestamp: at, data }).map_err(|error| DbErr::Json(error.to_string()))
}

/// Who wants to be told.
pub(super) async fn subscribed(app: &App, shop: ShopId, event: Event) -> Result<Vec<Endpoint>, DbErr> {
    let all = endpoint::all(app.db.read(), shop).await?;
    Ok(all.into_iter().filter(|one| one.disabled_at.is_none() && one.events.0.contains(&event)).collect())
}

/// Keeps a delivery for each and promises that it is tried. Run again, it changes nothing.
pub(super) async fn tell(
    app: &App,
    shop: ShopId,
    endpoints: &[Endpoint],
    event: Event,
    subject: &str,
    body: String,
) -> Result<Next, JobError> {
    let now = app.clock.now();
    let txn = app.db.begin_write().await?;
    for endpoint in endpoints {
        let to = (shop, endpoint.id);
        delivery::keep(&txn, app, to, (event.name(), subject.to_owned()), &body, now).await?;
        Deliver::enqueue(&txn, app, to, now).await?;
    }
    txn.commit().await?;
    app.bell.notify_one();
    Ok(Next::Done)
}
