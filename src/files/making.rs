//! A file in the making: what is written, how far it is, and whether it is still ours to write.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};

use super::file::{COLUMN, Column, Entity as Files, Model as File, State, this};
use super::store::{Store, Stored};
use crate::app::App;
use crate::jobs::JobError;
use crate::kernel::Timestamp;
use crate::reports::{Asked, Period, ReportQuery};
use crate::shops::Shop;

/// Progress is written down in steps of this: a hundredth.
const STEP: i32 = 10_000;

/// Why a file was not finished.
#[derive(Debug)]
pub(super) enum Stop {
    /// Another run has it, or it was taken back.
    NotOurs,
    /// It failed.
    Failed(JobError),
}

impl From<JobError> for Stop {
    fn from(error: JobError) -> Self {
        Self::Failed(error)
    }
}

impl From<DbErr> for Stop {
    fn from(error: DbErr) -> Self {
        Self::Failed(error.into())
    }
}

/// A run of a file.
pub(super) struct Making<'m> {
    pub app: &'m App,
    pub shop: &'m Shop,
    pub file: &'m File,
    store: Store<'m>,
    lines: i64,
    told: i32,
}

impl<'m> Making<'m> {
    /// Begins to write a run.
    pub fn new(app: &'m App, shop: &'m Shop, file: &'m File) -> Self {
        Self { app, shop, file, store: Store::new(app, file), lines: 0, told: 0 }
    }

    /// Of what the file is made.
    pub async fn asked(&self, now: Timestamp) -> Result<Asked, JobError> {
        let File { first_on, last_on, policy, campaign_id, receipts, codes, personal, as_of, .. } = self.file;
        let query = ReportQuery {
            from: Some(first_on.to_string()),
            to: Some(last_on.to_string()),
            policy: Some(policy.clone()),
            model: None,
            // What was weighed is only kept as it stands now.
            as_of: (!receipts).then(|| as_of.to_string()),
            campaign: campaign_id.map(|id| id.to_string()),
        };
        let period = Period::read(self.app.db.read(), &query, self.shop, now).await;
        let period = period.map_err(|problem| match problem.code() {
            "internal" | "unavailable" => JobError::retry(problem.detail()),
            _ => JobError::fail(problem.detail()),
        })?;
        let personal = personal.then(|| self.app.clone());
        Ok(Asked { shop: self.shop.clone(), period, sees_codes: *codes, receipts: *receipts, personal })
    }

    /// Writes more of the file.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        Ok(self.store.write(bytes).await?)
    }

    /// So much of it is done, in millionths, with so many more rows.
    pub async fn through(&mut self, ppm: i32, rows: usize) -> Result<(), Stop> {
        self.lines += i64::try_from(rows).unwrap_or(i64::MAX);
        if ppm - self.told < STEP {
            return Ok(());
        }
        self.told = ppm;
        let written = Files::update_many()
            .col_expr(Column::DonePpm, Expr::value(ppm))
            .col_expr(Column::Lines, Expr::value(self.lines))
            .filter(this(self.file.shop_id, self.file.id))
            .filter(COLUMN.run.eq(self.file.run))
            .filter(COLUMN.state.eq(State::Making))
            .exec(self.app.db.write())
            .await?;
        if written.rows_affected == 1 { Ok(()) } else { Err(Stop::NotOurs) }
    }

    /// Writes the last of it; how many rows that were, and what it came to.
    pub async fn finish(self) -> Result<(i64, Stored), Stop> {
        Ok((self.lines, self.store.finish().await?))
    }
}
