//! A checkout was deleted at Shopify, by the names Shopify gives it then: its number and its cart.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ExprTrait};

use super::checkout::Model as Checkout;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "checkout_deletions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    /// The surer of the two below, as text.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub shopify_checkout_id: Option<i64>,
    pub cart_token: Option<String>,
    pub deleted_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

/// A deletion as Shopify told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    number: Option<i64>,
    cart_token: Option<String>,
    at: Timestamp,
}

impl Deleted {
    /// `None`: it names no checkout.
    pub fn new(number: Option<i64>, cart_token: Option<String>, at: Timestamp) -> Option<Self> {
        (number.is_some() || cart_token.is_some()).then_some(Self { number, cart_token, at })
    }

    fn name(&self) -> String {
        match (self.number, &self.cart_token) {
            (Some(number), _) => format!("number:{number}"),
            (None, cart) => format!("cart:{}", cart.as_deref().unwrap_or_default()),
        }
    }

    /// Tokens of the checkouts it is about, as far as they are known.
    pub async fn tokens(&self, db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<String>, DbErr> {
        let Some(cart) = &self.cart_token else { return Ok(Vec::new()) };
        let of_cart = super::of_cart(db, shop, cart).await?;
        let told = (self.number, Some(cart.as_str()), self.at);
        let meant = of_cart.into_iter().filter(|one| is_about(told, one));
        Ok(meant.map(|checkout| checkout.token).collect())
    }
}

/// One cart may have several checkouts: where both sides know the number, it decides; else one that began later is not
/// meant.
fn is_about((number, cart, at): (Option<i64>, Option<&str>, Timestamp), checkout: &Checkout) -> bool {
    match number.zip(checkout.shopify_checkout_id) {
        Some((theirs, own)) => theirs == own,
        None => cart.is_some() && cart == checkout.cart_token.as_deref() && at >= checkout.created_at,
    }
}

/// Records a deletion. Safe to repeat; the earliest instant told of it counts.
pub async fn record_deleted(txn: &impl ConnectionTrait, shop: ShopId, told: &Deleted) -> Result<(), DbErr> {
    let row = ActiveModel {
        shop_id: Set(shop),
        name: Set(told.name()),
        shopify_checkout_id: Set(told.number),
        cart_token: Set(told.cart_token.clone()),
        deleted_at: Set(told.at),
    };
    let earliest = OnConflict::columns([Column::ShopId, Column::Name])
        .update_column(Column::DeletedAt)
        .action_and_where(Expr::col(("checkout_deletions", "deleted_at")).gt(Expr::col(("excluded", "deleted_at"))))
        .to_owned();
    Entity::insert(row).on_conflict(earliest).exec_without_returning(txn).await.map(drop)
}

/// When each of some checkouts was deleted, in their order.
pub async fn deleted_at(
    db: &impl ConnectionTrait,
    shop: ShopId,
    checkouts: &[Checkout],
) -> Result<Vec<Option<Timestamp>>, DbErr> {
    let carts = checkouts.iter().filter_map(|one| one.cart_token.clone());
    let of_shop = || Entity::find().filter(COLUMN.shop_id.eq(shop));
    let mut told = of_shop().filter(Column::CartToken.is_in(carts)).all(db).await?;
    let names = checkouts.iter().filter_map(|one| Some(format!("number:{}", one.shopify_checkout_id?)));
    told.extend(of_shop().filter(COLUMN.name.is_in(names)).all(db).await?);
    let earliest = |checkout: &Checkout| {
        let is_told =
            |row: &&Model| is_about((row.shopify_checkout_id, row.cart_token.as_deref(), row.deleted_at), checkout);
        let of = told.iter().filter(is_told);
        of.map(|row| row.deleted_at).min()
    };
    Ok(checkouts.iter().map(earliest).collect())
}
