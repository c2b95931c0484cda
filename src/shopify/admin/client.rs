//! One call of the Admin API.
//!
//! The client handed in brings the time limits and follows no redirects.

use graphql_client::GraphQLQuery;
use reqwest::Client;
use secrecy::{ExposeSecret, SecretString};

use super::answer::{AdminError, Answer, Served, read};
use crate::shopify::answer::{self as transport, BodyError};
use crate::shopify::domain::ShopDomain;
use crate::shopify::origin::Origin;

/// The API version asked for. Shopify serves a newer one, without an error, when this one is no longer supported.
pub const VERSION: &str = "2026-10";

/// Calls the Admin API of any shop whose token is handed in.
#[derive(Clone, Debug)]
pub struct Admin {
    http: Client,
    origin: Origin,
}

impl Admin {
    /// With the client's limits.
    pub const fn new(http: Client, origin: Origin) -> Self {
        Self { http, origin }
    }

    /// Sends one operation. A mutation's own `userErrors` are part of the data: see the subject's functions.
    pub async fn call<Q: GraphQLQuery>(
        &self,
        shop: &ShopDomain,
        access_token: &SecretString,
        variables: Q::Variables,
    ) -> Result<Answer<Q::ResponseData>, AdminError> {
        let body = Q::build_query(variables);
        let mutation = body.query.trim_start().starts_with("mutation");
        let operation = body.operation_name;
        let request = self
            .http
            .post(self.origin.endpoint(shop, &format!("admin/api/{VERSION}/graphql.json")))
            .header("x-shopify-access-token", access_token.expose_secret())
            .header("accept", "application/json")
            .json(&body);
        let response = request.send().await.map_err(|error| AdminError::Unreachable {
            // Without a connection nothing was asked, so nothing was done.
            maybe_done: mutation && !error.is_connect() && !error.is_builder(),
        })?;
        let served = Served::of(&response);
        let bytes = transport::body(response).await.map_err(|error| match error {
            BodyError::TooLarge => AdminError::Protocol("the answer is larger than 2 MB".into()),
            BodyError::Broken => AdminError::Unreachable { maybe_done: mutation },
        })?;
        let outcome = read(&served, &bytes, mutation);
        match &outcome {
            Ok(answer) if answer.served_version.as_deref().is_some_and(|version| version != VERSION) => {
                tracing::warn!(%shop, operation, served = ?answer.served_version, "Shopify no longer serves API version {VERSION}");
            }
            Err(error) => {
                tracing::debug!(%shop, operation, request = ?served.request_id, %error, "the Admin API refused a call")
            }
            Ok(_) => {}
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shopify::admin::discounts::{self, BulkCreationGid, DiscountError, DiscountGid};
    use crate::shopify::admin::shop::shop_info;
    use crate::shopify::loopback::{Loopback, client, json};

    fn shop() -> ShopDomain {
        ShopDomain::parse("example.myshopify.com").unwrap()
    }

    #[tokio::test]
    async fn asks_the_version_with_the_token() {
        let body =
            r#"{"data":{"discountRedeemCodeBulkAdd":{"bulkCreation":{"id":"gid://shopify/X/1"},"userErrors":[]}}}"#;
        let there = Loopback::answering(&json(200, "", body)).await;
        let admin = Admin::new(client(), there.origin.clone());
        let codes = ["A".to_owned(), "B".to_owned()];
        let discount = DiscountGid("gid://shopify/DiscountCodeNode/1".into());
        let made = discounts::add_codes(&admin, &shop(), &"token".into(), &discount, &codes).await;
        assert_eq!(made, Ok(BulkCreationGid("gid://shopify/X/1".into())));
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
        let admin = Admin::new(client(), there.origin.clone());
        let asked = shop_info(&admin, &shop(), &"token".into()).await;
        assert_eq!(asked, Err(AdminError::Unreachable { maybe_done: false }));

        let there = Loopback::answering("").await;
        let admin = Admin::new(client(), there.origin.clone());
        let changed = discounts::deactivate(&admin, &shop(), &"token".into(), &DiscountGid("gid".into())).await;
        assert_eq!(changed, Err(DiscountError::Admin(AdminError::Unreachable { maybe_done: true })));

        let nowhere = Admin::new(client(), there.closed().await);
        let changed = discounts::deactivate(&nowhere, &shop(), &"token".into(), &DiscountGid("gid".into())).await;
        assert_eq!(changed, Err(DiscountError::Admin(AdminError::Unreachable { maybe_done: false })));
    }
}
