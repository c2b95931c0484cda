//! The token endpoint: token exchange, refresh with Shopify's rotation, authorization code.
//!
//! ```text
//! exchange ─▶ pair (access 1 h, refresh 90 d) ─ refresh ─▶ next pair; the old refresh token lives on until the next
//!             one is first used (30 d at most). A new exchange kills every older refresh token at once.
//! ```
//! An access token that was replaced works until its own hour is over. Without `expiring=1` the token never expires,
//! and every call of the Admin API refuses it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::kernel::Timestamp;
use crate::simulator::dice::{Luck, dice};
use crate::simulator::proof;
use crate::simulator::state::State;

const ACCESS_SECONDS: i64 = 3_600;
const REFRESH_SECONDS: i64 = 7_776_000;
const REUSE_SECONDS: i64 = 30 * 86_400;
const OFFLINE: &str = "urn:shopify:params:oauth:token-type:offline-access-token";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

#[derive(Debug)]
struct Refresh {
    expires_at: Timestamp,
    /// When it was first used; from then on it may be used again until its replacement is.
    used_at: Option<Timestamp>,
    /// The refresh token this one replaces: dead as soon as this one is used.
    replaces: Option<String>,
}

/// The tokens of one shop.
#[derive(Debug, Default)]
pub(in crate::simulator) struct Tokens {
    /// Access token → when it ends; `None` never, and is refused for that.
    access: BTreeMap<String, Option<Timestamp>>,
    refresh: BTreeMap<String, Refresh>,
    codes: Vec<String>,
    made: u64,
    pub calls: TokenCalls,
}

/// How often the token endpoint gave something, by what it was asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenCalls {
    /// ID tokens exchanged.
    pub exchanges: u32,
    /// Pairs renewed.
    pub refreshes: u32,
    /// Tokens of the old kind traded.
    pub migrations: u32,
    /// Authorization codes redeemed.
    pub codes: u32,
}

/// What the Admin API says to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Access {
    Granted,
    Unknown,
    NonExpiring,
}

impl Tokens {
    /// What this token is good for now.
    pub fn check(&self, token: &str, now: Timestamp) -> Access {
        match self.access.get(token) {
            Some(Some(until)) if *until > now => Access::Granted,
            Some(None) => Access::NonExpiring,
            _ => Access::Unknown,
        }
    }

    /// Everything is void (uninstalled, revoked).
    pub fn void(&mut self) {
        self.access.clear();
        self.refresh.clear();
    }

    /// Access tokens are void, refresh tokens live (what a lost hour looks like).
    pub fn void_access(&mut self) {
        self.access.clear();
    }

    /// A token of the old kind, which never expires.
    pub fn old_kind(&mut self, seed: u64) -> String {
        let access = self.mint("access", seed);
        self.access.insert(access.clone(), None);
        access
    }

    /// Trades a token of the old kind: it is void from now on.
    fn migrate(&mut self, seed: u64, now: Timestamp, old: &str, scope: &str) -> Option<Value> {
        if self.access.get(old) != Some(&None) {
            return None;
        }
        self.access.remove(old);
        Some(self.pair(seed, now, None, scope))
    }

    /// An authorization code the merchant's browser would bring back.
    pub fn authorize(&mut self, code: String) {
        self.codes.push(code);
    }

    fn mint(&mut self, kind: &str, seed: u64) -> String {
        self.made += 1;
        format!("pretend-{kind}-{}", dice(seed, "token", self.made).hex(40))
    }

    fn pair(&mut self, seed: u64, now: Timestamp, replaces: Option<String>, scope: &str) -> Value {
        let access = self.mint("access", seed);
        let refresh = self.mint("refresh", seed);
        self.access.insert(access.clone(), Some(now.plus_seconds(ACCESS_SECONDS)));
        let expires_at = now.plus_seconds(REFRESH_SECONDS);
        self.refresh.insert(refresh.clone(), Refresh { expires_at, used_at: None, replaces });
        json!({"access_token": access, "scope": scope, "expires_in": ACCESS_SECONDS,
               "refresh_token": refresh, "refresh_token_expires_in": REFRESH_SECONDS})
    }

    fn acquire(&mut self, seed: u64, now: Timestamp, expiring: bool, scope: &str) -> Value {
        self.refresh.clear();
        if expiring {
            return self.pair(seed, now, None, scope);
        }
        let access = self.mint("access", seed);
        self.access.insert(access.clone(), None);
        json!({"access_token": access, "scope": scope})
    }

    fn refresh(&mut self, seed: u64, now: Timestamp, token: &str, scope: &str) -> Option<Value> {
        let held = self.refresh.get_mut(token)?;
        let reusable = held.used_at.is_none_or(|first| now < first.plus_seconds(REUSE_SECONDS));
        if held.expires_at <= now || !reusable {
            return None;
        }
        held.used_at.get_or_insert(now);
        let replaced = held.replaces.take();
        // Another answer to the same token may have been lost: its pair is retired, this one takes its place.
        self.refresh.retain(|name, other| Some(name) != replaced.as_ref() && other.replaces.as_deref() != Some(token));
        Some(self.pair(seed, now, Some(token.to_owned()), scope))
    }
}

fn refusal(error: &str, description: &str) -> (u16, Value) {
    (400, json!({"error": error, "error_description": description}))
}

/// Answers `POST /admin/oauth/access_token`.
pub(super) fn token_endpoint(state: &mut State, domain: &str, fields: &Value) -> (u16, Value) {
    let (now, seed) = (state.clock.now(), state.seed);
    let text = |name: &str| fields[name].as_str().unwrap_or_default().to_owned();
    let secret = state.client_secret.clone();
    let client_id = state.client_id.clone();
    let Some(shop) = state.shops.get_mut(domain) else {
        return (404, json!({"errors": "Not Found"}));
    };
    if !shop.installed || text("client_id") != client_id || text("client_secret") != secret {
        return refusal("invalid_client", "The client is unknown, or the app is not installed.");
    }
    let scope = shop.profile.scopes.join(",");
    let expiring = matches!(&fields["expiring"], Value::String(s) if s == "1" || s == "true")
        || fields["expiring"] == json!(1)
        || fields["expiring"] == json!(true);
    match text("grant_type").as_str() {
        EXCHANGE if text("subject_token_type") == OFFLINE => {
            if text("requested_token_type") != OFFLINE || !expiring {
                return refusal("invalid_request", "An offline token is traded for an expiring one only.");
            }
            match shop.tokens.migrate(seed, now, &text("subject_token"), &scope) {
                Some(pair) => {
                    shop.tokens.calls.migrations += 1;
                    (200, pair)
                }
                None => refusal("invalid_subject_token", "The token is unknown or was traded before."),
            }
        }
        EXCHANGE => {
            let claims = proof::open_jwt(&secret, &text("subject_token")).unwrap_or_default();
            let good = claims["aud"] == client_id.as_str()
                && claims["dest"] == format!("https://{domain}")
                && claims["exp"].as_i64().is_some_and(|exp| exp > now.seconds())
                && text("subject_token_type") == "urn:ietf:params:oauth:token-type:id_token";
            if !good {
                return refusal("invalid_subject_token", "The ID token is expired or invalid.");
            }
            if text("requested_token_type") != OFFLINE {
                return refusal("invalid_request", "This pretend shop only hands out offline tokens.");
            }
            shop.tokens.calls.exchanges += 1;
            (200, shop.tokens.acquire(seed, now, expiring, &scope))
        }
        "refresh_token" => match shop.tokens.refresh(seed, now, &text("refresh_token"), &scope) {
            Some(pair) => {
                shop.tokens.calls.refreshes += 1;
                (200, pair)
            }
            None => refusal("invalid_grant", "The refresh token is expired, revoked or superseded."),
        },
        "" => {
            let code = text("code");
            let before = shop.tokens.codes.len();
            shop.tokens.codes.retain(|known| *known != code);
            if shop.tokens.codes.len() == before {
                return refusal("invalid_request", "The authorization code was not found or was already used.");
            }
            shop.tokens.calls.codes += 1;
            (200, shop.tokens.acquire(seed, now, expiring, &scope))
        }
        other => refusal("unsupported_grant_type", other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_refresh_token_lives_until_its_replacement_is_used() {
        let mut tokens = Tokens::default();
        let at = Timestamp::from_seconds;
        let name = |pair: &Value| pair["refresh_token"].as_str().unwrap().to_owned();
        let first = name(&tokens.acquire(1, at(0), true, ""));
        let lost = name(&tokens.refresh(1, at(10), &first, "").unwrap());
        let second = name(&tokens.refresh(1, at(20), &first, "").unwrap());
        assert!(tokens.refresh(1, at(30), &lost, "").is_none());
        let third = name(&tokens.refresh(1, at(30), &second, "").unwrap());
        assert!(tokens.refresh(1, at(40), &first, "").is_none(), "its replacement was used");
        let _ = tokens.acquire(1, at(50), true, "");
        assert!(tokens.refresh(1, at(60), &third, "").is_none(), "a new exchange retires all others");
    }
}
