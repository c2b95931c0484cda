//! `number`: whose a WhatsApp number is.

use anyhow::Context;
use clap::Args;
use sea_orm::{EntityTrait, QueryFilter};

use super::start;
use crate::shops::{SHOP, Shop, Shops, give_number, shop_of_number};

/// Say whose a WhatsApp number is, or decide it.
///
/// A number becomes a shop's by itself, once a status that Meta signed comes from it with callback data of that shop. This
/// is for senders who give WhatsApp no callback data, and for two shops that claim the same number.
#[derive(Debug, Args)]
pub struct Number {
    /// Meta's `phone_number_id`, digits only.
    phone_number_id: String,
    /// Give it to the shop with this myshopify.com domain. Without it, only say whose it is.
    #[arg(long)]
    shop: Option<String>,
}

impl Number {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let number = self.phone_number_id.as_str();
        let digits = !number.is_empty() && number.len() <= 32 && number.bytes().all(|b| b.is_ascii_digit());
        anyhow::ensure!(digits, "`{number}` is not a phone number id: Meta shows it as digits only");
        let app = start::open_unmigrated().await?;
        if let Some(domain) = &self.shop {
            let shop = Shops::find().filter(SHOP.domain.eq(domain)).one(app.db.read()).await?;
            let shop =
                shop.filter(Shop::installed).with_context(|| format!("{domain} has not installed the app here"))?;
            let txn = app.db.begin_write().await?;
            give_number(&txn, shop.shop_id, number).await?;
            txn.commit().await?;
        }
        match shop_of_number(app.db.read(), number).await? {
            Some(owner) => {
                let shop = Shops::find_by_id(owner).one(app.db.read()).await?;
                println!("{number}: {}", shop.map_or_else(|| owner.to_string(), |shop| shop.domain));
            }
            None => println!("{number}: nobody has shown that it is theirs; `--shop` decides"),
        }
        Ok(())
    }
}
