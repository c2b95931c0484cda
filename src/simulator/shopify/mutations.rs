//! The mutations the pretend shop performs.

use serde_json::{Value, json};

use crate::kernel::Timestamp;

use super::bulk;
use super::discount_input::{Kind, read};
use super::discount_view;
use super::discounts::{Discounts, folded, user_error};
use super::queries;
use super::trouble::Mischief;
use super::view::{gid, number};
use crate::simulator::shopify::shop::Shop;
use crate::simulator::state::State;

/// What a mutation answers; `None` if this world does not have it.
pub(super) fn run(state: &mut State, domain: &str, field: &str, arguments: &Value) -> Option<Value> {
    let now = state.clock.now();
    let fails_after = if field == "bulkOperationRunQuery" { state.faults.bulk.pop_front() } else { None };
    let mischief = mischief(state, domain, field, arguments);
    let shop = state.shops.get_mut(domain)?;
    let mut name = field.to_owned();
    name[..1].make_ascii_uppercase();
    let kind = format!("{name}Payload");
    let mut payload = match field {
        "discountCodeBasicCreate" => create(shop, Kind::Basic, arguments, now),
        "discountCodeFreeShippingCreate" => create(shop, Kind::FreeShipping, arguments, now),
        "discountCodeBasicUpdate" => update(shop, Kind::Basic, arguments, now),
        "discountCodeFreeShippingUpdate" => update(shop, Kind::FreeShipping, arguments, now),
        "discountCodeDeactivate" => end(shop, arguments, now, Some(now)),
        "discountCodeActivate" => end(shop, arguments, now, None),
        "discountCodeDelete" => delete(shop, arguments),
        "discountRedeemCodeBulkAdd" => bulk_add(shop, arguments, mischief, now),
        "discountCodeRedeemCodeBulkDelete" => bulk_delete_codes(shop, arguments, now),
        "discountCodeBulkDelete" => each(shop, arguments, now, Discounts::remove),
        "discountCodeBulkDeactivate" => each(shop, arguments, now, |all, id| set_end(all, id, Some(now), now)),
        "discountCodeBulkActivate" => each(shop, arguments, now, |all, id| set_end(all, id, None, now)),
        "webPixelCreate" | "webPixelUpdate" => pixel(shop, field == "webPixelCreate", arguments),
        "webPixelDelete" => {
            let gone = shop.pixel.take().map(|(id, _)| gid("WebPixel", id));
            json!({"deletedWebPixelId": gone, "userErrors": []})
        }
        "bulkOperationRunQuery" => bulk::run(shop, arguments, fails_after, now),
        _ => return None,
    };
    payload["__typename"] = json!(kind);
    if payload["userErrors"].as_array().is_none_or(Vec::is_empty) && domain == state.main {
        tell(state, field, arguments);
    }
    Some(payload)
}

/// Shopify tells every app of what happened to a discount, whoever did it.
fn tell(state: &mut State, field: &str, arguments: &Value) {
    let one = number(&arguments["id"]);
    match field {
        "discountCodeBasicUpdate"
        | "discountCodeFreeShippingUpdate"
        | "discountCodeActivate"
        | "discountCodeDeactivate" => one.into_iter().for_each(|id| state.tell_discount(id)),
        "discountCodeDelete" => one.into_iter().for_each(|id| state.tell_discount_gone(id)),
        "discountCodeBulkDelete" => ids(arguments).into_iter().for_each(|id| state.tell_discount_gone(id)),
        "discountCodeBulkDeactivate" | "discountCodeBulkActivate" => {
            ids(arguments).into_iter().for_each(|id| state.tell_discount(id));
        }
        _ => {}
    }
}

fn refused(result: &str, errors: Vec<Value>) -> Value {
    json!({result: null, "userErrors": errors})
}

fn unknown() -> Vec<Value> {
    vec![user_error(&["id"], "INVALID", "Discount does not exist")]
}

fn create(shop: &mut Shop, kind: Kind, arguments: &Value, now: Timestamp) -> Value {
    let input = &arguments[kind.argument()];
    match read(kind, input, None, &shop.discounts, &shop.profile, now) {
        Err(errors) => refused("codeDiscountNode", errors),
        Ok((discount, code)) => {
            let id = shop.discounts.add(discount, code.as_deref().unwrap_or_default());
            done(shop, id, now)
        }
    }
}

fn done(shop: &Shop, id: i64, now: Timestamp) -> Value {
    let node = shop.discounts.list.get(&id).map(|discount| discount_view::code_node(shop, discount, now));
    json!({"codeDiscountNode": node, "userErrors": []})
}

fn update(shop: &mut Shop, kind: Kind, arguments: &Value, now: Timestamp) -> Value {
    let Some(old) = number(&arguments["id"]).and_then(|id| shop.discounts.list.get(&id)).cloned() else {
        return refused("codeDiscountNode", unknown());
    };
    let input = &arguments[kind.argument()];
    match read(kind, input, Some(&old), &shop.discounts, &shop.profile, now) {
        Err(errors) => refused("codeDiscountNode", errors),
        Ok((discount, code)) => {
            shop.discounts.list.insert(old.id, discount);
            if let Some(code) = code.filter(|code| !shop.discounts.codes.contains_key(&folded(code))) {
                let first = shop.discounts.codes.values().filter(|c| c.discount == old.id).min_by_key(|c| c.id);
                if let Some(mut kept) = first.map(|c| folded(&c.code)).and_then(|key| shop.discounts.codes.remove(&key))
                {
                    kept.code.clone_from(&code);
                    shop.discounts.codes.insert(folded(&code), kept);
                }
            }
            done(shop, old.id, now)
        }
    }
}

fn set_end(all: &mut Discounts, id: i64, ends_at: Option<Timestamp>, now: Timestamp) {
    if let Some(discount) = all.list.get_mut(&id) {
        discount.ends_at = ends_at;
        discount.updated_at = now;
    }
}

fn end(shop: &mut Shop, arguments: &Value, now: Timestamp, ends_at: Option<Timestamp>) -> Value {
    let Some(id) = number(&arguments["id"]).filter(|id| shop.discounts.list.contains_key(id)) else {
        return refused("codeDiscountNode", unknown());
    };
    set_end(&mut shop.discounts, id, ends_at, now);
    done(shop, id, now)
}

fn delete(shop: &mut Shop, arguments: &Value) -> Value {
    let Some(id) = number(&arguments["id"]).filter(|id| shop.discounts.list.contains_key(id)) else {
        return refused("deletedCodeDiscountId", unknown());
    };
    shop.discounts.remove(id);
    json!({"deletedCodeDiscountId": gid("DiscountCodeNode", id), "userErrors": []})
}

/// What strikes a mutation that brings codes, and the places of the codes it is about.
fn mischief(state: &mut State, domain: &str, field: &str, arguments: &Value) -> Option<(Mischief, Vec<usize>)> {
    match field {
        "discountRedeemCodeBulkAdd" => {
            let codes = arguments["codes"].as_array()?;
            let (mischief, few) = (state.mischief()?, state.few_of(codes.len()));
            if mischief == Mischief::Taken
                && let Some(code) = few.first().and_then(|n| codes.get(*n)?["code"].as_str())
            {
                state.stranger_takes(domain, code);
            }
            Some((mischief, few))
        }
        "discountCodeBasicCreate" | "discountCodeFreeShippingCreate" => {
            if state.mischief() == Some(Mischief::Taken) {
                let kind = if field.contains("Basic") { Kind::Basic } else { Kind::FreeShipping };
                if let Some(code) = arguments[kind.argument()]["code"].as_str() {
                    state.stranger_takes(domain, code);
                }
            }
            None
        }
        _ => None,
    }
}

fn bulk_add(shop: &mut Shop, arguments: &Value, mischief: Option<(Mischief, Vec<usize>)>, now: Timestamp) -> Value {
    let Some(id) = number(&arguments["discountId"]).filter(|id| shop.discounts.list.contains_key(id)) else {
        return refused("bulkCreation", vec![user_error(&["discountId"], "INVALID", "Discount does not exist")]);
    };
    let given = arguments["codes"].as_array().map(Vec::as_slice).unwrap_or_default();
    let codes: Vec<String> = given.iter().filter_map(|c| c["code"].as_str().map(str::to_owned)).collect();
    if codes.is_empty() {
        return refused("bulkCreation", vec![user_error(&["codes"], "BLANK", "Codes can't be blank")]);
    }
    if codes.len() > 250 {
        let message = "The input array size of codes exceeds the maximum of 250";
        return refused("bulkCreation", vec![user_error(&["codes"], "TOO_MANY_ARGUMENTS", message)]);
    }
    let (mut codes, mut errors) = (codes, Vec::new());
    if let Some((Mischief::Partial, few)) = &mischief {
        let left = codes.into_iter().enumerate().filter(|(n, _)| !few.contains(n));
        codes = left.map(|(_, code)| code).collect();
        let error =
            |n: &usize| user_error(&["codes", &n.to_string(), "code"], "INTERNAL_ERROR", "Something went wrong");
        errors = few.iter().map(error).collect();
        if codes.is_empty() {
            return refused("bulkCreation", errors);
        }
    }
    let import = shop.discounts.import(id, codes, now);
    if let (Some((mischief, few)), Some(import)) = (&mischief, shop.discounts.imports.get_mut(&import)) {
        match mischief {
            Mischief::Refused => few.iter().for_each(|n| import.codes[*n].refuse = Some("INTERNAL_ERROR")),
            Mischief::Forgotten => import.forgotten = true,
            Mischief::Stuck => import.stuck = true,
            Mischief::Partial | Mischief::Taken => {}
        }
    }
    let import = shop.discounts.imports.get(&import).map(|import| discount_view::bulk_creation(shop, import, now));
    json!({"bulkCreation": import, "userErrors": errors})
}

fn selectors(arguments: &Value) -> Option<Vec<Value>> {
    let given = !arguments["ids"].is_null() as u8 + !arguments["search"].is_null() as u8;
    (given != 1).then(|| vec![user_error(&["ids"], "TOO_MANY_ARGUMENTS", "Exactly one of ids and search is needed")])
}

fn ids(arguments: &Value) -> Vec<i64> {
    arguments["ids"].as_array().into_iter().flatten().filter_map(number).collect()
}

fn queued(shop: &mut Shop, now: Timestamp) -> Value {
    let id = shop.discounts.job(now);
    json!({"job": queries::job(&json!(gid("Job", id)), shop, now), "userErrors": []})
}

fn bulk_delete_codes(shop: &mut Shop, arguments: &Value, now: Timestamp) -> Value {
    if let Some(errors) = selectors(arguments) {
        return refused("job", errors);
    }
    let discount = number(&arguments["discountId"]);
    let wanted = ids(arguments);
    let unused = arguments["search"].as_str().is_some_and(|s| s.contains("times_used:0"));
    shop.discounts.delete_codes(|code| {
        let named = wanted.contains(&code.id) || (unused && code.uses == 0);
        Some(code.discount) == discount && named
    });
    queued(shop, now)
}

fn each(shop: &mut Shop, arguments: &Value, now: Timestamp, act: impl Fn(&mut Discounts, i64)) -> Value {
    if let Some(errors) = selectors(arguments) {
        return refused("job", errors);
    }
    for id in ids(arguments) {
        act(&mut shop.discounts, id);
    }
    queued(shop, now)
}

fn pixel(shop: &mut Shop, create: bool, arguments: &Value) -> Value {
    let error = |code: &str, message: &str| json!({"webPixel": null, "userErrors": [{"__typename": "ErrorsWebPixelUserError", "code": code, "field": ["webPixel"], "message": message}]});
    let settings = arguments["webPixel"]["settings"].clone();
    let settings = match &settings {
        Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
        other => other.clone(),
    };
    match &mut shop.pixel {
        _ if !settings.is_object() => error("INVALID_CONFIGURATION_JSON", "Settings are not a JSON object"),
        Some(_) if create => error("TAKEN", "A web pixel already exists for this app"),
        None if !create => error("NOT_FOUND", "Web pixel not found"),
        Some((id, kept)) => {
            *kept = settings;
            json!({"webPixel": queries::web_pixel(*id, kept), "userErrors": []})
        }
        none => {
            *none = Some((1, settings.clone()));
            json!({"webPixel": queries::web_pixel(1, &settings), "userErrors": []})
        }
    }
}
