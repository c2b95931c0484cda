//! 3. Redeem codes: one recipient, one code.
//!
//! ```text
//! reserved ──▶ pushed ──▶ imported ──▶ issued ──▶ redeemed
//!    ▲           │           (pool)       │
//!    └─ TAKEN ───┘                        ├──▶ expired
//!                                         └──▶ revoked
//! ```
//!
//! 1. One Shopify discount at a time per campaign and expiry slot; under it many codes, each good once (`usageLimit: 1`
//!    counts per code, not per discount).
//! 2. A code is written here before Shopify hears of it, so an unknown outcome is looked up by the code's own text.
//! 3. What the merchant does to a discount of ours in the admin is noticed, shown and never overwritten; codes that
//!    would not work are not handed out.
//! 4. Only a code that Shopify has imported is shown to anybody. When the pool is empty a code is *promised*: reserved
//!    for one recipient, and issued the moment it is imported.

mod discount;
mod fill;
mod generate;
mod issue;
mod noticed;
mod push;
mod redeem;
mod redeem_code;
mod retire;
mod wanted;

pub use discount::{COLUMN as DISCOUNT, Entity as Discounts};
pub use generate::fold;
pub use issue::issue;
pub use noticed::{Difference, Heard, Notice, NoticeKind, Noticed, heard, notices};
pub use redeem::redeem;
pub use redeem_code::{
    COLUMN as CODE, Column as CodeColumn, Entity as RedeemCodes, Model as RedeemCode, RedeemCodeId, State,
};
