//! What the routes themselves do not say of the API: whose description it is, who may ask for what, how answers are
//! called and how calls are refused.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use serde_json::Value;
use utoipa::openapi::path::{Operation, Parameter};
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, Contact, Content, Header, Info, License, OpenApi, PathItem, Ref, RefOr, Response, ResponseBuilder,
    Server,
};

use super::examples;
use crate::http::Problem;
use crate::shops::Scope;
use crate::shops::Scope::{Campaigns, Reports, Statuses};

/// What a key needs for an operation: one of these scopes. An operation that is not named is the merchant's alone.
const SCOPES: &[(&[Scope], &[&str])] = &[
    (&[Campaigns, Statuses, Reports], &["shop", "failures"]),
    (
        &[Campaigns],
        &[
            "create_campaign",
            "preview_campaign",
            "change_campaign",
            "archive_campaign",
            "draw_recipients",
            "message",
            "replace_code",
            "revoke_message_code",
            "code",
            "revoke_code",
            "revoke_campaign_codes",
            "close_code_alarm",
            "settings",
            "link_settings",
            "webhooks",
            "add_webhook",
            "delete_webhook",
            "webhook_deliveries",
            "rotate_webhook",
            "test_webhook",
            "abandoned_checkouts",
            "checkout",
        ],
    ),
    (
        &[Campaigns, Reports],
        &[
            "campaigns",
            "campaign",
            "campaign_codes",
            "campaign_messages",
            "code_alarms",
            "codes",
            "message_rates",
            "search",
        ],
    ),
    (&[Statuses], &["report_statuses", "hand_in_template_analytics", "tell_opt_outs"]),
    (
        &[Reports],
        &[
            "summary",
            "ledger",
            "agreement",
            "links",
            "orders",
            "receipt",
            "timeline",
            "pixel",
            "sources",
            "costs",
            "opt_outs",
            "journeys",
            "policies",
            "policy",
            "preview_policy",
            "compare_policies",
            "kpis",
            "program",
            "lift",
            "lift_by_meta",
            "recovery",
            "plan_lift",
            "claims",
            "cohorts",
            "exports",
            "export",
            "make_file",
            "files",
            "file",
            "delete_file",
            "messages",
            "recipient",
            "checkouts_report",
            "file_schedule",
            "choose_file_schedule",
            "stop_file_schedule",
        ],
    ),
];

/// Refusals that any operation of a kind may answer: status, code, meaning.
const GENERAL: &[(u16, &str, &str)] = &[
    (400, "bad_json", "the body is no JSON"),
    (400, "bad_body", "the body broke off on its way"),
    (400, "invalid_query", "the query does not fit the contract; `field` names the parameter"),
    (400, "invalid_address", "the address holds a zero byte"),
    (401, "unauthorized", "nobody proved who is asking"),
    (401, "reauthorize", "the merchant has to open the app in the admin once"),
    (403, "forbidden", "the key lacks the scope, or only a merchant may do this"),
    (404, "not_found", "the shop has no such thing"),
    (404, "no_such_route", "what the address names cannot be a part of one"),
    (408, "slow_body", "the body took too long to come"),
    (413, "too_large", "the body is larger than this call takes"),
    (422, "invalid_field", "a value cannot be; `field` names it as a path"),
    (429, "too_many", "too many calls; `Retry-After` says when to go on"),
    (500, "internal", "something failed on our side; quote the `request_id`"),
    (503, "unavailable", "try again after `Retry-After`; nothing was changed"),
];

/// Refusals of one operation: the operation, status, code, meaning.
const PARTICULAR: &[(&str, u16, &str, &str)] = &[
    ("create_campaign", 400, "bad_idempotency_key", "`Idempotency-Key` is 1 to 200 visible characters"),
    ("create_campaign", 409, "idempotency_conflict", "this `Idempotency-Key` came with another body before"),
    ("change_campaign", 409, "already_drawn", "recipients were drawn under what `field` names"),
    ("draw_recipients", 409, "campaign_archived", "nobody is drawn into an archived campaign"),
    ("replace_code", 409, "no_code", "the message carries no code"),
    ("replace_code", 409, "campaign_archived", "an archived campaign gives no more codes"),
    ("replace_code", 409, "code_pending", "the code is still on its way to Shopify"),
    ("replace_code", 409, "code_still_good", "the code is good"),
    ("replace_code", 409, "code_used", "an order used the code"),
    ("replace_code", 409, "code_had_its_time", "the recipient had the code for as long as was promised"),
    ("revoke_message_code", 409, "no_code", "the message carries no code"),
    ("revoke_message_code", 409, "code_used", "an order used the code"),
    ("revoke_code", 409, "code_used", "an order used the code"),
    ("look_at_link_domain", 422, "invalid_field", "no link domain was chosen yet"),
    ("add_webhook", 409, "too_many_webhooks", "the shop has as many endpoints as it may"),
    ("test_webhook", 409, "webhook_disabled", "the endpoint said that it is gone"),
    ("rotate_webhook", 409, "webhook_rotated", "somebody else rotated this secret meanwhile"),
    ("activate_policy", 409, "still_restating", "history is still being judged by the version before"),
    ("retire_policy", 409, "default_stays", "a shop always counts by `default`"),
    ("retry_job", 409, "not_set_aside", "the job was not set aside"),
    ("read_agreement_days", 409, "scope_missing", "the merchant has not allowed the optional scope `read_reports`"),
    ("read_agreement_again", 409, "nothing_differs", "nothing of this day is unexplained"),
    ("make_file", 409, "too_many_files", "as many files are on their way as may be"),
    ("privacy_export", 409, "not_a_data_request", "the request asks for no data"),
    ("privacy_export", 409, "unreadable_request", "the request cannot be read"),
    ("open_contact", 410, "contact_gone", "how they were reached is no longer kept"),
    ("privacy_export", 410, "export_gone", "the data was let go"),
];

const API_KEY: &str = "api_key";
const ID_TOKEN: &str = "id_token";
const PROBLEM: &str = "Problem";

/// Completes the description.
pub(super) fn complete(api: &mut OpenApi) {
    api.info = info();
    api.servers = Some(vec![Server::new("/")]);
    let components = api.components.get_or_insert_with(Components::new);
    components.schemas.insert(PROBLEM.to_owned(), Problem::schema());
    components.add_security_scheme(
        API_KEY,
        bearer("rcp_…", "An API key, made by a merchant. What it may do are its scopes."),
    );
    components.add_security_scheme(ID_TOKEN, bearer("JWT", "An ID token of Shopify's admin: the merchant."));
    for status in GENERAL.iter().map(|(status, ..)| *status) {
        components.responses.insert(name(status), refusal(status, codes_of(status)).into());
    }
    components.responses.insert(SAME.to_owned(), same().into());
    let schemas = serde_json::to_value(&components.schemas).unwrap_or_default();
    for (path, item) in &mut api.paths.paths {
        let has_id = path.contains('{');
        for operation in operations_mut(item) {
            complete_operation(operation, has_id);
            give_examples(operation, &schemas);
        }
        if let Some(read) = &mut item.get {
            complete_reading(read);
        }
    }
}

/// The answer to whoever has it already.
const SAME: &str = "NotModified";

fn same() -> Response {
    let said = "`If-None-Match` names the `ETag` of what would be answered: it is still the same.";
    ResponseBuilder::new().description(said).build()
}

/// JSON that is read has a tag.
fn complete_reading(read: &mut Operation) {
    let Some(RefOr::T(answer)) = read.responses.responses.get_mut("200") else { return };
    if answer.content.contains_key("application/json") {
        let mut tag = Header::new(ObjectBuilder::new().schema_type(Type::String));
        tag.description =
            Some("Send it back as `If-None-Match`, and be told with 304 that nothing changed.".to_owned());
        answer.headers.insert("ETag".to_owned(), tag.into());
        read.responses.responses.insert("304".to_owned(), RefOr::Ref(Ref::from_response_name(SAME)));
    }
}

/// An example of the body and of each answer of an operation.
fn give_examples(operation: &mut Operation, schemas: &Value) {
    let id = operation.operation_id.clone().unwrap_or_default();
    let sent = examples::sent().remove(&id);
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        for content in body.content.values_mut() {
            if let RefOr::T(content) = content {
                content.example.clone_from(&sent);
            }
        }
    }
    for answer in operation.responses.responses.values_mut() {
        let RefOr::T(answer) = answer else { continue };
        for (kind, content) in &mut answer.content {
            let RefOr::T(content) = content else { continue };
            let schema = serde_json::to_value(&content.schema).unwrap_or_default();
            content.example = content.example.take().or_else(|| Some(examples::answer(kind, &schema, schemas)));
        }
    }
}

fn info() -> Info {
    let mut license = License::new("Apache License 2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    let mut contact = Contact::new();
    contact.name = Some("Recoup".to_owned());
    contact.url = Some("https://recoup.dev".to_owned());
    let mut info = Info::new("Recoup", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Single-use WhatsApp codes, tracked links and honest attribution for Shopify shops.\n\nEvery refusal is a problem \
         document (RFC 9457) with a stable `code`; codes may be added."
            .to_owned(),
    );
    info.license = Some(license);
    info.contact = Some(contact);
    info
}

fn bearer(format: &str, description: &str) -> SecurityScheme {
    let mut scheme = Http::new(HttpAuthScheme::Bearer);
    scheme.bearer_format = Some(format.to_owned());
    scheme.description = Some(description.to_owned());
    SecurityScheme::Http(scheme)
}

/// The operations of a path with their methods.
pub(super) fn operations(item: &PathItem) -> impl Iterator<Item = &'static str> {
    let all = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    let used: Vec<&'static str> =
        all.into_iter().filter(|(_, operation)| operation.is_some()).map(|(method, _)| method).collect();
    used.into_iter()
}

fn operations_mut(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

fn complete_operation(operation: &mut Operation, in_path: bool) {
    let id = operation.operation_id.clone().unwrap_or_default();
    let scopes: Vec<&Scope> =
        SCOPES.iter().filter(|(_, named)| named.contains(&id.as_str())).flat_map(|(scopes, _)| *scopes).collect();
    let by_key = scopes.iter().map(|scope| SecurityRequirement::new(API_KEY, [scope.name()]));
    operation.security =
        Some(by_key.chain([SecurityRequirement::new(ID_TOKEN, std::iter::empty::<String>())]).collect());
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            response.description = words(status).to_owned();
        }
    }
    let body = operation.request_body.is_some();
    // A campaign that is asked for by name in the query may be another shop's, or none.
    let named = |one: &RefOr<Parameter>| matches!(one, RefOr::T(parameter) if parameter.name == "campaign");
    let has_id = in_path || operation.parameters.as_ref().is_some_and(|all| all.iter().any(named));
    let query = operation.parameters.as_ref().is_some_and(|all| all.len() > usize::from(in_path));
    let mut refusals: BTreeMap<u16, RefOr<Response>> = BTreeMap::new();
    for (status, ..) in GENERAL {
        let may_be = match status {
            404 => has_id,
            408 | 413 => body,
            422 => body || query,
            _ => true,
        };
        if may_be {
            refusals.insert(*status, RefOr::Ref(Ref::from_response_name(name(*status))));
        }
    }
    for (_, status, ..) in PARTICULAR.iter().filter(|(of, ..)| *of == id) {
        let own = PARTICULAR.iter().filter(|(of, at, ..)| *of == id && at == status);
        let own = own.map(|(_, _, code, meaning)| (*code, *meaning));
        refusals.insert(*status, refusal(*status, codes_of(*status).chain(own)).into());
    }
    let refusals = refusals.into_iter().map(|(status, refusal)| (status.to_string(), refusal));
    operation.responses.responses.extend(refusals);
}

fn codes_of(status: u16) -> impl Iterator<Item = (&'static str, &'static str)> {
    GENERAL.iter().filter(move |(of, ..)| *of == status).map(|(_, code, meaning)| (*code, *meaning))
}

fn refusal<'a>(status: u16, codes: impl Iterator<Item = (&'a str, &'a str)>) -> Response {
    let codes: Vec<(&str, &str)> = codes.collect();
    let sentences: Vec<String> = codes.iter().map(|(code, meaning)| format!("`{code}`: {meaning}.")).collect();
    let mut names: Vec<&str> = codes.into_iter().map(|(code, _)| code).collect();
    names.dedup();
    let example = names.last().map(|code| examples::refusal(status, code, sentences.last()));
    let one_of = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
    let own = ObjectBuilder::new().schema_type(Type::Object).property("code", one_of);
    let schema = AllOfBuilder::new().item(Ref::from_schema_name(PROBLEM)).item(own);
    let mut content = Content::new(Some(schema));
    content.example = example;
    ResponseBuilder::new().description(sentences.join(" ")).content("application/problem+json", content).build()
}

/// A response's name among the components, e.g. `NotFound`.
fn name(status: u16) -> String {
    let words = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or("Problem");
    words.split(' ').collect()
}

fn words(status: &str) -> &'static str {
    match status {
        "201" => "It was made.",
        "202" => "It was taken on and happens soon.",
        "204" => "It was done; there is nothing to say.",
        _ => "What was asked for.",
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn sources(folder: &Path, found: &mut String) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") && !path.ends_with("problem.rs") {
                found.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
    }

    /// Codes of doors that are no part of the API: the page, the webhook doors, the pixel; and of entries within a call.
    const ELSEWHERE: &[&str] = &[
        "bad_target",
        "bad_link",
        "link_expired",
        "no_shop",
        "forged_query",
        "incomplete_delivery",
        "bad_pixel_event",
        "wrong_method",
        "unknown_message",
        "before_message",
        "bad_time",
        "no_message",
    ];

    #[test]
    fn every_code_is_described() {
        let mut text = String::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut text);
        let mut seen = 0;
        for call in ["Problem::conflict(", "Self::conflict(", "Problem::bad_request(", "Problem::new("] {
            for rest in text.split(call).skip(1) {
                // `Problem::new` names its status first.
                let mut arguments = rest.splitn(3, ',');
                let first = arguments.next().unwrap_or_default();
                let code = if call == "Problem::new(" { arguments.next().unwrap_or_default() } else { first };
                let Some(code) = code.trim().strip_prefix('"').and_then(|code| code.strip_suffix('"')) else {
                    continue;
                };
                let known = GENERAL.iter().any(|(_, known, _)| *known == code)
                    || PARTICULAR.iter().any(|(_, _, known, _)| *known == code)
                    || ELSEWHERE.contains(&code);
                assert!(known, "`{code}` is described nowhere");
                seen += 1;
            }
        }
        assert!(seen > 20, "{seen}");
    }

    #[test]
    fn every_name_is_an_operation() {
        let api = crate::server::openapi();
        let ids: Vec<String> = api
            .paths
            .paths
            .values()
            .flat_map(|item| [&item.get, &item.post, &item.put, &item.patch, &item.delete])
            .flatten()
            .filter_map(|operation| operation.operation_id.clone())
            .collect();
        let named = SCOPES.iter().flat_map(|(_, named)| *named).chain(PARTICULAR.iter().map(|(id, ..)| id));
        let strange: Vec<&&str> = named.filter(|id| !ids.iter().any(|known| known == **id)).collect();
        assert!(strange.is_empty(), "{strange:?} are no operations");
    }
}
