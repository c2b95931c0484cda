//! What file a shop wants every day, and at which hour of its own.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;

use super::ask::Wanted;
use super::file::{Form, Kind};
use crate::attribution::DEFAULT_POLICY;
use crate::kernel::id::ShopId;
use crate::kernel::{Day, Timestamp};
use crate::reports::Table;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "file_schedules")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    pub kind: Kind,
    pub sheet: Option<String>,
    pub form: Form,
    pub gzip: bool,
    pub bom: bool,
    pub codes: bool,
    pub days: i32,
    pub hour: i32,
    pub chosen_by: String,
    pub chosen_at: Timestamp,
    pub first_on: Day,
}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// When the file of a local day is made. An hour that the clock skips is the next that exists; one that comes twice is
    /// the first of the two.
    pub fn due(&self, day: Day, zone: chrono_tz::Tz) -> Timestamp {
        day.at_hour(zone, self.hour.unsigned_abs())
    }

    /// The table it is of; `None`: the pack.
    pub fn table(&self) -> Option<Table> {
        self.sheet.as_deref().and_then(Table::called)
    }

    /// The file of a local day: of so many days, the last the one before.
    pub(super) fn wanted(&self, day: Day) -> Wanted {
        Wanted {
            kind: self.kind,
            table: self.table(),
            form: self.form,
            gzip: self.gzip,
            bom: self.bom,
            days: (day.plus(-self.days), day.plus(-1)),
            policy: DEFAULT_POLICY.to_owned(),
            campaign: None,
            receipts: false,
            codes: self.codes,
            personal: false,
            as_of: None,
        }
    }
}

/// What a shop chose.
pub(super) async fn of(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<Model>, DbErr> {
    Entity::find_by_id(shop).one(db).await
}
