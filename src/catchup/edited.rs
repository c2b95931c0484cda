//! An edit says which order changed and not what it is worth: that order is read again.

use serde::{Deserialize, Serialize};

use super::admin_session::{AdminSession, Stopped};
use super::orders;
use crate::app::App;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::news::Hears;
use crate::webhooks::Edited;

/// Reads an edited order again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReadAgain(pub Edited);

impl Hears for ReadAgain {
    type News = Edited;
}

impl Job for ReadAgain {
    const NAME: &'static str = "catchup.edited";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let again = |trouble: super::admin_session::Trouble| match trouble.reason {
            Some(reason) => Err(JobError::RetryAfter(reason, trouble.wait_seconds)),
            None => Ok(Next::At(now.plus_seconds(trouble.wait_seconds))),
        };
        let Some(session) = AdminSession::begin(&app, shop).await? else { return Ok(Next::Done) };
        match orders::one_order(&session, self.0.0, now).await {
            Ok(_) => Ok(Next::Done),
            Err(Stopped::Db(error)) => Err(error.into()),
            Err(Stopped::Trouble(trouble)) => again(trouble),
        }
    }
}
