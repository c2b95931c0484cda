//! The delays of a shop changed: what is not over is looked at again.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::abandonment::{COLUMN, Column, Entity, State};
use super::review::{FRESH_SECONDS, Touched, review};
use crate::app::App;
use crate::campaigns::DelaysChanged;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::news::Hears;

/// Checkouts looked at in one transaction.
const PAGE: u64 = 200;

/// A campaign about checkouts came, went or waits otherwise: whatever is not over is looked at again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FollowDelays(pub DelaysChanged);

impl Hears for FollowDelays {
    type News = DelaysChanged;
}

impl Job for FollowDelays {
    const NAME: &'static str = "abandoned.delays_changed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let since = app.clock.now().plus_seconds(-FRESH_SECONDS);
        let mut after = String::new();
        loop {
            let not_over = Entity::of(shop).filter(COLUMN.state.is_in([State::Working, State::Open]));
            let page = not_over.filter(COLUMN.last_at.gte(since)).filter(COLUMN.token.gt(after.as_str()));
            let page = page.order_by_asc(COLUMN.token).limit(PAGE).select_only().column(Column::Token);
            let tokens: BTreeSet<String> = page.into_tuple::<String>().all(app.db.read()).await?.into_iter().collect();
            let Some(last) = tokens.last() else { return Ok(Next::Done) };
            after.clone_from(last);
            let txn = app.db.begin_write().await?;
            review(&txn, &app, shop, Touched { checkouts: tokens, ..Touched::default() }, app.clock.now()).await?;
            txn.commit().await?;
            app.bell.notify_one();
        }
    }
}
