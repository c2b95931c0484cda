//! How we speak HTTP: problems, bodies, pages, request ids. Knows no room.

pub mod assets;
mod body;
mod error_page;
mod etag;
mod framing;
mod measured;
mod methods;
pub mod page;
mod problem;
mod reach;
mod request_id;
mod small;
mod texts;
mod wire;
mod zero_byte;

pub use body::{ApiJson, ApiQuery, Entry, limits, read_body};
pub use error_page::{navigates, with_error_pages};
pub use etag::with_etag;
pub use measured::{answered, measured};
pub use methods::{Methods, answer_head, nothing_here};
pub use problem::{Problem, Result};
pub use reach::{AddressError, Reach};
pub use request_id::{request_id, with_request_id};
pub use small::{mark_small, unmark_small};
pub use texts::{NoAnswer, texts};
pub use wire::Wire;
pub use zero_byte::refuse_zero_bytes;
