//! `customers/redact`: forgetting a person, in every room.
//!
//! Two passes. The first erases and puts up tombstones, in one transaction, then empties the bodies that name them. The
//! second, a minute later, does the same for what somebody was writing meanwhile; from then on the tombstones guard.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use super::outcome::{close, of};
use super::person::{Held, Subject};
use crate::app::App;
use crate::jobs::{JobError, Next};
use crate::kernel::secret::hmac_sha256;
use crate::kernel::{StandIn, Timestamp};
use crate::orders::{self, OrderId};
use crate::shops::Shop;
use crate::tombstones::{self, Kind, REQUEST, Request, RequestColumn, Requests, State};
use crate::webhooks::{self, DeliveryState};
use crate::{abandoned, campaigns, checkouts, files, messages, people, sinks};

/// Longer than any transaction may take.
const SECOND_LOOK_SECONDS: i64 = 60;

/// Tables a person's data was in.
const TOUCHED: &[&str] = &[
    "recipients",
    "contact_pairs",
    "opt_outs",
    "inbound_messages",
    "draws",
    "program_members",
    "messages",
    "clicks",
    "orders",
    "order_contacts",
    "checkouts",
    "checkout_contacts",
    "deliveries",
    "privacy_requests",
    "webhook_tellings",
    "file_pieces",
    "jobs",
];

/// One pass.
pub async fn run(
    app: &App,
    shop: &Shop,
    request: &Request,
    subject: &Subject,
    now: Timestamp,
) -> Result<Next, JobError> {
    let until = request.erased_at.unwrap_or(now);
    let counted = in_the_rooms(app, shop, request, subject, until).await?;
    let (emptied, pending) = in_the_inbox(app, shop, request, until).await?;
    app.db.scrub(TOUCHED).await;
    if request.erased_at.is_some() && !pending {
        let reason = request.reason.clone().unwrap_or_default();
        let done = close(app.db.write(), request, State::Done, reason, now).await?;
        app.db.scrub(&["privacy_requests"]).await;
        tracing::info!(shop.id = %shop.shop_id, request.id = %request.id, "a shopper was forgotten");
        return Ok(done);
    }
    if request.erased_at.is_none() {
        let reason = format!(
            "Erased: {counted}, {emptied} webhook bodies. Amounts, counts and verdicts stay, without the person."
        );
        let update = Requests::update_many().col_expr(RequestColumn::Reason, Expr::value(reason));
        of(update, request).exec(app.db.write()).await?;
    }
    Ok(Next::At(now.plus_seconds(SECOND_LOOK_SECONDS)))
}

/// Rooms forget, tombstones go up, and the request remembers when: all or nothing. Answers what was found, in words.
async fn in_the_rooms(
    app: &App,
    shop: &Shop,
    request: &Request,
    subject: &Subject,
    until: Timestamp,
) -> Result<String, DbErr> {
    let id = shop.shop_id;
    // Its nonce dies with the payload, and with it the way from a hash to its stand-in.
    let key = hmac_sha256(&app.vault.shop_key(id, "stand_in"), &[&request.payload_sealed]);
    let stand_in = StandIn::new(key);
    let txn = app.db.begin_write().await?;
    let held = Held::find(&txn, &app.vault, shop, subject, until).await?;
    tombstones::bury(&txn, id, &request.id, &held.marks(&app.vault, id, subject), until).await?;
    people::forget(&txn, id, &held.recipients, &stand_in, until).await?;
    people::forget_addresses(&txn, id, &held.person, &stand_in, until).await?;
    messages::forget_replies(&txn, id, &held.person, &stand_in, until).await?;
    campaigns::forget(&txn, id, &held.draws, &stand_in).await?;
    messages::forget(&txn, id, &held.message_ids()).await?;
    let own: Vec<OrderId> = held.own.iter().copied().collect();
    let begun: Vec<String> = held.checkouts.iter().map(|checkout| checkout.token.clone()).collect();
    orders::forget(&txn, id, &held.person, &own, &stand_in, until).await?;
    checkouts::forget(&txn, id, &held.person, &begun).await?;
    sinks::forget_checkouts(&txn, id, &begun, until).await?;
    abandoned::forget(&txn, app, id, &begun, until).await?;
    files::forget_people(&txn, app, id, until).await?;
    close_their_other_requests(&txn, app, shop, request, subject, until).await?;
    let update = Requests::update_many()
        .col_expr(RequestColumn::State, Expr::value(State::Erasing))
        .col_expr(RequestColumn::ErasedAt, Expr::value(until));
    of(update, request).exec(&txn).await?;
    txn.commit().await?;
    let (recipients, messages) = (held.recipients.len(), held.messages.len());
    let (orders, checkouts) = (held.orders.len(), held.checkouts.len());
    Ok(format!("{recipients} recipients, {messages} messages, {orders} orders, {checkouts} checkouts"))
}

/// Requests of the same person to see their data: there is nothing left to see, and the request itself names them.
async fn close_their_other_requests(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: &Shop,
    request: &Request,
    subject: &Subject,
    now: Timestamp,
) -> Result<(), DbErr> {
    let others =
        Requests::of(shop.shop_id).filter(REQUEST.kind.eq(Kind::DataRequest)).filter(REQUEST.id.ne(&request.id));
    for other in others.filter(REQUEST.received_at.lte(now)).all(txn).await? {
        let Ok(Some(payload)) = other.payload(&app.vault) else { continue };
        if Subject::read(&payload).is_ok_and(|theirs| theirs.same(subject, &app.vault, shop)) {
            let mut update =
                Requests::update_many().col_expr(RequestColumn::PayloadSealed, Expr::value(Vec::<u8>::new()));
            if other.state != State::Done {
                update = update
                    .col_expr(RequestColumn::State, Expr::value(State::Ignored))
                    .col_expr(
                        RequestColumn::Reason,
                        Expr::value("the customer was erased before the export was downloaded"),
                    )
                    .col_expr(RequestColumn::DoneAt, Expr::value(now));
            }
            of(update, &other).exec(txn).await?;
        }
    }
    Ok(())
}

/// Empties the bodies that name them. What still waits to be translated is left to the translator, which sees the
/// tombstones; then there must be another look. Answers how many bodies went, and whether any waits.
async fn in_the_inbox(app: &App, shop: &Shop, request: &Request, until: Timestamp) -> Result<(usize, bool), DbErr> {
    let marks = tombstones::marks_of(app.db.read(), shop.shop_id, &request.id).await?;
    let mentions = webhooks::mentions_of(app, shop, &marks, until).await?;
    let (pending, settled): (Vec<_>, Vec<_>) =
        mentions.into_iter().partition(|one| one.state == DeliveryState::Pending);
    webhooks::empty(app, shop.shop_id, &settled).await?;
    Ok((settled.len(), !pending.is_empty()))
}
