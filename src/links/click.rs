//! One hit on a link, noted before the shopper is sent on.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::collections::BTreeSet;
use std::net::IpAddr;

use sea_orm::ConnectionTrait;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use super::classify::{self, Seen, Signs};
use crate::app::App;
use crate::db::{asked, each_like};
use crate::kernel::id::{ShopId, base62, from_base62};
use crate::kernel::{Timestamp, Vault};

crate::uuid_id!(
    /// A tap. Its base-62 form travels to the shop as the click id.
    ClickId
);

impl ClickId {
    /// The beginning of the millisecond it was drawn in.
    fn first_moment(self) -> Option<Timestamp> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        let micros = i64::try_from(seconds).ok()?.checked_mul(1_000_000)?.checked_add(i64::from(nanos) / 1_000)?;
        Some(Timestamp::from_micros(micros))
    }

    /// The form that travels: 22 characters at most.
    pub fn public(self) -> String {
        base62(self.0.as_u128())
    }

    /// Reads the form that travels; anything else is not a click of ours.
    pub fn from_public(text: &str) -> Option<Self> {
        if text.len() > 22 {
            return None;
        }
        let uuid = Uuid::from_u128(from_base62(text)?);
        (uuid.get_version_num() == 7).then_some(Self(uuid))
    }
}

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, serde::Serialize, serde::Deserialize)]
#[sea_orm(table_name = "clicks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: Timestamp,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ClickId,
    pub slug: String,
    /// The verdict as it stands: what every count and every piece of evidence reads.
    pub human: bool,
    /// Its reasons' words, strongest first, with commas.
    pub reason: String,
    /// What was seen at the door ([`classify::Signs`]); from here on facts for judging again.
    pub signs: i32,
    /// The device's mark on this link ([`classify::device`]): it names nobody. 0 when let go.
    pub device: i32,
    /// The browser's name, until it is let go.
    pub agent: Option<String>,
    /// Keyed hash of Meta's click id, when the link was opened with one.
    pub meta_click: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Whether a hit counts, of a query over hits: all but `HEAD`, which is the lowest bit of the signs.
pub fn counts() -> Expr {
    Expr::cust("clicks.signs % 2 = 0")
}

/// Whether a hit has a bit of [`Signs`], of a query over hits.
pub fn with_sign(bit: i32) -> Expr {
    Expr::cust(format!("(clicks.signs / {bit}) % 2 = 1"))
}

/// The longest browser's name that is kept.
const AGENT: usize = 255;

impl Model {
    /// A hit as the door sees it, with the verdict of the plain rules.
    pub fn seen<'a>(
        app: &App,
        (shop, slug): (ShopId, &str),
        seen: Seen,
        (address, header): (Option<IpAddr>, impl Fn(&str) -> Option<&'a str>),
        query: &str,
        now: Timestamp,
    ) -> Self {
        let signs = Signs::read(seen, &header);
        let agent = header("user-agent").map(|agent| {
            let end = agent.char_indices().nth(AGENT).map_or(agent.len(), |(end, _)| end);
            agent[..end].to_owned()
        });
        let verdict = classify::at_once(signs, agent.as_deref());
        Self {
            shop_id: shop,
            at: now,
            id: ClickId::new(&app.chance, now),
            slug: slug.to_owned(),
            human: verdict.human,
            reason: verdict.kept(),
            signs: signs.0,
            device: classify::device(&app.vault, shop, slug, address, agent.as_deref()),
            agent,
            meta_click: meta_click_in(&app.vault, shop, query),
        }
    }
}

/// The landing parameter in which Meta puts its click id.
const META_PARAMETER: &str = "fbclid";

fn meta_click_in(vault: &Vault, shop: ShopId, query: &str) -> Option<i64> {
    if !query.contains(META_PARAMETER) {
        return None;
    }
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(key, value)| key == META_PARAMETER && !value.is_empty()).map(|(_, id)| meta_click(vault, shop, &id))
}

/// What is kept of a click id of Meta's: a keyed hash, by which the two tellings of one click meet.
pub fn meta_click(vault: &Vault, shop: ShopId, id: &str) -> i64 {
    let digest = vault.keyed_hash(shop, "meta_click", &[id.as_bytes()]);
    i64::from_be_bytes(std::array::from_fn(|n| digest[n]))
}

/// Clicks of these ids, in no order. An id begins with its millisecond (UUIDv7), and so the table's key finds it: an
/// index of ids alone would be written at every tap.
pub async fn clicks_called(
    db: &impl ConnectionTrait,
    shop: ShopId,
    ids: BTreeSet<ClickId>,
) -> Result<Vec<Model>, DbErr> {
    let window = |id: ClickId| {
        let first = id.first_moment()?.micros();
        Some(vec![first.into(), (first + 999).into(), id.into()])
    };
    let keys = ids.into_iter().filter_map(window).collect();
    let at = Expr::col(Column::At.as_column_ref()).between(asked("column1"), asked("column2"));
    each_like(db, Entity::of(shop), keys, at.and(Expr::col(Column::Id.as_column_ref()).eq(asked("column3")))).await
}

impl Entity {
    /// Clicks of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_form_reads_back_and_nothing_else_does() {
        let id = ClickId::new(&crate::kernel::Chance::seeded(1), Timestamp::from_seconds(1_795_000_000));
        assert_eq!(ClickId::from_public(&id.public()), Some(id));
        for wrong in ["", "0", "hello", "zzzzzzzzzzzzzzzzzzzzzz", "7n42DGM5Tflk9n8mt7Fhc7x"] {
            assert_eq!(ClickId::from_public(wrong), None, "{wrong}");
        }
    }
}
