//! Meta's answer to `GET /<WABA>/template_analytics`, read into values that hold. What it says beyond the fields read here
//! (conversions, paging, words of a newer version) is let pass; whatever does not fit is refused by its name, and leaves
//! nothing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::figure::Figure;
use crate::http::{Problem, Result};
use crate::kernel::{Currency, Money, Timestamp};

/// Templates that Meta answers about in one call.
const TEMPLATES: usize = 10;
/// How many days Meta looks back, and two at the edges: its days need not be UTC's.
const DAYS_BACK: i64 = 92;
/// More than anybody sends, reads or taps on a day.
const MOST: i64 = 1_000_000_000;
/// Meta's clock and ours.
const AHEAD_SECONDS: i64 = 300;
/// A point's product when the answer names none: asked without `product_type`, Meta counts its Cloud API.
const CLOUD_API: &str = "cloud_api";

/// The answer as Meta writes it.
#[derive(Deserialize, utoipa::ToSchema)]
pub struct TemplateAnalytics {
    data: Vec<Series>,
}

/// Days of one product.
#[derive(Deserialize, utoipa::ToSchema)]
struct Series {
    /// `DAILY`.
    #[schema(value_type = Option<String>, example = "DAILY")]
    granularity: Option<Value>,
    /// `cloud_api` when absent.
    #[schema(value_type = Option<String>, example = "cloud_api")]
    product_type: Option<Value>,
    data_points: Vec<Point>,
}

/// One template on one day.
#[derive(Deserialize, utoipa::ToSchema)]
struct Point {
    /// Text or number.
    #[schema(value_type = String, example = "2632273056924580")]
    template_id: Option<Value>,
    /// Seconds since 1970.
    #[schema(value_type = i64, example = 1_790_812_800)]
    start: Option<Value>,
    /// Seconds since 1970.
    #[schema(value_type = i64, example = 1_790_899_200)]
    end: Option<Value>,
    /// A count that is absent is not told, which is not 0.
    #[schema(value_type = Option<i64>)]
    sent: Option<Value>,
    #[schema(value_type = Option<i64>)]
    delivered: Option<Value>,
    #[schema(value_type = Option<i64>)]
    read: Option<Value>,
    clicked: Option<Vec<Clicked>>,
    cost: Option<Vec<Cost>>,
}

/// Clicks on a button.
#[derive(Deserialize, utoipa::ToSchema)]
struct Clicked {
    /// `url_button`, `unique_url_button`, `quick_reply_button`; others are let pass.
    #[serde(rename = "type")]
    #[schema(example = "url_button")]
    kind: String,
    /// What the button says. Not kept.
    #[expect(dead_code, reason = "named for the contract")]
    button_content: Option<Value>,
    #[schema(value_type = i64)]
    count: Option<Value>,
}

/// What messages cost.
#[derive(Deserialize, utoipa::ToSchema)]
struct Cost {
    /// `amount_spent` is kept; what it comes to per message or click is let pass.
    #[serde(rename = "type")]
    #[schema(example = "amount_spent")]
    kind: String,
    /// A decimal number of the currency's base unit, read as it is written.
    #[schema(value_type = f64, example = 0.03)]
    value: Option<Box<RawValue>>,
}

/// A figure's number, and the currency of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub amount: i64,
    pub currency: Option<Currency>,
}

/// When a day begins, of which template, counted by which product.
pub type Key = (Timestamp, String, String);

/// The answer, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub templates: BTreeSet<String>,
    pub days: BTreeMap<Key, BTreeMap<Figure, Counted>>,
    /// Whether it says what messages cost.
    pub says_cost: bool,
}

/// When Meta answered: as the caller says, else now.
pub fn instant(said: Option<&str>, now: Timestamp) -> Result<Timestamp> {
    let Some(text) = said else { return Ok(now) };
    Timestamp::parse(text).filter(|at| *at <= now.plus_seconds(AHEAD_SECONDS)).ok_or_else(|| {
        Problem::invalid("told_at", "Write when Meta answered, such as 2026-11-22T06:00:00Z; it is not in the future.")
    })
}

/// Reads an answer of Meta's, given at `told_at`. What messages cost is kept only in a currency that is known.
pub fn read(answer: &TemplateAnalytics, currency: Option<Currency>, told_at: Timestamp) -> Result<Told> {
    let mut told = Told::default();
    for (s, series) in answer.data.iter().enumerate() {
        let product = product(series, &format!("data[{s}]"))?;
        for (p, point) in series.data_points.iter().enumerate() {
            let at = format!("data[{s}].data_points[{p}]");
            let template = template(point, &at)?;
            told.templates.insert(template.clone());
            if told.templates.len() > TEMPLATES {
                let detail = format!("Meta answers about {TEMPLATES} templates a call: send an answer as it is.");
                return Err(Problem::invalid(format!("{at}.template_id"), detail));
            }
            let start = day(point, &at, told_at)?;
            told.says_cost |= point.cost.is_some();
            let figures = figures(point, &at, currency)?;
            if told.days.insert((start, template, product.clone()), figures).is_some() {
                return Err(Problem::invalid(at, "This template's day stands twice in the answer. Send each once."));
            }
        }
    }
    Ok(told)
}

fn product(series: &Series, at: &str) -> Result<String> {
    let daily = series.granularity.as_ref().is_none_or(|word| word.as_str().is_some_and(|word| is(word, "daily")));
    if !daily {
        return Err(Problem::invalid(format!("{at}.granularity"), "Ask Meta with granularity DAILY."));
    }
    let Some(word) = &series.product_type else { return Ok(CLOUD_API.to_owned()) };
    let word = word.as_str().map(str::to_ascii_lowercase).filter(|word| fits(word));
    word.ok_or_else(|| Problem::invalid(format!("{at}.product_type"), "Send Meta's word, such as cloud_api."))
}

fn template(point: &Point, at: &str) -> Result<String> {
    let id = match &point.template_id {
        Some(Value::String(id)) => Some(id.clone()),
        Some(Value::Number(id)) => id.as_u64().map(|id| id.to_string()),
        _ => None,
    };
    id.filter(|id| fits(id))
        .ok_or_else(|| Problem::invalid(format!("{at}.template_id"), "Send the template's id, at most 64 characters."))
}

fn fits(word: &str) -> bool {
    (1..=64).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

fn is(word: &str, other: &str) -> bool {
    word.eq_ignore_ascii_case(other)
}

/// When the day begins that a point is about.
fn day(point: &Point, at: &str, told_at: Timestamp) -> Result<Timestamp> {
    let instant = |name: &str, value: &Option<Value>| {
        let seconds = value.as_ref().and_then(Value::as_i64);
        let detail = "Send it as Meta does: whole seconds since 1970.";
        seconds.map(Timestamp::from_seconds).ok_or_else(|| Problem::invalid(format!("{at}.{name}"), detail))
    };
    let (start, end) = (instant("start", &point.start)?, instant("end", &point.end)?);
    if start > told_at || told_at.seconds_since(start) > DAYS_BACK * 86_400 {
        let detail = "Meta tells of the last 90 days. This day is none of them; is it in seconds?";
        return Err(Problem::invalid(format!("{at}.start"), detail));
    }
    // A zone's day may have 23 or 25 hours.
    if !(23 * 3_600..=25 * 3_600).contains(&end.seconds_since(start)) {
        return Err(Problem::invalid(format!("{at}.end"), "A point is one day: ask Meta with granularity DAILY."));
    }
    Ok(start)
}

fn figures(point: &Point, at: &str, currency: Option<Currency>) -> Result<BTreeMap<Figure, Counted>> {
    let mut figures = BTreeMap::new();
    let counted = |amount| Counted { amount, currency: None };
    let told = [("sent", &point.sent, Figure::Sent), ("delivered", &point.delivered, Figure::Delivered)];
    for (name, value, figure) in told.into_iter().chain([("read", &point.read, Figure::Read)]) {
        if let Some(value) = value {
            figures.insert(figure, counted(count(value, &format!("{at}.{name}"))?));
        }
    }
    for (n, button) in point.clicked.iter().flatten().enumerate() {
        let figure = match button.kind.as_str() {
            "url_button" => Figure::UrlClicks,
            "unique_url_button" => Figure::UniqueUrlClicks,
            "quick_reply_button" => Figure::QuickReplies,
            _ => continue,
        };
        let at = format!("{at}.clicked[{n}].count");
        // A template may have several buttons of a kind.
        let sum = figures.get(&figure).map_or(0, |known: &Counted| known.amount);
        let sum = sum + count(button.count.as_ref().unwrap_or(&Value::Null), &at)?;
        figures.insert(figure, counted(sum.min(MOST)));
    }
    for (n, cost) in point.cost.iter().flatten().enumerate().filter(|(_, cost)| cost.kind == "amount_spent") {
        let Some(currency) = currency else { continue };
        let at = format!("{at}.cost[{n}].value");
        let money = cost.value.as_ref().and_then(|value| Money::nearest(value.get(), currency).ok());
        let money = money.filter(|money| (0..=MOST).contains(&money.minor));
        let money = money.ok_or_else(|| Problem::invalid(at, "Send the amount as Meta does: a decimal number."))?;
        figures.insert(Figure::Spent, Counted { amount: money.minor, currency: Some(currency) });
    }
    Ok(figures)
}

fn count(value: &Value, at: &str) -> Result<i64> {
    let detail = format!("Send a whole number from 0 to {MOST}.");
    value.as_i64().filter(|count| (0..=MOST).contains(count)).ok_or_else(|| Problem::invalid(at, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

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

    fn told(answer: &Value, currency: Option<&str>) -> Result<Told> {
        let answer: TemplateAnalytics = serde_json::from_str(&answer.to_string()).unwrap();
        read(&answer, currency.and_then(Currency::parse), TOLD_AT)
    }

    #[test]
    fn metas_own_example_is_read() {
        let told = told(&example(), Some("USD")).unwrap();
        assert_eq!(told.templates.iter().collect::<Vec<_>>(), ["1421988012088524", "2632273056924580"]);
        let day = |template: &str| {
            &told.days[&(Timestamp::from_seconds(1_718_064_000), template.to_owned(), CLOUD_API.to_owned())]
        };
        let first: Vec<_> = day("1421988012088524").iter().map(|(figure, told)| (*figure, told.amount)).collect();
        assert_eq!(first, [(Figure::Sent, 1), (Figure::Delivered, 1), (Figure::Read, 1), (Figure::Spent, 1)]);
        let second: Vec<_> = day("2632273056924580").iter().map(|(figure, told)| (*figure, told.amount)).collect();
        let buttons = [(Figure::UrlClicks, 24), (Figure::UniqueUrlClicks, 16), (Figure::QuickReplies, 108)];
        assert_eq!(second[..3], [(Figure::Sent, 3), (Figure::Delivered, 2), (Figure::Read, 1)]);
        assert_eq!((&second[3..6], second[6]), (&buttons[..], (Figure::Spent, 4)));
    }

    #[test]
    fn money_without_a_currency_is_no_money() {
        let told = told(&example(), None).unwrap();
        assert!(told.says_cost && told.days.values().all(|figures| !figures.contains_key(&Figure::Spent)));
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
            assert_eq!(refused.field(), Some(field), "{wrong}: {refused}");
        }
        let mut answer = example();
        let points = answer.pointer_mut("/data/0/data_points").unwrap().as_array_mut().unwrap();
        let more =
            (0..9).map(|n| json!({"template_id": format!("t{n}"), "start": 1_718_064_000, "end": 1_718_150_400}));
        points.extend(more);
        assert_eq!(told(&answer, None).unwrap_err().field(), Some("data[0].data_points[10].template_id"));
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
}
