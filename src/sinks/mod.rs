//! 9. News told to others: signed webhooks to the addresses that subscribed.
//!
//! ```text
//! news of an upper room ──▶ waiting ──2xx──▶ delivered
//!                           ▲    │ anything else: later, each time longer, for about a day
//!                           └────┴──tries used up, 410, or too many waiting──▶ dead, with its reason
//! ```
//!
//! 1. A delivery is kept, with its id and its body, before it is first tried. It arrives at least once, and every try
//!    carries the same `webhook-id`.
//! 2. Bodies and signatures follow <https://www.standardwebhooks.com>.
//! 3. News of no endpoint's interest is not kept, and nothing in the rooms above waits for anybody to listen.
//! 4. An address is asked for anew at every connection, and only public ones are connected to (`address.rs`).
//! 5. One job per endpoint, one call at a time: whoever is slow rests three times as long as it took, whoever fails
//!    rests longer each time. So an endpoint holds up nobody but itself.

mod alarmed;
mod deliver;
mod delivery;
mod endpoint;
mod file_ready;
mod gone;
mod judged;
mod quiet;
mod routes;
mod sign;
mod tell;
mod went_live;

pub use alarmed::TellAlarm;
pub use deliver::Deliver;
pub use delivery::{COLUMN as DELIVERY, Entity as Deliveries, Model as Delivery, State as DeliveryState, drop_old};
pub use endpoint::{COLUMN as ENDPOINT, EndpointId, Entity as Endpoints, Failing, Model as Endpoint, failing};
pub use file_ready::TellFile;
pub use gone::forget_checkouts;
pub use judged::TellJudged;
pub use quiet::{TellAbandoned, TellWithdrawn};
pub use routes::configure;
pub use went_live::TellLive;
