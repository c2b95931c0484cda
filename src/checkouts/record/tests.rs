//! What sources tell of one checkout, in every order of arrival.

use migrations::{Migrator, MigratorTrait};
use sea_orm::EntityTrait;

use super::super::Checkouts;
use super::*;
use crate::db::Db;

const SHOP: ShopId = ShopId(77);

async fn database() -> (Db, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::connect(&format!("sqlite://{}", folder.path().join("recoup.db").display())).await.unwrap();
    Migrator::up(db.write(), None).await.unwrap();
    (db, folder)
}

fn checkout(updated_at: i64, email: Option<&str>, knows: Knows) -> CheckoutSnapshot {
    CheckoutSnapshot {
        token: "token".into(),
        cart_token: Some("cart".into()),
        currency: "EUR".into(),
        total_minor: updated_at,
        contacts: Contacts { emails: email.map(str::to_owned).into_iter().collect(), ..Contacts::default() },
        shopify_customer_id: None,
        codes: Vec::new(),
        created_at: Timestamp::from_seconds(50),
        updated_at: Timestamp::from_seconds(updated_at),
        completed_at: (updated_at == 300).then(|| Timestamp::from_seconds(300)),
        knows,
        recovery_url_sealed: None,
        cart_items: (knows == Knows::Contact).then(|| format!("{updated_at}:1")),
        shopify_checkout_id: (knows == Knows::Contact).then_some(9),
    }
}

#[tokio::test]
async fn contact_data_follow_the_newest_telling_that_has_some() {
    let told = [
        checkout(100, Some("first"), Knows::Contact),
        checkout(200, Some("typed"), Knows::Contact),
        checkout(200, Some("of the customer"), Knows::Customer),
        checkout(300, None, Knows::Customer),
    ];
    let mut arrivals = vec![vec![]];
    for n in 0..told.len() {
        arrivals = arrivals
            .iter()
            .flat_map(|arrival: &Vec<usize>| {
                (0..=arrival.len()).map(move |at| [&arrival[..at], &[n], &arrival[at..]].concat())
            })
            .collect();
    }
    assert_eq!(arrivals.len(), 24);
    for arrival in arrivals {
        let (db, _folder) = database().await;
        for n in &arrival {
            record(db.write(), SHOP, told[*n].clone()).await.unwrap();
        }
        let row = Checkouts::find_by_id((SHOP, "token".to_owned())).one(db.read()).await.unwrap().unwrap();
        assert_eq!((row.email_hash.as_deref(), row.total_minor), (Some("typed"), 300), "{arrival:?}");
        assert_eq!(row.completed_at, Some(Timestamp::from_seconds(300)));
        assert_eq!(row.shopify_checkout_id, Some(9), "who does not know it erases nothing");
        assert_eq!(row.cart_items.as_deref(), Some("200:1"), "the Admin API tells none and erases none: {arrival:?}");
    }
}
