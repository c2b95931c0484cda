//! What became of our messages, and the clicks Meta counted. Everything else in a body is counted and said, and waits for a later step.

use std::collections::BTreeMap;

use crate::kernel::{Currency, Price, Vault};
use crate::messages::{Known, MetaClick, Reported, Status, read_callback};
use crate::webhooks::parsed::Parsed;
use crate::whatsapp::{Pricing, Status as Theirs, Update, Wamid};

/// What a shop's updates say.
pub fn told(vault: &Vault, updates: Vec<Update>) -> Parsed {
    let mut reports = Vec::new();
    let mut others: BTreeMap<&'static str, usize> = BTreeMap::new();
    let mut clicks = Vec::new();
    for update in updates {
        if let Update::LinkClick { click_id, component, wamid, at, .. } = update {
            clicks.push(MetaClick { click_id, component, wamid: wamid.map(Wamid::into_inner), at });
            continue;
        }
        match report(vault, update) {
            Ok(report) => reports.push(report),
            Err(why) => *others.entry(why).or_default() += 1,
        }
    }
    let others: Vec<String> = others.into_iter().map(|(why, count)| format!("{count} × {why}")).collect();
    match (reports.is_empty() && clicks.is_empty(), others.is_empty()) {
        (true, true) => Parsed::Nothing("nothing in it belongs to this shop any more".to_owned()),
        (true, false) => Parsed::Nothing(others.join("; ")),
        (false, _) => Parsed::Statuses(reports, clicks, others),
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
        Update::LinkClick { .. } => return Err("a link click"),
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

/// What it cost, as it was told.
fn cost(pricing: &Pricing) -> Option<Price> {
    let (amount, currency) = pricing.cost.as_ref()?;
    Price::parse(amount, Currency::parse(currency)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{MessageId, ShopId};
    use crate::kernel::{Chance, Timestamp};
    use crate::messages::callback_data;
    use crate::whatsapp::payload::parse;

    fn sample(name: &str) -> String {
        let path = format!("{}/tests/it/fixtures/samples/whatsapp/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn vault() -> Vault {
        Vault::new([1; 32], None, Chance::seeded(1)).with_pepper([2; 32])
    }

    fn read(body: &str) -> Parsed {
        told(&vault(), parse(body.as_bytes()).unwrap())
    }

    fn one(name: &str) -> Reported {
        match read(&sample(name)) {
            Parsed::Statuses(mut reports, _, others) if reports.len() == 1 && others.is_empty() => reports.remove(0),
            other => panic!("{name}: {other:?}"),
        }
    }

    #[test]
    fn statuses_become_reports() {
        let sent = one("14-status-sent-with-callback-data.json");
        assert_eq!((sent.status, sent.at), (Status::Sent, Timestamp::from_seconds(1_778_930_011)));
        // Somebody else's callback data: then WhatsApp's own id names the message.
        assert!(matches!(&sent.message, Known::Wamid(id) if Some(id) == sent.wamid.as_ref()));
        let failed = one("05-status-failed-131049-no-contacts.json");
        assert_eq!((failed.status, failed.error_code), (Status::Failed, Some(131_049)));
        assert_eq!(one("03-status-read-minimal.json").status, Status::Read);
        assert_eq!(one("02-status-delivered-pmp-marketing-v23.json").status, Status::Delivered);
    }

    #[test]
    fn our_callback_data_names_the_message() {
        let id = MessageId::new(&Chance::seeded(3), Timestamp::from_seconds(1));
        let ours = callback_data(&vault(), ShopId(7), id);
        let body = sample("14-status-sent-with-callback-data.json").replace("m1.01J9ZK3QX8V7T2N4C6B5A1D0EF", &ours);
        let Parsed::Statuses(reports, ..) = read(&body) else { panic!("no statuses") };
        assert!(matches!(reports[0].message, Known::Id(found) if found == id));
    }

    #[test]
    fn a_played_message_was_read_and_unknown_words_are_said() {
        let minimal = sample("03-status-read-minimal.json");
        let Parsed::Statuses(reports, ..) = read(&minimal.replace("\"read\"", "\"played\"")) else {
            panic!("not read")
        };
        assert_eq!(reports[0].status, Status::Read);
        let Parsed::Nothing(reason) = read(&minimal.replace("\"read\"", "\"pondered\"")) else {
            panic!("not left aside")
        };
        assert_eq!(reason, "1 × a status whose word we do not know");
    }

    #[test]
    fn costs_are_kept_to_the_digit() {
        let cost = |amount: &str| cost(&Pricing { cost: Some((amount.into(), "EUR".into())), ..Pricing::default() });
        assert_eq!(cost("0.11").map(Price::decimal), Some("0.11".to_owned()));
        assert_eq!(cost("0.1131").map(Price::decimal), Some("0.1131".to_owned()));
        assert_eq!(cost("a lot"), None);
    }

    #[test]
    fn a_click_that_meta_counted_is_kept() {
        let Parsed::Statuses(reports, clicks, others) = read(&sample("15-user-action-link-click.json")) else {
            panic!("no click")
        };
        assert!(reports.is_empty() && others.is_empty());
        assert_eq!(
            (clicks[0].click_id.as_str(), clicks[0].component.as_deref()),
            ("click_9eadc5785cf729396977ece9", Some("cta"))
        );
        assert_eq!((clicks[0].at, &clicks[0].wamid), (Timestamp::from_seconds(1_771_000_123), &None));
    }

    #[test]
    fn everything_else_is_counted_and_waits() {
        for name in [
            "08-inbound-text-username-no-phone.json",
            "12-user-preferences-stop.json",
            "13-batch-mixed-fields.json",
            "16-system-user-changed-number.json",
        ] {
            assert!(matches!(read(&sample(name)), Parsed::Nothing(reason) if reason.contains(" × ")), "{name}");
        }
    }
}
