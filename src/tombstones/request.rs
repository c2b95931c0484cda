//! One request, as Shopify passed it on.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, ExprTrait};
use serde::{Deserialize, Serialize};

use super::requested::Requested;
use crate::app::App;
use crate::db::insert_or;
use crate::kernel::id::ShopId;
use crate::kernel::secret::SealError;
use crate::kernel::{Timestamp, Vault};
use crate::news;

/// Shopify's limit: thirty days from the request.
const DUE_SECONDS: i64 = 30 * 86_400;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Show a shopper what is held about them.
    DataRequest,
    /// Forget a shopper.
    CustomerRedact,
    /// Forget a whole shop.
    ShopRedact,
}

/// Where a request stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = PrivacyRequestState)]
pub enum State {
    /// On record; work on it is promised.
    Asked,
    /// The export can be downloaded; the merchant passes it on.
    Ready,
    /// Erased once; a second look makes sure that nothing slipped past.
    Erasing,
    /// Dealt with.
    Done,
    /// There was nothing to do; the reason says why.
    Ignored,
    /// It cannot be read; the reason says why, and a person must look.
    Dead,
}

impl State {
    /// Whether it still waits for somebody or something.
    pub const fn open(self) -> bool {
        matches!(self, Self::Asked | Self::Ready | Self::Erasing | Self::Dead)
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "privacy_requests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub kind: Kind,
    pub received_at: Timestamp,
    pub due_at: Timestamp,
    pub done_at: Option<Timestamp>,
    pub payload_sealed: Vec<u8>,
    #[sea_orm(default_value = "asked")]
    pub state: State,
    pub reason: Option<String>,
    pub ready_at: Option<Timestamp>,
    pub erased_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The column a payload is sealed for.
const PAYLOAD: &str = "privacy_requests.payload";

impl Model {
    /// The payload as it came; `None` once it was destroyed.
    pub fn payload(&self, vault: &Vault) -> Result<Option<Vec<u8>>, SealError> {
        if self.payload_sealed.is_empty() {
            return Ok(None);
        }
        vault.open_bytes(self.shop_id, PAYLOAD, &self.payload_sealed).map(Some)
    }

    /// Whether the law's time is over and it is still open.
    pub fn overdue(&self, now: Timestamp) -> bool {
        self.state.open() && self.due_at < now
    }
}

impl Entity {
    /// Requests made of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// A request before it is on record.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    /// The delivery that brought it.
    pub id: String,
    pub kind: Kind,
    pub received_at: Timestamp,
    /// The payload as it came; it names a shopper.
    pub payload: Vec<u8>,
}

impl std::fmt::Debug for Asked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Asked({:?})", self.kind)
    }
}

/// Puts a request on record and promises to act on it. Safe to repeat; one that could not be read is tried again.
pub async fn record(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    asked: &Asked,
    now: Timestamp,
) -> Result<(), DbErr> {
    let row = ActiveModel {
        shop_id: Set(shop),
        id: Set(asked.id.clone()),
        kind: Set(asked.kind),
        received_at: Set(asked.received_at),
        due_at: Set(asked.received_at.plus_seconds(DUE_SECONDS)),
        done_at: Set(None),
        payload_sealed: Set(app.vault.seal_bytes(shop, PAYLOAD, &asked.payload)),
        state: Set(State::Asked),
        reason: Set(None),
        ready_at: Set(None),
        erased_at: Set(None),
    };
    let again = OnConflict::columns([Column::ShopId, Column::Id])
        .update_columns([Column::State, Column::Reason])
        .action_and_where(Expr::col(("privacy_requests", Column::State)).eq(State::Dead))
        .to_owned();
    if insert_or(txn, Entity::insert(row).on_conflict(again)).await? == 0 {
        return Ok(());
    }
    news::tell(txn, app, shop, &Requested { request: asked.id.clone() }, now).await
}

/// How many open requests of all shops are past their day: for the operator (one of the few statements over all shops).
pub async fn overdue(db: &impl ConnectionTrait, now: Timestamp) -> Result<u64, DbErr> {
    use sea_orm::PaginatorTrait;
    let open = COLUMN.state.is_in([State::Asked, State::Ready, State::Erasing, State::Dead]);
    Entity::find().filter(open).filter(COLUMN.due_at.lt(now)).count(db).await
}

/// Destroys payloads of requests whose last lawful day was before `before`; answers how many. Unread ones go too: their
/// row and reason stay.
pub async fn destroy_old_payloads(txn: &impl ConnectionTrait, shop: ShopId, before: Timestamp) -> Result<usize, DbErr> {
    let gone = Entity::update_many()
        .col_expr(Column::PayloadSealed, Expr::value(Vec::<u8>::new()))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.due_at.lt(before))
        .filter(COLUMN.state.ne(State::Erasing))
        .filter(Expr::cust("length(payload_sealed) > 0"))
        .exec(txn)
        .await?;
    Ok(usize::try_from(gone.rows_affected).unwrap_or(usize::MAX))
}
