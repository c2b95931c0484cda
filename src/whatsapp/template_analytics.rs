//! Meta's answer to `GET /<WABA>/template_analytics`, read into values that hold. What it says beyond the fields read here
//! (conversions, paging, words of a newer version) is let pass; whatever does not fit is refused by its name, and leaves
//! nothing.

mod answer;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::kernel::{Currency, Money, Timestamp};

pub use answer::TemplateAnalytics;
use answer::{Point, Series};

/// Templates that Meta answers about in one call.
const TEMPLATES: usize = 10;
/// How many days Meta looks back, and two at the edges: its days need not be UTC's.
const DAYS_BACK: i64 = 92;
/// More than anybody sends, reads or taps on a day.
const MOST: i64 = 1_000_000_000;
/// A point's product when the answer names none: asked without `product_type`, Meta counts its Cloud API.
const CLOUD_API: &str = "cloud_api";

/// What does not fit, by its place in the answer, and what to send there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct Refused {
    /// Its place, such as `data[0].data_points[1].start`.
    pub field: String,
    /// A sentence.
    pub detail: String,
}

/// What Meta counts of a template on a day. What it leaves out is not told, which is not 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Messages sent.
    pub sent: Option<i64>,
    /// Messages delivered.
    pub delivered: Option<i64>,
    /// Messages read.
    pub read: Option<i64>,
    /// Clicks on buttons that open an address.
    pub url_clicks: Option<i64>,
    /// The same, each account once per button and day.
    pub unique_url_clicks: Option<i64>,
    /// Taps on buttons that answer in the chat.
    pub quick_replies: Option<i64>,
    /// What the messages cost.
    pub spent: Option<Money>,
}

/// When a day begins, of which template, counted by which product.
pub type Key = (Timestamp, String, String);

/// The answer, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The templates it tells of.
    pub templates: BTreeSet<String>,
    /// What was counted of a template on a day.
    pub days: BTreeMap<Key, Counts>,
    /// Whether it says what messages cost.
    pub says_cost: bool,
}

/// Reads an answer of Meta's, given at `told_at`. What messages cost is kept only in a currency that is known.
pub fn read(answer: &TemplateAnalytics, currency: Option<Currency>, told_at: Timestamp) -> Result<Told, Refused> {
    let mut told = Told::default();
    for (s, series) in answer.data.iter().enumerate() {
        let product = product(series, &format!("data[{s}]"))?;
        for (p, point) in series.data_points.iter().enumerate() {
            let at = format!("data[{s}].data_points[{p}]");
            let template = template(point, &at)?;
            told.templates.insert(template.clone());
            if told.templates.len() > TEMPLATES {
                let detail = format!("Meta answers about {TEMPLATES} templates a call: send an answer as it is.");
                return Err(refused(format!("{at}.template_id"), detail));
            }
            let start = day(point, &at, told_at)?;
            told.says_cost |= point.cost.is_some();
            let counts = counts(point, &at, currency)?;
            if told.days.insert((start, template, product.clone()), counts).is_some() {
                return Err(refused(at, "This template's day stands twice in the answer. Send each once."));
            }
        }
    }
    Ok(told)
}

fn product(series: &Series, at: &str) -> Result<String, Refused> {
    let daily = series.granularity.as_ref().is_none_or(|word| word.as_str().is_some_and(|word| is(word, "daily")));
    if !daily {
        return Err(refused(format!("{at}.granularity"), "Ask Meta with granularity DAILY."));
    }
    let Some(word) = &series.product_type else { return Ok(CLOUD_API.to_owned()) };
    let word = word.as_str().map(str::to_ascii_lowercase).filter(|word| fits(word));
    word.ok_or_else(|| refused(format!("{at}.product_type"), "Send Meta's word, such as cloud_api."))
}

fn template(point: &Point, at: &str) -> Result<String, Refused> {
    let id = match &point.template_id {
        Some(Value::String(id)) => Some(id.clone()),
        Some(Value::Number(id)) => id.as_u64().map(|id| id.to_string()),
        _ => None,
    };
    id.filter(|id| fits(id))
        .ok_or_else(|| refused(format!("{at}.template_id"), "Send the template's id, at most 64 characters."))
}

fn fits(word: &str) -> bool {
    (1..=64).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

fn is(word: &str, other: &str) -> bool {
    word.eq_ignore_ascii_case(other)
}

/// When the day begins that a point is about.
fn day(point: &Point, at: &str, told_at: Timestamp) -> Result<Timestamp, Refused> {
    let instant = |name: &str, value: &Option<Value>| {
        let seconds = value.as_ref().and_then(Value::as_i64);
        let detail = "Send it as Meta does: whole seconds since 1970.";
        seconds.map(Timestamp::from_seconds).ok_or_else(|| refused(format!("{at}.{name}"), detail))
    };
    let (start, end) = (instant("start", &point.start)?, instant("end", &point.end)?);
    if start > told_at || told_at.seconds_since(start) > DAYS_BACK * 86_400 {
        let detail = "Meta tells of the last 90 days. This day is none of them; is it in seconds?";
        return Err(refused(format!("{at}.start"), detail));
    }
    // A zone's day may have 23 or 25 hours.
    if !(23 * 3_600..=25 * 3_600).contains(&end.seconds_since(start)) {
        return Err(refused(format!("{at}.end"), "A point is one day: ask Meta with granularity DAILY."));
    }
    Ok(start)
}

fn counts(point: &Point, at: &str, currency: Option<Currency>) -> Result<Counts, Refused> {
    let told = |name: &str, value: &Option<Value>| {
        value.as_ref().map(|value| count(value, &format!("{at}.{name}"))).transpose()
    };
    let mut counts = Counts {
        sent: told("sent", &point.sent)?,
        delivered: told("delivered", &point.delivered)?,
        read: told("read", &point.read)?,
        ..Counts::default()
    };
    for (n, button) in point.clicked.iter().flatten().enumerate() {
        let kind = match button.kind.as_str() {
            "url_button" => &mut counts.url_clicks,
            "unique_url_button" => &mut counts.unique_url_clicks,
            "quick_reply_button" => &mut counts.quick_replies,
            _ => continue,
        };
        let more = count(button.count.as_ref().unwrap_or(&Value::Null), &format!("{at}.clicked[{n}].count"))?;
        // A template may have several buttons of a kind.
        *kind = Some((kind.unwrap_or(0) + more).min(MOST));
    }
    for (n, cost) in point.cost.iter().flatten().enumerate().filter(|(_, cost)| cost.kind == "amount_spent") {
        let Some(currency) = currency else { continue };
        let at = format!("{at}.cost[{n}].value");
        let money = cost.value.as_ref().and_then(|value| Money::nearest(value.get(), currency).ok());
        let money = money.filter(|money| (0..=MOST).contains(&money.minor));
        counts.spent = Some(money.ok_or_else(|| refused(at, "Send the amount as Meta does: a decimal number."))?);
    }
    Ok(counts)
}

fn count(value: &Value, at: &str) -> Result<i64, Refused> {
    let detail = format!("Send a whole number from 0 to {MOST}.");
    value.as_i64().filter(|count| (0..=MOST).contains(count)).ok_or_else(|| refused(at, detail))
}

fn refused(field: impl Into<String>, detail: impl Into<String>) -> Refused {
    Refused { field: field.into(), detail: detail.into() }
}
