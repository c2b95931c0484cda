//! `checkout.abandoned`: a checkout lies quiet and may be written about. `checkout.withdrawn`: it may not any more.
//!
//! One delivery a checkout. Between the news and its telling a checkout may have moved on: one that is no longer quiet is
//! not told of as abandoned.

use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};

use super::endpoint::Event;
use super::gone::subject;
use super::tell::{body, subscribed, tell};
use crate::abandoned::{AbandonedCheckout, Abandonment, Abandonments, Because, Offered, State, Withdrawn, views};
use crate::app::App;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::news::Hears;
use crate::shops::Shops;

/// The data of `checkout.withdrawn`: the checkout as it stands, and why it was taken back.
#[derive(Serialize)]
struct TakenBack {
    /// Why; a checkout that was only resumed is offered again when it goes quiet again.
    withdrawn_because: Because,
    #[serde(flatten)]
    checkout: AbandonedCheckout,
}

/// Tells of checkouts that lie quiet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TellAbandoned(pub Offered);

impl Hears for TellAbandoned {
    type News = Offered;
}

impl Job for TellAbandoned {
    const NAME: &'static str = "sinks.offered";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let event = Event::CheckoutAbandoned;
        let endpoints = subscribed(&app, shop, event).await?;
        if endpoints.is_empty() {
            return Ok(Next::Done);
        }
        for offer in &self.0.checkouts {
            let still = |row: &Abandonment| row.state == State::Open && row.last_at == offer.last_at;
            let Some((_, checkout)) = as_it_stands(&app, shop, &offer.token).await?.filter(|(row, _)| still(row))
            else {
                continue;
            };
            let apart = format!("{}+{}", offer.last_at.micros(), offer.seconds);
            let subject = subject("abandoned", &offer.token, &apart);
            tell(&app, shop, &endpoints, event, &subject, body(event.name(), offer.at, checkout)?).await?;
        }
        Ok(Next::Done)
    }
}

/// Tells of checkouts that were taken back.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TellWithdrawn(pub Withdrawn);

impl Hears for TellWithdrawn {
    type News = Withdrawn;
}

impl Job for TellWithdrawn {
    const NAME: &'static str = "sinks.withdrawn";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let event = Event::CheckoutWithdrawn;
        let endpoints = subscribed(&app, shop, event).await?;
        if endpoints.is_empty() {
            return Ok(Next::Done);
        }
        for gone in &self.0.checkouts {
            let Some((_, checkout)) = as_it_stands(&app, shop, &gone.token).await? else { continue };
            let subject = subject("withdrawn", &gone.token, &gone.last_at.micros().to_string());
            let data = TakenBack { withdrawn_because: gone.because, checkout };
            tell(&app, shop, &endpoints, event, &subject, body(event.name(), gone.at, data)?).await?;
        }
        Ok(Next::Done)
    }
}

/// A checkout as it stands now.
async fn as_it_stands(
    app: &App,
    shop: ShopId,
    token: &str,
) -> Result<Option<(Abandonment, AbandonedCheckout)>, JobError> {
    // What was committed with the news, not what a replica has of it.
    let (db, now): (_, Timestamp) = (app.db.write(), app.clock.now());
    let Some(shop) = Shops::find_by_id(shop).one(db).await? else { return Ok(None) };
    let Some(row) = Abandonments::find_by_id((shop.shop_id, token.to_owned())).one(db).await? else { return Ok(None) };
    let shown = views(db, app, &shop, vec![row.clone()], now).await?;
    Ok(shown.into_iter().next().map(|view| (row, view)))
}
