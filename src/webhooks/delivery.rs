//! One webhook as it arrived.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::kernel::id::ShopId;
use crate::kernel::{Timestamp, Vault};

/// Who sent it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Shopify,
    Whatsapp,
    /// Nobody sent it: we read it again at the Admin API and keep it as a webhook would have told it.
    Reread,
}

impl Source {
    /// By the name it has in addresses.
    pub fn named(text: &str) -> Option<Self> {
        Self::try_from_value(&text.to_owned()).ok()
    }

    /// What it is counted under.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::Whatsapp => "whatsapp",
            Self::Reread => "reread",
        }
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shopify => "Shopify",
            Self::Whatsapp => "WhatsApp",
            Self::Reread => "Shopify, read again",
        }
    }
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum, Serialize, Deserialize, utoipa::ToSchema)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = DeliveryState)]
pub enum State {
    /// Waits to be translated.
    Pending,
    /// Its facts are recorded.
    Done,
    /// Nothing of it concerns us; `reason` says why.
    Ignored,
    /// It cannot be translated; `reason` says why. `replay` tries again.
    Dead,
}

impl State {
    /// What it is counted under.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Ignored => "ignored",
            Self::Dead => "dead",
        }
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "deliveries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub source: Source,
    #[sea_orm(primary_key, auto_increment = false)]
    pub delivery_id: String,
    pub topic: String,
    pub shop_domain: String,
    pub event_id: Option<String>,
    pub api_version: Option<String>,
    pub triggered_at: Option<Timestamp>,
    pub received_at: Timestamp,
    pub body_sealed: Vec<u8>,
    pub state: State,
    pub attempts: i32,
    pub reason: Option<String>,
    pub done_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The column a body is sealed for.
const BODY: &str = "deliveries.body";

impl Model {
    /// A delivery of a shop, not yet translated.
    pub fn new(vault: &Vault, shop: ShopId, source: Source, id: String, body: &[u8], now: Timestamp) -> Self {
        Self {
            shop_id: shop,
            source,
            delivery_id: id,
            topic: String::new(),
            shop_domain: String::new(),
            event_id: None,
            api_version: None,
            triggered_at: None,
            received_at: now,
            body_sealed: vault.seal_bytes(shop, BODY, body),
            state: State::Pending,
            attempts: 0,
            reason: None,
            done_at: None,
        }
    }

    /// The same, already known not to concern us.
    pub fn ignored(self, reason: impl Into<String>) -> Self {
        Self { state: State::Ignored, reason: Some(reason.into()), done_at: Some(self.received_at), ..self }
    }

    /// The body as it came.
    pub fn body(&self, vault: &Vault) -> Result<Vec<u8>, crate::kernel::secret::SealError> {
        vault.open_bytes(self.shop_id, BODY, &self.body_sealed)
    }
}

impl Entity {
    /// Deliveries of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}
