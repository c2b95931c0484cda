//! Shoppers: tapping, checking out, buying.

use anyhow::Context;

use super::read;
use crate::simulator::World;
use crate::simulator::shopify::order::Buyer;
use crate::simulator::shopper::PREVIEW;
use crate::simulator::storefront::checkout::Payment;
use crate::simulator::whatsapp;

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

    /// The same browser opens another page of the storefront, perhaps from somebody else's page.
    pub async fn comes_again(&self, path_and_query: &str, referrer: &str) -> anyhow::Result<()> {
        let session = self.session.as_deref().context("this visit never reached the storefront")?;
        let page = self.world.inner.http.get(format!("{}{path_and_query}", self.world.storefront_origin()));
        let page = page.header("cookie", format!("session={session}")).header("referer", referrer);
        let status = read(page).await?.status;
        anyhow::ensure!(status == 200, "the storefront answered {status}");
        Ok(())
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

/// The line of whoever a link was sent to: shoppers do not sit at one address.
fn line_of(link: &str) -> String {
    let [a, b, c, _] =
        link.bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into())).to_be_bytes();
    format!("100.{}.{b}.{c}", 64 + a % 64)
}

impl World {
    /// Somebody taps a link with an ordinary phone.
    pub async fn shopper_taps(&self, link: &str) -> anyhow::Result<Visit> {
        let agent = "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";
        self.tap(link, agent, false).await
    }

    /// Somebody taps a link: the app is asked without following, then the storefront is followed to its end.
    pub async fn tap(&self, link: &str, user_agent: &str, blocks_scripts: bool) -> anyhow::Result<Visit> {
        let asked = self.inner.http.get(link).header("user-agent", user_agent).header("x-forwarded-for", line_of(link));
        let answer = read(asked).await?;
        let location = answer.header("location").map(str::to_owned);
        self.hold().tapped(link, location.as_deref());
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
        let (session, now) = (held.open_session(), held.clock.now());
        if let Some(browser) = held.shop().sessions.get_mut(&session) {
            browser.opens(path_and_query, None, false, now);
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

    /// Impatience: the same link once more, and what it answers is not looked at.
    pub(in crate::simulator) async fn taps_once_more(&self, link: &str, user_agent: &str) {
        if let Ok(answer) = self.inner.http.get(link).header("user-agent", user_agent).send().await {
            self.hold().tapped(link, answer.headers().get("location").and_then(|to| to.to_str().ok()));
        }
    }

    /// A browser fetches a link before anybody opens it.
    pub(in crate::simulator) async fn prefetch(&self, link: &str) {
        let agent = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36";
        let request = self.inner.http.get(link).header("user-agent", agent).header("sec-purpose", "prefetch");
        let _ = request.send().await;
    }

    /// Meta counts a click too, and says so. It does not say whose.
    pub(in crate::simulator) async fn meta_counts_a_click(&self, id: &str) {
        let at = self.clock().now().seconds().to_string();
        let body = whatsapp::link_click(id, &at);
        let _ = self.request_whatsapp(body).send().await;
    }

    pub(in crate::simulator) async fn preview(&self, link: &str, head: bool) {
        let method = if head { reqwest::Method::HEAD } else { reqwest::Method::GET };
        // What a preview gets is nobody's business here.
        let _ = self.inner.http.request(method, link).header("user-agent", PREVIEW).send().await;
    }

    /// A checkout is completed; the order's number.
    pub fn completes(&self, checkout_token: &str, payment: Payment) -> anyhow::Result<i64> {
        self.hold().complete_checkout(checkout_token, payment).context("no such open checkout")
    }

    /// Somebody works on their checkout: says who they are, or only looks at it again. `false`: it is not open.
    pub fn works_on(&self, checkout_token: &str, says: Option<Buyer>) -> bool {
        self.hold().touch_checkout(checkout_token, |checkout| checkout.buyer = says.unwrap_or(checkout.buyer.clone()))
    }

    /// Shopify deletes a checkout. `false`: there is none.
    pub fn deletes_checkout(&self, checkout_token: &str) -> bool {
        self.hold().delete_checkout(checkout_token)
    }
}
