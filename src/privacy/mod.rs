//! What is done about a shopper's rights: show what is held, forget it, let it age out. Each room knows how to show and
//! how to forget its own; this room calls them all.
//!
//! 1. An export is made from the data when it is asked for; no second copy lies around.
//! 2. Forgetting destroys the person's data key and contact, empties every kept body that names them, and puts stand-ins
//!    where their keyed hashes stood. Money, counts and verdicts stay to the byte: they name messages, not people.
//! 3. A second pass a minute later catches what was being written during the first; tombstones catch everything after.
//! 4. A shop that installed us again is not erased by a request from its earlier life.
//! 5. Every kind of data has a period and a reason, in one table ([`retention`]); a daily job keeps to it.
//!
//! What remains, said plainly. SQLite overwrites what is erased, in its file and its log. PostgreSQL keeps dead rows in
//! its files until a vacuum frees their room and something new is written there: usually hours, in a quiet table longer.
//! Those remains are sealed: a body under the installation's key, a contact under a key of its own that lies sealed
//! beside it. So whoever has an old copy of the files *and* the installation's key of that time could still open them;
//! rotating `RECOUP_KEY` and destroying the old one ends that, for backups too. Nodes remember a link for half a minute.

mod begin;
mod erase_shop;
mod export;
mod forget;
mod fulfil;
mod keep;
mod outcome;
mod person;
mod retention;
mod routes;
mod text;

pub use begin::{Begin, stand};
pub use fulfil::Fulfil;
pub use keep::AgeOut;
pub use retention::{CLASSES, Class};
pub use routes::configure;
