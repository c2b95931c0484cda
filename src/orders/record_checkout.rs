//! Appending what a source told us of a checkout.

use sea_orm::sea_query::{CaseStatement, Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, ExprTrait};

use super::{activity, checkout};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// A state of a checkout as a source told it. Money is the shop's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckoutSnapshot {
    /// Joins checkout and order.
    pub token: String,
    /// Joins cart and order.
    pub cart_token: Option<String>,
    /// ISO 4217.
    pub currency: String,
    /// What the shopper would have paid.
    pub total_minor: i64,
    /// Keyed hash.
    pub email_hash: Option<String>,
    /// Keyed hash.
    pub phone_hash: Option<String>,
    /// The shopper's numeric id.
    pub shopify_customer_id: Option<i64>,
    /// When it began.
    pub created_at: Timestamp,
    /// Its last activity in this state.
    pub updated_at: Timestamp,
    /// When it became an order.
    pub completed_at: Option<Timestamp>,
    /// The recovery address, sealed: whoever has it opens the shopper's checkout.
    pub recovery_url_sealed: Option<Vec<u8>>,
    /// Codes on it, folded: they may change until it is paid.
    pub codes: Vec<String>,
}

/// Records a state of a checkout. Safe to repeat, in any order.
pub async fn record_checkout(txn: &impl ConnectionTrait, shop: ShopId, told: CheckoutSnapshot) -> Result<(), DbErr> {
    use checkout::Column as C;
    for at in [told.created_at, told.updated_at] {
        let step = activity::ActiveModel { shop_id: Set(shop), token: Set(told.token.clone()), at: Set(at) };
        let once = OnConflict::columns([activity::Column::ShopId, activity::Column::Token, activity::Column::At])
            .do_nothing()
            .to_owned();
        activity::Entity::insert(step).on_conflict(once).exec_without_returning(txn).await?;
    }
    let completed: Expr = CaseStatement::new()
        .case(Expr::col(("excluded", C::CompletedAt)).is_null(), Expr::col(("checkouts", C::CompletedAt)))
        .finally(Expr::col(("excluded", C::CompletedAt)))
        .into();
    let newest = OnConflict::columns([C::ShopId, C::Token])
        .update_columns([
            C::CartToken,
            C::Currency,
            C::TotalMinor,
            C::EmailHash,
            C::PhoneHash,
            C::ShopifyCustomerId,
            C::UpdatedAt,
            C::RecoveryUrlSealed,
        ])
        .value(C::CompletedAt, completed)
        .action_and_where(Expr::col(("checkouts", C::UpdatedAt)).lte(told.updated_at))
        .to_owned();
    let row = checkout::ActiveModel {
        shop_id: Set(shop),
        token: Set(told.token),
        cart_token: Set(told.cart_token),
        currency: Set(told.currency),
        total_minor: Set(told.total_minor),
        email_hash: Set(told.email_hash),
        phone_hash: Set(told.phone_hash),
        shopify_customer_id: Set(told.shopify_customer_id),
        created_at: Set(told.created_at),
        updated_at: Set(told.updated_at),
        completed_at: Set(told.completed_at),
        recovery_url_sealed: Set(told.recovery_url_sealed),
    };
    checkout::Entity::insert(row).on_conflict(newest).exec_without_returning(txn).await.map(drop)
}
