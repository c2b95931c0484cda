//! Offers: each kind bought to the cent, each refusal with its field, and discounts that follow their campaign, or their
//! merchant.

use recoup::kernel::{Currency, Timestamp};
use recoup::simulator::{Answer, Discount, Fault, Offer};
use recoup::webhooks::Deliveries;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use crate::story::{Engine, Story};

fn recipients(names: &[&str]) -> Value {
    let phone = |name: &str| {
        format!("+43660{:07}", 1_000_000 + u32::from_be_bytes([0, 0, name.as_bytes()[0], name.as_bytes()[1]]))
    };
    names.iter().map(|name| json!({"key": name, "phone": phone(name)})).collect()
}

/// Draws somebody, who taps the link and buys; what they pay.
async fn pays(story: &Story, campaign: &str, name: &str, wants: &[(usize, i64)]) -> i64 {
    let drawn = story.draw(campaign, recipients(&[name])).await;
    let message = &drawn["messages"][0];
    assert_eq!(message["code_state"], "live", "{drawn}");
    let visit = story.world.shopper_taps(message["link"].as_str().unwrap()).await.unwrap();
    assert_eq!(visit.codes(), [message["code"].as_str().unwrap()]);
    let order = visit.buys(wants, story.world.customer(1)).unwrap();
    story.settle().await;
    story.world.total_of(order).unwrap()
}

fn ours(story: &Story) -> Vec<Discount> {
    story.world.discounts().into_iter().filter(|one| one.tags.iter().any(|tag| tag == "recoup")).collect()
}

async fn shown(story: &Story, campaign: &str) -> Value {
    story.report(&format!("/api/campaigns/{campaign}")).await
}

async fn change(story: &Story, campaign: &str, change: Value) -> Answer {
    let answer = story.world.merchant_send("PATCH", &format!("/api/campaigns/{campaign}"), &change).await.unwrap();
    story.settle().await;
    answer
}

/// Imports take a moment of the world's time.
async fn a_moment(story: &Story) {
    for _ in 0..8 {
        story.pass(4).await;
    }
}

/// The discount a code belongs to at the shop.
fn discount_of(story: &Story, code: &Value) -> Discount {
    let code = code.as_str().unwrap();
    let held = story.world.redeem_codes().into_iter().find(|held| held.code == code).expect("Shopify holds the code");
    story.world.discounts().into_iter().find(|discount| discount.id == held.discount).unwrap()
}

/// Whose purchase, under which terms, of what, for how much.
type Case = (&'static str, Value, &'static [(usize, i64)], i64);

#[tokio::test]
async fn every_kind_of_offer_is_worth_what_it_says_to_the_cent() {
    let story = Story::begin().await;
    let percent = |share: &str| json!({"type": "percentage", "percentage": share});
    let fixed = |minor: i64| json!({"type": "fixed_amount", "amount_minor": minor});
    let beanie = story.world.product_id(0);
    let (knits, _) = story.world.collection(0);
    // Prices contain their tax; shipping is 4.90, and nothing from 75.00 on.
    let cases: Vec<Case> = vec![
        ("aa", json!({"offer": percent("15")}), &[(2, 1)], 7_900 - 1_185),
        ("ab", json!({"offer": percent("12.5")}), &[(2, 1)], 7_900 - 988),
        ("ac", json!({"offer": fixed(1_000)}), &[(0, 1)], 2_990 - 1_000 + 490),
        ("ad", json!({"offer": {"type": "free_shipping"}}), &[(0, 1)], 2_990),
        ("ae", json!({"offer": percent("10"), "minimum_subtotal_minor": 5_000}), &[(0, 1)], 2_990 + 490),
        ("af", json!({"offer": percent("10"), "minimum_subtotal_minor": 5_000}), &[(0, 2)], 5_980 - 598 + 490),
        ("ag", json!({"offer": percent("10"), "minimum_quantity": 3}), &[(6, 2)], 1_980 + 490),
        ("ah", json!({"offer": percent("10"), "minimum_quantity": 3}), &[(6, 3)], 2_970 - 297 + 490),
        ("ai", json!({"offer": percent("20"), "applies_to": {"products": [beanie]}}), &[(0, 1), (2, 1)], 10_890 - 598),
        (
            "aj",
            json!({"offer": fixed(1_500), "applies_to": {"collections": [knits]}}),
            &[(1, 1), (5, 1)],
            4_140 - 1_500 + 490,
        ),
        ("ak", json!({"offer": fixed(1_500), "applies_to": {"collections": [knits]}}), &[(5, 1)], 1_690 + 490),
        ("al", json!({"offer": percent("25"), "purchase": "subscription"}), &[(11, 1), (0, 1)], 4_990 - 500 + 490),
        ("am", json!({"offer": percent("25"), "purchase": "both"}), &[(11, 1), (0, 1)], 4_990 - 1_248 + 490),
        ("an", json!({"offer": percent("10")}), &[(11, 1), (0, 1)], 4_990 - 299 + 490),
        (
            "ao",
            json!({"offer": fixed(9_999), "minimum_quantity": 2, "applies_to": {"products": [beanie]}}),
            &[(0, 1), (6, 5)],
            7_940,
        ),
    ];
    for (name, terms, wants, price) in cases {
        let campaign = story
            .campaign(|body| terms.as_object().unwrap().iter().for_each(|(field, value)| body[field] = value.clone()))
            .await;
        assert_eq!(pays(&story, &campaign, name, wants).await, price, "{terms} on {wants:?}");
        let view = shown(&story, &campaign).await;
        for (field, value) in terms.as_object().unwrap() {
            assert_eq!(view[field], *value, "{field}");
        }
        assert_eq!((view["trouble"].clone(), view["notices"].clone()), (Value::Null, json!([])));
    }
    for discount in ours(&story) {
        assert_eq!(discount.title, "Winback", "what a shopper reads has no machine time in it");
        assert_eq!(discount.usage_limit, Some(1));
    }
    story.end().await;
}

#[tokio::test]
async fn an_amount_is_counted_in_the_minor_units_of_the_shops_currency() {
    for (currency, price) in [("JPY", 2_990 - 500 + 490), ("KWD", 29_900 - 500 + 4_900)] {
        let story = Story::before_install(Engine::Asked, |settings| {
            settings.shop.currency = Currency::parse(currency).unwrap();
            settings.shop.presentment.clear();
        })
        .await;
        story.world.install().await.unwrap();
        story.settle().await;
        let campaign = story
            .campaign(|body| {
                body["offer"] = json!({"type": "fixed_amount", "amount_minor": 500});
                body["minimum_subtotal_minor"] = json!(2_990);
            })
            .await;
        assert_eq!(pays(&story, &campaign, "aa", &[(0, 1)]).await, price, "{currency}");
        story.arrive().await;
        assert_eq!(shown(&story, &campaign).await["notices"], json!([]));
        story.end().await;
    }
}

#[tokio::test]
async fn what_shopify_would_not_take_is_refused_with_its_field() {
    let story = Story::begin().await;
    let many: Vec<String> = (1..=101).map(|n: u32| n.to_string()).collect();
    let shipping = json!({"type": "free_shipping"});
    let cases = [
        (json!({"offer": {"type": "fixed_amount", "amount_minor": 0}}), "offer.amount_minor"),
        (json!({"offer": {"type": "fixed_amount", "amount_minor": -100}}), "offer.amount_minor"),
        (json!({"offer": {"type": "percentage", "percentage": "0"}}), "offer.percentage"),
        (json!({"offer": {"type": "percentage", "percentage": "100.01"}}), "offer.percentage"),
        (json!({"minimum_quantity": 0}), "minimum_quantity"),
        (json!({"minimum_quantity": 2, "minimum_subtotal_minor": 100}), "minimum_quantity"),
        (json!({"applies_to": {"products": many}}), "applies_to.products"),
        (json!({"applies_to": {"products": ["gid://shopify/Product/1"]}}), "applies_to.products"),
        (json!({"applies_to": {"collections": ["x"]}}), "applies_to.collections"),
        (json!({"applies_to": {"products": ["1"], "collections": ["2"]}}), "applies_to"),
        (json!({"applies_to": {}}), "applies_to"),
        (json!({"offer": shipping, "applies_to": {"products": ["1"]}}), "applies_to"),
        (json!({"offer": shipping, "combines_with": {"shipping": true}}), "combines_with.shipping"),
        (json!({"offer": null, "purchase": "both"}), "purchase"),
        (json!({"offer": null, "minimum_quantity": 2}), "minimum_quantity"),
        (json!({"title": " "}), "title"),
        (json!({"title": "x".repeat(256)}), "title"),
        (json!({"tags": ["a", "b", "c", "d"]}), "tags"),
        (json!({"tags": ["x".repeat(256)]}), "tags"),
        (json!({"tags": ["a", "A"]}), "tags"),
        (json!({"purchase": "weekly"}), "purchase"),
    ];
    let good = json!({"name": "x", "kind": "flow", "offer": {"type": "percentage", "percentage": "10"}});
    let standing = story.campaign(|_| {}).await;
    let before = shown(&story, &standing).await;
    for (wrong, field) in cases {
        let mut body = good.clone();
        wrong.as_object().unwrap().iter().for_each(|(name, value)| body[name] = value.clone());
        let answer = story.world.platform_post("/api/campaigns", &body).await.unwrap();
        assert_eq!((answer.status, answer.json["field"].as_str()), (422, Some(field)), "{wrong}: {}", answer.text);
        let answer = change(&story, &standing, wrong.clone()).await;
        assert_eq!(
            (answer.status, answer.json["field"].as_str()),
            (422, Some(field)),
            "PATCH {wrong}: {}",
            answer.text
        );
    }
    assert_eq!(shown(&story, &standing).await, before, "nothing was changed");
    assert_eq!(ours(&story).len(), 1, "nothing was made at Shopify");
    story.end().await;
}

#[tokio::test]
async fn what_shopify_refuses_all_the_same_is_shown_and_can_be_put_right() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["applies_to"] = json!({"products": ["1"]})).await;
    let view = shown(&story, &campaign).await;
    assert_eq!(view["trouble"]["field"], "applies_to.products", "{view}");
    let words = view["trouble"]["words"].as_str().unwrap();
    assert!(words.contains("Product is invalid") && words.contains("Change “applies_to.products”"), "{words}");
    let since = Timestamp::parse(view["trouble"]["since"].as_str().unwrap()).unwrap();
    assert!(since <= story.clock.now());
    let drawn = story.draw(&campaign, recipients(&["aa"])).await;
    assert_eq!(drawn["messages"][0]["code_state"], "pending");
    a_moment(&story).await;
    // Somebody waits and nobody holds a code: what Shopify refuses may still be changed.
    let right = change(&story, &campaign, json!({"applies_to": {"products": [story.world.product_id(0)]}})).await;
    assert_eq!((right.status, &right.json["trouble"]), (200, &Value::Null), "{}", right.text);
    a_moment(&story).await;
    assert_eq!(shown(&story, &campaign).await["trouble"], Value::Null);
    assert_eq!(pays(&story, &campaign, "aa", &[(0, 1)]).await, 2_990 - 449 + 490);
    let late = change(&story, &campaign, json!({"offer": {"type": "percentage", "percentage": "50"}})).await;
    assert_eq!(
        (late.status, late.json["code"].as_str(), late.json["field"].as_str()),
        (409, Some("already_drawn"), Some("offer"))
    );
    assert!(late.json["detail"].as_str().unwrap().contains("create another campaign"), "{}", late.text);
    story.end().await;
}

#[tokio::test]
async fn a_shop_without_subscriptions_is_told_which_field_asks_for_them() {
    let story = Story::before_install(Engine::Asked, |settings| settings.shop.sells_subscriptions = false).await;
    story.world.install().await.unwrap();
    story.settle().await;
    let campaign = story.campaign(|body| body["purchase"] = json!("both")).await;
    assert_eq!(shown(&story, &campaign).await["trouble"]["field"], "purchase");
    assert_eq!(change(&story, &campaign, json!({"purchase": "one_time"})).await.status, 200);
    a_moment(&story).await;
    assert_eq!(pays(&story, &campaign, "aa", &[(2, 1)]).await, 7_900 - 1_185);
    story.end().await;
}

#[tokio::test]
async fn an_offer_changes_while_nobody_was_drawn_and_its_leftovers_are_never_handed_out() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let old = ours(&story).remove(0);
    let codes = story.world.redeem_codes().into_iter().filter(|code| code.discount == old.id);
    let leftovers: Vec<String> = codes.map(|code| code.code).collect();
    // One more is there as a canary.
    assert_eq!(leftovers.len(), 26);
    // Nobody waits for the job: a draw in the next instant gets nothing of the old offer.
    let changed = json!({"offer": {"type": "fixed_amount", "amount_minor": 500}, "title": "Five off, for you"});
    let path = format!("/api/campaigns/{campaign}");
    // Shopify is away for a moment, too.
    story.world.fault(Fault::AdminAnswers(502, 2));
    assert_eq!(story.world.merchant_send("PATCH", &path, &changed).await.unwrap().status, 200);
    let drawn = story.draw(&campaign, recipients(&["aa", "ab"])).await;
    a_moment(&story).await;
    let drawn_again = story.draw(&campaign, recipients(&["aa", "ab"])).await;
    assert_eq!(drawn_again["messages"][0]["message_id"], drawn["messages"][0]["message_id"]);
    for message in drawn_again["messages"].as_array().unwrap() {
        assert!(!leftovers.iter().any(|code| message["code"] == code.as_str()), "{message}");
        let discount = discount_of(&story, &message["code"]);
        assert_eq!((discount.offer, discount.title.as_str()), (Offer::Fixed(500), "Five off, for you"));
    }
    let old = story.world.discounts().into_iter().find(|discount| discount.id == old.id).unwrap();
    assert_eq!(old.status(story.clock.now()), "EXPIRED", "the old one is ended at Shopify");
    story.arrive().await;
    assert_eq!(shown(&story, &campaign).await["notices"], json!([]), "what we did is no news");
    story.end().await;
}

#[tokio::test]
async fn a_new_title_and_new_tags_reach_the_discounts_that_are_live() {
    let story = Story::begin().await;
    let basic = story.campaign(|body| body["tags"] = json!(["vip"])).await;
    let shipping = story
        .campaign(|body| (body["name"], body["offer"]) = (json!("Ship, free"), json!({"type": "free_shipping"})))
        .await;
    assert_eq!(ours(&story)[0].tags, ["recoup", "recoup: Winback", "vip"]);
    for campaign in [&basic, &shipping] {
        story.draw(campaign, recipients(&["aa"])).await;
        story.world.fault(Fault::AdminAnswers(503, 1));
        let answer = change(&story, campaign, json!({"title": "For you", "tags": ["spring", "vip"]})).await;
        assert_eq!((answer.status, answer.json["title"].as_str()), (200, Some("For you")));
    }
    a_moment(&story).await;
    let (all, names) = (ours(&story), ["recoup: Winback", "recoup: Ship  free"]);
    assert_eq!(all.len(), 2);
    for (discount, name) in all.iter().zip(names) {
        assert_eq!(
            (discount.title.as_str(), &discount.tags),
            ("For you", &vec!["recoup".into(), name.into(), "spring".into(), "vip".into()])
        );
    }
    // The title falls back to the name; and nothing of ours counts as the merchant's doing.
    change(&story, &basic, json!({"title": null, "name": "Come back"})).await;
    story.arrive().await;
    assert_eq!(ours(&story)[0].title, "Come back");
    assert_eq!(shown(&story, &basic).await["notices"], json!([]));
    story.end().await;
}

#[tokio::test]
async fn archiving_ends_what_nobody_holds_and_leaves_what_somebody_does() {
    let story = Story::begin().await;
    let empty = story.campaign(|_| {}).await;
    let full = story.campaign(|_| {}).await;
    let drawn = story.draw(&full, recipients(&["aa"])).await;
    story.world.fault(Fault::AdminAnswers(502, 2));
    for campaign in [&empty, &full] {
        let path = format!("/api/campaigns/{campaign}/archive");
        let archived = story.world.merchant_post(&path, &Value::Null).await.unwrap();
        assert!(archived.json["archived_at"].is_string(), "{}", archived.text);
        assert_eq!(story.world.merchant_post(&path, &Value::Null).await.unwrap().json, archived.json, "once");
    }
    a_moment(&story).await;
    let states: Vec<_> = ours(&story).iter().map(|discount| discount.status(story.clock.now())).collect();
    assert_eq!(states, ["EXPIRED", "ACTIVE"]);
    let refused = story
        .world
        .platform_post(&format!("/api/campaigns/{full}/messages"), &json!({"recipients": recipients(&["ab"])}))
        .await
        .unwrap();
    assert_eq!((refused.status, refused.json["code"].as_str()), (409, Some("campaign_archived")));
    let visit = story.world.shopper_taps(drawn["messages"][0]["link"].as_str().unwrap()).await.unwrap();
    let order = visit.buys(&[(2, 1)], story.world.customer(1)).unwrap();
    assert_eq!(story.world.total_of(order), Some(7_900 - 1_185), "a code in somebody's hand stays good");
    // No refilling, whatever slot comes.
    let codes = story.world.redeem_codes().len();
    story.pass(3 * 3_600).await;
    assert_eq!((ours(&story).len(), story.world.redeem_codes().len()), (2, codes));
    story.arrive().await;
    for campaign in [&empty, &full] {
        assert_eq!(shown(&story, campaign).await["notices"], json!([]));
    }
    story.end().await;
}

#[tokio::test]
async fn a_discount_the_merchant_edits_is_noticed_and_never_set_back() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    story.draw(&campaign, recipients(&["aa"])).await;
    let id = ours(&story)[0].id;
    story.world.merchant_edits_discount(id, |discount| {
        discount.offer = Offer::Percentage(1_000);
        discount.usage_limit = None;
    });
    story.arrive().await;
    let notices = shown(&story, &campaign).await["notices"].clone();
    let notice = &notices[0];
    assert_eq!((notice["kind"].as_str(), notice["codes_held"].as_i64()), (Some("changed"), Some(1)), "{notices}");
    assert_eq!(
        notice["differences"],
        json!([
            {"what": "usage_limit", "asked": "1", "found": "none"},
            {"what": "offer", "asked": "15 % off", "found": "10 % off"},
        ])
    );
    assert!(notice["words"].as_str().unwrap().contains("offer is “10 % off” instead of “15 % off”"), "{notice}");
    // Theirs to decide: codes go on being handed out, and the discount stays as it is.
    assert_eq!(pays(&story, &campaign, "ab", &[(2, 1)]).await, 7_900 - 790);
    story.pass(7_200).await;
    assert_eq!(story.world.discounts().iter().find(|one| one.id == id).unwrap().offer, Offer::Percentage(1_000));
    story.world.merchant_edits_discount(id, |discount| {
        discount.offer = Offer::Percentage(1_500);
        discount.usage_limit = Some(1);
    });
    story.arrive().await;
    assert_eq!(shown(&story, &campaign).await["notices"], json!([]), "put right");
    story.end().await;
}

#[tokio::test]
async fn a_discount_the_merchant_ends_or_deletes_gives_no_more_codes_and_the_pool_refills() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    story.draw(&campaign, recipients(&["aa", "ab"])).await;
    let first = ours(&story)[0].id;
    let now = story.clock.now();
    story.world.merchant_edits_discount(first, |discount| discount.ends_at = Some(now));
    story.arrive().await;
    a_moment(&story).await;
    let notices = shown(&story, &campaign).await["notices"].clone();
    assert_eq!((notices[0]["kind"].as_str(), notices[0]["codes_held"].as_i64()), (Some("ended"), Some(2)));
    assert!(notices[0]["words"].as_str().unwrap().contains("2 codes that people hold do not work"), "{notices}");
    let after = story.draw(&campaign, recipients(&["ac"])).await;
    let second = discount_of(&story, &after["messages"][0]["code"]).id;
    assert_ne!(second, first);
    let ended = story.world.discounts().into_iter().find(|one| one.id == first).unwrap();
    assert_eq!(ended.ends_at, Some(now), "never overwritten");

    assert!(story.world.merchant_deletes_discount(second));
    story.arrive().await;
    a_moment(&story).await;
    let notices = shown(&story, &campaign).await["notices"].clone();
    assert_eq!(
        (notices[0]["kind"].as_str(), notices[0]["codes_held"].as_i64()),
        (Some("deleted"), Some(1)),
        "{notices}"
    );
    assert!(notices[0]["words"].as_str().unwrap().contains("1 code that somebody holds does not work"), "{notices}");
    assert_eq!(pays(&story, &campaign, "ad", &[(2, 1)]).await, 7_900 - 1_185);
    assert_eq!(notices.as_array().unwrap().len(), 2);
    // The same news again, twice and in the wrong order, changes nothing.
    for (id, topic) in [(second, "discounts/update"), (first, "discounts/update"), (second, "discounts/delete")] {
        let body = json!({"admin_graphql_api_id": format!("gid://shopify/DiscountCodeNode/{id}")});
        story.world.delivery(topic, &body).times(2).send().await.unwrap();
    }
    story.settle().await;
    assert_eq!(shown(&story, &campaign).await["notices"], notices);
    story.end().await;
}

#[tokio::test]
async fn who_was_promised_a_code_gets_it_although_the_discount_is_deleted() {
    let story = Story::begin().await;
    let campaign = story.campaign(|body| body["kind"] = json!("broadcast")).await;
    let drawn = story.draw(&campaign, recipients(&["aa", "ab", "ac", "ad", "ae"])).await;
    assert!(drawn["messages"].as_array().unwrap().iter().all(|message| message["code_state"] == "pending"));
    // The discount exists, with its first code; the other four are being imported.
    story.settle().await;
    let id = ours(&story)[0].id;
    // The webhook is late: it is the import that tells.
    story.world.merchant_deletes_discount(id);
    a_moment(&story).await;
    let again = story.draw(&campaign, recipients(&["aa", "ab", "ac", "ad", "ae"])).await;
    let held: Vec<String> = story.world.redeem_codes().into_iter().map(|code| code.code).collect();
    let live = again["messages"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|message| held.iter().any(|code| message["code"] == code.as_str()));
    assert_eq!(live.count(), 4, "{again}");
    let notices = shown(&story, &campaign).await["notices"].clone();
    assert_eq!(
        (notices[0]["kind"].as_str(), notices[0]["codes_held"].as_i64()),
        (Some("deleted"), Some(1)),
        "{notices}"
    );
    story.end().await;
}

#[tokio::test]
async fn other_peoples_discounts_are_nobodys_business() {
    let story = Story::begin().await;
    let bodies = [
        json!({"admin_graphql_api_id": "gid://shopify/DiscountAutomaticNode/1", "title": "x", "status": "ACTIVE"}),
        json!({"admin_graphql_api_id": "gid://shopify/DiscountCodeNode/99", "title": "x", "status": "EXPIRED"}),
        json!({"title": "no id"}),
    ];
    for body in &bodies {
        for topic in ["discounts/update", "discounts/delete"] {
            assert_eq!(story.world.deliver(topic, body).await.unwrap().status, 200);
        }
    }
    story.settle().await;
    let kept = Deliveries::find().all(story.app.db.read()).await.unwrap();
    let reasons: Vec<&str> = kept
        .iter()
        .filter(|row| row.topic.starts_with("discounts/"))
        .map(|row| row.reason.as_deref().unwrap())
        .collect();
    assert_eq!(reasons.len(), 6);
    assert!(reasons.iter().all(|reason| reason.contains("not ours") || reason.contains("no id")), "{reasons:?}");
    story.end().await;
}

#[tokio::test]
async fn an_offer_that_is_gone_while_codes_were_reserved_leaves_no_work_that_fails() {
    let story = Story::begin().await;
    let campaign = story.campaign(|_| {}).await;
    let made = story.world.discounts().len();
    // What is left when an offer is taken away between somebody's reading it and their reserving codes of it.
    for gone in [
        "UPDATE campaigns SET offer = NULL",
        "UPDATE discounts SET state = 'planned', shopify_discount_id = NULL",
        "UPDATE redeem_codes SET state = 'reserved', pushed_at = NULL, imported_at = NULL",
    ] {
        story.app.db.write().execute_unprepared(gone).await.unwrap();
    }
    // Somebody says how many will be written to, so the pool is looked after.
    change(&story, &campaign, json!({"expected_recipients": 40})).await;
    for _ in 0..20 {
        story.pass(30).await;
    }
    assert_eq!(shown(&story, &campaign).await["offer"], Value::Null);
    assert_eq!(story.world.discounts().len(), made, "nothing is made at Shopify");
    story.end().await;
}
