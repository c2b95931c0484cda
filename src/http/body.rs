//! Bodies and queries: read into types that refuse unknown fields, and whose refusals are problem documents.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, web};
use bytes::Bytes;
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;

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
pub struct ApiJson<T, const LIMIT: usize = { limits::JSON }>(pub T);

impl<T: DeserializeOwned + 'static, const LIMIT: usize> FromRequest for ApiJson<T, LIMIT> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, body) = (request.clone(), web::Payload::from_request(request, payload));
        Box::pin(async move {
            let body = body.await.map_err(|error| Problem::bad_request("bad_body", error.to_string()))?;
            parse(&read_body(&request, body, LIMIT).await?).map(Self)
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

/// Reads JSON strictly; the refusal names the field when serde knows it.
fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| {
        let words = error.to_string();
        let field = words.split('`').nth(1).map(str::to_owned);
        let code = if error.is_data() { "invalid_field" } else { "bad_json" };
        let status = if error.is_data() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_REQUEST };
        let problem = Problem::new(status, code, format!("The body does not fit the contract: {words}."));
        match field.filter(|_| error.is_data()) {
            Some(field) => problem.at(field),
            None => problem,
        }
    })
}

/// A query string read into a type.
#[derive(Debug)]
pub struct ApiQuery<T>(pub T);

impl<T: DeserializeOwned> FromRequest for ApiQuery<T> {
    type Error = Problem;
    type Future = std::future::Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let read = web::Query::<T>::from_query(request.query_string());
        std::future::ready(read.map(|query| Self(query.into_inner())).map_err(|error| {
            Problem::bad_request("invalid_query", format!("The query does not fit the contract: {error}."))
        }))
    }
}
