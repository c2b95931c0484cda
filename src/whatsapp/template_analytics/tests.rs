//! Meta's own example, and what does not fit.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const TOLD_AT: Timestamp = Timestamp::from_seconds(1_718_200_000);

/// The example of Meta's own page.
fn example() -> Value {
    json!({"data": [{"granularity": "DAILY", "product_type": "cloud_api", "data_points": [
        {"template_id": "1421988012088524", "start": 1_718_064_000, "end": 1_718_150_400,
         "sent": 1, "delivered": 1, "read": 1,
         "cost": [{"type": "amount_spent", "value": 0.01}, {"type": "cost_per_delivered", "value": 0.01}]},
        {"template_id": 2_632_273_056_924_580_u64, "start": 1_718_064_000, "end": 1_718_150_400,
         "sent": 3, "delivered": 2, "read": 1,
         "clicked": [{"type": "quick_reply_button", "button_content": "Contact Support", "count": 108},
             {"type": "url_button", "button_content": "Tell me more", "count": 20},
             {"type": "url_button", "button_content": "Shop now", "count": 4},
             {"type": "unique_url_button", "button_content": "Tell me more", "count": 16}],
         "cost": [{"type": "amount_spent", "value": 0.035}, {"type": "cost_per_url_button_click", "value": 0.03}],
         "website_purchases": 3}]}],
        "paging": {"cursors": {"before": "MAZDZD", "after": "MjQZD"}}})
}

fn told(answer: &Value, currency: Option<&str>) -> Result<Told, Refused> {
    let answer: TemplateAnalytics = serde_json::from_str(&answer.to_string()).unwrap();
    read(&answer, currency.and_then(Currency::parse), TOLD_AT)
}

#[test]
fn metas_own_example_is_read() {
    let told = told(&example(), Some("USD")).unwrap();
    assert_eq!(told.templates.iter().collect::<Vec<_>>(), ["1421988012088524", "2632273056924580"]);
    let day = |template: &str| {
        told.days[&(Timestamp::from_seconds(1_718_064_000), template.to_owned(), CLOUD_API.to_owned())]
    };
    let spent = |minor| Some(Money { minor, currency: Currency::parse("USD").unwrap() });
    let first = Counts { sent: Some(1), delivered: Some(1), read: Some(1), spent: spent(1), ..Counts::default() };
    assert_eq!(day("1421988012088524"), first);
    let second = Counts {
        sent: Some(3),
        delivered: Some(2),
        read: Some(1),
        url_clicks: Some(24),
        unique_url_clicks: Some(16),
        quick_replies: Some(108),
        spent: spent(4),
    };
    assert_eq!(day("2632273056924580"), second);
}

#[test]
fn money_without_a_currency_is_no_money() {
    let told = told(&example(), None).unwrap();
    assert!(told.says_cost && told.days.values().all(|counts| counts.spent.is_none()));
}

#[test]
fn what_does_not_fit_is_refused_by_its_name() {
    for (pointer, wrong, field) in [
        ("/data/0/granularity", json!("AGGREGATED"), "data[0].granularity"),
        ("/data/0/product_type", json!(7), "data[0].product_type"),
        ("/data/0/data_points/1/template_id", json!(null), "data[0].data_points[1].template_id"),
        ("/data/0/data_points/1/template_id", json!("a b"), "data[0].data_points[1].template_id"),
        ("/data/0/data_points/1/start", json!("2024-06-11"), "data[0].data_points[1].start"),
        ("/data/0/data_points/1/start", json!(1_718_064_000_000_u64), "data[0].data_points[1].start"),
        ("/data/0/data_points/1/start", json!(1_700_000_000), "data[0].data_points[1].start"),
        ("/data/0/data_points/1/end", json!(1_718_064_000), "data[0].data_points[1].end"),
        ("/data/0/data_points/1/sent", json!(-1), "data[0].data_points[1].sent"),
        ("/data/0/data_points/1/delivered", json!(1.5), "data[0].data_points[1].delivered"),
        ("/data/0/data_points/1/read", json!(1_000_000_001), "data[0].data_points[1].read"),
        ("/data/0/data_points/1/clicked/1/count", json!("20"), "data[0].data_points[1].clicked[1].count"),
        ("/data/0/data_points/1/cost/0/value", json!("much"), "data[0].data_points[1].cost[0].value"),
        ("/data/0/data_points/1/cost/0/value", json!(-0.5), "data[0].data_points[1].cost[0].value"),
        ("/data/0/data_points/1/template_id", json!("1421988012088524"), "data[0].data_points[1]"),
    ] {
        let mut answer = example();
        *answer.pointer_mut(pointer).unwrap() = wrong.clone();
        let refused = told(&answer, Some("USD")).unwrap_err();
        assert_eq!(refused.field, field, "{wrong}: {refused}");
    }
    let mut answer = example();
    let points = answer.pointer_mut("/data/0/data_points").unwrap().as_array_mut().unwrap();
    let more = (0..9).map(|n| json!({"template_id": format!("t{n}"), "start": 1_718_064_000, "end": 1_718_150_400}));
    points.extend(more);
    assert_eq!(told(&answer, None).unwrap_err().field, "data[0].data_points[10].template_id");
}

proptest! {
    #[test]
    fn whatever_a_field_holds_nothing_stumbles(number: i64, text in "\\PC{0,12}", place in 0_usize..8) {
        let places = ["template_id", "start", "end", "sent", "delivered", "read"];
        for wrong in [json!(number), json!(text), json!([number])] {
            let mut answer = example();
            let pointer = match place {
                6 => "/data/0/data_points/1/clicked/0/count".to_owned(),
                7 => "/data/0/data_points/1/cost/0/value".to_owned(),
                place => format!("/data/0/data_points/1/{}", places[place]),
            };
            *answer.pointer_mut(&pointer).unwrap() = wrong;
            let _ = told(&answer, Some("USD"));
        }
    }
}
