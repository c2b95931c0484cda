//! `/api/reports/agreement…`: ours beside Shopify's own net sales, day by day, and reading again what may be missing.

use actix_web::{HttpResponse, get, post, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::compare::{Agreement, Verdict, agreement as read_agreement};
use super::suspects::MOST;
use crate::app::App;
use crate::catchup;
use crate::http::{ApiJson, ApiQuery, Problem, Result};
use crate::kernel::Day;
use crate::orders::OrderId;
use crate::reports::period::{Period, ReportQuery};
use crate::shops::{CurrentShop, Scope};

/// Mounts them.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(agreement).service(read_days).service(read_again);
}

/// Which days to compare.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct AgreementQuery {
    /// First day, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    from: Option<String>,
    /// Last day, included; default today.
    to: Option<String>,
}

impl AgreementQuery {
    async fn period(self, app: &App, current: &CurrentShop) -> Result<Period> {
        let asked = ReportQuery { from: self.from, to: self.to, ..ReportQuery::default() };
        Period::read(app.db.read(), &asked, &current.shop, current.now).await
    }
}

/// Shopify's own net sales of every day beside ours: ours = Shopify's + the named lines + what is unexplained. Needs the
/// optional scope `read_reports`; without it `standing` says so.
#[utoipa::path(operation_id = "agreement", tag = "reports", params(AgreementQuery), responses((status = 200, body = Agreement)))]
#[get("/api/reports/agreement")]
async fn agreement(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<AgreementQuery>,
) -> Result<web::Json<Agreement>> {
    current.may(Scope::Reports)?;
    let period = asked.read()?.period(&app, &current).await?;
    Ok(web::Json(read_agreement(app.db.read(), &app, &current.shop, &period).await?))
}

/// Days whose figure is to be read.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct DaysWanted {
    /// First day, `YYYY-MM-DD` in the shop's zone.
    from: String,
    /// Last day, included.
    to: String,
}

/// What is read.
#[derive(Serialize, utoipa::ToSchema)]
struct DaysAsked {
    days: i32,
}

/// Reads Shopify's own net sales of these days anew. The last sixty days are read every day anyhow.
#[utoipa::path(
    operation_id = "read_agreement_days",
    tag = "reports",
    request_body = DaysWanted,
    responses((status = 202, body = DaysAsked))
)]
#[post("/api/reports/agreement/read")]
async fn read_days(current: CurrentShop, app: web::Data<App>, wanted: ApiJson<DaysWanted>) -> Result<HttpResponse> {
    current.merchant_only()?;
    let DaysWanted { from, to } = wanted.read()?;
    let period = AgreementQuery { from: Some(from), to: Some(to) }.period(&app, &current).await?;
    if !catchup::reads_reports(&current.shop) {
        return Err(Problem::conflict("scope_missing", "The merchant has not allowed read_reports."));
    }
    let txn = app.db.begin_write().await?;
    catchup::ask_for_days(&txn, &app, current.shop.shop_id, (period.from, period.to), current.now).await?;
    txn.commit().await?;
    app.bell.notify_one();
    Ok(HttpResponse::Accepted().json(DaysAsked { days: period.to.0 - period.from.0 + 1 }))
}

/// What is read again.
#[derive(Serialize, utoipa::ToSchema)]
struct ReadAgainView {
    /// Of how many orders Shopify's own book of sales is read again.
    orders: u64,
}

/// Reads the sales of the orders anew that a day's difference can come from, and Shopify's figure of that day with them.
#[utoipa::path(operation_id = "read_agreement_again", tag = "reports", responses((status = 202, body = ReadAgainView)))]
#[post("/api/reports/agreement/{day}/read-again")]
async fn read_again(current: CurrentShop, app: web::Data<App>, day: web::Path<String>) -> Result<HttpResponse> {
    current.merchant_only()?;
    let day = Day::parse(&day).ok_or_else(|| Problem::not_found("day"))?.to_string();
    let asked = AgreementQuery { from: Some(day.clone()), to: Some(day) };
    let period = asked.period(&app, &current).await?;
    let shop = &current.shop;
    let found = read_agreement(app.db.read(), &app, shop, &period).await?;
    let day = found.days.into_iter().next().filter(|day| day.verdict == Verdict::Differs);
    let day = day.ok_or_else(|| Problem::conflict("nothing_differs", "Nothing of this day is unexplained."))?;
    let orders: Vec<OrderId> =
        day.orders.unwrap_or_default().iter().map(|order| order.shopify_order_id).take(MOST).collect();
    let txn = app.db.begin_write().await?;
    let orders = catchup::read_sales_again(&txn, &app, shop.shop_id, &orders, current.now).await?;
    if catchup::reads_reports(shop) {
        catchup::ask_for_days(&txn, &app, shop.shop_id, (day.day, day.day), current.now).await?;
    }
    txn.commit().await?;
    app.bell.notify_one();
    Ok(HttpResponse::Accepted().json(ReadAgainView { orders }))
}
