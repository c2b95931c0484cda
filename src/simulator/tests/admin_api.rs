//! Tokens, documents, costs, discounts and imports.

use super::*;
use crate::simulator::Fault;

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
