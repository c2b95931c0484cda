//! News of statuses that a platform reported.

use serde::{Deserialize, Serialize};

use crate::kernel::id::MessageId;
use crate::news::News;

/// Messages came further, or failed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusesReported {
    /// Which.
    pub messages: Vec<MessageId>,
}

impl News for StatusesReported {
    const NAME: &'static str = "messages.statuses_reported";
}
