//! `app/uninstalled`, `app/scopes_update`.

use super::Arrived;
use crate::webhooks::told::{Told, Unreadable};

/// The shop left. When it left is in the envelope: a late one must not end a newer installation.
pub fn read_uninstalled(arrived: &Arrived<'_>, _: &str) -> Result<Told, Unreadable> {
    Ok(Told::Uninstalled(arrived.at))
}

/// The merchant granted or took back scopes.
pub fn read_scopes(_: &Arrived<'_>, _: &str) -> Result<Told, Unreadable> {
    Ok(Told::Nothing("scopes are read from the token that comes with the next opening of the app".to_owned()))
}
