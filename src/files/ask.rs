//! Asking for a file: a few on their way, a few that are kept, and the same file only once.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect,
};

use super::file::{ActiveModel, COLUMN, Entity as Files, FileId, Form, Kind, Model as File, State, on_their_way};
use super::let_go::LetGo;
use super::make::Make;
use crate::app::App;
use crate::campaigns::CampaignId;
use crate::jobs;
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Timestamp};
use crate::reports::Table;

/// Files of a shop that may be on their way together.
pub(super) const MOST_ON_THEIR_WAY: usize = 3;

/// Files of a shop that are kept; the oldest goes before its time when one more is asked for.
pub(super) const MOST_KEPT: u64 = 20;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted {
    pub kind: Kind,
    /// Of a table: which.
    pub table: Option<Table>,
    pub form: Form,
    pub gzip: bool,
    pub bom: bool,
    pub days: (Day, Day),
    pub policy: String,
    pub campaign: Option<CampaignId>,
    pub receipts: bool,
    pub codes: bool,
    pub personal: bool,
    /// `None`: of the instant it is asked for.
    pub as_of: Option<Timestamp>,
}

impl Wanted {
    fn of(file: &File) -> Self {
        Self {
            kind: file.kind,
            table: file.table(),
            form: file.form,
            gzip: file.gzip,
            bom: file.bom,
            days: (file.first_on, file.last_on),
            policy: file.policy.clone(),
            campaign: file.campaign_id,
            receipts: file.receipts,
            codes: file.codes,
            personal: file.personal,
            as_of: (file.as_of != file.asked_at).then_some(file.as_of),
        }
    }
}

/// Why a file is not made.
#[derive(Debug, thiserror::Error)]
pub(super) enum AskError {
    /// As many are on their way as may be.
    #[error("too many files are on their way")]
    TooMany,
    /// The database.
    #[error(transparent)]
    Db(#[from] DbErr),
}

/// Asks for a file, in the caller's transaction. The same one that is on its way already is answered, and no second made.
pub(super) async fn ask(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    (wanted, who): (Wanted, &str),
    now: Timestamp,
) -> Result<File, AskError> {
    let on_their_way = on_their_way(txn, shop).await?;
    if let Some(same) = on_their_way.iter().find(|file| Wanted::of(file) == wanted) {
        return Ok(same.clone());
    }
    if on_their_way.len() >= MOST_ON_THEIR_WAY {
        return Err(AskError::TooMany);
    }
    make_room(txn, app, shop, now).await?;
    Ok(begin(txn, app, shop, (wanted, who), None, now).await?)
}

/// Writes down what is asked for and promises that it is made.
pub(super) async fn begin(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    (wanted, who): (Wanted, &str),
    daily_on: Option<Day>,
    now: Timestamp,
) -> Result<File, DbErr> {
    let row = ActiveModel {
        shop_id: Set(shop),
        id: Set(FileId::new(&app.chance, now)),
        kind: Set(wanted.kind),
        sheet: Set(wanted.table.map(|table| table.name().to_owned())),
        form: Set(wanted.form),
        gzip: Set(wanted.gzip),
        bom: Set(wanted.bom),
        first_on: Set(wanted.days.0),
        last_on: Set(wanted.days.1),
        policy: Set(wanted.policy),
        campaign_id: Set(wanted.campaign),
        receipts: Set(wanted.receipts),
        codes: Set(wanted.codes),
        personal: Set(wanted.personal),
        asked_by: Set(who.to_owned()),
        asked_at: Set(now),
        as_of: Set(wanted.as_of.unwrap_or(now)),
        daily_on: Set(daily_on),
        state: Set(State::Waiting),
        run: Set(0),
        done_ppm: Set(0),
        lines: Set(0),
        trouble: Set(None),
        since: Set(None),
        complete_through: Set(None),
        bytes: Set(None),
        sha256: Set(None),
        pieces: Set(None),
        ready_at: Set(None),
        expires_at: Set(None),
    };
    let file = row.insert(txn).await?;
    jobs::enqueue(txn, &app.chance, shop, &Make { file: file.id }, now, now).await?;
    Ok(file)
}

/// Promises that the oldest files go of which there are too many.
async fn make_room(txn: &impl ConnectionTrait, app: &App, shop: ShopId, now: Timestamp) -> Result<(), DbErr> {
    let kept = Files::of(shop).filter(COLUMN.state.eq(State::Ready)).order_by_desc(COLUMN.id);
    for old in kept.offset(MOST_KEPT - 1).limit(MOST_KEPT).all(txn).await? {
        jobs::enqueue(txn, &app.chance, shop, &LetGo { file: old.id }, now, now).await?;
    }
    Ok(())
}
