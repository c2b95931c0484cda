//! What happens at the shop afterwards, what goes wrong, and what can be looked at.

use anyhow::Context;
use serde_json::{Value, json};

use crate::simulator::World;
use crate::simulator::clockwork::RefundKind;
use crate::simulator::shopify::discounts::{Discount, RedeemCode};
use crate::simulator::shopify::oauth::TokenCalls;
use crate::simulator::shopify::order::Buyer;
use crate::simulator::shopify::payload;
use crate::simulator::shopify::payload::product_id;
use crate::simulator::shopify::shop::COLLECTIONS;
use crate::simulator::shopify::trouble::AdminTrouble;
use crate::simulator::shopify::view::gid;
use crate::simulator::state::{Fault, Faults};

impl World {
    /// The merchant gives money back; the refund's number.
    pub fn refunds(&self, order: i64, kind: RefundKind) -> anyhow::Result<i64> {
        self.hold().refund(order, kind).context("nothing to refund")
    }

    /// A full refund comes into Shopify's book and nobody hears of it: no webhook, and the order does not look changed.
    pub fn refunds_unheard(&self, order: i64) -> bool {
        self.hold().refund_unheard(order)
    }

    /// The merchant cancels an order. `false` if it was cancelled before.
    pub fn cancels(&self, order: i64) -> bool {
        self.hold().cancel(order)
    }

    /// The merchant adds a piece to an order that was placed. `false` if there is none, or it was cancelled.
    pub fn edits(&self, order: i64) -> bool {
        self.hold().edit(order)
    }

    /// The payment of a pending order arrives. `false` if it was paid before.
    pub fn pays(&self, order: i64) -> bool {
        self.hold().pay(order)
    }

    /// How long customer journeys of orders from now on take; `None`: as long as they take by themselves.
    pub fn journeys_take(&self, seconds: Option<i64>) {
        self.hold().journeys_take = seconds;
    }

    /// The merchant, or another app, has a discount of its own with this code.
    pub fn somebody_has_code(&self, code: &str) {
        let mut held = self.hold();
        let now = held.clock.now();
        held.shop().discounts.add(Discount::of_the_house(now), code);
    }

    /// The body of `orders/create` about an order, for telling it again, or another one like it.
    pub fn order_body(&self, order: i64) -> Option<Value> {
        let mut held = self.hold();
        let shop = held.shop();
        shop.orders.get(&order).map(|order| payload::order(order, &shop.profile))
    }

    /// Something goes wrong next.
    pub fn fault(&self, fault: Fault) {
        let mut held = self.hold();
        match fault {
            Fault::Throttle(times) => held.faults.throttle += times,
            Fault::Denies(times) => held.faults.denies += times,
            Fault::AdminAnswers(status, times) => held.faults.admin.extend((0..times).map(|_| status)),
            Fault::AdminAnswersLost(status, times) => held.faults.admin_lost.extend((0..times).map(|_| status)),
            Fault::TokenAnswers(status, times) => held.faults.token.extend((0..times).map(|_| status)),
            Fault::TokenAnswersLost(status, times) => held.faults.token_lost.extend((0..times).map(|_| status)),
            Fault::TokenWaits(millis, times) => {
                let wait = std::time::Duration::from_millis(millis);
                held.faults.token_waits.extend((0..times).map(|_| wait));
            }
            Fault::Frozen(status) => held.shop().frozen = Some(status).filter(|status| *status > 0),
            Fault::Serves(version) => held.faults.serves = Some(version).filter(|version| !version.is_empty()),
            Fault::Closed => held.faults.closed = true,
            Fault::ReportsDenied => held.faults.reports_denied = true,
            Fault::Chokes(order) => held.faults.chokes = Some(order),
            Fault::BulkFails(lines) => held.faults.bulk.push_back(lines),
            Fault::FileAnswers(status, times) => held.faults.file.extend((0..times).map(|_| status)),
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

    /// Whatever was ordered to go wrong next does not.
    pub fn no_faults(&self) {
        self.hold().faults = Default::default();
    }

    /// What goes wrong by itself from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.hold().weather = faults;
    }

    /// How often the token endpoint gave something to the main shop.
    pub fn token_calls(&self) -> TokenCalls {
        self.hold().shop().tokens.calls
    }

    /// How often the Admin API was called.
    pub fn admin_calls(&self) -> u64 {
        self.hold().admin_calls
    }

    /// What goes wrong with the Admin API from now on.
    pub fn set_admin_trouble(&self, trouble: AdminTrouble) {
        self.hold().trouble = trouble;
    }

    /// How many calls of the Admin API trouble has struck.
    pub fn admin_strikes(&self) -> u64 {
        self.hold().strikes
    }

    /// How many calls of the Admin API asked for more points than there were. Trouble does not count.
    pub fn admin_throttled(&self) -> u64 {
        self.hold().throttled
    }

    /// A token of the old kind for the main shop, as it was had before tokens expired.
    pub fn token_of_the_old_kind(&self) -> String {
        let mut held = self.hold();
        let seed = held.seed;
        held.shop().tokens.old_kind(seed)
    }

    /// The merchant grants these scopes from now on; the webhook comes later.
    pub fn grants(&self, scopes: &[&str]) {
        let mut held = self.hold();
        let previous = held.shop().profile.scopes.clone();
        held.shop().profile.scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let shop = gid("Shop", held.shop().profile.id);
        let body =
            json!({"id": 1, "shop_id": shop, "previous": previous, "current": scopes, "updated_at": held.clock.now()});
        held.announce("app/scopes_update", &body);
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

    /// The merchant edits a discount in the admin, by its number; the webhook follows. `false`: there is no such one.
    pub fn merchant_edits_discount(&self, id: i64, edit: impl FnOnce(&mut Discount)) -> bool {
        let mut held = self.hold();
        let now = held.clock.now();
        let Some(discount) = held.shop().discounts.list.get_mut(&id) else { return false };
        edit(discount);
        discount.updated_at = now;
        held.tell_discount(id);
        true
    }

    /// The merchant deletes a discount in the admin, by its number; the webhook follows.
    pub fn merchant_deletes_discount(&self, id: i64) -> bool {
        let mut held = self.hold();
        let known = held.shop().discounts.list.contains_key(&id);
        held.shop().discounts.remove(id);
        if known {
            held.tell_discount_gone(id);
        }
        known
    }

    /// What was to be paid for an order, in minor units, tips apart.
    pub fn total_of(&self, order: i64) -> Option<i64> {
        self.hold().shop().orders.get(&order).map(|order| order.cart.total())
    }

    /// Shopify's number of a product of the catalogue.
    pub fn product_id(&self, product: usize) -> String {
        product_id(product).to_string()
    }

    /// Shopify's number of collection n, and which products are in it.
    pub fn collection(&self, n: usize) -> (String, Vec<usize>) {
        let (id, products) = COLLECTIONS[n];
        (id.to_string(), products.to_vec())
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

    /// What the app's web pixel is told, if there is one.
    pub fn web_pixel(&self) -> Option<Value> {
        self.hold().shop().pixel.as_ref().map(|(_, settings)| settings.clone())
    }

    /// The web pixel vanishes, or is told something else by somebody.
    pub fn web_pixel_becomes(&self, settings: Option<Value>) {
        self.hold().shop().pixel = settings.map(|settings| (1, settings));
    }

    /// How much happens from now on, as a multiple; a higher pace is felt at once.
    pub fn set_pace(&self, pace: f64) {
        self.hold().quickens(pace);
    }

    /// The body of a compliance topic (`customers/data_request`, `customers/redact`, `shop/redact`) about a known customer.
    pub fn compliance_body(&self, topic: &str, customer: usize) -> Value {
        let buyer = self.customer(customer);
        let mut held = self.hold();
        let shop = held.shop();
        let orders: Vec<i64> =
            shop.orders.values().filter(|o| o.buyer.customer_id == buyer.customer_id).map(|o| o.id).collect();
        let mut body = json!({"shop_id": shop.profile.id, "shop_domain": shop.profile.domain});
        if topic.starts_with("customers/") {
            body["customer"] = json!({"id": buyer.customer_id, "email": buyer.email, "phone": buyer.phone});
        }
        match topic {
            "customers/data_request" => {
                body["orders_requested"] = json!(orders);
                body["data_request"] = json!({"id": 9_999});
            }
            "customers/redact" => body["orders_to_redact"] = json!(orders),
            _ => {}
        }
        body
    }
}
