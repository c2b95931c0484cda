//! 3. Redeem codes: one recipient, one code.
//!
//! ```text
//! reserved ──▶ pushed ──▶ imported ──▶ issued ──▶ redeemed
//!    ▲           │           (pool)       │
//!    └─ TAKEN ───┘             │          ├──▶ expired
//!                              ▼          └──▶ revoking ──▶ revoked
//!                           canary
//! ```
//!
//! Every arrow is a compare-and-set and leaves its instant. An order redeems a code from any state.
//!
//! 1. One Shopify discount at a time per campaign and expiry slot; under it many codes, each good once (`usageLimit: 1`
//!    counts per code, not per discount). Codes that end to the second, and replacements, have their own discount each.
//! 2. A code is written here before Shopify hears of it, so an unknown outcome is looked up by the code's own text.
//! 3. What the merchant does to a discount of ours in the admin is noticed, shown and never overwritten; codes that
//!    would not work are not handed out.
//! 4. Only a code that Shopify has imported is shown to anybody. When the pool is empty a code is *promised*: reserved
//!    for one recipient, and issued the moment it is imported.
//! 5. Shopify takes a code at least until the instant its recipient was told. With a clock that starts at delivery that
//!    instant is known then, and lies no later than what Shopify takes.
//!
//! Files import downwards: verbs and jobs → `shopify/` → `pool/` → entities → ids. Rows are written before a call and
//! apart from it, so whatever only writes rows knows nothing of Shopify.

// What there is: entities, and the ids by which they name one another.
mod discount;
mod doubted;
mod id;
mod redeem_code;
mod redemption;
mod revocation;

// Kept ready before anybody is drawn.
mod generate;
mod on_hand;
mod pool;
mod refill;

// What Shopify is asked for and holds.
mod shopify;

// Handed out, and what becomes of it then.
mod delivered;
mod expected;
mod expire;
mod issue;
mod redeem;
mod revoke;

// In the wrong hands.
mod leaks;

// Told and shown, and what begins with the shop.
mod begin;
mod news;
mod progress;
mod routes;

pub use begin::Begin;
pub use delivered::{EndMoved, delivered};
pub use discount::{COLUMN as DISCOUNT, Difference, Entity as Discounts};
pub use expected::expected_at;
pub use expire::Expire;
pub use generate::{draw as draw_code, fold};
pub use id::{AlarmId, DiscountId, RedeemCodeId};
pub use issue::{issue, replacement};
pub use leaks::alarm::open_alarms;
pub use leaks::radar::{Kind as AlarmKind, SeenOn, sight, tried};
pub use news::{Alarmed, WentLive};
pub use on_hand::on_hand;
pub use pool::bulk_reserve::bulk_reserve;
pub use pool::level::{Level as PoolLevel, MOST_COUNTED as MOST_CODES_COUNTED, levels, levels_of_all};
pub use redeem::{Use, named as codes_named, redeem};
pub use redeem_code::{
    COLUMN as CODE, Column as CodeColumn, Entity as RedeemCodes, Model as RedeemCode, Stage as CodeStage, State,
    in_somebodys_hands,
};
pub use redemption::{COLUMN as REDEMPTION, Column as RedemptionColumn, Entity as Redemptions, Model as Redemption};
pub use refill::Refill;
pub use revocation::{Entity as Revocations, Model as Revocation, Reason as RevokeReason, Revoke, revoked_since};
pub use revoke::{RevokeError, revoke, revoke_campaign};
pub use routes::{AlarmView, RevokedCode, alarm_view, configure};
pub use shopify::drift::{DriftCheck, DriftKind, DriftNotice, check_drift, drift_notices};
pub use shopify::follow::FollowCampaign;
pub use shopify::own_discount::OwnDiscounts;
