//! Every answer is counted, by route and class of status, with how long it took. By the route's pattern and never by its
//! address: what stands in an address is without number, and may be somebody's.

use std::time::{Duration, Instant};

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;

/// Where there is no route.
const NOWHERE: &str = "none";

/// Middleware: counts what is answered.
pub async fn measured<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> actix_web::Result<ServiceResponse<B>> {
    let (method, began) = (request.method().clone(), Instant::now());
    let answer = next.call(request).await;
    let (route, status) = match &answer {
        Ok(response) => (response.request().match_pattern(), response.status()),
        Err(error) => (None, error.as_response_error().status_code()),
    };
    answered(&method, route.unwrap_or_else(|| NOWHERE.to_owned()), status, began.elapsed());
    answer
}

/// Counts one answer, for routes that have nothing around them.
pub fn answered(method: &Method, route: impl Into<metrics::SharedString>, status: StatusCode, took: Duration) {
    let (method, status) = (name(method), class(status));
    metrics::histogram!("recoup_http_request_duration_seconds", "method" => method, "route" => route.into(), "status" => status)
        .record(took);
}

/// Anybody may make methods up.
fn name(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|known| *known == method.as_str()).unwrap_or("other")
}

fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
