//! Calls of the Admin API: each is paid from its shop's points, and repeated where that is safe.
//!
//! 1. A call that proved to have done nothing is tried again, at most [`TRIES`] times: throttled, too many requests, no
//!    connection; and any query whose answer was lost. A change whose answer was lost is the caller's to look up.
//! 2. Short waits are waited here, with jitter. A longer one is the answer ([`AdminError::Throttled`]): a job comes back.
//! 3. On a clock that is moved by hand nothing is waited for: it would not move meanwhile.
//!
//! The client handed in brings the time limits and follows no redirects.

use std::sync::Arc;
use std::time::Duration;

use graphql_client::GraphQLQuery;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};

use super::answer::{AdminError, Answer, Cost, Served, read};
use super::bucket::{Buckets, Class, Reserved};
use crate::kernel::{Chance, Clock, Stream};
use crate::outgoing::{Client, Cut};
use crate::shopify::answer::LARGEST;
use crate::shopify::domain::ShopDomain;
use crate::shopify::origin::Origin;

/// The API version asked for. Shopify serves a newer one, without an error, when this one is no longer supported.
pub const VERSION: &str = "2026-10";

/// How often one call is made at most.
const TRIES: u32 = 3;

/// The longest wait that is waited here, in seconds.
const PATIENCE: u64 = 2;

/// Calls the Admin API of any shop whose token is handed in.
#[derive(Clone, Debug)]
pub struct Admin {
    pub(super) http: Client,
    pub(super) origin: Origin,
    clock: Clock,
    chance: Chance,
    buckets: Arc<Buckets>,
    class: Class,
}

/// One operation, ready to be sent as often as it takes.
struct Prepared<'a> {
    shop: &'a ShopDomain,
    token: &'a SecretString,
    url: Url,
    operation: &'static str,
    mutation: bool,
    body: Vec<u8>,
}

/// Points of a call under way, given up when the call is left half-way: its caller went, or its job was stopped.
struct UnderWay<'a> {
    buckets: &'a Buckets,
    shop: &'a ShopDomain,
    reserved: Option<Reserved>,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some(reserved) = self.reserved.take() {
            self.buckets.forget(self.shop, reserved);
        }
    }
}

impl Admin {
    /// With the client's limits.
    pub fn new(http: Client, origin: Origin, clock: Clock, chance: Chance) -> Self {
        Self { http, origin, clock, chance, buckets: Arc::default(), class: Class::Interactive }
    }

    /// The same, for work nobody waits for: it leaves points for whoever does.
    pub fn bulk(&self) -> Self {
        Self { class: Class::Bulk, ..self.clone() }
    }

    /// Sends one operation. A mutation's own `userErrors` are part of the data: see the subject's functions.
    pub async fn call<Q: GraphQLQuery>(
        &self,
        shop: &ShopDomain,
        access_token: &SecretString,
        variables: Q::Variables,
    ) -> Result<Answer<Q::ResponseData>, AdminError> {
        let query = Q::build_query(variables);
        let prepared = Prepared {
            shop,
            token: access_token,
            url: self.origin.endpoint(shop, &format!("admin/api/{VERSION}/graphql.json")),
            operation: query.operation_name,
            mutation: query.query.trim_start().starts_with("mutation"),
            body: serde_json::to_vec(&query).map_err(|error| AdminError::Protocol(error.to_string()))?,
        };
        let mut tried = 0;
        loop {
            tried += 1;
            let outcome = self.paid::<Q>(&prepared).await;
            match &outcome {
                Err(error) if tried < TRIES && self.waited(error, tried).await => {}
                _ => return outcome,
            }
        }
    }

    /// Waits before a call is repeated. `false`: it must not be, or not by us.
    async fn waited(&self, error: &AdminError, tried: u32) -> bool {
        let runs = matches!(self.clock, Clock::System);
        let wait = match error {
            AdminError::Throttled { wait_seconds: wait } | AdminError::RateLimited { retry_after: wait }
                if runs && *wait <= PATIENCE =>
            {
                wait * 1_000
            }
            AdminError::Unreachable { maybe_done: false } => 100 << tried,
            _ => return false,
        };
        if runs {
            let jitter = self.chance.below(Stream::Jitter, wait / 2 + 1);
            tokio::time::sleep(Duration::from_millis(wait + jitter)).await;
        }
        true
    }

    /// One try, paid from the shop's points.
    async fn paid<Q: GraphQLQuery>(&self, prepared: &Prepared<'_>) -> Result<Answer<Q::ResponseData>, AdminError> {
        let Prepared { shop, operation, .. } = prepared;
        let reserved = self
            .buckets
            .reserve(shop, operation, self.class, self.clock.now())
            .map_err(|wait_seconds| AdminError::Throttled { wait_seconds })?;
        let mut under_way = UnderWay { buckets: &self.buckets, shop, reserved: Some(reserved) };
        let (outcome, cost) = self.once::<Q>(prepared).await;
        if let Some(reserved) = under_way.reserved.take() {
            self.buckets.settle(shop, operation, reserved, cost, self.clock.now());
        }
        outcome
    }

    async fn once<Q: GraphQLQuery>(
        &self,
        prepared: &Prepared<'_>,
    ) -> (Result<Answer<Q::ResponseData>, AdminError>, Option<Cost>) {
        let Prepared { shop, operation, mutation, .. } = *prepared;
        let request = |http: &reqwest::Client| {
            http.post(prepared.url.clone())
                .header("x-shopify-access-token", prepared.token.expose_secret())
                .header("accept", "application/json")
                .header("content-type", "application/json")
                .body(prepared.body.clone())
        };
        let answer = match self.http.call(LARGEST, request).await {
            Ok(answer) => answer,
            // Without a connection nothing was asked, so nothing was done.
            Err(error) => {
                let maybe_done = mutation && !error.is_connect() && !error.is_builder();
                return (Err(AdminError::Unreachable { maybe_done }), None);
            }
        };
        let served = Served::of(&answer);
        let bytes = match answer.body().await {
            Ok(bytes) => bytes,
            Err(large @ Cut::TooLarge(_)) => return (Err(AdminError::Protocol(large.to_string())), None),
            Err(Cut::Broken) => return (Err(AdminError::Unreachable { maybe_done: mutation }), None),
        };
        let (outcome, cost) = read(&served, &bytes, mutation);
        match &outcome {
            Ok(answer) if answer.served_version.as_deref().is_some_and(|version| version != VERSION) => {
                tracing::warn!(%shop, operation, served = ?answer.served_version, "Shopify no longer serves API version {VERSION}");
            }
            Err(error) => {
                tracing::debug!(%shop, operation, request = ?served.request_id, %error, "the Admin API refused a call")
            }
            Ok(_) => {}
        }
        (outcome, cost)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shopify::admin::discount::DiscountGid;
    use crate::shopify::admin::discounts::{self, BulkCreationGid, DiscountError};
    use crate::shopify::admin::shop::shop_info;
    use crate::shopify::loopback::{Loopback, client, json};

    fn paced(origin: Origin) -> Admin {
        Admin::new(client(), origin, Clock::System, Chance::seeded(1))
    }

    fn shop() -> ShopDomain {
        ShopDomain::parse("example.myshopify.com").unwrap()
    }

    #[tokio::test]
    async fn asks_the_version_with_the_token() {
        let body =
            r#"{"data":{"discountRedeemCodeBulkAdd":{"bulkCreation":{"id":"gid://shopify/X/1"},"userErrors":[]}}}"#;
        let there = Loopback::answering(&json(200, "", body)).await;
        let admin = paced(there.origin.clone());
        let codes = ["A".to_owned(), "B".to_owned()];
        let discount = DiscountGid("gid://shopify/DiscountCodeNode/1".into());
        let made = discounts::add_codes(&admin, &shop(), &"token".into(), &discount, &codes).await;
        let creation = BulkCreationGid("gid://shopify/X/1".into());
        assert_eq!(made, Ok(discounts::Accepted { creation, left_out: Vec::new() }));
        let request = there.request().await;
        assert!(
            request.starts_with("POST /example.myshopify.com/admin/api/2026-10/graphql.json HTTP/1.1"),
            "{request}"
        );
        assert!(request.contains("x-shopify-access-token: token"), "{request}");
        assert!(request.contains(r#""codes":[{"code":"A"},{"code":"B"}]"#), "{request}");
    }

    #[tokio::test]
    async fn a_lost_answer_matters_only_to_mutations() {
        let there = Loopback::answering("").await;
        let admin = paced(there.origin.clone());
        let asked = shop_info(&admin, &shop(), &"token".into()).await;
        assert_eq!(asked, Err(AdminError::Unreachable { maybe_done: false }));

        let there = Loopback::answering("").await;
        let admin = paced(there.origin.clone());
        let changed = discounts::deactivate(&admin, &shop(), &"token".into(), &DiscountGid("gid".into())).await;
        assert_eq!(changed, Err(DiscountError::Admin(AdminError::Unreachable { maybe_done: true })));

        let nowhere = paced(there.closed().await);
        let changed = discounts::deactivate(&nowhere, &shop(), &"token".into(), &DiscountGid("gid".into())).await;
        assert_eq!(changed, Err(DiscountError::Admin(AdminError::Unreachable { maybe_done: false })));
    }

    /// Retries are only seen by somebody who answers more than once.
    async fn answering(answers: &[String]) -> (Origin, tokio::task::JoinHandle<usize>) {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let origin = Origin::parse(&format!("http://{}/{{shop}}", listener.local_addr().unwrap())).unwrap();
        let answers = answers.to_vec();
        let served = tokio::spawn(async move {
            let mut asked = 0;
            for answer in answers {
                let next = tokio::time::timeout(Duration::from_secs(5), listener.accept()).await;
                let Ok(Ok((mut stream, _))) = next else { break };
                asked += 1;
                let mut piece = [0; 65_536];
                let _ = stream.read(&mut piece).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
                let _ = stream.shutdown().await;
            }
            asked
        });
        (origin, served)
    }

    fn throttled(wait: u32) -> String {
        let cost = format!(
            r#"{{"requestedQueryCost":{},"actualQueryCost":null,"throttleStatus":{{"maximumAvailable":2000,"currentlyAvailable":0,"restoreRate":100}}}}"#,
            wait * 100
        );
        json(
            200,
            "",
            &format!(
                r#"{{"errors":[{{"message":"Throttled","extensions":{{"code":"THROTTLED"}}}}],"extensions":{{"cost":{cost}}}}}"#
            ),
        )
    }

    #[tokio::test]
    async fn a_question_is_repeated_and_a_change_whose_answer_was_lost_is_not() {
        let fine = json(200, "", r#"{"data":{"currentAppInstallation":{"accessScopes":[{"handle":"read_orders"}]}}}"#);
        let (origin, served) = answering(&[json(502, "", ""), fine.clone()]).await;
        let asked = super::super::orders::scopes(&paced(origin), &shop(), &"token".into()).await;
        assert_eq!((asked.unwrap().to_string().as_str(), served.await.unwrap()), ("read_orders", 2));

        let (origin, served) = answering(&[json(502, "", ""), fine.clone()]).await;
        let changed = discounts::deactivate(&paced(origin), &shop(), &"token".into(), &DiscountGid("gid".into())).await;
        assert_eq!(changed, Err(DiscountError::Admin(AdminError::Unreachable { maybe_done: true })));
        served.abort();

        // Too many requests prove that nothing was done; the wait is short enough to be waited.
        let payload = r#"{"data":{"discountCodeDeactivate":{"userErrors":[]}}}"#;
        let (origin, served) = answering(&[json(429, "retry-after: 1\r\n", "{}"), json(200, "", payload)]).await;
        let changed = discounts::deactivate(&paced(origin), &shop(), &"token".into(), &DiscountGid("gid".into())).await;
        assert_eq!((changed, served.await.unwrap()), (Ok(()), 2));

        let (origin, served) = answering(&vec![json(503, "", ""); 9]).await;
        let asked = shop_info(&paced(origin), &shop(), &"token".into()).await;
        assert_eq!(asked, Err(AdminError::Unreachable { maybe_done: false }));
        served.abort();
    }

    #[tokio::test]
    async fn a_long_wait_is_the_answer_and_nothing_is_sent_until_it_is_over() {
        let clock = Clock::manual(crate::kernel::Timestamp::from_seconds(1_795_000_000));
        let fine = json(200, "", r#"{"data":{"currentAppInstallation":{"accessScopes":[]}}}"#);
        let (origin, served) = answering(&[throttled(3), fine]).await;
        let admin = Admin::new(client(), origin, clock.clone(), Chance::seeded(1));
        let ask = async || super::super::orders::scopes(&admin, &shop(), &"token".into()).await;
        assert_eq!(ask().await, Err(AdminError::Throttled { wait_seconds: 3 }));
        let held = ask().await;
        assert!(matches!(held, Err(AdminError::Throttled { wait_seconds: 1..=6 })), "{held:?}");
        clock.advance_to(clock.now().plus_seconds(6));
        assert!(ask().await.is_ok());
        assert_eq!(served.await.unwrap(), 2, "the second question cost nothing");
    }
}
