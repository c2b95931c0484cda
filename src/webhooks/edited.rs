//! News: an order was edited, and nobody said what it is worth now; or what was said of it does not add up.

use serde::{Deserialize, Serialize};

use crate::news::News;

/// An order to be read again: Shopify's number of it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Edited(pub i64);

impl News for Edited {
    const NAME: &'static str = "webhooks.edited";
    /// `orders/updated` often brings the same a moment later, so there is no hurry.
    const DELAY_SECONDS: i64 = 5;

    /// Once per order, however often it is said.
    fn key(&self) -> Option<String> {
        Some(format!("edited:{}", self.0))
    }
}
