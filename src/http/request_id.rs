//! Every answer but the redirect's carries `X-Request-Id`; a problem repeats it, and the log knows it.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web;

use crate::app::App;
use crate::kernel::Stream;
use crate::kernel::id::base62;

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request being answered; empty outside one.
pub fn request_id() -> String {
    REQUEST_ID.try_with(Clone::clone).unwrap_or_default()
}

/// Middleware: gives the request an id of our own making (a caller's is not trusted to be unique or short).
pub async fn with_request_id(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> actix_web::Result<ServiceResponse<impl MessageBody>> {
    let random = request.app_data::<web::Data<App>>().map_or([0; 12], |app| app.chance.bytes(Stream::Jitter));
    let id = base62(random.iter().fold(0_u128, |number, &byte| (number << 8) | u128::from(byte)));
    REQUEST_ID
        .scope(id.clone(), async move {
            let answered = next.call(request).await.map(ServiceResponse::map_into_boxed_body);
            // An error must become its answer here, while the id is still known to it.
            let mut response = match answered {
                Ok(response) => response,
                Err(error) => return Err(with_header(error, &id)),
            };
            if let Ok(value) = HeaderValue::from_str(&id) {
                response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
            }
            Ok(response)
        })
        .await
}

fn with_header(error: actix_web::Error, id: &str) -> actix_web::Error {
    let mut response = error.error_response();
    if let Ok(value) = HeaderValue::from_str(id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    actix_web::error::InternalError::from_response(error, response).into()
}
