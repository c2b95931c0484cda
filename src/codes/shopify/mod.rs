//! What Shopify is asked for and holds of ours.
//!
//! A campaign wants a discount to be so ([`desired`]); it is made, and the slot's codes follow ([`push`]) in batches
//! ([`batch`]), or there is one for a single code ([`own_discount`]). It follows its campaign until it is ended
//! ([`follow`]), and what the merchant does to it meanwhile is noticed ([`drift`]). Codes that were taken back are deleted
//! ([`delete`]).

pub(super) mod batch;
pub(super) mod delete;
pub(super) mod desired;
pub(super) mod drift;
pub(super) mod follow;
pub(super) mod own_discount;
pub(super) mod push;
