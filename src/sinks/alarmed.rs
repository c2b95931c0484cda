//! `code.alarm`: an alarm was raised, or raised again.

use serde::{Deserialize, Serialize};

use super::endpoint::Event;
use super::tell::{body, subscribed, tell};
use crate::app::App;
use crate::codes::{Alarmed, alarm_view};
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::news::Hears;

/// Tells of an alarm.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TellAlarm(pub Alarmed);

impl Hears for TellAlarm {
    type News = Alarmed;
}

impl Job for TellAlarm {
    const NAME: &'static str = "sinks.alarmed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let endpoints = subscribed(&app, shop, Event::CodeAlarm).await?;
        if endpoints.is_empty() {
            return Ok(Next::Done);
        }
        let Some(alarm) = alarm_view(app.db.read(), shop, self.0.alarm).await? else { return Ok(Next::Done) };
        let subject = format!("alarm:{}:{}", self.0.alarm, self.0.sighting);
        tell(&app, shop, &endpoints, Event::CodeAlarm, &subject, body(Event::CodeAlarm.name(), self.0.at, alarm)?).await
    }
}
