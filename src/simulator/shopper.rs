//! The people of the pretend world, and what they carry in their pockets.

use crate::kernel::Currency;

use super::browser::Kept;
use super::dice::{Luck, dice};
use super::journey::Seen;
use super::shopify::order::Buyer;
use super::state::State;

const FIRST: [&str; 16] = [
    "Ana", "Ben", "Clara", "David", "Eva", "Felix", "Greta", "Hannes", "Ida", "Jonas", "Klara", "Lukas", "Mila",
    "Nora", "Oskar", "Paula",
];
const LAST: [&str; 12] = [
    "Gruber", "Huber", "Bauer", "Wagner", "Pichler", "Steiner", "Moser", "Mayer", "Hofer", "Leitner", "Berger", "Fuchs",
];

/// Phones the shoppers hold, as they present themselves.
const PHONES: [&str; 4] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0.0.0 Mobile/15E148 Safari/604.1",
];

/// How WhatsApp's preview fetcher presents itself.
pub(super) const PREVIEW: &str = "WhatsApp/2.24.20.89 A";

/// A known customer.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub key: String,
    pub buyer: Buyer,
    pub bsuid: String,
    /// What the platform knows the person by: the phone, or only the business-scoped id.
    pub reachable_by_phone: bool,
    /// Sends read receipts.
    pub receipts: bool,
    pub user_agent: &'static str,
    pub blocks_scripts: bool,
    /// Pays in another currency.
    pub foreign: Option<(Currency, i64)>,
    /// The latest message with a link: its recipient number.
    pub last_message: Option<usize>,
    /// What the pixel remembers in the person's browser.
    pub kept: Option<Kept>,
    /// What Shopify saw of the person's visits.
    pub visits: Vec<Seen>,
}

fn austrian(number: u64) -> String {
    format!("+43660{:07}", 1_000_003 + number * 313)
}

fn german(number: u64) -> String {
    format!("+49151{:08}", 20_000_017 + number * 5_003)
}

/// Person number n; the same for the same seed.
pub(super) fn person(seed: u64, number: u64, presentment: &[(Currency, i64)]) -> Person {
    let mut luck = dice(seed, "person", number);
    let (first, last) = (*luck.one_of(&FIRST), *luck.one_of(&LAST));
    let german_one = luck.happens(0.3);
    let phone = if german_one { german(number) } else { austrian(number) };
    let country = if german_one { "DE" } else { "AT" };
    let email =
        luck.happens(0.9).then(|| format!("{}.{}{number}@example.com", first.to_lowercase(), last.to_lowercase()));
    let foreign = (!presentment.is_empty() && luck.happens(0.04)).then(|| *luck.one_of(presentment));
    let bsuid = format!(
        "{country}.{}",
        100_000_000_000_000_000_u64 + number * 7_777_777_777 + luck.between(0, 7_777).unsigned_abs()
    );
    let buyer = Buyer {
        customer_id: Some(7_358_220_000_000 + i64::try_from(number).unwrap_or(0) * 11),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        email,
        phone: Some(phone),
    };
    Person {
        key: format!("crm-{number}"),
        buyer,
        bsuid,
        reachable_by_phone: !luck.happens(0.04),
        receipts: luck.happens(0.7),
        user_agent: luck.one_of::<&'static str>(&PHONES),
        blocks_scripts: luck.happens(0.25),
        foreign,
        last_message: None,
        kept: None,
        visits: Vec::new(),
    }
}

/// Somebody nobody knows yet.
pub(super) fn stranger(seed: u64, number: u64) -> Person {
    let mut someone = person(seed, 5_000 + number % 9_000, &[]);
    let mut luck = dice(seed, "stranger", number);
    someone.key = format!("guest-{number}");
    someone.buyer.customer_id = Some(7_400_000_000_000 + i64::try_from(number).unwrap_or(0) * 11);
    someone.buyer.email = Some(format!("guest{number}@example.org"));
    someone.buyer.phone = luck.happens(0.4).then(|| austrian(14_000 + number % 14_000));
    someone
}

/// Who does something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// A known customer, by number.
    Known(usize),
    /// A stranger, by number.
    Stranger(u64),
}

impl State {
    /// The person behind a number.
    pub fn who(&self, who: Who) -> Person {
        match who {
            Who::Known(number) if number < self.people.len() => self.people[number].clone(),
            Who::Known(number) => stranger(self.seed, number as u64),
            Who::Stranger(number) => stranger(self.seed, number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_can_be_dialled() {
        for number in [0, 1, 7, 499, 1_499, 4_999] {
            for text in [austrian(number), german(number)] {
                assert!(crate::kernel::Phone::parse(&text, None).is_some(), "{text}");
            }
        }
        assert!(crate::kernel::Phone::parse(&austrian(27_500), None).is_some());
    }
}
