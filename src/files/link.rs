//! The address a file is fetched at: signed, for one file, and only for a while. Who has it needs nothing else, so it is
//! given only to who may see the file, and is kept nowhere.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Serialize;
use subtle::ConstantTimeEq;

use super::file::{FileId, Model as File};
use crate::app::App;
use crate::kernel::id::ShopId;
use crate::kernel::{Timestamp, Vault};

/// How long a link is good that somebody asked for; it ends with an hour of the clock, so that it is the same for a while.
const AN_HOUR: i64 = 3_600;

/// How long one is good that was sent: whoever is told may be away for the night.
const A_DAY: i64 = 86_400;

/// A link.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = FileLink)]
pub struct Link {
    /// The address: whoever has it has the file.
    pub url: String,
    /// When it stops working.
    #[schema(value_type = String, format = "date-time")]
    pub expires_at: Timestamp,
}

impl Link {
    /// For whoever asks now; good for one to two hours, and never longer than the file.
    pub fn asked(app: &App, file: &File, now: Timestamp) -> Option<Self> {
        Self::until(app, file, Timestamp::from_seconds((now.seconds() / AN_HOUR + 2) * AN_HOUR), now)
    }

    /// For whoever is told.
    pub fn told(app: &App, file: &File, now: Timestamp) -> Option<Self> {
        Self::until(app, file, Timestamp::from_seconds(now.plus_seconds(A_DAY).seconds()), now)
    }

    fn until(app: &App, file: &File, end: Timestamp, now: Timestamp) -> Option<Self> {
        let last = file.expires_at.filter(|_| file.is_there(now))?;
        let end = end.min(Timestamp::from_seconds(last.seconds()));
        let (shop, id) = (file.shop_id, file.id);
        let signature = sign(&app.vault, shop, id, end);
        let (host, until) = (&app.config.server.public_url, end.seconds());
        let url = format!("{host}/download/{shop}/{id}?until={until}&signature={signature}");
        Some(Self { url, expires_at: end })
    }
}

fn sign(vault: &Vault, shop: ShopId, file: FileId, until: Timestamp) -> String {
    let (file, until) = (file.0.into_bytes(), until.seconds().to_be_bytes());
    BASE64.encode(vault.keyed_hash(shop, "file link", &[&file, &until]))
}

/// Whether we signed a link to this file of this shop until this instant. Reads no database.
pub(super) fn proves(vault: &Vault, (shop, file): (ShopId, FileId), until: Timestamp, signature: &str) -> bool {
    sign(vault, shop, file, until).as_bytes().ct_eq(signature.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Chance;

    #[test]
    fn a_signature_is_of_one_shop_one_file_and_one_instant() {
        let vault = Vault::new([1; 32], None, Chance::seeded(1)).with_pepper([9; 32]);
        let (file, other) = (FileId(uuid::Uuid::from_u128(1)), FileId(uuid::Uuid::from_u128(2)));
        let until = Timestamp::from_seconds(100);
        let good = sign(&vault, ShopId(1), file, until);
        assert!(proves(&vault, (ShopId(1), file), until, &good));
        assert!(!proves(&vault, (ShopId(2), file), until, &good));
        assert!(!proves(&vault, (ShopId(1), other), until, &good));
        assert!(!proves(&vault, (ShopId(1), file), until.plus_seconds(1), &good));
        assert!(!proves(&vault, (ShopId(1), file), until, "") && !proves(&vault, (ShopId(1), file), until, &good[1..]));
    }
}
