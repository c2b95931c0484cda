//! The pretend Shopify: tokens, the Admin API, discounts, orders, webhooks.

pub(super) mod abandoned_view;
pub(super) mod after_sale;
mod agreements_view;

pub(super) mod bulk;
pub(super) mod cost;
mod discount_input;
mod discount_view;
pub mod discounts;
mod graphql;
mod money_view;
mod mutations;
pub(super) mod oauth;
pub mod order;
mod order_view;
pub(super) mod payload;
pub mod pricing;
mod queries;
pub(super) mod routes;
pub mod shop;
mod shopifyql;
pub mod trouble;
pub(super) mod view;
pub(super) mod webhooks;
