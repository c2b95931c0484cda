//! What a shop says about all its links: the UTM values its campaigns begin with, and a domain of its own.

mod routes;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait};

use crate::campaigns::Utm;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shops::{SHOP, ShopColumn, Shops};

pub use routes::configure;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "link_settings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(column_type = "JsonBinary")]
    pub utm: Utm,
    /// The link domain the merchant asked for.
    pub domain: Option<String>,
    /// Why it does not serve yet, in a sentence.
    pub trouble: Option<String>,
    pub looked_at: Option<Timestamp>,
    pub changed_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// What the shop chose; the usual while it chose nothing.
pub async fn of(db: &impl ConnectionTrait, shop: ShopId) -> Result<Model, DbErr> {
    let nothing = Model {
        shop_id: shop,
        utm: Utm::default(),
        domain: None,
        trouble: None,
        looked_at: None,
        changed_at: Timestamp::from_seconds(0),
    };
    Ok(Entity::find_by_id(shop).one(db).await?.unwrap_or(nothing))
}

/// Keeps it. A domain other than the present one speaks for nobody until it is looked at.
pub async fn keep(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    utm: Utm,
    domain: Option<String>,
    now: Timestamp,
) -> Result<(), DbErr> {
    if of(txn, shop).await?.domain != domain {
        let gone = Expr::value(Option::<String>::None);
        Shops::update_many().col_expr(ShopColumn::LinkDomain, gone).filter(SHOP.shop_id.eq(shop)).exec(txn).await?;
        look(txn, shop, None, None).await?;
    }
    let row = ActiveModel {
        shop_id: Set(shop),
        utm: Set(utm),
        domain: Set(domain),
        trouble: Set(None),
        looked_at: Set(None),
        changed_at: Set(now),
    };
    let again =
        OnConflict::column(Column::ShopId).update_columns([Column::Utm, Column::Domain, Column::ChangedAt]).to_owned();
    Entity::insert(row).on_conflict(again).exec_without_returning(txn).await.map(drop)
}

/// What a look at the domain showed.
pub async fn look(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    trouble: Option<String>,
    at: Option<Timestamp>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::Trouble, Expr::value(trouble))
        .col_expr(Column::LookedAt, Expr::value(at))
        .filter(COLUMN.shop_id.eq(shop))
        .exec(txn)
        .await
        .map(drop)
}

/// The domain serves: links made from now on begin with it. `false`: it is another shop's.
pub async fn serve(txn: &impl ConnectionTrait, shop: ShopId, domain: &str) -> Result<bool, DbErr> {
    let theirs = Shops::find().filter(ShopColumn::LinkDomain.eq(domain)).filter(SHOP.shop_id.ne(shop)).one(txn).await?;
    if theirs.is_some() {
        return Ok(false);
    }
    Shops::update_many()
        .col_expr(ShopColumn::LinkDomain, Expr::value(domain))
        .filter(SHOP.shop_id.eq(shop))
        .exec(txn)
        .await?;
    Ok(true)
}
