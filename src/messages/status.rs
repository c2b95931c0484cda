//! What became of a message: facts as reported, and the message's own columns derived from them.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ActiveValue::Set, ConnectionTrait, ExprTrait, QueryOrder, QuerySelect};

use super::coded::doubt_arrived;
use super::counted::{count_message, zone_for};
use super::early;
use super::message;
use super::report::{Known, Reported, Status};
use crate::app::App;
use crate::codes;
use crate::db::counts::Changes;
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
    // Held until the end: what it counted as before, and counts as since, is of one row that nobody else changes.
    let Some(message) = find.lock_exclusive().one(txn).await? else { return Ok(Recorded::Unknown) };
    if report.at < message.issued_at.plus_seconds(-CLOCKS_DIFFER_SECONDS) {
        return Ok(Recorded::BeforeMessage);
    }
    let mut shown = keep(txn, app, &message, report, now).await?;
    let when = |message: &message::Model| (message.sent_at, message.delivered_at, message.read_at, message.failed_at);
    let mut news = when(&shown) != when(&message);
    // Also where its id was known before: what came early may have been kept by somebody who could not see that yet.
    let named = match &report.message {
        Known::Wamid(wamid) => Some(wamid),
        Known::Id(_) => report.wamid.as_ref(),
    };
    if let Some(wamid_hash) = named.map(|wamid| vault.lookup(shop, "wamid", wamid)) {
        for early in early::take(txn, &message, &wamid_hash).await? {
            if early.at >= message.issued_at.plus_seconds(-CLOCKS_DIFFER_SECONDS) {
                shown = keep(txn, app, &shown, &early, now).await?;
                news = true;
            }
        }
    }
    if shown != message {
        let zone = zone_for(txn, [&message, &shown]).await?;
        let mut changes = Changes::default();
        count_message(&mut changes, &message, zone, -1);
        count_message(&mut changes, &shown, zone, 1);
        changes.append(txn, &app.chance, shop, now).await?;
        doubt_arrived(txn, &message, &shown).await?;
    }
    Ok(Recorded::Kept { message: Box::new(message), news })
}

/// Keeps a report with its message; answers the message with it.
async fn keep(
    txn: &impl ConnectionTrait,
    app: &App,
    message: &message::Model,
    report: &Reported,
    now: Timestamp,
) -> Result<message::Model, DbErr> {
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
    let shown = show(txn, &app.vault, message, report).await?;
    if matches!(report.status, Status::Delivered | Status::Read) {
        arrived(txn, app, message, report.at, now).await?;
    }
    tell_link(txn, message, &shown).await?;
    Ok(shown)
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
async fn tell_link(txn: &impl ConnectionTrait, message: &message::Model, shown: &message::Model) -> Result<(), DbErr> {
    let known = message.left();
    match shown.left().filter(|heard| known != Some(*heard)) {
        Some(heard) => links::message_left(txn, message.shop_id, &message.link_slug, (known, heard)).await,
        None => Ok(()),
    }
}

/// The message with one more report: the earliest instant of each kind counts, and what is known of its price stays known.
fn told(mut message: message::Model, report: &Reported) -> message::Model {
    // Of several failures the earliest says why; of two at one instant the larger code.
    let first = (message.failed_at.unwrap_or(Timestamp::FOREVER), std::cmp::Reverse(message.failure_code));
    let is_first = (report.at, std::cmp::Reverse(report.error_code)) < first || message.failure_code.is_none();
    if report.status == Status::Failed && report.error_code.is_some() && is_first {
        message.failure_code = report.error_code;
    }
    let at = match report.status {
        Status::Sent => &mut message.sent_at,
        Status::Delivered => &mut message.delivered_at,
        Status::Read => &mut message.read_at,
        Status::Failed => &mut message.failed_at,
    };
    *at = Some(at.map_or(report.at, |known| Ord::min(known, report.at)));
    // A price that is told with fewer digits than the one that is known was rounded by whoever tells it. Where two
    // tellings differ otherwise, one of them stands, whichever came first.
    if let Some(cost) = report.cost.filter(|cost| cost.tells_more_than(message.cost())) {
        message.cost_amount = Some(cost.decimal());
        message.cost_currency = Some(cost.currency().to_string());
        message.cost_minor = cost.money().map(|money| money.minor);
    }
    // The country of the number they were drawn with stays; of the rest the later word, by the alphabet.
    message.country = message.country.or_else(|| report.country.clone());
    message.price_category = Ord::max(message.price_category, report.pricing.category.clone());
    message.price_kind = Ord::max(message.price_kind, report.pricing.kind.clone());
    message
}

/// Writes what a report changes in the message's columns; answers the message with it.
async fn show(
    txn: &impl ConnectionTrait,
    vault: &Vault,
    message: &message::Model,
    report: &Reported,
) -> Result<message::Model, DbErr> {
    use message::Column as Shown;
    let shown = told(message.clone(), report);
    let mut update = message::Entity::update_many();
    let mut changes = false;
    let mut set = |column: Shown, differs: bool, value: Value| {
        if differs {
            changes = true;
            update =
                std::mem::replace(&mut update, message::Entity::update_many()).col_expr(column, Expr::value(value));
        }
    };
    set(Shown::SentAt, shown.sent_at != message.sent_at, shown.sent_at.into());
    set(Shown::DeliveredAt, shown.delivered_at != message.delivered_at, shown.delivered_at.into());
    set(Shown::ReadAt, shown.read_at != message.read_at, shown.read_at.into());
    set(Shown::FailedAt, shown.failed_at != message.failed_at, shown.failed_at.into());
    set(Shown::FailureCode, shown.failure_code != message.failure_code, shown.failure_code.into());
    set(Shown::CostAmount, shown.cost_amount != message.cost_amount, shown.cost_amount.clone().into());
    set(Shown::CostCurrency, shown.cost_currency != message.cost_currency, shown.cost_currency.clone().into());
    set(Shown::CostMinor, shown.cost_minor != message.cost_minor, shown.cost_minor.into());
    set(Shown::Country, shown.country != message.country, shown.country.clone().into());
    set(Shown::PriceCategory, shown.price_category != message.price_category, shown.price_category.clone().into());
    set(Shown::PriceKind, shown.price_kind != message.price_kind, shown.price_kind.clone().into());
    if let Some(hash) = report.wamid.as_ref().map(|wamid| vault.lookup(message.shop_id, "wamid", wamid))
        && message.wamid_hash.as_ref() != Some(&hash)
        // WhatsApp's id contains the recipient: of somebody who was forgotten it does not come back.
        && !people::is_forgotten(txn, message.shop_id, message.recipient_id).await?
    {
        set(Shown::WamidHash, true, hash.into());
    }
    if changes {
        let one = message::COLUMN.shop_id.eq(message.shop_id).and(message::COLUMN.id.eq(message.id));
        update.filter(one).exec(txn).await?;
    }
    Ok(shown)
}
