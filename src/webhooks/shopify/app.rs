//! `app/uninstalled`, `app/scopes_update`.

use serde::Deserialize;

use super::{Arrived, lenient};
use crate::shopify::Scopes;
use crate::shops::Left;
use crate::webhooks::parsed::{Parsed, Unreadable};

/// The shop left, or did once: its body does not say when, and nobody signed what the envelope says.
pub fn read_uninstalled(arrived: &Arrived<'_>, _: &str) -> Result<Parsed, Unreadable> {
    let (heard_at, said_at) = (arrived.received_at, arrived.at.min(arrived.received_at));
    Ok(Parsed::Uninstalled(Left { heard_at, said_at }))
}

/// The merchant granted or took back scopes: all that are granted now, as a list or as comma text. When stands in the
/// payload, which is signed; the envelope, which is not, counts only where the payload is silent.
pub fn read_scopes(arrived: &Arrived<'_>, body: &str) -> Result<Parsed, Unreadable> {
    #[derive(Deserialize)]
    struct Update {
        current: Current,
        #[serde(default, deserialize_with = "lenient::text")]
        updated_at: Option<String>,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Current {
        List(Vec<String>),
        Text(String),
    }
    let update: Update =
        serde_json::from_str(body).map_err(|_| Unreadable::because("the scopes that are granted now are not in it"))?;
    let text = match update.current {
        Current::List(scopes) => scopes.join(","),
        Current::Text(text) => text,
    };
    let at = arrived.instant(update.updated_at.as_deref()).unwrap_or(arrived.at);
    Ok(Parsed::Scopes(at.min(arrived.received_at), Scopes::parse(&text)))
}
