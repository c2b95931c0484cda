//! `discounts/update`, `discounts/delete`: somebody changed or deleted a discount; of any app, or the merchant's own.
//! No payload says what changed, so ours are asked for.

use serde::Deserialize;

use super::Arrived;
use super::lenient;
use crate::codes::Heard;
use crate::webhooks::told::{Told, Unreadable};

/// A discount was changed.
pub fn read_update(_: &Arrived<'_>, body: &str) -> Result<Told, Unreadable> {
    Ok(told(lenient::payload(body)?, |_| Heard::Updated))
}

/// A discount was deleted.
pub fn read_delete(arrived: &Arrived<'_>, body: &str) -> Result<Told, Unreadable> {
    let at = |payload: &Payload| arrived.instant(payload.deleted_at.as_deref()).unwrap_or(arrived.at);
    Ok(told(lenient::payload(body)?, |payload| Heard::Deleted(at(payload))))
}

/// What we read of a discount.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Payload {
    #[serde(deserialize_with = "lenient::text")]
    admin_graphql_api_id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    deleted_at: Option<String>,
}

fn told(payload: Payload, heard: impl Fn(&Payload) -> Heard) -> Told {
    let heard = heard(&payload);
    match payload.admin_graphql_api_id {
        Some(gid) => Told::Discount(gid, heard),
        None => Told::Nothing("the discount has no id".to_owned()),
    }
}
