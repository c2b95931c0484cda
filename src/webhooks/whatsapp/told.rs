//! What a shop's updates say, in the rooms' words. What none of them keeps is counted and said.
//!
//! 1. People are named by keyed hashes from here on. Of what they wrote, that and when they wrote is kept; the words are
//!    not.
//! 2. Every update that names somebody by phone and by user id says that both are one person's.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr};

use super::status::report;
use crate::kernel::id::ShopId;
use crate::kernel::{Phone, Timestamp, Vault};
use crate::messages::{MetaClick, NewReply, Reported};
use crate::people::{Address, AddressKind, Choice, Wish, WishSource};
use crate::tombstones::{self, Marker, Thing};
use crate::webhooks::parsed::Parsed;
use crate::whatsapp::failure::OPTED_OUT;
use crate::whatsapp::{Update, UserId, WaId, Wamid, Wish as Said};

/// What some updates say.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// What became of messages.
    pub reports: Vec<Reported>,
    /// Clicks that Meta counted.
    pub clicks: Vec<MetaClick>,
    /// That two addresses are one person's, and when it was said.
    pub pairs: Vec<(Address, Address, Timestamp)>,
    /// Who wants no more marketing, or wants it again.
    pub wishes: Vec<Wish>,
    /// Who wrote to the shop, and when.
    pub replies: Vec<NewReply>,
    /// What is left aside, and how often.
    pub left: BTreeMap<&'static str, usize>,
}

/// What a shop's updates say.
pub fn told(vault: &Vault, shop: ShopId, updates: Vec<Update>) -> Parsed {
    let mut told = Told::default();
    let reader = Reader { vault, shop };
    for update in updates {
        if let Err(why) = reader.read(&mut told, update) {
            *told.left.entry(why).or_default() += 1;
        }
    }
    match (told.nothing(), told.left.is_empty()) {
        (true, true) => Parsed::Nothing("nothing in it belongs to this shop any more".to_owned()),
        (true, false) => Parsed::Nothing(in_words(&told.left).join("; ")),
        (false, _) => Parsed::Whatsapp(Box::new(told)),
    }
}

/// What is left aside, in words.
pub fn in_words(left: &BTreeMap<&'static str, usize>) -> Vec<String> {
    left.iter().map(|(why, count)| format!("{count} × {why}")).collect()
}

impl Told {
    fn nothing(&self) -> bool {
        self.reports.is_empty() && !self.more()
    }

    /// Whether it says more than what became of messages.
    pub fn more(&self) -> bool {
        !(self.clicks.is_empty() && self.pairs.is_empty() && self.wishes.is_empty() && self.replies.is_empty())
    }

    /// About how many facts it brings.
    pub fn facts(&self) -> usize {
        self.reports.len() + self.clicks.len() + self.pairs.len() + self.wishes.len() + self.replies.len()
    }

    /// Without what it says of people who were forgotten since.
    pub async fn of_the_known(self, txn: &impl ConnectionTrait, vault: &Vault, shop: ShopId) -> Result<Self, DbErr> {
        let marker = Marker::of(vault, shop);
        let mark = |address: &Address| {
            let thing = match address.kind {
                AddressKind::Phone => Thing::Phone,
                AddressKind::User => Thing::User,
            };
            marker.mark(thing, &address.hash)
        };
        let pairs = self.pairs.iter().flat_map(|(one, other, _)| [one, other]);
        let wishes = self.wishes.iter().map(|wish| &wish.address);
        let named = pairs.chain(wishes).chain(self.replies.iter().map(|reply| &reply.from));
        let marks: BTreeSet<String> = named.map(mark).collect();
        let tombstones = tombstones::covering(txn, shop, &marks).await?;
        let known = |address: &Address, at: Timestamp| {
            let mark = mark(address);
            !tombstones.iter().any(|tombstone| tombstone.mark == mark && tombstone.covers(at))
        };
        let mut told = self;
        told.pairs.retain(|(one, other, at)| known(one, *at) && known(other, *at));
        told.wishes.retain(|wish| known(&wish.address, wish.at));
        told.replies.retain(|reply| known(&reply.from, reply.at));
        Ok(told)
    }
}

struct Reader<'a> {
    vault: &'a Vault,
    shop: ShopId,
}

impl Reader<'_> {
    fn read(&self, told: &mut Told, update: Update) -> Result<(), &'static str> {
        match update {
            Update::Status { at, ref recipient, ref recipient_user_id, error_code, .. } => {
                let whom = self.whom(told, recipient.as_ref(), recipient_user_id.as_ref(), at);
                if let Some(address) = whom.filter(|_| error_code == Some(OPTED_OUT)) {
                    told.wishes.push(Wish { address, choice: Choice::Stop, source: WishSource::Failure, at });
                }
                told.reports.push(report(self.vault, update)?);
            }
            Update::Inbound { wamid, from, user_id, kind, wish, context_wamid, ad_click_id, at, .. } => {
                let whom = self.whom(told, from.as_ref(), user_id.as_ref(), at);
                let from = whom.ok_or("a message from nobody we can tell")?;
                if let Some(wish) = wish {
                    let choice = match wish {
                        Said::Stop => Choice::Stop,
                        Said::Resume => Choice::Resume,
                    };
                    told.wishes.push(Wish { address: from.clone(), choice, source: WishSource::Word, at });
                }
                let hash = |wamid: Wamid| self.vault.lookup(self.shop, "wamid", wamid.as_str());
                told.replies.push(NewReply {
                    wamid_hash: hash(wamid),
                    from,
                    kind,
                    answers: context_wamid.map(hash),
                    from_ad: ad_click_id.is_some(),
                    at,
                });
            }
            Update::Preference { wa_id, user_id, category, value, at, .. } => {
                if category != "marketing_messages" {
                    return Err("a wish about something else than marketing messages");
                }
                let choice = match value.as_str() {
                    "stop" => Choice::Stop,
                    "resume" | "signup" => Choice::Resume,
                    _ => return Err("a wish whose word we do not know"),
                };
                let whom = self.whom(told, wa_id.as_ref(), user_id.as_ref(), at);
                let address = whom.ok_or("a wish of nobody we can tell")?;
                told.wishes.push(Wish { address, choice, source: WishSource::Preference, at });
            }
            Update::LinkClick { click_id, component, wamid, at, .. } => {
                told.clicks.push(MetaClick { click_id, component, wamid: wamid.map(Wamid::into_inner), at });
            }
            Update::System { from, user_id, new_wa_id, new_user_id, at, .. } => {
                let before = self.whom(told, from.as_ref(), user_id.as_ref(), at);
                let after = self.whom(told, new_wa_id.as_ref(), new_user_id.as_ref(), at);
                let (before, after) = before.zip(after).ok_or("news of a person that names no other address")?;
                told.pairs.push((before, after, at));
            }
            Update::Unknown { .. } => return Err("something we do not read"),
        }
        Ok(())
    }

    /// Somebody by the address they are kept under, which is the phone where there is one; and that both are theirs.
    fn whom(&self, told: &mut Told, phone: Option<&WaId>, user: Option<&UserId>, at: Timestamp) -> Option<Address> {
        let (vault, shop) = (self.vault, self.shop);
        let phone = phone.and_then(|wa_id| Phone::from_whatsapp(wa_id.as_str()));
        let phone = phone.map(|phone| Address::of_phone(vault, shop, &phone));
        let user = user.map(|id| Address::of_user(vault, shop, id.as_str()));
        if let (Some(phone), Some(user)) = (&phone, &user) {
            told.pairs.push((phone.clone(), user.clone(), at));
        }
        phone.or(user)
    }
}
