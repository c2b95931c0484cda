//! What the inbox knows of a person: which bodies name them, and forgetting those.
//!
//! Bodies are opened and read through when somebody asks; nothing is noted about people when a delivery comes in. Such
//! an index would be personal data of its own, would cost every delivery a write, and would miss what we did not read
//! when it came (dead letters, topics we leave aside). Requests are rare and bodies age out, so reading them through
//! costs seconds at most.

use std::collections::{BTreeSet, HashSet};

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use super::delivery::{COLUMN, Column, Entity, Model, Source, State};
use super::parsed::{Parsed, Unreadable};
use crate::app::App;
use crate::db::INSERT_ROWS;
use crate::kernel::id::ShopId;
use crate::kernel::{Email, Phone, Timestamp, Vault};
use crate::messages;
use crate::shops::Shop;
use crate::tombstones::{Marker, Thing, Tombstone};
use crate::whatsapp::person::UserId;

/// Bodies opened at a time.
const BATCH: u64 = 100;

/// A delivery that names somebody.
#[derive(Clone, Debug)]
pub struct Mention {
    /// Who sent it.
    pub source: Source,
    /// Which.
    pub delivery_id: String,
    /// What it is about.
    pub topic: String,
    /// When it came.
    pub received_at: Timestamp,
    /// Where it stands.
    pub state: State,
}

/// Kept deliveries received at `until` or before whose bodies name one of `marks`.
pub async fn mentions_of(
    app: &App,
    shop: &Shop,
    marks: &HashSet<String>,
    until: Timestamp,
) -> Result<Vec<Mention>, DbErr> {
    let mut found = Vec::new();
    for source in Source::iter() {
        let mut after = String::new();
        loop {
            let kept = Entity::of(shop.shop_id).filter(COLUMN.source.eq(source)).filter(still_there());
            let batch = kept.filter(COLUMN.delivery_id.gt(&after)).filter(COLUMN.received_at.lte(until));
            let batch = batch.order_by_asc(COLUMN.delivery_id).limit(BATCH).all(app.db.read()).await?;
            let Some(last) = batch.last() else { break };
            after.clone_from(&last.delivery_id);
            for row in batch {
                // What does not open under our keys cannot be read by anybody.
                let Ok(body) = row.body(&app.vault) else { continue };
                if names(&app.vault, shop.shop_id, shop.country.as_deref(), &body)
                    .iter()
                    .any(|mark| marks.contains(mark))
                {
                    let Model { source, delivery_id, topic, received_at, state, .. } = row;
                    found.push(Mention { source, delivery_id, topic, received_at, state });
                }
            }
        }
    }
    found.sort_by(|a, b| (a.received_at, &a.delivery_id).cmp(&(b.received_at, &b.delivery_id)));
    Ok(found)
}

/// Empties the bodies of some deliveries. Their rows stay, so that a repeat is still known for one.
pub async fn empty(app: &App, shop: ShopId, mentions: &[Mention]) -> Result<(), DbErr> {
    for source in Source::iter() {
        let of_source = mentions.iter().filter(|one| one.source == source);
        let ids: Vec<String> = of_source.map(|one| one.delivery_id.clone()).collect();
        for ids in ids.chunks(INSERT_ROWS) {
            let txn = app.db.begin_write().await?;
            Entity::update_many()
                .col_expr(Column::BodySealed, Expr::value(Vec::<u8>::new()))
                .filter(COLUMN.shop_id.eq(shop))
                .filter(COLUMN.source.eq(source))
                .filter(COLUMN.delivery_id.is_in(ids.to_vec()))
                .exec(&txn)
                .await?;
            txn.commit().await?;
        }
    }
    Ok(())
}

/// Empties bodies in one state received before `before`; answers how many, at most [`INSERT_ROWS`].
pub async fn empty_old(app: &App, shop: ShopId, state: State, before: Timestamp) -> Result<usize, DbErr> {
    let old = Entity::of(shop).filter(COLUMN.state.eq(state)).filter(COLUMN.received_at.lt(before));
    let old: Vec<(Source, String)> = old
        .filter(still_there())
        .select_only()
        .columns([Column::Source, Column::DeliveryId])
        .order_by_asc(COLUMN.received_at)
        .limit(INSERT_ROWS as u64)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let mention =
        |(source, delivery_id)| Mention { source, delivery_id, topic: String::new(), received_at: before, state };
    let old: Vec<Mention> = old.into_iter().map(mention).collect();
    empty(app, shop, &old).await?;
    Ok(old.len())
}

/// Drops rows in one state received before `before`: their sender will not repeat them any more. Answers how many, at
/// most [`INSERT_ROWS`].
pub async fn drop_old(app: &App, shop: ShopId, state: State, before: Timestamp) -> Result<usize, DbErr> {
    let old = Entity::of(shop).filter(COLUMN.state.eq(state)).filter(COLUMN.received_at.lt(before));
    let old: Vec<(Source, String)> = old
        .select_only()
        .columns([Column::Source, Column::DeliveryId])
        .order_by_asc(COLUMN.received_at)
        .limit(INSERT_ROWS as u64)
        .into_tuple()
        .all(app.db.read())
        .await?;
    let txn = app.db.begin_write().await?;
    for source in Source::iter() {
        let ids = old.iter().filter(|(of, _)| *of == source).map(|(_, id)| id.clone());
        let gone = Entity::delete_many().filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.source.eq(source));
        gone.filter(COLUMN.delivery_id.is_in(ids)).filter(COLUMN.state.eq(state)).exec(&txn).await?;
    }
    txn.commit().await?;
    Ok(old.len())
}

/// Deliveries whose body is still there.
pub(super) fn still_there() -> sea_orm::sea_query::SimpleExpr {
    Expr::cust("length(body_sealed) > 0")
}

/// Whether tombstones cover what a delivery says: it is older than they are, or about something that was forgotten.
pub(super) fn covered(told: &Result<Parsed, Unreadable>, arrived: Timestamp, tombstones: &[Tombstone]) -> bool {
    let began = match told {
        Ok(Parsed::Order(snapshot)) => snapshot.ordered_at,
        Ok(Parsed::Checkout(snapshot)) => snapshot.created_at,
        Ok(Parsed::Whatsapp(told)) => told.began().unwrap_or(arrived),
        _ => arrived,
    };
    tombstones.iter().any(|tombstone| tombstone.covers(began))
}

/// The marks of everybody and everything a body names, as far as its texts and numbers can mean somebody.
pub(super) fn names(vault: &Vault, shop: ShopId, country: Option<&str>, body: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body));
    let mut said = Said::default();
    match serde_json::from_str::<Value>(&text) {
        Ok(body) => said.value(body),
        // Not JSON: word by word.
        Err(_) => {
            let cut = |c: char| !c.is_ascii_alphanumeric() && !"@+._-".contains(c);
            said.texts.extend(text.split(cut).filter(|word| !word.is_empty()).map(str::to_owned));
        }
    }
    let countries = std::mem::take(&mut said.countries);
    let mut names = Names { vault, marker: Marker::of(vault, shop), shop, country, countries, found: BTreeSet::new() };
    said.texts.iter().for_each(|text| names.text(text, &mut said.numbers));
    said.numbers.iter().for_each(|number| names.number(*number));
    names.found
}

/// What stands in a body, each thing once: bodies repeat themselves, and hashing is what costs.
#[derive(Default)]
struct Said {
    texts: BTreeSet<String>,
    numbers: BTreeSet<i64>,
    /// Countries that addresses name: phones beside them may be in their national form.
    countries: BTreeSet<String>,
}

/// Fields in which an address names its country.
const COUNTRY_FIELDS: [&str; 2] = ["country_code", "countryCodeV2"];

/// More countries than an order has addresses are somebody's trial.
const COUNTRIES: usize = 8;

impl Said {
    fn value(&mut self, value: Value) {
        match value {
            Value::String(text) => drop(self.texts.insert(text)),
            Value::Number(number) => self.numbers.extend(number.as_i64()),
            Value::Array(items) => items.into_iter().for_each(|item| self.value(item)),
            Value::Object(fields) => fields.into_iter().for_each(|(name, field)| {
                if COUNTRY_FIELDS.contains(&name.as_str()) && self.countries.len() < COUNTRIES {
                    self.countries.extend(field.as_str().map(str::to_owned));
                }
                self.value(field);
            }),
            Value::Null | Value::Bool(_) => {}
        }
    }
}

struct Names<'a> {
    vault: &'a Vault,
    marker: Marker,
    shop: ShopId,
    country: Option<&'a str>,
    countries: BTreeSet<String>,
    found: BTreeSet<String>,
}

impl Names<'_> {
    /// Shopify's ids are large; a quantity or a price is nobody.
    fn number(&mut self, number: i64) {
        if number >= 10_000 {
            self.found.insert(self.marker.mark(Thing::Customer, &number.to_string()));
        }
    }

    fn text(&mut self, text: &str, numbers: &mut BTreeSet<i64>) {
        let text = text.trim();
        if text.is_empty() || text.len() > 512 {
            return;
        }
        if let Ok(email) = text.parse::<Email>() {
            self.look_up(Thing::Email, "email", email.normalised());
        }
        // A number written as text, or at the end of a global id.
        numbers.extend(text.rsplit('/').next().and_then(|last| last.parse::<i64>().ok()));
        if phone_like(text) {
            self.phone(text);
        }
        if UserId::parse(text).is_some() {
            self.look_up(Thing::User, "whatsapp", text);
        }
        if text.starts_with("wamid.") {
            self.look_up(Thing::Wamid, "wamid", text);
        }
        if let Some((shop, message)) = messages::read_callback(self.vault, text)
            && shop == self.shop
        {
            self.found.insert(self.marker.mark(Thing::Message, &message.to_string()));
        }
        let token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if (16..=255).contains(&text.len()) && text.bytes().all(token) {
            self.found.insert(self.marker.mark(Thing::Checkout, text));
        }
    }

    /// Whoever a number can mean, read as any of the rooms may read it, and under any spelling a tombstone may know.
    fn phone(&mut self, text: &str) {
        let at_home = [Phone::parse(text, self.country), Phone::from_whatsapp(text)];
        let abroad = self.countries.iter().map(|country| Phone::in_country(text, country));
        let phones: Vec<Phone> = at_home.into_iter().chain(abroad).flatten().collect();
        for hash in phones.iter().flat_map(|phone| phone.hashes(self.vault, self.shop)) {
            self.found.insert(self.marker.mark(Thing::Phone, &hash));
        }
    }

    fn look_up(&mut self, kind: Thing, purpose: &'static str, value: &str) {
        let hash = self.vault.lookup(self.shop, purpose, value);
        self.found.insert(self.marker.mark(kind, &hash));
    }
}

/// Seven to fifteen digits and nothing people do not write between them.
fn phone_like(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (7..=15).contains(&digits) && text.len() <= 32 && text.chars().all(|c| c.is_ascii_digit() || "+ -()./".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Chance;

    const SHOP: ShopId = ShopId(77);

    fn vault() -> Vault {
        Vault::new([1; 32], None, Chance::seeded(1)).with_pepper([2; 32])
    }

    fn marks(kind: Thing, purpose: Option<&'static str>, value: &str) -> String {
        let vault = vault();
        let value = purpose.map_or(value.to_owned(), |purpose| vault.lookup(SHOP, purpose, value));
        Marker::of(&vault, SHOP).mark(kind, &value)
    }

    #[test]
    fn a_person_is_found_however_they_are_written() {
        let phone = marks(Thing::Phone, Some("phone"), "+436601234567");
        let abroad = marks(Thing::Phone, Some("phone"), "+905465550101");
        let mexican = marks(Thing::Phone, Some("phone"), "+525512345678");
        let email = marks(Thing::Email, Some("email"), "ana@example.com");
        let customer = marks(Thing::Customer, None, "7358220000000");
        for (body, mark) in [
            (r#"{"customer": {"phone": "+43 660 1234567"}}"#, &phone),
            (r#"{"shipping_address": {"phone": "0660/1234567"}}"#, &phone),
            (r#"{"billing_address": {"phone": "546 555 01 01", "country_code": "TR"}}"#, &abroad),
            (r#"{"statuses": [{"recipient_id": "5215512345678"}]}"#, &mexican),
            (r#"{"statuses": [{"recipient_id": "436601234567"}]}"#, &phone),
            (r#"{"email": " Ana@Example.com"}"#, &email),
            (r#"{"customer": {"id": 7358220000000}}"#, &customer),
            (r#"{"customer_id": "7358220000000"}"#, &customer),
            (r#"{"admin_graphql_api_id": "gid:\/\/shopify\/Customer\/7358220000000"}"#, &customer),
            ("broken {\"phone\": \"+436601234567\"", &phone),
        ] {
            assert!(names(&vault(), SHOP, Some("AT"), body.as_bytes()).contains(mark), "{body}");
        }
        let other = br#"{"customer": {"id": 7358220000011, "email": "bea@example.com", "phone": "+436601234568"}}"#;
        let found = names(&vault(), SHOP, Some("AT"), other);
        assert!([phone, email, customer].iter().all(|mark| !found.contains(mark)));
        assert!(
            names(&vault(), ShopId(78), Some("AT"), br#"{"email": "ana@example.com"}"#).is_disjoint(&names(
                &vault(),
                SHOP,
                Some("AT"),
                br#"{"email": "ana@example.com"}"#
            )),
            "marks of two shops never meet"
        );
    }
}
