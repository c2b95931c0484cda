//! What was answered has a tag, so that whoever has it already is told so and not sent it again.
//!
//! The tag is made of the answer's own bytes, so nobody has to remember to change it. It is a weak one: what goes out may be
//! compressed afterwards. Only who asked may keep the answer, and has to ask again before using it.

use actix_web::HttpResponse;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use sha2::{Digest, Sha256};

/// Of the answer's bytes; as much of the hash as nobody meets by chance.
const TAG_BYTES: usize = 16;

const ASK_AGAIN: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Middleware, within the one that compresses: tags JSON that is read, and leaves out what is known already.
pub async fn with_etag(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> actix_web::Result<ServiceResponse<BoxBody>> {
    let known = request.headers().get(IF_NONE_MATCH).cloned();
    let read = *request.method() == Method::GET && request.path().starts_with("/api/");
    let response = next.call(request).await?;
    if !read || !tagged(response.status(), response.headers(), response.response().body().size()) {
        return Ok(response.map_into_boxed_body());
    }
    let (request, response) = response.into_parts();
    let (response, body) = response.into_parts();
    let body = match body.try_into_bytes() {
        Ok(body) => body,
        Err(body) => return Ok(ServiceResponse::new(request, response.set_body(body)).map_into_boxed_body()),
    };
    let tag = format!("W/\"{}\"", hex::encode(&Sha256::digest(&body)[..TAG_BYTES]));
    let mut response = match known.is_some_and(|known| names(&known, &tag)) {
        true => HttpResponse::build(StatusCode::NOT_MODIFIED).finish(),
        false => response.set_body(body).map_into_boxed_body(),
    };
    response.headers_mut().insert(CACHE_CONTROL, ASK_AGAIN);
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    Ok(ServiceResponse::new(request, response))
}

/// Whether an answer gets a tag: JSON that is there as a whole, and of which nobody said how to keep it.
fn tagged(status: StatusCode, headers: &HeaderMap, size: BodySize) -> bool {
    let json = headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    let free = !headers.contains_key(CACHE_CONTROL) && !headers.contains_key(ETAG);
    status == StatusCode::OK && json && free && matches!(size, BodySize::Sized(_))
}

/// Whether the list of tags that somebody has names this one. Weak and strong are compared alike (RFC 9110 13.1.2).
fn names(known: &HeaderValue, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let Ok(known) = known.to_str() else { return false };
    known.trim() == "*" || known.split(',').any(|one| bare(one) == bare(tag))
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::{Compress, from_fn};
    use actix_web::test::{TestRequest, call_service, init_service, read_body};
    use actix_web::{App, web};
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn what_is_known_already_is_not_sent_again() {
        let app = App::new()
            .wrap(from_fn(with_etag))
            .wrap(Compress::default())
            .route("/api/{number}", web::get().to(async |n: web::Path<u8>| web::Json(json!({ "number": *n }))))
            .route("/api/kept", web::post().to(async || web::Json(json!({}))))
            .route("/page", web::get().to(async || web::Json(json!({}))));
        let app = init_service(app).await;
        let get = async |path: &str, known: Option<&str>| {
            let request = TestRequest::get().uri(path);
            let request = known.iter().fold(request, |request, known| request.insert_header((IF_NONE_MATCH, *known)));
            let response = call_service(&app, request.to_request()).await;
            let tag = response.headers().get(ETAG).map(|tag| tag.to_str().unwrap().to_owned());
            let kept = response.headers().get(CACHE_CONTROL).map(|kept| kept.to_str().unwrap().to_owned());
            let status = response.status().as_u16();
            (status, tag, kept, read_body(response).await.len())
        };
        let (status, tag, kept, length) = get("/api/7", None).await;
        let tag = tag.unwrap();
        assert!(tag.starts_with("W/\"") && length > 0);
        assert_eq!((status, kept.as_deref()), (200, Some("private, no-cache")));
        for known in [tag.clone(), tag.replace("W/", ""), format!("\"a\", {tag}"), "*".to_owned()] {
            let again = get("/api/7", Some(&known)).await;
            assert_eq!(again, (304, Some(tag.clone()), Some("private, no-cache".to_owned()), 0), "{known}");
        }
        assert_eq!(get("/api/8", Some(&tag)).await.0, 200, "another answer has another tag");
        assert_eq!(get("/api/7", Some("\"a\"")).await.0, 200);
        assert_eq!(get("/page", None).await.1, None);
        let posted = call_service(&app, TestRequest::post().uri("/api/kept").to_request()).await;
        assert!(!posted.headers().contains_key(ETAG));
    }
}
