//! A piece of a file, sealed. Codes may stand in it, and people.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, QueryOrder, QuerySelect};

use super::file::FileId;
use crate::app::App;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "file_pieces")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub file_id: FileId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub run: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    pub body_sealed: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

const BODY: &str = "file_pieces.body";

/// How large a piece is.
pub(super) const SIZE: usize = 128 * 1024;

/// Pieces that go in one statement: two megabytes.
const TOGETHER: u64 = 16;

/// Keeps a piece of a run.
pub(super) async fn keep(
    app: &App,
    (shop, file): (ShopId, FileId),
    run: i64,
    number: i64,
    body: &[u8],
) -> Result<(), DbErr> {
    let body_sealed = app.vault.seal_bytes(shop, BODY, body);
    let row = ActiveModel {
        shop_id: Set(shop),
        file_id: Set(file),
        run: Set(run),
        number: Set(number),
        body_sealed: Set(body_sealed),
    };
    Entity::insert(row).exec_without_returning(app.db.write()).await.map(drop)
}

/// A piece of a run, opened; `None`: it is not there.
pub(super) async fn read(
    app: &App,
    (shop, file): (ShopId, FileId),
    run: i64,
    number: i64,
) -> Result<Option<Vec<u8>>, DbErr> {
    let found = Entity::find_by_id((shop, file, run, number)).one(app.db.read()).await?;
    let opened = found.map(|piece| app.vault.open_bytes(shop, BODY, &piece.body_sealed)).transpose();
    opened.map_err(|error| DbErr::Custom(format!("a piece of a file does not open: {error}")))
}

/// Which pieces of a file.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    /// All.
    All,
    /// Of one run.
    Of(i64),
    /// Of every run but one.
    But(i64),
}

/// Lets pieces of a file go, a few at a time, so that nobody waits for it.
pub(super) async fn let_go(app: &App, (shop, file): (ShopId, FileId), which: Which) -> Result<(), DbErr> {
    loop {
        let old = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.file_id.eq(file));
        let old = match which {
            Which::All => old,
            Which::Of(run) => old.filter(COLUMN.run.eq(run)),
            Which::But(run) => old.filter(COLUMN.run.ne(run)),
        };
        let old = old.order_by_asc(COLUMN.run).order_by_asc(COLUMN.number).limit(TOGETHER);
        let old = old.select_only().columns([Column::Run, Column::Number]);
        let old: Vec<(i64, i64)> = old.into_tuple().all(app.db.write()).await?;
        let Some((run, _)) = old.first().copied() else { return Ok(()) };
        let numbers = old.into_iter().filter(|(of, _)| *of == run).map(|(_, number)| number);
        Entity::delete_many()
            .filter(COLUMN.shop_id.eq(shop))
            .filter(COLUMN.file_id.eq(file))
            .filter(COLUMN.run.eq(run))
            .filter(COLUMN.number.is_in(numbers))
            .exec(app.db.write())
            .await?;
    }
}
