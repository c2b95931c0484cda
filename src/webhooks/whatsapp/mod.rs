//! What Meta's bodies say. One body may mix numbers, and so shops: each shop keeps its own copy and reads only what is
//! its own.

mod heard;
mod status;

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::DbErr;

use super::parsed::{Parsed, Unreadable};
use crate::app::App;
use crate::kernel::id::ShopId;
use crate::messages;
use crate::shops::{sends_through, shop_of_number};
use crate::whatsapp::Update;
use crate::whatsapp::payload::{NotJson, parse};

/// What a body holds and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addressed {
    /// Shops with something in it.
    pub shops: BTreeSet<ShopId>,
    /// What it is about, in one word.
    pub topic: &'static str,
}

/// For whom a body is.
pub async fn addressed(app: &App, body: &[u8]) -> Result<Result<Addressed, NotJson>, DbErr> {
    let updates = match parse(body) {
        Ok(updates) => updates,
        Err(error) => return Ok(Err(error)),
    };
    let mut numbers = Numbers::default();
    let mut shops = BTreeSet::new();
    for update in &updates {
        shops.extend(numbers.shop_of(app, update).await?);
    }
    let topics: BTreeSet<&str> = updates.iter().map(topic).collect();
    let topic = if topics.len() == 1 { topics.first().copied().unwrap_or("unknown") } else { "mixed" };
    Ok(Ok(Addressed { shops, topic }))
}

/// What a kept body says to one shop.
pub async fn read(app: &App, shop: ShopId, body: &[u8]) -> Result<Result<Parsed, Unreadable>, DbErr> {
    let Ok(updates) = parse(body) else { return Ok(Err(Unreadable::because("the body is not JSON"))) };
    let mut numbers = Numbers::default();
    let (mut own, mut through) = (Vec::new(), BTreeSet::new());
    for update in updates {
        if numbers.shop_of(app, &update).await? == Some(shop) {
            through.extend(sent_through(app, &update).cloned());
            own.push(update);
        }
    }
    sends_through(app.db.write(), shop, through).await?;
    Ok(Ok(heard::told(&app.vault, shop, own)))
}

/// Looks numbers up once per body.
#[derive(Default)]
struct Numbers(BTreeMap<String, Option<ShopId>>);

impl Numbers {
    /// Whose an update is: the callback data we gave names the shop; else the number it was sent from does.
    async fn shop_of(&mut self, app: &App, update: &Update) -> Result<Option<ShopId>, DbErr> {
        let (number, callback) = match update {
            Update::Status { phone_number_id, callback_data, .. } => (phone_number_id, callback_data.as_deref()),
            Update::Inbound { phone_number_id, .. }
            | Update::Preference { phone_number_id, .. }
            | Update::LinkClick { phone_number_id, .. }
            | Update::System { phone_number_id, .. } => (phone_number_id, None),
            Update::Unknown { .. } => return Ok(None),
        };
        if let Some((shop, _)) = callback.and_then(|text| messages::read_callback(&app.vault, text)) {
            return Ok(Some(shop));
        }
        if let Some(known) = self.0.get(number) {
            return Ok(*known);
        }
        let shop = shop_of_number(app.db.read(), number).await?;
        self.0.insert(number.clone(), shop);
        Ok(shop)
    }
}

/// The number a message of ours was sent through: the callback data is ours, and Meta has signed both.
fn sent_through<'a>(app: &App, update: &'a Update) -> Option<&'a String> {
    match update {
        Update::Status { phone_number_id, callback_data: Some(text), .. } => {
            messages::read_callback(&app.vault, text).map(|_| phone_number_id)
        }
        _ => None,
    }
}

fn topic(update: &Update) -> &'static str {
    match update {
        Update::Status { .. } => "statuses",
        Update::Inbound { .. } | Update::System { .. } => "messages",
        Update::Preference { .. } => "user_preferences",
        Update::LinkClick { .. } => "user_actions",
        Update::Unknown { .. } => "unknown",
    }
}
