//! Tokens, documents, costs, discounts and imports.

use super::*;
use crate::simulator::{AdminTrouble, Fault};

#[tokio::test]
async fn only_an_expiring_token_of_this_hour_opens_the_admin_api() {
    let (world, clock) = quiet().await;
    let forever = exchange(&world, "0").await;
    assert!(forever["refresh_token"].is_null());
    let (status, answer) = ask(&world, forever["access_token"].as_str().unwrap(), "{ shop { name } }", json!({})).await;
    assert_eq!((status, answer["errors"].as_str().unwrap().contains("Non-expiring")), (403, true));
    let token = token(&world).await;
    assert_eq!(ask(&world, &token, "{ shop { name } }", json!({})).await.1["data"]["shop"]["name"], "Alpenglow");
    clock.advance_to(clock.now().plus_seconds(3_600));
    let (status, answer) = ask(&world, &token, "{ shop { name } }", json!({})).await;
    assert_eq!((status, answer["errors"].is_string()), (401, true));
    world.stop().await;
}

#[tokio::test]
async fn documents_are_validated_paid_for_and_executed_with_aliases_and_fragments() {
    let (world, _) = quiet().await;
    let token = token(&world).await;
    let (_, wrong) = ask(&world, &token, "{ shop { noSuchField } }", json!({})).await;
    assert!(wrong["errors"][0]["message"].as_str().unwrap().contains("noSuchField") && wrong.get("data").is_none());
    let query = "query($n: Int!) { me: shop { ...Basics url primaryDomain { url } } orders(first: $n) { edges { cursor node { id } } pageInfo { hasNextPage } }
        currentAppInstallation { accessScopes { handle } } }
        fragment Basics on Shop { __typename currencyCode ianaTimezone taxesIncluded myshopifyDomain }";
    let (_, answer) = ask(&world, &token, query, json!({"n": 10})).await;
    let data = &answer["data"];
    assert_eq!(data["me"]["__typename"], "Shop");
    assert_eq!(data["me"]["primaryDomain"]["url"], world.storefront_origin());
    assert_eq!(data["orders"], json!({"edges": [], "pageInfo": {"hasNextPage": false}}));
    assert_eq!(data["currentAppInstallation"]["accessScopes"][0]["handle"], "read_orders");
    let cost = &answer["extensions"]["cost"];
    assert_eq!(cost["throttleStatus"]["maximumAvailable"], 2000.0);
    assert!(cost["requestedQueryCost"].as_i64() > cost["actualQueryCost"].as_i64(), "{cost}");
    world.fault(Fault::BucketEmpty);
    let (status, throttled) = ask(&world, &token, query, json!({"n": 10})).await;
    assert_eq!((status, &throttled["errors"][0]["extensions"]["code"]), (200, &json!("THROTTLED")));
    world.stop().await;
}

#[tokio::test]
async fn a_discount_that_cannot_be_is_refused_with_reasons() {
    let (world, _) = quiet().await;
    let token = token(&world).await;
    let mutation = "mutation($input: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $input) {
        codeDiscountNode { id } userErrors { field code message } } }";
    let input = json!({"startsAt": "2026-08-03T00:00:00Z", "endsAt": "2026-08-02T00:00:00Z", "code": "X",
        "minimumRequirement": {"subtotal": {"greaterThanOrEqualToSubtotal": "10.00"}, "quantity": {"greaterThanOrEqualToQuantity": "2"}},
        "customerGets": {"value": {"percentage": 15.0}, "items": {"all": true}}});
    let (_, answer) = ask(&world, &token, mutation, json!({"input": input})).await;
    let payload = &answer["data"]["discountCodeBasicCreate"];
    let codes: Vec<&str> =
        payload["userErrors"].as_array().unwrap().iter().map(|e| e["code"].as_str().unwrap()).collect();
    assert!(payload["codeDiscountNode"].is_null());
    let expected = [
        "BLANK",
        "BLANK",
        "END_DATE_BEFORE_START_DATE",
        "VALUE_OUTSIDE_RANGE",
        "MINIMUM_SUBTOTAL_AND_QUANTITY_RANGE_BOTH_PRESENT",
    ];
    assert_eq!(codes, expected);
    world.stop().await;
}

#[tokio::test]
async fn codes_arrive_by_and_by_and_only_once_whatever_their_case() {
    let (world, clock) = quiet().await;
    let token = token(&world).await;
    let id = discount(&world, &token, json!({"code": "taken"})).await;
    let add = "mutation($id: ID!, $codes: [DiscountRedeemCodeInput!]!) { discountRedeemCodeBulkAdd(discountId: $id, codes: $codes) {
        bulkCreation { id done } userErrors { code } } }";
    let codes: Vec<Value> =
        (0..249).map(|n| json!({"code": format!("CODE{n:03}")})).chain([json!({"code": "TAKEN"})]).collect();
    let (_, answer) = ask(&world, &token, add, json!({"id": id, "codes": codes})).await;
    let creation = &answer["data"]["discountRedeemCodeBulkAdd"]["bulkCreation"];
    assert_eq!(creation["done"], false);
    let look = "query($id: ID!) { discountRedeemCodeBulkCreation(id: $id) { done codesCount importedCount failedCount
        codes(first: 250) { nodes { code discountRedeemCode { id } errors { code message field } } } } }";
    clock.advance_to(clock.now().plus_seconds(3));
    let (_, part) = ask(&world, &token, look, json!({"id": creation["id"]})).await;
    assert_eq!(part["data"]["discountRedeemCodeBulkCreation"]["importedCount"], 200);
    clock.advance_to(clock.now().plus_seconds(60));
    let (_, whole) = ask(&world, &token, look, json!({"id": creation["id"]})).await;
    let whole = &whole["data"]["discountRedeemCodeBulkCreation"];
    assert_eq!(
        (&whole["done"], &whole["importedCount"], &whole["failedCount"]),
        (&json!(true), &json!(249), &json!(1))
    );
    assert_eq!(whole["codes"]["nodes"][249]["errors"][0]["code"], "TAKEN");
    let find =
        "query { codeDiscountNodeByCode(code: \"code007\") { id codeDiscount { __typename ... on DiscountCodeBasic {
        status usageLimit codesCount { count } codes(first: 2) { nodes { code } pageInfo { hasNextPage } }
        customerGets { value { __typename ... on DiscountPercentage { percentage } } } } } } }";
    let (_, found) = ask(&world, &token, find, json!({})).await;
    let found = &found["data"]["codeDiscountNodeByCode"];
    assert_eq!(found["id"], id);
    assert_eq!(found["codeDiscount"]["codesCount"]["count"], 250);
    assert_eq!(found["codeDiscount"]["codes"]["pageInfo"]["hasNextPage"], true);
    assert_eq!(found["codeDiscount"]["customerGets"]["value"]["percentage"], 0.15);
    world.stop().await;
}

/// Sends a bulk add, and answers status, payload and the creation as it stands a minute later.
async fn add(world: &World, clock: &Clock, token: &str, gid: &str, prefix: &str) -> (Option<u16>, Value, Value) {
    let codes: Vec<Value> = (0..20).map(|n| json!({"code": format!("{prefix}{n}")})).collect();
    let mutation = "mutation($id: ID!, $codes: [DiscountRedeemCodeInput!]!) {
        discountRedeemCodeBulkAdd(discountId: $id, codes: $codes) { bulkCreation { id } userErrors { field code } } }";
    let url = format!("{}/{}/admin/api/2026-10/graphql.json", world.admin_origin(), world.shop_domain());
    let request = world.inner.http.post(url).header("x-shopify-access-token", token);
    let sent = request.json(&json!({"query": mutation, "variables": {"id": gid, "codes": codes}})).send().await;
    world.set_admin_trouble(AdminTrouble::none());
    clock.advance_to(clock.now().plus_seconds(60));
    let Ok(response) = sent else { return (None, Value::Null, Value::Null) };
    let status = response.status().as_u16();
    let Ok(answer) = response.json::<Value>().await else {
        // A server in trouble says its status and no more; an answer that broke off says nothing.
        return ((status != 200).then_some(status), Value::Null, Value::Null);
    };
    let payload = answer["data"]["discountRedeemCodeBulkAdd"].clone();
    let query = "query($id: ID!) { discountRedeemCodeBulkCreation(id: $id) { done codesCount importedCount failedCount
        codes(first: 250) { nodes { code errors { code } } } } }";
    let (_, told) = ask(world, token, query, json!({"id": payload["bulkCreation"]["id"]})).await;
    (
        Some(status),
        if payload.is_null() { answer } else { payload },
        told["data"]["discountRedeemCodeBulkCreation"].clone(),
    )
}

#[tokio::test]
async fn each_trouble_does_what_its_line_says() {
    let (world, clock) = quiet().await;
    let token = token(&world).await;
    let gid = discount(&world, &token, json!({})).await;
    let there = |prefix: &str| {
        let codes = world.redeem_codes();
        let ours = codes.iter().filter(|code| code.code.starts_with(prefix));
        ours.filter(|code| gid.ends_with(&code.discount.to_string())).count()
    };
    let strike = async |prefix: &str, trouble: AdminTrouble| {
        world.set_admin_trouble(trouble);
        add(&world, &clock, &token, &gid, prefix).await
    };
    let none = AdminTrouble::none();
    let (status, ..) = strike("A", AdminTrouble { too_many: 1.0, ..none }).await;
    assert_eq!((status, there("A")), (Some(429), 0));
    let (status, answer, _) = strike("B", AdminTrouble { throttled: 1.0, ..none }).await;
    assert_eq!((status, &answer["errors"][0]["extensions"]["code"]), (Some(200), &json!("THROTTLED")));
    assert_eq!(there("B"), 0);
    let (answered, ..) = strike("C", AdminTrouble { lost_before: 1.0, ..none }).await;
    assert_eq!((answered, there("C")), (None, 0));
    let (answered, ..) = strike("D", AdminTrouble { lost_after: 1.0, ..none }).await;
    assert_eq!((answered, there("D")), (None, 20));
    let (_, payload, told) = strike("E", AdminTrouble { partial: 1.0, ..none }).await;
    let left = payload["userErrors"].as_array().unwrap().len();
    assert!((1..=5).contains(&left) && payload["userErrors"][0]["field"][0] == "codes", "{payload}");
    assert_eq!((there("E"), &told["codesCount"], &told["failedCount"]), (20 - left, &json!(20 - left), &json!(0)));
    let (_, payload, told) = strike("P", AdminTrouble { refused: 1.0, ..none }).await;
    let failed = usize::try_from(told["failedCount"].as_i64().unwrap()).unwrap();
    assert!((1..=5).contains(&failed) && payload["userErrors"] == json!([]), "{told}");
    assert_eq!((there("P"), &told["codesCount"], &told["done"]), (20 - failed, &json!(20), &json!(true)));
    let (_, _, told) = strike("G", AdminTrouble { taken: 1.0, ..none }).await;
    assert_eq!((there("G"), &told["failedCount"]), (19, &json!(1)));
    let (_, payload, told) = strike("H", AdminTrouble { forgotten: 1.0, ..none }).await;
    assert_eq!((payload["bulkCreation"]["id"].is_string(), told, there("H")), (true, Value::Null, 20));
    let (_, _, told) = strike("K", AdminTrouble { stuck: 1.0, ..none }).await;
    assert_eq!((&told["done"], &told["importedCount"], there("K")), (&json!(false), &json!(20), 20));
    let mut broken = std::collections::BTreeSet::new();
    for n in 0..20 {
        let prefix = format!("M{n}X");
        let (status, ..) = strike(&prefix, AdminTrouble { broken: 1.0, ..none }).await;
        assert_eq!(status, Some(502));
        broken.insert(there(&prefix));
    }
    assert_eq!(broken.into_iter().collect::<Vec<_>>(), [0, 20], "with and without effect");
    assert_eq!(world.admin_throttled(), 0, "trouble is not a lack of points");
    world.stop().await;
}
