//! One box: orders by name and number, codes however they are typed, campaigns, messages, and nobody by their phone.

use serde_json::{Value, json};

use crate::story::Story;

/// Kinds and ids of what is found.
async fn found(story: &Story, q: &str) -> Vec<(String, String)> {
    let text: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
    let result = story.report(&format!("/api/search?q={text}")).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    result["hits"].as_array().unwrap().iter().map(|hit| (text(&hit["kind"]), text(&hit["id"]))).collect()
}

#[tokio::test]
async fn everything_that_has_a_name_is_found_by_it() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["name"] = json!("Übergang zum Frühling")).await;
    let ana = story.world.customer(3);
    let (phone, email) = (ana.phone.clone().unwrap(), ana.email.clone());
    let drawn = story.draw(&campaign, json!([{"key": "crm-77", "phone": phone, "email": email}])).await;
    let message = drawn["messages"][0].clone();
    let (code, id) = (message["code"].as_str().unwrap(), message["message_id"].as_str().unwrap());
    let visit = story.world.shopper_comes("/");
    story.world.types_code(&visit, code);
    let order = visit.buys(&[(2, 1)], ana).unwrap();
    story.arrive().await;
    let name = story.report("/api/orders").await["orders"][0]["name"].as_str().unwrap().to_owned();
    let bare = name.trim_start_matches('#').to_owned();

    let one = |kind: &str, id: &str| vec![(kind.to_owned(), id.to_owned())];
    let of_order = one("order", &order.to_string());
    for text in [name.clone(), bare.clone(), format!("  {name} "), order.to_string()] {
        assert_eq!(found(&story, &text).await, of_order, "{text:?}");
    }
    for text in [code.to_owned(), code.to_lowercase()] {
        assert_eq!(found(&story, &text).await, one("code", code), "{text:?}");
    }
    for text in ["crm-77", id] {
        assert_eq!(found(&story, text).await, one("message", id), "{text}");
    }
    for text in ["übergang", "FRÜHLING", &campaign] {
        assert_eq!(found(&story, text).await, one("campaign", &campaign), "{text}");
    }
    let checkout = story.world.order_body(order).unwrap()["checkout_token"].as_str().unwrap().to_owned();
    assert_eq!(found(&story, &checkout).await, one("checkout", &checkout));
    // Nobody is found by how they are reached, nor by a part of a name.
    for text in [phone.as_str(), email.as_deref().unwrap_or("nobody@example.com"), &bare[..bare.len() - 1], "%", "_"] {
        assert_eq!(found(&story, text).await, Vec::new(), "{text}");
    }
    for text in ["", "%20", &"x".repeat(101)] {
        let refused = story.world.merchant_get(&format!("/api/search?q={text}")).await.unwrap();
        assert_eq!((refused.status, &refused.json["field"]), (422, &json!("q")), "{text}");
    }

    // A key finds what it may read.
    let made = json!({"name": "Reports", "scopes": ["reports"]});
    let made = story.world.merchant_post("/api/keys", &made).await.unwrap();
    story.world.platform_has_key(made.json["key"].as_str().unwrap());
    let seen = story.world.platform_get(&format!("/api/search?q={code}")).await.unwrap();
    assert_eq!((seen.status, &seen.json["hits"]), (200, &json!([])), "codes are for those who hand them out");
    let seen = story.world.platform_get(&format!("/api/search?q={bare}")).await.unwrap();
    assert_eq!(seen.json["hits"][0]["kind"], "order");
    let made = json!({"name": "Statuses", "scopes": ["statuses"]});
    let made = story.world.merchant_post("/api/keys", &made).await.unwrap();
    story.world.platform_has_key(made.json["key"].as_str().unwrap());
    assert_eq!(story.world.platform_get(&format!("/api/search?q={bare}")).await.unwrap().status, 403);
    story.end().await;
}
