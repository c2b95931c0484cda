//! Who is asking: the extractor every merchant-facing route starts with, so that a handler without a proven shop
//! cannot be written.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use futures::future::LocalBoxFuture;

use super::api_key::{ApiKeyId, Scope};
use super::auth;
use super::directory::Directory;
use super::shop::Model as Shop;
use crate::app::App;
use crate::http::{Problem, Result};
use crate::kernel::Timestamp;
use crate::shopify::id_token;

/// The one shop this request may see, and who acts for it.
#[derive(Clone, Debug)]
pub struct CurrentShop {
    /// The shop, installed.
    pub shop: Shop,
    /// Who acts for it.
    pub who: Who,
    /// The instant of this request.
    pub now: Timestamp,
}

/// Who acts for a shop.
#[derive(Clone, Debug)]
pub enum Who {
    /// A merchant in Shopify's admin, proved by an ID token.
    Merchant {
        /// Shopify's user id.
        user: Option<String>,
    },
    /// A WhatsApp platform, proved by an API key.
    Platform {
        /// Which key.
        key: ApiKeyId,
        /// What it may do.
        scopes: Vec<Scope>,
    },
}

impl CurrentShop {
    /// Refuses a key that lacks a scope; merchants may do everything.
    pub fn may(&self, scope: Scope) -> Result<()> {
        self.may_by(&[scope])
    }

    /// Refuses a key that has none of these scopes.
    pub fn may_by(&self, any: &[Scope]) -> Result<()> {
        match &self.who {
            Who::Platform { scopes, .. } if !any.iter().any(|scope| scopes.contains(scope)) => {
                let names: Vec<&str> = any.iter().map(|scope| scope.name()).collect();
                Err(Problem::forbidden(format!(
                    "This API key lacks a scope for this: {}. Make a key that has it.",
                    names.join(" or ")
                )))
            }
            _ => Ok(()),
        }
    }

    /// Whether codes that are still good are shown: whoever sees one can spend it, so only to who may hand them out.
    pub fn sees_codes(&self) -> bool {
        self.may(Scope::Campaigns).is_ok()
    }

    /// Who acts, for whoever reads later who did: never a name.
    pub fn called(&self) -> String {
        match &self.who {
            Who::Merchant { user } => format!("merchant {}", user.as_deref().unwrap_or("of unknown number")),
            Who::Platform { key, .. } => format!("key {key}"),
        }
    }

    /// Refuses everybody but a merchant in the admin.
    pub fn merchant_only(&self) -> Result<()> {
        match self.who {
            Who::Merchant { .. } => Ok(()),
            Who::Platform { .. } => {
                Err(Problem::forbidden("Only a merchant in Shopify's admin may do this, not an API key."))
            }
        }
    }
}

impl FromRequest for CurrentShop {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { prove(&request).await })
    }
}

async fn prove(request: &HttpRequest) -> Result<CurrentShop> {
    let (Some(app), Some(shops)) = (request.app_data::<web::Data<App>>(), request.app_data::<web::Data<Directory>>())
    else {
        return Err(Problem::internal(&"the route was mounted without the app"));
    };
    let now = app.clock.now();
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let Some(token) = header.and_then(|value| value.strip_prefix("Bearer ")) else {
        let detail = "Say who you are: `Authorization: Bearer` with an API key (rcp_…) or an ID token of the admin.";
        return Err(unauthorized(request, shops, detail).await);
    };
    let (shop, who) = if token.starts_with("rcp_") {
        by_key(app, shops, token, now).await?
    } else {
        by_id_token(request, app, shops, token, now).await?
    };
    if !shop.installed() {
        return Err(Problem::forbidden("The app is not installed in this shop any more."));
    }
    Ok(CurrentShop { shop, who, now })
}

async fn by_key(app: &App, shops: &Directory, text: &str, now: Timestamp) -> Result<(Shop, Who)> {
    let unknown = || Problem::unauthorized("This API key is unknown or revoked.");
    let key = shops.key(&app.vault, text).await?.ok_or_else(unknown)?;
    let shop = shops.by_id(key.shop_id).await?.ok_or_else(unknown)?;
    shops.used(&key, now).await;
    Ok((shop, Who::Platform { key: key.id, scopes: key.scopes.0 }))
}

async fn by_id_token(
    request: &HttpRequest,
    app: &App,
    shops: &Directory,
    token: &str,
    now: Timestamp,
) -> Result<(Shop, Who)> {
    let (Some(secrets), Some(ours)) = (&app.secrets, &app.config.shopify.app) else {
        return Err(Problem::unavailable(
            "This installation has no Shopify credentials yet; its operator must set them.",
        ));
    };
    let proven = match id_token::verify(token, &ours.client_id, secrets, now) {
        Ok(proven) => proven.into_inner(),
        Err(error) => {
            let detail = format!("The ID token was not accepted: {error}.");
            return Err(unauthorized(request, shops, &detail).await);
        }
    };
    let shop = shops.by_domain(&proven.shop).await?.filter(Shop::installed).ok_or_else(|| {
        let detail = "This shop has not installed the app, or not any more. Open it from the admin once.";
        Problem::reauthorize(detail, &auth::reauthorize_at(app, &proven.shop))
    })?;
    Ok((shop, Who::Merchant { user: proven.user }))
}

/// 401. App Bridge reads the header, fetches a fresh ID token and repeats the call; who is refused again gets no header.
pub(super) async fn unauthorized(request: &HttpRequest, shops: &Directory, detail: &str) -> Problem {
    let header = |name: &str| request.headers().get(name).map_or(&b""[..], |value| value.as_bytes());
    let peer = request.peer_addr().map(|peer| peer.ip().to_string()).unwrap_or_default();
    let asked = format!("{peer} {} {}", request.method(), request.uri());
    let first = shops.retries.first(&[asked.as_bytes(), header("x-forwarded-for"), header("user-agent")]).await;
    let problem = Problem::unauthorized(detail);
    if first { problem.with_header("X-Shopify-Retry-Invalid-Session-Request", "1") } else { problem }
}
