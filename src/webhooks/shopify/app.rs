//! `app/uninstalled`, `app/scopes_update`.

use serde::Deserialize;

use super::Arrived;
use crate::shopify::Scopes;
use crate::webhooks::told::{Told, Unreadable};

/// The shop left. When it left is in the envelope: a late one must not end a newer installation.
pub fn read_uninstalled(arrived: &Arrived<'_>, _: &str) -> Result<Told, Unreadable> {
    Ok(Told::Uninstalled(arrived.at))
}

/// The merchant granted or took back scopes: all that are granted now, as a list or as comma text.
pub fn read_scopes(arrived: &Arrived<'_>, body: &str) -> Result<Told, Unreadable> {
    #[derive(Deserialize)]
    struct Update {
        current: Current,
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
    Ok(Told::Scopes(arrived.at, Scopes::parse(&text)))
}
