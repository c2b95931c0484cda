//! Who is the same person: the one rule, over Shopify's numbers and keyed hashes. Pure.
//!
//! 1. Two sides are the same person *directly* when any fact of one equals a fact of the same kind of the other. That a
//!    third side agrees with both does not make them one here.
//! 2. They are *known* to be different people only where a phone or an e-mail is known on both sides and nothing agrees.
//!    Of what is known on one side alone nothing follows.
//! 3. A side tells only what may count: whoever leaves a kind out does not want it compared.
//! 4. Stand-ins of the forgotten are facts as all others: they agree with each other, and with nobody who comes later.

use std::collections::HashMap;

use crate::kernel::Contacts;

/// A kind of fact, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// Shopify's number of the shopper.
    Shopper,
    /// The keyed hash of a phone.
    Phone,
    /// The keyed hash of an e-mail address.
    Email,
    /// The keyed hash of a WhatsApp user id.
    User,
}

/// What is known of one side.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known<'a> {
    /// Shopify's numbers of the shopper.
    pub shoppers: &'a [i64],
    /// Hashes of phones.
    pub phones: &'a [String],
    /// Hashes of phones that are told apart from those ([`Contacts::delivery`]), and recognise people as they do.
    pub delivery: &'a [String],
    /// Hashes of e-mail addresses.
    pub emails: &'a [String],
    /// Hashes of WhatsApp user ids.
    pub users: &'a [String],
}

impl<'a> Known<'a> {
    /// Whom an order, a checkout or a request names.
    pub fn named(contacts: &'a Contacts, shopper: &'a Option<i64>) -> Self {
        let Contacts { phones, emails, delivery } = contacts;
        Self { shoppers: shopper.as_slice(), phones, delivery, emails, users: &[] }
    }

    /// All phones.
    fn any_phone(&self) -> impl Iterator<Item = &'a String> + Clone {
        self.phones.iter().chain(self.delivery)
    }
}

/// What two sides say of each other, by kind of fact. `None`: not known on both sides; else whether they agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Shopify's number.
    pub shopper: Option<bool>,
    /// A phone.
    pub phone: Option<bool>,
    /// An e-mail address.
    pub email: Option<bool>,
    /// A WhatsApp user id.
    pub user: Option<bool>,
}

/// Holds what is known of two sides against each other.
pub fn compare(one: &Known<'_>, other: &Known<'_>) -> Compared {
    Compared {
        shopper: agree(one.shoppers.iter(), other.shoppers.iter()),
        phone: agree(one.any_phone(), other.any_phone()),
        email: agree(one.emails.iter(), other.emails.iter()),
        user: agree(one.users.iter(), other.users.iter()),
    }
}

fn agree<'a, 'b, T: PartialEq + 'a + 'b>(
    mut one: impl Iterator<Item = &'a T> + Clone,
    other: impl Iterator<Item = &'b T> + Clone,
) -> Option<bool> {
    let both = one.clone().next().is_some() && other.clone().next().is_some();
    both.then(|| one.any(|fact| other.clone().any(|theirs| theirs == fact)))
}

impl Compared {
    /// The surest fact by which they are the same person, if they are.
    pub fn by(&self) -> Option<Fact> {
        let facts = [
            (self.shopper, Fact::Shopper),
            (self.phone, Fact::Phone),
            (self.email, Fact::Email),
            (self.user, Fact::User),
        ];
        facts.into_iter().find_map(|(agrees, fact)| (agrees == Some(true)).then_some(fact))
    }

    /// Whether they are the same person, directly.
    pub fn same(&self) -> bool {
        self.by().is_some()
    }

    /// Whether they are known to be different people.
    pub fn somebody_else(&self) -> bool {
        (self.phone.is_some() || self.email.is_some()) && !self.same()
    }
}

/// Many people, to find the one who is the same person as somebody: [`Compared::same`] without comparing with each.
#[derive(Debug)]
pub struct Index<T> {
    shoppers: HashMap<i64, T>,
    hashes: HashMap<(Fact, String), T>,
}

impl<T> Default for Index<T> {
    fn default() -> Self {
        Self { shoppers: HashMap::new(), hashes: HashMap::new() }
    }
}

impl<T: Copy> Index<T> {
    /// Adds somebody by everything that is known of them.
    pub fn add(&mut self, known: &Known<'_>, who: T) {
        self.shoppers.extend(known.shoppers.iter().map(|number| (*number, who)));
        let hashes = known.any_phone().map(|hash| (Fact::Phone, hash));
        let hashes = hashes.chain(known.emails.iter().map(|hash| (Fact::Email, hash)));
        let hashes = hashes.chain(known.users.iter().map(|hash| (Fact::User, hash)));
        self.hashes.extend(hashes.map(|(fact, hash)| ((fact, hash.clone()), who)));
    }

    /// Who is the same person, by the surest fact there is.
    pub fn find(&self, known: &Known<'_>) -> Option<T> {
        let by = |fact: Fact, hash: &String| self.hashes.get(&(fact, hash.clone())).copied();
        let shopper = known.shoppers.iter().find_map(|number| self.shoppers.get(number)).copied();
        shopper
            .or_else(|| known.any_phone().find_map(|hash| by(Fact::Phone, hash)))
            .or_else(|| known.emails.iter().find_map(|hash| by(Fact::Email, hash)))
            .or_else(|| known.users.iter().find_map(|hash| by(Fact::User, hash)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::StandIn;
    use proptest::prelude::*;

    /// A side as one writes it: numbers, phones, delivery phones, e-mails, users.
    #[derive(Clone, Debug, Default)]
    struct Side(Vec<i64>, [Vec<String>; 4]);

    impl Side {
        fn known(&self) -> Known<'_> {
            let [phones, delivery, emails, users] = &self.1;
            Known { shoppers: &self.0, phones, delivery, emails, users }
        }
    }

    fn side(shoppers: &[i64], hashes: [&[&str]; 4]) -> Side {
        Side(shoppers.to_vec(), hashes.map(|all| all.iter().map(|&hash| hash.to_owned()).collect()))
    }

    fn compared(one: &Side, other: &Side) -> Compared {
        let there = compare(&one.known(), &other.known());
        assert_eq!(there, compare(&other.known(), &one.known()), "neither side comes first");
        there
    }

    #[test]
    fn any_of_several_contacts_makes_the_same_person() {
        let order = side(&[7], [&["p1", "p2"], &["p3"], &["e1", "e2"], &[]]);
        for (recipient, by) in [
            (side(&[7], [&["other"], &[], &["other"], &[]]), Fact::Shopper),
            (side(&[8], [&["p2"], &[], &["other"], &[]]), Fact::Phone),
            (side(&[], [&["p3"], &[], &["e1"], &[]]), Fact::Phone),
            (side(&[], [&[], &["p1"], &[], &[]]), Fact::Phone),
            (side(&[8], [&["other", "another"], &[], &["other", "e2"], &["u"]]), Fact::Email),
        ] {
            let compared = compared(&order, &recipient);
            assert_eq!(compared.by(), Some(by), "{recipient:?}");
            assert!(compared.same() && !compared.somebody_else());
        }
        let by_user = compared(&side(&[], [&["p"], &[], &[], &["u", "v"]]), &side(&[], [&["q"], &[], &[], &["v"]]));
        assert_eq!((by_user.by(), by_user.phone), (Some(Fact::User), Some(false)));
        assert!(!by_user.somebody_else());
    }

    #[test]
    fn somebody_else_is_known_by_a_kind_of_contact_both_have() {
        let order = side(&[7], [&["p1", "p2"], &[], &["e1"], &[]]);
        for recipient in [
            side(&[], [&["q"], &[], &[], &[]]),
            side(&[8], [&[], &[], &["f", "g"], &[]]),
            side(&[], [&["q"], &[], &["f"], &["u"]]),
        ] {
            assert!(compared(&order, &recipient).somebody_else(), "{recipient:?}");
        }
        // Another account alone says nothing: people have several. Nor does a user id.
        for recipient in [side(&[8], [&[], &[], &[], &[]]), side(&[], [&[], &[], &[], &["u"]])] {
            let compared = compared(&side(&[7], [&[], &[], &[], &["v"]]), &recipient);
            assert!(!compared.somebody_else() && !compared.same(), "{recipient:?}");
        }
    }

    #[test]
    fn nothing_follows_from_what_one_side_alone_knows() {
        let nobody = Side::default();
        let phone_only = side(&[], [&["p"], &[], &[], &[]]);
        let email_only = side(&[7], [&[], &[], &["e"], &["u"]]);
        for (one, other) in [(&nobody, &nobody), (&nobody, &email_only), (&phone_only, &email_only)] {
            let compared = compared(one, other);
            assert_eq!(compared, Compared::default());
            assert!(!compared.same() && !compared.somebody_else());
        }
        // The same text of another kind is another fact.
        assert!(!compared(&side(&[], [&["x"], &[], &[], &[]]), &side(&[], [&[], &[], &["x"], &["x"]])).same());
    }

    #[test]
    fn the_forgotten_stay_themselves_and_are_nobody_who_comes_later() {
        let (gone, later) = (StandIn::new([1; 32]), StandIn::new([2; 32]));
        let forget = |side: &Side, by: &StandIn| {
            let numbers = side.0.iter().map(|number| by.of_account(*number)).collect();
            Side(numbers, side.1.clone().map(|all| all.iter().map(|hash| by.of(hash)).collect()))
        };
        let (order, recipient) = (side(&[7], [&["p"], &[], &["e"], &[]]), side(&[], [&["p"], &[], &["f"], &[]]));
        let before = compared(&order, &recipient);
        assert_eq!(compared(&forget(&order, &gone), &forget(&recipient, &gone)), before);
        // Whoever comes back with the same phone, and whoever was forgotten by another request.
        for other in [recipient.clone(), forget(&recipient, &later)] {
            let compared = compared(&forget(&order, &gone), &other);
            assert!(!compared.same() && compared.somebody_else());
        }
    }

    #[test]
    fn a_third_who_agrees_with_both_makes_nobody_the_same() {
        let (one, other) = (side(&[], [&["p"], &[], &[], &[]]), side(&[], [&[], &[], &["e"], &[]]));
        let third = side(&[], [&["p"], &[], &["e"], &[]]);
        assert!(compared(&one, &third).same() && compared(&third, &other).same() && !compared(&one, &other).same());
    }

    fn any_side() -> impl Strategy<Value = Side> {
        let hashes = || prop::collection::vec("[a-d]", 0..3);
        (prop::collection::vec(0..4_i64, 0..2), [hashes(), hashes(), hashes(), hashes()])
            .prop_map(|(shoppers, hashes)| Side(shoppers, hashes))
    }

    proptest! {
        #[test]
        fn an_index_finds_whom_comparing_with_each_finds(all in prop::collection::vec(any_side(), 0..5), one in any_side()) {
            let mut index = Index::default();
            all.iter().enumerate().for_each(|(n, side)| index.add(&side.known(), n));
            match index.find(&one.known()) {
                Some(n) => prop_assert!(compare(&one.known(), &all[n].known()).same()),
                None => prop_assert!(!all.iter().any(|side| compare(&one.known(), &side.known()).same())),
            }
        }
    }
}
