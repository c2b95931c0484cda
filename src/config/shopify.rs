//! The app at Shopify.

use secrecy::SecretString;

use super::Env;

/// What Shopify knows us by.
#[derive(Clone, Debug)]
pub struct Shopify {
    /// `SHOPIFY_API_KEY`, `SHOPIFY_API_SECRET`, `SHOPIFY_PREVIOUS_API_SECRET`. Without them nothing can be installed
    /// and every Shopify door answers that the app is not configured.
    pub app: Option<ShopifyApp>,
    /// `RECOUP_SHOPIFY_ORIGIN`, default `https://{shop}`: where a shop's OAuth and Admin API answer.
    pub origin: String,
    /// `RECOUP_EMBEDDED`, default `true`. `false`: the app is not embedded in the admin (`embedded = false` in
    /// `shopify.app.toml`); shops install by the authorization code grant, and no page of ours may be framed.
    pub embedded: bool,
    /// `RECOUP_APP_BRIDGE_URL`, default Shopify's own: the App Bridge script put into the page's head.
    pub app_bridge_url: String,
    /// `RECOUP_POLARIS_URL`, default Shopify's own; `none` leaves it out, and the page's own fallback draws the tags.
    pub polaris_url: Option<String>,
}

/// Credentials of the app.
#[derive(Clone, Debug)]
pub struct ShopifyApp {
    /// Client id: public.
    pub client_id: String,
    /// Client secret: signs webhooks, ID tokens and queries.
    pub secret: SecretString,
    /// The secret before the last rotation: still accepted.
    pub previous_secret: Option<SecretString>,
}

impl Shopify {
    pub(super) fn read(env: &Env<'_>) -> anyhow::Result<Self> {
        let app = match (env.get("SHOPIFY_API_KEY"), env.get("SHOPIFY_API_SECRET")) {
            (Some(client_id), Some(secret)) => Some(ShopifyApp {
                client_id,
                secret: secret.into(),
                previous_secret: env.get("SHOPIFY_PREVIOUS_API_SECRET").map(SecretString::from),
            }),
            (None, None) => None,
            _ => anyhow::bail!("SHOPIFY_API_KEY and SHOPIFY_API_SECRET go together: set both or neither"),
        };
        let origin = env.or("RECOUP_SHOPIFY_ORIGIN", "https://{shop}");
        anyhow::ensure!(origin.contains("{shop}"), "RECOUP_SHOPIFY_ORIGIN must contain {{shop}}");
        let embedded = match env.or("RECOUP_EMBEDDED", "true").as_str() {
            "true" => true,
            "false" => false,
            other => anyhow::bail!("RECOUP_EMBEDDED must be `true` or `false`, not `{other}`"),
        };
        let polaris = env.or("RECOUP_POLARIS_URL", "https://cdn.shopify.com/shopifycloud/polaris-2.js");
        Ok(Self {
            app,
            origin,
            embedded,
            app_bridge_url: env.or("RECOUP_APP_BRIDGE_URL", "https://cdn.shopify.com/shopifycloud/app-bridge.js"),
            polaris_url: Some(polaris).filter(|url| url != "none"),
        })
    }
}
