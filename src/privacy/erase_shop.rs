//! `shop/redact`: erasing a whole shop, 48 hours after we heard that it left, by our clock. It needs no token; the shop
//! is gone, and Shopify said so when it was asked: at `app/uninstalled`, or here when that was lost.

use migrations::TENANT_TABLES;
use sea_orm::sea_query::Expr;
use sea_orm::{DbErr, EntityTrait};

use super::outcome::{close, of};
use crate::app::App;
use crate::jobs::{JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shops::{self, Shop, Shops, Standing};
use crate::tombstones::{Request, RequestColumn, Requests, State};

/// Shopify asks no sooner than this after a shop left: an earlier request is about an earlier leaving, and waits.
const AFTER_LEAVING_SECONDS: i64 = 48 * 3_600;

/// How long a shop is left alone of which Shopify cannot say whether it left.
const ASK_AGAIN_SECONDS: i64 = 86_400;

/// With its repeats and the latest deliveries seen, within five days.
const ASKED_WITHIN_SECONDS: i64 = 5 * 86_400;

/// Rows of these stay while the erasure runs: the request that proves it, and the job that does it.
fn stays(table: &str) -> Option<&'static str> {
    match table {
        "privacy_requests" => Some("kind = 'shop_redact'"),
        "jobs" => Some("kind = 'rights.fulfil'"),
        _ => None,
    }
}

/// Erases the shop of a request, a thousand rows at a time; begun again, it goes on where it stopped.
pub async fn run(app: &App, request: &Request, now: Timestamp) -> Result<Next, JobError> {
    let id = request.shop_id;
    if let Some(shop) = Shops::find_by_id(id).one(app.db.write()).await? {
        if let Some(reason) = came_back(&shop, request) {
            return close(app.db.write(), request, State::Ignored, reason, now).await;
        }
        let left_at = match shop.uninstalled_at {
            Some(left_at) => left_at,
            None => match ask(app, &shop, request, now).await? {
                Some(left_at) => left_at,
                None => {
                    let reason = "Shopify still lets us in: the shop is installed, and its data in use".to_owned();
                    return close(app.db.write(), request, State::Ignored, reason, now).await;
                }
            },
        };
        let earliest = left_at.plus_seconds(AFTER_LEAVING_SECONDS);
        if now < earliest {
            return wait(app, request, earliest).await;
        }
    }
    let update = Requests::update_many().col_expr(RequestColumn::State, Expr::value(State::Erasing));
    of(update, request).exec(app.db.write()).await?;
    let mut rows = 0;
    // Children stand after their parents in the list.
    for table in TENANT_TABLES.iter().rev() {
        rows += match empty(app, table, id, request).await? {
            Ok(rows) => rows,
            Err(reason) => return close(app.db.write(), request, State::Ignored, reason, now).await,
        };
    }
    shops::strike_off(app.db.write(), id).await?;
    let done = close(app.db.write(), request, State::Done, format!("The shop was erased: {rows} rows."), now).await?;
    app.db.scrub(TENANT_TABLES).await;
    tracing::info!(shop.id = %id, rows, "a shop was erased");
    Ok(done)
}

async fn wait(app: &App, request: &Request, earliest: Timestamp) -> Result<Next, JobError> {
    let reason = format!("The shop left less than 48 hours ago; it is erased on {earliest}, unless it comes back.");
    let update = Requests::update_many().col_expr(RequestColumn::Reason, Expr::value(reason));
    of(update, request).exec(app.db.write()).await?;
    Ok(Next::At(earliest))
}

/// Empties a table of one shop; the reason to stop, when the shop came back meanwhile.
async fn empty(app: &App, table: &'static str, shop: ShopId, request: &Request) -> Result<Result<u64, String>, DbErr> {
    let mut rows = 0;
    loop {
        let txn = app.db.begin_write().await?;
        if let Some(reason) = Shops::find_by_id(shop).one(&txn).await?.and_then(|shop| came_back(&shop, request)) {
            return Ok(Err(reason));
        }
        let gone = app.db.delete_some(&txn, table, shop, stays(table)).await?;
        txn.commit().await?;
        rows += gone;
        if gone == 0 {
            return Ok(Ok(rows));
        }
    }
}

/// Why a shop is not erased: it installed us again since the leaving that this request is about.
fn came_back(shop: &Shop, request: &Request) -> Option<String> {
    let left_by = request.received_at.plus_seconds(-ASKED_WITHIN_SECONDS);
    let back = shop.installed() && shop.installed_at >= left_by;
    back.then(|| {
        format!("the shop installed the app again on {}, after it left; its data is in use", shop.installed_at)
    })
}

/// An installation older than that which nobody told us had ended: either its `app/uninstalled` was lost, or the
/// request is an old one. Shopify knows. Since when the shop is gone, by our clock; `None`: it is there.
async fn ask(app: &App, shop: &Shop, request: &Request, now: Timestamp) -> Result<Option<Timestamp>, JobError> {
    let left_by = request.received_at.plus_seconds(-AFTER_LEAVING_SECONDS);
    let gone = match shops::standing(app, shop, now).await? {
        Standing::Installed => return Ok(None),
        Standing::Gone => true,
        Standing::Revoked => !shops::opened_since(app, shop.shop_id, left_by).await?,
        Standing::Unknown => false,
    };
    if gone && shops::uninstall(app, shop, request.received_at, now).await? {
        return Ok(Some(request.received_at));
    }
    let reason = "Shopify could not be asked whether the shop left; nothing is erased on a guess.";
    Err(JobError::Pause(reason.to_owned(), ASK_AGAIN_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::Job;
    use crate::privacy::fulfil::Fulfil;

    #[test]
    fn what_proves_the_erasure_outlives_it() {
        assert!(stays("jobs").unwrap().contains(Fulfil::NAME));
        assert!(TENANT_TABLES.iter().filter(|table| stays(table).is_some()).count() == 2);
    }
}
