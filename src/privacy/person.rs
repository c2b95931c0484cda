//! Whom a request is about, and everything the rooms hold of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DbErr};
use serde_json::Value;

use crate::campaigns::{self, Draw};
use crate::checkouts::{self, Checkout};
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Contacts, Email, Person, Phone, StandIn, Timestamp, Vault};
use crate::messages::{self, Message};
use crate::orders::{self, Order, OrderId};
use crate::people::{self, Address, AddressKind, Known, Pairs, Recipient};
use crate::shops::Shop;
use crate::tombstones::{Marker, Thing};

/// Whom a request names, as its payload says. Never printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// Shopify's customer id.
    pub customer: Option<i64>,
    /// As Shopify writes it; may be missing.
    pub phone: Option<String>,
    /// As Shopify writes it; may be missing.
    pub email: Option<String>,
    /// Orders it is about.
    pub orders: BTreeSet<i64>,
}

impl Subject {
    /// Reads a payload of `customers/data_request` or `customers/redact`; why it cannot be read, in words.
    pub fn read(payload: &[u8]) -> Result<Self, &'static str> {
        let body: Value = serde_json::from_slice(payload).map_err(
            |_| "Shopify's request is not JSON, so nobody knows whom it is about. Ask Shopify to send it again.",
        )?;
        let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
        let text = |value: &Value| value.as_str().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let customer = &body["customer"];
        let orders = [&body["orders_requested"], &body["orders_to_redact"]];
        let subject = Self {
            customer: number(&customer["id"]),
            phone: text(&customer["phone"]),
            email: text(&customer["email"]),
            orders: orders.into_iter().filter_map(Value::as_array).flatten().filter_map(number).collect(),
        };
        if subject == Self::default() {
            return Err(
                "Shopify's request names no customer, phone, e-mail or order we can read. Ask Shopify to send it again.",
            );
        }
        Ok(subject)
    }

    /// Keyed hashes of what it names them by.
    fn contacts(&self, vault: &Vault, shop: &Shop) -> Contacts {
        let phone = self.phone.as_deref().and_then(|text| Phone::read(text, shop.country.as_deref()));
        let email = self.email.as_deref().and_then(|text| text.parse::<Email>().ok());
        Contacts {
            phones: phone.iter().flat_map(|phone| phone.hashes(vault, shop.shop_id)).collect(),
            emails: email.iter().map(|email| vault.lookup(shop.shop_id, "email", email.normalised())).collect(),
            delivery: Vec::new(),
        }
    }

    /// The same person as the rooms know them.
    pub fn person(&self, vault: &Vault, shop: &Shop) -> Person {
        let Contacts { phones, emails, .. } = self.contacts(vault, shop);
        let mut person = Person::default();
        person.customers.extend(self.customer);
        person.phones.extend(phones);
        person.emails.extend(emails);
        person
    }

    /// Whether both mean the same person.
    pub fn same(&self, other: &Self, vault: &Vault, shop: &Shop) -> bool {
        let (ours, theirs) = (self.contacts(vault, shop), other.contacts(vault, shop));
        people::compare(&Known::named(&ours, &self.customer), &Known::named(&theirs, &other.customer)).same()
    }
}

/// Everything the rooms hold of somebody.
#[derive(Debug, Default)]
pub struct Held {
    /// Who they are, in every form found.
    pub person: Person,
    /// Them, as recipients.
    pub recipients: Vec<Recipient>,
    /// What they were drawn into.
    pub draws: Vec<Draw>,
    /// Messages to them.
    pub messages: Vec<Message>,
    /// Their checkouts.
    pub checkouts: Vec<Checkout>,
    /// Their orders: named by the request, or with their customer id, or with their phone or e-mail.
    pub orders: Vec<Order>,
    /// Those of the orders that are theirs by Shopify's word, not only by a phone or e-mail on them.
    pub own: BTreeSet<OrderId>,
}

/// A person may go by several phones and addresses; so many steps from one to the next are followed.
const STEPS: usize = 4;

impl Held {
    /// Finds what was held of somebody at `until`.
    pub async fn find(
        db: &impl ConnectionTrait,
        vault: &Vault,
        shop: &Shop,
        subject: &Subject,
        until: Timestamp,
    ) -> Result<Self, DbErr> {
        let id = shop.shop_id;
        let mut held = Self { person: subject.person(vault, shop), ..Self::default() };
        for _ in 0..STEPS {
            let before = held.person.clone();
            held.orders = orders::orders_of(db, id, &held.person, &subject.orders, until).await?;
            held.recipients = people::recipients_of(db, id, &held.person, until).await?;
            let contacts = orders::contacts_of(db, id, &held.orders).await?;
            held.learn(subject, &contacts);
            held.learn_pairs(db, id).await?;
            if held.person == before {
                break;
            }
        }
        let tokens = held.own_orders().filter_map(|order| order.checkout_token.clone()).collect();
        held.checkouts = checkouts::checkouts_of(db, id, &held.person, &tokens, until).await?;
        let recipients: Vec<_> = held.recipients.iter().map(|one| one.id).collect();
        held.draws = campaigns::draws_of(db, id, &recipients).await?;
        held.messages = messages::messages_of(db, id, &held.message_ids()).await?;
        Ok(held)
    }

    /// Orders that are theirs by Shopify's word and recipients who are them teach us further phones and addresses. An
    /// order of somebody else that merely carries their phone teaches nothing, and neither does the phone of somebody
    /// their order is sent to.
    fn learn(&mut self, subject: &Subject, contacts: &HashMap<OrderId, Contacts>) {
        let customers: Vec<i64> = self.person.customers.iter().copied().collect();
        let named_by = |shoppers| Known { shoppers, ..Known::default() };
        for order in &self.orders {
            let buyer = named_by(order.shopify_customer_id.as_slice());
            if people::compare(&named_by(&customers), &buyer).same()
                || subject.orders.contains(&order.shopify_order_id.0)
            {
                self.own.insert(order.shopify_order_id);
                if let Some(contacts) = contacts.get(&order.shopify_order_id) {
                    self.person.learn(&contacts.phones, &contacts.emails);
                }
            }
        }
        for one in &self.recipients {
            self.person.learn(&one.phone_hash, &one.email_hash);
            self.person.users.extend(one.whatsapp_hash.clone().filter(|hash| !StandIn::is_one(hash)));
        }
    }

    /// Addresses that WhatsApp says are one person's.
    async fn learn_pairs(&mut self, db: &impl ConnectionTrait, shop: ShopId) -> Result<(), DbErr> {
        let known = self.addresses();
        let pairs = Pairs::around(db, shop, known.iter().map(|address| address.hash.clone())).await?;
        for Address { kind, hash } in pairs.all_of(known).into_iter().filter(|one| !StandIn::is_one(&one.hash)) {
            match kind {
                AddressKind::Phone => self.person.phones.insert(hash),
                AddressKind::User => self.person.users.insert(hash),
            };
        }
        Ok(())
    }

    /// Where WhatsApp reached them.
    pub fn addresses(&self) -> BTreeSet<Address> {
        let address = |kind| move |hash: &String| Address { kind, hash: hash.clone() };
        let phones = self.person.phones.iter().map(address(AddressKind::Phone));
        phones.chain(self.person.users.iter().map(address(AddressKind::User))).collect()
    }

    /// Orders that are theirs by Shopify's word.
    pub fn own_orders(&self) -> impl Iterator<Item = &Order> {
        self.orders.iter().filter(|order| self.own.contains(&order.shopify_order_id))
    }

    /// The messages of their draws; ids exist for the held out too.
    pub fn message_ids(&self) -> Vec<MessageId> {
        self.draws.iter().map(|draw| draw.id).collect()
    }

    /// What platforms called them, hashed.
    pub fn keys(&self) -> BTreeSet<String> {
        self.draws.iter().map(|draw| draw.recipient_key_hash.clone()).collect()
    }

    /// Marks of everything by which a later event could lead back to them.
    pub fn marks(&self, vault: &Vault, shop: ShopId, subject: &Subject) -> Vec<(Thing, String)> {
        let marker = Marker::of(vault, shop);
        let mut marks: BTreeMap<String, Thing> = BTreeMap::new();
        let mut add = |kind, value: &str| {
            marks.insert(marker.mark(kind, value), kind);
        };
        self.person.customers.iter().for_each(|id| add(Thing::Customer, &id.to_string()));
        self.person.phones.iter().for_each(|hash| add(Thing::Phone, hash));
        self.person.emails.iter().for_each(|hash| add(Thing::Email, hash));
        self.person.users.iter().for_each(|hash| add(Thing::User, hash));
        subject.orders.iter().for_each(|id| add(Thing::Order, &id.to_string()));
        self.own.iter().for_each(|id| add(Thing::Order, &id.to_string()));
        self.own_orders()
            .filter_map(|order| order.checkout_token.as_deref())
            .for_each(|token| add(Thing::Checkout, token));
        self.checkouts.iter().for_each(|checkout| add(Thing::Checkout, &checkout.token));
        self.message_ids().iter().for_each(|id| add(Thing::Message, &id.to_string()));
        self.messages.iter().filter_map(|one| one.wamid_hash.as_deref()).for_each(|hash| add(Thing::Wamid, hash));
        marks.into_iter().map(|(mark, kind)| (kind, mark)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_shopify_sends_and_says_why_it_cannot() {
        let body = br#"{"shop_id": 1, "shop_domain": "a.myshopify.com", "orders_to_redact": [299938, "280263"],
            "customer": {"id": 191167, "email": "john@example.com", "phone": "555-625-1199"}}"#;
        let read = Subject::read(body).unwrap();
        assert_eq!((read.customer, read.orders.len()), (Some(191_167), 2));
        assert_eq!(read.email.as_deref(), Some("john@example.com"));
        // Phone and e-mail may be missing.
        assert!(Subject::read(br#"{"customer": {"id": "7"}}"#).is_ok());
        for wrong in [&b"not json"[..], b"{}", br#"{"customer": {"phone": ""}}"#, b"[]"] {
            assert!(Subject::read(wrong).is_err_and(|why| why.ends_with("again.")));
        }
    }
}
