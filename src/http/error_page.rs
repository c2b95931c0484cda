//! The same problem for two readers: a program gets the problem document, a browser that navigates gets a page.

use actix_web::HttpMessage;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, header};
use actix_web::middleware::Next;

use super::page::Frame;
use super::problem::Problem;

/// Middleware: a problem that answers a navigation becomes a page, framed by the shop that was proven, else by nobody.
pub async fn with_error_pages(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> actix_web::Result<ServiceResponse<BoxBody>> {
    let navigates = navigates(request.method(), request.headers());
    let response = next.call(request).await?.map_into_boxed_body();
    if !navigates {
        return Ok(response);
    }
    let Some(problem) = response.response().error().and_then(|error| error.as_error::<Problem>()).cloned() else {
        return Ok(response);
    };
    let frame = response.request().extensions().get::<Frame>().cloned().unwrap_or(Frame::Nobody);
    Ok(response.into_response(problem.page(&frame)))
}

/// Whether a browser wants to show the answer, rather than a script to read it.
pub fn navigates(method: &Method, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if *method != Method::GET || headers.contains_key(header::AUTHORIZATION) {
        return false;
    }
    match text(header::HeaderName::from_static("sec-fetch-mode")) {
        Some(mode) => mode == "navigate",
        None => text(header::ACCEPT).is_some_and(|accept| accept.contains("text/html")),
    }
}
