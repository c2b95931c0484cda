//! Appending what a source told us of a checkout.

use sea_orm::sea_query::{CaseStatement, Expr, OnConflict};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, ExprTrait};

use super::{activity, checkout, contact};
use crate::db::counts;
use crate::kernel::id::ShopId;
use crate::kernel::{Contacts, Timestamp};

/// How much a source knows of who is behind a checkout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Knows {
    /// Only what the shop keeps of its customer.
    Customer,
    /// What was typed into the checkout.
    Contact,
}

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
    /// Whom it names.
    pub contacts: Contacts,
    /// The shopper's numeric id.
    pub shopify_customer_id: Option<i64>,
    /// When it began.
    pub created_at: Timestamp,
    /// Its last activity in this state.
    pub updated_at: Timestamp,
    /// When it became an order.
    pub completed_at: Option<Timestamp>,
    /// How much the source knows of the contact data above.
    pub knows: Knows,
    /// The recovery address, sealed: whoever has it opens the shopper's checkout.
    pub recovery_url_sealed: Option<Vec<u8>>,
    /// Codes on it, folded: they may change until it is paid.
    pub codes: Vec<String>,
    /// What is in it, as a cart permalink has it; `None`: the source does not tell, or it cannot be bought so.
    pub cart_items: Option<String>,
    /// Shopify's number of it.
    pub shopify_checkout_id: Option<i64>,
}

impl CheckoutSnapshot {
    /// Sorts tellings by what they say of the contact: nothing, then by time, then by who knows more.
    fn contact_key(&self) -> i64 {
        if self.contacts.is_empty() {
            return 0;
        }
        self.updated_at.micros().saturating_mul(2) + i64::from(self.knows == Knows::Contact)
    }

    /// The same without who it was.
    pub fn nameless(self) -> Self {
        Self {
            contacts: Contacts::default(),
            shopify_customer_id: None,
            recovery_url_sealed: None,
            cart_items: None,
            ..self
        }
    }
}

/// Records a state of a checkout. Safe to repeat, in any order. Contact data follow the newest telling that has some:
/// a source that does not know them erases nothing.
pub async fn record(txn: &impl ConnectionTrait, shop: ShopId, told: CheckoutSnapshot) -> Result<(), DbErr> {
    use checkout::Column as C;
    for at in [told.created_at, told.updated_at] {
        activity::record(txn, shop, &told.token, at).await?;
    }
    let old = |column: C| Expr::col(("checkouts", column));
    let new = |column: C| Expr::col(("excluded", column));
    let choose =
        |when: Expr, column: C| -> Expr { CaseStatement::new().case(when, new(column)).finally(old(column)).into() };
    let mut newest = OnConflict::columns([C::ShopId, C::Token]);
    for column in [C::CartToken, C::Currency, C::TotalMinor, C::ShopifyCustomerId, C::UpdatedAt, C::RecoveryUrlSealed] {
        newest.value(column, choose(old(C::UpdatedAt).lte(told.updated_at), column));
    }
    for column in [C::EmailHash, C::PhoneHash, C::ContactKey] {
        newest.value(column, choose(new(C::ContactKey).gt(old(C::ContactKey)), column));
    }
    // So do its items: the Admin API tells none.
    let items = old(C::CartItemsAt).is_null().or(new(C::CartItemsAt).gt(old(C::CartItemsAt)));
    let same = new(C::CartItemsAt).eq(old(C::CartItemsAt)).and(new(C::CartItems).gt(old(C::CartItems)));
    let items = new(C::CartItemsAt).is_not_null().and(items.or(same));
    for column in [C::CartItems, C::CartItemsAt] {
        newest.value(column, choose(items.clone(), column));
    }
    // Completed is completed, whoever says it first.
    let completed = old(C::CompletedAt).is_null().or(new(C::CompletedAt).gt(old(C::CompletedAt)));
    newest.value(C::CompletedAt, choose(completed, C::CompletedAt));
    // Its number never changes; of two that differ, which never should be, the greater.
    let number = old(C::ShopifyCheckoutId).is_null().or(new(C::ShopifyCheckoutId).gt(old(C::ShopifyCheckoutId)));
    newest.value(C::ShopifyCheckoutId, choose(number, C::ShopifyCheckoutId));
    let contact_key = told.contact_key();
    contact::record(txn, shop, &told.token, &told.contacts, contact_key).await?;
    let token = told.token.clone();
    let row = checkout::ActiveModel {
        shop_id: Set(shop),
        token: Set(told.token),
        cart_token: Set(told.cart_token),
        currency: Set(told.currency),
        total_minor: Set(told.total_minor),
        email_hash: Set(told.contacts.emails.first().cloned()),
        phone_hash: Set(told.contacts.any_phone().next().cloned()),
        shopify_customer_id: Set(told.shopify_customer_id),
        created_at: Set(told.created_at),
        updated_at: Set(told.updated_at),
        completed_at: Set(told.completed_at),
        recovery_url_sealed: Set(told.recovery_url_sealed),
        contact_key: Set(contact_key),
        cart_items_at: Set(told.cart_items.as_ref().map(|_| told.updated_at)),
        cart_items: Set(told.cart_items),
        shopify_checkout_id: Set(told.shopify_checkout_id),
    };
    checkout::Entity::insert(row).on_conflict(newest).exec_without_returning(txn).await?;
    counts::doubt(txn, shop, counts::LEFT, vec![token]).await
}

#[cfg(test)]
mod tests;
