//! What Shopify holds of ours: discounts made, their codes imported, what differs, what is ended.

pub(super) mod batch;
pub(super) mod desired;
pub(super) mod drift;
pub(super) mod follow;
pub(super) mod own_discount;
pub(super) mod push;
