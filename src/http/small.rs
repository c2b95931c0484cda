//! Small answers go out as they are: to set a compressor up for a few hundred bytes costs more than to send them.
//!
//! Actix's compressor leaves alone what bears a `Content-Encoding`. So a small answer bears the one that means nothing on
//! its way past it, and is relieved of it afterwards: RFC 9110 8.4 wants it sent to nobody.

use actix_web::body::{BodySize, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_ENCODING, HeaderValue};
use actix_web::middleware::Next;

/// Fits into one packet with its headers, compressed or not.
const SMALL: u64 = 1_024;

const AS_IT_IS: HeaderValue = HeaderValue::from_static("identity");

/// Middleware, within the one that compresses: marks small answers.
pub async fn mark_small(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> actix_web::Result<ServiceResponse<impl MessageBody>> {
    let mut response = next.call(request).await?;
    let small = matches!(response.response().body().size(), BodySize::Sized(1..SMALL));
    if small && !response.headers().contains_key(CONTENT_ENCODING) {
        response.headers_mut().insert(CONTENT_ENCODING, AS_IT_IS);
    }
    Ok(response)
}

/// Middleware, around the one that compresses: takes the mark away.
pub async fn unmark_small(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> actix_web::Result<ServiceResponse<impl MessageBody>> {
    let mut response = next.call(request).await?;
    if response.headers().get(CONTENT_ENCODING) == Some(&AS_IT_IS) {
        response.headers_mut().remove(CONTENT_ENCODING);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::ACCEPT_ENCODING;
    use actix_web::middleware::{Compress, from_fn};
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::{App, web};

    use super::*;

    #[tokio::test]
    async fn only_what_is_large_is_compressed() {
        let app = App::new()
            .wrap(from_fn(mark_small))
            .wrap(Compress::default())
            .wrap(from_fn(unmark_small))
            .route("/{bytes}", web::get().to(async |bytes: web::Path<usize>| "a".repeat(*bytes)));
        let app = init_service(app).await;
        for (bytes, encoding) in [(0, None), (1, None), (1_023, None), (1_024, Some("gzip"))] {
            let request = TestRequest::get().uri(&format!("/{bytes}")).insert_header((ACCEPT_ENCODING, "gzip"));
            let response = call_service(&app, request.to_request()).await;
            let got = response.headers().get(CONTENT_ENCODING).map(|value| value.to_str().unwrap().to_owned());
            assert_eq!(got.as_deref(), encoding, "{bytes} bytes");
            let length = read_body(response).await.len();
            assert!(if encoding.is_some() { length < bytes / 2 } else { length == bytes }, "{length} of {bytes}");
        }
    }
}
