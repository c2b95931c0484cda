//! The job that makes a file. It may be killed anywhere and begin again: what a run wrote counts only when that run ends,
//! and only one does.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use futures::TryStreamExt;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::file::{COLUMN, Column, Entity as Files, FileId, Form, Kind, Model as File, State, pack_before, this};
use super::let_go::LetGo;
use super::making::{Making, Stop};
use super::pack;
use super::piece::{self, Which};
use super::ready::FileReady;
use super::store::Stored;
use crate::app::App;
use crate::catchup;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::reports::{Format, stream};
use crate::shops::{Shop, Shops};

/// How often a file is begun.
const RUNS: i64 = 5;

/// How long a file can be fetched.
pub(super) const KEPT_SECONDS: i64 = 7 * 86_400;

/// Makes a file.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Make {
    /// Which.
    pub file: FileId,
}

impl Job for Make {
    const NAME: &'static str = "files.make";
    const LONGEST_WAIT: i64 = 60;

    fn key(&self) -> Option<String> {
        Some(format!("{}:{}", Self::NAME, self.file))
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let Some(shop) = Shops::find_by_id(shop).one(app.db.read()).await? else { return Ok(Next::Done) };
        let Some(file) = begin(&app, shop.shop_id, self.file).await? else {
            return given_up(&app, shop.shop_id, self.file).await;
        };
        let of = (shop.shop_id, file.id);
        piece::let_go(&app, of, Which::But(file.run)).await?;
        let ours = match write(&app, &shop, &file).await {
            Ok((lines, stored)) => ready(&app, &file, lines, stored).await?,
            Err(Stop::NotOurs) => false,
            Err(Stop::Failed(error)) => return failed(&app, &file, error).await,
        };
        let not_of_it = if ours { Which::But(file.run) } else { Which::Of(file.run) };
        piece::let_go(&app, of, not_of_it).await?;
        Ok(Next::Done)
    }
}

/// Nothing is to be made: of a file that was given up meanwhile, what a run that was cut short had written goes as well.
async fn given_up(app: &App, shop: ShopId, id: FileId) -> Result<Next, JobError> {
    let over = COLUMN.state.is_in([State::Failed, State::Gone]);
    if Files::of(shop).filter(this(shop, id)).filter(over).one(app.db.write()).await?.is_some() {
        piece::let_go(app, (shop, id), Which::All).await?;
    }
    Ok(Next::Done)
}

/// Takes the file for a run of its own. `None`: there is nothing to make any more.
async fn begin(app: &App, shop: ShopId, id: FileId) -> Result<Option<File>, DbErr> {
    let txn = app.db.begin_write().await?;
    let found = Files::find_by_id((shop, id)).one(&txn).await?;
    let Some(file) = found.filter(|file| matches!(file.state, State::Waiting | State::Making)) else {
        return Ok(None);
    };
    let before = if file.kind == Kind::Pack { pack_before(&txn, &file).await? } else { None };
    let (run, since) = (file.run + 1, before.map(|pack| pack.as_of));
    let complete_through = catchup::complete_through(&txn, shop).await?;
    let state = if run > RUNS { State::Failed } else { State::Making };
    let trouble = (run > RUNS).then_some("It was begun five times and never came to its end.");
    let taken = Files::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::Trouble, Expr::value(trouble))
        .col_expr(Column::Run, Expr::value(run))
        .col_expr(Column::DonePpm, Expr::value(0))
        .col_expr(Column::Lines, Expr::value(0_i64))
        .col_expr(Column::Since, Expr::value(since))
        .col_expr(Column::CompleteThrough, Expr::value(complete_through))
        .filter(this(shop, id))
        .filter(COLUMN.run.eq(file.run))
        .exec(&txn)
        .await?;
    txn.commit().await?;
    let ours = taken.rows_affected == 1 && state == State::Making;
    Ok(ours.then_some(File { run, since, complete_through, state, ..file }))
}

async fn write(app: &App, shop: &Shop, file: &File) -> Result<(i64, Stored), Stop> {
    let making = Making::new(app, shop, file);
    match file.kind {
        Kind::Pack => pack::write(making).await,
        Kind::Table => table(making).await,
    }
}

/// Writes one table, packed if that was asked for.
async fn table(mut making: Making<'_>) -> Result<(i64, Stored), Stop> {
    let asked = making.asked(making.app.clock.now()).await?;
    let table = making.file.table().ok_or_else(|| JobError::fail("There is no such table any more."))?;
    let format = match making.file.form {
        Form::Csv => Format::Csv { bom: making.file.bom },
        Form::Jsonl => Format::JsonLines,
    };
    let mut packed = making.file.gzip.then(|| GzEncoder::new(Vec::new(), Compression::default()));
    let mut pieces = stream(making.app.db.clone(), asked, table, format);
    while let Some(piece) = pieces.try_next().await? {
        match &mut packed {
            None => making.write(&piece.bytes).await?,
            Some(packed) => {
                packed.write_all(&piece.bytes).map_err(JobError::fail)?;
                let bytes = std::mem::take(packed.get_mut());
                making.write(&bytes).await?;
            }
        }
        making.through(piece.through, piece.rows).await?;
    }
    if let Some(packed) = packed {
        let last = packed.finish().map_err(JobError::fail)?;
        making.write(&last).await?;
    }
    making.finish().await
}

/// It can be fetched: said, told and bounded in one transaction. `false`: this run was overtaken, and changes nothing.
async fn ready(app: &App, file: &File, lines: i64, stored: Stored) -> Result<bool, DbErr> {
    let now = app.clock.now();
    let expires_at = now.plus_seconds(KEPT_SECONDS);
    let txn = app.db.begin_write().await?;
    let written = Files::update_many()
        .col_expr(Column::State, Expr::value(State::Ready))
        .col_expr(Column::DonePpm, Expr::value(1_000_000))
        .col_expr(Column::Lines, Expr::value(lines))
        .col_expr(Column::Trouble, Expr::value(Option::<String>::None))
        .col_expr(Column::Bytes, Expr::value(stored.bytes))
        .col_expr(Column::Sha256, Expr::value(stored.sha256))
        .col_expr(Column::Pieces, Expr::value(stored.pieces))
        .col_expr(Column::ReadyAt, Expr::value(now))
        .col_expr(Column::ExpiresAt, Expr::value(expires_at))
        .filter(this(file.shop_id, file.id))
        .filter(COLUMN.run.eq(file.run))
        .filter(COLUMN.state.eq(State::Making))
        .exec(&txn)
        .await?;
    let ours = written.rows_affected == 1;
    if ours {
        FileReady::tell(&txn, app, file, now).await?;
        jobs::enqueue(&txn, &app.chance, file.shop_id, &LetGo { file: file.id }, expires_at, now).await?;
    }
    txn.commit().await?;
    app.bell.notify_one();
    tracing::info!(shop.id = %file.shop_id, file.id = %file.id, bytes = stored.bytes, lines, ours, "a file was made");
    Ok(ours)
}

/// It is tried again, or that was the last time: then the file says why, and the job is done.
async fn failed(app: &App, file: &File, error: JobError) -> Result<Next, JobError> {
    let (reason, last) = match &error {
        JobError::Fail(reason) => (reason.clone(), true),
        JobError::Retry(reason) | JobError::RetryAfter(reason, _) | JobError::Pause(reason, _) => {
            tracing::warn!(shop.id = %file.shop_id, file.id = %file.id, run = file.run, reason = %reason, "a file could not be made");
            ("Something failed on our side while it was made.".to_owned(), file.run >= RUNS)
        }
    };
    let state = if last { State::Failed } else { State::Making };
    Files::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::Trouble, Expr::value(reason))
        .filter(this(file.shop_id, file.id))
        .filter(COLUMN.run.eq(file.run))
        .filter(COLUMN.state.eq(State::Making))
        .exec(app.db.write())
        .await?;
    if !last {
        return Err(error);
    }
    piece::let_go(app, (file.shop_id, file.id), Which::All).await?;
    Ok(Next::Done)
}
