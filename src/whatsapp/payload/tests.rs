//! Every recorded body says what its index expects, and nothing we can think of stops the reader.

use std::path::PathBuf;

use proptest::prelude::*;

use super::*;

fn samples() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/samples/whatsapp")
}

fn sample(name: &str) -> Vec<Update> {
    parse(&std::fs::read(samples().join(name)).unwrap()).unwrap()
}

/// An update in one line, as the table below writes it.
fn line(update: &Update) -> String {
    let text = |text: &Option<String>| text.clone().unwrap_or("-".into());
    let digits = |id: &Option<WaId>| id.as_ref().map_or("-".into(), |id| id.as_str().to_owned());
    let user = |id: &Option<UserId>| id.as_ref().map_or("-".into(), |id| id.as_str().to_owned());
    match update {
        Update::Status { status, at, recipient, recipient_user_id, callback_data, error_code, pricing, .. } => {
            let price = pricing.as_ref().map_or("no price".into(), |p| {
                let billable = p.billable.map_or("-".into(), |b| b.to_string());
                format!("{} {} {} {billable}", text(&p.model), text(&p.kind), text(&p.category))
            });
            let error = error_code.map_or("-".into(), |code| code.to_string());
            format!(
                "{status:?} {} to {} {} data {} error {error} {price}",
                at.seconds(),
                digits(recipient),
                user(recipient_user_id),
                text(callback_data)
            )
        }
        Update::Inbound { from, user_id, kind, reply, wish, context_wamid, ad_click_id, at, .. } => format!(
            "inbound {kind} {} from {} {} reply {} context {} ad {}{}",
            at.seconds(),
            digits(from),
            user(user_id),
            text(reply),
            context_wamid.is_some(),
            ad_click_id.is_some(),
            wish.map_or(String::new(), |wish| format!(" wishes {wish:?}"))
        ),
        Update::Preference { wa_id, user_id, category, value, at, .. } => {
            format!("{category} {value} {} by {} {}", at.seconds(), digits(wa_id), user(user_id))
        }
        Update::LinkClick { click_id, at, .. } => format!("click {click_id} {}", at.seconds()),
        Update::System { kind, from, user_id, new_wa_id, new_user_id, at, .. } => format!(
            "{kind} {} {} {} to {} {}",
            at.seconds(),
            digits(from),
            user(user_id),
            digits(new_wa_id),
            user(new_user_id)
        ),
        Update::Unknown { field, why } => format!("unknown {field}: {why}"),
    }
}

#[test]
fn every_sample_says_what_its_index_expects() {
    let table: &[(&str, &[&str])] = &[
        ("01-status-sent-cbp-utility.json", &["Sent 1694492482 to 447700900118 - data - error - CBP - utility true"]),
        (
            "02-status-delivered-pmp-marketing-v23.json",
            &["Delivered 1769146745 to 491713920012 - data - error - PMP regular marketing true"],
        ),
        ("03-status-read-minimal.json", &["Read 1769146803 to 491713920012 - data - error - no price"]),
        (
            "04-status-sent-service-no-conversation.json",
            &["Sent 1769084739 to 12025550143 - data - error - PMP free_customer_service service false"],
        ),
        (
            "05-status-failed-131049-no-contacts.json",
            &["Failed 1750030073 to 491713920047 - data - error 131049 no price"],
        ),
        (
            "06-status-failed-131050-opted-out.json",
            &["Failed 1750224806 to 491713920081 - data - error 131050 no price"],
        ),
        (
            "07-status-delivered-bsuid-and-phone.json",
            &["Delivered 1778930073 to 491713920012 DE.30117745920884113562 data - error - PMP regular marketing true"],
        ),
        (
            "08-inbound-text-username-no-phone.json",
            &["inbound text 1779016383 from - DE.51940028377164950021 reply - context false ad false"],
        ),
        (
            "09-inbound-template-quick-reply.json",
            &["inbound button 1750091045 from 491713920081 - reply Unsubscribe context true ad false wishes Stop"],
        ),
        (
            "10-inbound-interactive-button-reply.json",
            &["inbound interactive 1750025136 from 491713920081 - reply cancel-button context true ad false"],
        ),
        (
            "11-inbound-click-to-whatsapp-ad.json",
            &["inbound text 1750275992 from 447700900264 - reply - context false ad true"],
        ),
        ("12-user-preferences-stop.json", &["marketing_messages stop 1731705721 by 491713920081 -"]),
        (
            "13-batch-mixed-fields.json",
            &[
                "inbound text 1680123456 from 12025550177 - reply - context false ad false",
                "marketing_messages stop 1690000000 by 12025550177 -",
            ],
        ),
        (
            "14-status-sent-with-callback-data.json",
            &[
                "Sent 1778930011 to 491713920012 DE.30117745920884113562 data m1.01J9ZK3QX8V7T2N4C6B5A1D0EF error - PMP regular marketing true",
            ],
        ),
        ("15-user-action-link-click.json", &["click click_9eadc5785cf729396977ece9 1771000123"]),
        ("16-system-user-changed-number.json", &["user_changed_number 1750269342 12025550143 - to 12025550177 -"]),
        (
            "17-unsupported-message-with-errors.json",
            &["inbound unsupported 1750090702 from 491713920081 - reply - context false ad false"],
        ),
        (
            "18-status-read-pmp-v23-same-second.json",
            &["Read 1760659226 to 12025550143 - data - error - PMP free_customer_service service false"],
        ),
    ];
    for (name, expected) in table {
        let updates = sample(name);
        assert_eq!(updates.iter().map(line).collect::<Vec<_>>(), *expected, "{name}");
    }
    let index: Value = serde_json::from_slice(&std::fs::read(samples().join("index.json")).unwrap()).unwrap();
    let mut listed: Vec<&str> = list(&index["samples"]).iter().filter_map(|sample| sample["file"].as_str()).collect();
    listed.sort_unstable();
    assert_eq!(listed, table.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

#[test]
fn every_update_names_the_tenant_and_prints_no_person() {
    for update in sample("07-status-delivered-bsuid-and-phone.json") {
        let printed = format!("{update:?}");
        assert!(printed.contains("770000000000202"), "{printed}");
        assert!(
            !printed.contains("491713920012") && !printed.contains("wamid.") && !printed.contains("DE.301"),
            "{printed}"
        );
    }
}

#[test]
fn what_is_unknown_is_said_so() {
    let says = |value: Value| parse(value.to_string().as_bytes()).unwrap().iter().map(line).collect::<Vec<_>>();
    let change = |change: Value| {
        says(serde_json::json!({"object": "whatsapp_business_account", "entry": [{"changes": [change]}]}))
    };
    assert_eq!(parse(b"{"), Err(NotJson));
    assert_eq!(says(serde_json::json!([])), ["unknown : not of a WhatsApp business account"]);
    assert_eq!(
        change(serde_json::json!({"field": "calls", "value": {"statuses": [{}]}})),
        ["unknown calls: a field we do not read"]
    );
    let metadata = serde_json::json!({"phone_number_id": "7"});
    let of_ids = |ids: Value| {
        let value = serde_json::json!({"metadata": metadata, "user_id_update": ids});
        change(serde_json::json!({"field": "user_id_update", "value": value}))
    };
    // As a list or alone, the two ids within `user_id` or beside the rest.
    let ids = serde_json::json!({"previous": "DE.1", "current": "DE.2"});
    let one_of_list = serde_json::json!([{"wa_id": "491713920012", "user_id": ids, "timestamp": "5"}]);
    assert_eq!(of_ids(one_of_list), ["user_id_update 5 491713920012 DE.1 to - DE.2"]);
    let alone = serde_json::json!({"previous": "DE.1", "current": "DE.2", "timestamp": 5});
    assert_eq!(of_ids(alone), ["user_id_update 5 - DE.1 to - DE.2"]);
    assert_eq!(
        of_ids(serde_json::json!([{"user_id": {"current": "DE.2"}, "timestamp": 5}])),
        ["unknown user_id_update: a new user id without the previous one"]
    );
    let one = serde_json::json!({"field": "messages", "value": {"metadata": metadata, "statuses": [
        {"id": "wamid.1", "status": "sent", "timestamp": "soon"},
        {"id": "wamid.1", "status": "shown", "timestamp": 5, "recipient_type": "group", "recipient_id": "g",
         "recipient_participant_id": "491713920012", "pricing": {"cost": {"amount": 0.0109, "currency": "USD"}}},
    ]}});
    assert_eq!(
        change(one),
        ["unknown messages: a status without a time", "Other(\"shown\") 5 to 491713920012 - data - error - - - - -",]
    );
}

#[test]
fn a_cost_is_kept_to_the_digit() {
    for amount in [serde_json::json!("0.0109"), serde_json::json!(0.0109)] {
        let price = pricing(&serde_json::json!({"cost": {"amount": amount, "currency": "USD"}})).unwrap();
        assert_eq!(price.cost, Some(("0.0109".to_owned(), "USD".to_owned())));
    }
}

/// Any JSON whose keys are often those we look for.
fn any_json() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "object",
        "entry",
        "changes",
        "field",
        "value",
        "metadata",
        "phone_number_id",
        "statuses",
        "messages",
        "id",
        "status",
        "timestamp",
        "errors",
        "pricing",
        "cost",
        "type",
        "system",
        "user_preferences",
        "user_actions",
        "user_id_update",
        "user_id",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec!["whatsapp_business_account", "messages", "sent", "system", "", "1", "wamid.x"])
            .prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(8, 64, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(key.clone(), inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn any_json_is_read(value in any_json()) {
        let wrapped = serde_json::json!({"object": "whatsapp_business_account", "entry": [{"changes": [
            {"field": "messages", "value": {"metadata": {"phone_number_id": "7"}, "statuses": [value], "messages": [value],
             "user_preferences": value, "user_actions": [value], "user_id_update": value}}, value,
        ]}]});
        prop_assert!(!parse(wrapped.to_string().as_bytes()).unwrap().is_empty());
        prop_assert!(!parse(value.to_string().as_bytes()).unwrap().is_empty());
    }
}

#[test]
fn a_page_reached_is_no_second_click() {
    let says = |value: Value| {
        let change = serde_json::json!({"field": "messages", "value": value});
        let body = serde_json::json!({"object": "whatsapp_business_account", "entry": [{"changes": [change]}]});
        parse(body.to_string().as_bytes()).unwrap().iter().map(line).collect::<Vec<_>>()
    };
    let action = |kind: &str| {
        serde_json::json!({"metadata": {"phone_number_id": "1"}, "user_actions": [{"action_type": kind, "timestamp": "1758585600",
            "marketing_messages_link_click_data": {"click_id": "c-1", "tracking_token": "t-1"}}]})
    };
    assert_eq!(says(action("marketing_messages_link_click")), ["click c-1 1758585600"]);
    assert_eq!(says(action("landing_page_view")), ["unknown messages: an action that is no link click"]);
}
