//! A file's time is over: its pieces go, what it was and its checksum stay.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::file::{COLUMN, Column, Entity as Files, FileId, State, this};
use super::piece::{self, Which};
use crate::app::App;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Lets a file go.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct LetGo {
    /// Which.
    pub file: FileId,
}

impl Job for LetGo {
    const NAME: &'static str = "files.let_go";

    fn key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.file))
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        gone(&app, shop, self.file).await?;
        app.db.scrub_log().await;
        Ok(Next::Done)
    }
}

/// Marks a file that could be fetched, then lets its pieces go; of one that is not there any more too.
async fn gone(app: &App, shop: ShopId, file: FileId) -> Result<(), DbErr> {
    let update = Files::update_many().col_expr(Column::State, Expr::value(State::Gone));
    update.filter(this(shop, file)).filter(COLUMN.state.eq(State::Ready)).exec(app.db.write()).await?;
    let on_its_way = Files::of(shop).filter(this(shop, file)).one(app.db.write()).await?;
    if on_its_way.is_some_and(|file| matches!(file.state, State::Waiting | State::Making)) {
        return Ok(());
    }
    piece::let_go(app, (shop, file), Which::All).await
}

/// A shopper is forgotten: no file that says how recipients are reached outlives that, the ones on their way neither. Which
/// of them named the shopper cannot be told without opening every piece, and whoever needs one asks again.
pub async fn forget_people(txn: &impl ConnectionTrait, app: &App, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
    let on_its_way = || COLUMN.state.is_in([State::Waiting, State::Making]);
    let personal = || {
        Files::of(shop).filter(COLUMN.personal.eq(true)).filter(COLUMN.state.is_not_in([State::Gone, State::Failed]))
    };
    for file in personal().all(txn).await? {
        jobs::enqueue(txn, &app.chance, shop, &LetGo { file: file.id }, now, now).await?;
    }
    let update = |state: State| {
        let update = Files::update_many().col_expr(Column::State, Expr::value(state));
        update.filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.personal.eq(true))
    };
    update(State::Failed).col_expr(Column::Trouble, Expr::value(FORGOTTEN)).filter(on_its_way()).exec(txn).await?;
    update(State::Gone).filter(COLUMN.state.eq(State::Ready)).exec(txn).await.map(drop)
}

const FORGOTTEN: &str = "A shopper asked to be forgotten while it was made. Ask for it again.";
