//! What two sources tell of one order, in every order of arrival.

use migrations::{Migrator, MigratorTrait};
use sea_orm::EntityTrait;

use super::super::{Orders, contacts_of};
use super::*;
use crate::db::Db;
use crate::kernel::{StandIn, Timestamp};
use crate::orders::Amounts;

const SHOP: ShopId = ShopId(77);

async fn database() -> (Db, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::connect(&format!("sqlite://{}", folder.path().join("recoup.db").display())).await.unwrap();
    Migrator::up(db.write(), None).await.unwrap();
    (db, folder)
}

fn order(updated_at: i64, landing: Option<&str>, status: &str) -> Snapshot {
    Snapshot {
        order: OrderId(5),
        name: "#1001".into(),
        ordered_at: Timestamp::from_seconds(100),
        created_at: Timestamp::from_seconds(100),
        updated_at: Timestamp::from_seconds(updated_at),
        currency: "EUR".into(),
        presentment_currency: "EUR".into(),
        source_name: "web".into(),
        financial_status: Some(status.into()),
        test: false,
        cancelled_at: None,
        checkout_token: landing.map(|_| "checkout".into()),
        cart_token: Some("cart".into()),
        shopify_customer_id: None,
        contacts: Contacts::default(),
        codes: vec![],
        click_ids: vec![],
        landing_click_id: landing.map(str::to_owned),
        landing: landing.map(|_| "utm_source=x".to_owned()),
        referrer: None,
        amounts: Amounts { gross: 1_000, total: 1_000, ..Amounts::default() },
        current_total: Some(1_000),
        refunds: vec![],
    }
}

#[tokio::test]
async fn who_does_not_know_a_landing_page_erases_none() {
    let told = [order(100, Some("CLICK1"), "pending"), order(200, None, "paid"), order(200, Some("CLICK1"), "paid")];
    for arrival in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let (db, _folder) = database().await;
        for n in arrival {
            record(db.write(), SHOP, &told[n]).await.unwrap();
        }
        // And once more, together.
        record_all(db.write(), SHOP, &arrival.map(|n| &told[n])).await.unwrap();
        let row = Orders::find_by_id((SHOP, OrderId(5))).one(db.read()).await.unwrap().unwrap();
        assert_eq!(row.financial_status.as_deref(), Some("paid"));
        assert_eq!(
            (row.landing_click_id.as_deref(), row.checkout_token.as_deref()),
            (Some("CLICK1"), Some("checkout"))
        );
        let versions = super::super::version::Entity::find().all(db.read()).await.unwrap();
        assert_eq!(versions.len(), 2, "the same state is one version, whoever tells it");
    }
}

#[tokio::test]
async fn whom_an_order_names_follows_its_newest_state_whatever_came_first() {
    let named = |phones: &[&str], emails: &[&str]| Contacts {
        phones: phones.iter().map(|text| (*text).to_owned()).collect(),
        emails: emails.iter().map(|text| (*text).to_owned()).collect(),
        ..Contacts::default()
    };
    let at = |updated_at, contacts| Snapshot { contacts, ..order(updated_at, None, "paid") };
    // The newest state twice: by a webhook, and read again by a source that knows one more.
    let told = [
        at(10, named(&["wrong", "account"], &["a@x"])),
        at(20, named(&["right", "account"], &[])),
        at(20, named(&["right"], &["b@x"])),
    ];
    for arrival in [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]] {
        let (db, _folder) = database().await;
        for n in arrival.iter().chain(&arrival) {
            record(db.write(), SHOP, &told[*n]).await.unwrap();
        }
        let orders = Orders::find().all(db.read()).await.unwrap();
        let contacts =
            contacts_of(db.read(), SHOP, &orders).await.unwrap().remove(&orders[0].shopify_order_id).unwrap();
        assert_eq!(contacts, named(&["account", "right"], &["b@x"]), "{arrival:?}");
        // Somebody who was forgotten is not named again, and what stands in their place stays.
        let gone = StandIn::new([1; 32]).of("right");
        contact::replace(db.write(), SHOP, &[orders[0].shopify_order_id], "right", &gone).await.unwrap();
        contact::replace(db.write(), SHOP, &[orders[0].shopify_order_id], "right", &gone).await.unwrap();
        record_forgotten(db.write(), SHOP, &at(30, named(&["right"], &[]))).await.unwrap();
        let orders = Orders::find().all(db.read()).await.unwrap();
        let left = contacts_of(db.read(), SHOP, &orders).await.unwrap().remove(&orders[0].shopify_order_id).unwrap();
        assert!(left.phones.contains(&gone), "{left:?}");
    }
}
