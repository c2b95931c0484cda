//! Where Shopify's own book of sales says something else of an order than the payloads of its webhooks did. Derived
//! whenever an order is settled; the page and `doctor` count them.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ExprTrait, FromQueryResult, IntoActiveModel};
use serde::Serialize;

use super::doubted::doubt_orders;
use super::facts::Facts;
use super::order::OrderId;
use super::sale::Line;
use super::worth::{Because, Source};
use crate::db::insert_once;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// In what the two differ.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumIter, DeriveActiveEnum, Serialize, utoipa::ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = DifferenceKind)]
pub enum Kind {
    /// Gross − discounts − returns.
    NetSales,
    Shipping,
    Tax,
    Tips,
    GiftCards,
    Duties,
    Fees,
    /// What Shopify says the order comes to is not what its own sales sum to.
    CurrentTotal,
    /// The book holds sales of a kind we do not know; they are counted nowhere, and the payload decides.
    UnknownSale,
}

impl Kind {
    /// What it is called.
    pub const fn called(self) -> &'static str {
        match self {
            Self::NetSales => "net sales",
            Self::Shipping => "shipping",
            Self::Tax => "tax",
            Self::Tips => "tips",
            Self::GiftCards => "gift cards",
            Self::Duties => "duties",
            Self::Fees => "fees",
            Self::CurrentTotal => "the order's own total",
            Self::UnknownSale => "sales of an unknown kind",
        }
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "order_differences")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub kind: Kind,
    /// As the payloads, or the order itself, say it.
    pub payload_minor: i64,
    /// As the sales say it.
    pub sales_minor: i64,
}

impl ActiveModelBehavior for ActiveModel {}

impl Facts {
    /// Where the two sources differ, of an order that counts and whose book is not behind. Fully cancelled orders are
    /// worth nothing whoever is asked.
    pub fn differences(&self) -> Vec<Model> {
        let counts = !self.order.test && self.order.cancelled_at.is_none();
        let compared = matches!(self.source(), Source::Sales | Source::Payload(Because::Strange));
        let Some(book) = self.book.as_ref().filter(|_| counts && compared) else { return Vec::new() };
        let (told, sold) = (self.parts_told(Timestamp::FOREVER), self.parts_sold(Timestamp::FOREVER));
        let lines = self.sales.iter().filter(|sale| sale.line() != Some(Line::Adjustment));
        let lines: i64 = lines.map(|sale| sale.total_minor).sum();
        let strange: i64 = self.strange().map(|sale| sale.total_minor).sum();
        let unknown = self.strange().next().map(|_| (Kind::UnknownSale, 0, strange));
        let each = [
            (Kind::NetSales, told.net(), sold.net()),
            (Kind::Shipping, told.shipping, sold.shipping),
            (Kind::Tax, told.tax, sold.tax),
            (Kind::Tips, told.tips, sold.tips),
            (Kind::GiftCards, told.gift_cards, sold.gift_cards),
            (Kind::Duties, told.duties, sold.duties),
            (Kind::Fees, told.fees, sold.fees),
            (Kind::CurrentTotal, book.current_total_minor.unwrap_or(lines), lines),
        ];
        let each = each.into_iter().filter(|(_, payload, sales)| payload != sales).chain(unknown);
        let row = |(kind, payload_minor, sales_minor)| Model {
            shop_id: self.order.shop_id,
            shopify_order_id: self.order.shopify_order_id,
            kind,
            payload_minor,
            sales_minor,
        };
        each.map(row).collect()
    }

    /// Whether Shopify's two figures of the same instant agree: what the order comes to, and what its sales sum to.
    pub fn sums_agree(&self) -> bool {
        !self.differences().iter().any(|one| one.kind == Kind::CurrentTotal)
    }
}

/// Writes down where the sources of some orders differ, in place of what stood there.
pub async fn note_differences<'f>(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    facts: impl IntoIterator<Item = &'f Facts>,
) -> Result<(), DbErr> {
    let (mut ids, mut found) = (Vec::new(), Vec::new());
    for one in facts {
        ids.push(one.order.shopify_order_id);
        found.extend(one.differences());
    }
    let these = || COLUMN.shop_id.eq(shop).and(COLUMN.shopify_order_id.is_in(ids.clone()));
    let mut known = Entity::find().filter(these()).all(txn).await?;
    known.sort_by_key(|row| (row.shopify_order_id, row.kind));
    found.sort_by_key(|row| (row.shopify_order_id, row.kind));
    if known == found {
        return Ok(());
    }
    Entity::delete_many().filter(these()).exec(txn).await?;
    insert_once(txn, found.into_iter().map(IntoActiveModel::into_active_model)).await?;
    doubt_orders(txn, shop, &ids).await
}

/// How many of a shop's orders differ in what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromQueryResult)]
pub struct DifferenceCount {
    /// In what.
    pub kind: Kind,
    /// How many orders.
    pub orders: i64,
}

/// Counts where the sources of a shop's orders differ, by kind.
pub async fn difference_counts(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<DifferenceCount>, DbErr> {
    let select = Query::select()
        .column(Column::Kind)
        .expr_as(Expr::col(Column::ShopifyOrderId).count(), "orders")
        .from(Entity)
        .and_where(Expr::col(Column::ShopId).eq(shop))
        .group_by_col(Column::Kind)
        .to_owned();
    let mut counts = DifferenceCount::find_by_statement(db.get_database_backend().build(&select)).all(db).await?;
    counts.sort_by_key(|count| count.kind);
    Ok(counts)
}
