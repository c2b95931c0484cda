//! One telling of the pixel: a checkout started or completed, and the click its browser remembers.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ConnectionTrait, ExprTrait, FromQueryResult, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use crate::db::{INSERT_ROWS, each};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::links::ClickId;
use crate::news::News;

/// What happened in the browser.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = PixelEventName)]
pub enum Name {
    CheckoutStarted,
    CheckoutCompleted,
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "pixel_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub event_id: String,
    pub name: Name,
    pub checkout_token: String,
    pub click_id: Option<ClickId>,
    /// By the browser's clock.
    pub at: Timestamp,
    pub received_at: Timestamp,
    /// When the orders of its checkout were asked to be weighed again.
    pub asked_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

/// News: events came whose checkouts may be orders already.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct PixelArrived {}

impl News for PixelArrived {
    const NAME: &'static str = "pixel.arrived";

    /// Once per shop: whoever hears it looks for what came.
    fn key(&self) -> Option<String> {
        Some("pixel".to_owned())
    }
}

/// Events of some checkouts, in an order that does not depend on their arrival.
pub async fn events_of(db: &impl ConnectionTrait, shop: ShopId, tokens: Vec<String>) -> Result<Vec<Model>, DbErr> {
    let find = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.checkout_token.is_in(tokens));
    find.order_by_asc(COLUMN.at).order_by_asc(COLUMN.event_id).all(db).await
}

/// A click and a checkout that an event names together.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Tie {
    /// The click.
    pub click_id: ClickId,
    /// The checkout.
    pub checkout_token: String,
    /// By the browser's clock.
    pub at: Timestamp,
}

/// Every checkout that some clicks were told with.
pub async fn ties_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    clicks: impl IntoIterator<Item = ClickId>,
) -> Result<Vec<Tie>, DbErr> {
    let columns = [Column::ClickId, Column::CheckoutToken, Column::At];
    let find = Entity::find().filter(COLUMN.shop_id.eq(shop)).select_only().columns(columns);
    each(db, find, Column::ClickId, clicks).await
}

/// Events nobody has looked at yet.
pub async fn unasked(db: &impl ConnectionTrait, shop: ShopId, limit: u64) -> Result<Vec<Model>, DbErr> {
    let find = Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(Column::AskedAt.is_null());
    find.order_by_asc(COLUMN.event_id).limit(limit).all(db).await
}

/// When the pixel last told something.
pub async fn last_told_at(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<Timestamp>, DbErr> {
    let latest = Entity::find().filter(COLUMN.shop_id.eq(shop)).order_by_desc(COLUMN.received_at).limit(1);
    latest.select_only().column(Column::ReceivedAt).into_tuple().one(db).await
}

/// Notes that events were looked at.
pub async fn mark_asked(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    ids: Vec<String>,
    now: Timestamp,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::AskedAt, Expr::value(now))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.event_id.is_in(ids))
        .exec(txn)
        .await
        .map(drop)
}

/// Whether the pixel told of the checkout with this token, of a query about something else.
pub fn saw(shop: ShopId, token: Expr) -> Expr {
    let told = Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::ShopId)).eq(shop))
        .and_where(Expr::col((Entity, Column::CheckoutToken)).eq(token))
        .to_owned();
    Expr::exists(told)
}

/// Drops events received before `before` whose checkout never became an order; answers how many, at most
/// [`INSERT_ROWS`]. Those of orders stay, and so does whatever their clicks were told with: verdicts must come out the
/// same when they are derived again. Which checkouts became orders is not known here: `ordered` asks it of a token.
pub async fn drop_old_unmatched(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    before: Timestamp,
    ordered: impl Fn(Expr) -> Expr,
) -> Result<usize, DbErr> {
    let beside = Query::select()
        .expr(Expr::val(1))
        .from_as(Entity, "beside")
        .and_where(Expr::col(("beside", Column::ShopId)).eq(shop))
        .and_where(Expr::col(("beside", Column::ClickId)).equals((Entity, Column::ClickId)))
        .and_where(ordered(Expr::col(("beside", Column::CheckoutToken))))
        .to_owned();
    let old: Vec<String> = Entity::find()
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.received_at.lt(before))
        .filter(ordered(Expr::col((Entity, Column::CheckoutToken))).not())
        .filter(Expr::exists(beside).not())
        .select_only()
        .column(Column::EventId)
        .limit(INSERT_ROWS as u64)
        .into_tuple()
        .all(txn)
        .await?;
    let count = old.len();
    Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.event_id.is_in(old)).exec(txn).await?;
    Ok(count)
}
