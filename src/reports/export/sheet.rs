//! A table that can be sent as a file.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::cell::Cell;
use crate::app::App;
use crate::campaigns::{CAMPAIGN, CampaignId, Campaigns};
use crate::db::Db;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::reports::period::Period;
use crate::shops::Shop;

/// All of a table, in millionths.
pub const WHOLE: i32 = 1_000_000;

/// Rows read at once.
pub(super) const ROWS: u64 = 1_000;

/// A table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Table {
    /// Every order with its verdict.
    Orders,
    /// Verdicts that took the place of earlier ones.
    Restatements,
    /// Orders of which something was learned late.
    LearnedLate,
    /// The ledger's lines.
    Ledger,
    /// Messages and what became of them.
    Messages,
    /// Taps on links.
    Clicks,
    /// Every day beside Shopify's own figure of it.
    Agreement,
}

/// Every table, in the order in which they are listed.
pub(super) const TABLES: [Table; 7] = [
    Table::Orders,
    Table::Restatements,
    Table::LearnedLate,
    Table::Ledger,
    Table::Messages,
    Table::Clicks,
    Table::Agreement,
];

impl Table {
    /// Its name in an address.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Restatements => "restatements",
            Self::LearnedLate => "learned_late",
            Self::Ledger => "ledger",
            Self::Messages => "messages",
            Self::Clicks => "clicks",
            Self::Agreement => "agreement",
        }
    }

    /// Whether a file of it may say who somebody is.
    pub const fn names_people(self) -> bool {
        matches!(self, Self::Messages)
    }

    /// The table of a name.
    pub fn called(name: &str) -> Option<Self> {
        TABLES.into_iter().find(|table| table.name() == name)
    }
}

/// Of what and for whom a file is made.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whose.
    pub shop: Shop,
    /// Days, rules, instant, and of which campaign alone.
    pub period: Period,
    /// Whether codes that are still good are shown.
    pub sees_codes: bool,
    /// Whether orders come with their receipts.
    pub receipts: bool,
    /// With what contacts are opened: of messages, whom they went to is shown. Whoever asks has written down who looks.
    pub personal: Option<App>,
}

impl Asked {
    /// Whether a column is in this file.
    pub(super) const fn shows(&self, column: &Column) -> bool {
        match column.only {
            None => true,
            Some(Only::Receipts) => self.receipts,
            Some(Only::Personal) => self.personal.is_some(),
        }
    }
}

/// What a file must be asked for with, for a column to be in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// `receipts=true`.
    Receipts,
    /// `personal=true`, by a merchant: who asked is written down.
    Personal,
}

/// A column.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct Column {
    /// What it is called in the file.
    pub name: &'static str,
    /// What it says.
    pub definition: &'static str,
    /// Only in a file that is asked for with this; `null`: in every file.
    #[schema(inline)]
    pub only: Option<Only>,
}

/// Columns from pairs of name and definition.
pub(super) const fn column(name: &'static str, definition: &'static str) -> Column {
    Column { name, definition, only: None }
}

/// A column that must be asked for.
pub(super) const fn column_only(only: Only, name: &'static str, definition: &'static str) -> Column {
    Column { name, definition, only: Some(only) }
}

/// Rows, and where the next page begins; `None`: those are the last.
pub(super) type Page<After> = (Vec<Vec<Cell>>, Option<After>);

/// How rows of a table are read: a page after the other.
pub(super) trait Sheet: Send + 'static {
    /// Its columns, in the order of its cells.
    const COLUMNS: &'static [Column];

    /// Where the next page begins.
    type After: Default + Send;

    /// How much of the table lies before a place, in millionths: for whoever waits.
    fn before(_: &Asked, _: &Self::After) -> i32 {
        0
    }

    /// Rows after a place.
    fn page(
        db: &Db,
        asked: &Asked,
        after: Self::After,
    ) -> impl Future<Output = Result<Page<Self::After>, DbErr>> + Send;
}

/// How much of a period lies before an instant, in millionths.
pub(super) fn before(asked: &Asked, at: Timestamp) -> i32 {
    let (begin, end) = asked.period.instants;
    let (gone, whole) = (at.seconds_since(begin).max(0), end.seconds_since(begin).max(1));
    i32::try_from(gone.saturating_mul(WHOLE.into()) / whole).unwrap_or(WHOLE).min(WHOLE)
}

/// What some campaigns are called.
pub(super) async fn campaigns(
    db: &impl ConnectionTrait,
    shop: ShopId,
    ids: impl Iterator<Item = CampaignId>,
) -> Result<HashMap<CampaignId, String>, DbErr> {
    let ids: Vec<CampaignId> = ids.collect::<std::collections::HashSet<_>>().into_iter().collect();
    let found = Campaigns::find().filter(CAMPAIGN.shop_id.eq(shop)).filter(CAMPAIGN.id.is_in(ids)).all(db).await?;
    Ok(found.into_iter().map(|one| (one.id, one.name)).collect())
}
