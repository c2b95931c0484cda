//! `customers/data_request`, `customers/redact`, `shop/redact`: put on record whole; the privacy room acts on them.

use super::Arrived;
use crate::tombstones::{Asked, Kind};
use crate::webhooks::parsed::{Parsed, Unreadable};

/// A shopper wants to see what is held about them.
pub fn read_data_request(arrived: &Arrived<'_>, body: &str) -> Result<Parsed, Unreadable> {
    Ok(asked(arrived, Kind::DataRequest, body))
}

/// A shopper is to be forgotten.
pub fn read_customer_redact(arrived: &Arrived<'_>, body: &str) -> Result<Parsed, Unreadable> {
    Ok(asked(arrived, Kind::CustomerRedact, body))
}

/// A whole shop is to be forgotten.
pub fn read_shop_redact(arrived: &Arrived<'_>, body: &str) -> Result<Parsed, Unreadable> {
    Ok(asked(arrived, Kind::ShopRedact, body))
}

/// What it says is read when it is acted on: a request that cannot be read must be on record all the same.
fn asked(arrived: &Arrived<'_>, kind: Kind, body: &str) -> Parsed {
    Parsed::Privacy(Asked {
        id: arrived.delivery_id.to_owned(),
        kind,
        received_at: arrived.received_at,
        payload: body.as_bytes().to_vec(),
    })
}
