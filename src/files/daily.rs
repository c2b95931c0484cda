//! The standing job that asks for the day's file. Whatever runs twice, a day has one: the day stands beside the file, and no
//! two files of a shop have the same.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use serde::{Deserialize, Serialize};

use super::ask::begin;
use super::file::{Column, Entity as Files};
use super::schedule::{self, Model as Schedule};
use crate::app::App;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Timestamp};
use crate::news::Hears;
use crate::shops::{ShopInstalled, Shops};

/// Days that are made up for after a time in which nothing ran.
const MADE_UP_FOR: i32 = 7;

/// Asks for the day's file.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Daily {}

impl Daily {
    /// Promises it for an instant, or earlier where it is promised already: it looks for itself when it is due.
    pub(super) async fn promise(
        txn: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        jobs::enqueue(txn, &app.chance, shop, &Self {}, at, now).await
    }
}

impl Job for Daily {
    const NAME: &'static str = "files.daily";

    fn key(&self) -> Option<String> {
        Some(Self::NAME.to_owned())
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let txn = app.db.begin_write().await?;
        let shop = Shops::find_by_id(shop).one(&txn).await?.filter(|shop| shop.installed());
        let Some(shop) = shop else { return Ok(Next::Done) };
        let Some(chosen) = schedule::of(&txn, shop.shop_id).await? else { return Ok(Next::Done) };
        let (zone, today) = (shop.zone(), now.day(shop.zone()));
        let first = Day(chosen.first_on.0.max(today.plus(1 - MADE_UP_FOR).0));
        let made: Vec<Option<Day>> = Files::of(shop.shop_id)
            .filter(Column::DailyOn.gte(first))
            .select_only()
            .column(Column::DailyOn)
            .into_tuple()
            .all(&txn)
            .await?;
        let made: BTreeSet<Day> = made.into_iter().flatten().collect();
        for day in (first.0..=today.0).map(Day).filter(|day| !made.contains(day) && chosen.due(*day, zone) <= now) {
            begin(&txn, &app, shop.shop_id, (chosen.wanted(day), "schedule"), Some(day), now).await?;
        }
        txn.commit().await?;
        app.bell.notify_one();
        Ok(Next::At(next(&chosen, zone, now)))
    }
}

/// When the next file is due.
pub(super) fn next(chosen: &Schedule, zone: chrono_tz::Tz, now: Timestamp) -> Timestamp {
    let today = Day(now.day(zone).0.max(chosen.first_on.0));
    let due = chosen.due(today, zone);
    if due > now { due } else { chosen.due(today.next(), zone) }
}

/// The shop is installed, perhaps again: what it chose goes on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Begin(ShopInstalled);

impl Hears for Begin {
    type News = ShopInstalled;
}

impl Job for Begin {
    const NAME: &'static str = "files.installed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        if schedule::of(app.db.write(), shop).await?.is_some() {
            let now = app.clock.now();
            Daily::promise(app.db.write(), &app, shop, now, now).await?;
        }
        Ok(Next::Done)
    }
}
