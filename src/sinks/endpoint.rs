//! An address that subscribed to news.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, FromJsonQueryResult, QueryOrder};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::sign;
use crate::app::App;
use crate::kernel::id::ShopId;
use crate::kernel::secret::SealError;
use crate::kernel::{Stream, Timestamp, Vault};

crate::uuid_id!(
    /// An endpoint.
    EndpointId
);

/// What can be subscribed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = WebhookEvent)]
pub enum Event {
    /// Codes that were `pending` are live.
    #[serde(rename = "code.live")]
    CodeLive,
    /// The leak radar raised an alarm.
    #[serde(rename = "code.alarm")]
    CodeAlarm,
    /// A checkout lies quiet, and may be written about.
    #[serde(rename = "checkout.abandoned")]
    CheckoutAbandoned,
    /// A checkout that was offered may not be written about any more.
    #[serde(rename = "checkout.withdrawn")]
    CheckoutWithdrawn,
    /// An order's verdict came out different.
    #[serde(rename = "order.judged")]
    OrderJudged,
    /// A file that was asked for can be fetched.
    #[serde(rename = "export.ready")]
    ExportReady,
}

impl Event {
    pub const fn name(self) -> &'static str {
        match self {
            Self::CodeLive => "code.live",
            Self::CodeAlarm => "code.alarm",
            Self::CheckoutAbandoned => "checkout.abandoned",
            Self::CheckoutWithdrawn => "checkout.withdrawn",
            Self::OrderJudged => "order.judged",
            Self::ExportReady => "export.ready",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Events(pub Vec<Event>);

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_endpoints")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: EndpointId,
    pub url: String,
    pub events: Events,
    pub description: Option<String>,
    pub secret_sealed: String,
    pub previous_secret_sealed: Option<String>,
    pub previous_until: Option<Timestamp>,
    pub created_at: Timestamp,
    pub failures: i64,
    pub failing_since: Option<Timestamp>,
    pub rests_until: Option<Timestamp>,
    pub last_delivered_at: Option<Timestamp>,
    pub disabled_at: Option<Timestamp>,
    pub disabled_because: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What secrets are sealed for; both columns alike, so that one becomes the previous one as it lies there.
const SECRET: &str = "webhook_endpoints.secret";

/// How long the secret before a rotation signs beside the new one.
const BESIDE_SECONDS: i64 = 86_400;

impl Entity {
    /// Endpoints of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

impl Model {
    /// The secrets that sign now, the newest first.
    pub(super) fn secrets(&self, vault: &Vault, now: Timestamp) -> Result<Vec<Zeroizing<String>>, SealError> {
        let previous =
            self.previous_secret_sealed.as_ref().filter(|_| self.previous_until.is_some_and(|end| now < end));
        let sealed = std::iter::once(&self.secret_sealed).chain(previous);
        sealed.map(|sealed| vault.open_text(self.shop_id, SECRET, sealed).map(Zeroizing::new)).collect()
    }
}

/// Which endpoint a write is about.
pub(super) fn this(shop: ShopId, id: EndpointId) -> sea_orm::Condition {
    sea_orm::Condition::all().add(COLUMN.shop_id.eq(shop)).add(COLUMN.id.eq(id))
}

/// What somebody subscribes with.
pub(super) struct Subscription {
    pub url: String,
    pub events: Vec<Event>,
    pub description: Option<String>,
}

/// Adds an endpoint. Its secret is returned this once and never again.
pub(super) async fn add(
    db: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    asked: Subscription,
    now: Timestamp,
) -> Result<(Model, Zeroizing<String>), DbErr> {
    let secret = sign::draw(&app.chance);
    let row = ActiveModel {
        shop_id: Set(shop),
        id: Set(EndpointId(app.chance.uuid_of(Stream::Jitter, now))),
        url: Set(asked.url),
        events: Set(Events(asked.events)),
        description: Set(asked.description),
        secret_sealed: Set(app.vault.seal(shop, SECRET, secret.as_bytes())),
        previous_secret_sealed: Set(None),
        previous_until: Set(None),
        created_at: Set(now),
        failures: Set(0),
        failing_since: Set(None),
        rests_until: Set(None),
        last_delivered_at: Set(None),
        disabled_at: Set(None),
        disabled_because: Set(None),
    };
    Ok((row.insert(db).await?, secret))
}

/// Endpoints of a shop, the oldest first.
pub(super) async fn all(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<Model>, DbErr> {
    Entity::of(shop).order_by_asc(COLUMN.created_at).order_by_asc(COLUMN.id).all(db).await
}

/// A new secret; the present one signs beside it for a day. `None`: somebody else rotated it at the same time.
pub(super) async fn rotate(
    db: &impl ConnectionTrait,
    app: &App,
    endpoint: &Model,
    now: Timestamp,
) -> Result<Option<Zeroizing<String>>, DbErr> {
    let secret = sign::draw(&app.chance);
    let sealed = app.vault.seal(endpoint.shop_id, SECRET, secret.as_bytes());
    let moved = Entity::update_many()
        .col_expr(Column::PreviousSecretSealed, Expr::value(endpoint.secret_sealed.clone()))
        .col_expr(Column::PreviousUntil, Expr::value(now.plus_seconds(BESIDE_SECONDS)))
        .col_expr(Column::SecretSealed, Expr::value(sealed))
        .filter(this(endpoint.shop_id, endpoint.id))
        .filter(COLUMN.secret_sealed.eq(endpoint.secret_sealed.clone()))
        .exec(db)
        .await?;
    Ok((moved.rows_affected == 1).then_some(secret))
}

/// Ends an endpoint's rest: somebody wants to know now whether it is well again.
pub(super) async fn wake(db: &impl ConnectionTrait, shop: ShopId, id: EndpointId) -> Result<(), DbErr> {
    let update = Entity::update_many().col_expr(Column::RestsUntil, Expr::value(Option::<Timestamp>::None));
    update.filter(this(shop, id)).exec(db).await.map(drop)
}

/// How many endpoints do not take what they are told, over all shops, for the operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Failing {
    /// They have failed for more than an hour.
    pub failing: u64,
    /// They said that they are gone.
    pub disabled: u64,
}

/// Counts them (one of the few statements that name no shop).
pub async fn failing(db: &impl ConnectionTrait, now: Timestamp) -> Result<Failing, DbErr> {
    let failing = Entity::find()
        .filter(Column::DisabledAt.is_null())
        .filter(Column::FailingSince.lt(now.plus_seconds(-3_600)))
        .count(db)
        .await?;
    let disabled = Entity::find().filter(Column::DisabledAt.is_not_null()).count(db).await?;
    Ok(Failing { failing, disabled })
}
