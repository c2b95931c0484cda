//! The job that looks at checkouts when they have lain quiet long enough. One a shop, at the earliest instant of all.
//!
//! A step that moves a checkout's instant leaves the job where it is: it finds nothing due, and goes to the next.

use std::collections::BTreeSet;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::abandonment::{COLUMN, Column, Entity};
use super::review::{Touched, Watch, review};
use crate::app::App;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Checkouts looked at in one transaction.
const PAGE: u64 = 100;

/// Transactions per run: then other jobs have their turn.
const PAGES: usize = 20;

impl Job for Watch {
    const NAME: &'static str = "abandoned.watch";

    fn key(&self) -> Option<String> {
        Some("abandoned.watch".to_owned())
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        for _ in 0..PAGES {
            let now = app.clock.now();
            let page = Entity::of(shop).filter(Column::NextAt.is_not_null()).order_by_asc(Column::NextAt);
            let page = page.select_only().columns([Column::Token, Column::NextAt]).limit(PAGE);
            let page: Vec<(String, Option<Timestamp>)> = page.into_tuple().all(app.db.write()).await?;
            let due = |(_, at): &&(String, Option<Timestamp>)| at.is_some_and(|at| at <= now);
            let tokens: BTreeSet<String> = page.iter().filter(due).map(|(token, _)| token.clone()).collect();
            if tokens.is_empty() {
                return Ok(page.first().and_then(|(_, at)| *at).map_or(Next::Done, Next::At));
            }
            let txn = app.db.begin_write().await?;
            let touched = Touched { checkouts: tokens.clone(), ..Touched::default() };
            review(&txn, &app, shop, touched, now).await?;
            // What was looked at waits for a later instant, or its checkout is gone.
            let gone = Entity::update_many().col_expr(Column::NextAt, Expr::value(Option::<Timestamp>::None));
            let gone = gone.filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.token.is_in(tokens));
            gone.filter(Column::NextAt.lte(now)).exec(&txn).await?;
            txn.commit().await?;
            app.bell.notify_one();
        }
        Ok(Next::At(app.clock.now()))
    }
}
