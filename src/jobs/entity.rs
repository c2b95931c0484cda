//! One promised piece of work.

use sea_orm::entity::prelude::*;

use super::JobId;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[expect(missing_docs, reason = "columns are described by their names and the module above")]
mod model {
    use super::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub shop_id: ShopId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: JobId,
        pub kind: String,
        pub dedup_key: Option<String>,
        #[sea_orm(column_type = "JsonBinary")]
        pub payload: Json,
        pub state: State,
        pub run_at: Timestamp,
        pub lease_no: i64,
        pub lease_until: Option<Timestamp>,
        pub attempts: i32,
        pub max_attempts: i32,
        pub again: i64,
        pub last_error: Option<String>,
        pub created_at: Timestamp,
        pub deaths: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
pub use model::*;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub enum State {
    /// Waits for its instant.
    Ready,
    /// Somebody holds its lease.
    Running,
    /// Failed for good; its reason is kept and it can be promised again.
    Dead,
}
