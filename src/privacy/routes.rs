//! `GET /api/privacy/requests`: what shoppers asked of this shop, and by when it must be done.

use actix_web::{get, web};
use sea_orm::{QueryOrder, QuerySelect};
use serde::Serialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::request::{COLUMN, Entity, Kind};
use crate::app::App;
use crate::http::Result;
use crate::kernel::Timestamp;
use crate::shops::CurrentShop;

/// The page shows the newest; there are a handful a year.
const SHOWN: u64 = 200;

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(list);
}

/// One request, without the person it is about.
#[derive(Serialize, utoipa::ToSchema)]
struct RequestView {
    id: String,
    kind: Kind,
    #[schema(value_type = String, format = "date-time")]
    received_at: Timestamp,
    /// The last day the law gives.
    #[schema(value_type = String, format = "date-time")]
    due_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    done_at: Option<Timestamp>,
}

/// The newest requests, newest first.
#[derive(Serialize, utoipa::ToSchema)]
struct RequestList {
    requests: Vec<RequestView>,
}

/// Requests of shoppers to see or erase their data.
#[utoipa::path(tag = "privacy", responses((status = 200, body = RequestList)))]
#[get("/api/privacy/requests")]
async fn list(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<RequestList>> {
    current.merchant_only()?;
    let newest = Entity::of(current.shop.shop_id).order_by_desc(COLUMN.received_at).order_by_desc(COLUMN.id);
    let rows = newest.limit(SHOWN).all(app.db.read()).await?;
    let requests = rows.into_iter().map(|row| RequestView {
        id: row.id,
        kind: row.kind,
        received_at: row.received_at,
        due_at: row.due_at,
        done_at: row.done_at,
    });
    Ok(web::Json(RequestList { requests: requests.collect() }))
}
