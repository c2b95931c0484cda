//! Reading an answer of the Admin API, in the order that tells most: status, top-level errors, data.
//!
//! 1. HTTP 200 means little: throttling and refusals come with it.
//! 2. A call that may have changed something says so when its answer is lost.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::outgoing;
use crate::shopify::answer as transport;

/// What a successful call brought.
#[derive(Clone, Debug)]
pub struct Answer<T> {
    /// The operation's data.
    pub data: T,
    /// What it cost, if Shopify said.
    pub cost: Option<Cost>,
    /// The API version that answered, if Shopify said. Another than the one asked for means ours is gone.
    pub served_version: Option<String>,
}

tokio::task_local! {
    static SERVED: std::cell::RefCell<Option<String>>;
}

/// Runs calls, and tells which API version the last of them was answered in, whatever became of it.
pub async fn observed<T>(calls: impl Future<Output = T>) -> (T, Option<String>) {
    let calls = async {
        let outcome = calls.await;
        (outcome, SERVED.with(std::cell::RefCell::take))
    };
    SERVED.scope(std::cell::RefCell::new(None), calls).await
}

/// Points of the shop's bucket, as of one answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Reserved before it ran.
    pub requested: u32,
    /// Used in the end; absent when it did not run.
    pub actual: Option<u32>,
    /// Left in the bucket.
    pub available: u32,
    /// What the bucket holds when full.
    pub maximum: u32,
    /// Points that come back per second.
    pub restore_rate: u32,
}

impl Cost {
    /// Seconds until a call of the requested size fits.
    pub fn wait_seconds(self) -> u64 {
        let missing = self.requested.saturating_sub(self.available);
        u64::from(missing.div_ceil(self.restore_rate.max(1))).max(1)
    }
}

/// Why a call brought nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdminError {
    /// The token is over or void, or the app was uninstalled.
    #[error("Shopify did not accept the access token")]
    Unauthorized,
    /// The token is one without an expiry.
    #[error("Shopify no longer accepts access tokens that do not expire")]
    NonExpiring,
    /// The shop is frozen or locked: leave it alone for a while.
    #[error("the shop is frozen")]
    Frozen,
    /// The token is good and does not reach this far.
    #[error("Shopify forbids this call")]
    Forbidden,
    /// The bucket is empty.
    #[error("the shop's API budget is used up for {wait_seconds} s")]
    Throttled {
        /// Until the call fits.
        wait_seconds: u64,
    },
    /// Too many requests, whatever they cost.
    #[error("Shopify asks to wait {retry_after} s")]
    RateLimited {
        /// In seconds.
        retry_after: u64,
    },
    /// The operation was refused as a whole.
    #[error("Shopify rejected the operation: {}", .0.join("; "))]
    Rejected(Vec<String>),
    /// A scope or an approval for protected data is missing.
    #[error("Shopify denied access to a field")]
    AccessDenied,
    /// No answer, or one of Shopify's own failures.
    #[error("Shopify could not be reached")]
    Unreachable {
        /// The operation changes something, and may have: look before repeating it.
        maybe_done: bool,
    },
    /// An answer that is not one.
    #[error("Shopify's answer could not be read: {0}")]
    Protocol(String),
}

/// An error of a subject's function, which may be the Admin API's own.
pub trait AdminFailure {
    /// The Admin API's error; `None` when it answered and what it said is the subject's business.
    fn admin(&self) -> Option<&AdminError>;
}

impl AdminFailure for AdminError {
    fn admin(&self) -> Option<&AdminError> {
        Some(self)
    }
}

/// What the headers say.
pub(super) struct Served {
    pub(super) status: u16,
    pub(super) version: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) retry_after: u64,
}

impl Served {
    pub(super) fn of(response: &outgoing::Answer) -> Self {
        let text = |name: &str| response.headers().get(name).and_then(|v| v.to_str().ok()).map(transport::excerpt);
        Self {
            status: response.status().as_u16(),
            version: text("x-shopify-api-version"),
            request_id: text("x-request-id"),
            retry_after: transport::retry_after(response.headers()),
        }
    }
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(default)]
    errors: serde_json::Value,
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
struct Extensions {
    cost: Option<RawCost>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawCost {
    #[serde(default)]
    requested_query_cost: serde_json::Value,
    #[serde(default)]
    actual_query_cost: serde_json::Value,
    throttle_status: Option<RawThrottle>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawThrottle {
    maximum_available: serde_json::Value,
    currently_available: serde_json::Value,
    restore_rate: serde_json::Value,
}

impl RawCost {
    fn read(&self) -> Option<Cost> {
        let throttle = self.throttle_status.as_ref()?;
        Some(Cost {
            requested: points(&self.requested_query_cost).unwrap_or(0),
            actual: points(&self.actual_query_cost),
            available: points(&throttle.currently_available)?,
            maximum: points(&throttle.maximum_available)?,
            restore_rate: points(&throttle.restore_rate)?,
        })
    }
}

/// Points come as `10`, as `10.0`, and below zero when a shop is overdrawn.
fn points(value: &serde_json::Value) -> Option<u32> {
    value.as_f64().map(|points| points.clamp(0.0, f64::from(u32::MAX)) as u32)
}

/// The data, or the first of the reasons why there is none; and the points, also of a refusal.
pub(super) fn read<T: DeserializeOwned>(
    served: &Served,
    body: &[u8],
    mutation: bool,
) -> (Result<Answer<T>, AdminError>, Option<Cost>) {
    // Nobody listens outside `observed`.
    let _ = SERVED.try_with(|version| version.replace(served.version.clone()));
    if let Err(refused) = check_status(served, body, mutation) {
        return (Err(refused), None);
    }
    let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(body) else {
        return (Err(AdminError::Protocol("not a GraphQL answer".into())), None);
    };
    let cost = envelope.extensions.as_ref().and_then(|e| e.cost.as_ref()).and_then(RawCost::read);
    (of_envelope(served, &envelope, cost, mutation), cost)
}

fn of_envelope<T: DeserializeOwned>(
    served: &Served,
    envelope: &Envelope<'_>,
    cost: Option<Cost>,
    mutation: bool,
) -> Result<Answer<T>, AdminError> {
    check_errors(&envelope.errors, cost, mutation)?;
    let data = envelope.data.ok_or_else(|| AdminError::Protocol("neither data nor errors".into()))?;
    let data = serde_json::from_str(data.get())
        .map_err(|error| AdminError::Protocol(format!("unexpected data at column {}", error.column())))?;
    Ok(Answer { data, cost, served_version: served.version.clone() })
}

fn check_status(served: &Served, body: &[u8], mutation: bool) -> Result<(), AdminError> {
    match served.status {
        200 => Ok(()),
        401 => Err(AdminError::Unauthorized),
        402 | 423 => Err(AdminError::Frozen),
        403 if String::from_utf8_lossy(body).to_lowercase().contains("non-expiring") => Err(AdminError::NonExpiring),
        403 => Err(AdminError::Forbidden),
        429 => Err(AdminError::RateLimited { retry_after: served.retry_after }),
        500.. => Err(AdminError::Unreachable { maybe_done: mutation }),
        other => Err(AdminError::Protocol(format!("status {other}"))),
    }
}

fn check_errors(errors: &serde_json::Value, cost: Option<Cost>, mutation: bool) -> Result<(), AdminError> {
    let list = match errors {
        serde_json::Value::Null => return Ok(()),
        serde_json::Value::Array(list) if list.is_empty() => return Ok(()),
        serde_json::Value::Array(list) => list.as_slice(),
        // A text or an object instead of a list is an older part of Shopify speaking.
        single => std::slice::from_ref(single),
    };
    let any = |code: &str| list.iter().any(|e| e.pointer("/extensions/code").and_then(|c| c.as_str()) == Some(code));
    if any("THROTTLED") {
        return Err(AdminError::Throttled { wait_seconds: cost.map_or(2, Cost::wait_seconds) });
    }
    if any("ACCESS_DENIED") {
        return Err(AdminError::AccessDenied);
    }
    if any("INTERNAL_SERVER_ERROR") {
        return Err(AdminError::Unreachable { maybe_done: mutation });
    }
    let message =
        |e: &serde_json::Value| e.get("message").unwrap_or(e).as_str().map_or("no message".into(), transport::excerpt);
    Err(AdminError::Rejected(list.iter().take(10).map(message).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn served(status: u16) -> Served {
        Served { status, version: Some("2026-10".into()), request_id: None, retry_after: 3 }
    }

    fn outcome(status: u16, body: &str) -> Result<Answer<serde_json::Value>, AdminError> {
        read(&served(status), body.as_bytes(), true).0
    }

    #[test]
    fn the_status_comes_first() {
        let error = |status, body| outcome(status, body).unwrap_err();
        assert_eq!(error(401, r#"{"errors":"[API] Invalid API key or access token"}"#), AdminError::Unauthorized);
        assert_eq!(
            error(403, r#"{"errors":"[API] Non-expiring access tokens are no longer"}"#),
            AdminError::NonExpiring
        );
        assert_eq!(error(403, ""), AdminError::Forbidden);
        assert_eq!((error(402, ""), error(423, "")), (AdminError::Frozen, AdminError::Frozen));
        assert_eq!(error(429, ""), AdminError::RateLimited { retry_after: 3 });
        assert_eq!(error(502, "<html>"), AdminError::Unreachable { maybe_done: true });
        assert_eq!(error(302, ""), AdminError::Protocol("status 302".into()));
        assert!(matches!(error(200, "<html>"), AdminError::Protocol(_)));
    }

    #[test]
    fn then_the_errors() {
        let throttled = r#"{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":
            {"requestedQueryCost":252,"actualQueryCost":null,"throttleStatus":
            {"maximumAvailable":2000.0,"currentlyAvailable":1,"restoreRate":100.0}}}}"#;
        assert_eq!(outcome(200, throttled).unwrap_err(), AdminError::Throttled { wait_seconds: 3 });
        let denied = r#"{"data":{"a":null},"errors":[{"message":"x","extensions":{"code":"ACCESS_DENIED"}}]}"#;
        assert_eq!(outcome(200, denied).unwrap_err(), AdminError::AccessDenied);
        let dear = r#"{"errors":[{"message":"too dear","extensions":{"code":"MAX_COST_EXCEEDED"}}]}"#;
        assert_eq!(outcome(200, dear).unwrap_err(), AdminError::Rejected(vec!["too dear".into()]));
        assert_eq!(outcome(200, r#"{"errors":"no"}"#).unwrap_err(), AdminError::Rejected(vec!["no".into()]));
        assert!(matches!(outcome(200, r#"{"data":null}"#), Err(AdminError::Protocol(_))));
    }

    #[test]
    fn then_the_data_with_its_cost() {
        let body = r#"{"data":{"a":1},"extensions":{"cost":{"requestedQueryCost":10,"actualQueryCost":10,
            "throttleStatus":{"maximumAvailable":2000,"currentlyAvailable":1990,"restoreRate":100}}}}"#;
        let answer = outcome(200, body).unwrap();
        let cost = Cost { requested: 10, actual: Some(10), available: 1990, maximum: 2000, restore_rate: 100 };
        assert_eq!((answer.data["a"].as_i64(), answer.cost), (Some(1), Some(cost)));
    }
}
