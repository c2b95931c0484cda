//! Bodies and queries: read into types that refuse unknown fields, and whose refusals are problem documents.
//!
//! What came is kept as it is until a handler asks for it by `read`, after it knows who is asking: a stranger learns
//! nothing about the shape of a call, and a key without the scope hears of the scope.

use std::marker::PhantomData;
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use actix_web::{FromRequest, HttpRequest, web};
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::problem::Problem;
use crate::app::App;

/// What a route accepts at most, in bytes. Webhooks set their own.
pub mod limits {
    /// An ordinary JSON body.
    pub const JSON: usize = 64 * 1024;
    /// Ten thousand recipients or statuses.
    pub const BATCH: usize = 4 * 1024 * 1024;
    /// A platform's webhook.
    pub const WEBHOOK: usize = 4 * 1024 * 1024;
}

/// A JSON body of at most `LIMIT` bytes; unknown fields are refused by the types themselves.
#[derive(Debug)]
pub struct ApiJson<T, const LIMIT: usize = { limits::JSON }>(Result<Bytes, Problem>, PhantomData<fn() -> T>);

impl<T: DeserializeOwned, const LIMIT: usize> ApiJson<T, LIMIT> {
    /// The body as its type.
    pub fn read(self) -> Result<T, Problem> {
        parse(&self.0?)
    }
}

impl<T: 'static, const LIMIT: usize> FromRequest for ApiJson<T, LIMIT> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), web::Payload::from_request(request, payload));
        Box::pin(async move {
            let body = body.await.map_err(|error| Problem::bad_request("bad_body", error.to_string()))?;
            Ok(Self(read_body(&request, body, LIMIT).await, PhantomData))
        })
    }
}

/// How long a sender may take over its body, or half as long as a slow client is waited for, if that is less: it is told
/// before it is hung up on.
const BODY_TIME: Duration = Duration::from_secs(5);

/// The raw bytes of a body, at most so many. Every route that takes a body takes it by this, and so in time.
pub async fn read_body(request: &HttpRequest, body: web::Payload, most: usize) -> Result<Bytes, Problem> {
    let patience = request.app_data::<web::Data<App>>().map_or(2 * BODY_TIME, |app| app.config.server.slow_client);
    let time = BODY_TIME.min(patience / 2);
    let late = |_| {
        let detail = format!("The body took longer than {} seconds. Send it at once.", time.as_secs().max(1));
        Problem::new(StatusCode::REQUEST_TIMEOUT, "slow_body", detail).with_header("Connection", "close")
    };
    let bytes = tokio::time::timeout(time, body.to_bytes_limited(most)).await.map_err(late)?;
    let broken = |error| Problem::bad_request("bad_body", format!("The body broke off: {error}."));
    bytes.map_err(|_| too_large(most))?.map_err(broken)
}

fn too_large(limit: usize) -> Problem {
    let detail = format!("The body is larger than {} KiB. Send it in several calls.", limit / 1024);
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", detail)
}

/// Reads JSON strictly; the refusal names the field, as a path.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // A list would be read as the fields of a body in the order they were written down here.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'[') {
        let detail = "The body must be a JSON object, { … }, and not a list.";
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", detail));
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        unfit(&error.into_inner(), &path)
    })?;
    reader.end().map_err(|error| unfit(&error, ""))?;
    Ok(read)
}

fn unfit(error: &serde_json::Error, path: &str) -> Problem {
    let words = error.to_string();
    if !error.is_data() {
        return Problem::bad_request("bad_json", format!("The body is no JSON: {words}."));
    }
    // Where it stands in the text helps nobody who wrote it with a library; the path does.
    let words = words.split(" at line ").next().unwrap_or(&words);
    let detail = format!("The body does not fit the contract: {words}.");
    let problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", detail);
    match field(words, path) {
        Some(field) => problem.at(field),
        None => problem,
    }
}

/// The field an error is about: its path, and below it the name that is missing or too many where the path ends above.
fn field(words: &str, path: &str) -> Option<String> {
    let named = words.strip_prefix("missing field `").or_else(|| words.strip_prefix("unknown field `"));
    let named = named.and_then(|rest| rest.split('`').next());
    match (path, named) {
        ("" | "." | "?", named) => named.map(str::to_owned),
        (path, Some(name)) if path != name && !path.ends_with(&format!(".{name}")) => Some(format!("{path}.{name}")),
        (path, _) => Some(path.to_owned()),
    }
}

/// One of many things in a body, read by itself: a wrong one does not spoil its neighbours.
#[derive(Debug, serde::Deserialize)]
#[serde(transparent)]
pub struct Entry(Box<RawValue>);

impl Entry {
    /// The entry as its type.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        parse(self.0.get().as_bytes())
    }

    /// A text field of it, whatever else it holds: how its sender knows it.
    pub fn text(&self, field: &str) -> Option<String> {
        let all: serde_json::Value = serde_json::from_str(self.0.get()).ok()?;
        all.get(field)?.as_str().map(str::to_owned)
    }
}

/// A query string read into a type.
#[derive(Debug)]
pub struct ApiQuery<T>(String, PhantomData<fn() -> T>);

impl<T: DeserializeOwned> ApiQuery<T> {
    /// The query as its type.
    pub fn read(self) -> Result<T, Problem> {
        let pairs = url::form_urlencoded::parse(self.0.as_bytes());
        serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs)).map_err(|error| {
            let path = error.path().to_string();
            let words = error.into_inner().to_string();
            let problem =
                Problem::bad_request("invalid_query", format!("The query does not fit the contract: {words}."));
            match field(&words, &path) {
                Some(field) => problem.at(field),
                None => problem,
            }
        })
    }
}

impl<T> FromRequest for ApiQuery<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(Ok(Self(request.query_string().to_owned(), PhantomData)))
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Order {
        name: String,
        kind: Option<Kind>,
        offer: Option<Offer>,
        lines: Option<Vec<Line>>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Flow,
    }

    #[derive(Debug, Deserialize)]
    #[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    enum Offer {
        Percentage { percentage: String },
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Line {
        at: u8,
    }

    #[test]
    fn a_refusal_names_the_field() {
        for (body, field) in [
            (r#"{}"#, Some("name")),
            (r#"{"name": 5}"#, Some("name")),
            (r#"{"name": "a", "surprise": 1}"#, Some("surprise")),
            (r#"{"name": "a", "kind": "spam"}"#, Some("kind")),
            (r#"{"name": "a", "offer": {"type": "gift"}}"#, Some("offer.type")),
            (r#"{"name": "a", "offer": {"type": "percentage"}}"#, Some("offer.percentage")),
            (r#"{"name": "a", "offer": {"type": "percentage", "percentage": "1", "x": 1}}"#, Some("offer.x")),
            (r#"{"name": "a", "lines": [{"at": 1}, {"at": 256}]}"#, Some("lines[1].at")),
            (r#"{"name": "a", "lines": [{"at": 1, "name": 2}]}"#, Some("lines[0].name")),
            (r#"{"name": "a", "lines": [{}]}"#, Some("lines[0].at")),
            ("[]", None),
            ("7", None),
        ] {
            let problem = parse::<Order>(body.as_bytes()).unwrap_err();
            assert_eq!((problem.code(), problem.field()), ("invalid_field", field), "{body}: {problem}");
            assert!(!problem.detail().contains("line 1"), "{problem}");
        }
        for body in ["", "{", "{} {}", "nul", r#"{"name": "a"} 7"#] {
            assert_eq!(
                parse::<serde_json::Value>(body.as_bytes()).map_err(|wrong| wrong.code()),
                Err("bad_json"),
                "{body}"
            );
        }
    }

    #[test]
    fn a_query_names_its_field_too() {
        for (query, field) in [("at=x", "at"), ("at=1&b=2", "b"), ("", "at")] {
            let problem = ApiQuery::<Line>(query.into(), PhantomData).read().unwrap_err();
            assert_eq!((problem.code(), problem.field()), ("invalid_query", Some(field)), "{query}: {problem}");
        }
    }

    #[test]
    fn an_entry_is_read_by_itself() {
        let entries: Vec<Entry> = serde_json::from_str(r#"[{"at": 1}, {"at": "x", "key": "k"}, 5]"#).unwrap();
        let read: Vec<_> = entries.iter().map(|entry| entry.read::<Line>().is_ok()).collect();
        assert_eq!(read, [true, false, false]);
        assert_eq!(entries[1].text("key").as_deref(), Some("k"));
        assert_eq!((entries[0].text("key"), entries[2].text("key")), (None, None));
    }
}
