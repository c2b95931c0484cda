//! The token endpoint: how an installed shop's access token is had and kept alive.
//!
//! 1. Only expiring offline tokens: `expiring=1` goes along always, and an answer without an expiry is an error.
//! 2. Expiries are counted from before the request, so they are never later than Shopify's.
//! 3. Neither the secret nor a token is ever part of an error or a log line.
//!
//! The client handed in brings the time limits and follows no redirects.

use reqwest::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::answer::{LARGEST, excerpt, retry_after};
use super::domain::ShopDomain;
use super::origin::Origin;
use super::scopes::Scopes;
use crate::kernel::Timestamp;
use crate::outgoing::{Client, Cut};

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const OFFLINE: &str = "urn:shopify:params:oauth:token-type:offline-access-token";

/// A shop's tokens. Save them first, use them afterwards: the old refresh token stays good until then.
#[derive(Clone, Debug)]
pub struct Tokens {
    /// For the Admin API.
    pub access: SecretString,
    /// One hour after it was asked for.
    pub access_expires_at: Timestamp,
    /// For the next pair.
    pub refresh: Option<SecretString>,
    /// Ninety days after it was asked for.
    pub refresh_expires_at: Option<Timestamp>,
    /// What the shop allowed.
    pub scopes: Scopes,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The ID token is over or was not one: ask the browser for a fresh one.
    #[error("Shopify did not accept the ID token")]
    InvalidSubject,
    /// The refresh token or code is over, revoked or superseded: the merchant has to open the app.
    #[error("Shopify did not accept the refresh token or code")]
    InvalidGrant,
    /// The app's credentials are wrong, or the app is no longer installed in this shop.
    #[error("Shopify did not accept the app's credentials for this shop")]
    InvalidClient,
    /// Too many requests.
    #[error("Shopify asks to wait {retry_after} s")]
    RateLimited {
        /// In seconds.
        retry_after: u64,
    },
    /// No answer, or one of Shopify's own failures. The same request may be repeated.
    #[error("Shopify could not be reached")]
    Unreachable,
    /// A token without an expiry: the Admin API refuses those.
    #[error("Shopify gave a token that does not expire, which the Admin API no longer accepts")]
    NotExpiring,
    /// Anything else, by status and Shopify's own error code.
    #[error("Shopify refused with status {status}: {code}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Their `error` text, if it had one.
        code: String,
    },
    /// An answer that is not one.
    #[error("Shopify's answer could not be read")]
    Protocol,
}

/// Asks for tokens in the name of this app.
#[derive(Clone, Debug)]
pub struct TokenEndpoint {
    http: Client,
    origin: Origin,
    client_id: String,
    client_secret: SecretString,
}

impl TokenEndpoint {
    /// With the client's limits, for the app of this id and (current) secret.
    pub fn new(http: Client, origin: Origin, client_id: impl Into<String>, client_secret: SecretString) -> Self {
        Self { http, origin, client_id: client_id.into(), client_secret }
    }

    /// Trades a proven ID token for the shop's tokens. This retires earlier refresh tokens of the shop at once.
    pub async fn exchange(&self, shop: &ShopDomain, id_token: &str, now: Timestamp) -> Result<Tokens, TokenError> {
        let fields = [
            ("grant_type", EXCHANGE),
            ("subject_token", id_token),
            ("subject_token_type", ID_TOKEN),
            ("requested_token_type", OFFLINE),
            ("expiring", "1"),
        ];
        self.ask(shop, &fields, now).await
    }

    /// Gets the next pair. If the answer is lost, repeat it with the same refresh token.
    pub async fn refresh(
        &self,
        shop: &ShopDomain,
        refresh_token: &SecretString,
        now: Timestamp,
    ) -> Result<Tokens, TokenError> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh_token.expose_secret())];
        self.ask(shop, &fields, now).await
    }

    /// Trades a token of the old kind, which never expires, for a pair. The old one is void from then on, so the pair
    /// must be saved before it is used.
    pub async fn migrate(&self, shop: &ShopDomain, old: &SecretString, now: Timestamp) -> Result<Tokens, TokenError> {
        let fields = [
            ("grant_type", EXCHANGE),
            ("subject_token", old.expose_secret()),
            ("subject_token_type", OFFLINE),
            ("requested_token_type", OFFLINE),
            ("expiring", "1"),
        ];
        self.ask(shop, &fields, now).await
    }

    /// Redeems the code of an OAuth callback, once.
    pub async fn code_grant(&self, shop: &ShopDomain, code: &str, now: Timestamp) -> Result<Tokens, TokenError> {
        self.ask(shop, &[("code", code), ("expiring", "1")], now).await
    }

    async fn ask(&self, shop: &ShopDomain, fields: &[(&str, &str)], now: Timestamp) -> Result<Tokens, TokenError> {
        let ours = [("client_id", self.client_id.as_str()), ("client_secret", self.client_secret.expose_secret())];
        let form: Vec<_> = ours.iter().chain(fields).collect();
        let url = self.origin.endpoint(shop, "admin/oauth/access_token");
        let request = |http: &reqwest::Client| http.post(url).header("accept", "application/json").form(&form);
        let answer = self.http.call(LARGEST, request).await.map_err(|_| TokenError::Unreachable)?;
        let (status, wait) = (answer.status(), retry_after(answer.headers()));
        if status == StatusCode::TOO_MANY_REQUESTS {
            return Err(TokenError::RateLimited { retry_after: wait });
        }
        if status.is_server_error() {
            return Err(TokenError::Unreachable);
        }
        let body = answer.body().await.map_err(|cut| match cut {
            Cut::TooLarge(_) => TokenError::Protocol,
            Cut::Broken => TokenError::Unreachable,
        })?;
        if status == StatusCode::OK { granted(&body, now) } else { Err(refused(status, &body)) }
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    #[serde(default)]
    scope: String,
    expires_in: Option<i64>,
    refresh_token: Option<String>,
    refresh_token_expires_in: Option<i64>,
}

fn granted(body: &[u8], now: Timestamp) -> Result<Tokens, TokenError> {
    let granted: Granted = serde_json::from_slice(body).map_err(|_| TokenError::Protocol)?;
    let lifetime = granted.expires_in.ok_or(TokenError::NotExpiring)?;
    if granted.access_token.is_empty() {
        return Err(TokenError::Protocol);
    }
    Ok(Tokens {
        access: granted.access_token.into(),
        access_expires_at: now.plus_seconds(lifetime),
        refresh: granted.refresh_token.filter(|token| !token.is_empty()).map(SecretString::from),
        refresh_expires_at: granted.refresh_token_expires_in.map(|lifetime| now.plus_seconds(lifetime)),
        scopes: Scopes::parse(&granted.scope),
    })
}

fn refused(status: StatusCode, body: &[u8]) -> TokenError {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
    }
    let code = serde_json::from_slice::<Refusal>(body).map(|refusal| refusal.error).unwrap_or_default();
    match code.as_str() {
        "invalid_subject_token" => TokenError::InvalidSubject,
        "invalid_grant" => TokenError::InvalidGrant,
        "invalid_client" => TokenError::InvalidClient,
        _ => TokenError::Refused { status: status.as_u16(), code: excerpt(&code) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shopify::loopback::{self, Loopback};

    async fn refreshed(answer: &str) -> (Result<Tokens, TokenError>, String) {
        let there = Loopback::answering(answer).await;
        let endpoint = TokenEndpoint::new(loopback::client(), there.origin.clone(), "client", "a&b".into());
        let shop = ShopDomain::parse("example.myshopify.com").unwrap();
        let outcome = endpoint.refresh(&shop, &"r=1".into(), Timestamp::from_seconds(0)).await;
        (outcome, there.request().await)
    }

    #[tokio::test]
    async fn asks_as_documented() {
        let body = r#"{"access_token":"a","scope":"read_orders","expires_in":3600,"refresh_token":"r"}"#;
        let (outcome, request) = refreshed(&loopback::json(200, "", body)).await;
        assert!(outcome.unwrap().refresh.is_some());
        assert!(request.starts_with("POST /example.myshopify.com/admin/oauth/access_token HTTP/1.1"), "{request}");
        assert!(request.ends_with("client_id=client&client_secret=a%26b&grant_type=refresh_token&refresh_token=r%3D1"));
    }

    #[tokio::test]
    async fn says_when_to_come_back() {
        let outcome = |answer: String| async move { refreshed(&answer).await.0.unwrap_err() };
        let limited = loopback::json(429, "retry-after: 7.5\r\n", "");
        assert_eq!(outcome(limited).await, TokenError::RateLimited { retry_after: 8 });
        assert_eq!(outcome(loopback::json(503, "", "")).await, TokenError::Unreachable);
        assert_eq!(outcome(String::new()).await, TokenError::Unreachable);
        let large = loopback::json(200, "", &"x".repeat(2 * 1024 * 1024 + 1));
        assert_eq!(outcome(large).await, TokenError::Protocol);
        let away = loopback::json(302, "location: http://127.0.0.1:9/\r\n", "");
        assert_eq!(outcome(away).await, TokenError::Refused { status: 302, code: String::new() });
    }

    #[tokio::test]
    async fn an_old_token_is_traded_for_a_pair() {
        let body = r#"{"access_token":"a","scope":"read_orders","expires_in":3600,"refresh_token":"r"}"#;
        let there = Loopback::answering(&loopback::json(200, "", body)).await;
        let endpoint = TokenEndpoint::new(loopback::client(), there.origin.clone(), "client", "s".into());
        let shop = ShopDomain::parse("example.myshopify.com").unwrap();
        endpoint.migrate(&shop, &"old".into(), Timestamp::from_seconds(0)).await.unwrap();
        let request = there.request().await;
        let offline = "urn%3Ashopify%3Aparams%3Aoauth%3Atoken-type%3Aoffline-access-token";
        assert!(request.contains(&format!("subject_token=old&subject_token_type={offline}")), "{request}");
        assert!(request.ends_with(&format!("requested_token_type={offline}&expiring=1")), "{request}");
    }

    #[test]
    fn tokens_expire_and_are_not_printed() {
        let now = Timestamp::from_seconds(1000);
        let body = br#"{"access_token":"a-token","scope":"write_discounts,read_orders","expires_in":3600,
            "refresh_token":"r-token","refresh_token_expires_in":7776000}"#;
        let tokens = granted(body, now).unwrap();
        assert_eq!(tokens.access_expires_at, Timestamp::from_seconds(4600));
        assert_eq!(tokens.refresh_expires_at, Some(Timestamp::from_seconds(7_777_000)));
        let printed = format!("{tokens:?}");
        assert!(!printed.contains("a-token") && !printed.contains("r-token"), "{printed}");
        assert_eq!(granted(br#"{"access_token":"a","scope":""}"#, now).unwrap_err(), TokenError::NotExpiring);
        assert_eq!(granted(b"<html>", now).unwrap_err(), TokenError::Protocol);
    }

    #[test]
    fn refusals_say_what_to_do() {
        let says = |body: &str| refused(StatusCode::BAD_REQUEST, body.as_bytes());
        assert_eq!(says(r#"{"error":"invalid_subject_token"}"#), TokenError::InvalidSubject);
        assert_eq!(says(r#"{"error":"invalid_grant","error_description":"x"}"#), TokenError::InvalidGrant);
        assert_eq!(says(r#"{"error":"invalid_client"}"#), TokenError::InvalidClient);
        assert_eq!(says("not found"), TokenError::Refused { status: 400, code: String::new() });
    }
}
