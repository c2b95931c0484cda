//! What people were drawn as before by another key: a platform that asks twice for one person cannot choose their arm.
//!
//! Assignment is a pure function of the key (`holdout.rs`). Whoever comes under a second key is the same person with the same
//! phone, so they keep the arm of the first: held out once, they get no message by any name.

use std::collections::{BTreeMap, HashMap};

use super::arms::Arm;
use super::campaign::CampaignId;
use crate::people::RecipientId;

/// Draws of some people under other keys.
#[derive(Default)]
pub(super) struct Before {
    /// Arm in the campaign, and whether the programme chose it.
    arms: HashMap<RecipientId, (Arm, bool)>,
    /// What platforms called them elsewhere, hashed; in any campaign.
    hashes: HashMap<RecipientId, Vec<String>>,
}

impl Before {
    /// Notes what somebody is in the campaign; what comes first counts.
    pub(super) fn drawn(&mut self, person: RecipientId, arm: Arm, by_program: bool) {
        self.arms.entry(person).or_insert((arm, by_program));
    }

    /// Notes a draw of somebody by another key, the oldest first. `into`: the campaign that is being drawn into.
    pub(super) fn called(
        &mut self,
        (person, hash): (RecipientId, String),
        (campaign, into): (CampaignId, CampaignId),
        (arm, by_program): (Arm, bool),
    ) {
        if campaign == into {
            self.drawn(person, arm, by_program);
        }
        self.hashes.entry(person).or_default().push(hash);
    }

    /// What somebody is in the campaign already, and whether the programme chose it.
    pub(super) fn arm(&self, person: RecipientId) -> Option<(Arm, bool)> {
        self.arms.get(&person).copied()
    }

    /// Every other hash of them.
    pub(super) fn hashes(&self) -> impl Iterator<Item = &String> {
        self.hashes.values().flatten()
    }

    /// What a person is by their other hashes, the oldest first.
    pub(super) fn by_hash(&self, person: RecipientId, held_out: &BTreeMap<String, bool>) -> Option<bool> {
        self.hashes.get(&person)?.iter().find_map(|hash| held_out.get(hash).copied())
    }
}
