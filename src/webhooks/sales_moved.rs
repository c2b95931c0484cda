//! News: something moved an order's money after its book of sales was read.

use serde::{Deserialize, Serialize};

use crate::news::News;

/// Some orders' books of sales are to be read again; which, the orders themselves know.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct SalesMoved {}

impl News for SalesMoved {
    const NAME: &'static str = "webhooks.sales_moved";
    /// A cancellation tells its refund, its order and both again within moments.
    const DELAY_SECONDS: i64 = 30;

    /// Once per shop, however many orders moved.
    fn key(&self) -> Option<String> {
        Some("sales_moved".to_owned())
    }
}
