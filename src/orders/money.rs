//! What an order is worth, in Shopify's own terms (`measurement.md` §2).

use serde::{Deserialize, Serialize};

/// Minor units of the shop's currency, as an order began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// Price × quantity of everything but gift cards, without the tax that prices may include.
    pub gross: i64,
    /// Taken off those lines by discounts of any kind.
    pub discounts: i64,
    /// Shipping after its discounts.
    pub shipping: i64,
    /// All taxes.
    pub tax: i64,
    /// Tips: left out of net sales.
    pub tips: i64,
    /// Gift cards sold, a debt and no sale: left out of net sales.
    pub gift_cards: i64,
    /// What the shopper paid.
    pub total: i64,
}

/// Net sales = gross − discounts − returns.
pub const fn net_sales(amounts: Amounts, returns: i64) -> i64 {
    amounts.gross - amounts.discounts - returns
}
