//! Drawing recipients and giving each what their message carries, in one transaction of one shop.

use std::collections::HashMap;

use chrono_tz::Tz;
use sea_orm::{ConnectionTrait, DbErr, IntoActiveModel};

use super::coded::count_made;
use super::counted::count_message;
use super::message::{self, Model as Message};
use crate::app::App;
use crate::campaigns::{self, Arm, Campaign, Draw, ToDraw};
use crate::codes::{self, CodeColumn, RedeemCode, RedeemCodeId, RedeemCodes};
use crate::db::counts::Changes;
use crate::db::{INSERT_ROWS, each, insert_once};
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::links;

/// What one recipient got: `None` for the held out.
pub type Composed = Option<(Message, Option<RedeemCode>)>;

/// Draws recipients and composes their messages; answers in the order of `recipients`, whose keys differ.
pub async fn compose(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    recipients: &[&ToDraw],
    now: Timestamp,
) -> Result<Vec<Composed>, DbErr> {
    let drawn = campaigns::draw(txn, app, campaign, recipients, now).await?;
    let fresh = drawn.iter().zip(recipients).filter(|((draw, ours), _)| *ours && !draw.held_out);
    let fresh: Vec<(&Draw, Option<String>)> = fresh.map(|((draw, _), one)| (draw, one.recipient.country())).collect();
    let mut composed = make(txn, app, campaign, &fresh, now).await?;
    let mut changes = Changes::default();
    drawn.iter().filter(|(_, ours)| *ours).for_each(|(draw, _)| campaigns::count_draw(&mut changes, draw));
    // None has arrived yet, so that nothing depends on the zone.
    composed.values().for_each(|(message, _)| count_message(&mut changes, message, Tz::UTC, 1));
    let coded = composed.values().filter_map(|(message, code)| Some((message, code.as_ref()?)));
    count_made(txn, &mut changes, coded).await?;
    changes.append(txn, &app.chance, campaign.shop_id, now).await?;
    let earlier: Vec<MessageId> =
        drawn.iter().filter(|(draw, ours)| !ours && !draw.held_out).map(|(draw, _)| draw.id).collect();
    composed.extend(read(txn, campaign.shop_id, &earlier).await?);
    Ok(drawn.into_iter().map(|(draw, _)| composed.remove(&draw.id)).collect())
}

type ById = HashMap<MessageId, (Message, Option<RedeemCode>)>;

/// Codes, links and messages for new draws.
async fn make(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    draws: &[(&Draw, Option<String>)],
    now: Timestamp,
) -> Result<ById, DbErr> {
    let with_code = |draw: &Draw| draw.arm == Arm::MessageAndCode;
    let wanted = draws.iter().filter(|(draw, _)| with_code(draw)).count();
    let issued = if wanted > 0 { codes::issue(txn, app, campaign, wanted, now).await? } else { Vec::new() };
    let mut issued = issued.into_iter();
    let codes: Vec<Option<RedeemCode>> =
        draws.iter().map(|(draw, _)| with_code(draw).then(|| issued.next()).flatten()).collect();
    let contents: Vec<links::LinkContents<'_>> =
        codes.iter().zip(draws).map(|(code, (draw, _))| (code.as_ref(), draw.checkout_token.as_deref())).collect();
    let slugs = links::mint(txn, app, campaign, &contents, now).await?;
    let rows: Vec<Message> = draws
        .iter()
        .zip(&codes)
        .zip(slugs)
        .map(|(((draw, country), code), slug)| message_of(draw, code.as_ref(), slug, country.clone(), now))
        .collect();
    if insert_once(txn, rows.iter().cloned().map(IntoActiveModel::into_active_model)).await? != rows.len() as u64 {
        return Err(DbErr::Custom("a message's id was drawn twice".into()));
    }
    Ok(rows.into_iter().zip(codes).map(|(message, code)| (message.id, (message, code))).collect())
}

fn message_of(
    draw: &Draw,
    code: Option<&RedeemCode>,
    link_slug: String,
    country: Option<String>,
    now: Timestamp,
) -> Message {
    Message {
        redeem_code_id: code.map(|code| code.id),
        checkout_token: draw.checkout_token.clone(),
        expires_at: code.and_then(|code| code.expires_at),
        country,
        ..Message::made((draw.shop_id, draw.id), draw.campaign_id, draw.recipient_id, link_slug, now)
    }
}

/// Messages composed by an earlier call, with their codes as they stand now.
pub async fn read(db: &impl ConnectionTrait, shop: ShopId, ids: &[MessageId]) -> Result<ById, DbErr> {
    let mut found = ById::with_capacity(ids.len());
    for chunk in ids.chunks(INSERT_ROWS) {
        let of_shop = message::Entity::of(shop);
        let messages: Vec<Message> = each(db, of_shop, message::Column::Id, chunk.iter().copied()).await?;
        let code_ids = messages.iter().filter_map(|message| message.redeem_code_id);
        let codes: Vec<RedeemCode> = each(db, RedeemCodes::of(shop), CodeColumn::Id, code_ids).await?;
        let mut codes: HashMap<RedeemCodeId, RedeemCode> = codes.into_iter().map(|code| (code.id, code)).collect();
        for message in messages {
            let code = message.redeem_code_id.and_then(|id| codes.remove(&id));
            found.insert(message.id, (message, code));
        }
    }
    Ok(found)
}
