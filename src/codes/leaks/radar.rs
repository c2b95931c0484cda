//! The leak radar: what looks as if codes got about, kept as sightings, raised as one alarm per kind and slot.
//!
//! 1. A sighting is kept once per code, kind and place: deliveries that repeat themselves count once.
//! 2. A new sighting opens a closed alarm again. An old one that is told again does not.
//! 3. Nothing is done by itself: an alarm says what a person can do.

use sea_orm::sea_query::{CaseStatement, Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::alarm;
use super::attempt;
use super::sighting;
use crate::app::App;
use crate::codes::generate::fold;
use crate::codes::id::AlarmId;
use crate::codes::news::Alarmed;
use crate::codes::redeem_code::{COLUMN, Entity, Model as RedeemCode};
use crate::db::insert_or;
use crate::kernel::id::ShopId;
use crate::kernel::{Stream, Timestamp};
use crate::news;

pub use super::alarm::Kind;

/// So many checkouts with one single-use code within an hour are no shopper changing their mind.
const BURST: usize = 5;
const BURST_SECONDS: i64 = 3_600;

/// More tries of one code than this are not looked at: the alarm is out long before.
const TRIES: u64 = 1_000;

/// Where something was seen.
#[derive(Clone, Copy, Debug)]
pub enum SeenOn<'a> {
    /// On an order.
    Order(i64),
    /// On a checkout, by its token.
    Checkout(&'a str),
    /// On the code as a whole.
    Code,
}

impl std::fmt::Display for SeenOn<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Order(id) => write!(f, "order:{id}"),
            Self::Checkout(token) => write!(f, "checkout:{token}"),
            Self::Code => f.write_str("code"),
        }
    }
}

/// Keeps a sighting and raises, or raises again, the alarm of its slot. `false`: it was known.
pub async fn sight(
    txn: &impl ConnectionTrait,
    app: &App,
    code: &RedeemCode,
    kind: Kind,
    on: SeenOn<'_>,
    at: Timestamp,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let row = sighting::ActiveModel {
        shop_id: Set(code.shop_id),
        redeem_code_id: Set(code.id),
        kind: Set(kind),
        seen_on: Set(on.to_string()),
        discount_id: Set(code.discount_id),
        at: Set(at),
    };
    use sighting::Column as C;
    let once = OnConflict::columns([C::ShopId, C::RedeemCodeId, C::Kind, C::SeenOn]).do_nothing().to_owned();
    if insert_or(txn, sighting::Entity::insert(row).on_conflict(once)).await? == 0 {
        // Seen before; of several tellings the earliest counts, whichever is heard first.
        let earlier = sighting::Entity::update_many()
            .col_expr(C::At, Expr::value(at))
            .filter(sighting::COLUMN.shop_id.eq(code.shop_id))
            .filter(sighting::COLUMN.redeem_code_id.eq(code.id))
            .filter(sighting::COLUMN.kind.eq(kind))
            .filter(sighting::COLUMN.seen_on.eq(on.to_string()))
            .filter(sighting::COLUMN.at.gt(at));
        earlier.exec(txn).await?;
        return Ok(false);
    }
    raise(txn, app, code, kind, at, now).await?;
    tracing::info!(shop.id = %code.shop_id, code.id = %code.id, discount.id = %code.discount_id, ?kind, "the leak radar saw something");
    Ok(true)
}

async fn raise(
    txn: &impl ConnectionTrait,
    app: &App,
    code: &RedeemCode,
    kind: Kind,
    at: Timestamp,
    now: Timestamp,
) -> Result<(), DbErr> {
    use alarm::Column as C;
    let row = alarm::ActiveModel {
        shop_id: Set(code.shop_id),
        // How many alarms there are depends on the weather: their ids shift nobody else's.
        id: Set(AlarmId(app.chance.uuid_of(Stream::Jitter, now))),
        kind: Set(kind),
        campaign_id: Set(code.campaign_id),
        discount_id: Set(code.discount_id),
        sightings: Set(1),
        first_seen_at: Set(at),
        last_seen_at: Set(at),
        raised_at: Set(now),
        closed_at: Set(None),
    };
    // Only one of several reopens it.
    let reopened = alarm::Entity::update_many()
        .col_expr(C::ClosedAt, Expr::value(Option::<Timestamp>::None))
        .filter(alarm::COLUMN.shop_id.eq(code.shop_id))
        .filter(alarm::COLUMN.kind.eq(kind))
        .filter(alarm::COLUMN.discount_id.eq(code.discount_id))
        .filter(C::ClosedAt.is_not_null())
        .exec(txn)
        .await?;
    let old = |column: C| Expr::col(("code_alarms", column));
    let first: Expr = CaseStatement::new().case(old(C::FirstSeenAt).lt(at), old(C::FirstSeenAt)).finally(at).into();
    let last: Expr = CaseStatement::new().case(old(C::LastSeenAt).gt(at), old(C::LastSeenAt)).finally(at).into();
    let again = OnConflict::columns([C::ShopId, C::Kind, C::DiscountId])
        .value(C::Sightings, old(C::Sightings).add(1))
        .value(C::FirstSeenAt, first)
        .value(C::LastSeenAt, last)
        .value(C::ClosedAt, Option::<Timestamp>::None)
        .to_owned();
    let alarm = alarm::Entity::insert(row).on_conflict(again).exec_with_returning(txn).await?;
    if reopened.rows_affected == 1 || alarm.sightings == 1 {
        let alarmed = Alarmed { alarm: alarm.id, sighting: alarm.sightings, at };
        news::tell(txn, app, code.shop_id, &alarmed, now).await?;
    }
    Ok(())
}

/// A checkout carried codes: ours are kept, a canary among them is an alarm, and so is one code on many checkouts.
pub async fn tried(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    codes: &[String],
    checkout: &str,
    at: Timestamp,
    now: Timestamp,
) -> Result<(), DbErr> {
    if codes.is_empty() {
        return Ok(());
    }
    let ours = Entity::of(shop).filter(COLUMN.code.is_in(codes.iter().map(|code| fold(code)))).all(txn).await?;
    for code in ours {
        if !keep_try(txn, &code, checkout, at).await? {
            continue;
        }
        if code.was_given_to_nobody() {
            sight(txn, app, &code, Kind::Canary, SeenOn::Checkout(checkout), at, now).await?;
        }
        if let Some(at) = burst(txn, &code).await? {
            sight(txn, app, &code, Kind::Burst, SeenOn::Code, at, now).await?;
        }
    }
    Ok(())
}

/// `false`: this checkout is known to carry the code. The earliest telling counts, whichever is heard first.
async fn keep_try(txn: &impl ConnectionTrait, code: &RedeemCode, checkout: &str, at: Timestamp) -> Result<bool, DbErr> {
    use attempt::Column as C;
    let row = attempt::ActiveModel {
        shop_id: Set(code.shop_id),
        redeem_code_id: Set(code.id),
        checkout_token: Set(checkout.to_owned()),
        at: Set(at),
    };
    let earlier = OnConflict::columns([C::ShopId, C::RedeemCodeId, C::CheckoutToken])
        .update_column(C::At)
        .action_and_where(Expr::col(("code_tries", C::At)).gt(at))
        .to_owned();
    Ok(insert_or(txn, attempt::Entity::insert(row).on_conflict(earlier)).await? == 1)
}

/// When a code was tried so often within an hour that it counts as a burst.
async fn burst(txn: &impl ConnectionTrait, code: &RedeemCode) -> Result<Option<Timestamp>, DbErr> {
    let tries: Vec<Timestamp> = attempt::Entity::find()
        .filter(attempt::COLUMN.shop_id.eq(code.shop_id))
        .filter(attempt::COLUMN.redeem_code_id.eq(code.id))
        .order_by_asc(attempt::COLUMN.at)
        .limit(TRIES)
        .select_only()
        .column(attempt::Column::At)
        .into_tuple()
        .all(txn)
        .await?;
    let close = |tries: &&[Timestamp]| tries[BURST - 1].seconds_since(tries[0]) <= BURST_SECONDS;
    Ok(tries.windows(BURST).find(close).map(|tries| tries[BURST - 1]))
}
