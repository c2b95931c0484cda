//! One single-use string under a discount.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;

use super::id::{DiscountId, RedeemCodeId};
use crate::campaigns::CampaignId;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "redeem_codes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: RedeemCodeId,
    pub campaign_id: CampaignId,
    pub discount_id: DiscountId,
    pub code: String,
    pub state: State,
    pub bulk_creation_id: Option<String>,
    pub shopify_redeem_code_id: Option<String>,
    pub expires_at: Option<Timestamp>,
    pub reserved_at: Timestamp,
    pub promised_at: Option<Timestamp>,
    pub pushed_at: Option<Timestamp>,
    pub imported_at: Option<Timestamp>,
    pub issued_at: Option<Timestamp>,
    pub redeemed_at: Option<Timestamp>,
    pub expired_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_error: Option<String>,
    pub life_seconds: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Whether a recipient has a code, of a query over codes. As text and not as a value: only so do both engines see that the
/// index of ending codes serves.
pub fn in_somebodys_hands() -> Expr {
    Expr::cust("redeem_codes.state = 'issued'")
}

impl Entity {
    /// Codes of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }

    /// To move these codes of a discount, as far as they are still in one of some states. With their discount, so that
    /// SQLite finds each in the index of slots: by ids and states alone it reads all codes of the shop in it.
    pub(super) fn still(
        (shop, discount): (ShopId, DiscountId),
        ids: Vec<RedeemCodeId>,
        states: &[State],
    ) -> sea_orm::UpdateMany<Self> {
        Self::standing((shop, discount), states).filter(COLUMN.id.is_in(ids))
    }

    /// To move codes of a discount that are in one of some states.
    pub(super) fn standing((shop, discount): (ShopId, DiscountId), states: &[State]) -> sea_orm::UpdateMany<Self> {
        Self::update_many()
            .filter(COLUMN.shop_id.eq(shop))
            .filter(COLUMN.discount_id.eq(discount))
            .filter(COLUMN.state.is_in(states.to_vec()))
    }
}

/// Where a code stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub enum State {
    /// Drawn and written here; Shopify knows nothing.
    Reserved,
    /// Shopify was asked to import it.
    Pushed,
    /// Shopify has it, nobody was told.
    Imported,
    /// Shopify has it, and nobody will ever be told: it warns of leaks.
    Canary,
    /// A recipient has it.
    Issued,
    /// An order used it.
    Redeemed,
    /// Its time is over.
    Expired,
    /// Taken back here; Shopify has not confirmed yet that it is gone there.
    Revoking,
    /// Taken back, gone at Shopify.
    Revoked,
}

impl Model {
    /// A code that a recipient has, of which nothing else is told: under no discount that we know of.
    pub fn handed_out(
        (shop, campaign): (ShopId, CampaignId),
        id: Uuid,
        code: &str,
        at: Timestamp,
        ends_at: Option<Timestamp>,
    ) -> Self {
        Self {
            shop_id: shop,
            id: RedeemCodeId(id),
            campaign_id: campaign,
            discount_id: DiscountId(Uuid::nil()),
            code: code.to_owned(),
            state: State::Issued,
            bulk_creation_id: None,
            shopify_redeem_code_id: None,
            expires_at: ends_at,
            reserved_at: at,
            promised_at: None,
            pushed_at: None,
            imported_at: None,
            issued_at: Some(at),
            redeemed_at: None,
            expired_at: None,
            revoked_at: None,
            last_error: None,
            life_seconds: None,
        }
    }

    /// Whether no recipient ever had it: then nobody but us and the shop's staff can know it.
    pub const fn was_given_to_nobody(&self) -> bool {
        self.issued_at.is_none() && self.promised_at.is_none()
    }

    /// When it ends for its recipient, whose message arrived then; `None`: nobody knows yet, because its clock starts
    /// with the delivery and nothing was delivered.
    pub fn ends_at(&self, arrived_at: Option<Timestamp>) -> Option<Timestamp> {
        self.expires_at.filter(|_| self.life_seconds.is_none() || arrived_at.is_some())
    }
}

impl State {
    /// Whether Shopify would take it from a recipient now, as far as we know.
    pub const fn live(self) -> bool {
        matches!(self, Self::Issued | Self::Redeemed)
    }

    /// Where it stands for whoever follows a link that carries it.
    pub const fn stage(self) -> Stage {
        match self {
            Self::Reserved | Self::Pushed | Self::Imported | Self::Canary => Stage::Before,
            Self::Issued | Self::Redeemed => Stage::Live,
            Self::Expired | Self::Revoking | Self::Revoked => Stage::Over,
        }
    }
}

/// A code's life, for a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Not yet.
    Before,
    /// Shopify would take it.
    Live,
    /// Not any more.
    Over,
}
