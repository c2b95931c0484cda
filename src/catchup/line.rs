//! Lines of a backfill's file, sealed, until their order is whole.

use sea_orm::entity::prelude::*;
use serde_json::{Value, json};

use crate::kernel::id::ShopId;
use crate::orders::OrderId;
use crate::shopify::parse_gid;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "backfill_lines")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub shopify_order_id: OrderId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub line: i64,
    pub body_sealed: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The column a line is sealed for.
pub(super) const BODY: &str = "backfill_lines.body";

impl Entity {
    /// Lines of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// The order a line belongs to: its own, or its parent's. `None`: no line of an order.
pub(super) fn order_of(line: &[u8]) -> Option<OrderId> {
    let line: Value = serde_json::from_slice(line).ok()?;
    let id = line["__parentId"].as_str().or(line["id"].as_str())?;
    parse_gid(id).filter(|(kind, _)| *kind == "Order").map(|(_, id)| OrderId(id))
}

/// An order made of its lines, as the Admin API would have written it in one. `None`: its own line is missing.
pub(super) fn assemble(lines: impl IntoIterator<Item = Vec<u8>>) -> Option<Value> {
    let (mut order, mut items, mut applications) = (None, Vec::new(), Vec::new());
    for line in lines {
        let line: Value = serde_json::from_slice(&line).ok()?;
        if line["__parentId"].is_null() {
            order = Some(line);
        } else if line["originalUnitPriceSet"].is_object() {
            items.push(line);
        } else {
            applications.push(line);
        }
    }
    let mut order = order?;
    order["lineItems"] = json!({ "nodes": items });
    order["discountApplications"] = json!({ "nodes": applications });
    Some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_come_anywhere() {
        let lines = [
            r#"{"__parentId": "gid://shopify/Order/1", "id": "gid://shopify/LineItem/11", "originalUnitPriceSet": {}}"#,
            r#"{"id": "gid://shopify/Order/1", "name": "one"}"#,
            r#"{"__parentId": "gid://shopify/Order/1", "__typename": "DiscountCodeApplication", "code": "A"}"#,
        ];
        assert!(lines.iter().all(|line| order_of(line.as_bytes()) == Some(OrderId(1))));
        let whole = assemble(lines.iter().map(|line| line.as_bytes().to_vec())).unwrap();
        assert_eq!(
            (&whole["name"], &whole["lineItems"]["nodes"][0]["id"]),
            (&json!("one"), &json!("gid://shopify/LineItem/11"))
        );
        assert_eq!(whole["discountApplications"]["nodes"][0]["code"], "A");
        assert_eq!(assemble([lines[0].as_bytes().to_vec()]), None);
        assert_eq!(order_of(b"{\"id\": \"gid://shopify/LineItem/11\"}"), None);
    }
}
