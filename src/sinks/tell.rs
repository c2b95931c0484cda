//! News becomes tellings: one for every endpoint that subscribed to it. These are jobs of `codes/`, done here.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;

use super::deliver::Deliver;
use super::endpoint::{self, Event, Model as Endpoint};
use super::telling;
use crate::app::App;
use crate::campaigns::CampaignId;
use crate::codes::{Alarmed, CODE, RedeemCodeId, RedeemCodes, WentLive, alarm_view};
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::links;
use crate::messages::{MESSAGE, Message, Messages};
use crate::shops::Shops;

/// What is sent: the form of Standard Webhooks.
#[derive(Serialize)]
struct Envelope<T> {
    #[serde(rename = "type")]
    event: &'static str,
    /// When it happened, not when it is told.
    timestamp: Timestamp,
    data: T,
}

/// The body of a webhook.
pub(super) fn body<T: Serialize>(event: &'static str, at: Timestamp, data: T) -> Result<String, DbErr> {
    serde_json::to_string(&Envelope { event, timestamp: at, data }).map_err(|error| DbErr::Json(error.to_string()))
}

/// The data of `code.live`.
#[derive(Serialize)]
struct Live {
    codes: Vec<LiveCode>,
}

/// One code of `code.live`: what a message needs, in the words of the API.
#[derive(Serialize)]
struct LiveCode {
    message_id: MessageId,
    campaign_id: CampaignId,
    code: String,
    code_state: &'static str,
    expires_at: Option<Timestamp>,
    link: String,
    button_suffix: String,
}

impl Job for WentLive {
    const NAME: &'static str = "sinks.went_live";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let endpoints = subscribed(&app, shop, Event::CodeLive).await?;
        let Some(first) = self.codes.first().filter(|_| !endpoints.is_empty()) else { return Ok(Next::Done) };
        // A code goes live once: the first of them names this news for good.
        let subject = format!("live:{first}");
        let codes = live(&app, shop, &self.codes).await?;
        if codes.is_empty() {
            return Ok(Next::Done);
        }
        tell(&app, shop, &endpoints, Event::CodeLive, &subject, body(Event::CodeLive.name(), self.at, Live { codes })?)
            .await
    }
}

/// Those that are still good, with their messages. What was taken back meanwhile is not told.
async fn live(app: &App, shop: ShopId, ids: &[RedeemCodeId]) -> Result<Vec<LiveCode>, DbErr> {
    let db = app.db.read();
    let codes = RedeemCodes::of(shop).filter(CODE.id.is_in(ids.iter().copied())).all(db).await?;
    let teller = Shops::find_by_id(shop).one(db).await?;
    let domain = teller.as_ref().and_then(|shop| shop.serving_domain());
    let mut codes: HashMap<RedeemCodeId, String> =
        codes.into_iter().filter(|code| code.state.live()).map(|code| (code.id, code.code)).collect();
    let messages = Messages::of(shop)
        .filter(MESSAGE.redeem_code_id.is_in(ids.iter().copied()))
        .order_by_asc(MESSAGE.id)
        .all(db)
        .await?;
    let one = |message: Message| {
        let code = codes.remove(&message.redeem_code_id?)?;
        Some(LiveCode {
            message_id: message.id,
            campaign_id: message.campaign_id,
            code,
            code_state: "live",
            expires_at: message.expires_at,
            link: links::address(app, domain, &message.link_slug),
            button_suffix: message.link_slug,
        })
    };
    Ok(messages.into_iter().filter_map(one).collect())
}

impl Job for Alarmed {
    const NAME: &'static str = "sinks.alarmed";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let endpoints = subscribed(&app, shop, Event::CodeAlarm).await?;
        if endpoints.is_empty() {
            return Ok(Next::Done);
        }
        let Some(alarm) = alarm_view(app.db.read(), shop, self.alarm).await? else { return Ok(Next::Done) };
        let subject = format!("alarm:{}:{}", self.alarm, self.sighting);
        tell(&app, shop, &endpoints, Event::CodeAlarm, &subject, body(Event::CodeAlarm.name(), self.at, alarm)?).await
    }
}

/// Who wants to be told.
async fn subscribed(app: &App, shop: ShopId, event: Event) -> Result<Vec<Endpoint>, DbErr> {
    let all = endpoint::all(app.db.read(), shop).await?;
    Ok(all.into_iter().filter(|one| one.disabled_at.is_none() && one.events.0.contains(&event)).collect())
}

/// Keeps a telling for each and promises the delivery. Run again, it changes nothing.
async fn tell(
    app: &App,
    shop: ShopId,
    endpoints: &[Endpoint],
    event: Event,
    subject: &str,
    body: String,
) -> Result<Next, JobError> {
    let now = app.clock.now();
    let txn = app.db.begin_write().await?;
    for endpoint in endpoints {
        let to = (shop, endpoint.id);
        telling::keep(&txn, app, to, (event.name(), subject.to_owned()), &body, now).await?;
        Deliver::enqueue(&txn, app, to, now).await?;
    }
    txn.commit().await?;
    app.bell.notify_one();
    Ok(Next::Done)
}
