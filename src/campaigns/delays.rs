//! News: how long checkouts must lie quiet for this shop's campaigns is not what it was.

use serde::{Deserialize, Serialize};

use crate::news::News;

/// A campaign about checkouts came, went, or waits otherwise.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct DelaysChanged {}

impl News for DelaysChanged {
    const NAME: &'static str = "campaigns.delays_changed";

    /// Once per shop, however often it is said.
    fn key(&self) -> Option<String> {
        Some("delays".to_owned())
    }
}
