//! `/api/campaigns/{id}/messages` and `/api/messages/…`: what a WhatsApp platform calls.

use std::collections::HashMap;

use actix_web::{get, post, web};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait};
use serde::{Deserialize, Serialize};
use utoipa_actix_web::service_config::ServiceConfig;

use super::answer::{Answer, Context};
use super::batcher::Batcher;
use super::callback;
use super::compose;
use super::list::{MessagePage, page};
use super::message::{Charged, Entity as Messages, Model as Message};
use super::pace::PIECE;

use super::preview::{Preview, preview};
use super::rates::{Priced, RateCard};
use super::refusals::said;
use super::replace::{Refused, replace};
use super::replacement::{Model as Replacement, Reason as ReplacementReason};
use super::reply;
use super::report::{Known, Reported, Status};
use super::reported::StatusesReported;
use super::status::{self, Recorded};
use crate::app::App;
use crate::campaigns::{self, Campaign, CampaignId, Campaigns, NewCampaign, ToDraw};
use crate::codes::{self, RedeemCodes, RevokeReason, RevokedCode};
use crate::http::{ApiJson, ApiQuery, Entry, Problem, Result, limits};
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::text::is_line;
use crate::kernel::{Price, Timestamp};
use crate::links;
use crate::news;
use crate::people::{self, Choice, NewRecipient, Recipients, Wish, WishSource};
use crate::shops::{CurrentShop, Scope, Shop};
use crate::whatsapp::failure::{FAILURES, Failure, OPTED_OUT};

/// Mounts this room's API. `statuses` before `{id}`, or it would be taken for one.
pub fn configure(routes: &mut ServiceConfig<'_>) {
    routes
        .service(look)
        .service(draw)
        .service(of_campaign)
        .service(report)
        .service(show)
        .service(revoke)
        .service(replacement)
        .service(failures)
        .configure(super::analytics::configure)
        .configure(super::opt_outs::configure)
        .configure(super::rates::configure);
}

/// The most recipients or statuses in one call.
const MOST: usize = 10_000;

/// Whom to draw.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Recipients)]
struct ToBeDrawn {
    /// 1 to 10,000.
    #[schema(value_type = Vec<RecipientBody>)]
    recipients: Vec<Entry>,
}

/// One recipient. At least one of `phone` and `whatsapp_user_id`.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct RecipientBody {
    /// Your own id of the person.
    #[schema(example = "crm-123")]
    key: String,
    /// E.164, WhatsApp's digits without `+` (a `wa_id`), or a national number of the shop's country as people there dial it.
    #[schema(example = "+436601234567")]
    phone: Option<String>,
    /// WhatsApp's business-scoped user id, whole.
    whatsapp_user_id: Option<String>,
    email: Option<String>,
    /// Shopify's customer id; text or number.
    #[schema(value_type = Option<String>)]
    shopify_customer_id: Option<serde_json::Value>,
    /// The abandoned checkout the message is about.
    checkout_token: Option<String>,
}

/// An answer per recipient; one bad recipient never spoils the rest.
#[derive(Serialize, utoipa::ToSchema)]
struct Answers {
    messages: Vec<Answer>,
    errors: Vec<RecipientProblem>,
}

/// Why one entry was not taken.
#[derive(Serialize, utoipa::ToSchema)]
struct RecipientProblem {
    /// Its place in the call, from 0.
    index: usize,
    /// The entry's key, as far as it could be read.
    key: String,
    code: &'static str,
    detail: String,
    /// The offending field of the entry, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

fn read(index: usize, entry: &Entry, country: Option<&str>) -> Result<ToDraw, RecipientProblem> {
    let body: RecipientBody = entry.read().map_err(|problem| RecipientProblem {
        index,
        key: entry.text("key").unwrap_or_default(),
        code: problem.code(),
        detail: problem.detail().to_owned(),
        field: problem.field().map(str::to_owned),
    })?;
    let problem = |code, detail: &str| {
        let detail = detail.to_owned();
        RecipientProblem { index, key: body.key.clone(), code, detail, field: None }
    };
    let mut recipient = NewRecipient::parse(
        &body.key,
        body.phone.as_deref(),
        body.whatsapp_user_id.as_deref(),
        body.email.as_deref(),
        country,
    )
    .map_err(|error| {
        let (code, detail) = said(error);
        problem(code, detail)
    })?;
    recipient.shopify_customer_id = match &body.shopify_customer_id {
        None | Some(serde_json::Value::Null) => None,
        Some(id) => {
            let id = id.as_i64().or_else(|| id.as_str().and_then(|text| text.parse().ok()));
            Some(id.ok_or_else(|| problem("bad_shopify_customer_id", "Send Shopify's numeric customer id, as text."))?)
        }
    };
    let token = body.checkout_token.as_deref().map(str::trim).filter(|token| !token.is_empty());
    if token.is_some_and(|token| !is_line(token, 255)) {
        return Err(problem("bad_checkout_token", "A checkout token has at most 255 characters on one line."));
    }
    Ok(ToDraw { checkout_token: token.map(str::to_owned), recipient })
}

fn within_limit(field: &str, count: usize) -> Result<()> {
    match count {
        1..=MOST => Ok(()),
        _ => Err(Problem::invalid(field, format!("Send 1 to {MOST} in one call; this one has {count}."))),
    }
}

/// Draw recipients: each gets a code, a link and a message id, or is held out. The same recipient again: the same answer.
#[utoipa::path(operation_id = "draw_recipients", tag = "messages", request_body = ToBeDrawn, responses((status = 200, body = Answers)))]
#[post("/api/campaigns/{id}/messages")]
async fn draw(
    current: CurrentShop,
    (app, desk): (web::Data<App>, web::Data<Batcher>),
    id: web::Path<String>,
    body: ApiJson<ToBeDrawn, { limits::BATCH }>,
) -> Result<web::Json<Answers>> {
    current.may(Scope::Campaigns)?;
    let asked = body.read()?.recipients;
    within_limit("recipients", asked.len())?;
    let campaign = CampaignId::parse(&id).ok_or_else(|| Problem::not_found("campaign"))?;
    let mut errors = Vec::new();
    let mut unique: HashMap<String, usize> = HashMap::new();
    let mut recipients = Vec::with_capacity(asked.len());
    for (index, entry) in asked.iter().enumerate() {
        match read(index, entry, current.shop.country.as_deref()) {
            Ok(one) if unique.insert(one.recipient.key.clone(), recipients.len()).is_none() => recipients.push(one),
            Ok(one) => errors.push(RecipientProblem {
                index,
                key: one.recipient.key,
                code: "duplicate_key",
                detail: "This key stands twice in the call; the first one was taken.".to_owned(),
                field: Some("key".to_owned()),
            }),
            Err(problem) => errors.push(problem),
        }
    }
    let keys: Vec<String> = recipients.iter().map(|one: &ToDraw| one.recipient.key.clone()).collect();
    let _turn = desk.pace.take(&current, recipients.len()).await?;
    let composed = desk.draw((current.shop.shop_id, campaign), recipients, current.now).await?;
    let codes = composed.iter().flatten().filter_map(|(_, code)| code.as_ref()).collect::<Vec<_>>();
    let edge = Context {
        domain: current.shop.serving_domain(),
        app: &app,
        expected_at: codes::expected_at(app.db.read(), &codes, current.now).await?,
        now: current.now,
    };
    let messages = keys.into_iter().zip(composed);
    let messages = messages.map(|(key, composed)| Answer::new(edge, key, composed)).collect();
    Ok(web::Json(Answers { messages, errors }))
}

/// Look at a campaign before it is created: everything that is wrong with it, and what a message of it would carry.
/// Takes what `POST /api/campaigns` takes, and writes nothing.
#[utoipa::path(operation_id = "preview_campaign", tag = "campaigns", request_body = NewCampaign, responses((status = 200, body = Preview)))]
#[post("/api/campaigns/preview")]
async fn look(current: CurrentShop, app: web::Data<App>, body: ApiJson<NewCampaign>) -> Result<web::Json<Preview>> {
    current.may(Scope::Campaigns)?;
    let preset = links::settings(app.db.read(), current.shop.shop_id).await?.utm;
    Ok(web::Json(preview(&app, &current.shop, &preset, body.read()?, current.now)))
}

/// Which messages to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct MessagesAsked {
    /// What the page before handed out.
    cursor: Option<String>,
    /// 1 to 200; default 50.
    limit: Option<u64>,
}

/// Messages of a campaign, newest first, with their codes and what became of both. The held out have none. A key that
/// may only read reports sees a code once an order has used it.
#[utoipa::path(operation_id = "campaign_messages", tag = "messages", params(MessagesAsked), responses((status = 200, body = MessagePage)))]
#[get("/api/campaigns/{id}/messages")]
async fn of_campaign(
    current: CurrentShop,
    app: web::Data<App>,
    id: web::Path<String>,
    asked: ApiQuery<MessagesAsked>,
) -> Result<web::Json<MessagePage>> {
    current.may_by(&[Scope::Campaigns, Scope::Reports])?;
    let asked = asked.read()?;
    let limit = asked.limit.unwrap_or(50);
    if !(1..=200).contains(&limit) {
        return Err(Problem::invalid("limit", "Ask for 1 to 200 messages."));
    }
    let after = asked.cursor.map(|text| {
        MessageId::parse(&text)
            .ok_or_else(|| Problem::invalid("cursor", "Use the next_cursor of the page before, unchanged."))
    });
    let campaign = campaigns::find(app.db.read(), current.shop.shop_id, &id).await?;
    Ok(web::Json(page(app.db.read(), &campaign, after.transpose()?, limit, (current.sees_codes(), current.now)).await?))
}

/// A message as it stands: a pending code shows up here once it is live.
#[derive(Serialize, utoipa::ToSchema)]
struct MessageView {
    #[serde(flatten)]
    answer: Answer,
    #[schema(value_type = String, format = "date-time")]
    issued_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    sent_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    delivered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    read_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    failed_at: Option<Timestamp>,
    /// Meta's error code, e.g. 131049.
    failure_code: Option<i64>,
    /// What that code means and whether sending again can help, where it is known.
    failure: Option<Failure>,
    /// What it cost, as it was told.
    cost: Option<Price>,
    /// What it costs, and who says so: as it was told, else by the shop's rates, else missing.
    message_cost: Priced,
    /// The country of the recipient's number, by which it is charged.
    country: Option<String>,
    /// WhatsApp's category, where it was told.
    category: Option<String>,
    /// What the recipient wants of marketing, as it was said last; `null` when they never said anything.
    marketing: Option<MarketingWish>,
    /// When the recipient answered this message, oldest first. What they wrote is not kept.
    #[schema(value_type = Vec<String>)]
    answered_at: Vec<Timestamp>,
}

/// What somebody wants of marketing.
#[derive(Serialize, utoipa::ToSchema)]
struct MarketingWish {
    choice: Choice,
    /// How it was told.
    source: WishSource,
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
}

/// Why messages fail: WhatsApp's codes in plain words.
#[derive(Serialize, utoipa::ToSchema)]
struct Failures {
    /// By number.
    failures: &'static [Failure],
}

/// What WhatsApp's error codes mean, whether sending again can help, and where that was read. The same for every shop.
#[utoipa::path(operation_id = "failures", tag = "messages", responses((status = 200, body = Failures)))]
#[get("/api/failures")]
async fn failures(_current: CurrentShop) -> web::Json<Failures> {
    web::Json(Failures { failures: FAILURES })
}

/// One message.
#[utoipa::path(operation_id = "message", tag = "messages", responses((status = 200, body = MessageView)))]
#[get("/api/messages/{id}")]
async fn show(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<web::Json<MessageView>> {
    current.may(Scope::Campaigns)?;
    let (db, missing) = (app.db.read(), || Problem::not_found("message"));
    let (message, _) = find(db, current.shop.shop_id, &id).await?;
    let composed = compose::read(db, current.shop.shop_id, &[message.id]).await?.remove(&message.id);
    let (message, code) = composed.ok_or_else(missing)?;
    let shop = current.shop.shop_id;
    let recipient = Recipients::find_by_id((shop, message.recipient_id)).one(db).await?;
    let wishes = match &recipient {
        Some(recipient) => people::wishes_of_recipient(db, shop, recipient).await?,
        None => Vec::new(),
    };
    let answers = match &message.wamid_hash {
        Some(hash) => reply::replies_to(db, shop, hash).await?,
        None => Vec::new(),
    };
    let view = MessageView {
        issued_at: message.issued_at,
        sent_at: message.sent_at,
        delivered_at: message.delivered_at,
        read_at: message.read_at,
        failed_at: message.failed_at,
        failure_code: message.failure_code,
        failure: message.failure(),
        cost: message.cost(),
        message_cost: message.priced(&RateCard::of(db, shop).await?, current.shop.zone()),
        country: message.country.clone(),
        category: message.price_category.clone(),
        marketing: people::standing(&wishes).map(|wish| MarketingWish {
            choice: wish.choice,
            source: wish.source,
            at: wish.at,
        }),
        answered_at: answers.into_iter().map(|answer| answer.at).collect(),
        answer: answer(&app, &current.shop, Some((message, code)), current.now).await?,
    };
    Ok(web::Json(view))
}

/// One message's answer.
async fn answer(app: &App, shop: &Shop, composed: compose::Composed, now: Timestamp) -> Result<Answer> {
    let code = composed.as_ref().and_then(|(_, code)| code.as_ref());
    let expected_at = codes::expected_at(app.db.read(), &Vec::from_iter(code), now).await?;
    Ok(Answer::new(Context { domain: shop.serving_domain(), app, expected_at, now }, String::new(), composed))
}

/// The message of this id in this shop, with its campaign.
async fn find(db: &impl ConnectionTrait, shop: ShopId, id: &str) -> Result<(Message, Campaign)> {
    let missing = || Problem::not_found("message");
    let id = MessageId::parse(id).ok_or_else(missing)?;
    let message = Messages::find_by_id((shop, id)).one(db).await?.ok_or_else(missing)?;
    let campaign = Campaigns::find_by_id((shop, message.campaign_id)).one(db).await?.ok_or_else(missing)?;
    Ok((message, campaign))
}

/// Take a recipient's code back: the link stops applying it at once, and it is deleted at Shopify.
#[utoipa::path(operation_id = "revoke_message_code", tag = "messages", responses((status = 200, body = RevokedCode)))]
#[post("/api/messages/{id}/revoke")]
async fn revoke(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<web::Json<RevokedCode>> {
    current.may(Scope::Campaigns)?;
    let (shop, now) = (current.shop.shop_id, current.now);
    let txn = app.db.begin_write().await?;
    let (message, _) = find(&txn, shop, &id).await?;
    let missing = || Problem::conflict("no_code", "This message carries no code.");
    let key = (shop, message.redeem_code_id.ok_or_else(missing)?);
    let code = RedeemCodes::find_by_id(key).one(&txn).await?.ok_or_else(missing)?;
    codes::revoke(&txn, &app, &code, RevokeReason::Asked, now).await?;
    let taken = RedeemCodes::find_by_id(key).one(&txn).await?.ok_or_else(missing)?;
    txn.commit().await?;
    app.db.changed();
    app.bell.notify_one();
    Ok(web::Json(taken.into()))
}

/// A message with its second code.
#[derive(Serialize, utoipa::ToSchema)]
struct Replaced {
    #[serde(flatten)]
    answer: Answer,
    /// Why the first code was replaced.
    reason: ReplacementReason,
    /// When.
    #[schema(value_type = String, format = "date-time")]
    replaced_at: Timestamp,
}

/// Give a recipient another code: for one that ended before the message arrived (or sooner after it than its life,
/// because it arrived so late), was revoked, or whose order was cancelled. Once per message; again: the same answer. The
/// new code has a discount of its own, and its clock starts now, whatever the campaign's terms.
#[utoipa::path(operation_id = "replace_code", tag = "messages", responses((status = 200, body = Replaced)))]
#[post("/api/messages/{id}/replacement")]
async fn replacement(current: CurrentShop, app: web::Data<App>, id: web::Path<String>) -> Result<web::Json<Replaced>> {
    current.may(Scope::Campaigns)?;
    let (shop, now) = (current.shop.shop_id, current.now);
    let done = match try_to_replace(&app, shop, &id, now).await? {
        Some(done) => Some(done),
        None => try_to_replace(&app, shop, &id, now).await?,
    };
    let (replaced, _) = done.ok_or_else(|| Problem::unavailable("This code is being replaced. Ask again."))?;
    app.bell.notify_one();
    let message = replaced.message_id;
    let composed = compose::read(app.db.write(), shop, &[message]).await?.remove(&message);
    let answer = answer(&app, &current.shop, composed, now).await?;
    Ok(web::Json(Replaced { answer, reason: replaced.reason, replaced_at: replaced.replaced_at }))
}

/// `None`: another call was faster between our look and our insert; the code this one took goes back to the pool.
async fn try_to_replace(app: &App, shop: ShopId, id: &str, now: Timestamp) -> Result<Option<(Replacement, Campaign)>> {
    let txn = app.db.begin_write().await?;
    let (message, campaign) = find(&txn, shop, id).await?;
    match replace(&txn, app, &campaign, &message, now).await {
        Err(Refused::Raced) => {
            txn.rollback().await?;
            Ok(None)
        }
        replaced => {
            let replaced = replaced?;
            txn.commit().await?;
            app.db.changed();
            Ok(Some((replaced, campaign)))
        }
    }
}

/// What became of messages, from any provider.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct Statuses {
    /// 1 to 10,000.
    #[schema(value_type = Vec<StatusBody>)]
    statuses: Vec<Entry>,
}

/// One report. Name the message by exactly one of the three.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct StatusBody {
    message_id: Option<String>,
    callback_data: Option<String>,
    wamid: Option<String>,
    status: Status,
    /// When it happened, not when it is reported.
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    /// Meta's error code.
    error_code: Option<i64>,
    /// What the message cost, to the digit.
    cost: Option<Price>,
}

/// What was taken and what was not.
#[derive(Serialize, utoipa::ToSchema)]
struct Taken {
    /// How many reports are kept.
    accepted: usize,
    errors: Vec<StatusProblem>,
}

/// Why one report was not taken.
#[derive(Serialize, utoipa::ToSchema)]
struct StatusProblem {
    /// Its place in the call, from 0.
    index: usize,
    code: &'static str,
    detail: String,
    /// The offending field of the report, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
}

impl StatusProblem {
    fn new(index: usize, problem: &Problem) -> Self {
        let (code, detail) = (problem.code(), problem.detail().to_owned());
        Self { index, code, detail, field: problem.field().map(str::to_owned) }
    }
}

/// Report sent, delivered, read, failed. Repeats and any order are fine, and a report that cannot be taken never spoils
/// the rest.
#[utoipa::path(operation_id = "report_statuses", tag = "messages", request_body = Statuses, responses((status = 200, body = Taken)))]
#[post("/api/messages/statuses")]
async fn report(
    current: CurrentShop,
    (app, desk): (web::Data<App>, web::Data<Batcher>),
    body: ApiJson<Statuses, { limits::BATCH }>,
) -> Result<web::Json<Taken>> {
    current.may(Scope::Statuses)?;
    let statuses = body.read()?.statuses;
    within_limit("statuses", statuses.len())?;
    let shop = current.shop.shop_id;
    let _turn = desk.pace.take(&current, statuses.len()).await?;
    let mut taken = Taken { accepted: 0, errors: Vec::new() };
    let mut entries = statuses.iter().enumerate();
    while entries.len() > 0 {
        // Each piece is kept by itself: between two of them others have the database.
        let txn = app.db.begin_write().await?;
        let mut kept_of = Vec::new();
        for (index, entry) in entries.by_ref().take(PIECE) {
            let kept = match entry.read().and_then(|body| reported(&app, shop, body, current.now)) {
                Ok(report) => match status::record(&txn, &app, shop, &report, current.now).await? {
                    Recorded::Kept { message, news } => {
                        kept_of.extend(news.then_some(message.id));
                        opted_out(&txn, &message, &report).await?;
                        Ok(())
                    }
                    Recorded::Unknown => Err(unknown_message()),
                    Recorded::BeforeMessage => {
                        let detail = "`at` lies before this message was made. Send when it happened, in UTC.";
                        Err(Problem::bad_request("before_message", detail).at("at"))
                    }
                },
                Err(problem) => Err(problem),
            };
            match kept {
                Ok(()) => taken.accepted += 1,
                Err(problem) => taken.errors.push(StatusProblem::new(index, &problem)),
            }
        }
        if !kept_of.is_empty() {
            news::tell(&txn, &app, shop, &StatusesReported { messages: kept_of }, current.now).await?;
        }
        txn.commit().await?;
    }
    app.bell.notify_one();
    Ok(web::Json(taken))
}

/// WhatsApp refused it because the recipient wants no marketing: that is a wish of theirs.
async fn opted_out(txn: &impl ConnectionTrait, message: &Message, told: &Reported) -> Result<(), DbErr> {
    if told.status != Status::Failed || told.error_code != Some(OPTED_OUT) {
        return Ok(());
    }
    let recipient = Recipients::find_by_id((message.shop_id, message.recipient_id)).one(txn).await?;
    let Some(address) = recipient.and_then(|one| one.at().next()) else { return Ok(()) };
    let wish = Wish { address, choice: Choice::Stop, source: WishSource::Failure, at: told.at };
    people::record_wishes(txn, message.shop_id, &[wish]).await
}

fn unknown_message() -> Problem {
    Problem::bad_request("unknown_message", "This shop has no such message.")
}

fn reported(app: &App, shop: ShopId, body: StatusBody, now: Timestamp) -> Result<Reported> {
    // A status from the future is a unit mistake (milliseconds for seconds) or a clock far off; a day is generous.
    if body.at > now.plus_seconds(86_400) {
        let detail = "`at` lies in the future. Send when it happened, in UTC.";
        return Err(Problem::bad_request("bad_time", detail).at("at"));
    }
    let message = match (&body.message_id, &body.callback_data, &body.wamid) {
        (Some(id), None, _) => Known::Id(MessageId::parse(id).ok_or_else(unknown_message)?),
        (None, Some(data), _) => match callback::read(&app.vault, data) {
            Some((of, id)) if of == shop => Known::Id(id),
            _ => return Err(unknown_message()),
        },
        (None, None, Some(wamid)) => Known::Wamid(wamid.clone()),
        _ => {
            let detail = "Name the message by message_id, callback_data or wamid.";
            return Err(Problem::bad_request("no_message", detail));
        }
    };
    let StatusBody { wamid, status, at, error_code, cost, .. } = body;
    Ok(Reported { message, wamid, status, at, error_code, cost, country: None, pricing: Charged::default() })
}
