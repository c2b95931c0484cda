//! `GET /api/reports/claims`.

use actix_web::{get, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::report::{ClaimsReport, claims as read_claims};
use crate::app::App;
use crate::attribution::survey_room;
use crate::http::{ApiQuery, Result};
use crate::reports::period::{Period, ReportQuery};
use crate::shops::{CurrentShop, Scope};

/// Mounts it.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(claims);
}

/// Which days to look at.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ClaimsQuery {
    /// First day, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    from: Option<String>,
    /// Last day, included; default today.
    to: Option<String>,
}

/// What each way of counting claims of the same orders, who else claims them, and what tools claim that look at visits
/// alone. Nothing is written; it takes seconds at most, and says how far it came.
#[utoipa::path(operation_id = "claims", tag = "reports", params(ClaimsQuery), responses((status = 200, body = ClaimsReport)))]
#[get("/api/reports/claims")]
async fn claims(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<ClaimsQuery>,
) -> Result<web::Json<ClaimsReport>> {
    current.may(Scope::Reports)?;
    let ClaimsQuery { from, to } = asked.read()?;
    let asked = ReportQuery { from, to, ..ReportQuery::default() };
    let period = Period::read(app.db.read(), &asked, &current.shop, current.now).await?;
    let _room = survey_room()?;
    Ok(web::Json(read_claims(app.db.read(), &current.shop, &period, current.now).await?))
}
