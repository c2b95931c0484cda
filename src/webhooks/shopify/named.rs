//! Whom an order or checkout names, and where: its own phone and e-mail, the account's, the addresses'.

use serde::Deserialize;

use super::Arrived;
use super::lenient;
use crate::kernel::{Contacts, Email, Phone};

/// The account behind an order or checkout.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Customer {
    #[serde(deserialize_with = "lenient::whole")]
    pub id: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    pub phone: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub email: Option<String>,
    #[serde(deserialize_with = "lenient::object")]
    pub default_address: Option<Address>,
}

/// What an address tells of a person: a phone, and the country it stands in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Address {
    #[serde(deserialize_with = "lenient::text")]
    phone: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    country_code: Option<String>,
}

/// Everything by which an order or checkout names people.
#[derive(Default)]
pub(super) struct Named<'a> {
    pub phone: Option<&'a str>,
    pub emails: [Option<&'a str>; 2],
    pub customer: Option<&'a Customer>,
    pub billing: Option<&'a Address>,
    pub shipping: Option<&'a Address>,
}

impl Named<'_> {
    /// As keyed hashes.
    pub fn contacts(&self, arrived: &Arrived<'_>) -> Contacts {
        let mut contacts = Contacts::default();
        let home = self.customer.and_then(|customer| customer.default_address.as_ref());
        // A number without an address of its own: the countries the order names are nearer to it than the shop's.
        let countries = [self.billing, self.shipping, home].into_iter().flatten().filter_map(Address::country);
        let countries: Vec<&str> = countries.chain(arrived.country).collect();
        for text in [self.phone, self.customer.and_then(|customer| customer.phone.as_deref())].into_iter().flatten() {
            let read = countries.iter().find_map(|country| Phone::read(text, Some(country)));
            learn(&mut contacts.phones, read.or_else(|| Phone::read(text, None)), arrived);
        }
        for address in [self.billing, home].into_iter().flatten() {
            learn(&mut contacts.phones, address.phone(arrived), arrived);
        }
        learn(&mut contacts.delivery, self.shipping.and_then(|address| address.phone(arrived)), arrived);
        contacts.delivery.retain(|hash| !contacts.phones.contains(hash));
        if contacts.phones.is_empty() {
            std::mem::swap(&mut contacts.phones, &mut contacts.delivery);
        }
        let account = self.customer.and_then(|customer| customer.email.as_deref());
        for email in self.emails.into_iter().chain([account]).flatten().filter_map(|text| text.parse::<Email>().ok()) {
            let hash = arrived.vault.lookup(arrived.shop, "email", email.normalised());
            if !contacts.emails.contains(&hash) {
                contacts.emails.push(hash);
            }
        }
        contacts
    }
}

impl Address {
    fn country(&self) -> Option<&str> {
        self.country_code.as_deref()
    }

    fn phone(&self, arrived: &Arrived<'_>) -> Option<Phone> {
        let text = self.phone.as_deref()?;
        match self.country() {
            Some(country) => Phone::in_country(text, country),
            None => Phone::read(text, arrived.country),
        }
    }
}

fn learn(known: &mut Vec<String>, phone: Option<Phone>, arrived: &Arrived<'_>) {
    for hash in phone.iter().flat_map(|phone| phone.hashes(arrived.vault, arrived.shop)) {
        if !known.contains(&hash) {
            known.push(hash);
        }
    }
}
