//! Switching the pixel on: standing work of every shop. It is created when there is none, updated when its settings are
//! not the ones of today, and created again when it vanished.

use sea_orm::EntityTrait;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::web_pixel::{self, Model as WebPixel, State};
use crate::app::App;
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shopify::Scopes;
use crate::shopify::admin::AdminError;
use crate::shopify::admin::web_pixel::{self as admin, PixelError, Seen};
use crate::shops::{self, CallError, Shop, Shops};

/// How often it is looked at whether it still stands as it should.
const EVERY_SECONDS: i64 = 86_400;

/// The job: sees to it that a shop's pixel is on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct SwitchOn {}

impl Job for SwitchOn {
    const NAME: &'static str = "pixel.switch_on";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let known = Shops::find_by_id(shop).one(app.db.read()).await?;
        let Some(shop) = known.filter(Shop::installed) else { return Ok(Next::Done) };
        let wanted = settings(&app, &shop);
        let (state, pixel_id, trouble) = if Scopes::parse(&shop.scopes).has("write_pixels") {
            match ensure(&app, &shop, &wanted, now).await {
                Ok(id) => (State::On, Some(id), None),
                Err(CallError::Call(PixelError::Refused(why))) => (State::Refused, None, Some(why)),
                // Scopes may have changed since we last heard of them: what Shopify says now counts.
                Err(CallError::Call(PixelError::Admin(AdminError::AccessDenied))) => {
                    (State::ScopeMissing, None, Some("Shopify says that the shop does not grant it.".to_owned()))
                }
                Err(error) => return Err(error.into()),
            }
        } else {
            (State::ScopeMissing, None, Some("The shop does not grant write_pixels yet.".to_owned()))
        };
        let (shop_id, settings) = (shop.shop_id, wanted.to_string());
        let row = WebPixel { shop_id, pixel_id, settings, state, trouble, looked_at: now };
        web_pixel::note(app.db.write(), row).await?;
        Ok(Next::At(now.plus_seconds(EVERY_SECONDS)))
    }
}

/// What the pixel is told: whose it is, and where to tell.
fn settings(app: &App, shop: &Shop) -> Value {
    json!({"shop": shop.shop_id.to_string(), "endpoint": format!("{}/pixel", app.config.server.public_url)})
}

/// Looks first: the answer to an earlier creation may have been lost, and there is one pixel per app and shop.
async fn ensure(app: &App, shop: &Shop, wanted: &Value, now: Timestamp) -> Result<String, CallError<PixelError>> {
    let look = |domain, token| async move { admin::find(&app.admin, &domain, &token).await };
    match shops::call(app, shop, now, look).await? {
        Some(Seen { id, settings }) if settings == *wanted => Ok(id),
        Some(Seen { id, .. }) => {
            let id = &id;
            let update = |domain, token| async move { admin::update(&app.admin, &domain, &token, id, wanted).await };
            shops::call(app, shop, now, update).await
        }
        None => {
            let create = |domain, token| async move { admin::create(&app.admin, &domain, &token, wanted).await };
            shops::call(app, shop, now, create).await
        }
    }
}
