//! The pool: codes kept ready before anybody is drawn, slot by slot. What Shopify is asked stands in `shopify/`.

pub(super) mod bulk_reserve;
pub(super) mod canary;
pub(super) mod forecast;
pub(super) mod reserve;
pub(super) mod restock;
pub(super) mod retire;
pub(super) mod slot;
