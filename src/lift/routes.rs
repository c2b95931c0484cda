//! `/api/lift…`, `/api/reports/lift`: what messages caused, the plan before it, and the programme holdout.

use actix_web::{get, post, put, web};
use sea_orm::ConnectionTrait;
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, SemaphorePermit};
use utoipa_actix_web::service_config::ServiceConfig;

use super::control::{MetaControl, meta_control};
use super::parts::{By, Of, Parts, parts};
use super::plan::{Plan, Wanted};
use super::pool::{PooledLift, pooled_lift};
use super::recovery::{Recovery, recovery};
use super::report::{ExperimentLift, Question, campaign_lift, program_lift};
use crate::app::App;
use crate::campaigns::{self, Program, ProgramId};
use crate::catchup;
use crate::http::{ApiJson, ApiQuery, Problem, Result};
use crate::kernel::{Day, Timestamp};
use crate::shops::{CurrentShop, Scope, Shop};

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(show).service(change).service(lift).service(by_meta).service(recovered).service(plan);
}

/// A programme holdout.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ProgramView {
    id: ProgramId,
    /// Share of all recipients whom no campaign writes to.
    share: f64,
    #[schema(value_type = String, format = "date-time")]
    began_at: Timestamp,
    /// `null` while it runs.
    #[schema(value_type = Option<String>, format = "date-time")]
    ended_at: Option<Timestamp>,
}

impl From<Program> for ProgramView {
    fn from(program: Program) -> Self {
        let share = f64::from(program.share_ppm) / 1_000_000.0;
        Self { id: program.id, share, began_at: program.began_at, ended_at: program.ended_at }
    }
}

/// The shop's programmes.
#[derive(Serialize, utoipa::ToSchema)]
struct Programs {
    /// The one that runs; `null`: none does.
    running: Option<ProgramView>,
    /// Those that ended, the newest first. Their outcomes go on being counted.
    ended: Vec<ProgramView>,
}

/// What share to leave alone.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ProgramWanted {
    /// 0 ends the programme; above it 0.01 to 0.5. Another share than now begins another programme, and assigns anew.
    #[schema(example = 0.1, minimum = 0.0, maximum = 0.5)]
    share: f64,
}

/// The programme holdout.
#[utoipa::path(operation_id = "program", tag = "lift", responses((status = 200, body = Programs)))]
#[get("/api/lift/program")]
async fn show(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<Programs>> {
    current.may(Scope::Reports)?;
    read(app.db.read(), &current).await
}

/// Begin, change or end the programme holdout. Whoever is drawn into any campaign from now on is assigned once, for as long
/// as it runs; the same share again changes nothing.
#[utoipa::path(operation_id = "change_program", tag = "lift", request_body = ProgramWanted, responses((status = 200, body = Programs)))]
#[put("/api/lift/program")]
async fn change(
    current: CurrentShop,
    app: web::Data<App>,
    body: ApiJson<ProgramWanted>,
) -> Result<web::Json<Programs>> {
    current.merchant_only()?;
    let share = body.read()?.share;
    if share != 0.0 && !(0.01..=0.5).contains(&share) {
        return Err(Problem::invalid("share", "Choose a share from 0.01 to 0.5, or 0 to end the programme."));
    }
    #[expect(clippy::cast_possible_truncation, reason = "it lies between 0 and a million")]
    let ppm = (share * 1_000_000.0).round() as i32;
    let txn = app.db.begin_write().await?;
    campaigns::begin_program(&txn, &app, current.shop.shop_id, ppm, current.now).await?;
    let programs = read(&txn, &current).await?;
    txn.commit().await?;
    app.db.changed();
    Ok(programs)
}

async fn read(db: &impl ConnectionTrait, current: &CurrentShop) -> Result<web::Json<Programs>> {
    let all = campaigns::programs(db, current.shop.shop_id).await?;
    let (running, ended): (Vec<Program>, Vec<Program>) = all.into_iter().partition(|one| one.ended_at.is_none());
    let running = running.into_iter().next().map(ProgramView::from);
    Ok(web::Json(Programs { running, ended: ended.into_iter().map(ProgramView::from).collect() }))
}

/// Which experiment, and how.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LiftQuery {
    /// One campaign; neither it nor `program`: all campaigns with a holdout, together and side by side.
    campaign: Option<String>,
    /// The programme: empty for the one that runs (or ran last), or an id.
    program: Option<String>,
    /// Assigned on this day (`YYYY-MM-DD` in the shop's zone) or later; default 89 days before `to`. Not of a programme.
    from: Option<String>,
    /// Assigned on this day or earlier; default today. Not of a programme.
    to: Option<String>,
    /// For how many days after the assignment orders count, 1 to 90; default 7.
    #[param(minimum = 1, maximum = 90)]
    horizon_days: Option<u32>,
    /// The relative effect to be found, for *too early*: 0.01 to 1; default 0.1.
    #[param(minimum = 0.01, maximum = 1.0)]
    planned: Option<f64>,
    /// Also in parts: by `month` and `horizon` (days after the message), and of all campaigns by `kind`, `template` and
    /// `step`.
    #[param(inline)]
    by: Option<By>,
}

/// What messages caused.
#[derive(Serialize, utoipa::ToSchema)]
struct LiftReport {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    /// The instant up to which everything is known; horizons that end later are open. `null`: not known yet.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    /// Of a campaign or the programme; `null` where it was asked of all campaigns, or there is no programme.
    experiment: Option<ExperimentLift>,
    /// Of all campaigns; `null` where it was asked of one experiment.
    pooled: Option<PooledLift>,
    /// The same in parts, where `by` asked for them.
    parts: Option<Parts>,
}

/// Reports of lift read whole campaigns: so many at a time in one process, and whoever comes later waits.
static ROOM: Semaphore = Semaphore::const_new(4);

async fn room() -> Option<SemaphorePermit<'static>> {
    ROOM.acquire().await.ok()
}

fn day(field: &'static str, text: Option<&str>) -> Result<Option<Day>> {
    let read = |text| Day::parse(text).ok_or_else(|| Problem::invalid(field, "Write a day as YYYY-MM-DD."));
    text.map(read).transpose()
}

fn days(asked: &LiftQuery, shop: &Shop, now: Timestamp) -> Result<(Day, Day)> {
    let to = day("to", asked.to.as_deref())?.unwrap_or_else(|| now.day(shop.zone()));
    let from = day("from", asked.from.as_deref())?.unwrap_or(to.plus(-89));
    match from <= to && to.0.saturating_sub(from.0) < 3 * 366 {
        true => Ok((from, to)),
        false => Err(Problem::invalid(
            "from",
            "The first day is not after the last, and a report covers at most three years.",
        )),
    }
}

/// Days and horizon.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RecoveryQuery {
    /// Messages due on this day (`YYYY-MM-DD` in the shop's zone) or later; default 89 days before `to`.
    from: Option<String>,
    /// Messages due on this day or earlier; default today.
    to: Option<String>,
    /// For how many days after the message an order completes its checkout, 1 to 90; default 7.
    #[param(minimum = 1, maximum = 90)]
    horizon_days: Option<u32>,
}

/// Reads what was asked: its days, and the question.
async fn question(
    db: &impl ConnectionTrait,
    asked: &LiftQuery,
    current: &CurrentShop,
) -> Result<((Day, Day), Question)> {
    let shop = &current.shop;
    let (from, to) = days(asked, shop, current.now)?;
    let horizon_days = asked.horizon_days.unwrap_or(7);
    if !(1..=90).contains(&horizon_days) {
        return Err(Problem::invalid("horizon_days", "Choose 1 to 90 days."));
    }
    let planned = asked.planned.unwrap_or(0.1);
    if !(0.01..=1.0).contains(&planned) {
        return Err(Problem::invalid("planned", "Choose an effect from 0.01 (1 % more) to 1 (twice as much)."));
    }
    let through = catchup::complete_through(db, shop.shop_id).await?;
    let zone = shop.zone();
    let until = Timestamp::from_micros(to.next().start(zone).micros() - 1);
    let from_instant = from.start(zone);
    Ok(((from, to), Question { from: from_instant, until, horizon_days, planned, through, now: current.now }))
}

/// What messages caused: everybody who was assigned, written to or left alone, and the difference of what they bought, with
/// its limits. Too early is an answer.
#[utoipa::path(operation_id = "lift", tag = "lift", params(LiftQuery), responses((status = 200, body = LiftReport)))]
#[get("/api/reports/lift")]
async fn lift(current: CurrentShop, app: web::Data<App>, asked: ApiQuery<LiftQuery>) -> Result<web::Json<LiftReport>> {
    current.may(Scope::Reports)?;
    let (asked, shop, db) = (asked.read()?, &current.shop, app.db.read());
    let ((from, to), question) = question(db, &asked, &current).await?;
    let _room = room().await;
    if asked.campaign.is_some() && asked.program.is_some() {
        return Err(Problem::invalid("program", "Ask for a campaign or for the programme, not for both."));
    }
    let mut report =
        LiftReport { from, to, complete_through: question.through, experiment: None, pooled: None, parts: None };
    let divided = async |of: Of<'_>| -> Result<Option<Parts>> {
        let Some(by) = asked.by else { return Ok(None) };
        let parts = parts(db, shop, of, by, &question).await?;
        let words = "Only of all campaigns together; of one experiment ask for `month` or `horizon`.";
        parts.ok_or_else(|| Problem::invalid("by", words)).map(Some)
    };
    if let Some(id) = &asked.campaign {
        let campaign = campaigns::find(db, shop.shop_id, id).await?;
        report.parts = divided(Of::Campaign(&campaign)).await?;
        report.experiment = Some(campaign_lift(db, shop, &campaign, &question).await?);
    } else if let Some(id) = &asked.program {
        let programs = campaigns::programs(db, shop.shop_id).await?;
        let wanted = |one: &Program| id.is_empty() || one.id.to_string() == *id;
        match programs.into_iter().find(wanted) {
            Some(program) => {
                report.parts = divided(Of::Program(&program)).await?;
                report.experiment = Some(program_lift(db, shop, &program, &question).await?);
            }
            None if id.is_empty() => {}
            None => return Err(Problem::not_found("programme")),
        }
    } else {
        report.parts = divided(Of::All).await?;
        report.pooled = Some(pooled_lift(db, shop, &question).await?);
    }
    Ok(web::Json(report))
}

/// For how many days orders count.
#[derive(Clone, Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MetaQuery {
    /// For how many days after the first message orders count, 1 to 90; default 7.
    #[param(minimum = 1, maximum = 90)]
    horizon_days: Option<u32>,
    /// The relative effect to be found, for *too early*: 0.01 to 1; default 0.1.
    #[param(minimum = 0.01, maximum = 1.0)]
    planned: Option<f64>,
}

/// A second control that costs nothing: the few whom Meta's own experiment keeps marketing messages from (130472), over the
/// whole history.
#[utoipa::path(operation_id = "lift_by_meta", tag = "lift", params(MetaQuery), responses((status = 200, body = MetaControl)))]
#[get("/api/reports/lift/meta")]
async fn by_meta(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<MetaQuery>,
) -> Result<web::Json<MetaControl>> {
    current.may(Scope::Reports)?;
    let MetaQuery { horizon_days, planned } = asked.read()?;
    let asked = LiftQuery { horizon_days, planned, ..LiftQuery::default() };
    let question = question(app.db.read(), &asked, &current).await?.1;
    let _room = room().await;
    Ok(web::Json(meta_control(app.db.read(), &current.shop, &question).await?))
}

/// What became of abandoned checkouts: of those written to and of those held back, by the age of the cart.
#[utoipa::path(operation_id = "recovery", tag = "lift", params(RecoveryQuery), responses((status = 200, body = Recovery)))]
#[get("/api/reports/recovery")]
async fn recovered(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<RecoveryQuery>,
) -> Result<web::Json<Recovery>> {
    current.may(Scope::Reports)?;
    let RecoveryQuery { from, to, horizon_days } = asked.read()?;
    let asked = LiftQuery { from, to, horizon_days, ..LiftQuery::default() };
    let question = question(app.db.read(), &asked, &current).await?.1;
    Ok(web::Json(recovery(app.db.read(), &current.shop, &question).await?))
}

/// Plan a holdout: what it costs, what it will find and when. Nothing is kept.
#[utoipa::path(operation_id = "plan_lift", tag = "lift", request_body = Wanted, responses((status = 200, body = Plan)))]
#[post("/api/lift/plan")]
async fn plan(current: CurrentShop, body: ApiJson<Wanted>) -> Result<web::Json<Plan>> {
    current.may(Scope::Reports)?;
    let wanted = body.read()?;
    let plan = wanted.plan(current.shop.money()).map_err(|(field, detail)| Problem::invalid(field, detail))?;
    Ok(web::Json(plan))
}
