//! The job that acts on a request.

use sea_orm::sea_query::Expr;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde::{Deserialize, Serialize};

use super::outcome::{close, of};
use super::person::Subject;
use super::{erase_shop, forget};
use crate::app::App;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::news::Hears;
use crate::shops::Shops;
use crate::tombstones::{Kind, Request, RequestColumn, Requested, Requests, State};

/// Acts on one request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fulfil(pub Requested);

impl Hears for Fulfil {
    type News = Requested;
}

impl Job for Fulfil {
    const NAME: &'static str = "rights.fulfil";
    // The law gives thirty days; with a back-off of up to half an hour this tries for weeks.
    const MAX_ATTEMPTS: i32 = 1_000;

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let Some(request) = Requests::find_by_id((shop, self.0.request)).one(app.db.read()).await? else {
            return Ok(Next::Done);
        };
        if !matches!(request.state, State::Asked | State::Erasing) {
            return Ok(Next::Done);
        }
        let now = app.clock.now();
        if request.kind == Kind::ShopRedact {
            return erase_shop::run(&app, &request, now).await;
        }
        let Some(shop) = Shops::find_by_id(shop).one(app.db.read()).await? else {
            let gone = "the shop and everything it had here was erased before".to_owned();
            return close(app.db.write(), &request, State::Ignored, gone, now).await;
        };
        let subject = match request.payload(&app.vault) {
            Ok(Some(payload)) => Subject::read(&payload),
            Ok(None) => Err("its payload was destroyed before it was acted on"),
            // The key may come back.
            Err(error) => return Err(JobError::retry(error)),
        };
        match (subject, request.kind) {
            (Err(why), _) => dead(app.db.write(), &request, why).await,
            (Ok(_), Kind::DataRequest) => ready(app.db.write(), &request, now).await,
            (Ok(subject), _) => forget::run(&app, &shop, &request, &subject, now).await,
        }
    }
}

/// The export is made when it is asked for; it can be asked for from now on.
async fn ready(db: &impl ConnectionTrait, request: &Request, now: Timestamp) -> Result<Next, JobError> {
    let update = Requests::update_many()
        .col_expr(RequestColumn::State, Expr::value(State::Ready))
        .col_expr(RequestColumn::ReadyAt, Expr::value(now));
    of(update, request).exec(db).await?;
    Ok(Next::Done)
}

/// It cannot be read. The payload stays for a person to look at, until it ages out.
async fn dead(db: &impl ConnectionTrait, request: &Request, why: &str) -> Result<Next, JobError> {
    tracing::error!(shop.id = %request.shop_id, request.id = %request.id, reason = %why, "a privacy request cannot be read; a person must look");
    let update = Requests::update_many()
        .col_expr(RequestColumn::State, Expr::value(State::Dead))
        .col_expr(RequestColumn::Reason, Expr::value(why));
    of(update, request).exec(db).await?;
    Ok(Next::Done)
}
