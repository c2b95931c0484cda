//! One piece of news for one endpoint, and what became of it.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, Iterable, QueryOrder, QuerySelect};
use serde::Serialize;

use super::endpoint::EndpointId;
use crate::app::App;
use crate::db::INSERT_ROWS;
use crate::kernel::id::ShopId;
use crate::kernel::{Stream, Timestamp};

crate::uuid_id!(
    /// A delivery: what `webhook-id` says.
    DeliveryId
);

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = WebhookDeliveryState)]
pub enum State {
    /// It is tried, or will be tried again.
    Waiting,
    /// The endpoint took it.
    Delivered,
    /// It is not tried any more.
    Dead,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_tellings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: DeliveryId,
    pub endpoint_id: EndpointId,
    pub event: String,
    /// What it is about: the same news is kept once per endpoint.
    pub subject: String,
    /// What is sent, to the byte; emptied when nobody will send it any more.
    pub body: Option<String>,
    pub state: State,
    pub attempts: i32,
    pub status_code: Option<i64>,
    pub reason: Option<String>,
    pub next_try_at: Timestamp,
    pub created_at: Timestamp,
    pub done_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

/// So much may wait for one endpoint: a quarter of a million codes. What comes beyond is dead at once, and says so.
const MOST_WAITING: u64 = 2_000;

impl Entity {
    /// Deliveries of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }

    fn waiting_for(shop: ShopId, endpoint: EndpointId) -> Select<Self> {
        Self::of(shop).filter(COLUMN.endpoint_id.eq(endpoint)).filter(COLUMN.state.eq(State::Waiting))
    }
}

/// Keeps a delivery with its id, before anybody tries it; once per endpoint and subject.
pub(super) async fn keep(
    txn: &impl ConnectionTrait,
    app: &App,
    (shop, endpoint): (ShopId, EndpointId),
    (event, subject): (&str, String),
    body: &str,
    now: Timestamp,
) -> Result<DeliveryId, DbErr> {
    let crowd = Entity::waiting_for(shop, endpoint).select_only().column(Column::Id).offset(MOST_WAITING - 1).limit(1);
    let full = crowd.into_tuple::<DeliveryId>().one(txn).await?.is_some();
    let id = DeliveryId(app.chance.uuid_of(Stream::Jitter, now));
    let reason = format!("{MOST_WAITING} deliveries were waiting for this endpoint already; this one was not kept.");
    let row = ActiveModel {
        shop_id: Set(shop),
        id: Set(id),
        endpoint_id: Set(endpoint),
        event: Set(event.to_owned()),
        subject: Set(subject),
        body: Set((!full).then(|| body.to_owned())),
        state: Set(if full { State::Dead } else { State::Waiting }),
        attempts: Set(0),
        status_code: Set(None),
        reason: Set(full.then_some(reason)),
        next_try_at: Set(now),
        created_at: Set(now),
        done_at: Set(full.then_some(now)),
    };
    let once = OnConflict::columns([Column::ShopId, Column::EndpointId, Column::Subject]).do_nothing().to_owned();
    Entity::insert(row).on_conflict(once).exec_without_returning(txn).await?;
    Ok(id)
}

/// The delivery of an endpoint that waits for its next try, the earliest first.
pub(super) async fn next(
    db: &impl ConnectionTrait,
    shop: ShopId,
    endpoint: EndpointId,
) -> Result<Option<Model>, DbErr> {
    let waiting = Entity::waiting_for(shop, endpoint);
    waiting.order_by_asc(COLUMN.next_try_at).order_by_asc(COLUMN.id).one(db).await
}

/// Deliveries of an endpoint, the latest first, without their bodies.
pub(super) async fn latest(
    db: &impl ConnectionTrait,
    shop: ShopId,
    endpoint: EndpointId,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let of = Entity::of(shop).filter(COLUMN.endpoint_id.eq(endpoint));
    of.select_only()
        .columns(Column::iter().filter(|column| !matches!(column, Column::Body)))
        .expr_as(Expr::value(Option::<String>::None), "body")
        .order_by_desc(COLUMN.created_at)
        .order_by_desc(COLUMN.id)
        .limit(limit)
        .all(db)
        .await
}

/// The outcome of a try.
pub(super) struct Tried {
    pub state: State,
    pub status_code: Option<i64>,
    pub reason: Option<String>,
    pub next_try_at: Timestamp,
}

/// Keeps the outcome of the try that began with `delivery`. A slower one that overlapped it changes nothing.
pub(super) async fn tried(
    txn: &impl ConnectionTrait,
    delivery: &Model,
    tried: Tried,
    now: Timestamp,
) -> Result<(), DbErr> {
    let over = tried.state != State::Waiting;
    let mut update = Entity::update_many()
        .col_expr(Column::State, Expr::value(tried.state))
        .col_expr(Column::Attempts, Expr::value(delivery.attempts + 1))
        .col_expr(Column::StatusCode, Expr::value(tried.status_code))
        .col_expr(Column::Reason, Expr::value(tried.reason))
        .col_expr(Column::NextTryAt, Expr::value(tried.next_try_at))
        .col_expr(Column::DoneAt, Expr::value(over.then_some(now)));
    if over {
        update = update.col_expr(Column::Body, Expr::value(Option::<String>::None));
    }
    update
        .filter(COLUMN.shop_id.eq(delivery.shop_id))
        .filter(COLUMN.id.eq(delivery.id))
        .filter(COLUMN.state.eq(State::Waiting))
        .filter(COLUMN.attempts.eq(delivery.attempts))
        .exec(txn)
        .await
        .map(drop)
}

/// Gives up what waits for an endpoint and was kept before `before`.
pub(super) async fn give_up(
    txn: &impl ConnectionTrait,
    (shop, endpoint): (ShopId, EndpointId),
    before: Timestamp,
    reason: &str,
    now: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Dead))
        .col_expr(Column::Reason, Expr::value(reason))
        .col_expr(Column::DoneAt, Expr::value(now))
        .col_expr(Column::Body, Expr::value(Option::<String>::None))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.endpoint_id.eq(endpoint))
        .filter(COLUMN.state.eq(State::Waiting))
        .filter(COLUMN.created_at.lt(before))
        .exec(txn)
        .await
        .map(drop)
}

/// Forgets everything told to an endpoint.
pub(super) async fn forget(txn: &impl ConnectionTrait, shop: ShopId, endpoint: EndpointId) -> Result<(), DbErr> {
    let all = Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.endpoint_id.eq(endpoint));
    all.exec(txn).await.map(drop)
}

/// Drops a batch of deliveries kept before `before`; answers how many.
pub async fn drop_old(txn: &impl ConnectionTrait, shop: ShopId, before: Timestamp) -> Result<usize, DbErr> {
    let old: Vec<DeliveryId> = Entity::of(shop)
        .filter(COLUMN.created_at.lt(before))
        .select_only()
        .column(Column::Id)
        .limit(INSERT_ROWS as u64)
        .into_tuple()
        .all(txn)
        .await?;
    let gone = Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.id.is_in(old.clone()));
    gone.exec(txn).await?;
    Ok(old.len())
}
