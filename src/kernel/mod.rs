//! Values without I/O: time, chance, ids, money, phones, persons, secrets.
//!
//! Everything here is pure or driven by what the caller hands in, so that ninety days can be lived in seconds and
//! lived again exactly the same way.

pub mod chance;
pub mod clock;
pub mod email;
pub mod id;
mod keyed;
pub mod money;
pub mod person;
pub mod phone;
pub mod secret;
pub mod text;

pub use chance::{Chance, Stream};
pub use clock::{Clock, Day, Timestamp};
pub use email::Email;
pub use money::{Currency, Money, MoneyError, Price};
pub use person::{ContactKind, Contacts, Person, StandIn};
pub use phone::Phone;
pub use secret::Vault;
