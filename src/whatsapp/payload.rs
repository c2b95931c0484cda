//! What Meta's webhook bodies say, change by change.
//!
//! 1. Only a body that is not JSON is an error. Whatever else we do not know becomes [`Update::Unknown`] and is kept.
//! 2. One body may mix accounts, fields and people; each update carries its own phone number id, the key of the tenant.
//! 3. Errors inside an inbound message are about that message: they never fail one of ours.

use serde_json::Value;

use super::person::{UserId, WaId, Wamid};
use super::update::{Pricing, Status, Update};
use super::wish;
use crate::kernel::Timestamp;

/// The body is not JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is not JSON")]
pub struct NotJson;

/// Everything a body says, in its order.
pub fn parse(body: &[u8]) -> Result<Vec<Update>, NotJson> {
    let body: Value = serde_json::from_slice(body).map_err(|_| NotJson)?;
    if body["object"] != "whatsapp_business_account" {
        return Ok(vec![unknown("", "not of a WhatsApp business account")]);
    }
    let changes = list(&body["entry"]).iter().flat_map(|entry| list(&entry["changes"]));
    let updates: Vec<Update> = changes.flat_map(change).collect();
    Ok(if updates.is_empty() { vec![unknown("", "no changes")] } else { updates })
}

fn change(change: &Value) -> Vec<Update> {
    let field = change["field"].as_str().unwrap_or("");
    let value = &change["value"];
    // Other fields have lists of the same names with other meanings: calls have statuses too.
    if !matches!(field, "messages" | "user_preferences" | "user_id_update") {
        return vec![unknown(field, "a field we do not read")];
    }
    let Some(number) = text(&value["metadata"]["phone_number_id"]) else {
        return vec![unknown(field, "no phone number id")];
    };
    let each = |name: &str, read: fn(&str, &Value) -> Result<Update, &'static str>| -> Vec<Update> {
        let read = |item| read(&number, item).unwrap_or_else(|why| unknown(field, why));
        // One alone may stand without a list around it.
        let alone = value[name].as_object().map(|_| &value[name]);
        list(&value[name]).iter().chain(alone).map(read).collect()
    };
    let mut updates = each("statuses", status);
    updates.extend(each("messages", message));
    updates.extend(each("user_preferences", preference));
    updates.extend(each("user_actions", action));
    updates.extend(each("user_id_update", new_user_id));
    if updates.is_empty() {
        updates.push(unknown(field, "nothing in it that we read"));
    }
    updates
}

fn status(number: &str, item: &Value) -> Result<Update, &'static str> {
    // In a group the recipient is the group; the person is the participant.
    let group = item["recipient_type"] == "group";
    let (phone, user) = if group {
        (&item["recipient_participant_id"], &item["recipient_participant_user_id"])
    } else {
        (&item["recipient_id"], &item["recipient_user_id"])
    };
    Ok(Update::Status {
        phone_number_id: number.to_owned(),
        wamid: wamid(&item["id"]).ok_or("a status without a message id")?,
        status: Status::read(item["status"].as_str().ok_or("a status without a word")?),
        at: instant(&item["timestamp"]).ok_or("a status without a time")?,
        group,
        recipient: wa_id(phone),
        recipient_user_id: user_id(user),
        callback_data: text(&item["biz_opaque_callback_data"]),
        error_code: list(&item["errors"]).first().and_then(|error| whole(&error["code"])),
        pricing: pricing(&item["pricing"]),
    })
}

fn pricing(item: &Value) -> Option<Pricing> {
    item.as_object()?;
    let cost = &item["cost"];
    Some(Pricing {
        model: text(&item["pricing_model"]),
        kind: text(&item["type"]).or_else(|| text(&item["pricing_type"])),
        category: text(&item["category"]),
        billable: item["billable"].as_bool(),
        cost: text(&cost["amount"]).zip(text(&cost["currency"])),
    })
}

fn message(number: &str, item: &Value) -> Result<Update, &'static str> {
    let at = instant(&item["timestamp"]).ok_or("a message without a time")?;
    let (from, user) = (wa_id(&item["from"]), user_id(&item["from_user_id"]));
    if item["type"] == "system" {
        let system = &item["system"];
        return Ok(Update::System {
            phone_number_id: number.to_owned(),
            kind: text(&system["type"]).unwrap_or_default(),
            from,
            user_id: user,
            new_wa_id: wa_id(&system["wa_id"]),
            new_user_id: user_id(&system["user_id"]),
            at,
        });
    }
    let interactive = &item["interactive"];
    let reply = [&item["button"]["payload"], &interactive["button_reply"]["id"], &interactive["list_reply"]["id"]];
    Ok(Update::Inbound {
        phone_number_id: number.to_owned(),
        wamid: wamid(&item["id"]).ok_or("a message without an id")?,
        from,
        user_id: user,
        kind: text(&item["type"]).unwrap_or_default(),
        reply: reply.into_iter().find_map(text),
        wish: said(item).and_then(wish::of),
        context_wamid: wamid(&item["context"]["id"]),
        ad_click_id: text(&item["referral"]["ctwa_clid"]),
        at,
    })
}

/// What a message says in words: its text, or what stands on the button that was pressed.
fn said(item: &Value) -> Option<&str> {
    let interactive = &item["interactive"];
    let places = [
        &item["text"]["body"],
        &item["button"]["text"],
        &interactive["button_reply"]["title"],
        &interactive["list_reply"]["title"],
    ];
    places.into_iter().find_map(Value::as_str)
}

/// `field: user_id_update`: the number stays, the user id is another.
fn new_user_id(number: &str, item: &Value) -> Result<Update, &'static str> {
    let ids = if item["user_id"].is_object() { &item["user_id"] } else { item };
    Ok(Update::System {
        phone_number_id: number.to_owned(),
        kind: "user_id_update".to_owned(),
        from: wa_id(&item["wa_id"]),
        user_id: Some(user_id(&ids["previous"]).ok_or("a new user id without the previous one")?),
        new_wa_id: None,
        new_user_id: Some(user_id(&ids["current"]).ok_or("a new user id that is none")?),
        at: instant(&item["timestamp"]).ok_or("a new user id without a time")?,
    })
}

fn preference(number: &str, item: &Value) -> Result<Update, &'static str> {
    Ok(Update::Preference {
        phone_number_id: number.to_owned(),
        wa_id: wa_id(&item["wa_id"]),
        user_id: user_id(&item["user_id"]),
        category: text(&item["category"]).ok_or("a preference without a category")?,
        value: text(&item["value"]).ok_or("a preference without a value")?,
        at: instant(&item["timestamp"]).ok_or("a preference without a time")?,
    })
}

fn action(number: &str, item: &Value) -> Result<Update, &'static str> {
    // Since September 2026 `landing_page_view` comes with the same click id in the same place: the page was reached, and
    // that is no second click.
    if item["action_type"].as_str().is_some_and(|kind| kind != "marketing_messages_link_click") {
        return Err("an action that is no link click");
    }
    let click = &item["marketing_messages_link_click_data"];
    Ok(Update::LinkClick {
        phone_number_id: number.to_owned(),
        click_id: text(&click["click_id"]).ok_or("an action that is no link click")?,
        component: text(&click["click_component"]).map(|component| short(&component)),
        wamid: wamid(&click["wamid"]).or_else(|| wamid(&item["wamid"])),
        at: instant(&item["timestamp"]).ok_or("a click without a time")?,
    })
}

fn unknown(field: &str, why: &'static str) -> Update {
    Update::Unknown { field: short(field), why }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// A non-empty text; a number counts as its digits.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.chars().take(1024).collect()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn short(text: &str) -> String {
    text.chars().take(100).collect()
}

/// A whole number, written as a number or as a text.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Unix seconds; anything before 1970 or after the year 9999 is no time of theirs.
fn instant(value: &Value) -> Option<Timestamp> {
    whole(value).filter(|seconds| (0..=253_402_300_799).contains(seconds)).map(Timestamp::from_seconds)
}

fn wa_id(value: &Value) -> Option<WaId> {
    text(value).and_then(|text| WaId::parse(&text))
}

fn user_id(value: &Value) -> Option<UserId> {
    value.as_str().and_then(UserId::parse)
}

fn wamid(value: &Value) -> Option<Wamid> {
    value.as_str().and_then(Wamid::parse)
}

#[cfg(test)]
mod tests;
