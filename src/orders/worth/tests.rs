//! Orders worked out by hand, from Shopify's book of sales and from payloads.

use proptest::prelude::*;

use super::*;
use crate::kernel::Contacts;
use crate::kernel::id::ShopId;
use crate::orders::order::{Model as Order, OrderId, Texts};
use crate::orders::refund::Model as Refund;
use crate::orders::{Amounts, Book, BookState, DifferenceKind};

const SHOP: ShopId = ShopId(77);
const END: Timestamp = Timestamp::FOREVER;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

/// An agreement: its type, its reason, when it happened, and its sales: line, action, total, tax, discounts.
pub(crate) type Made<'a> = (&'a str, &'a str, i64, &'a [(&'a str, &'a str, i64, i64, i64)]);

pub(crate) fn sales(agreements: &[Made<'_>]) -> Vec<Sale> {
    let mut all = Vec::new();
    for (n, (kind, reason, happened, sold)) in agreements.iter().enumerate() {
        for (m, (line, action, total, tax, discounts)) in sold.iter().enumerate() {
            all.push(Sale {
                shop_id: SHOP,
                shopify_order_id: OrderId(5),
                shopify_sale_id: format!("gid://shopify/Sale/{n}{m}"),
                shopify_agreement_id: format!("gid://shopify/SalesAgreement/{n}"),
                agreement: (*kind).to_owned(),
                reason: (*reason).to_owned(),
                happened_at: at(*happened),
                line_type: (*line).to_owned(),
                action_type: (*action).to_owned(),
                quantity: Some(1),
                total_minor: *total,
                tax_minor: *tax,
                discounts_minor: *discounts,
            });
        }
    }
    all
}

pub(crate) fn version(updated_at: i64, amounts: Amounts) -> Version {
    Version {
        shop_id: SHOP,
        shopify_order_id: OrderId(5),
        updated_at: at(updated_at),
        digest: String::new(),
        financial_status: Some("paid".into()),
        cancelled_at: None,
        test: false,
        gross_minor: amounts.gross,
        discounts_minor: amounts.discounts,
        shipping_minor: amounts.shipping,
        tax_minor: amounts.tax,
        tips_minor: amounts.tips,
        gift_cards_minor: amounts.gift_cards,
        total_minor: amounts.total,
        duties_minor: amounts.duties,
        fees_minor: amounts.fees,
        reading: 2,
    }
}

/// Ordered at 100; its book read through 1,000.
pub(crate) fn facts(amounts: Amounts, sales: Vec<Sale>) -> Facts {
    let order = Order {
        shop_id: SHOP,
        shopify_order_id: OrderId(5),
        version_key: String::new(),
        name: "#1".into(),
        ordered_at: at(100),
        updated_at: at(100),
        currency: "EUR".into(),
        presentment_currency: "EUR".into(),
        source_name: "web".into(),
        financial_status: Some("paid".into()),
        test: false,
        cancelled_at: None,
        checkout_token: None,
        cart_token: None,
        shopify_customer_id: None,
        phone_hash: None,
        email_hash: None,
        codes: Texts::default(),
        click_ids: Texts::default(),
        landing_click_id: None,
        landing: None,
        referrer: None,
    };
    let lines = sales.iter().filter(|sale| sale.line() != Some(Line::Adjustment));
    let current_total_minor = Some(lines.map(|sale| sale.total_minor).sum());
    let book = Book {
        shop_id: SHOP,
        shopify_order_id: OrderId(5),
        state: BookState::Read,
        tries: 0,
        ask_at: at(3_700),
        read_at: Some(at(3_700)),
        through: Some(at(1_000)),
        current_total_minor,
    };
    Facts {
        order,
        contacts: Contacts::default(),
        versions: vec![version(100, amounts)],
        refunds: vec![],
        activities: vec![],
        visits: vec![],
        book: Some(book),
        sales,
    }
}

fn sold(agreements: &[Made<'_>]) -> Parts {
    facts(Amounts::default(), sales(agreements)).parts_sold(END)
}

pub(crate) const PLACED: (&str, &str) = ("OrderAgreement", "ORDER");
pub(crate) const REFUND: (&str, &str) = ("RefundAgreement", "REFUND");
pub(crate) const RETURN: (&str, &str) = ("ReturnAgreement", "RETURN");
pub(crate) const EDIT: (&str, &str) = ("OrderEditAgreement", "ORDER_EDIT");

/// Two coats of 50.00 less 10.00, 20 % tax in the price (15.00 of 90.00), shipping 6.00 with 1.00 of tax in it.
pub(crate) const COATS: Made<'static> =
    (PLACED.0, PLACED.1, 100, &[("PRODUCT", "ORDER", 9_000, 1_500, 1_000), ("SHIPPING", "ORDER", 600, 100, 0)]);

#[test]
fn an_order_is_the_sum_of_what_was_agreed_with_tax_in_the_price_or_on_top() {
    let parts = sold(&[COATS]);
    assert_eq!((parts.gross, parts.discounts, parts.net()), (8_500, 1_000, 7_500));
    assert_eq!((parts.shipping, parts.tax, parts.total_sales(), parts.sum()), (500, 1_600, 9_600, 9_600));
    // The same with tax on top: a sale's total holds it either way, so nobody has to know which.
    let apart = sold(&[(
        PLACED.0,
        PLACED.1,
        100,
        &[
            ("PRODUCT", "ORDER", 11_900, 1_900, 0),
            ("TIP", "ORDER", 500, 0, 0),
            ("GIFT_CARD", "ORDER", 5_000, 0, 0),
            ("DUTY", "ORDER", 700, 0, 0),
            ("ADDITIONAL_FEE", "ORDER", 119, 19, 0),
            ("FEE", "ORDER", 200, 0, 0),
        ],
    )]);
    assert_eq!((apart.net(), apart.tips, apart.gift_cards, apart.duties, apart.fees), (10_000, 500, 5_000, 700, 300));
    assert_eq!((apart.tax, apart.total_sales(), apart.sum()), (1_919, 12_619, 18_419));
}

#[test]
fn whole_and_thousandths_are_counted_as_they_are() {
    let yen = sold(&[(PLACED.0, PLACED.1, 100, &[("PRODUCT", "ORDER", 1_100, 100, 50)])]);
    assert_eq!((yen.gross, yen.discounts, yen.net(), yen.tax), (1_050, 50, 1_000, 100));
    let dinar = sold(&[
        (PLACED.0, PLACED.1, 100, &[("PRODUCT", "ORDER", 1_234, 17, 1)]),
        (REFUND.0, REFUND.1, 200, &[("PRODUCT", "RETURN", -411, -6, 0)]),
    ]);
    assert_eq!((dinar.net(), dinar.tax, dinar.returns), (812, 11, 405));
}

#[test]
fn goodwill_is_given_back_without_goods() {
    let parts = sold(&[COATS, (REFUND.0, REFUND.1, 200, &[("ADJUSTMENT", "UPDATE", -100, 0, 0)])]);
    assert_eq!((parts.net(), parts.returns, parts.adjustments), (7_400, 100, 100));
    assert_eq!((parts.shipping, parts.tax), (500, 1_600));
    // A full refund later takes the goodwill into account: nothing is left, and nothing is given twice.
    let full: Made<'_> = (
        REFUND.0,
        REFUND.1,
        300,
        &[
            ("PRODUCT", "RETURN", -9_000, -1_500, 0),
            ("SHIPPING", "RETURN", -600, -100, 0),
            ("ADJUSTMENT", "UPDATE", 100, 0, 0),
        ],
    );
    let parts = sold(&[COATS, (REFUND.0, REFUND.1, 200, &[("ADJUSTMENT", "UPDATE", -100, 0, 0)]), full]);
    assert_eq!((parts.net(), parts.shipping, parts.tax, parts.adjustments, parts.sum()), (0, 0, 0, 0, 0));
}

#[test]
fn a_refund_that_is_pending_or_failed_gives_nothing_back() {
    // One coat came back, and its whole price has not been paid back: an adjustment of the same sum stands against it.
    let back: Made<'_> =
        (REFUND.0, REFUND.1, 200, &[("PRODUCT", "RETURN", -4_500, -750, 0), ("ADJUSTMENT", "UPDATE", 4_500, 0, 0)]);
    let parts = sold(&[COATS, back]);
    assert_eq!((parts.net(), parts.tax, parts.returns, parts.adjustments), (7_500, 1_600, 0, -4_500));
    // Half of it was: first the goods are made up, then the tax.
    let half: Made<'_> =
        (REFUND.0, REFUND.1, 200, &[("PRODUCT", "RETURN", -4_500, -750, 0), ("ADJUSTMENT", "UPDATE", 2_000, 0, 0)]);
    let parts = sold(&[COATS, half]);
    assert_eq!((parts.net(), parts.tax, parts.sum()), (7_500 - 1_750, 1_600 - 750, 9_600 - 2_500));
}

#[test]
fn an_exchange_sells_in_the_same_breath_and_a_return_may_cost_a_fee() {
    // A coat of 45.00 goes back for a hat of 30.00 (5.00 tax), and the way back costs 6.00 (1.00 tax).
    let exchange: Made<'_> = (
        RETURN.0,
        RETURN.1,
        200,
        &[("PRODUCT", "RETURN", -4_500, -750, 0), ("PRODUCT", "ORDER", 3_000, 500, 0), ("FEE", "ORDER", 600, 100, 0)],
    );
    let parts = sold(&[COATS, exchange]);
    assert_eq!((parts.net(), parts.returns, parts.fees), (7_500 - 3_750 + 2_500, 1_250, 500));
    assert_eq!((parts.tax, parts.sum()), (1_600 - 750 + 500 + 100, 9_600 - 4_500 + 3_000 + 600));
    assert_eq!(parts.total_sales(), parts.sum() - 500, "a fee is no part of total sales");
}

#[test]
fn edits_change_what_was_sold_and_nothing_was_given_back() {
    let edit: Made<'_> =
        (EDIT.0, EDIT.1, 200, &[("PRODUCT", "UPDATE", -4_500, -750, -500), ("PRODUCT", "ORDER", 1_200, 200, 0)]);
    let parts = sold(&[COATS, edit]);
    assert_eq!((parts.net(), parts.returns, parts.discounts), (7_500 - 3_750 + 1_000, 0, 500));
    assert_eq!(parts.gross, parts.net() + 500);
}

#[test]
fn each_sale_counts_from_when_it_happened_and_the_orders_own_from_the_order() {
    // Told for an earlier day than the one it was written on: ordered at 100, agreed at 50,000.
    let late = (PLACED.0, PLACED.1, 50_000, COATS.3);
    let refund: Made<'_> = (REFUND.0, REFUND.1, 60_000, &[("PRODUCT", "RETURN", -4_500, -750, 0)]);
    let imported = facts(Amounts::default(), sales(&[late, refund]));
    let net = |seconds| imported.parts_sold(at(seconds)).net();
    assert_eq!((net(99), net(100), net(59_999), net(60_000)), (0, 7_500, 7_500, 3_750));
    // Nothing happens to an order before it is one.
    let early: Made<'_> = (EDIT.0, EDIT.1, 10, &[("PRODUCT", "ORDER", 1_200, 200, 0)]);
    let early = facts(Amounts::default(), sales(&[COATS, early]));
    assert_eq!(early.parts_sold(at(100)).net(), 8_500);
}

#[test]
fn sales_of_no_known_kind_are_counted_nowhere_and_leave_the_word_to_the_payload() {
    let amounts =
        Amounts { gross: 8_500, discounts: 1_000, shipping: 500, tax: 1_600, total: 9_600, ..Amounts::default() };
    for (line, action) in [("DEPOSIT", "ORDER"), ("UNKNOWN", "ORDER"), ("PRODUCT", "SWAP"), ("PRODUCT", "UNKNOWN")] {
        let odd = [(line, action, 777, 0, 0)];
        let facts = facts(amounts, sales(&[COATS, (PLACED.0, PLACED.1, 100, &odd)]));
        assert_eq!(
            (facts.source(), facts.parts(END).net()),
            (Source::Payload(Because::Strange), 7_500),
            "{line} {action}"
        );
        assert_eq!(facts.parts_sold(END).net(), 7_500);
        let found: Vec<_> =
            facts.differences().iter().map(|one| (one.kind, one.payload_minor, one.sales_minor)).collect();
        assert_eq!(found, [(DifferenceKind::UnknownSale, 0, 777)]);
    }
    // One that is worth nothing disturbs nobody.
    let facts = facts(amounts, sales(&[COATS, (PLACED.0, PLACED.1, 100, &[("DEPOSIT", "ORDER", 0, 0, 0)])]));
    assert_eq!((facts.source(), facts.differences()), (Source::Sales, vec![]));
}

pub(crate) fn refund(at_seconds: i64, goods: i64, tax: i64) -> Refund {
    Refund {
        shop_id: SHOP,
        shopify_order_id: OrderId(5),
        shopify_refund_id: at_seconds,
        at: at(at_seconds),
        version_key: String::new(),
        goods_minor: goods,
        shipping_minor: 0,
        tax_minor: tax,
        tips_minor: 0,
        gift_cards_minor: 0,
        charges_minor: 0,
        moved_minor: None,
    }
}

#[test]
fn what_happened_after_the_book_was_read_is_told_by_payloads_until_it_is_read_again() {
    let amounts =
        Amounts { gross: 8_500, discounts: 1_000, shipping: 500, tax: 1_600, total: 9_600, ..Amounts::default() };
    let known = facts(amounts, sales(&[COATS]));
    assert_eq!(known.source(), Source::Sales);
    let before = Facts { refunds: vec![refund(1_000, 10, 0)], ..known.clone() };
    assert_eq!(before.source(), Source::Sales, "the book was read in that very second");
    let after = Facts { refunds: vec![refund(1_001, 3_750, 750)], ..known.clone() };
    assert_eq!((after.source(), after.parts(END).net()), (Source::Payload(Because::Behind), 3_750));
    assert!(after.differences().is_empty(), "nothing is compared with what is behind");
    // Paying, sending and tagging move no money of the order; an edit and a cancellation do.
    let then = |version: Version| Facts { versions: [known.versions.clone(), vec![version]].concat(), ..known.clone() };
    assert_eq!(then(version(2_000, amounts)).source(), Source::Sales);
    let edited = then(version(2_000, Amounts { gross: 9_500, total: 10_600, ..amounts }));
    assert_eq!((edited.source(), edited.parts(END).net()), (Source::Payload(Because::Behind), 8_500));
    let cancelled = then(Version { cancelled_at: Some(at(2_000)), ..version(2_000, amounts) });
    assert_eq!(cancelled.source(), Source::Payload(Because::Behind));
    assert_eq!(Facts { book: None, ..known }.source(), Source::Payload(Because::Unread));
}

/// Each part read otherwise by the payload is a difference of its own kind.
#[test]
fn each_kind_of_difference_is_named() {
    let sold = sales(&[(
        PLACED.0,
        PLACED.1,
        100,
        &[
            ("PRODUCT", "ORDER", 12_000, 2_000, 0),
            ("SHIPPING", "ORDER", 500, 0, 0),
            ("TIP", "ORDER", 300, 0, 0),
            ("GIFT_CARD", "ORDER", 5_000, 0, 0),
            ("DUTY", "ORDER", 700, 0, 0),
            ("FEE", "ORDER", 200, 0, 0),
        ],
    )]);
    let same = Amounts {
        gross: 10_000,
        shipping: 500,
        tax: 2_000,
        tips: 300,
        gift_cards: 5_000,
        duties: 700,
        fees: 200,
        total: 18_700,
        ..Amounts::default()
    };
    let kinds = |facts: Facts| facts.differences().into_iter().map(|one| one.kind).collect::<Vec<_>>();
    assert_eq!(kinds(facts(same, sold.clone())), []);
    use DifferenceKind as K;
    for (amounts, kind) in [
        (Amounts { discounts: 1, ..same }, K::NetSales),
        (Amounts { shipping: 501, ..same }, K::Shipping),
        (Amounts { tax: 1_999, ..same }, K::Tax),
        (Amounts { tips: 0, ..same }, K::Tips),
        (Amounts { gift_cards: 4_999, ..same }, K::GiftCards),
        (Amounts { duties: 0, ..same }, K::Duties),
        (Amounts { fees: 0, ..same }, K::Fees),
    ] {
        assert_eq!(kinds(facts(amounts, sold.clone())), [kind]);
    }
    let mut odd = facts(same, sold);
    odd.book.as_mut().unwrap().current_total_minor = Some(18_699);
    assert!(!odd.sums_agree());
    assert_eq!(
        odd.differences().first().map(|one| (one.kind, one.payload_minor, one.sales_minor)),
        Some((K::CurrentTotal, 18_699, 18_700))
    );
    odd.order.cancelled_at = Some(at(500));
    assert_eq!(kinds(odd), [], "what is cancelled is worth nothing, whoever is asked");
}

/// A tip taken for goods, as it once was by the payload: the book knows.
#[test]
fn the_book_decides_where_the_two_differ() {
    let amounts = Amounts { gross: 11_000, total: 11_000, ..Amounts::default() };
    let facts = facts(
        amounts,
        sales(&[(PLACED.0, PLACED.1, 100, &[("PRODUCT", "ORDER", 10_000, 0, 0), ("TIP", "ORDER", 1_000, 0, 0)])]),
    );
    assert_eq!((facts.parts_told(END).net(), facts.parts(END).net(), facts.parts(END).tips), (11_000, 10_000, 1_000));
}

fn anything_sold() -> impl Strategy<Value = Vec<(usize, &'static str, i64, i64, i64)>> {
    let line = prop::sample::select(vec![
        "PRODUCT",
        "TIP",
        "GIFT_CARD",
        "SHIPPING",
        "DUTY",
        "FEE",
        "ADDITIONAL_FEE",
        "ADJUSTMENT",
    ]);
    prop::collection::vec((0_usize..4, line, -10_000_i64..10_000, -2_000_i64..2_000, 0_i64..500), 0..20)
}

proptest! {
    /// Conservation: whatever was agreed, the parts of an order sum to its sales, and their order changes nothing.
    #[test]
    fn the_sales_of_an_order_sum_to_its_parts(sold in anything_sold()) {
        let kinds = [PLACED, EDIT, REFUND, RETURN];
        let mut all = Vec::new();
        for (n, (kind, line, total, tax, off)) in sold.iter().enumerate() {
            let one = [(*line, "UPDATE", *total, *tax, *off)];
            let mut made = sales(&[(kinds[*kind].0, kinds[*kind].1, 100 + *kind as i64, &one)]);
            made[0].shopify_sale_id = n.to_string();
            made[0].shopify_agreement_id = kind.to_string();
            all.extend(made);
        }
        let whole: i64 = all.iter().map(|sale| sale.total_minor).sum();
        let parts = facts(Amounts::default(), all.clone()).parts_sold(END);
        prop_assert_eq!(parts.sum(), whole);
        prop_assert_eq!(parts.net(), parts.gross - parts.discounts - parts.returns);
        all.reverse();
        prop_assert_eq!(facts(Amounts::default(), all).parts_sold(END), parts);
    }
}
