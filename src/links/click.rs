//! One tap on a link, noted before the shopper is sent on.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::time::Duration;

use sea_orm::IntoActiveModel;
use sea_orm::entity::prelude::*;

use crate::db::{Db, Group, GroupError};
use crate::kernel::Timestamp;
use crate::kernel::id::{ShopId, base62, from_base62};

crate::uuid_id!(
    /// A tap. Its base-62 form travels to the shop as the click id.
    ClickId
);

impl ClickId {
    /// The form that travels: 22 characters at most.
    pub fn public(self) -> String {
        base62(self.0.as_u128())
    }

    /// Reads the form that travels; anything else is not a click of ours.
    pub fn from_public(text: &str) -> Option<Self> {
        if text.len() > 22 {
            return None;
        }
        let uuid = Uuid::from_u128(from_base62(text)?);
        (uuid.get_version_num() == 7).then_some(Self(uuid))
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "clicks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClickId,
    pub slug: String,
    pub human: bool,
    pub reason: String,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Clicks of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// The writer of taps: many requests, one commit.
#[derive(Clone, Debug)]
pub struct Taps(Group<Model>);

/// A shopper is never kept waiting longer than this for our book-keeping.
const PATIENCE: Duration = Duration::from_millis(1_500);

impl Taps {
    /// Starts the writer.
    pub fn start(db: Db) -> Self {
        Self(Group::start(move |rows: Vec<Model>| {
            let db = db.clone();
            async move {
                let new = vec![true; rows.len()];
                let txn = db.begin_write().await?;
                Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
                    .exec_without_returning(&txn)
                    .await?;
                txn.commit().await?;
                Ok(new)
            }
        }))
    }

    /// Waits until the tap is on disk.
    pub async fn note(&self, click: Model) -> Result<(), GroupError> {
        self.0.write(click, PATIENCE).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_form_reads_back_and_nothing_else_does() {
        let id = ClickId::new(&crate::kernel::Chance::seeded(1), Timestamp::from_seconds(1_795_000_000));
        assert_eq!(ClickId::from_public(&id.public()), Some(id));
        for wrong in ["", "0", "hello", "zzzzzzzzzzzzzzzzzzzzzz", "7n42DGM5Tflk9n8mt7Fhc7x"] {
            assert_eq!(ClickId::from_public(wrong), None, "{wrong}");
        }
    }
}
