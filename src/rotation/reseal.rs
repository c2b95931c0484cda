//! The job that seals a shop's values anew, a batch at a time.

use sea_orm::sea_query::{Expr, ExprTrait, Order, Query};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};
use serde::{Deserialize, Serialize};

use super::sealed::{Form, Part, SEALED, Sealed};
use crate::app::{self, App};
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::Vault;
use crate::kernel::id::ShopId;
use crate::kernel::secret::SealError;
use crate::shops::Shops;

/// Values per transaction, and transactions per run: then other jobs have their turn.
const BATCH: u64 = 250;
const BATCHES: usize = 40;

/// While a previous key is configured, another node may still seal with it: we look again.
const LOOK_AGAIN_SECONDS: i64 = 6 * 3_600;

/// The job: seals what the previous key sealed for a shop anew.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Reseal {}

/// Promises it for every shop there is, installed or not, and for what belongs to none. Without a previous key there is
/// nothing to do.
pub async fn stand(app: &App) -> Result<(), DbErr> {
    if app.vault.previous_key_id().is_none() {
        return Ok(());
    }
    use sea_orm::{EntityTrait, QuerySelect};
    let shops = Shops::find().select_only().column_as(crate::shops::SHOP.shop_id, "shop_id").into_tuple();
    let mut shops: Vec<ShopId> = shops.all(app.db.read()).await?;
    shops.push(ShopId::NOBODY);
    let now = app.clock.now();
    for shop in shops {
        jobs::enqueue(app.db.write(), &app.chance, shop, &Reseal {}, now, now).await?;
    }
    Ok(())
}

impl Job for Reseal {
    const NAME: &'static str = "rotation.reseal";

    fn key(&self) -> Option<String> {
        Some(Self::NAME.to_owned())
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let Some(previous) = app.vault.previous_key_id().map(str::to_owned) else { return Ok(Next::Done) };
        if shop == ShopId::NOBODY {
            pepper(&app).await?;
        }
        let mut left = BATCHES;
        for sealed in SEALED {
            let mut after = None;
            while let Some(last) = batch(&app, shop, sealed, &previous, after).await? {
                after = Some(last);
                left -= 1;
                if left == 0 {
                    return Ok(Next::At(now));
                }
            }
        }
        Ok(Next::At(now.plus_seconds(LOOK_AGAIN_SECONDS)))
    }
}

/// A row: its key after `shop_id`, and its sealed value.
struct Row {
    key: Vec<Value>,
    value: Value,
}

/// Seals one batch anew. The key of its last row, if there may be more.
async fn batch(
    app: &App,
    shop: ShopId,
    sealed: &Sealed,
    previous: &str,
    after: Option<Vec<Value>>,
) -> Result<Option<Vec<Value>>, DbErr> {
    let rows = waiting(app, shop, sealed, previous, after).await?;
    let Some(last) = rows.last().map(|row| row.key.clone()) else { return Ok(None) };
    let more = rows.len() as u64 == BATCH && !last.is_empty();
    let txn = app.db.begin_write().await?;
    for row in rows {
        match anew(&app.vault, shop, sealed, &row.value) {
            Ok(fresh) => replace(&txn, shop, sealed, &row, fresh).await?,
            Err(error) => {
                tracing::error!(shop.id = %shop, table = sealed.table, column = sealed.column, error = %error, "a sealed value does not open and was left as it is");
            }
        }
    }
    txn.commit().await?;
    Ok(more.then_some(last))
}

async fn waiting(
    app: &App,
    shop: ShopId,
    sealed: &Sealed,
    previous: &str,
    after: Option<Vec<Value>>,
) -> Result<Vec<Row>, DbErr> {
    let mut select = Query::select();
    select.from(sealed.table).and_where(Expr::col("shop_id").eq(shop)).and_where(sealed.under(previous)).limit(BATCH);
    for part in sealed.key {
        select.column(part.name()).order_by(part.name(), Order::Asc);
    }
    select.column(sealed.column);
    if let Some(after) = after.filter(|after| !after.is_empty()) {
        let columns = Expr::tuple(sealed.key.iter().map(|part| Expr::col(part.name())));
        select.and_where(columns.gt(Expr::tuple(after.into_iter().map(Expr::value))));
    }
    app.db.read().query_all(&select).await?.iter().map(|row| read(sealed, row)).collect()
}

fn read(sealed: &Sealed, row: &QueryResult) -> Result<Row, DbErr> {
    let part = |(at, part): (usize, &Part)| -> Result<Value, DbErr> {
        Ok(match part {
            Part::Text(_) => row.try_get_by_index::<String>(at)?.into(),
            Part::Id(_) => row.try_get_by_index::<uuid::Uuid>(at)?.into(),
            Part::Number(_) => row.try_get_by_index::<i64>(at)?.into(),
        })
    };
    let key = sealed.key.iter().enumerate().map(part).collect::<Result<_, _>>()?;
    let at = sealed.key.len();
    let value = match sealed.form {
        Form::Text => row.try_get_by_index::<String>(at)?.into(),
        Form::Bytes => row.try_get_by_index::<Vec<u8>>(at)?.into(),
    };
    Ok(Row { key, value })
}

fn anew(vault: &Vault, shop: ShopId, sealed: &Sealed, value: &Value) -> Result<Value, SealError> {
    Ok(match value {
        Value::String(Some(text)) => vault.seal(shop, sealed.label, &vault.open(shop, sealed.label, text)?).into(),
        Value::Bytes(Some(bytes)) => {
            vault.seal_bytes(shop, sealed.label, &vault.open_bytes(shop, sealed.label, bytes)?).into()
        }
        _ => return Err(SealError::Form),
    })
}

/// Writes the fresh value over the one that was read, and over no other.
async fn replace(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    sealed: &Sealed,
    row: &Row,
    fresh: Value,
) -> Result<(), DbErr> {
    let mut update = Query::update();
    update.table(sealed.table).value(sealed.column, fresh).and_where(Expr::col("shop_id").eq(shop));
    for (part, value) in sealed.key.iter().zip(&row.key) {
        update.and_where(Expr::col(part.name()).eq(value.clone()));
    }
    update.and_where(Expr::col(sealed.column).eq(row.value.clone()));
    txn.execute(&update).await.map(drop)
}

/// The installation's pepper stands in the directory, under no shop.
async fn pepper(app: &App) -> Result<(), DbErr> {
    const LABEL: &str = "pepper";
    let Some(kept) = app::setting(app.db.read(), LABEL).await? else { return Ok(()) };
    let current = format!("v1.{}.", app.vault.key_id());
    if kept.starts_with(&current) {
        return Ok(());
    }
    let opened = app.vault.open(ShopId::NOBODY, LABEL, &kept).map_err(|error| DbErr::Custom(error.to_string()))?;
    let fresh = app.vault.seal(ShopId::NOBODY, LABEL, &opened);
    app::replace_setting(app.db.write(), LABEL, &kept, fresh).await
}
