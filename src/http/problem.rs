//! RFC 9457 problem documents: a stable code, a sentence that says what to do, the field, the request.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use super::page::{Frame, notice};
use super::request_id::request_id;

/// What a handler returns.
pub type Result<T, E = Problem> = std::result::Result<T, E>;

/// An answer that is not what was asked for.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    field: Option<String>,
    headers: Vec<(&'static str, String)>,
}

/// The document on the wire.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct Document<'a> {
    /// `https://recoup.dev/problems/…`: identifies the kind, need not resolve.
    r#type: String,
    /// The status's own words.
    title: &'a str,
    /// HTTP status.
    status: u16,
    /// Stable; programs decide by it.
    code: &'a str,
    /// One sentence for people: what is wrong and what to do.
    detail: &'a str,
    /// The offending field, as a path, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    /// Quote it when asking for help.
    request_id: &'a str,
}

impl Problem {
    /// A problem with a status, a stable code and a sentence that says what to do.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), field: None, headers: Vec::new() }
    }

    /// 400: the request is not what the contract says.
    pub fn bad_request(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    /// 409: it does not go together with how things stand.
    pub fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// 401: nobody proved who is asking.
    pub fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", detail)
    }

    /// 403: proved, but not allowed.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    /// 404: not here, or not this shop's; the two look alike on purpose.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("This shop has no such {what}."))
    }

    /// 422: well-formed, but a value cannot be.
    pub fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_field", detail).at(field)
    }

    /// 429: too much at a time; come again in so many seconds.
    pub fn too_many(code: &'static str, detail: impl Into<String>, seconds: u64) -> Self {
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, detail).with_header("Retry-After", seconds.to_string())
    }

    /// 503: try again soon.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).with_header("Retry-After", "2")
    }

    /// 500: everything unforeseen. The cause goes to the log, the caller gets the request id.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(request.id = %request_id(), cause = %cause, "a request failed in a way nobody foresaw");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something failed on our side. Try again, and quote the request id if it keeps failing.",
        )
    }

    /// Names the offending field.
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Adds a response header.
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// 401: the merchant has to allow the app again, at this address. App Bridge reads the header and goes there.
    pub fn reauthorize(detail: impl Into<String>, at: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "reauthorize", detail)
            .with_header("X-Shopify-API-Request-Failure-Reauthorize-Url", at)
            .with_header("Access-Control-Expose-Headers", "X-Shopify-API-Request-Failure-Reauthorize-Url")
    }

    /// The problem as a page for people.
    pub fn page(&self, frame: &Frame) -> HttpResponse {
        let id = request_id();
        let quote = if id.is_empty() { String::new() } else { format!(" (Request {id})") };
        let title = match self.status {
            StatusCode::NOT_FOUND => "There is nothing here",
            status if status.is_server_error() => "Recoup cannot open just now",
            _ => "Recoup could not open",
        };
        let mut page = notice(frame, self.status, title, &format!("{}{quote}", self.detail));
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
                page.headers_mut().insert(name, value);
            }
        }
        page
    }

    /// How a problem looks on the wire.
    pub fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        <Document<'_> as utoipa::PartialSchema>::schema()
    }

    /// The stable code.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The offending field.
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    /// The sentence.
    pub fn detail(&self) -> &str {
        &self.detail
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.detail)
    }
}

impl std::error::Error for Problem {}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let document = Document {
            r#type: format!("https://recoup.dev/problems/{}", self.code),
            title: self.status.canonical_reason().unwrap_or("Problem"),
            status: self.status.as_u16(),
            code: self.code,
            detail: &self.detail,
            field: self.field.as_deref(),
            request_id: &request_id(),
        };
        let mut response = HttpResponse::build(self.status);
        for (name, value) in &self.headers {
            response.insert_header((*name, value.as_str()));
        }
        response.content_type("application/problem+json").body(serde_json::to_vec(&document).unwrap_or_default())
    }
}

impl From<sea_orm::DbErr> for Problem {
    fn from(error: sea_orm::DbErr) -> Self {
        match error {
            sea_orm::DbErr::ConnectionAcquire(_) | sea_orm::DbErr::Conn(_) => {
                tracing::error!(request.id = %request_id(), cause = %error, "the database is away");
                Self::unavailable("The database is not answering. Try again in a moment; nothing was changed.")
            }
            other => Self::internal(&other),
        }
    }
}
