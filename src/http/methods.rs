//! Methods: `HEAD` is answered wherever `GET` is, and a method that an address does not know is told which it does.

use actix_web::HttpResponse;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ResourceDef, ServiceRequest, ServiceResponse};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;

use super::problem::Problem;

/// Which methods our addresses know. Asked only after nothing answered.
#[derive(Clone, Debug, Default)]
pub struct Methods(Vec<(ResourceDef, &'static str)>);

impl Methods {
    /// Adds an address, as routes write it, and a method it knows.
    pub fn add(&mut self, address: &str, method: &'static str) {
        self.0.push((ResourceDef::new(address), method));
    }

    /// What the addresses a path may mean know, as `Allow` lists it; `None`: there is no such address.
    fn allow(&self, path: &str) -> Option<String> {
        let known = self.0.iter().filter(|(address, _)| address.is_match(path)).map(|(_, method)| *method);
        let mut known: Vec<&str> = known.collect();
        if known.contains(&"GET") {
            known.push("HEAD");
        }
        known.sort_unstable();
        known.dedup();
        (!known.is_empty()).then(|| known.join(", "))
    }

    /// Turns "nothing here" into "not by this method" where that is what is wrong.
    pub fn answer(&self, response: ServiceResponse<impl MessageBody + 'static>) -> ServiceResponse<BoxBody> {
        let response = response.map_into_boxed_body();
        let nothing = response.response().error().and_then(|error| error.as_error::<Problem>());
        let nothing = nothing.is_some_and(|problem| problem.code() == NO_SUCH_ROUTE);
        if !nothing && response.status() != StatusCode::METHOD_NOT_ALLOWED {
            return response;
        }
        let Some(allow) = self.allow(response.request().path()) else { return response };
        if allow.split(", ").any(|known| known == response.request().method().as_str()) {
            return response;
        }
        let detail = format!("This address knows {allow}, not {}.", response.request().method());
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", detail).with_header("Allow", allow);
        response.into_response(HttpResponse::from_error(problem))
    }
}

const NO_SUCH_ROUTE: &str = "no_such_route";

/// What is answered where there is no route.
pub fn nothing_here() -> Problem {
    let detail = "There is nothing at this address. /openapi.json lists what there is.";
    Problem::new(StatusCode::NOT_FOUND, NO_SUCH_ROUTE, detail)
}

/// Middleware: `HEAD` goes the way of `GET`; the connection leaves the body out by itself, because it knows what was asked.
pub async fn answer_head<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> actix_web::Result<ServiceResponse<B>> {
    if *request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    next.call(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_addresses_a_path_may_mean_count() {
        let mut methods = Methods::default();
        methods.add("/api/messages/{id}", "GET");
        methods.add("/api/messages/statuses", "POST");
        assert_eq!(methods.allow("/api/messages/statuses").as_deref(), Some("GET, HEAD, POST"));
        assert_eq!(methods.allow("/api/messages/7").as_deref(), Some("GET, HEAD"));
        assert_eq!(methods.allow("/api/messages"), None);
    }
}
