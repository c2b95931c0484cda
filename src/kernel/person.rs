//! A person as the rooms know them: Shopify's ids and keyed hashes, never a name, a phone or an e-mail.

use std::collections::BTreeSet;

use sea_orm::entity::prelude::*;

use super::secret::hmac_sha256;

/// Who somebody is, in every form a room may know them by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Person {
    /// Shopify's customer ids.
    pub customers: BTreeSet<i64>,
    /// Keyed hashes of phones.
    pub phones: BTreeSet<String>,
    /// Keyed hashes of e-mail addresses.
    pub emails: BTreeSet<String>,
    /// Keyed hashes of WhatsApp user ids.
    pub users: BTreeSet<String>,
}

impl Person {
    /// Learns phones and e-mails of the same person. Stand-ins name nobody and teach nothing.
    pub fn learn<'a>(
        &mut self,
        phones: impl IntoIterator<Item = &'a String>,
        emails: impl IntoIterator<Item = &'a String>,
    ) {
        self.phones.extend(phones.into_iter().filter(|hash| !StandIn::is_one(hash)).cloned());
        self.emails.extend(emails.into_iter().filter(|hash| !StandIn::is_one(hash)).cloned());
    }

    /// Whether a hash is of a phone or a WhatsApp user id of theirs.
    pub fn holds(&self, hash: &str) -> bool {
        self.phones.contains(hash) || self.users.contains(hash)
    }

    /// Hashes of their phones and e-mail addresses.
    pub fn hashes(&self) -> Vec<String> {
        self.phones.iter().chain(&self.emails).cloned().collect()
    }
}

/// What a hash was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::None)", rename_all = "snake_case")]
pub enum ContactKind {
    /// A phone.
    Phone,
    /// An e-mail address.
    Email,
    /// A phone that stands only with the delivery address ([`Contacts::delivery`]).
    Delivery,
}

/// Keyed hashes of everything by which an order or a checkout names somebody, each once, the nearest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    /// Of phones: its own, the account's, those of addresses.
    pub phones: Vec<String>,
    /// Of e-mail addresses.
    pub emails: Vec<String>,
    /// Of phones that stand only with the delivery address while others stand elsewhere. They recognise people as all
    /// others do; but a present may go there, so whoever is asked about by the order is not also this one.
    pub delivery: Vec<String>,
}

impl Contacts {
    /// Whether it names nobody.
    pub fn is_empty(&self) -> bool {
        self.phones.is_empty() && self.emails.is_empty() && self.delivery.is_empty()
    }

    /// Each hash with what it was made of.
    pub fn each(&self) -> impl Iterator<Item = (ContactKind, &String)> {
        let phones = self.phones.iter().map(|hash| (ContactKind::Phone, hash));
        let emails = self.emails.iter().map(|hash| (ContactKind::Email, hash));
        phones.chain(emails).chain(self.delivery.iter().map(|hash| (ContactKind::Delivery, hash)))
    }

    /// Adds a hash that is not there yet.
    pub fn add(&mut self, kind: ContactKind, hash: String) {
        let known = match kind {
            ContactKind::Phone => &mut self.phones,
            ContactKind::Email => &mut self.emails,
            ContactKind::Delivery => &mut self.delivery,
        };
        if !known.contains(&hash) {
            known.push(hash);
        }
    }

    /// All phones.
    pub fn any_phone(&self) -> impl Iterator<Item = &String> {
        self.phones.iter().chain(&self.delivery)
    }
}

/// Puts something that names nobody in the place of a keyed hash.
///
/// Equal hashes get equal stand-ins, so rows of one forgotten person still agree with each other and differ from
/// everybody else's: every verdict that compared them comes out the same. The key hangs on the request that asked, and
/// is gone with it; then nothing leads from the person to the stand-in.
#[derive(Clone)]
pub struct StandIn([u8; 32]);

/// How a stand-in begins; no hash begins so.
const GONE: &str = "gone.";

impl StandIn {
    /// Stand-ins under a key that will be destroyed.
    pub fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// What stands in for a hash; a stand-in stays itself.
    pub fn of(&self, hash: &str) -> String {
        if Self::is_one(hash) {
            return hash.to_owned();
        }
        format!("{GONE}{}", hex::encode(hmac_sha256(&self.0, &[hash.as_bytes()])))
    }

    /// What stands in for a shopper's account: below zero, as no number of Shopify's is. A stand-in stays itself.
    pub fn of_account(&self, id: i64) -> i64 {
        if id < 0 {
            return id;
        }
        let digest = hmac_sha256(&self.0, &[b"account", &id.to_be_bytes()]);
        i64::from_be_bytes(std::array::from_fn(|n| digest[n])) | i64::MIN
    }

    /// Whether a text is a stand-in.
    pub fn is_one(text: &str) -> bool {
        text.starts_with(GONE)
    }
}

impl std::fmt::Debug for StandIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StandIn(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stand_ins_agree_with_each_other_and_with_nothing_else() {
        let (one, other) = (StandIn::new([1; 32]), StandIn::new([2; 32]));
        assert_eq!(one.of("a"), one.of("a"));
        assert_ne!(one.of("a"), one.of("b"));
        assert_ne!(one.of("a"), other.of("a"));
        assert_eq!(other.of(&one.of("a")), one.of("a"), "forgetting twice changes nothing");
        assert_eq!(one.of_account(7), one.of_account(7));
        assert!(
            one.of_account(7) < 0 && one.of_account(7) != one.of_account(8) && one.of_account(7) != other.of_account(7)
        );
        assert_eq!(other.of_account(one.of_account(7)), one.of_account(7));
        let mut person = Person::default();
        person.learn([&one.of("a")], [&"e".to_owned()]);
        assert_eq!((person.phones.len(), person.emails.len()), (0, 1));
    }
}
