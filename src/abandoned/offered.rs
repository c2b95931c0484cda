//! News: checkouts lie quiet and may be written about; and some of those that were offered may not any more.

use serde::{Deserialize, Serialize};

use super::abandonment::Because;
use crate::kernel::Timestamp;
use crate::news::News;

/// Checkouts that lie quiet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Offered {
    /// Which, and for whom.
    pub checkouts: Vec<Offer>,
}

/// A checkout that lies quiet.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Offer {
    /// Which.
    pub token: String,
    /// The last step before it lay quiet.
    pub last_at: Timestamp,
    /// When it had lain quiet long enough.
    pub at: Timestamp,
    /// The longest delay that is over: campaigns that wait longer are told later.
    pub seconds: i32,
}

impl News for Offered {
    const NAME: &'static str = "abandoned.offered";
}

/// Checkouts that were offered and are not any more.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Withdrawn {
    /// Which, and why.
    pub checkouts: Vec<TakenBack>,
}

/// A checkout that was taken back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TakenBack {
    /// Which.
    pub token: String,
    /// The step that its offer was about.
    pub last_at: Timestamp,
    /// Why.
    pub because: Because,
    /// When that happened, by event time.
    pub at: Timestamp,
}

impl News for Withdrawn {
    const NAME: &'static str = "abandoned.withdrawn";
}
