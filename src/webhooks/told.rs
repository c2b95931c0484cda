//! What WhatsApp says, in the rooms' words, apart from how it was read.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, DbErr};

use crate::kernel::id::ShopId;
use crate::kernel::{Timestamp, Vault};
use crate::messages::{MetaClick, NewReply, Reported};
use crate::people::{Address, AddressKind, Wish};
use crate::tombstones::{self, Marker, Thing};

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

/// What is left aside, in words.
pub fn in_words(left: &BTreeMap<&'static str, usize>) -> Vec<String> {
    left.iter().map(|(why, count)| format!("{count} × {why}")).collect()
}

impl Told {
    /// Whether nothing of it is kept.
    pub fn nothing(&self) -> bool {
        self.reports.is_empty() && !self.more()
    }

    /// Whether it says more than what became of messages.
    pub fn more(&self) -> bool {
        !(self.clicks.is_empty() && self.pairs.is_empty() && self.wishes.is_empty() && self.replies.is_empty())
    }

    /// When the earliest of it happened.
    pub fn began(&self) -> Option<Timestamp> {
        let reports = self.reports.iter().map(|report| report.at);
        let pairs = self.pairs.iter().map(|(.., at)| *at);
        let wishes = self.wishes.iter().map(|wish| wish.at);
        reports.chain(pairs).chain(wishes).chain(self.replies.iter().map(|reply| reply.at)).min()
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
