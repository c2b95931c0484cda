//! Translating kept deliveries again, after a bug of ours was repaired.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::delivery::{COLUMN, Column, Entity, State};
use super::person::still_there;
use super::translate::Translate;
use crate::app::App;
use crate::jobs;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Which deliveries; what is left out does not narrow.
#[derive(Clone, Debug, Default)]
pub struct Replay {
    /// Of one shop.
    pub shop: Option<ShopId>,
    /// One delivery.
    pub delivery_id: Option<String>,
    /// Of one topic.
    pub topic: Option<String>,
    /// In one state.
    pub state: Option<State>,
    /// Received at this instant or later.
    pub since: Option<Timestamp>,
}

impl Replay {
    fn condition(&self) -> Condition {
        Condition::all()
            // What nobody could be named for has nobody to be translated for.
            .add(COLUMN.shop_id.ne(ShopId::NOBODY))
            // What was erased or aged out says nothing any more.
            .add(still_there())
            .add_option(self.delivery_id.as_ref().map(|id| COLUMN.delivery_id.eq(id)))
            .add_option(self.topic.as_ref().map(|topic| COLUMN.topic.eq(topic)))
            .add_option(self.state.map(|state| COLUMN.state.eq(state)))
            .add_option(self.since.map(|since| COLUMN.received_at.gte(since)))
    }
}

/// Puts matching deliveries back to pending and promises their translation. Answers how many.
pub async fn replay(app: &App, filter: &Replay) -> Result<u64, DbErr> {
    let mut count = 0;
    for shop in shops(app, filter).await? {
        let txn = app.db.begin_write().await?;
        let update = Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Pending))
            .col_expr(Column::Attempts, Expr::value(0))
            .col_expr(Column::Reason, Expr::value(Option::<String>::None))
            .col_expr(Column::DoneAt, Expr::value(Option::<i64>::None))
            .filter(COLUMN.shop_id.eq(shop))
            .filter(filter.condition());
        let rows = update.exec(&txn).await?.rows_affected;
        if rows > 0 {
            let now = app.clock.now();
            jobs::enqueue(&txn, &app.chance, shop, &Translate {}, Some(Translate::KEY.to_owned()), now, now).await?;
        }
        txn.commit().await?;
        count += rows;
    }
    app.bell.notify_one();
    Ok(count)
}

/// The shops concerned. Without a named shop this looks over all of them: an operator's command, not a request.
async fn shops(app: &App, filter: &Replay) -> Result<Vec<ShopId>, DbErr> {
    if let Some(shop) = filter.shop {
        return Ok(vec![shop]);
    }
    let select = Entity::find().filter(filter.condition()).select_only().column(Column::ShopId).distinct();
    select.into_tuple().all(app.db.read()).await
}
