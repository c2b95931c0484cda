//! What the inbox holds, as the merchant sees it: what it was about, what became of it and why. Never a body.

mod routes;

use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DbErr, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
};
use serde::Serialize;

use super::delivery::{COLUMN, Column, Entity, Source, State};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

pub use routes::configure;

/// A delivery, without its body.
#[derive(Clone, Debug, Serialize, FromQueryResult, utoipa::ToSchema)]
pub struct DeliveryItem {
    source: Source,
    /// The platform's own id.
    delivery_id: String,
    topic: String,
    state: State,
    /// Why it stands there, in words.
    reason: Option<String>,
    /// How often it could not be recorded.
    attempts: i32,
    /// When it happened, as far as it says.
    #[schema(value_type = Option<String>, format = "date-time")]
    triggered_at: Option<Timestamp>,
    #[schema(value_type = String, format = "date-time")]
    received_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    done_at: Option<Timestamp>,
}

/// A page of deliveries.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct DeliveryPage {
    deliveries: Vec<DeliveryItem>,
    next_cursor: Option<String>,
}

/// Where a page begins: after this delivery, newest first.
#[derive(Clone, Debug)]
pub struct Cursor(Timestamp, Source, String);

impl Cursor {
    /// Reads what a page handed out.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let at = Timestamp::from_micros(parts.next()?.parse().ok()?);
        Some(Self(at, Source::named(parts.next()?)?, parts.next()?.to_owned()))
    }

    fn after(&self) -> Condition {
        let Self(at, source, id) = self;
        let same_instant = Condition::all().add(COLUMN.received_at.eq(*at));
        let same_source = same_instant.clone().add(COLUMN.source.eq(*source));
        Condition::any()
            .add(COLUMN.received_at.lt(*at))
            .add(same_instant.add(Column::Source.lt(*source)))
            .add(same_source.add(COLUMN.delivery_id.lt(id)))
    }
}

/// Deliveries of a shop in one state, newest first.
pub async fn page(
    db: &impl ConnectionTrait,
    shop: ShopId,
    (state, topic): (State, Option<String>),
    after: Option<Cursor>,
    limit: u64,
) -> Result<DeliveryPage, DbErr> {
    let mut found: Vec<DeliveryItem> = Entity::of(shop)
        .filter(COLUMN.state.eq(state))
        .filter(Condition::all().add_option(topic.map(|topic| COLUMN.topic.eq(topic))))
        .filter(Condition::all().add_option(after.map(|cursor| cursor.after())))
        .order_by_desc(COLUMN.received_at)
        .order_by_desc(COLUMN.source)
        .order_by_desc(COLUMN.delivery_id)
        .limit(limit + 1)
        .select_only()
        .columns([Column::Source, Column::DeliveryId, Column::Topic, Column::State, Column::Reason])
        .columns([Column::Attempts, Column::TriggeredAt, Column::ReceivedAt, Column::DoneAt])
        .into_model()
        .all(db)
        .await?;
    let more = found.len() as u64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let last = found.last().filter(|_| more);
    let next =
        |last: &DeliveryItem| format!("{}.{}.{}", last.received_at.micros(), last.source.to_value(), last.delivery_id);
    Ok(DeliveryPage { next_cursor: last.map(next), deliveries: found })
}
