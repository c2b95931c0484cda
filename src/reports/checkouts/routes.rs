//! `GET /api/reports/checkouts`.

use actix_web::{get, web};
use serde::Deserialize;
use utoipa_actix_web::service_config::ServiceConfig;

use super::report::{CheckoutsReport, report};
use crate::app::App;
use crate::http::{ApiQuery, Result};
use crate::reports::period::{Period, ReportQuery};
use crate::shops::{CurrentShop, Scope};

/// Mounts it.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(checkouts);
}

/// Which days to look at.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CheckoutsQuery {
    /// First day, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    from: Option<String>,
    /// Last day, included; default today.
    to: Option<String>,
}

/// Checkouts abandoned in a period and what became of them; orders of the period that completed one, by evidence. What
/// messages brought back beyond what comes back by itself stands in `/api/reports/recovery`.
#[utoipa::path(operation_id = "checkouts_report", tag = "reports", params(CheckoutsQuery), responses((status = 200, body = CheckoutsReport)))]
#[get("/api/reports/checkouts")]
async fn checkouts(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<CheckoutsQuery>,
) -> Result<web::Json<CheckoutsReport>> {
    current.may(Scope::Reports)?;
    let CheckoutsQuery { from, to } = asked.read()?;
    let asked = ReportQuery { from, to, ..ReportQuery::default() };
    let period = Period::read(app.db.read(), &asked, &current.shop, current.now).await?;
    Ok(web::Json(report(app.db.read(), &current.shop, &period).await?))
}
