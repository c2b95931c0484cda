//! A file: what was asked for, how far it is, and what it came to.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::{Condition, QueryOrder};
use serde::{Deserialize, Serialize};

use crate::campaigns::CampaignId;
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Timestamp};
use crate::reports::Table;

crate::uuid_id!(
    /// A file.
    FileId
);

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = FileKind)]
pub enum Kind {
    /// The accountant's pack: ledger, orders, restatements since the pack before, agreement with Shopify, definitions and
    /// checksums, in a ZIP.
    Pack,
    /// One table.
    Table,
}

/// In which form a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = FileForm)]
pub enum Form {
    /// RFC 4180, UTF-8.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

/// Where a file stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = FileState)]
pub enum State {
    /// It has not been begun.
    Waiting,
    /// It is being made.
    Making,
    /// It can be fetched.
    Ready,
    /// Its time is over; what it was and its checksum stay.
    Gone,
    /// It could not be made; `trouble` says why.
    Failed,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "files")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: FileId,
    pub kind: Kind,
    pub sheet: Option<String>,
    pub form: Form,
    pub gzip: bool,
    pub bom: bool,
    pub first_on: Day,
    pub last_on: Day,
    pub policy: String,
    pub campaign_id: Option<CampaignId>,
    pub receipts: bool,
    /// Codes that could still be spent stand in it.
    pub codes: bool,
    /// It names people.
    pub personal: bool,
    pub asked_by: String,
    pub asked_at: Timestamp,
    pub as_of: Timestamp,
    pub daily_on: Option<Day>,
    pub state: State,
    pub run: i64,
    pub done_ppm: i32,
    pub lines: i64,
    pub trouble: Option<String>,
    pub since: Option<Timestamp>,
    pub complete_through: Option<Timestamp>,
    pub bytes: Option<i64>,
    pub sha256: Option<String>,
    pub pieces: Option<i64>,
    pub ready_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Files of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

impl Model {
    /// The table it holds; `None`: it is a pack.
    pub fn table(&self) -> Option<Table> {
        self.sheet.as_deref().and_then(Table::called)
    }

    /// What it is called where it is saved.
    pub fn name(&self) -> String {
        let what = self.sheet.as_deref().unwrap_or("pack");
        let ending = match (self.kind, self.form) {
            (Kind::Pack, _) => "zip",
            (Kind::Table, Form::Csv) => "csv",
            (Kind::Table, Form::Jsonl) => "jsonl",
        };
        let packed = if self.gzip { ".gz" } else { "" };
        format!("recoup-{what}-{}-{}.{ending}{packed}", self.first_on, self.last_on)
    }

    /// Whether it can be fetched at an instant.
    pub fn is_there(&self, now: Timestamp) -> bool {
        self.state == State::Ready && self.expires_at.is_some_and(|end| now < end)
    }
}

/// The file a write is about.
pub(super) fn this(shop: ShopId, id: FileId) -> Condition {
    Condition::all().add(COLUMN.shop_id.eq(shop)).add(COLUMN.id.eq(id))
}

/// Those that are on their way.
pub(super) async fn on_their_way(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<Model>, DbErr> {
    Entity::of(shop).filter(COLUMN.state.is_in([State::Waiting, State::Making])).order_by_asc(COLUMN.id).all(db).await
}

/// The latest pack by some rules that was made of an earlier instant.
pub(super) async fn pack_before(db: &impl ConnectionTrait, file: &Model) -> Result<Option<Model>, DbErr> {
    let packs = Entity::of(file.shop_id).filter(COLUMN.kind.eq(Kind::Pack)).filter(COLUMN.policy.eq(&file.policy));
    let made = packs.filter(COLUMN.state.is_in([State::Ready, State::Gone])).filter(COLUMN.as_of.lt(file.as_of));
    made.order_by_desc(COLUMN.as_of).one(db).await
}
