//! The pretend world against itself and against a fake app.

mod admin_api;
mod fake_app;
mod life;
mod selling;

use serde_json::{Value, json};

use super::{Settings, Traffic, World};
use crate::kernel::{Clock, Timestamp};

/// A quiet world on a Monday morning.
async fn quiet() -> (World, Clock) {
    let clock = Clock::manual(Timestamp::parse("2026-08-03T08:00:00Z").unwrap());
    let mut settings = Settings::new(7, clock.clone());
    settings.traffic = Traffic::none();
    settings.faults = super::Faults::none();
    (World::start(settings).await.unwrap(), clock)
}

/// Exchanges a token like the app does.
async fn exchange(world: &World, expiring: &str) -> Value {
    let domain = world.shop_domain();
    let fields = [
        ("client_id", "pretend-client".to_owned()),
        ("client_secret", "pretend-client-secret".to_owned()),
        ("grant_type", "urn:ietf:params:oauth:grant-type:token-exchange".to_owned()),
        ("subject_token", world.id_token(&domain)),
        ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token".to_owned()),
        ("requested_token_type", "urn:shopify:params:oauth:token-type:offline-access-token".to_owned()),
        ("expiring", expiring.to_owned()),
    ];
    let url = format!("{}/{domain}/admin/oauth/access_token", world.admin_origin());
    world.inner.http.post(url).form(&fields).send().await.unwrap().json().await.unwrap()
}

/// Asks the Admin API like the app does; the status and the answer.
async fn ask(world: &World, token: &str, query: &str, variables: Value) -> (u16, Value) {
    let url = format!("{}/{}/admin/api/2026-10/graphql.json", world.admin_origin(), world.shop_domain());
    let request = world.inner.http.post(url).header("x-shopify-access-token", token);
    let answer = request.json(&json!({"query": query, "variables": variables})).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// A token that works.
async fn token(world: &World) -> String {
    exchange(world, "1").await["access_token"].as_str().unwrap().to_owned()
}

/// A 15 % discount with single-use codes; its gid.
async fn discount(world: &World, token: &str, input: Value) -> String {
    let mutation = "mutation($input: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $input) {
        codeDiscountNode { id } userErrors { field code message } } }";
    let mut whole = json!({"title": "Winback", "code": "FIRST", "startsAt": "2026-08-03T00:00:00Z", "usageLimit": 1,
        "context": {"all": "ALL"}, "customerGets": {"value": {"percentage": 0.15}, "items": {"all": true}}});
    whole.as_object_mut().unwrap().extend(input.as_object().unwrap().clone());
    let (_, answer) = ask(world, token, mutation, json!({"input": whole})).await;
    let payload = &answer["data"]["discountCodeBasicCreate"];
    assert_eq!(payload["userErrors"], json!([]), "{answer}");
    payload["codeDiscountNode"]["id"].as_str().unwrap().to_owned()
}
