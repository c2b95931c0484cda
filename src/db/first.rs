//! The first rows that nobody else is taking, as the condition of the statement that takes them.
//!
//! Reading them first costs more than taking them: SQLite's driver hands every row from one thread to another, and another
//! node may take one in between. PostgreSQL is given the choice as an array, for which it never reads the whole shop. Of a
//! few it locks what it chooses and passes over what another transaction holds, so that nobody waits for anybody. To lock
//! many would be to write them twice: they are taken as far as they are free when their turn comes.

use sea_orm::sea_query::extension::postgres::PgFunc;
use sea_orm::sea_query::{Expr, ExprTrait, LockBehavior, LockType};
use sea_orm::{ColumnTrait, DbBackend, EntityTrait, QuerySelect, QueryTrait, Select};

/// More than these are not locked first.
const A_FEW: usize = 100;

/// That `column`, unique among what the statement looks at, is of the first `count` rows of `select` nobody else is
/// taking. The statement may find fewer, while there are more.
pub fn first_free<E: EntityTrait>(backend: DbBackend, select: Select<E>, column: E::Column, count: usize) -> Expr {
    let mut first = select.select_only().column(column).limit(count as u64);
    match backend {
        DbBackend::Postgres => {
            if count <= A_FEW {
                first = first.lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
            }
            let array = Expr::cust_with_expr("ARRAY $1", Expr::SubQuery(None, Box::new(first.into_query().into())));
            Expr::col(column).eq(PgFunc::any(array))
        }
        _ => column.in_subquery(first.into_query()),
    }
}
