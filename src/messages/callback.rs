//! The opaque text a sender gives WhatsApp with a message, and that comes back with every status.
//!
//! `<shop>-<message><tag>`: it names shop and message, so that a status finds its row by key. Any app subscribed to the
//! account can read it, so it holds nothing personal; the keyed tag keeps one merchant's sender from naming another's
//! message.

use uuid::Uuid;

use crate::kernel::Vault;
use crate::kernel::id::{MessageId, ShopId, base62, from_base62};

const ID: usize = 22;
const TAG: usize = 10;

/// The callback data of a message.
pub fn make(vault: &Vault, shop: ShopId, message: MessageId) -> String {
    let shop_part = base62(u128::from(shop.0.unsigned_abs()));
    format!("{shop_part}-{:0>ID$}{}", base62(message.0.as_u128()), tag(vault, shop, message))
}

/// Reads what [`make`] wrote; `None` for anybody else's text.
pub fn read(vault: &Vault, text: &str) -> Option<(ShopId, MessageId)> {
    let (shop, rest) = text.split_once('-')?;
    if rest.len() != ID + TAG || !rest.is_ascii() {
        return None;
    }
    let (id, given) = rest.split_at(ID);
    let shop = ShopId(i64::try_from(from_base62(shop)?).ok()?);
    let message = MessageId(Uuid::from_u128(from_base62(id)?));
    let equal: bool = subtle::ConstantTimeEq::ct_eq(tag(vault, shop, message).as_bytes(), given.as_bytes()).into();
    equal.then_some((shop, message))
}

fn tag(vault: &Vault, shop: ShopId, message: MessageId) -> String {
    let digest = vault.keyed_hash(shop, "callback", &[message.0.as_bytes()]);
    let number = digest[..8].iter().fold(0_u128, |number, &byte| (number << 8) | u128::from(byte));
    format!("{:0>TAG$}", base62(number % 62_u128.pow(TAG as u32)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::{Chance, Timestamp};

    #[test]
    fn reads_back_and_refuses_forgeries() {
        let vault = Vault::new([1; 32], None, Chance::seeded(1)).with_pepper([2; 32]);
        let message = MessageId::new(&Chance::seeded(2), Timestamp::from_seconds(1));
        let text = make(&vault, ShopId(77), message);
        assert!(text.len() <= 512);
        assert_eq!(read(&vault, &text), Some((ShopId(77), message)));
        let other = make(&vault, ShopId(78), message);
        let moved = format!("{}-{}", other.split_once('-').unwrap().0, text.split_once('-').unwrap().1);
        assert_eq!(read(&vault, &moved), None);
        for wrong in ["", "-", "msg-42", "1-2"] {
            assert_eq!(read(&vault, wrong), None);
        }
    }
}
