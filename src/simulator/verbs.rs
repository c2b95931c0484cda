//! What the people of the pretend world do, one thing at a time and over real HTTP: for tests, and for living.

use anyhow::{Context, bail};
use bytes::Bytes;
use serde_json::{Value, json};

use super::World;
use super::clockwork::RefundKind;
use super::dice::{Luck, dice};
use super::proof;
use super::shopify::discounts::{Discount, RedeemCode};
use super::shopify::order::Buyer;
use super::shopify::webhooks::Delivery;
use super::shopper::PREVIEW;
use super::state::Fault;
use super::storefront::checkout::Payment;
use super::whatsapp::{PHONE_NUMBER_ID, as_meta_writes};

/// What came back.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body as JSON; null if it is none.
    pub json: Value,
    /// The body as text.
    pub text: String,
    /// Header lines, names in lower case.
    pub headers: Vec<(String, String)>,
}

impl Answer {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A webhook about to be sent by hand.
pub struct Sending<'w> {
    world: &'w World,
    delivery: Delivery,
    secret: Option<String>,
    events: bool,
    times: usize,
}

impl Sending<'_> {
    /// The same delivery so many times in all.
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    /// Signed with another secret.
    pub fn signed_with(mut self, secret: &str) -> Self {
        self.secret = Some(secret.to_owned());
        self
    }

    /// With this delivery id.
    pub fn with_id(mut self, id: &str) -> Self {
        self.delivery.webhook_id = id.to_owned();
        self
    }

    /// From another shop.
    pub fn from_shop(mut self, domain: &str) -> Self {
        self.delivery.domain = domain.to_owned();
        self
    }

    /// Triggered at another instant.
    pub fn triggered_at(mut self, at: crate::kernel::Timestamp) -> Self {
        self.delivery.triggered_at = at;
        self
    }

    /// With the headers of next-generation Events.
    pub fn as_event(mut self) -> Self {
        self.events = true;
        self
    }

    /// Sends, one after the other; the answer to the last.
    pub async fn send(self) -> anyhow::Result<Answer> {
        let (own, app) = {
            let held = self.world.hold();
            (held.client_secret.clone(), held.app_url.clone())
        };
        let headers = self.delivery.headers(self.secret.as_deref().unwrap_or(&own), self.events);
        let mut last = None;
        for _ in 0..self.times.max(1) {
            let request = self.world.request_webhook(
                &format!("{app}/webhooks/shopify"),
                headers.clone(),
                self.delivery.body.clone(),
            );
            last = Some(read(request).await?);
        }
        last.context("nothing was sent")
    }
}

async fn read(request: reqwest::RequestBuilder) -> anyhow::Result<Answer> {
    let response = request.send().await.context("the other side did not answer")?;
    let status = response.status().as_u16();
    let headers = response.headers().iter();
    let headers = headers.map(|(n, v)| (n.as_str().to_owned(), v.to_str().unwrap_or_default().to_owned())).collect();
    let text = response.text().await?;
    Ok(Answer { status, json: serde_json::from_str(&text).unwrap_or_default(), text, headers })
}

/// One visit to the storefront through a link.
#[derive(Clone)]
pub struct Visit {
    world: World,
    /// What the app answered to the tap.
    pub status: u16,
    /// Where it sent the shopper.
    pub location: Option<String>,
    /// The browser's session at the storefront, if it got there.
    pub session: Option<String>,
    /// What the storefront answered in the end.
    pub landed: Option<u16>,
}

impl Visit {
    /// Fills the cart (product number and quantity) and begins a checkout; its token.
    pub fn checks_out(&self, wants: &[(usize, i64)], buyer: Buyer) -> anyhow::Result<String> {
        let session = self.session.as_deref().context("this visit never reached the storefront")?;
        let mut held = self.world.hold();
        if let Some(browser) = held.shop().sessions.get_mut(session) {
            wants.iter().for_each(|&(product, quantity)| browser.add(product, quantity));
        }
        held.begin_checkout(session, buyer, None).context("an empty cart cannot be checked out")
    }

    /// Checks out and pays; the order's number.
    pub fn buys(&self, wants: &[(usize, i64)], buyer: Buyer) -> anyhow::Result<i64> {
        let token = self.checks_out(wants, buyer)?;
        self.world.completes(&token, Payment::default())
    }

    /// The codes the session holds.
    pub fn codes(&self) -> Vec<String> {
        let mut held = self.world.hold();
        self.session.as_ref().and_then(|id| held.shop().sessions.get(id)).map(|s| s.codes.clone()).unwrap_or_default()
    }

    /// The cart attributes the session holds.
    pub fn attributes(&self) -> Vec<(String, String)> {
        let mut held = self.world.hold();
        self.session
            .as_ref()
            .and_then(|id| held.shop().sessions.get(id))
            .map(|s| s.attributes.clone())
            .unwrap_or_default()
    }
}

impl World {
    pub(super) fn request_webhook(
        &self,
        url: &str,
        headers: Vec<(String, String)>,
        body: Bytes,
    ) -> reqwest::RequestBuilder {
        let request = self.inner.http.post(url).header("content-type", "application/json").body(body);
        headers.into_iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    pub(super) fn request_whatsapp(&self, body: Bytes) -> reqwest::RequestBuilder {
        let (app, secret) = {
            let held = self.hold();
            (held.app_url.clone(), held.whatsapp_app_secret.clone())
        };
        let signature = format!("sha256={}", proof::hex_signature(&secret, &body));
        self.request_webhook(
            &format!("{app}/webhooks/whatsapp"),
            vec![("x-hub-signature-256".to_owned(), signature)],
            body,
        )
    }

    /// A webhook of the main shop, ready to be sent.
    pub fn delivery(&self, topic: &str, body: &Value) -> Sending<'_> {
        let delivery = self.hold().delivery(topic, body);
        Sending { world: self, delivery, secret: None, events: false, times: 1 }
    }

    /// Sends one webhook of the main shop.
    pub async fn deliver(&self, topic: &str, body: &Value) -> anyhow::Result<Answer> {
        self.delivery(topic, body).send().await
    }

    /// Sends one WhatsApp webhook, signed.
    pub async fn whatsapp(&self, body: &Value) -> anyhow::Result<Answer> {
        read(self.request_whatsapp(as_meta_writes(body))).await
    }

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

    fn api_key(&self) -> anyhow::Result<String> {
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

    /// Somebody taps a link with an ordinary phone.
    pub async fn shopper_taps(&self, link: &str) -> anyhow::Result<Visit> {
        let agent = "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";
        self.tap(link, agent, false).await
    }

    /// Somebody taps a link: the app is asked without following, then the storefront is followed to its end.
    pub async fn tap(&self, link: &str, user_agent: &str, blocks_scripts: bool) -> anyhow::Result<Visit> {
        let answer = read(self.inner.http.get(link).header("user-agent", user_agent)).await?;
        let location = answer.header("location").map(str::to_owned);
        let origin = self.storefront_origin();
        let mut visit = Visit {
            world: self.clone(),
            status: answer.status,
            location: location.clone(),
            session: None,
            landed: None,
        };
        let mut next = location.filter(|url| url.starts_with(&origin));
        let blocker = if blocks_scripts { "; blocker=1" } else { "" };
        for _ in 0..5 {
            let Some(url) = next.take() else { break };
            let cookie = format!("session={}{blocker}", visit.session.as_deref().unwrap_or(""));
            let page = read(self.inner.http.get(url).header("user-agent", user_agent).header("cookie", cookie)).await?;
            visit.landed = Some(page.status);
            let set =
                page.header("set-cookie").and_then(|c| c.strip_prefix("session=")).and_then(|c| c.split(';').next());
            if let Some(session) = set {
                visit.session = Some(session.to_owned());
            }
            next = page.header("location").map(|path| format!("{origin}{path}"));
        }
        Ok(visit)
    }

    /// Somebody opens the storefront by themselves.
    pub fn shopper_comes(&self, path_and_query: &str) -> Visit {
        let mut held = self.hold();
        let session = held.open_session();
        if let Some(browser) = held.shop().sessions.get_mut(&session) {
            browser.lands(path_and_query, false);
        }
        Visit { world: self.clone(), status: 200, location: None, session: Some(session), landed: Some(200) }
    }

    /// Somebody types a code at the checkout.
    pub fn types_code(&self, visit: &Visit, code: &str) {
        let mut held = self.hold();
        if let Some(browser) = visit.session.as_ref().and_then(|id| held.shop().sessions.get_mut(id)) {
            browser.codes.push(code.to_owned());
        }
    }

    pub(super) async fn preview(&self, link: &str, head: bool) {
        let method = if head { reqwest::Method::HEAD } else { reqwest::Method::GET };
        // What a preview gets is nobody's business here.
        let _ = self.inner.http.request(method, link).header("user-agent", PREVIEW).send().await;
    }

    /// A checkout is completed; the order's number.
    pub fn completes(&self, checkout_token: &str, payment: Payment) -> anyhow::Result<i64> {
        self.hold().complete_checkout(checkout_token, payment).context("no such open checkout")
    }

    /// The merchant gives money back; the refund's number.
    pub fn refunds(&self, order: i64, kind: RefundKind) -> anyhow::Result<i64> {
        self.hold().refund(order, kind).context("nothing to refund")
    }

    /// The merchant cancels an order. `false` if it was cancelled before.
    pub fn cancels(&self, order: i64) -> bool {
        self.hold().cancel(order)
    }

    /// The payment of a pending order arrives. `false` if it was paid before.
    pub fn pays(&self, order: i64) -> bool {
        self.hold().pay(order)
    }

    /// Something goes wrong next.
    pub fn fault(&self, fault: Fault) {
        let mut held = self.hold();
        match fault {
            Fault::Throttle(times) => held.faults.throttle += times,
            Fault::AdminAnswers(status, times) => held.faults.admin.extend((0..times).map(|_| status)),
            Fault::TokenAnswers(status, times) => held.faults.token.extend((0..times).map(|_| status)),
            Fault::AccessTokensVoid => held.shop().tokens.void_access(),
            Fault::AllTokensVoid => held.shop().tokens.void(),
            Fault::BucketEmpty => {
                let now = held.clock.now();
                let bucket = &mut held.shop().bucket;
                let _ = bucket.available(now);
                bucket.drain();
            }
        }
    }

    /// An authorization code the admin would hand to the merchant's browser.
    pub fn authorization_code(&self) -> String {
        let mut held = self.hold();
        let code = format!("pretend-code-{}", held.shop().number());
        held.shop().tokens.authorize(code.clone());
        code
    }

    /// All discounts of the main shop, oldest first.
    pub fn discounts(&self) -> Vec<Discount> {
        self.hold().shop().discounts.list.values().cloned().collect()
    }

    /// All codes of the main shop that have arrived, in order of text.
    pub fn redeem_codes(&self) -> Vec<RedeemCode> {
        let mut held = self.hold();
        let now = held.clock.now();
        let all = &mut held.shop().discounts;
        all.catch_up(now);
        all.codes.values().cloned().collect()
    }

    /// Known customer number n, as a buyer.
    pub fn customer(&self, number: usize) -> Buyer {
        self.hold().people.get(number).map(|person| person.buyer.clone()).unwrap_or_default()
    }

    /// How much happens from now on, as a multiple.
    pub fn set_pace(&self, pace: f64) {
        self.hold().traffic.pace = pace;
    }
}
