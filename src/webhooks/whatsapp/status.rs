//! What became of our messages. Everything else in a body is counted and said, and waits for a later step.

use std::collections::BTreeMap;

use crate::kernel::{Currency, Money, Vault};
use crate::messages::{Known, Reported, Status, read_callback};
use crate::webhooks::told::Told;
use crate::whatsapp::{Pricing, Status as Theirs, Update};

/// What a shop's updates say.
pub fn told(vault: &Vault, updates: Vec<Update>) -> Told {
    let mut reports = Vec::new();
    let mut others: BTreeMap<&'static str, usize> = BTreeMap::new();
    for update in updates {
        match report(vault, update) {
            Ok(report) => reports.push(report),
            Err(why) => *others.entry(why).or_default() += 1,
        }
    }
    let others: Vec<String> = others.into_iter().map(|(why, count)| format!("{count} × {why}")).collect();
    match (reports.is_empty(), others.is_empty()) {
        (true, true) => Told::Nothing("nothing in it belongs to this shop any more".to_owned()),
        (true, false) => Told::Nothing(others.join("; ")),
        (false, _) => Told::Statuses(reports, others),
    }
}

/// One update as a report about a message, or why it is none.
fn report(vault: &Vault, update: Update) -> Result<Reported, &'static str> {
    let (wamid, status, at, callback_data, error_code, pricing) = match update {
        Update::Status { wamid, status, at, callback_data, error_code, pricing, .. } => {
            (wamid, status, at, callback_data, error_code, pricing)
        }
        Update::Inbound { .. } => return Err("a message from a shopper, which this version does not read"),
        Update::Preference { .. } => return Err("a wish about marketing messages, which a later step reads"),
        Update::LinkClick { .. } => return Err("a link click that names nobody"),
        Update::System { .. } => return Err("a change of number, which this version does not read"),
        Update::Unknown { .. } => return Err("something we do not read"),
    };
    let status = match status {
        Theirs::Sent => Status::Sent,
        Theirs::Delivered => Status::Delivered,
        // Whoever played a voice message has seen it.
        Theirs::Read | Theirs::Played => Status::Read,
        Theirs::Failed => Status::Failed,
        Theirs::Other(_) => return Err("a status whose word we do not know"),
    };
    let wamid = wamid.into_inner();
    let ours = callback_data.and_then(|text| read_callback(vault, &text));
    let message = match ours {
        Some((_, id)) => Known::Id(id),
        None => Known::Wamid(wamid.clone()),
    };
    let cost = pricing.as_ref().and_then(cost);
    Ok(Reported { message, wamid: Some(wamid), status, at, error_code, cost })
}

/// What it cost, if that can be counted in whole minor units.
fn cost(pricing: &Pricing) -> Option<Money> {
    let (amount, currency) = pricing.cost.as_ref()?;
    Money::parse(amount, Currency::parse(currency)?).ok()
}
