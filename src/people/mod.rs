//! 1½. Recipients: how to reach them, and who is the same person.
//!
//! 1. A person's contact is sealed under a key of their own; destroying it forgets them.
//! 2. They are recognised by keyed hashes and Shopify's number of the shopper, by one rule ([`compare`]).
//! 3. One phone or WhatsApp user id is one recipient of a shop, whatever key a platform has for them.
//! 4. Consent is the platform's to ask for: whoever it names has agreed there. Who was forgotten and is named again is
//!    somebody new to us.

mod contact;
mod identify;
mod person;
mod recipient;
mod same;
mod sealed;

pub use contact::{ContactError, NewRecipient};
pub use identify::identify;
pub use person::{destroy_contacts, forget, is_forgotten, recipients_of};
pub use recipient::{
    COLUMN as RECIPIENT, Column as RecipientColumn, Entity as Recipients, Model as Recipient, RecipientId,
};
pub use same::{Compared, Fact, Known, compare};
pub use sealed::Contact;
