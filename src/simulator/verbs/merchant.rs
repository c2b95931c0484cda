//! The merchant and the platform at the app's door: ID tokens, API key, installing and removing.

use anyhow::{Context, bail};
use serde_json::{Value, json};

use super::{Answer, read};
use crate::simulator::World;
use crate::simulator::dice::{Luck, dice};
use crate::simulator::proof;
use crate::simulator::whatsapp::PHONE_NUMBER_ID;

impl World {
    /// An ID token of a shop's admin, good for a minute.
    pub fn id_token(&self, domain: &str) -> String {
        let held = self.hold();
        let now = held.clock.now().seconds();
        let mut luck = dice(held.seed, "id token", now.unsigned_abs());
        let (iss, dest) = (format!("https://{domain}/admin"), format!("https://{domain}"));
        let claims = json!({"iss": iss, "dest": dest, "aud": held.client_id, "sub": "42", "exp": now + 60, "nbf": now, "iat": now,
            "jti": luck.uuid().to_string(), "sid": luck.uuid().to_string()});
        proof::jwt(&held.client_secret, &claims)
    }

    /// The query with which the admin loads the app: signed, with an ID token.
    pub fn load_query(&self, domain: &str) -> String {
        let token = self.id_token(domain);
        let held = self.hold();
        let name = domain.trim_end_matches(".myshopify.com");
        let pairs = vec![
            ("embedded", "1".to_owned()),
            ("host", proof::base64_text(&format!("admin.shopify.com/store/{name}"))),
            ("id_token", token),
            ("locale", "en".to_owned()),
            ("session", "pretend".to_owned()),
            ("shop", domain.to_owned()),
            ("timestamp", held.clock.now().seconds().to_string()),
        ];
        proof::signed_query(&held.client_secret, pairs)
    }

    /// The query with which Shopify opens an app that is not embedded: signed, without an ID token.
    pub fn outside_query(&self, domain: &str) -> String {
        let held = self.hold();
        let name = domain.trim_end_matches(".myshopify.com");
        let pairs = vec![
            ("host", proof::base64_text(&format!("admin.shopify.com/store/{name}"))),
            ("shop", domain.to_owned()),
            ("timestamp", held.clock.now().seconds().to_string()),
        ];
        proof::signed_query(&held.client_secret, pairs)
    }

    /// `….myshopify.com` of the shop life takes place in.
    pub fn shop_domain(&self) -> String {
        self.hold().main.clone()
    }

    async fn call(
        &self,
        method: reqwest::Method,
        path: &str,
        bearer: &str,
        body: Option<&Value>,
    ) -> anyhow::Result<Answer> {
        let app = self.hold().app_url.clone();
        let request = self.inner.http.request(method, format!("{app}{path}")).bearer_auth(bearer);
        read(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// The merchant reads something.
    pub async fn merchant_get(&self, path: &str) -> anyhow::Result<Answer> {
        let token = self.id_token(&self.shop_domain());
        self.call(reqwest::Method::GET, path, &token, None).await
    }

    /// The merchant does something; `method` such as `POST`, `PATCH`.
    pub async fn merchant_send(&self, method: &str, path: &str, body: &Value) -> anyhow::Result<Answer> {
        let token = self.id_token(&self.shop_domain());
        self.call(method.parse()?, path, &token, Some(body)).await
    }

    /// The merchant posts something.
    pub async fn merchant_post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.merchant_send("POST", path, body).await
    }

    /// The key the pretend platform calls the app with.
    pub fn api_key(&self) -> anyhow::Result<String> {
        self.hold().api_key.clone().context("the platform has no API key yet: install first")
    }

    /// The platform reads something.
    pub async fn platform_get(&self, path: &str) -> anyhow::Result<Answer> {
        self.call(reqwest::Method::GET, path, &self.api_key()?, None).await
    }

    /// The platform posts something.
    pub async fn platform_post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        self.call(reqwest::Method::POST, path, &self.api_key()?, Some(body)).await
    }

    /// The platform has this key from now on.
    pub fn platform_has_key(&self, key: &str) {
        self.hold().api_key = Some(key.to_owned());
    }

    /// The merchant opens the app for the first time, makes a key for the platform and names the WhatsApp number.
    pub async fn install(&self) -> anyhow::Result<()> {
        let domain = self.shop_domain();
        self.hold().shop().installed = true;
        let opened = self.opens_app(&domain).await?;
        if opened.status != 200 {
            bail!("the app answered {} when the merchant opened it: {}", opened.status, opened.text);
        }
        let wanted = json!({"name": "Pretend platform", "scopes": ["campaigns", "statuses", "reports"]});
        let made = self.merchant_post("/api/keys", &wanted).await?;
        let key = made.json["key"].as_str().with_context(|| format!("no API key: {} {}", made.status, made.text))?;
        self.platform_has_key(key);
        let numbers = json!({"whatsapp_phone_number_ids": [PHONE_NUMBER_ID]});
        let set = self.merchant_send("PATCH", "/api/settings", &numbers).await?;
        if set.status >= 300 {
            bail!("the settings were refused: {} {}", set.status, set.text);
        }
        Ok(())
    }

    /// A merchant opens the app in the admin.
    pub async fn opens_app(&self, domain: &str) -> anyhow::Result<Answer> {
        let query = self.load_query(domain);
        let url = format!("{}/?{query}", self.hold().app_url);
        read(self.inner.http.get(url)).await
    }

    /// The merchant removes the app: tokens are void at once, the webhook comes later.
    pub fn uninstalls(&self) {
        let mut held = self.hold();
        let shop = held.shop();
        shop.installed = false;
        shop.tokens.void();
        let body = json!({"id": shop.profile.id, "name": shop.profile.name, "myshopify_domain": shop.profile.domain,
            "domain": shop.profile.domain, "currency": shop.profile.currency.code(), "iana_timezone": shop.profile.zone.name()});
        held.announce("app/uninstalled", &body);
    }
}
