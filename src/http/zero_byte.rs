//! No address holds a zero byte: PostgreSQL keeps no such text, and so could not even look for it.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;

use super::problem::Problem;

/// Middleware: refuses a path or a query with `%00` before any route reads it.
pub async fn refuse_zero_bytes<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> actix_web::Result<ServiceResponse<B>> {
    if request.uri().path_and_query().is_some_and(|all| all.as_str().contains("%00")) {
        let detail = "The address holds a zero byte (%00). Leave it out.";
        return Err(Problem::bad_request("invalid_address", detail).into());
    }
    next.call(request).await
}
