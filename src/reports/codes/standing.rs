//! Where a code stands for its recipient, for one row and as a condition over many.

use sea_orm::ExprTrait;
use sea_orm::sea_query::{Cond, Condition, Expr};
use serde::{Deserialize, Serialize};

use crate::codes::{CodeColumn, RedeemCodes, State};
use crate::kernel::Timestamp;

/// Where a code stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CodeStanding)]
pub enum Standing {
    /// Promised, on its way to Shopify.
    Pending,
    /// Good for one order.
    Live,
    /// An order used it.
    Redeemed,
    /// Its time is over.
    Expired,
    /// Taken back.
    Revoked,
}

const fn col(column: CodeColumn) -> (RedeemCodes, CodeColumn) {
    (RedeemCodes, column)
}

impl Standing {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 5] = [Self::Pending, Self::Live, Self::Redeemed, Self::Expired, Self::Revoked];

    /// Where one stands.
    pub fn of(state: State, expires_at: Option<Timestamp>, now: Timestamp) -> Self {
        match state {
            State::Redeemed => Self::Redeemed,
            State::Revoking | State::Revoked => Self::Revoked,
            State::Expired => Self::Expired,
            State::Issued if expires_at.is_some_and(|end| end <= now) => Self::Expired,
            State::Issued => Self::Live,
            State::Reserved | State::Pushed | State::Imported | State::Canary => Self::Pending,
        }
    }

    /// The same of every row of `redeem_codes`.
    pub fn condition(self, now: Timestamp) -> Condition {
        let state = |state: State| Expr::col(col(CodeColumn::State)).eq(state);
        let over = || Expr::col(col(CodeColumn::ExpiresAt)).lte(now);
        let open = || Expr::col(col(CodeColumn::ExpiresAt)).is_null().or(Expr::col(col(CodeColumn::ExpiresAt)).gt(now));
        match self {
            Self::Redeemed => Cond::all().add(state(State::Redeemed)),
            Self::Revoked => Cond::any().add(state(State::Revoking)).add(state(State::Revoked)),
            Self::Expired => Cond::any().add(state(State::Expired)).add(state(State::Issued).and(over())),
            Self::Live => Cond::all().add(state(State::Issued)).add(open()),
            Self::Pending => [State::Reserved, State::Pushed, State::Imported, State::Canary]
                .into_iter()
                .fold(Cond::any(), |any, one| any.add(state(one))),
        }
    }

    /// Whether the text is worth showing: a code on its way may yet be another, and one taken back is nobody's.
    pub const fn told(self) -> bool {
        matches!(self, Self::Live | Self::Redeemed | Self::Expired)
    }
}
