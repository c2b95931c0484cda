//! Stages of orders, worked out by hand.

use super::*;
use crate::orders::by_hand::{COATS, Made, PLACED, REFUND, facts, refund, sales, version};
use crate::orders::{Amounts, Because};

fn eur() -> Currency {
    Currency::parse("EUR").unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

/// As its payload tells the order that [`COATS`] is.
const TOLD: Amounts = Amounts {
    gross: 8_500,
    discounts: 1_000,
    shipping: 500,
    tax: 1_600,
    tips: 0,
    gift_cards: 0,
    duties: 0,
    fees: 0,
    total: 9_600,
};

/// When, where it stands, net and total sales.
fn shape(stages: &[Stage]) -> Vec<(i64, Line, i64, i64)> {
    stages.iter().map(|stage| (stage.effective_at.seconds(), stage.line, stage.net, stage.total)).collect()
}

#[test]
fn stages_follow_the_instants_of_shopifys_own_book() {
    let back: Made<'_> = (REFUND.0, REFUND.1, 700, &[("PRODUCT", "RETURN", -4_500, -750, 0)]);
    let goodwill: Made<'_> = (REFUND.0, REFUND.1, 800, &[("ADJUSTMENT", "UPDATE", -100, 0, 0)]);
    let mut order = facts(TOLD, sales(&[COATS, back, goodwill]));
    // The payload told the refund a moment later, and of another worth: the book decides.
    order.refunds = vec![refund(703, 3_749, 750)];
    let found = stages(&order, eur());
    let paid = Line::Unattributed;
    assert_eq!(shape(&found), [(100, paid, 7_500, 9_600), (700, paid, 3_750, 5_100), (800, paid, 3_650, 5_000)]);
    assert!(found.iter().all(|stage| stage.source == Source::Sales));
    assert_eq!(found[1].why, "refunded 37.50 EUR in all");
    assert_eq!((found[2].adjustments, found[2].why.as_str()), (100, "refunded 38.50 EUR in all"));
}

#[test]
fn until_the_book_is_known_the_payload_decides() {
    let mut order = facts(TOLD, vec![]);
    order.book = None;
    order.refunds = vec![refund(703, 3_750, 750)];
    let found = stages(&order, eur());
    let paid = Line::Unattributed;
    assert_eq!(shape(&found), [(100, paid, 7_500, 9_600), (703, paid, 3_750, 5_100)]);
    assert!(found.iter().all(|stage| stage.source == Source::Payload(Because::Unread)));
}

#[test]
fn renewals_are_left_out_and_cancelled_orders_are_worth_nothing() {
    let mut renewal = facts(TOLD, sales(&[COATS]));
    renewal.order.source_name = "subscription_contract_checkout_one".into();
    let [stage] = stages(&renewal, eur()).try_into().unwrap();
    assert_eq!((stage.line, stage.net, stage.total), (Line::SubscriptionRenewals, 0, 0));
    assert_eq!((stage.left_out, stage.left_out_total), (7_500, 9_600));
    let back: Made<'_> =
        (REFUND.0, REFUND.1, 700, &[("PRODUCT", "RETURN", -9_000, -1_500, 0), ("SHIPPING", "RETURN", -600, -100, 0)]);
    let mut cancelled = facts(TOLD, sales(&[COATS, back]));
    let mut version = version(700, TOLD);
    version.cancelled_at = Some(at(700));
    cancelled.versions.push(version);
    assert_eq!(
        shape(&stages(&cancelled, eur())),
        [(100, Line::Unattributed, 7_500, 9_600), (700, Line::Cancelled, 0, 0)]
    );
}

#[test]
fn a_pending_order_has_its_worth_from_the_book_and_its_line_from_the_payment() {
    let mut order = facts(TOLD, sales(&[COATS]));
    order.versions[0].financial_status = Some("pending".into());
    order.versions.push(version(400, TOLD));
    let found = stages(&order, eur());
    assert_eq!(shape(&found), [(100, Line::Pending, 7_500, 9_600), (400, Line::Unattributed, 7_500, 9_600)]);
}

/// In a shop that counts in yen an order in euro stands apart; one in yen is whole yen.
#[test]
fn another_currency_is_never_added() {
    let yen = Currency::parse("JPY").unwrap();
    let order = facts(TOLD, sales(&[COATS]));
    assert_eq!(shape(&stages(&order, yen)), [(100, Line::OtherCurrency, 0, 0)]);
    let mut order = facts(TOLD, sales(&[(PLACED.0, PLACED.1, 100, &[("PRODUCT", "ORDER", 1_100, 100, 0)])]));
    order.order.currency = "JPY".into();
    // What the buyer saw is no matter.
    order.order.presentment_currency = "USD".into();
    assert_eq!(shape(&stages(&order, yen)), [(100, Line::Unattributed, 1_000, 1_100)]);
}
