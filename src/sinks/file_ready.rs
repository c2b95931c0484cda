//! `export.ready`: a file can be fetched.

use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use super::endpoint::Event;
use super::tell::{body, subscribed, tell};
use crate::app::App;
use crate::files::{FileId, FileReady, Files, Kind, Link};
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Timestamp};
use crate::news::Hears;

/// The data of the event.
#[derive(Serialize)]
struct Ready {
    file_id: FileId,
    kind: Kind,
    /// Of a table: which.
    table: Option<String>,
    name: String,
    from: Day,
    to: Day,
    as_of: Timestamp,
    complete_through: Option<Timestamp>,
    rows: i64,
    bytes: Option<i64>,
    sha256: Option<String>,
    /// Where it is fetched, for a day. `null` where codes that are good or people stand in it: then whoever may see those
    /// asks `GET /api/files/{id}`.
    link: Option<Link>,
    /// Until when a new link can be asked for.
    expires_at: Option<Timestamp>,
}

/// Tells of a file.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TellFile(pub FileReady);

impl Hears for TellFile {
    type News = FileReady;
}

impl Job for TellFile {
    const NAME: &'static str = "sinks.file_ready";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let event = Event::ExportReady;
        let endpoints = subscribed(&app, shop, event).await?;
        if endpoints.is_empty() {
            return Ok(Next::Done);
        }
        // What was committed with the news, not what a replica has of it.
        let found = Files::find_by_id((shop, self.0.file)).one(app.db.write()).await?;
        let now = app.clock.now();
        let Some(file) = found.filter(|file| file.is_there(now)) else { return Ok(Next::Done) };
        let link = Link::told(&app, &file, now).filter(|_| !file.codes && !file.personal);
        let data = Ready {
            file_id: file.id,
            kind: file.kind,
            name: file.name(),
            table: file.sheet,
            from: file.first_on,
            to: file.last_on,
            as_of: file.as_of,
            complete_through: file.complete_through,
            rows: file.lines,
            bytes: file.bytes,
            sha256: file.sha256,
            link,
            expires_at: file.expires_at,
        };
        let subject = format!("file:{}", file.id);
        tell(&app, shop, &endpoints, event, &subject, body(event.name(), self.0.at, data)?).await
    }
}
