//! A shop leaves: its tokens are void already, ours go too, its API keys end, and its link domain and its WhatsApp
//! numbers are free for whoever shows next that they are theirs. Its data waits for `shop/redact`.
//!
//! `app/uninstalled` is only the reason to ask: its body is genuine, when it was written is not signed, and the shop may
//! be back since. [`Left`] asks Shopify, and waits for as long as nobody answers.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::standing::{Standing, standing};
use super::{api_key, claim, condition, number, shop, token};
use crate::app::App;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// How long after a farewell Shopify is asked once more, when it still lets us in: its own news may be slow.
const ASK_AGAIN_SECONDS: i64 = 3_600;

/// How long a shop is left alone that cannot be asked.
const LEAVE_ALONE_SECONDS: i64 = 86_400;

/// The job: a shop said farewell; Shopify is asked whether it is true.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Left {
    /// When we heard of it, by our clock.
    pub heard_at: Timestamp,
    /// When it happened, as far as the envelope says. Nobody signed that.
    pub said_at: Timestamp,
}

impl Left {
    /// Promises to ask, once however often it is said.
    pub async fn enqueue(
        self,
        txn: &impl sea_orm::ConnectionTrait,
        app: &App,
        shop: ShopId,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        jobs::enqueue(txn, &app.chance, shop, &self, now, now).await
    }
}

impl Job for Left {
    const NAME: &'static str = "shops.left";
    // Shopify may be away for long, and guessing is worse than waiting.
    const MAX_ATTEMPTS: i32 = 1_000;

    fn key(&self) -> Option<String> {
        Some("left".to_owned())
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let known = shop::Entity::find_by_id(shop).one(app.db.write()).await?;
        let Some(shop) = known.filter(|shop| shop.installed()) else { return Ok(Next::Done) };
        match standing(&app, &shop, now).await? {
            Standing::Installed => {
                let later = self.heard_at.plus_seconds(ASK_AGAIN_SECONDS);
                tracing::info!(shop.id = %shop.shop_id, "a farewell is not true: Shopify still lets us in");
                return Ok(if now < later { Next::At(later) } else { Next::Done });
            }
            Standing::Unknown => {
                let reason = "Shopify cannot be asked whether the app was removed: there is no token for this shop.";
                return Err(JobError::Pause(reason.to_owned(), LEAVE_ALONE_SECONDS));
            }
            // The app was opened after the farewell: it was added again, and the next opening brings a new token.
            Standing::Revoked if opened_since(&app, shop.shop_id, self.said_at).await? => return Ok(Next::Done),
            Standing::Gone | Standing::Revoked => {}
        }
        uninstall(&app, &shop, self.heard_at, now).await?;
        Ok(Next::Done)
    }
}

/// Whether somebody opened the app after `at`, with an ID token of Shopify's to prove it.
pub async fn opened_since(app: &App, shop: ShopId, at: Timestamp) -> Result<bool, DbErr> {
    Ok(condition::of(app.db.read(), shop).await?.opened_at.is_some_and(|opened_at| opened_at > at))
}

/// Marks a shop of which Shopify said that the app is gone as uninstalled since `heard_at`, by our clock. `false`: it
/// came back while Shopify was asked.
pub async fn uninstall(app: &App, asked: &shop::Model, heard_at: Timestamp, now: Timestamp) -> Result<bool, DbErr> {
    let id = asked.shop_id;
    let txn = app.db.begin_write().await?;
    let left_at = heard_at.max(asked.installed_at);
    let left = shop::Entity::update_many()
        .col_expr(shop::Column::UninstalledAt, Expr::value(left_at))
        .col_expr(shop::Column::LinkDomain, Expr::value(Option::<String>::None))
        .col_expr(shop::Column::LinkDomainRestsAt, Expr::value(Option::<Timestamp>::None))
        .filter(shop::COLUMN.shop_id.eq(id))
        .filter(shop::COLUMN.installed_at.eq(asked.installed_at))
        .filter(shop::COLUMN.uninstalled_at.is_null())
        .exec(&txn)
        .await?
        .rows_affected;
    // Exchanged just now: whoever opened the app is inside.
    let exchanged =
        token::of(&txn, id).await?.is_some_and(|kept| kept.exchanged_at >= now && kept.exchanged_at > left_at);
    if left == 0 || exchanged {
        txn.rollback().await?;
        return Ok(false);
    }
    token::Entity::delete_many().filter(token::COLUMN.shop_id.eq(id)).exec(&txn).await?;
    api_key::end(&txn, id, now).await?;
    // What it claims stays; whoever sends through a number next shows whose it is.
    number::keep_only(&txn, id, &[]).await?;
    claim::doubt_all(&txn, id).await?;
    txn.commit().await?;
    app.db.changed();
    tracing::info!(shop.id = %id, "a shop removed the app");
    Ok(true)
}
