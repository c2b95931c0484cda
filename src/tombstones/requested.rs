//! News: a request is on record, and somebody should act on it.

use serde::{Deserialize, Serialize};

use crate::news::News;

/// A request to act on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Requested {
    /// Which: the id of the delivery that brought it.
    pub request: String,
}

impl News for Requested {
    const NAME: &'static str = "privacy.requested";

    /// Once per request.
    fn key(&self) -> Option<String> {
        Some(format!("fulfil:{}", self.request))
    }
}
