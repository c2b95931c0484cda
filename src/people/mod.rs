//! 1½. Recipients: how to reach them, and who is the same person.
//!
//! 1. A person's contact is sealed under a key of their own; destroying it forgets them.
//! 2. They are recognised by keyed hashes and Shopify's number of the shopper, by one rule ([`compare`]).
//! 3. One phone or WhatsApp user id is one recipient of a shop, whatever key a platform has for them.
//! 4. Addresses that WhatsApp says are one person's count as that person's, whenever it says so ([`Pairs`]).
//! 5. Consent is the platform's to ask for: whoever it names has agreed there. Who was forgotten and is named again is
//!    somebody new to us.

mod address;
mod contact;
mod forget;
mod identify;
mod opt_out;
mod pairs;
mod person;
mod recipient;
mod same;
mod sealed;

pub use address::{Address, AddressKind};
pub use contact::{ContactError, NewRecipient};
pub use forget::forget_addresses;
pub use identify::identify;
pub use opt_out::{
    Choice, Model as OptOut, Wish, WishSource, record_wishes, standing, wished_between, wishes_of, wishes_of_recipient,
};
pub use pairs::{Pairs, pair};
pub use person::{destroy_contacts, forget, is_forgotten, recipients_of};
pub use recipient::{
    COLUMN as RECIPIENT, Column as RecipientColumn, Entity as Recipients, Model as Recipient, RecipientId,
};
pub use same::{Compared, Fact, Known, compare};
pub use sealed::Contact;
