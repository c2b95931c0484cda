//! What an order is worth, in Shopify's own terms (`measurement.md` §2).

use serde::{Deserialize, Serialize};

/// Minor units of the shop's currency, as an order began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// Price × quantity of the goods: no gift cards, no tips, and without the tax and the duties that prices may include.
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
    /// Import duties that were paid with the order: left out of net sales.
    #[serde(default)]
    pub duties: i64,
    /// Additional fees that were paid with the order: left out of net sales.
    #[serde(default)]
    pub fees: i64,
    /// What the shopper paid.
    pub total: i64,
}

impl Amounts {
    /// What the parts sum to.
    pub fn parts(self) -> i64 {
        let goods = [self.gross, -self.discounts, self.shipping, self.tax];
        let others = [self.tips, self.gift_cards, self.duties, self.fees];
        goods.into_iter().chain(others).fold(0, i64::saturating_add)
    }

    /// How much of the total no part explains; nothing in an order that was read rightly. What is not nothing is an
    /// alarm: some line was taken for what it is not.
    pub fn unexplained(self) -> i64 {
        self.total.saturating_sub(self.parts())
    }
}

/// Net sales = gross − discounts − returns.
pub const fn net_sales(amounts: Amounts, returns: i64) -> i64 {
    amounts.gross - amounts.discounts - returns
}
