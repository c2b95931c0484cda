//! What codes, their discounts and alarms are known by. Entities name one another by them and import nothing else of the
//! room.

crate::uuid_id!(
    /// A redeem code.
    RedeemCodeId
);

crate::uuid_id!(
    /// A discount of ours at Shopify.
    DiscountId
);

crate::uuid_id!(
    /// An alarm of the leak radar.
    AlarmId
);
