//! How far a message came, for one row and as a condition over many.

use sea_orm::ExprTrait;
use sea_orm::sea_query::{Cond, Condition, Expr};
use serde::{Deserialize, Serialize};

use crate::messages::{Message, MessageColumn, Messages};

/// How far a message came. Each message stands in one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MessageStanding)]
pub enum Standing {
    /// Made or sent; it is not known to have arrived, nor to have failed.
    UnderWay,
    /// Arrived; it is not known to be read.
    Delivered,
    /// Read.
    Read,
    /// Never arrived.
    Failed,
}

impl Standing {
    /// How far one came.
    pub const fn of(message: &Message) -> Self {
        match message {
            Message { read_at: Some(_), .. } => Self::Read,
            Message { delivered_at: Some(_), .. } => Self::Delivered,
            Message { failed_at: Some(_), .. } => Self::Failed,
            _ => Self::UnderWay,
        }
    }

    /// The same of every row of `messages`.
    pub fn condition(self) -> Condition {
        let is = |column: MessageColumn| Expr::col((Messages, column)).is_not_null();
        let not = |column: MessageColumn| Expr::col((Messages, column)).is_null();
        let not_read = || Cond::all().add(not(MessageColumn::ReadAt));
        let not_arrived = || not_read().add(not(MessageColumn::DeliveredAt));
        match self {
            Self::Read => Cond::all().add(is(MessageColumn::ReadAt)),
            Self::Delivered => not_read().add(is(MessageColumn::DeliveredAt)),
            Self::Failed => not_arrived().add(is(MessageColumn::FailedAt)),
            Self::UnderWay => not_arrived().add(not(MessageColumn::FailedAt)),
        }
    }
}
