//! `/api/reports/…`, `/api/orders…`, `GET /api/campaigns…`: everything the page shows, as JSON.

use actix_web::{get, web};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::campaigns::{CampaignItem, CampaignPage, campaign_page, items};
use super::checkout::{CheckoutStory, story};
use super::code_lookup::{CodeView, look_up_code};
use super::cohorts::{By, CohortsReport, cohorts as read_cohorts};
use super::costs::{Costs, costs as costs_report};
use super::export;
use super::kpis::{By as KpiBy, Kpis, Position, Question, kpis as read_kpis};
use super::ledger::{Ledger, ledger as read_ledger};
use super::links::{LinkCursor, LinksReport, links_report};
use super::measures::Measure;
use super::opt_outs::{OptOuts, opt_outs as opt_outs_report};
use super::orders::{Choice, Cursor, OrderPage, order_page};
use super::paths::{JourneysReport, journeys as read_journeys};
use super::period::{Period, ReportQuery};
use super::receipt::{ReceiptView, receipt as read_receipt};
use super::summary::{Summary, summary as read_summary};
use super::timeline::{HitCursor, Timeline, timeline as read_timeline};
use crate::app::App;
use crate::attribution::{DEFAULT_POLICY, Line, Policy, policies, survey_room};
use crate::campaigns::{self, CampaignId, CampaignView};
use crate::codes::{self, DriftNotice};
use crate::http::{ApiQuery, Problem, Result};
use crate::kernel::id::MessageId;
use crate::kernel::{Day, Timestamp};
use crate::orders::OrderId;
use crate::shops::{CurrentShop, Scope};

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(summary).service(ledger).service(receipt).service(orders).service(list).service(show).service(code);
    super::agreement::configure(routes);
    super::checkouts::configure(routes);
    super::claims::configure(routes);
    super::codes::configure(routes);
    super::messages::configure(routes);
    super::search::configure(routes);
    routes
        .service(links)
        .service(timeline)
        .service(journeys)
        .service(cohorts)
        .service(checkout)
        .service(costs)
        .service(opt_outs)
        .service(kpis);
    export::configure(routes);
}

/// The overview of a period.
#[utoipa::path(tag = "reports", params(ReportQuery), responses((status = 200, body = Summary)))]
#[get("/api/reports/summary")]
async fn summary(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<ReportQuery>,
) -> Result<web::Json<Summary>> {
    current.may(Scope::Reports)?;
    let period = Period::read(app.db.read(), &asked.read()?, &current.shop, current.now).await?;
    // In one moment: what is counted of the hits and what is not yet are read one after the other.
    let moment = app.db.begin_read().await?;
    Ok(web::Json(read_summary(&moment, &current.shop, &period, current.now).await?))
}

/// Where every order stands; the lines sum to net sales exactly.
#[utoipa::path(tag = "reports", params(ReportQuery), responses((status = 200, body = Ledger)))]
#[get("/api/reports/ledger")]
async fn ledger(current: CurrentShop, app: web::Data<App>, asked: ApiQuery<ReportQuery>) -> Result<web::Json<Ledger>> {
    current.may(Scope::Reports)?;
    let period = Period::read(app.db.read(), &asked.read()?, &current.shop, current.now).await?;
    Ok(web::Json(read_ledger(app.db.read(), &current.shop, &period).await?))
}

/// Which indicators.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct KpisQuery {
    /// First day, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    from: Option<String>,
    /// Last day, included; default today.
    to: Option<String>,
    /// Which rules of evidence; default `default`. `name@version` asks what an earlier version said.
    policy: Option<String>,
    /// Show what was true of orders at this instant (RFC 3339).
    as_of: Option<String>,
    /// Only this campaign.
    campaign: Option<String>,
    /// Only campaigns with this word of yours for their message (`link.message`); empty: those without one.
    template: Option<String>,
    /// Only campaigns with this word of yours for the step of a conversation (`link.step`); empty: those without one.
    step: Option<String>,
    /// Tell the same of each group as well; `code` takes a campaign.
    #[param(inline)]
    by: Option<KpiBy>,
    /// What the page of groups before handed out.
    cursor: Option<String>,
}

/// Rates, revenue per message, cost and return of a period, each with its definition, its counts, its limits and what the
/// period before said; with `by`, of its days, months, campaigns, templates, steps, links or codes as
/// well.
#[utoipa::path(operation_id = "kpis", tag = "reports", params(KpisQuery), responses((status = 200, body = Kpis)))]
#[get("/api/reports/kpis")]
async fn kpis(current: CurrentShop, app: web::Data<App>, asked: ApiQuery<KpisQuery>) -> Result<web::Json<Kpis>> {
    current.may(Scope::Reports)?;
    let KpisQuery { from, to, policy, as_of, campaign, template, step, by, cursor } = asked.read()?;
    if by == Some(KpiBy::Code) && campaign.is_none() {
        return Err(Problem::invalid("campaign", "Name the campaign whose codes are to be told apart."));
    }
    let asked = ReportQuery { from, to, policy, as_of, campaign, model: None };
    let period = Period::read(app.db.read(), &asked, &current.shop, current.now).await?;
    let wrong = || Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged, with the same `by`.");
    let after = cursor.map(|text| Position::parse(&text).filter(|_| by.is_some()).ok_or_else(wrong)).transpose()?;
    let asked = Question { period, template, step, by, after };
    let moment = app.db.begin_read().await?;
    Ok(web::Json(read_kpis(&moment, &current.shop, &asked, current.now).await?))
}

/// By which policy to judge.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ReceiptQuery {
    /// Which rules of evidence the shop keeps verdicts by; default `default`. `name@version`: what an earlier version said.
    policy: Option<String>,
}

/// Journeys by channel, and what each channel gets by every model. Shares credit, proves no cause.
#[utoipa::path(operation_id = "journeys", tag = "reports", params(ReportQuery), responses((status = 200, body = JourneysReport)))]
#[get("/api/reports/journeys")]
async fn journeys(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<ReportQuery>,
) -> Result<web::Json<JourneysReport>> {
    current.may(Scope::Reports)?;
    let period = Period::read(app.db.read(), &asked.read()?, &current.shop, current.now).await?;
    let _room = survey_room()?;
    Ok(web::Json(read_journeys(app.db.read(), &current.shop, &period).await?))
}

/// Which months to look at.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CohortsQuery {
    /// Last day, included, `YYYY-MM-DD` in the shop's zone; default today.
    to: Option<String>,
    /// How many calendar months, the one of `to` the last: 1 to 24; default 12.
    months: Option<i32>,
    /// Whose first touch makes a cohort; default `any`.
    #[param(inline)]
    by: Option<By>,
    /// Which rules of evidence the shop keeps verdicts by; default `default`.
    policy: Option<String>,
}

/// Customers by the month of their first touch, and what they bought in the months after it. Proves no cause.
#[utoipa::path(operation_id = "cohorts", tag = "reports", params(CohortsQuery), responses((status = 200, body = CohortsReport)))]
#[get("/api/reports/cohorts")]
async fn cohorts(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<CohortsQuery>,
) -> Result<web::Json<CohortsReport>> {
    current.may(Scope::Reports)?;
    let CohortsQuery { to, months, by, policy } = asked.read()?;
    let months = months.unwrap_or(12);
    if !(1..=24).contains(&months) {
        return Err(Problem::invalid("months", "Ask for 1 to 24 months."));
    }
    let (shop, db) = (&current.shop, app.db.read());
    // The days are those of whole months, the last up to `to`.
    let asked = ReportQuery { from: to.clone(), to, policy, ..ReportQuery::default() };
    let last = Period::read(db, &asked, shop, current.now).await?.to;
    let from = last.plus_months(1 - months).to_string();
    let asked = ReportQuery { from: Some(from), to: Some(last.to_string()), ..asked };
    let period = Period::read(db, &asked, shop, current.now).await?;
    let _room = survey_room()?;
    Ok(web::Json(read_cohorts(db, shop, &period, by.unwrap_or_default()).await?))
}

/// Why an order goes back to a message, or why not.
#[utoipa::path(tag = "orders", params(ReceiptQuery), responses((status = 200, body = ReceiptView)))]
#[get("/api/orders/{id}/receipt")]
async fn receipt(
    current: CurrentShop,
    app: web::Data<App>,
    id: web::Path<String>,
    asked: ApiQuery<ReceiptQuery>,
) -> Result<web::Json<ReceiptView>> {
    current.may(Scope::Reports)?;
    let missing = || Problem::not_found("order");
    let id = id.parse().map(OrderId).map_err(|_| missing())?;
    let policy = match asked.read()?.policy {
        None => standing(&app, &current).await?,
        Some(name) => policies::named(app.db.read(), current.shop.shop_id, &name)
            .await?
            .ok_or_else(|| Problem::invalid("policy", "This shop has no policy of that name."))?,
    };
    let found = read_receipt(app.db.read(), &current.shop, id, &policy).await?;
    found.map(web::Json).ok_or_else(missing)
}

/// What a code is, whose, and whether it is good. Nobody is named.
#[utoipa::path(operation_id = "code", tag = "codes", responses((status = 200, body = CodeView)))]
#[get("/api/codes/{code}")]
async fn code(current: CurrentShop, app: web::Data<App>, text: web::Path<String>) -> Result<web::Json<CodeView>> {
    current.may(Scope::Campaigns)?;
    let found = look_up_code(app.db.read(), current.shop.shop_id, &text, current.now).await?;
    found.map(web::Json).ok_or_else(|| Problem::not_found("code"))
}

/// Which orders to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct OrdersQuery {
    /// First day, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    from: Option<String>,
    /// Last day, included; default today.
    to: Option<String>,
    /// Only the orders this number of the reports counts.
    #[param(inline)]
    measure: Option<Measure>,
    /// Only this line of the ledger.
    line: Option<Line>,
    /// Only this campaign.
    campaign: Option<String>,
    /// Show what was true at this instant (RFC 3339), as in the reports.
    as_of: Option<String>,
    /// What the page before handed out.
    cursor: Option<String>,
    /// 1 to 200; default 50.
    limit: Option<u64>,
}

/// Orders of a period with their verdicts, newest first.
#[utoipa::path(tag = "orders", params(OrdersQuery), responses((status = 200, body = OrderPage)))]
#[get("/api/orders")]
async fn orders(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<OrdersQuery>,
) -> Result<web::Json<OrderPage>> {
    current.may(Scope::Reports)?;
    let OrdersQuery { from, to, measure, line, campaign, as_of, cursor, limit } = asked.read()?;
    let period = Period::read(
        app.db.read(),
        &ReportQuery { from, to, campaign, as_of, ..ReportQuery::default() },
        &current.shop,
        current.now,
    )
    .await?;
    let choice = Choice { measure, line };
    let limit = limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Problem::invalid("limit", "Ask for 1 to 200 orders."));
    }
    let cursor = cursor.map(|text| {
        Cursor::parse(&text)
            .ok_or_else(|| Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged."))
    });
    Ok(web::Json(order_page(app.db.read(), &current.shop, &period, choice, cursor.transpose()?, limit).await?))
}

/// Which links to count.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LinksQuery {
    /// First day, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    from: Option<String>,
    /// Last day, included; default today.
    to: Option<String>,
    /// Only this campaign.
    campaign: Option<String>,
    /// What the page before handed out.
    cursor: Option<String>,
}

/// Hits on links: raw, people's, visits, machines by reason, and Meta's own count beside them.
#[utoipa::path(operation_id = "links", tag = "reports", params(LinksQuery), responses((status = 200, body = LinksReport)))]
#[get("/api/reports/links")]
async fn links(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<LinksQuery>,
) -> Result<web::Json<LinksReport>> {
    current.may(Scope::Reports)?;
    let LinksQuery { from, to, campaign, cursor } = asked.read()?;
    let period = Period::read(
        app.db.read(),
        &ReportQuery { from, to, campaign, ..ReportQuery::default() },
        &current.shop,
        current.now,
    )
    .await?;
    let cursor = cursor.map(|text| {
        LinkCursor::parse(&text)
            .ok_or_else(|| Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged."))
    });
    Ok(web::Json(links_report(app.db.read(), &current.shop, &period, cursor.transpose()?).await?))
}

/// Which messages to count.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MessagesQuery {
    /// First day, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    from: Option<String>,
    /// Last day, included; default today.
    to: Option<String>,
    /// Only this campaign.
    campaign: Option<String>,
}

impl MessagesQuery {
    async fn period(self, app: &App, current: &CurrentShop) -> Result<Period> {
        let Self { from, to, campaign } = self;
        let asked = ReportQuery { from, to, campaign, ..ReportQuery::default() };
        Period::read(app.db.read(), &asked, &current.shop, current.now).await
    }
}

/// What the messages of a period cost, and who says so: told by Meta or the platform, by the shop's own rates, or missing.
#[utoipa::path(operation_id = "costs", tag = "reports", params(MessagesQuery), responses((status = 200, body = Costs)))]
#[get("/api/reports/costs")]
async fn costs(current: CurrentShop, app: web::Data<App>, asked: ApiQuery<MessagesQuery>) -> Result<web::Json<Costs>> {
    current.may(Scope::Reports)?;
    let period = asked.read()?.period(&app, &current).await?;
    Ok(web::Json(costs_report(app.db.read(), &current.shop, &period).await?))
}

/// Who wanted no more marketing, and how soon after a message of the period.
#[utoipa::path(operation_id = "opt_outs", tag = "reports", params(MessagesQuery), responses((status = 200, body = OptOuts)))]
#[get("/api/reports/opt-outs")]
async fn opt_outs(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<MessagesQuery>,
) -> Result<web::Json<OptOuts>> {
    current.may(Scope::Reports)?;
    let period = asked.read()?.period(&app, &current).await?;
    Ok(web::Json(opt_outs_report(app.db.read(), &current.shop, &period).await?))
}

/// Which page of a message's hits.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct TimelineQuery {
    /// What the page before handed out.
    cursor: Option<String>,
}

/// All that is known of a message, in the order in which it happened, its hits a page at a time. Nobody is named.
#[utoipa::path(operation_id = "timeline", tag = "messages", params(TimelineQuery), responses((status = 200, body = Timeline)))]
#[get("/api/messages/{id}/timeline")]
async fn timeline(
    current: CurrentShop,
    app: web::Data<App>,
    id: web::Path<String>,
    asked: ApiQuery<TimelineQuery>,
) -> Result<web::Json<Timeline>> {
    current.may(Scope::Reports)?;
    let missing = || Problem::not_found("message");
    let id = MessageId::parse(&id).ok_or_else(missing)?;
    let wrong = || Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged.");
    let after = asked.read()?.cursor.map(|text| HitCursor::parse(&text).ok_or_else(wrong)).transpose()?;
    let found = read_timeline(app.db.read(), &current, id, &standing(&app, &current).await?, after).await?;
    found.map(web::Json).ok_or_else(missing)
}

/// All that is known of a checkout and of the messages about it, in the order in which it happened. Nobody is named.
#[utoipa::path(operation_id = "checkout", tag = "checkouts", responses((status = 200, body = CheckoutStory)))]
#[get("/api/checkouts/{token}")]
async fn checkout(
    current: CurrentShop,
    app: web::Data<App>,
    token: web::Path<String>,
) -> Result<web::Json<CheckoutStory>> {
    current.may(Scope::Campaigns)?;
    let policy = standing(&app, &current).await?;
    let found = story(app.db.read(), &app, &current, &token, &policy).await?;
    found.map(web::Json).ok_or_else(|| Problem::not_found("checkout"))
}

/// Which campaigns to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CampaignsQuery {
    /// What the page before handed out.
    cursor: Option<String>,
}

/// Campaigns, newest first, with their numbers since they began.
#[utoipa::path(operation_id = "campaigns", tag = "campaigns", params(CampaignsQuery), responses((status = 200, body = CampaignPage)))]
#[get("/api/campaigns")]
async fn list(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<CampaignsQuery>,
) -> Result<web::Json<CampaignPage>> {
    current.may_by(&[Scope::Campaigns, Scope::Reports])?;
    let cursor = asked.read()?.cursor.map(|text| {
        CampaignId::parse(&text)
            .ok_or_else(|| Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged."))
    });
    let whole = since_ever(&app, &current).await?;
    let moment = app.db.begin_read().await?;
    Ok(web::Json(campaign_page(&moment, &current.shop, cursor.transpose()?, &whole).await?))
}

/// A campaign, and what became of its discounts at Shopify.
#[derive(Serialize, utoipa::ToSchema)]
struct CampaignShown {
    #[serde(flatten)]
    campaign: CampaignView,
    /// What was done in Shopify's admin to this campaign's discounts that have not run out yet, and what it means.
    notices: Vec<DriftNotice>,
    /// What it promises, in one sentence.
    summary: String,
    /// Its numbers since it began, as in the list of campaigns.
    numbers: CampaignItem,
    /// Fields that may not change any more, because recipients were drawn under them.
    bound: Vec<&'static str>,
}

/// One campaign: its terms, why it gets no codes if it does not, and what was done to its discounts in Shopify's admin.
#[utoipa::path(operation_id = "campaign", tag = "campaigns", responses((status = 200, body = CampaignShown)))]
#[get("/api/campaigns/{id}")]
async fn show(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<web::Json<CampaignShown>> {
    current.may_by(&[Scope::Campaigns, Scope::Reports])?;
    let db = app.db.read();
    let found = campaigns::find(db, current.shop.shop_id, &id).await?;
    let notices = codes::drift_notices(db, &current.shop, found.id, current.now).await?;
    let bound = campaigns::bound(db, &found).await?;
    let in_words = campaigns::summary(&found, current.shop.money());
    let whole = Period { campaign: Some(found.id), ..since_ever(&app, &current).await? };
    let moment = app.db.begin_read().await?;
    let numbers = items(&moment, &current.shop, vec![found.clone()], &whole).await?.pop();
    let numbers = numbers.ok_or_else(|| Problem::not_found("campaign"))?;
    Ok(web::Json(CampaignShown { campaign: found.into(), notices, summary: in_words, numbers, bound }))
}

/// The policy the shop counts by.
async fn standing(app: &App, current: &CurrentShop) -> Result<Policy> {
    let standing = policies::named(app.db.read(), current.shop.shop_id, DEFAULT_POLICY).await?;
    standing.ok_or_else(|| Problem::not_found("policy"))
}

/// The three years up to today: as long as a report may be.
async fn since_ever(app: &App, current: &CurrentShop) -> Result<Period> {
    let today: Day = current.now.day(current.shop.zone());
    let from = Day(today.0 - 3 * 366 + 2);
    let period = Period::read(app.db.read(), &ReportQuery::default(), &current.shop, current.now).await?;
    let begin: Timestamp = from.start(current.shop.zone());
    Ok(Period { from, instants: (begin, period.instants.1), ..period })
}
