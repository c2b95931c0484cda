//! The pool: codes of a slot, kept ready before anybody is drawn. Rows only; what Shopify is asked stands in `shopify/`.
//!
//! A **slot** is an end that codes share, and has one discount ([`slot`]). Its codes are written one statement at a time
//! ([`reserve`]) or by the thousand ([`bulk_reserve`]): as many as the draws of the last hours let expect ([`forecast`]),
//! this slot's and the next one's ([`restock`]), some of them for nobody ([`canary`]). When its discount is lost, or the
//! campaign wants another, it is retired ([`retire`]). How full it is can be looked at ([`level`]).

pub(super) mod bulk_reserve;
pub(super) mod canary;
pub(super) mod forecast;
pub(super) mod level;
pub(super) mod reserve;
pub(super) mod restock;
pub(super) mod retire;
pub(super) mod slot;
