//! Wishes about marketing that a platform heard and WhatsApp did not tell us: whose they are, and keeping them.

mod routes;

use sea_orm::{ConnectionTrait, DbErr, EntityTrait};

pub use routes::configure;

use super::message::Entity as Messages;
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Phone, Vault};
use crate::people::{Address, Recipients};

/// How a platform names whoever said it.
#[derive(Clone, Debug)]
enum Whose {
    Message(MessageId),
    Phone(Phone),
    User(String),
}

/// The address a wish is kept under; `None`: the shop has no such message, or its recipient was forgotten.
async fn address(
    db: &impl ConnectionTrait,
    vault: &Vault,
    shop: ShopId,
    whose: Whose,
) -> Result<Option<Address>, DbErr> {
    let id = match whose {
        Whose::Phone(phone) => return Ok(Some(Address::of_phone(vault, shop, &phone))),
        Whose::User(id) => return Ok(Some(Address::of_user(vault, shop, &id))),
        Whose::Message(id) => id,
    };
    let Some(message) = Messages::find_by_id((shop, id)).one(db).await? else { return Ok(None) };
    let recipient = Recipients::find_by_id((shop, message.recipient_id)).one(db).await?;
    Ok(recipient.filter(|one| one.forgotten_at.is_none()).and_then(|one| one.at().next()))
}
