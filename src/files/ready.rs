//! News: a file can be fetched.

use sea_orm::{ConnectionTrait, DbErr};
use serde::{Deserialize, Serialize};

use super::file::{FileId, Model as File};
use crate::app::App;
use crate::kernel::Timestamp;
use crate::news::{self, News};

/// A file that can be fetched.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct FileReady {
    /// Which.
    pub file: FileId,
    /// Since when.
    pub at: Timestamp,
}

impl News for FileReady {
    const NAME: &'static str = "files.ready";
}

impl FileReady {
    pub(super) async fn tell(txn: &impl ConnectionTrait, app: &App, file: &File, now: Timestamp) -> Result<(), DbErr> {
        news::tell(txn, app, file.shop_id, &Self { file: file.id, at: now }, now).await
    }
}
