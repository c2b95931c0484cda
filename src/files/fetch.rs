//! The bytes of a file, piece after piece, as they are sent.

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use sea_orm::DbErr;

use super::file::Model as File;
use super::piece;
use crate::app::App;

/// Reads the file as it is sent. One whose time ends meanwhile breaks off.
pub(super) fn fetch(app: App, file: File) -> BoxStream<'static, Result<Bytes, DbErr>> {
    let pieces = stream::try_unfold(0_i64, move |number| {
        let (app, file) = (app.clone(), file.clone());
        async move {
            if number >= file.pieces.unwrap_or(0) {
                return Ok(None);
            }
            let found = piece::read(&app, (file.shop_id, file.id), file.run, number).await?;
            let body = found.ok_or_else(|| DbErr::Custom("a piece of a file is not there any more".to_owned()))?;
            Ok(Some((Bytes::from(body), number + 1)))
        }
    });
    pieces.boxed()
}
