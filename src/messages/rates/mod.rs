//! What messages cost where nobody tells: the merchant's own table, and the one rule by which a message has a price.
//!
//! 1. A price that was told stands, to its last digit. Else the table says it, by the country of the recipient's number,
//!    WhatsApp's category and the day the message arrived. Else it is missing, which is said and never counted as nothing.
//! 2. WhatsApp charges for what arrives. What did not arrive, and what it calls free, is not charged.
//! 3. A rate holds from its day until the next rate of the same country and category.

mod price;
mod routes;

use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};

pub use price::{CostSource, Costing, Priced};
pub use routes::configure;

use crate::db::insert_once;
use crate::kernel::id::ShopId;
use crate::kernel::{Currency, Day, Price, Timestamp};

/// Stands for every country without a rate of its own.
pub const ELSEWHERE: &str = "*";

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "message_rates")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub country: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub category: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub from_on: Day,
    pub amount: String,
    pub currency: String,
    pub changed_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The price of one message.
    pub fn price(&self) -> Option<Price> {
        Price::parse(&self.amount, Currency::parse(&self.currency)?).ok()
    }
}

/// A shop's rates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RateCard(Vec<Model>);

impl RateCard {
    /// Reads them.
    pub async fn of(db: &impl ConnectionTrait, shop: ShopId) -> Result<Self, DbErr> {
        let find = Entity::find().filter(COLUMN.shop_id.eq(shop));
        let find = find.order_by_asc(COLUMN.country).order_by_asc(COLUMN.category).order_by_asc(COLUMN.from_on);
        Ok(Self(find.all(db).await?))
    }

    /// All rates, by country, category and day.
    pub fn rates(&self) -> &[Model] {
        &self.0
    }

    /// Days on which any rate begins, each once, in order.
    pub fn begins(&self) -> Vec<Day> {
        let mut days: Vec<Day> = self.0.iter().map(|rate| rate.from_on).collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// The rate of a message that arrived on a day. A country of its own goes before all others; what the Marketing
    /// Messages API delivers is marketing where it has no rate of its own.
    pub fn rate(&self, country: Option<&str>, category: &str, on: Day) -> Option<Price> {
        let marketing = Some("marketing").filter(|_| category == "marketing_lite");
        let categories = [Some(category), marketing].into_iter().flatten();
        let mut places = categories
            .flat_map(|category| [country, Some(ELSEWHERE)].into_iter().flatten().map(move |c| (c, category)));
        places.find_map(|(country, category)| {
            let of =
                self.0.iter().filter(|rate| (rate.country.as_str(), rate.category.as_str()) == (country, category));
            of.filter(|rate| rate.from_on <= on).max_by_key(|rate| rate.from_on)?.price()
        })
    }
}

/// Puts a table in the place of the one there was.
async fn replace(txn: &impl ConnectionTrait, shop: ShopId, rates: Vec<Model>) -> Result<(), DbErr> {
    Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).exec(txn).await?;
    if !rates.is_empty() {
        insert_once(txn, rates.into_iter().map(IntoActiveModel::into_active_model)).await?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub fn rate(country: &str, category: &str, from: &str, amount: &str) -> Model {
        Model {
            shop_id: ShopId(1),
            country: country.to_owned(),
            category: category.to_owned(),
            from_on: Day::parse(from).unwrap(),
            amount: amount.to_owned(),
            currency: "EUR".to_owned(),
            changed_at: Timestamp::default(),
        }
    }

    #[test]
    fn the_nearest_rate_that_had_begun_holds() {
        let card = RateCard(vec![
            rate("AT", "marketing", "2026-01-01", "0.1"),
            rate("AT", "marketing", "2026-10-01", "0.1131"),
            rate("AT", "utility", "2026-01-01", "0.04"),
            rate("*", "marketing", "2026-07-01", "0.06"),
        ]);
        let says = |country: Option<&str>, category: &str, on: &str| {
            card.rate(country, category, Day::parse(on).unwrap()).map(Price::decimal)
        };
        let found = |text: &str| Some(text.to_owned());
        assert_eq!(says(Some("AT"), "marketing", "2026-09-30"), found("0.1"));
        assert_eq!(says(Some("AT"), "marketing", "2026-10-01"), found("0.1131"));
        assert_eq!(says(Some("AT"), "marketing_lite", "2026-10-01"), found("0.1131"));
        assert_eq!(says(Some("AT"), "utility", "2026-10-01"), found("0.04"));
        assert_eq!(says(Some("DE"), "marketing", "2026-10-01"), found("0.06"));
        assert_eq!(says(None, "marketing", "2026-10-01"), found("0.06"));
        assert_eq!(says(Some("DE"), "marketing", "2026-06-30"), None);
        assert_eq!(says(Some("DE"), "utility", "2026-10-01"), None);
        assert_eq!(says(Some("AT"), "marketing", "2025-12-31"), None);
        assert_eq!(card.begins().len(), 3);
    }
}
