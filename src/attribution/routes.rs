//! `/api/policies`: how the shop counts, how others do, and what another way would change. Only a merchant decides how the
//! shop counts: whoever is paid by a number does not.

use std::collections::HashMap;
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, post, web};
use sea_orm::{ConnectionTrait, Iterable};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::evidence::Class;
use super::kind::Kind;
use super::line::Line;
use super::policies::{self, Model as Row};
use super::policy::{DEFAULT, Policy};
use super::presets::{self, PRESETS, Preset};
use super::restate;
use super::survey::{Move, Side, Stand, Sum, Survey, survey, survey_room};
use crate::app::App;
use crate::http::{ApiJson, ApiQuery, Problem, Result};
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Currency, Day, Money, Timestamp};
use crate::orders::OrderId;
use crate::shops::{CurrentShop, Scope, Shop};

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes
        .service(list)
        .service(show)
        .service(make)
        .service(preview)
        .service(activate)
        .service(retire)
        .service(compare);
}

/// A merchant waits this long; what could not be looked at by then is said.
const PATIENCE: Duration = Duration::from_secs(8);

/// One version of a policy.
#[derive(Serialize, utoipa::ToSchema)]
struct PolicyItem {
    name: String,
    version: i32,
    /// Whether verdicts are kept by this version now.
    active: bool,
    #[schema(value_type = Option<String>, format = "date-time")]
    made_at: Option<Timestamp>,
    /// `null`: only a draft.
    #[schema(value_type = Option<String>, format = "date-time")]
    activated_at: Option<Timestamp>,
    document: Policy,
    /// What ties an order to a message under it, after "The order".
    ties: String,
    /// How far history has been judged by it; `null`: not begun, or not active.
    restated: Option<Restated>,
}

/// How far the judging of history has come.
#[derive(Serialize, utoipa::ToSchema)]
struct Restated {
    /// Orders judged so far.
    orders: i64,
    /// Those whose verdict came out different.
    changed: i64,
    #[schema(value_type = String, format = "date-time")]
    began_at: Timestamp,
    /// `null`: it is still going on.
    #[schema(value_type = Option<String>, format = "date-time")]
    ended_at: Option<Timestamp>,
}

/// How somebody else counts.
#[derive(Serialize, utoipa::ToSchema)]
struct PresetItem {
    name: &'static str,
    vendor: &'static str,
    /// What it says, in a sentence.
    says: &'static str,
    /// Whose reading it is.
    reading: &'static str,
    /// The pages it was read from.
    sources: &'static [&'static str],
    /// The day they were read.
    read_on: &'static str,
    document: Policy,
    /// Whether the shop keeps verdicts by it too.
    active: bool,
}

const READING: &str =
    "Our reading of what the vendor's public pages say about how it counts. The vendor did not write or check it.";

/// A kind of evidence.
#[derive(Serialize, utoipa::ToSchema)]
struct KindItem {
    kind: Kind,
    class: Class,
    /// What it is called in a sentence.
    called: &'static str,
    /// Whether it names only the person.
    weak: bool,
}

/// Everything the shop counts by, and could.
#[derive(Serialize, utoipa::ToSchema)]
struct Policies {
    /// Versions of policies, the one that is active first, by name.
    policies: Vec<PolicyItem>,
    presets: Vec<PresetItem>,
    /// Kinds of evidence, strongest first.
    kinds: Vec<KindItem>,
    /// What can be asked for as `policy` in a report: what is active, and earlier versions that history was judged by.
    reportable: Vec<String>,
}

/// How the shop counts, and how others do.
#[utoipa::path(operation_id = "policies", tag = "policies", responses((status = 200, body = Policies)))]
#[get("/api/policies")]
async fn list(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<Policies>> {
    current.may(Scope::Reports)?;
    let items = items(&app, current.shop.shop_id).await?;
    let active = |name: &str| items.iter().any(|item| item.active && item.name == name);
    let preset = |preset: &'static Preset| PresetItem {
        name: preset.name,
        vendor: preset.vendor,
        says: preset.says,
        reading: READING,
        sources: preset.sources,
        read_on: preset.read_on,
        document: preset.policy(),
        active: active(preset.name),
    };
    let kind = |kind: Kind| {
        let rule = kind.rule();
        KindItem { kind, class: rule.class, called: rule.called, weak: rule.weak }
    };
    let mut reportable: Vec<String> = items.iter().filter(|item| item.active).map(|item| item.name.clone()).collect();
    reportable.extend(policies::put_aside(app.db.read(), current.shop.shop_id).await?);
    Ok(web::Json(Policies {
        presets: PRESETS.iter().map(preset).collect(),
        kinds: Kind::iter().map(kind).collect(),
        reportable,
        policies: items,
    }))
}

async fn items(app: &App, shop: ShopId) -> Result<Vec<PolicyItem>> {
    let db = app.db.read();
    let (rows, progress) = (policies::all(db, shop).await?, restate::progress(db, shop).await?);
    let active: HashMap<String, i32> =
        policies::active(db, shop).await?.into_iter().map(|policy| (policy.name, policy.version)).collect();
    let restated = |name: &str, version: i32| {
        let row = progress.get(name).filter(|row| row.version == version)?;
        Some(Restated { orders: row.orders, changed: row.changed, began_at: row.began_at, ended_at: row.ended_at })
    };
    let item = |row: Row| PolicyItem {
        active: active.get(&row.name) == Some(&row.version),
        restated: restated(&row.name, row.version),
        ties: row.document.ties(),
        name: row.name,
        version: row.version,
        made_at: Some(row.made_at),
        activated_at: row.activated_at,
        document: row.document,
    };
    let mut items: Vec<PolicyItem> = rows.into_iter().map(item).collect();
    let standard = Policy::standard();
    if !items.iter().any(|item| item.name == DEFAULT && item.version == standard.version) {
        items.push(PolicyItem {
            active: active.get(DEFAULT) == Some(&standard.version),
            restated: restated(DEFAULT, standard.version),
            ties: standard.ties(),
            name: DEFAULT.to_owned(),
            version: standard.version,
            made_at: None,
            // It stood before anything else did.
            activated_at: Some(Timestamp::default()),
            document: standard,
        });
    }
    items.sort_by_key(|item| (item.name != DEFAULT, item.name.clone(), !item.active, -item.version));
    Ok(items)
}

/// The versions of one policy, the newest first.
#[utoipa::path(operation_id = "policy", tag = "policies", responses((status = 200, body = [PolicyItem])))]
#[get("/api/policies/{name}")]
async fn show(
    current: CurrentShop,
    app: web::Data<App>,
    name: web::Path<String>,
) -> Result<web::Json<Vec<PolicyItem>>> {
    current.may(Scope::Reports)?;
    let mut items = items(&app, current.shop.shop_id).await?;
    items.retain(|item| item.name == *name);
    items.sort_by_key(|item| -item.version);
    if items.is_empty() { Err(Problem::not_found("policy")) } else { Ok(web::Json(items)) }
}

/// Make a policy, or another version of one; nothing is counted by it until it is activated. `version` is given by us.
/// Made again as it stands, it is the same.
#[utoipa::path(operation_id = "make_policy", tag = "policies", request_body = Policy,
    responses((status = 201, body = Policy), (status = 200, body = Policy)))]
#[post("/api/policies")]
async fn make(current: CurrentShop, app: web::Data<App>, body: ApiJson<Policy>) -> Result<HttpResponse> {
    current.merchant_only()?;
    let told = sound(body.read()?)?;
    if presets::named(&told.name).is_some() {
        return Err(Problem::invalid("name", "This is the name of a preset. Give yours another."));
    }
    let shop = current.shop.shop_id;
    let txn = app.db.begin_write().await?;
    let versions = policies::all(&txn, shop).await?;
    let newest = versions.iter().find(|row| row.name == told.name).map(|row| row.document.clone());
    let newest = newest.or_else(|| (told.name == DEFAULT).then(Policy::standard));
    let version = newest.as_ref().map_or(0, |policy| policy.version);
    if let Some(same) = newest.filter(|newest| *newest == Policy { version, ..told.clone() }) {
        txn.rollback().await?;
        return Ok(HttpResponse::Ok().json(same));
    }
    let policy = Policy { version: version + 1, ..told };
    policies::keep(&txn, shop, &policy, current.now, false).await?;
    txn.commit().await?;
    Ok(HttpResponse::build(StatusCode::CREATED).json(policy))
}

fn sound(policy: Policy) -> Result<Policy> {
    policy.problem().map_or(Ok(policy), |(field, detail)| Err(Problem::invalid(field, detail)))
}

/// Count by the newest version of a policy from now on: by `default` instead of the version before, by any other name (a
/// preset's too) beside it. History is judged anew in the background; `restated` says how far that has come.
#[utoipa::path(operation_id = "activate_policy", tag = "policies", responses((status = 200, body = [PolicyItem])))]
#[post("/api/policies/{name}/activate")]
async fn activate(
    current: CurrentShop,
    app: web::Data<App>,
    name: web::Path<String>,
) -> Result<web::Json<Vec<PolicyItem>>> {
    current.merchant_only()?;
    let (shop, now) = (current.shop.shop_id, current.now);
    let txn = app.db.begin_write().await?;
    let rows = policies::all(&txn, shop).await?;
    let newest = rows.iter().find(|row| row.name == *name);
    match (newest, presets::named(&name)) {
        // What is counted by already is not restated again.
        (Some(row), _) if row.activated_at.is_some() && row.retired_at.is_none() => {}
        (Some(_), _) if restating(&txn, shop, &name).await? => {
            let detail = "History is still being judged by the version before. Wait until that has ended.";
            return Err(Problem::conflict("still_restating", detail));
        }
        (Some(row), _) => {
            policies::switch(&txn, (shop, &name), Some(row.version), now).await?;
            restate::anew(&txn, shop, &name).await?;
        }
        (None, Some(preset)) => policies::keep(&txn, shop, &preset.policy(), now, true).await?,
        (None, None) if *name == DEFAULT => {}
        (None, None) => return Err(Problem::not_found("policy")),
    }
    restate::ask(&txn, &app, shop, now).await?;
    txn.commit().await?;
    app.bell.notify_one();
    show_all(&app, shop, &name).await
}

/// Whether the history of a policy is still being judged: what a version said must be whole before another replaces it.
async fn restating(db: &impl ConnectionTrait, shop: ShopId, name: &str) -> Result<bool> {
    Ok(restate::progress(db, shop).await?.get(name).is_some_and(|row| row.ended_at.is_none()))
}

/// Keep no more verdicts by a policy beside `default`. What it said of orders so far is not shown any more.
#[utoipa::path(operation_id = "retire_policy", tag = "policies", responses((status = 200, body = [PolicyItem])))]
#[post("/api/policies/{name}/retire")]
async fn retire(
    current: CurrentShop,
    app: web::Data<App>,
    name: web::Path<String>,
) -> Result<web::Json<Vec<PolicyItem>>> {
    current.merchant_only()?;
    if *name == DEFAULT {
        let detail = "A shop always counts by `default`. Make another version of it and activate that.";
        return Err(Problem::conflict("default_stays", detail));
    }
    let shop = current.shop.shop_id;
    let txn = app.db.begin_write().await?;
    policies::switch(&txn, (shop, &name), None, current.now).await?;
    txn.commit().await?;
    show_all(&app, shop, &name).await
}

async fn show_all(app: &App, shop: ShopId, name: &str) -> Result<web::Json<Vec<PolicyItem>>> {
    let mut items = items(app, shop).await?;
    items.retain(|item| item.name == name);
    if items.is_empty() { Err(Problem::not_found("policy")) } else { Ok(web::Json(items)) }
}

/// What to preview.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ToPreview {
    /// The name of a policy or a preset, or a whole policy.
    policy: serde_json::Value,
    /// What it is held against; `default` unless something else is named.
    against: Option<String>,
    /// First day, `YYYY-MM-DD` in the shop's zone; 89 days before `to` unless something else is said.
    from: Option<String>,
    /// Last day, included; today unless something else is said.
    to: Option<String>,
}

/// Orders and what they are worth together.
#[derive(Serialize, utoipa::ToSchema)]
struct SumView {
    orders: i64,
    amount: Money,
}

/// Orders of one line.
#[derive(Serialize, utoipa::ToSchema)]
struct LineSum {
    line: Line,
    title: &'static str,
    #[serde(flatten)]
    sum: SumView,
}

/// Attributed orders by one kind of evidence.
#[derive(Serialize, utoipa::ToSchema)]
struct KindSum {
    kind: Kind,
    class: Class,
    #[serde(flatten)]
    sum: SumView,
}

/// What one policy says of the orders.
#[derive(Serialize, utoipa::ToSchema)]
struct SideView {
    policy: String,
    version: i32,
    attributed: SumView,
    assisted: SumView,
    recovered: SumView,
    lines: Vec<LineSum>,
    kinds: Vec<KindSum>,
}

/// Orders that go from one line to another, or from one message to another on the same line.
#[derive(Serialize, utoipa::ToSchema)]
struct MovedView {
    from: Line,
    to: Line,
    #[serde(flatten)]
    sum: SumView,
}

/// Where an order stands.
#[derive(Serialize, utoipa::ToSchema)]
struct StandView {
    line: Line,
    amount: Money,
    message_id: Option<MessageId>,
    kind: Option<Kind>,
}

/// An order that moves.
#[derive(Serialize, utoipa::ToSchema)]
struct MoveView {
    #[schema(value_type = String)]
    shopify_order_id: OrderId,
    name: String,
    #[schema(value_type = String, format = "date-time")]
    ordered_at: Timestamp,
    from: StandView,
    to: StandView,
}

/// How much was looked at.
#[derive(Serialize, utoipa::ToSchema)]
struct Looked {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    orders: u64,
    /// Whether that is all orders of the time. Otherwise time ran out, and the latest ones back to `back_to` were looked at.
    whole: bool,
    #[schema(value_type = Option<String>, format = "date-time")]
    back_to: Option<Timestamp>,
}

/// What another policy would change. Nothing is written.
#[derive(Serialize, utoipa::ToSchema)]
struct Preview {
    looked_at: Looked,
    now: SideView,
    then: SideView,
    /// Orders that would stand elsewhere, by lines.
    moved: Vec<MovedView>,
    /// The ten largest of those moves.
    largest: Vec<MoveView>,
}

/// What a policy would change over a time. Nothing is written; it takes seconds at most, and says how far it came.
#[utoipa::path(operation_id = "preview_policy", tag = "policies", request_body = ToPreview, responses((status = 200, body = Preview)))]
#[post("/api/policies/preview")]
async fn preview(current: CurrentShop, app: web::Data<App>, body: ApiJson<ToPreview>) -> Result<web::Json<Preview>> {
    current.may(Scope::Reports)?;
    let ToPreview { policy, against, from, to } = body.read()?;
    let (shop, db) = (&current.shop, app.db.read());
    let then = match policy.as_str() {
        Some(name) => draft(&app, shop, name).await?.ok_or_else(|| missing("policy"))?,
        None => {
            let policy = serde_json::from_value(policy);
            sound(policy.map_err(|error| Problem::invalid("policy", format!("This is no policy: {error}.")))?)?
        }
    };
    let against = against.as_deref().unwrap_or(DEFAULT);
    let now = policies::named(db, shop.shop_id, against).await?.ok_or_else(|| missing("against"))?;
    let days = days(shop, from.as_deref(), to.as_deref(), current.now)?;
    let _room = survey_room()?;
    let found = survey(db, shop, vec![now, then], instants(shop, days), PATIENCE).await?;
    let money = shop.money();
    let moved =
        found.moved.iter().map(|((from, to), sum)| MovedView { from: *from, to: *to, sum: sum_view(*sum, money) });
    let [now, then] = &found.sides[..] else { return Err(Problem::internal(&"a survey of two has two sides")) };
    Ok(web::Json(Preview {
        looked_at: looked(&found, days),
        now: side(now, money),
        then: side(then, money),
        moved: moved.collect(),
        largest: found.largest().iter().map(|one| move_view(one, money)).collect(),
    }))
}

fn missing(field: &'static str) -> Problem {
    Problem::invalid(field, "This shop has no policy of that name, and there is no such preset.")
}

/// The newest version of a policy, a draft or not, or a preset.
async fn draft(app: &App, shop: &Shop, name: &str) -> Result<Option<Policy>> {
    let rows = policies::all(app.db.read(), shop.shop_id).await?;
    let made = rows.into_iter().find(|row| row.name == name).map(|row| row.document);
    let standard = || (name == DEFAULT).then(Policy::standard);
    Ok(made.or_else(|| presets::named(name).map(Preset::policy)).or_else(standard))
}

/// Which days to compare.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CompareQuery {
    /// First day, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    from: Option<String>,
    /// Last day, included; default today.
    to: Option<String>,
}

/// Every way of counting beside the shop's own.
#[derive(Serialize, utoipa::ToSchema)]
struct Comparison {
    looked_at: Looked,
    /// The shop's own first, then the presets.
    sides: Vec<SideView>,
}

/// What the shop's own policy and every preset say of the same orders. Nothing is written.
#[utoipa::path(operation_id = "compare_policies", tag = "policies", params(CompareQuery), responses((status = 200, body = Comparison)))]
#[get("/api/reports/policies")]
async fn compare(
    current: CurrentShop,
    app: web::Data<App>,
    asked: ApiQuery<CompareQuery>,
) -> Result<web::Json<Comparison>> {
    current.may(Scope::Reports)?;
    let CompareQuery { from, to } = asked.read()?;
    let (shop, db) = (&current.shop, app.db.read());
    let to = to.as_deref();
    let last = day("to", to)?.unwrap_or_else(|| current.now.day(shop.zone()));
    let days = days(shop, Some(from.unwrap_or_else(|| last.plus(-29).to_string())).as_deref(), to, current.now)?;
    let own = policies::named(db, shop.shop_id, DEFAULT).await?.unwrap_or_else(Policy::standard);
    let _room = survey_room()?;
    let all = std::iter::once(own).chain(PRESETS.iter().map(Preset::policy)).collect();
    let found = survey(db, shop, all, instants(shop, days), PATIENCE).await?;
    let sides = found.sides.iter().map(|one| side(one, shop.money())).collect();
    Ok(web::Json(Comparison { looked_at: looked(&found, days), sides }))
}

/// No more days than a report covers.
const MOST_DAYS: i32 = 3 * 366;

fn day(field: &'static str, text: Option<&str>) -> Result<Option<Day>> {
    let read = |text| Day::parse(text).ok_or_else(|| Problem::invalid(field, "Write a day as YYYY-MM-DD."));
    text.map(read).transpose()
}

fn days(shop: &Shop, from: Option<&str>, to: Option<&str>, now: Timestamp) -> Result<(Day, Day)> {
    let to = day("to", to)?.unwrap_or_else(|| now.day(shop.zone()));
    let from = day("from", from)?.unwrap_or(to.plus(-89));
    if from > to || to.0.saturating_sub(from.0) >= MOST_DAYS {
        let detail = "The first day is not after the last, and at most three years are looked at.";
        return Err(Problem::invalid("from", detail));
    }
    Ok((from, to))
}

fn instants(shop: &Shop, (from, to): (Day, Day)) -> (Timestamp, Timestamp) {
    (from.start(shop.zone()), to.next().start(shop.zone()))
}

fn looked(found: &Survey, (from, to): (Day, Day)) -> Looked {
    let super::survey::Looked { orders, whole, back_to } = found.looked;
    Looked { from, to, orders, whole, back_to }
}

fn sum_view(sum: Sum, currency: Currency) -> SumView {
    SumView { orders: sum.orders, amount: Money::new(sum.minor, currency) }
}

fn side(side: &Side, currency: Currency) -> SideView {
    let sum = |sum: &Sum| sum_view(*sum, currency);
    SideView {
        policy: side.policy.name.clone(),
        version: side.policy.version,
        attributed: sum(&side.attributed),
        assisted: sum(&side.assisted),
        recovered: sum(&side.recovered),
        lines: side.lines.iter().map(|(line, of)| LineSum { line: *line, title: line.title(), sum: sum(of) }).collect(),
        kinds: side.kinds.iter().map(|(kind, of)| KindSum { kind: *kind, class: kind.class(), sum: sum(of) }).collect(),
    }
}

fn move_view(one: &Move, currency: Currency) -> MoveView {
    let stand = |stand: Stand| StandView {
        line: stand.line,
        amount: Money::new(stand.minor, currency),
        message_id: stand.message,
        kind: stand.kind,
    };
    MoveView {
        shopify_order_id: one.order,
        name: one.name.clone(),
        ordered_at: one.ordered_at,
        from: stand(one.from),
        to: stand(one.to),
    }
}
