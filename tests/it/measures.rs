//! One number, one definition: headline, list, campaign table, campaign, links page, ledger and funnel count the same
//! orders of a period, and a link lists exactly what its number counts.

use recoup::kernel::{Day, Timestamp};
use recoup::simulator::Traffic;
use serde_json::{Value, json};

use crate::story::{BEGINNING, Story};

const DAY: i64 = 86_400;

fn minor(value: &Value) -> i64 {
    value["minor"].as_i64().unwrap_or_else(|| panic!("{value} is no money"))
}

fn count(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("{value} is no count"))
}

/// Orders and net sales.
type Counted = (i64, i64);

/// What the list under these conditions holds, read to its end; its own total says the same.
async fn listed(story: &Story, asked: &str) -> Counted {
    let (mut cursor, mut orders, mut net, mut total) = (String::new(), 0, 0, None);
    loop {
        let page = story.report(&format!("/api/orders?{asked}&limit=200{cursor}")).await;
        for order in page["orders"].as_array().unwrap() {
            orders += 1;
            net += minor(&order["net_sales"]);
        }
        if !page["total"].is_null() {
            assert_eq!(total.replace((count(&page["total"]["orders"]), minor(&page["total"]["net_sales"]))), None);
        }
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(total, Some((orders, net)), "{asked}: the total is what the list holds");
    (orders, net)
}

fn sum(rows: &Value) -> Counted {
    let rows = rows.as_array().unwrap();
    (rows.iter().map(|row| count(&row["orders"])).sum(), rows.iter().map(|row| minor(&row["attributed"])).sum())
}

#[tokio::test]
async fn every_place_counts_the_same_orders_and_a_link_lists_what_it_counts() {
    let story = Story::lived(19, |settings| {
        settings.traffic = Traffic { customers: 300, broadcast_every_days: 5, ..Traffic::default() };
    })
    .await;
    let begin = Timestamp::parse(BEGINNING).unwrap();
    let day = |n: i64| begin.plus_seconds(n * DAY).day(chrono_tz::Europe::Vienna);
    // Ten days that begin and end amid a broadcast's orders: messages made before brought orders in them, and theirs
    // come after them as well.
    let mut found = None;
    for n in 3..8 {
        let (from, to): (Day, Day) = (day(n), day(n + 9));
        let asked = format!("from={from}&to={to}");
        let summary = story.report(&format!("/api/reports/summary?{asked}")).await;
        let cut = ["orders_of_earlier", "orders_afterwards"].map(|name| count(&summary["funnel"][name]));
        if !cut.contains(&0) {
            found = Some((asked, summary));
            break;
        }
    }
    let (asked, summary) = found.expect("some days are cut out of the middle of things");
    let ledger = story.report(&format!("/api/reports/ledger?{asked}")).await;
    let links = story.report(&format!("/api/reports/links?{asked}")).await;
    let (counts, funnel) = (&summary["orders"], &summary["funnel"]);

    let attributed = (count(&counts["attributed"]), minor(&summary["attributed"]));
    assert!(attributed.0 > 5, "a life worth checking: {counts}");
    assert_eq!(
        listed(&story, &format!("measure=attributed&{asked}")).await,
        attributed,
        "the list behind the headline"
    );
    assert_eq!(sum(&summary["campaigns"]), attributed, "the campaign table");
    assert_eq!(sum(&links["campaigns"]), attributed, "the links page, campaign by campaign");
    assert_eq!((count(&links["orders"]), minor(&links["attributed"])), attributed, "the links page");
    assert_eq!(count(&funnel["orders"]), attributed.0, "the funnel");
    for campaign in summary["campaigns"].as_array().unwrap() {
        let id = campaign["id"].as_str().unwrap();
        let ours = (count(&campaign["orders"]), minor(&campaign["attributed"]));
        assert_eq!(listed(&story, &format!("measure=attributed&campaign={id}&{asked}")).await, ours, "{campaign}");
        let alone = story.report(&format!("/api/reports/summary?campaign={id}&{asked}")).await;
        assert_eq!((count(&alone["orders"]["attributed"]), minor(&alone["attributed"])), ours, "{campaign}");
        assert_eq!(count(&alone["funnel"]["orders"]), ours.0, "{campaign}");
    }

    // Another way of sharing may move orders between campaigns, and never makes them more or less.
    let last = story.report(&format!("/api/reports/summary?model=last_touch&{asked}")).await;
    assert_eq!((&summary["model"], &last["model"]), (&Value::from("originating"), &Value::from("last_touch")));
    let others: i64 = last["channels"].as_array().unwrap().iter().map(|channel| minor(&channel["credit"])).sum();
    assert_eq!((minor(&last["attributed"]), sum(&last["campaigns"]).1 + others), (attributed.1, attributed.1));
    assert_eq!(summary["channels"], json!([]), "the message the evidence leads to is always ours");
    let journeys = story.report(&format!("/api/reports/journeys?{asked}")).await;
    assert_eq!(journeys["whole"], true);
    for model in ["first_touch", "last_touch", "linear", "position_based", "time_decay"] {
        let all = journeys["channels"].as_array().unwrap().iter().flat_map(|one| one["shares"].as_array().unwrap());
        let shared: i64 = all.filter(|share| share["model"] == model).map(|share| minor(&share["amount"])).sum();
        assert_eq!(shared, minor(&journeys["value"]), "{model} shares every journey, whole");
    }
    let chained = journeys["channels"].as_array().unwrap().iter().map(|one| minor(&one["markov"]["amount"]));
    assert_eq!(chained.sum::<i64>(), minor(&journeys["value"]));
    assert!(count(&journeys["ended_in_nothing"]) > 0, "most who tap buy nothing");

    // The funnel follows people, whenever they bought: what makes the difference is told with it.
    let [orders, earlier, after, people] =
        ["orders", "orders_of_earlier", "orders_afterwards", "ordered"].map(|name| count(&funnel[name]));
    assert!(people <= orders - earlier + after && people > 0, "{funnel}");

    // How sure: the classes sum to the whole, each is a list; so is what came by a shared code.
    let certainty = summary["certainty"].as_array().unwrap();
    for part in certainty {
        let class = part["class"].as_str().unwrap();
        let told = (count(&part["orders"]), minor(&part["amount"]));
        assert_eq!(listed(&story, &format!("measure={class}&{asked}")).await, told, "{part}");
    }
    let whole = certainty
        .iter()
        .fold((0, 0), |(orders, net), part| (orders + count(&part["orders"]), net + minor(&part["amount"])));
    assert_eq!((certainty.len(), whole), (3, attributed));
    for (measure, orders, amount) in [
        ("shared", &counts["shared"], &summary["shared"]),
        ("pixel", &summary["pixel"]["attributed_orders"], &summary["pixel"]["attributed"]),
        ("recovered", &counts["recovered"], &summary["recovered"]),
        ("assisted", &counts["assisted"], &summary["assisted"]),
        ("pending", &counts["pending"], &summary["pending"]),
        ("sales", &counts["sales"], &summary["net_sales"]),
    ] {
        let told = (count(orders), minor(amount));
        assert_eq!(listed(&story, &format!("measure={measure}&{asked}")).await, told, "{measure}");
    }
    let both = listed(&story, &format!("measure=recovered_attributed&{asked}")).await;
    assert_eq!(both.0, count(&counts["recovered_attributed"]));
    assert!(both.0 <= count(&counts["recovered"]));

    // The ledger holds every order; those that carry sales are fewer, and each line lists its own.
    assert_eq!(count(&ledger["total"]["orders"]), count(&counts["all"]));
    assert_eq!(count(&ledger["total"]["sales"]), count(&counts["sales"]));
    assert!(count(&counts["sales"]) < count(&counts["all"]), "some are cancelled, test or renewals: {counts}");
    for line in ledger["lines"].as_array().unwrap() {
        let name = line["line"].as_str().unwrap();
        let told = (count(&line["orders"]), minor(&line["net_sales"]));
        assert_eq!(listed(&story, &format!("line={name}&{asked}")).await, told, "{name}");
    }

    // A campaign's own page counts its whole life, and its link lists that.
    for campaign in story.report("/api/campaigns").await["campaigns"].as_array().unwrap() {
        let id = campaign["id"].as_str().unwrap();
        let ours = (count(&campaign["orders"]), minor(&campaign["attributed"]));
        let life = format!("measure=attributed&campaign={id}&from={}&to={}", day(-1), day(20));
        assert_eq!(listed(&story, &life).await, ours, "{campaign}");
    }
    story.end().await;
}
