//! `/api/checkouts`: checkouts that lie quiet, for whoever writes to their shoppers.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::list::{Choice, Cursor, page};
use super::view::{AbandonedCheckout, views};
use crate::app::App;
use crate::http::{ApiQuery, Problem, Result};
use crate::shops::{CurrentShop, Scope};

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(list);
}

/// Which checkouts to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Asked {
    /// `abandoned` (all that lie quiet now; the default), `open`, `messaged`, `held_out`, `recovered`, `withdrawn` or
    /// `deleted`.
    #[param(inline)]
    state: Option<Choice>,
    /// What the page before handed out.
    cursor: Option<String>,
    /// 1 to 200; default 50.
    limit: Option<u64>,
}

/// A page of checkouts, the latest abandoned first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct AbandonedPage {
    checkouts: Vec<AbandonedCheckout>,
    next_cursor: Option<String>,
}

/// Checkouts that lie quiet, each with what to call to draw its message, or the message that was drawn. Draw a recipient
/// with its `checkout_token`; once its shopper buys, it is taken back (`checkout.withdrawn`): send nothing then.
#[utoipa::path(operation_id = "abandoned_checkouts", tag = "checkouts", params(Asked), responses((status = 200, body = AbandonedPage)))]
#[get("/api/checkouts")]
async fn list(current: CurrentShop, app: web::Data<App>, asked: ApiQuery<Asked>) -> Result<web::Json<AbandonedPage>> {
    current.may(Scope::Campaigns)?;
    let Asked { state, cursor, limit } = asked.read()?;
    let limit = limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Problem::invalid("limit", "Ask for 1 to 200 checkouts."));
    }
    let wrong = || Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged.");
    let after = cursor.map(|text| Cursor::parse(&text).ok_or_else(wrong)).transpose()?;
    let (shop, db) = (&current.shop, app.db.read());
    let (rows, next_cursor) = page(db, shop.shop_id, state.unwrap_or_default(), after, limit).await?;
    let checkouts = views(db, &app, shop, rows, current.now).await?;
    Ok(web::Json(AbandonedPage { checkouts, next_cursor }))
}
