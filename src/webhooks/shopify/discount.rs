//! `discounts/update`, `discounts/delete`: somebody changed or deleted a discount; of any app, or the merchant's own.
//! No payload says what changed, and which of the two topics it is stands in no signed place: ours are asked for.

use serde::Deserialize;

use super::Arrived;
use super::lenient;
use crate::webhooks::parsed::{Parsed, Unreadable};

/// Something happened to a discount.
pub fn read(_: &Arrived<'_>, body: &str) -> Result<Parsed, Unreadable> {
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Payload {
        #[serde(deserialize_with = "lenient::text")]
        admin_graphql_api_id: Option<String>,
    }
    let payload: Payload = lenient::payload(body)?;
    Ok(payload
        .admin_graphql_api_id
        .map_or_else(|| Parsed::Nothing("the discount has no id".to_owned()), Parsed::Discount))
}
