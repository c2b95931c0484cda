//! A Shopify store that installed us.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use chrono_tz::Tz;
use sea_orm::entity::prelude::*;

use crate::kernel::id::ShopId;
use crate::kernel::{Currency, Timestamp};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "shops")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(unique)]
    pub domain: String,
    pub name: String,
    pub currency: String,
    pub time_zone: String,
    pub country: Option<String>,
    pub storefront_url: String,
    pub scopes: String,
    pub installed_at: Timestamp,
    pub uninstalled_at: Option<Timestamp>,
    /// The shop's own link domain, once it is proved to lead here. No other shop's, as long as it stands here.
    pub link_domain: Option<String>,
    /// Since when no links are made with it, because it stopped leading here.
    pub link_domain_rests_at: Option<Timestamp>,
    /// Share of recipients new campaigns leave alone unless they say otherwise, in millionths.
    pub default_holdout_ppm: i32,
    /// What the shop earns on its goods before discounts, in millionths of their price; `None`: it did not say.
    pub margin_ppm: Option<i32>,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// The zone of the shop's days; UTC when Shopify names one nobody knows.
    pub fn zone(&self) -> Tz {
        self.time_zone.parse().unwrap_or(Tz::UTC)
    }

    /// The currency every number of this shop is counted in.
    pub fn money(&self) -> Currency {
        Currency::parse(&self.currency).unwrap_or_else(|| Currency::parse("XXX").expect("XXX is an ISO 4217 code"))
    }

    /// The domain that links made now begin with; `None`: Recoup's own address.
    pub fn serving_domain(&self) -> Option<&str> {
        self.link_domain.as_deref().filter(|_| self.link_domain_rests_at.is_none())
    }

    /// Whether the app is installed now.
    pub fn installed(&self) -> bool {
        self.uninstalled_at.is_none()
    }
}
