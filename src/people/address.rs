//! Where WhatsApp reaches somebody, as keyed hashes: a phone, a user id, or both.

use sea_orm::entity::prelude::*;

use super::recipient::Model as Recipient;
use crate::kernel::id::ShopId;
use crate::kernel::{Phone, Vault};

/// What a hash was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub enum AddressKind {
    /// A phone.
    Phone,
    /// A business-scoped user id.
    User,
}

/// A phone or a user id, hashed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// Which of the two.
    pub kind: AddressKind,
    /// The keyed hash by which all rooms know it.
    pub hash: String,
}

impl Address {
    /// Of a phone.
    pub fn of_phone(vault: &Vault, shop: ShopId, phone: &Phone) -> Self {
        Self { kind: AddressKind::Phone, hash: phone.hash(vault, shop) }
    }

    /// Of a user id, whole.
    pub fn of_user(vault: &Vault, shop: ShopId, user_id: &str) -> Self {
        Self { kind: AddressKind::User, hash: vault.lookup(shop, "whatsapp", user_id) }
    }
}

impl Recipient {
    /// Where messages reach them, as they were named when they were drawn: the phone first.
    pub fn at(&self) -> impl Iterator<Item = Address> {
        let address = |kind, hash: &String| Address { kind, hash: hash.clone() };
        let phone = self.phone_hash.iter().map(move |hash| address(AddressKind::Phone, hash));
        phone.chain(self.whatsapp_hash.iter().map(move |hash| address(AddressKind::User, hash)))
    }
}
