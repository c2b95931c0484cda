//! The GraphQL documents of this folder as types, checked against the schema when the program is compiled.
//!
//! One operation per file. Currency and country codes are read as text: the enum of a schema we compiled last year
//! must not decide which shops exist.
#![allow(missing_docs, reason = "generated from the documents, which say it themselves")]

use std::marker::PhantomData;

use graphql_client::{GraphQLQuery, QueryBody};

use super::user_error::UserErrorCode as DiscountErrorCode;

type CountryCode = String;
type CurrencyCode = String;
type DateTime = String;
type Decimal = String;
type Id = String;
type Json = serde_json::Value;
type UnsignedInt64 = String;
type Url = String;

// Each run of the formatter would push this attribute further to the right.
#[rustfmt::skip]
macro_rules! document {
    ($name:ident, $path:tt) => {
        #[derive(GraphQLQuery)]
        #[graphql(
            schema_path = "src/shopify/admin-2026-10.graphql",
            query_path = $path,
            response_derives = "Debug",
            variables_derives = "Debug, Clone",
            normalization = "rust",
            skip_serializing_none,
            extern_enums("DiscountErrorCode", "CurrencyCode", "CountryCode")
        )]
        pub struct $name;
    };
}

document!(ShopInfo, "src/shopify/admin/shop_info.graphql");
document!(CodeBasicCreate, "src/shopify/admin/code_basic_create.graphql");
document!(CodeFreeShippingCreate, "src/shopify/admin/code_free_shipping_create.graphql");
document!(CodeBasicUpdate, "src/shopify/admin/code_basic_update.graphql");
document!(CodeFreeShippingUpdate, "src/shopify/admin/code_free_shipping_update.graphql");
document!(DiscountById, "src/shopify/admin/discount_by_id.graphql");
document!(RedeemCodeBulkAdd, "src/shopify/admin/redeem_code_bulk_add.graphql");
document!(RedeemCodeBulkCreation, "src/shopify/admin/redeem_code_bulk_creation.graphql");
document!(CodeDiscountNodeByCode, "src/shopify/admin/code_discount_node_by_code.graphql");
document!(DiscountDeactivate, "src/shopify/admin/discount_deactivate.graphql");
document!(RedeemCodeBulkDelete, "src/shopify/admin/redeem_code_bulk_delete.graphql");
document!(OrdersChanged, "src/shopify/admin/orders_changed.graphql");
document!(OrderWhole, "src/shopify/admin/order_whole.graphql");
document!(OrderTips, "src/shopify/admin/order_tips.graphql");
document!(OrderJourneys, "src/shopify/admin/order_journeys.graphql");
document!(Shopifyql, "src/shopify/admin/shopifyql.graphql");
document!(RefundWhole, "src/shopify/admin/refund_whole.graphql");
document!(CheckoutsChanged, "src/shopify/admin/checkouts_changed.graphql");
document!(CheckoutsClosed, "src/shopify/admin/checkouts_closed.graphql");
document!(Installation, "src/shopify/admin/installation.graphql");
document!(BulkRun, "src/shopify/admin/bulk_run.graphql");
document!(BulkOperation, "src/shopify/admin/bulk_operation.graphql");
document!(BulkOperations, "src/shopify/admin/bulk_operations.graphql");

/// A document checked like any other, its answer left as the JSON it is: what it brings is handed on, not read here.
pub struct Raw<Q>(PhantomData<Q>);

impl<Q: GraphQLQuery> GraphQLQuery for Raw<Q> {
    type Variables = Q::Variables;
    type ResponseData = serde_json::Value;

    fn build_query(variables: Self::Variables) -> QueryBody<Self::Variables> {
        Q::build_query(variables)
    }
}
document!(RedeemCodes, "src/shopify/admin/redeem_codes.graphql");
document!(JobDone, "src/shopify/admin/job_done.graphql");
document!(RedeemCodeBulkProgress, "src/shopify/admin/redeem_code_bulk_progress.graphql");
document!(WebPixel, "src/shopify/admin/web_pixel.graphql");
document!(WebPixelCreate, "src/shopify/admin/web_pixel_create.graphql");
document!(WebPixelUpdate, "src/shopify/admin/web_pixel_update.graphql");

#[cfg(test)]
mod tests {
    use apollo_compiler::{ExecutableDocument, Schema};
    use std::path::Path;

    /// The derive checks names and types; this checks everything else the specification asks of a document.
    #[test]
    fn every_document_is_valid() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/shopify");
        let schema = std::fs::read_to_string(here.join("admin-2026-10.graphql")).unwrap();
        let schema = Schema::parse_and_validate(schema, "admin-2026-10.graphql").map_err(|e| e.to_string()).unwrap();
        let mut seen = 0;
        for entry in std::fs::read_dir(here.join("admin")).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "graphql") {
                let text = std::fs::read_to_string(&path).unwrap();
                let document = ExecutableDocument::parse_and_validate(&schema, text, &path);
                assert!(document.is_ok(), "{}: {}", path.display(), document.unwrap_err());
                let document = document.unwrap();
                assert_eq!(document.operations.len(), 1, "{}", path.display());
                // Shopify takes it away: who wants to know counts a page of `moments`.
                assert!(!document.to_string().contains("momentsCount"), "{}", path.display());
                seen += 1;
            }
        }
        assert_eq!(seen, 30);
    }
}
