//! `code.live`: promised codes went live, and whoever sends their messages can go on.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};
use serde::{Deserialize, Serialize};

use super::endpoint::Event;
use super::tell::{body, subscribed, tell};
use crate::app::App;
use crate::campaigns::CampaignId;
use crate::codes::{CODE, RedeemCodeId, RedeemCodes, WentLive};
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::links;
use crate::messages::{MESSAGE, Message, Messages};
use crate::news::Hears;
use crate::shops::Shops;

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

/// Tells which codes went live.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TellLive(pub WentLive);

impl Hears for TellLive {
    type News = WentLive;
}

impl Job for TellLive {
    const NAME: &'static str = "sinks.went_live";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let endpoints = subscribed(&app, shop, Event::CodeLive).await?;
        let Some(first) = self.0.codes.first().filter(|_| !endpoints.is_empty()) else { return Ok(Next::Done) };
        // A code goes live once: the first of them names this news for good.
        let subject = format!("live:{first}");
        let codes = live(&app, shop, &self.0.codes).await?;
        if codes.is_empty() {
            return Ok(Next::Done);
        }
        tell(
            &app,
            shop,
            &endpoints,
            Event::CodeLive,
            &subject,
            body(Event::CodeLive.name(), self.0.at, Live { codes })?,
        )
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
