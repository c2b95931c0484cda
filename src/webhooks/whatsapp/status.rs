//! What became of our messages.

use crate::kernel::{Currency, Phone, Price, Vault};
use crate::messages::{Charged, Known, Reported, Status, read_callback};
use crate::whatsapp::{Pricing, Status as Theirs, Update};

/// One update as a report about a message, or why it is none.
pub fn report(vault: &Vault, update: Update) -> Result<Reported, &'static str> {
    let Update::Status {
        wamid,
        status,
        at,
        group,
        recipient,
        recipient_user_id,
        callback_data,
        error_code,
        pricing,
        ..
    } = update
    else {
        return Err("no status");
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
        // Messages of ours go to one person each.
        None if group => return Err("a status of a message to a group"),
        None => Known::Wamid(wamid.clone()),
    };
    let phone = recipient.and_then(|wa_id| Phone::from_whatsapp(wa_id.as_str()));
    let of_user = || recipient_user_id.and_then(|id| id.as_str().get(..2).map(str::to_owned));
    Ok(Reported {
        message,
        wamid: Some(wamid),
        status,
        at,
        error_code,
        cost: pricing.as_ref().and_then(cost),
        country: phone.and_then(|phone| phone.country()).or_else(of_user),
        pricing: pricing.map(|told| Charged { category: told.category, kind: told.kind }).unwrap_or_default(),
    })
}

/// What it cost, as it was told.
fn cost(pricing: &Pricing) -> Option<Price> {
    let (amount, currency) = pricing.cost.as_ref()?;
    Price::parse(amount, Currency::parse(currency)?).ok()
}

#[cfg(test)]
mod tests {
    use super::super::heard::told;
    use super::*;
    use crate::kernel::id::{MessageId, ShopId};
    use crate::kernel::{Chance, Timestamp};
    use crate::messages::callback_data;
    use crate::people::{Address, AddressKind, Choice, WishSource};
    use crate::webhooks::parsed::Parsed;
    use crate::webhooks::told::Told;
    use crate::whatsapp::payload::parse;

    fn sample(name: &str) -> String {
        let path = format!("{}/tests/it/fixtures/samples/whatsapp/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn vault() -> Vault {
        Vault::new([1; 32], None, Chance::seeded(1)).with_pepper([2; 32])
    }

    fn read(body: &str) -> Parsed {
        told(&vault(), ShopId(7), parse(body.as_bytes()).unwrap())
    }

    fn whole(body: &str) -> Told {
        match read(body) {
            Parsed::Whatsapp(told) => *told,
            other => panic!("{other:?}"),
        }
    }

    fn one(name: &str) -> Reported {
        let mut told = whole(&sample(name));
        assert!(told.reports.len() == 1 && told.left.is_empty(), "{name}: {told:?}");
        told.reports.remove(0)
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
        let reports = whole(&body).reports;
        assert!(matches!(reports[0].message, Known::Id(found) if found == id));
    }

    #[test]
    fn a_played_message_was_read_and_unknown_words_are_said() {
        let minimal = sample("03-status-read-minimal.json");
        let reports = whole(&minimal.replace("\"read\"", "\"played\"")).reports;
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
        let Told { reports, clicks, left, .. } = whole(&sample("15-user-action-link-click.json"));
        assert!(reports.is_empty() && left.is_empty());
        assert_eq!(
            (clicks[0].click_id.as_str(), clicks[0].component.as_deref()),
            ("click_9eadc5785cf729396977ece9", Some("cta"))
        );
        assert_eq!((clicks[0].at, &clicks[0].wamid), (Timestamp::from_seconds(1_771_000_123), &None));
    }

    #[test]
    fn people_are_told_of_by_hashes_and_never_by_their_words() {
        let vault = vault();
        let phone = |digits: &str| Address::of_phone(&vault, ShopId(7), &Phone::from_whatsapp(digits).unwrap());
        let said = |told: &Told| told.wishes.iter().map(|wish| (wish.choice, wish.source)).collect::<Vec<_>>();
        let text = whole(&sample("08-inbound-text-username-no-phone.json"));
        assert_eq!((text.replies.len(), said(&text)), (1, vec![]));
        assert_eq!((text.replies[0].from.kind, text.replies[0].kind.as_str()), (AddressKind::User, "text"));
        let button = whole(&sample("09-inbound-template-quick-reply.json"));
        assert_eq!(said(&button), [(Choice::Stop, WishSource::Word)]);
        assert!(button.replies[0].answers.is_some());
        let switch = whole(&sample("12-user-preferences-stop.json"));
        assert_eq!(said(&switch), [(Choice::Stop, WishSource::Preference)]);
        assert_eq!(switch.wishes[0].address, phone("491713920081"));
        assert_eq!(switch.wishes[0].at, Timestamp::from_seconds(1_731_705_721));
        let refused = whole(&sample("06-status-failed-131050-opted-out.json"));
        assert_eq!((refused.reports.len(), said(&refused)), (1, vec![(Choice::Stop, WishSource::Failure)]));
        let changed = whole(&sample("16-system-user-changed-number.json"));
        let at = Timestamp::from_seconds(1_750_269_342);
        assert_eq!(changed.pairs, [(phone("12025550143"), phone("12025550177"), at)]);
        let both = whole(&sample("07-status-delivered-bsuid-and-phone.json"));
        let user = Address::of_user(&vault, ShopId(7), "DE.30117745920884113562");
        assert_eq!((&both.pairs[0].0, &both.pairs[0].1), (&phone("491713920012"), &user));
        let printed = format!("{text:?} {button:?} {changed:?}");
        assert!(!["Gibt es", "Unsubscribe", "1202555", "4917139", "DE.519"].iter().any(|word| printed.contains(word)));
    }

    #[test]
    fn what_a_group_was_sent_is_none_of_ours_and_wishes_of_other_kinds_are_said() {
        let group = sample("03-status-read-minimal.json").replacen(
            "\"status\"",
            "\"recipient_type\": \"group\", \"status\"",
            1,
        );
        let Parsed::Nothing(reason) = read(&group) else { panic!("not left aside") };
        assert_eq!(reason, "1 × a status of a message to a group");
        let other = sample("12-user-preferences-stop.json").replace("marketing_messages", "utility_messages");
        let Parsed::Nothing(reason) = read(&other) else { panic!("not left aside") };
        assert_eq!(reason, "1 × a wish about something else than marketing messages");
    }

    #[test]
    fn a_price_is_read_with_what_it_is_for() {
        let told = one("02-status-delivered-pmp-marketing-v23.json");
        assert_eq!(told.country.as_deref(), Some("DE"));
        assert_eq!(
            (told.pricing.category.as_deref(), told.pricing.kind.as_deref()),
            (Some("marketing"), Some("regular"))
        );
        assert_eq!(one("03-status-read-minimal.json").pricing, Charged::default());
    }
}
