//! A shop was installed, or an update found it without any row of this room: what is known of its last days is looked at
//! once.

use std::collections::BTreeSet;

use sea_orm::QuerySelect;
use serde::{Deserialize, Serialize};

use super::abandonment::Entity;
use super::review::{FRESH_SECONDS, Touched, review};
use crate::app::App;
use crate::checkouts;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::news::Hears;
use crate::shops::ShopInstalled;

/// Checkouts looked at in one transaction.
const PAGE: u64 = 200;

/// Begins this room's work.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Begin(ShopInstalled);

impl Hears for Begin {
    type News = ShopInstalled;
}

impl Job for Begin {
    const NAME: &'static str = "abandoned.installed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        if Entity::of(shop).limit(1).one(app.db.read()).await?.is_some() {
            return Ok(Next::Done);
        }
        let since = app.clock.now().plus_seconds(-FRESH_SECONDS);
        let mut after = String::new();
        loop {
            let page = checkouts::worked_on_since(app.db.read(), shop, since, &after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(Next::Done) };
            after.clone_from(last);
            let tokens: BTreeSet<String> = page.into_iter().collect();
            let txn = app.db.begin_write().await?;
            review(&txn, &app, shop, Touched { checkouts: tokens, ..Touched::default() }, app.clock.now()).await?;
            txn.commit().await?;
        }
    }
}
