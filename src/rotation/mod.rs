//! Keys rotate while the system runs: what the previous root key sealed is sealed anew under the current one.
//!
//! ```text
//! 1  every node: RECOUP_KEY = old, RECOUP_PREVIOUS_KEY = new     all can open both; all still seal with the old one
//! 2  every node: RECOUP_KEY = new, RECOUP_PREVIOUS_KEY = old     new values are sealed with the new one; a job per shop
//!                                                                seals the others anew
//! 3  `recoup doctor` counts none under the previous key          RECOUP_PREVIOUS_KEY may go
//! ```
//!
//! One node may skip step 1. With several, a node that has not been restarted yet must open what its neighbours seal.
//!
//! 1. Everything that is sealed under the root key stands in one list, [`SEALED`]; a test compares it with every column
//!    name that is handed to a seal. What is sealed under a key of its own (a recipient's contact) is covered by that
//!    key, which is sealed here.
//! 2. A value is replaced only as long as it is still the one that was read, so that nothing written meanwhile, and
//!    nothing erased, comes back.
//! 3. The work is found by looking, not remembered: it may be killed anywhere and run again.

mod reseal;
mod sealed;

pub use reseal::{Reseal, stand};
pub use sealed::{Count, SEALED, count};
