//! The promise to act on a request. What it does stands in `rights/`, which knows every room.

use serde::{Deserialize, Serialize};

/// Acts on one request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fulfil {
    /// Which: the id of the delivery that brought it.
    pub request: String,
}

impl Fulfil {
    /// One promise per request.
    pub fn key(&self) -> String {
        format!("fulfil:{}", self.request)
    }
}
