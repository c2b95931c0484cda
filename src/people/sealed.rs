//! How to reach a recipient, under lock: sealed under a key of their own, which is sealed under the shop's.

use sea_orm::ActiveValue::Set;
use serde::{Deserialize, Serialize};

use super::contact::{Hashes, NewRecipient};
use super::recipient::{ActiveModel, Model, RecipientId};
use crate::app::App;
use crate::kernel::id::ShopId;
use crate::kernel::secret::SealError;
use crate::kernel::{Stream, Timestamp, Vault};

/// How to reach a recipient, opened.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The platform's own key.
    pub key: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    /// Business-scoped user id.
    pub whatsapp_user_id: Option<String>,
    /// Normalised.
    pub email: Option<String>,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Contact(***)")
    }
}

impl Model {
    /// The contact; `None` when it was forgotten or aged out.
    pub fn contact(&self, app: &App) -> Result<Option<Contact>, SealError> {
        let (Some(key), Some(contact)) = (&self.data_key_sealed, &self.contact_sealed) else { return Ok(None) };
        let key = app.vault.open(self.shop_id, "recipients.data_key", key)?;
        let key = key.try_into().map_err(|_| SealError::Form)?;
        let own = Vault::new(key, None, app.chance.clone());
        let document = own.open_bytes(self.shop_id, "recipients.contact", contact)?;
        serde_json::from_slice(&document).map(Some).map_err(|_| SealError::Form)
    }
}

/// A new recipient, with a key made for them.
pub(super) fn seal(app: &App, shop: ShopId, new: &NewRecipient, hashes: &Hashes, now: Timestamp) -> ActiveModel {
    let key: [u8; 32] = app.chance.bytes(Stream::Keys);
    let own = Vault::new(key, None, app.chance.clone());
    ActiveModel {
        shop_id: Set(shop),
        id: Set(RecipientId::new(&app.chance, now)),
        phone_hash: Set(hashes.phones.first().cloned()),
        whatsapp_hash: Set(hashes.user.clone()),
        email_hash: Set(hashes.email.clone()),
        shopify_customer_id: Set(new.shopify_customer_id),
        data_key_sealed: Set(Some(app.vault.seal(shop, "recipients.data_key", &key))),
        contact_sealed: Set(Some(own.seal_bytes(shop, "recipients.contact", &new.document()))),
        created_at: Set(now),
        forgotten_at: Set(None),
    }
}
