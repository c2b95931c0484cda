//! How a recipient is reached, in clear: opened for a merchant who asks for it, after that was written down.

use sea_orm::EntityTrait;
use serde::Serialize;

use crate::app::App;
use crate::http::{Problem, Result};
use crate::kernel::Timestamp;
use crate::people::{Contact, RecipientId, Recipients};
use crate::shops::{CurrentShop, Who};
use crate::tombstones::{self, Reading};

/// How a recipient is reached.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RecipientContact {
    /// What the WhatsApp platform calls them.
    platform_key: Option<String>,
    phone: Option<String>,
    whatsapp_user_id: Option<String>,
    email: Option<String>,
    /// That somebody looked is on record since then.
    #[schema(value_type = String, format = "date-time")]
    noted_at: Timestamp,
    /// As whom.
    #[schema(example = "merchant 42")]
    noted_as: String,
}

/// Writes down that it is opened, and opens it; `None`: it is no longer kept.
pub async fn open(app: &App, current: &CurrentShop, id: RecipientId) -> Result<Option<RecipientContact>> {
    let shop = current.shop.shop_id;
    let found = Recipients::find_by_id((shop, id)).one(app.db.read()).await?;
    let recipient = found.ok_or_else(|| Problem::not_found("recipient"))?;
    let contact = recipient.contact(app).map_err(|error| {
        tracing::error!(shop.id = %shop, recipient.id = %id, error = %error, "a recipient's contact could not be opened");
        Problem::unavailable("How they are reached could not be opened. Ask whoever runs Recoup to look at `recoup doctor`.")
    })?;
    let Some(Contact { key, phone, whatsapp_user_id, email }) = contact else { return Ok(None) };
    let who = match &current.who {
        Who::Merchant { user } => format!("merchant {}", user.as_deref().unwrap_or("of unknown number")),
        Who::Platform { key, .. } => format!("key {key}"),
    };
    let record = id.to_string();
    let reading = Reading { who: &who, fields: &["contact"], record: &record, why: "opened on the recipient's page" };
    let txn = app.db.begin_write().await?;
    tombstones::note(&txn, app, shop, &reading, current.now).await?;
    txn.commit().await?;
    let noted_at = current.now;
    Ok(Some(RecipientContact { platform_key: key, phone, whatsapp_user_id, email, noted_at, noted_as: who }))
}
