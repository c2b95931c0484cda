//! The first rows that nobody else is taking, as the condition of the statement that takes them.
//!
//! Reading them first costs more than taking them: SQLite's driver hands every row from one thread to another, and another
//! node may take one in between. PostgreSQL locks what it chooses and passes over what another transaction holds, and is
//! given the choice as an array, for which it never reads the whole shop; SQLite has one writer.

use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QuerySelect, QueryTrait, Select};

/// That `column`, unique among what the statement looks at, is of the first `count` rows of `select` nobody else is
/// taking.
pub fn first_free<E: EntityTrait>(backend: DbBackend, select: Select<E>, column: E::Column, count: usize) -> Expr {
    let first = select.select_only().column(column).limit(count as u64);
    match backend {
        DbBackend::Postgres => {
            let locked = first.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked).into_query();
            let array = Expr::cust_with_expr("ARRAY $1", Expr::SubQuery(None, Box::new(locked.into())));
            Expr::col(column).eq(PgFunc::any(array))
        }
        _ => column.in_subquery(first.into_query()),
    }
}
