//! Files that are made while nobody waits: long exports, and the pack a merchant hands to the accountant.
//!
//! ```text
//! waiting ──begun──▶ making ──▶ ready ──a week──▶ gone    what it was and its checksum stay
//!                     │  ▲
//!                     │  └─ begun again, a few times; then: failed, with its reason
//!                     └───▶ failed
//! ```
//!
//! 1. A file is of one instant, `as_of`: two of its tables never contradict each other, however long it is made.
//! 2. It lies in pieces in the database, sealed, so that every node can hand it out. Each run writes pieces of its own, and
//!    one compare-and-set says whose count: a run that was given up leaves nothing in the file.
//! 3. Who has the link has the file, so a link is signed, names one file and ends soon; it is made anew for whoever may
//!    see the file.
//! 4. A shop has few files on their way and few that are kept; a file has a largest size.
//! 5. Of a local day there is at most one daily file, whatever runs twice and whatever the clocks do.
//! 6. One that says how recipients are reached is a merchant's alone; asking for it and fetching it are on record, and it
//!    goes when a shopper is forgotten.
//! 7. A pack holds what was restated since the pack before. So what a pack said once is never changed in silence.

mod ask;
mod daily;
mod fetch;
mod file;
mod let_go;
mod link;
mod make;
mod making;
mod pack;
mod piece;
mod readme;
mod ready;
mod routes;
mod schedule;
mod store;
mod zipped;

pub use daily::{Begin, Daily};
pub use file::{COLUMN as FILE, Entity as Files, FileId, Kind, Model as File, State};
pub use let_go::{LetGo, forget_people};
pub use link::Link;
pub use make::Make;
pub use piece::{COLUMN as PIECE, Entity as Pieces, Model as Piece};
pub use ready::FileReady;
pub use routes::{configure, configure_download};
pub use schedule::{Entity as Schedules, Model as Schedule};
