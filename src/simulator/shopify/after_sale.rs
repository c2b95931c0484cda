//! What becomes of an order: it is paid or not, touched, refunded, cancelled. Each changes the order and says so.

use serde_json::{Value, json};

use crate::simulator::clockwork::RefundKind;
use crate::simulator::state::State;

use super::order::{Edit, Order, Refund};
use super::payload;
use super::shop::PRODUCTS;

impl State {
    fn change(&mut self, id: i64, act: impl FnOnce(&mut Order)) -> Option<Value> {
        let now = self.clock.now();
        let shop = self.shop();
        let order = shop.orders.get_mut(&id)?;
        act(order);
        order.updated_at = now;
        Some(payload::order(&shop.orders[&id], &shop.profile))
    }

    /// Payment arrives.
    pub fn pay(&mut self, id: i64) -> bool {
        let now = self.clock.now();
        let open = |o: &Order| o.paid_at.is_none() && !o.voided && o.cancelled_at.is_none();
        if !self.shop().orders.get(&id).is_some_and(open) {
            return false;
        }
        let body = self.change(id, |order| order.paid_at = Some(now));
        if let Some(body) = body {
            self.announce("orders/paid", &body);
            self.announce("orders/updated", &body);
        }
        true
    }

    /// Payment never arrives: the order is voided and cancelled.
    pub fn void(&mut self, id: i64) -> bool {
        if !self.shop().orders.get(&id).is_some_and(|o| o.paid_at.is_none() && o.cancelled_at.is_none()) {
            return false;
        }
        let now = self.clock.now();
        let body = self.change(id, |order| {
            order.voided = true;
            order.cancelled_at = Some(now);
        });
        if let Some(body) = body {
            self.announce("orders/cancelled", &body);
            self.announce("orders/updated", &body);
        }
        true
    }

    /// The order is sent off.
    pub fn touch(&mut self, id: i64) {
        if let Some(body) = self.change(id, |order| order.fulfilled = true) {
            self.announce("orders/updated", &body);
        }
    }

    /// The merchant adds a mug; the buyer pays for it at once.
    pub fn edit(&mut self, id: i64) -> bool {
        const MUG: usize = 5;
        if self.shop().orders.get(&id).is_none_or(|order| order.cancelled_at.is_some() || !order.refunds.is_empty()) {
            return false;
        }
        let price = self.shop().price_of(&PRODUCTS[MUG]);
        let now = self.clock.now();
        let put_on = |order: &mut Order| {
            let n = order.edits.len() as i64;
            order.edits.push(Edit { id: order.id + 50 + n, at: now, line: order.cart.lines.len() });
            order.cart.add(MUG, price);
        };
        let Some(body) = self.change(id, put_on) else { return false };
        let edit = json!({"order_edit": {"id": now.seconds(), "app_id": null, "order_id": id, "created_at": now, "committed_at": now,
            "notify_customer": false, "line_items": {"additions": [{"id": id * 10 + 9, "delta": 1}], "removals": []}}});
        self.announce("orders/edited", &edit);
        self.announce("orders/updated", &body);
        true
    }

    /// The merchant cancels: whatever was paid goes back.
    pub fn cancel(&mut self, id: i64) -> bool {
        if self.shop().orders.get(&id).is_none_or(|order| order.cancelled_at.is_some()) {
            return false;
        }
        let now = self.clock.now();
        let number = self.shop().number();
        let mut refunded = None;
        let body = self.change(id, |order| {
            if order.paid_at.is_some() {
                let mut refund = everything(order, refund_id(number), now);
                refund.cancels = true;
                refunded = Some(refund.clone());
                order.refunds.push(refund);
            }
            order.cancelled_at = Some(now);
        });
        self.tell_refund(id, refunded);
        if let Some(body) = body {
            self.announce("orders/cancelled", &body);
            self.announce("orders/updated", &body);
        }
        true
    }

    /// The merchant gives money back; `None` if there is nothing to give back.
    pub fn refund(&mut self, id: i64, kind: RefundKind) -> Option<i64> {
        let now = self.clock.now();
        let number = self.shop().number();
        let order = self.shop().orders.get(&id)?;
        if order.paid_at.is_none() || order.cancelled_at.is_some() {
            return None;
        }
        let nothing = Refund {
            id: refund_id(number),
            at: now,
            lines: vec![],
            shipping: (0, 0),
            tip: 0,
            goodwill: 0,
            cancels: false,
        };
        let refund = match kind {
            RefundKind::Full => everything(order, refund_id(number), now),
            RefundKind::OnePiece => {
                let line = (0..order.cart.lines.len()).find_map(|n| order.take_back(n, 1));
                Refund { lines: line.into_iter().collect(), ..nothing }
            }
            RefundKind::Tip(minor) => Refund { tip: minor.min(order.current_tip()), ..nothing },
            RefundKind::Goodwill(minor) => Refund { goodwill: minor.min(order.total() - order.refunded()), ..nothing },
        };
        if refund.total() <= 0 {
            return None;
        }
        let given = refund.id;
        let body = self.change(id, |order| order.refunds.push(refund.clone()));
        self.tell_refund(id, Some(refund));
        if let Some(body) = body {
            self.announce("orders/updated", &body);
        }
        Some(given)
    }

    /// All of an order is given back, and neither a webhook nor its last change says so.
    pub fn refund_unheard(&mut self, id: i64) -> bool {
        let now = self.clock.now();
        let number = self.shop().number();
        let Some(order) = self.shop().orders.get_mut(&id) else { return false };
        let refund = everything(order, refund_id(number), now);
        order.refunds.push(refund);
        true
    }

    fn tell_refund(&mut self, id: i64, refund: Option<Refund>) {
        let shop = self.shop();
        let body = refund.zip(shop.orders.get(&id)).map(|(r, order)| payload::refund(order, &r, &shop.profile));
        if let Some(body) = body {
            self.announce("refunds/create", &body);
        }
    }
}

fn refund_id(number: i64) -> i64 {
    930_000_000_000 + number * 10
}

/// All that is left of an order, given back.
pub(super) fn everything(order: &Order, id: i64, at: crate::kernel::Timestamp) -> Refund {
    let lines = (0..order.cart.lines.len()).filter_map(|n| order.take_back(n, i64::MAX)).collect();
    let free = order.refunds.iter().all(|r| r.shipping == (0, 0));
    let shipping = order
        .cart
        .shipping
        .as_ref()
        .filter(|_| free)
        .map_or((0, 0), |way| (way.discounted() - if order.cart.taxes_included { way.tax } else { 0 }, way.tax));
    // What was given without goods before is not given twice.
    let goodwill = -order.refunds.iter().map(|r| r.goodwill).sum::<i64>();
    Refund { id, at, lines, shipping, tip: order.current_tip(), goodwill, cancels: false }
}
