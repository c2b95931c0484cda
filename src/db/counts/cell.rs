//! What one stretch of time came to, in one line of a book.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{ExprTrait, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use super::changes::{Changes, Place};
use super::{DAY, LONG, QUARTER};
use crate::db::INSERT_ROWS;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "counted_cells")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub book: String,
    /// How long it is, in quarters of an hour: 1, 96 or 3,072.
    #[sea_orm(primary_key, auto_increment = false)]
    pub span: i32,
    /// When it begins.
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub line: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub measure: String,
    pub amount: i64,
}

impl ActiveModelBehavior for ActiveModel {}

/// The lengths that are kept.
pub(super) const SPANS: [i64; 3] = [QUARTER, DAY, LONG];

/// A length as it is kept.
pub(super) const fn quarters(span: i64) -> i32 {
    #[expect(clippy::cast_possible_truncation, reason = "3,072 at most")]
    let quarters = (span / QUARTER) as i32;
    quarters
}

/// Adds differences to their cells, of these lengths. In the order of the key, so that no two who add wait for each other
/// in a circle.
pub(super) async fn add(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    changes: &Changes,
    spans: &[i64],
) -> Result<(), DbErr> {
    for span in spans.iter().copied() {
        let mut sums = Changes::default();
        for (place, by) in changes.iter() {
            sums.add_to(Place { at: place.at.div_euclid(span) * span, ..place.clone() }, by);
        }
        let row = |(place, by): (&Place, i64)| ActiveModel {
            shop_id: Set(shop),
            book: Set(place.book.clone().into_owned()),
            span: Set(quarters(span)),
            at: Set(place.at),
            line: Set(place.line.clone()),
            measure: Set(place.measure.clone().into_owned()),
            amount: Set(by),
        };
        let rows: Vec<ActiveModel> = sums.iter().map(row).collect();
        for rows in rows.chunks(INSERT_ROWS) {
            Entity::insert_many(rows.iter().cloned()).on_conflict(sum()).exec_without_returning(txn).await?;
        }
    }
    Ok(())
}

fn sum() -> OnConflict {
    let both = Expr::col((Entity, Column::Amount)).add(Expr::col(("excluded", Column::Amount)));
    use Column::{At, Book, Line, Measure, ShopId, Span};
    OnConflict::columns([ShopId, Book, Span, At, Line, Measure]).value(Column::Amount, both).to_owned()
}
