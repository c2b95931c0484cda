//! What became of a message: facts as reported, and the message's own columns derived from them.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, ExprTrait, QueryOrder, QuerySelect};

use super::early;
use super::message;
use super::report::{Known, Reported, Status};
use crate::app::App;
use crate::codes;
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Timestamp, Vault};
use crate::links;
use crate::people;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "statuses")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    #[sea_orm(primary_key, auto_increment = false)]
    pub message_id: MessageId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub status: Status,
    pub error_code: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}

/// When the latest status of a shop's messages happened, whoever told it.
pub async fn last_status_at(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<Timestamp>, DbErr> {
    let latest = Entity::find().filter(COLUMN.shop_id.eq(shop)).order_by_desc(COLUMN.at).limit(1);
    latest.select_only().column(Column::At).into_tuple().one(db).await
}

/// What became of a report.
#[derive(Debug)]
pub enum Recorded {
    /// It is kept with this message.
    Kept {
        /// As it was before.
        message: Box<message::Model>,
        /// Whether anything of it is told for the first time, or earlier than it was known.
        news: bool,
    },
    /// This shop has no such message.
    Unknown,
    /// It says that something happened before there was a message for it to happen to.
    BeforeMessage,
}

/// WhatsApp tells whole seconds, and two clocks may differ.
const CLOCKS_DIFFER_SECONDS: i64 = 60;

/// Records a report.
pub async fn record(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    report: &Reported,
    now: Timestamp,
) -> Result<Recorded, DbErr> {
    let vault = &app.vault;
    let find = message::Entity::of(shop);
    let find = match &report.message {
        Known::Id(id) => find.filter(message::COLUMN.id.eq(*id)),
        Known::Wamid(wamid) => find.filter(message::Column::WamidHash.eq(vault.lookup(shop, "wamid", wamid))),
    };
    let Some(message) = find.one(txn).await? else { return Ok(Recorded::Unknown) };
    if report.at < message.issued_at.plus_seconds(-CLOCKS_DIFFER_SECONDS) {
        return Ok(Recorded::BeforeMessage);
    }
    let mut news = told(message.clone(), report) != message;
    keep(txn, app, &message, report, now).await?;
    // Also where its id was known before: what came early may have been kept by somebody who could not see that yet.
    let named = match &report.message {
        Known::Wamid(wamid) => Some(wamid),
        Known::Id(_) => report.wamid.as_ref(),
    };
    if let Some(wamid_hash) = named.map(|wamid| vault.lookup(shop, "wamid", wamid)) {
        for early in early::take(txn, &message, &wamid_hash).await? {
            let find = message::Entity::of(shop).filter(message::COLUMN.id.eq(message.id));
            let Some(message) = find.one(txn).await? else { break };
            if early.at >= message.issued_at.plus_seconds(-CLOCKS_DIFFER_SECONDS) {
                keep(txn, app, &message, &early, now).await?;
                news = true;
            }
        }
    }
    Ok(Recorded::Kept { message: Box::new(message), news })
}

/// Keeps a report with its message.
async fn keep(
    txn: &impl ConnectionTrait,
    app: &App,
    message: &message::Model,
    report: &Reported,
    now: Timestamp,
) -> Result<(), DbErr> {
    let fact = ActiveModel {
        shop_id: Set(message.shop_id),
        at: Set(report.at),
        message_id: Set(message.id),
        status: Set(report.status),
        error_code: Set(report.error_code),
    };
    let once =
        OnConflict::columns([Column::ShopId, Column::At, Column::MessageId, Column::Status]).do_nothing().to_owned();
    Entity::insert(fact).on_conflict(once).exec_without_returning(txn).await?;
    show(txn, &app.vault, message, report).await?;
    if matches!(report.status, Status::Delivered | Status::Read) {
        arrived(txn, app, message, report.at, now).await?;
    }
    tell_link(txn, message, report).await
}

/// The clock of its code starts, if that is when it starts. No message arrives before it was composed: a report that
/// says so comes from a clock that is off.
async fn arrived(
    txn: &impl ConnectionTrait,
    app: &App,
    message: &message::Model,
    at: Timestamp,
    now: Timestamp,
) -> Result<(), DbErr> {
    let Some(code) = message.redeem_code_id else { return Ok(()) };
    let at = Ord::max(at, message.issued_at);
    let Some(code) = codes::delivered(txn, app, message.shop_id, code, at, now).await? else { return Ok(()) };
    message::Entity::update_many()
        .col_expr(message::Column::ExpiresAt, Expr::value(code.expires_at))
        .filter(message::COLUMN.shop_id.eq(message.shop_id))
        .filter(message::COLUMN.id.eq(message.id))
        .filter(message::COLUMN.redeem_code_id.eq(code.id))
        .exec(txn)
        .await?;
    links::ends(txn, &message.link_slug, &code).await
}

/// The link hears when its message left, where that is news.
async fn tell_link(txn: &impl ConnectionTrait, message: &message::Model, report: &Reported) -> Result<(), DbErr> {
    let known = message.left();
    match told(message.clone(), report).left().filter(|heard| known != Some(*heard)) {
        Some(heard) => links::message_left(txn, message.shop_id, &message.link_slug, (known, heard)).await,
        None => Ok(()),
    }
}

/// The message with one more report: the earliest instant of each kind counts.
fn told(mut message: message::Model, report: &Reported) -> message::Model {
    let told = match report.status {
        Status::Sent => &mut message.sent_at,
        Status::Delivered => &mut message.delivered_at,
        Status::Read => &mut message.read_at,
        Status::Failed => &mut message.failed_at,
    };
    *told = Some(told.map_or(report.at, |known| Ord::min(known, report.at)));
    message
}

/// The message's columns: the earliest instant of each kind; what is known of its price stays known. Answers WhatsApp's id
/// of it, hashed, if that is news.
async fn show(
    txn: &impl ConnectionTrait,
    vault: &Vault,
    message: &message::Model,
    report: &Reported,
) -> Result<(), DbErr> {
    use message::Column as Shown;
    let column = match report.status {
        Status::Sent => Shown::SentAt,
        Status::Delivered => Shown::DeliveredAt,
        Status::Read => Shown::ReadAt,
        Status::Failed => Shown::FailedAt,
    };
    let earliest: Expr =
        CaseStatement::new().case(Expr::col(column).lt(report.at), Expr::col(column)).finally(report.at).into();
    let mut update = message::Entity::update_many().col_expr(column, earliest);
    // Of several failures the earliest says why; of two at one instant the larger code.
    let first = (message.failed_at.unwrap_or(Timestamp::FOREVER), std::cmp::Reverse(message.failure_code));
    let is_first = (report.at, std::cmp::Reverse(report.error_code)) < first || message.failure_code.is_none();
    if let Some(code) = report.error_code.filter(|_| report.status == Status::Failed && is_first) {
        update = update.col_expr(Shown::FailureCode, Expr::value(code));
    }
    // A price that is told with fewer digits than the one that is known was rounded by whoever tells it. Where two
    // tellings differ otherwise, one of them stands, whichever came first.
    if let Some(cost) = report.cost.filter(|cost| cost.tells_more_than(message.cost())) {
        update = update
            .col_expr(Shown::CostAmount, Expr::value(cost.decimal()))
            .col_expr(Shown::CostCurrency, Expr::value(cost.currency().to_string()))
            .col_expr(Shown::CostMinor, Expr::value(cost.money().map(|money| money.minor)));
    }
    let told = [
        (Shown::Country, &message.country, &report.country),
        (Shown::PriceCategory, &message.price_category, &report.pricing.category),
        (Shown::PriceKind, &message.price_kind, &report.pricing.kind),
    ];
    for (column, known, told) in told {
        // The country of the number they were drawn with stays; of the rest the later word, by the alphabet.
        let news = if matches!(column, Shown::Country) { known.is_none() } else { known < told };
        if let Some(told) = told.as_ref().filter(|_| news) {
            update = update.col_expr(column, Expr::value(told.clone()));
        }
    }
    if let Some(hash) = report.wamid.as_ref().map(|wamid| vault.lookup(message.shop_id, "wamid", wamid))
        && message.wamid_hash.as_ref() != Some(&hash)
        // WhatsApp's id contains the recipient: of somebody who was forgotten it does not come back.
        && !people::is_forgotten(txn, message.shop_id, message.recipient_id).await?
    {
        update = update.col_expr(Shown::WamidHash, Expr::value(hash));
    }
    update
        .filter(message::COLUMN.shop_id.eq(message.shop_id))
        .filter(message::COLUMN.id.eq(message.id))
        .exec(txn)
        .await
        .map(drop)
}
