//! What a shop's updates say, in the rooms' words. What none of them keeps is counted and said.
//!
//! 1. People are named by keyed hashes from here on. Of what they wrote, that and when they wrote is kept; the words are
//!    not.
//! 2. Every update that names somebody by phone and by user id says that both are one person's.

use super::status::report;
use crate::kernel::id::ShopId;
use crate::kernel::{Phone, Timestamp, Vault};
use crate::messages::{MetaClick, NewReply};
use crate::people::{Address, Choice, Wish, WishSource};
use crate::webhooks::parsed::Parsed;
use crate::webhooks::told::{Told, in_words};
use crate::whatsapp::failure::OPTED_OUT;
use crate::whatsapp::{Update, UserId, WaId, Wamid, Wish as Said};

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
