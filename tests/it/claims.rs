//! Who claims what of the same orders: four orders whose claims are worked out by hand, and a life whose claims are counted
//! once more by plain loops over its receipts.

use std::collections::BTreeMap;

use recoup::simulator::Traffic;
use serde_json::{Value, json};

use crate::story::Story;

const PAID: &str = "/?utm_source=google&utm_medium=cpc&gclid=abc";
const GOOGLE: &str = "https://www.google.com/search?q=loden";

fn minor(value: &Value) -> i64 {
    value["minor"].as_i64().unwrap_or_else(|| panic!("{value} is no money"))
}

/// Orders and minor units.
type Counted = (i64, i64);

fn counted(part: &Value) -> Counted {
    (part["orders"].as_i64().unwrap_or_else(|| panic!("{part} counts nothing")), minor(&part["amount"]))
}

fn way<'a>(claims: &'a Value, name: &str) -> &'a Value {
    claims["ways"].as_array().unwrap().iter().find(|way| way["policy"] == name).unwrap_or_else(|| panic!("no {name}"))
}

fn by_visits<'a>(claims: &'a Value, name: &str) -> &'a Value {
    claims["visits"].as_array().unwrap().iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name}"))
}

/// What one channel claims of a part as well.
fn also(part: &Value, channel: &str) -> Counted {
    counted(part["also"].as_array().unwrap().iter().find(|one| one["channel"] == channel).unwrap())
}

#[tokio::test]
async fn four_orders_are_claimed_as_worked_out_by_hand() {
    let story = Story::begin().await;
    story.world.journeys_take(Some(600));
    let campaign = story.campaign(|_| ()).await;
    let people = [3, 4, 5].map(|number| story.world.customer(number));
    let drawn: Vec<Value> = people
        .iter()
        .enumerate()
        .map(|(n, one)| json!({"key": n.to_string(), "phone": one.phone.clone().unwrap(), "email": one.email}))
        .collect();
    let messages = story.draw(&campaign, json!(drawn)).await["messages"].clone();
    let [ana, bea, cid] = people;
    let link = |n: usize| messages[n]["link"].as_str().unwrap();

    // Ana looks around, taps, is brought back by an advertisement, and uses her code: certain, and contested.
    let browser = story.world.shopper_comes("/products/wool-socks");
    story.pass(3_600).await;
    story.world.shopper_taps(link(0)).await.unwrap();
    story.pass(3_600).await;
    browser.comes_again(PAID, GOOGLE).await.unwrap();
    story.pass(600).await;
    story.world.types_code(&browser, messages[0]["code"].as_str().unwrap());
    let of_ana = browser.buys(&[(2, 1)], ana).unwrap();
    // Bea taps and buys in that visit: certain, and her one visit says WhatsApp.
    let visit = story.world.shopper_taps(link(1)).await.unwrap();
    story.pass(600).await;
    let of_bea = visit.buys(&[(1, 1)], bea).unwrap();
    // Cid taps, and buys two hours later in another browser: only the person is the same.
    story.world.shopper_taps(link(2)).await.unwrap();
    story.pass(7_200).await;
    let of_cid = story.world.shopper_comes("/").buys(&[(2, 2)], cid).unwrap();
    // Nobody wrote to the fourth, who comes by an advertisement.
    let of_nobody = story.world.shopper_comes(PAID).buys(&[(3, 1)], story.world.customer(7)).unwrap();
    story.arrive().await;
    story.pass(3_600 + 301).await;

    let listed = story.report("/api/orders").await["orders"].clone();
    let net = |id: i64| {
        let id = id.to_string();
        let found = listed.as_array().unwrap().iter().find(|order| order["shopify_order_id"].as_str() == Some(&id));
        minor(&found.unwrap()["net_sales"])
    };
    let sum = |ids: &[i64]| -> Counted { (ids.len() as i64, ids.iter().map(|id| net(*id)).sum()) };
    let claims = story.report("/api/reports/claims").await;
    assert_eq!((&claims["looked_at"]["orders"], &claims["looked_at"]["whole"]), (&json!(4), &json!(true)));
    assert_eq!(counted(&claims["paid"]), sum(&[of_ana, of_bea, of_cid, of_nobody]));
    let ours = way(&claims, "default");
    assert_eq!((&ours["own"], claims["ways"].as_array().unwrap().len()), (&json!(true), 8));
    assert_eq!(counted(&ours["claimed"]), sum(&[of_ana, of_bea, of_cid]));
    assert_eq!(counted(&ours["certain"]), sum(&[of_ana, of_bea]));
    assert_eq!(counted(&ours["strong"]), sum(&[of_cid]));
    assert_eq!(counted(&ours["exposure"]), (0, 0));
    assert_eq!(counted(&ours["contested"]), sum(&[of_ana]));
    assert_eq!((counted(&ours["shared"]), counted(&ours["unseen"])), ((0, 0), (0, 0)));
    for part in ["claimed", "certain"] {
        assert_eq!(also(&ours[part], "paid"), sum(&[of_ana]), "{part}");
        assert_eq!(counted(&ours[part]["also_any"]), sum(&[of_ana]), "{part}");
        assert_eq!(also(&ours[part], "email"), (0, 0), "{part}");
    }
    assert_eq!(also(&ours["strong"], "paid"), (0, 0));
    let share = net(of_ana) as f64 / sum(&[of_ana, of_bea, of_cid]).1 as f64;
    assert!((ours["claimed"]["also_share"].as_f64().unwrap() - share).abs() < 1e-12);
    assert_eq!(ours["of_own"], json!(1.0));

    // Others: by what names the message itself; by clicks, whoever came later; and where any later click takes all.
    assert_eq!(counted(&way(&claims, "strict")["claimed"]), sum(&[of_ana, of_bea]));
    for name in ["chatarmin", "klaviyo"] {
        assert_eq!(counted(&way(&claims, name)["claimed"]), sum(&[of_ana, of_bea, of_cid]), "{name}");
    }
    let hellotext = way(&claims, "hellotext");
    assert_eq!(counted(&hellotext["claimed"]), sum(&[of_bea, of_cid]));
    assert_eq!(counted(&hellotext["own_too"]), sum(&[of_bea, of_cid]));
    let week = hellotext["windows"].as_array().unwrap().iter().find(|one| one["kind"] == "person_click").unwrap();
    assert_eq!((&week["window_seconds"], &week["class"]), (&json!(604_800), &json!("strong")));

    // Tools that look at visits alone see Bea, whose visit says WhatsApp, and know something of all four.
    for name in ["utm_last", "shopify_last_not_direct"] {
        let told = by_visits(&claims, name);
        assert_eq!(counted(&told["claimed"]), sum(&[of_bea]), "{name}");
        assert_eq!(counted(&told["own_too"]), sum(&[of_bea]), "{name}");
        assert_eq!(counted(&told["known"]), sum(&[of_ana, of_bea, of_cid, of_nobody]), "{name}");
    }
    // No lift, no index, and why.
    assert_eq!((&claims["incremental"], &ours["over_attribution"]), (&Value::Null, &Value::Null));
    assert!(claims["incremental_reason"].as_str().unwrap().contains("left anybody alone"));
    assert_eq!((&claims["measured_orders"], counted(&ours["claimed_measured"])), (&json!(0), (0, 0)));

    // What was refunded is claimed by nobody any more.
    story.world.cancels(of_cid);
    story.arrive().await;
    let after = story.report("/api/reports/claims").await;
    assert_eq!(counted(&way(&after, "default")["claimed"]), sum(&[of_ana, of_bea]));
    let wrong = story.world.merchant_get("/api/reports/claims?from=yesterday").await.unwrap();
    assert_eq!((wrong.status, &wrong.json["field"]), (422, &json!("from")));
    story.end().await;
}

#[tokio::test]
async fn a_whole_life_of_claims_is_what_its_receipts_say() {
    let story = Story::lived(8, |settings| {
        settings.traffic =
            Traffic { customers: 400, customer_buys_daily: 0.015, broadcast_every_days: 2, ..Traffic::default() };
    })
    .await;
    story.pass(86_400).await;
    let claims = story.report("/api/reports/claims").await;
    let mut sums: BTreeMap<&str, Counted> = BTreeMap::new();
    let mut cursor = String::new();
    loop {
        let page = story.report(&format!("/api/orders?limit=200{cursor}")).await;
        for order in page["orders"].as_array().unwrap() {
            let worth = minor(&order["net_sales"]);
            let mut add = |name: &'static str| {
                let sum = sums.entry(name).or_default();
                *sum = (sum.0 + 1, sum.1 + worth);
            };
            let line = order["line"].as_str().unwrap();
            if !["attributed", "attributed_shared", "unattributed"].contains(&line) {
                continue;
            }
            add("paid");
            if line == "unattributed" {
                continue;
            }
            let id = order["shopify_order_id"].as_str().unwrap();
            let receipt = story.report(&format!("/api/orders/{id}/receipt")).await;
            add("claimed");
            add(match receipt["winner"]["class"].as_str().unwrap() {
                "certain" => "certain",
                "strong" => "strong",
                other => panic!("the standard credits no {other}"),
            });
            let touches = receipt["journey"].as_array().unwrap();
            let claimed_by = |channel: &str| {
                touches
                    .iter()
                    .any(|touch| touch["claims"] == true && (channel.is_empty() || touch["channel"] == channel))
            };
            for (channel, name) in [("email", "email"), ("paid", "paid"), ("other", "other"), ("", "any")] {
                if claimed_by(channel) {
                    add(match name {
                        "email" => "also_email",
                        "paid" => "also_paid",
                        "other" => "also_other",
                        _ => "also_any",
                    });
                }
            }
            if line == "attributed_shared" {
                add("shared");
            }
            if !receipt["contested"].is_null() {
                add("contested");
            }
        }
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let of = |name: &str| sums.get(name).copied().unwrap_or_default();
    let ours = way(&claims, "default");
    assert_eq!(counted(&claims["paid"]), of("paid"));
    for name in ["claimed", "certain", "strong", "shared", "contested"] {
        assert_eq!(counted(&ours[name]), of(name), "{name}");
    }
    let parts = ["certain", "strong", "shared", "also_any"];
    assert!(parts.iter().all(|name| of(name).0 > 0), "a life worth checking: {sums:?}");
    for channel in ["email", "paid", "other"] {
        assert_eq!(also(&ours["claimed"], channel), of(&format!("also_{channel}")), "{channel}");
    }
    assert_eq!(counted(&ours["claimed"]["also_any"]), of("also_any"));
    // Certain and strong apart, and together the whole.
    let (certain, strong) = (counted(&ours["certain"]["also_any"]), counted(&ours["strong"]["also_any"]));
    assert_eq!((certain.0 + strong.0, certain.1 + strong.1), of("also_any"));

    // What each way claims is what the page of policies says, and nothing is written by looking.
    let sides = story.report("/api/reports/policies").await;
    for side in sides["sides"].as_array().unwrap() {
        let name = side["policy"].as_str().unwrap();
        assert_eq!(counted(&way(&claims, name)["claimed"]), counted(&side["attributed"]), "{name}");
        let parts = ["certain", "strong", "exposure"].map(|part| counted(&way(&claims, name)[part]));
        let whole = parts.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        assert_eq!(whole, counted(&side["attributed"]), "{name}");
    }
    assert!(counted(&way(&claims, "postscript")["exposure"]).0 > 0, "some count whom a message only reached");
    let summary = story.report("/api/reports/summary").await;
    assert_eq!(counted(&ours["claimed"]).1, minor(&summary["attributed"]));
    story.end().await;
}
