//! `/api/files`: files that are made while nobody waits. `GET /download/{shop}/{file}`: fetching one by its signed link.

use actix_web::body::SizedStream;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, ETAG};
use actix_web::{HttpResponse, delete, get, post, put, web};
use futures::TryStreamExt;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::ask::{AskError, MOST_ON_THEIR_WAY, Wanted, ask};
use super::daily::{Daily, next};
use super::fetch::fetch;
use super::file::{COLUMN, Entity as Files, FileId, Form, Kind, Model as File, State, this};
use super::let_go::LetGo;
use super::link::{Link, proves};
use super::schedule::{self, Entity as Schedules, Model as Schedule};
use crate::app::App;
use crate::campaigns::CampaignId;
use crate::http::{ApiJson, ApiQuery, Problem, Result};
use crate::jobs;
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Timestamp};
use crate::reports::{Period, ReportQuery, Table};
use crate::shops::{CurrentShop, Scope, Shops};
use crate::tombstones::{self, Reading};

/// Mounts this room's API.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes.service(make).service(list).service(scheduled).service(choose).service(stop).service(show).service(remove);
}

/// Mounts the fetching, which asks for no token: the link is signed.
pub fn configure_download(routes: &mut web::ServiceConfig) {
    routes.route("/download/{shop}/{file}", web::get().to(download));
}

/// What is to be made.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct NewFile {
    /// `pack`: the accountant's pack, a ZIP. `table`: one table.
    kind: Kind,
    /// Of a `table`: which.
    table: Option<Table>,
    /// Of a `table`: its form; default `csv`.
    format: Option<Form>,
    /// Of a `table`: packed with gzip.
    #[serde(default)]
    gzip: bool,
    /// Of a `table` as CSV: say to spreadsheets that it is UTF-8. A pack always does.
    #[serde(default)]
    bom: bool,
    /// First day, `YYYY-MM-DD` in the shop's zone; default 29 days before `to`.
    #[schema(example = "2026-11-01")]
    from: Option<String>,
    /// Last day, included; default today.
    #[schema(example = "2026-11-30")]
    to: Option<String>,
    /// Which rules of evidence; default `default`.
    policy: Option<String>,
    /// Of a `table`: only this campaign.
    campaign: Option<String>,
    /// Of the table `orders`: everything that was weighed too, as it stands now.
    #[serde(default)]
    receipts: bool,
    /// Of the table `messages`, for a merchant: how each recipient is reached. Who asked, and each time it is fetched, is
    /// noted in the access log.
    #[serde(default)]
    personal: bool,
    /// Of this instant (RFC 3339); default now.
    as_of: Option<String>,
}

/// A file.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = File)]
struct FileView {
    id: FileId,
    kind: Kind,
    table: Option<Table>,
    format: Form,
    gzip: bool,
    /// What it is saved as.
    name: String,
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    policy: String,
    campaign_id: Option<CampaignId>,
    receipts: bool,
    /// Whether it says how recipients are reached. It goes as soon as a shopper asks to be forgotten.
    personal: bool,
    state: State,
    /// How much of it is made, 0 to 1.
    progress: f64,
    /// Rows written so far.
    rows: i64,
    /// Why it could not be made, in a sentence.
    trouble: Option<String>,
    asked_by: String,
    #[schema(value_type = String, format = "date-time")]
    asked_at: Timestamp,
    /// The instant it is of.
    #[schema(value_type = String, format = "date-time")]
    as_of: Timestamp,
    /// The instant up to which every source was known to be whole when it was made.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    /// Of a pack: the instant of the pack before, after which restatements are listed.
    #[schema(value_type = Option<String>, format = "date-time")]
    since: Option<Timestamp>,
    bytes: Option<i64>,
    /// The checksum of the whole file.
    sha256: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time")]
    ready_at: Option<Timestamp>,
    /// Until when it can be fetched.
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<Timestamp>,
    /// Where it is fetched; `null` while it is not ready, and for whoever may not see what stands in it.
    link: Option<Link>,
}

impl FileView {
    fn new(file: File, app: &App, current: &CurrentShop) -> Self {
        let may = (!file.codes || current.sees_codes()) && (!file.personal || current.merchant_only().is_ok());
        let link = Link::asked(app, &file, current.now).filter(|_| may);
        let over = file.state == State::Ready && !file.is_there(current.now);
        Self {
            id: file.id,
            kind: file.kind,
            table: file.table(),
            format: file.form,
            gzip: file.gzip,
            name: file.name(),
            from: file.first_on,
            to: file.last_on,
            policy: file.policy,
            campaign_id: file.campaign_id,
            receipts: file.receipts,
            personal: file.personal,
            state: if over { State::Gone } else { file.state },
            progress: f64::from(file.done_ppm) / 1_000_000.0,
            rows: file.lines,
            trouble: file.trouble,
            asked_by: file.asked_by,
            asked_at: file.asked_at,
            as_of: file.as_of,
            complete_through: file.complete_through,
            since: file.since,
            bytes: file.bytes,
            sha256: file.sha256,
            ready_at: file.ready_at,
            expires_at: file.expires_at,
            link,
        }
    }
}

fn only(field: &'static str) -> Problem {
    Problem::invalid(field, "Only a file of kind `table` takes this.")
}

/// A table says which it is; a pack has one form.
fn fits(kind: Kind, table: Option<Table>, form: Option<Form>, (gzip, bom): (bool, bool)) -> Result<()> {
    match (kind, table) {
        (Kind::Table, None) => Err(Problem::invalid("table", "Say which table.")),
        (Kind::Pack, Some(_)) => Err(only("table")),
        (Kind::Pack, None) if form.is_some() => Err(only("format")),
        (Kind::Pack, None) if gzip => Err(only("gzip")),
        (Kind::Pack, None) if bom => Err(only("bom")),
        _ => Ok(()),
    }
}

impl NewFile {
    async fn wanted(self, app: &App, current: &CurrentShop) -> Result<Wanted> {
        fits(self.kind, self.table, self.format, (self.gzip, self.bom))?;
        if self.kind == Kind::Pack && self.campaign.is_some() {
            return Err(only("campaign"));
        }
        if self.receipts && self.table != Some(Table::Orders) {
            return Err(Problem::invalid("receipts", "Only the table `orders` has receipts."));
        }
        if self.receipts && self.as_of.is_some() {
            return Err(Problem::invalid("receipts", "Receipts say what is weighed now: leave as_of or them out."));
        }
        if self.personal {
            current.merchant_only()?;
            if !self.table.is_some_and(Table::names_people) {
                return Err(Problem::invalid("personal", "Only the table `messages` can say whom messages went to."));
            }
        }
        let policy = self.policy.clone().unwrap_or_else(|| crate::attribution::DEFAULT_POLICY.to_owned());
        let query = ReportQuery {
            from: self.from,
            to: self.to,
            policy: self.policy,
            model: None,
            as_of: self.as_of,
            campaign: self.campaign,
        };
        let period = Period::read(app.db.read(), &query, &current.shop, current.now).await?;
        if period.as_of.is_some_and(|at| at > current.now) {
            return Err(Problem::invalid("as_of", "That instant has not come yet."));
        }
        Ok(Wanted {
            kind: self.kind,
            table: self.table,
            form: self.format.unwrap_or(Form::Csv),
            gzip: self.gzip,
            bom: self.bom,
            days: (period.from, period.to),
            policy,
            campaign: period.campaign,
            receipts: self.receipts,
            codes: self.table == Some(Table::Messages) && current.sees_codes(),
            personal: self.personal,
            as_of: period.as_of,
        })
    }
}

/// Have a file made: the accountant's pack, or a table too long to wait for. The same file that is on its way already is
/// answered again. When it is ready, `export.ready` is told.
#[utoipa::path(operation_id = "make_file", tag = "files", request_body = NewFile, responses((status = 202, body = FileView)))]
#[post("/api/files")]
async fn make(current: CurrentShop, app: web::Data<App>, body: ApiJson<NewFile>) -> Result<HttpResponse> {
    current.may(Scope::Reports)?;
    let wanted = body.read()?.wanted(&app, &current).await?;
    let who = current.called();
    let txn = app.db.begin_write().await?;
    let file = ask(&txn, &app, current.shop.shop_id, (wanted, &who), current.now).await?;
    if file.personal {
        note_personal(&txn, &app, &file, (&who, "asked for as a file"), current.now).await?;
    }
    txn.commit().await?;
    app.bell.notify_one();
    Ok(HttpResponse::Accepted().json(FileView::new(file, &app, &current)))
}

impl From<AskError> for Problem {
    fn from(error: AskError) -> Self {
        match error {
            AskError::TooMany => Self::conflict(
                "too_many_files",
                format!("{MOST_ON_THEIR_WAY} files are on their way already. Wait for one, or delete it."),
            ),
            AskError::Db(error) => error.into(),
        }
    }
}

/// Writes down that somebody has to do with a file that says how recipients are reached.
async fn note_personal(
    txn: &impl ConnectionTrait,
    app: &App,
    file: &File,
    (who, why): (&str, &str),
    now: Timestamp,
) -> Result<(), DbErr> {
    let record = format!("file {}", file.id);
    let reading = Reading { who, fields: &["contact"], record: &record, why };
    tombstones::note(txn, app, file.shop_id, &reading, now).await
}

/// Which page of the files.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FilesQuery {
    /// What the page before handed out.
    cursor: Option<String>,
}

/// Files, newest first.
#[derive(Serialize, utoipa::ToSchema)]
struct FileList {
    files: Vec<FileView>,
    /// `null`: these are the last.
    next_cursor: Option<FileId>,
}

/// Files a page shows.
const PAGE: u64 = 50;

/// The shop's files, newest first, with how far they are and where they are fetched.
#[utoipa::path(operation_id = "files", tag = "files", params(FilesQuery), responses((status = 200, body = FileList)))]
#[get("/api/files")]
async fn list(current: CurrentShop, app: web::Data<App>, asked: ApiQuery<FilesQuery>) -> Result<web::Json<FileList>> {
    current.may(Scope::Reports)?;
    let wrong = || Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged.");
    let before = asked.read()?.cursor.map(|text| FileId::parse(&text).ok_or_else(wrong)).transpose()?;
    let mut select = Files::of(current.shop.shop_id).order_by_desc(COLUMN.id).limit(PAGE + 1);
    if let Some(before) = before {
        select = select.filter(COLUMN.id.lt(before));
    }
    let mut found = select.all(app.db.read()).await?;
    let more = found.len() as u64 > PAGE;
    found.truncate(PAGE as usize);
    let next_cursor = found.last().filter(|_| more).map(|file| file.id);
    let files = found.into_iter().map(|file| FileView::new(file, &app, &current)).collect();
    Ok(web::Json(FileList { files, next_cursor }))
}

/// One file: how far it is, and where it is fetched.
#[utoipa::path(operation_id = "file", tag = "files", responses((status = 200, body = FileView)))]
#[get("/api/files/{id}")]
async fn show(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<web::Json<FileView>> {
    let file = find(&current, &app, &id).await?;
    Ok(web::Json(FileView::new(file, &app, &current)))
}

/// Delete a file, or stop making it. Links to it end at once.
#[utoipa::path(operation_id = "delete_file", tag = "files", responses((status = 204)))]
#[delete("/api/files/{id}")]
async fn remove(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<HttpResponse> {
    let file = find(&current, &app, &id).await?;
    let txn = app.db.begin_write().await?;
    Files::delete_many().filter(this(file.shop_id, file.id)).exec(&txn).await?;
    jobs::enqueue(&txn, &app.chance, file.shop_id, &LetGo { file: file.id }, current.now, current.now).await?;
    txn.commit().await?;
    app.bell.notify_one();
    tracing::info!(shop.id = %file.shop_id, file.id = %file.id, "a file was deleted");
    Ok(HttpResponse::NoContent().finish())
}

/// What is made every day.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewFileSchedule)]
struct NewSchedule {
    /// `pack` or `table`.
    kind: Kind,
    /// Of a `table`: which.
    table: Option<Table>,
    /// Of a `table`: its form; default `csv`.
    format: Option<Form>,
    /// Of a `table`: packed with gzip.
    #[serde(default)]
    gzip: bool,
    /// Of a `table` as CSV: say to spreadsheets that it is UTF-8. A pack always does.
    #[serde(default)]
    bom: bool,
    /// How many days it covers, the last of them yesterday: 1 to 366; default 1.
    #[schema(minimum = 1, maximum = 366)]
    days: Option<i32>,
    /// At which hour of the shop's clock, 0 to 23.
    #[schema(minimum = 0, maximum = 23, example = 6)]
    hour: i32,
}

/// What is made every day, and when it is made next.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = FileSchedule)]
struct ScheduleView {
    kind: Kind,
    table: Option<Table>,
    format: Form,
    gzip: bool,
    bom: bool,
    days: i32,
    hour: i32,
    time_zone: String,
    #[schema(value_type = String, format = "date-time")]
    next_at: Timestamp,
    chosen_by: String,
    #[schema(value_type = String, format = "date-time")]
    chosen_at: Timestamp,
}

impl ScheduleView {
    fn new(chosen: Schedule, current: &CurrentShop) -> Self {
        Self {
            kind: chosen.kind,
            table: chosen.table(),
            format: chosen.form,
            gzip: chosen.gzip,
            bom: chosen.bom,
            days: chosen.days,
            hour: chosen.hour,
            time_zone: current.shop.time_zone.clone(),
            next_at: next(&chosen, current.shop.zone(), current.now),
            chosen_by: chosen.chosen_by,
            chosen_at: chosen.chosen_at,
        }
    }
}

/// The shop's daily file, if it wants one.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = FileScheduleAnswer)]
struct ScheduleAnswer {
    /// `null`: none is made.
    schedule: Option<ScheduleView>,
}

/// Which file is made every day.
#[utoipa::path(operation_id = "file_schedule", tag = "files", responses((status = 200, body = ScheduleAnswer)))]
#[get("/api/files/schedule")]
async fn scheduled(current: CurrentShop, app: web::Data<App>) -> Result<web::Json<ScheduleAnswer>> {
    current.may(Scope::Reports)?;
    let chosen = schedule::of(app.db.write(), current.shop.shop_id).await?;
    Ok(web::Json(ScheduleAnswer { schedule: chosen.map(|chosen| ScheduleView::new(chosen, &current)) }))
}

/// Have a file made every day, at an hour of the shop's own clock. It takes the place of what was chosen before; of a day
/// there is never a second file.
#[utoipa::path(operation_id = "choose_file_schedule", tag = "files", request_body = NewSchedule, responses((status = 200, body = ScheduleAnswer)))]
#[put("/api/files/schedule")]
async fn choose(
    current: CurrentShop,
    app: web::Data<App>,
    body: ApiJson<NewSchedule>,
) -> Result<web::Json<ScheduleAnswer>> {
    current.may(Scope::Reports)?;
    let wanted = body.read()?;
    fits(wanted.kind, wanted.table, wanted.format, (wanted.gzip, wanted.bom))?;
    let days = wanted.days.unwrap_or(1);
    if !(1..=366).contains(&days) {
        return Err(Problem::invalid("days", "Choose 1 to 366 days."));
    }
    if !(0..=23).contains(&wanted.hour) {
        return Err(Problem::invalid("hour", "Choose an hour from 0 to 23."));
    }
    let (shop, zone) = (current.shop.shop_id, current.shop.zone());
    let today = current.now.day(zone);
    let mut chosen = Schedule {
        shop_id: shop,
        kind: wanted.kind,
        sheet: wanted.table.map(|table| table.name().to_owned()),
        form: wanted.format.unwrap_or(Form::Csv),
        gzip: wanted.gzip,
        bom: wanted.bom,
        codes: wanted.table == Some(Table::Messages) && current.sees_codes(),
        days,
        hour: wanted.hour,
        chosen_by: current.called(),
        chosen_at: current.now,
        first_on: today,
    };
    // An hour that is past begins tomorrow.
    if chosen.due(today, zone) <= current.now {
        chosen.first_on = today.next();
    }
    let txn = app.db.begin_write().await?;
    Schedules::delete_by_id(shop).exec(&txn).await?;
    Schedules::insert(chosen.clone().into_active_model().reset_all()).exec_without_returning(&txn).await?;
    Daily::promise(&txn, &app, shop, next(&chosen, zone, current.now), current.now).await?;
    txn.commit().await?;
    Ok(web::Json(ScheduleAnswer { schedule: Some(ScheduleView::new(chosen, &current)) }))
}

/// Make no more daily files. Those that were made stay.
#[utoipa::path(operation_id = "stop_file_schedule", tag = "files", responses((status = 204)))]
#[delete("/api/files/schedule")]
async fn stop(current: CurrentShop, app: web::Data<App>) -> Result<HttpResponse> {
    current.may(Scope::Reports)?;
    Schedules::delete_by_id(current.shop.shop_id).exec(app.db.write()).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A file of the asking shop.
async fn find(current: &CurrentShop, app: &App, id: &str) -> Result<File> {
    current.may(Scope::Reports)?;
    let missing = || Problem::not_found("file");
    let id = FileId::parse(id).ok_or_else(missing)?;
    Files::find_by_id((current.shop.shop_id, id)).one(app.db.write()).await?.ok_or_else(missing)
}

/// What a link carries.
#[derive(Debug, Default, Deserialize)]
struct Signed {
    until: Option<i64>,
    signature: Option<String>,
}

/// A file by its link. The link says whose it is, and is proved before the database is asked.
async fn download(
    app: web::Data<App>,
    at: web::Path<(String, String)>,
    asked: ApiQuery<Signed>,
) -> Result<HttpResponse> {
    let now = app.clock.now();
    let missing = || Problem::not_found("file");
    let forged =
        || Problem::new(StatusCode::FORBIDDEN, "bad_link", "This link was not made by Recoup, or is not whole.");
    let (shop, id) = at.into_inner();
    let (Ok(shop), Some(id)) = (shop.parse().map(ShopId), FileId::parse(&id)) else { return Err(missing()) };
    let asked = asked.read().map_err(|_| forged())?;
    let (Some(until), Some(signature)) = (asked.until, asked.signature) else { return Err(forged()) };
    let until = Timestamp::from_seconds(until);
    if !proves(&app.vault, (shop, id), until, &signature) {
        return Err(forged());
    }
    let over =
        || Problem::new(StatusCode::GONE, "link_expired", "This link has ended. Ask for a new one on the page Files.");
    if until <= now {
        return Err(over());
    }
    let installed = Shops::find_by_id(shop).one(app.db.read()).await?.is_some_and(|shop| shop.installed());
    let file = Files::find_by_id((shop, id)).one(app.db.read()).await?.filter(|_| installed).ok_or_else(missing)?;
    if !file.is_there(now) {
        return Err(over());
    }
    if file.personal {
        let txn = app.db.begin_write().await?;
        note_personal(&txn, &app, &file, ("whoever has its link", "fetched as a file"), now).await?;
        txn.commit().await?;
    }
    let bytes = file.bytes.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0);
    let content = match (file.kind, file.form) {
        _ if file.gzip => "application/gzip",
        (Kind::Pack, _) => "application/zip",
        (Kind::Table, Form::Csv) => "text/csv; charset=utf-8",
        (Kind::Table, Form::Jsonl) => "application/x-ndjson",
    };
    let named = format!("attachment; filename=\"{}\"", file.name());
    let etag = format!("\"{}\"", file.sha256.as_deref().unwrap_or_default());
    let pieces = fetch(app.get_ref().clone(), file)
        .inspect_err(move |error| tracing::error!(shop.id = %shop, file.id = %id, error = %error, "a file broke off"));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, content))
        .insert_header((CONTENT_DISPOSITION, named))
        .insert_header((CACHE_CONTROL, "private, no-store"))
        .insert_header((ETAG, etag))
        // As it is, so that its length is known: what is large is packed already.
        .insert_header((CONTENT_ENCODING, "identity"))
        .body(SizedStream::new(bytes, pieces)))
}
