//! Reading links: many slugs, one statement. Whoever asks while one is under way shares the next.
//!
//! A campaign's evening is a hundred thousand links tapped once each, which no memory knows beforehand.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::{ColumnTrait, ConnAcquireErr, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};

use super::link::{self, Entity as Links};
use crate::codes::{CodeColumn, RedeemCodeId, RedeemCodes, State as CodeState};
use crate::db::{Db, Group, each};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// A statement that hangs is given up.
const GIVE_UP: Duration = Duration::from_secs(2);

/// A link with its code as it stands.
#[derive(Clone, Debug)]
pub struct Row {
    /// The link.
    pub link: link::Model,
    /// Its code, if it has one.
    pub code: Option<Code>,
}

/// What a tap asks of a code.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Code {
    id: RedeemCodeId,
    /// Its text.
    pub code: String,
    /// Where it stands.
    pub state: CodeState,
    /// When it ends for the recipient.
    pub expires_at: Option<Timestamp>,
    /// Set when that end may still move: its clock starts with the delivery.
    pub life_seconds: Option<i64>,
}

/// The reader; clones ask the same one.
#[derive(Clone, Debug)]
pub struct Lookups(Group<(ShopId, String), Option<Row>>);

impl Lookups {
    /// Starts it. It ends when the last clone is dropped.
    pub fn start(db: Db) -> Self {
        Self(Group::start(
            "link_lookups",
            |(shop, _): &(ShopId, String)| *shop,
            move |asked: Vec<(ShopId, String)>| {
                let db = db.clone();
                let late = |_| DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
                async move { tokio::time::timeout(GIVE_UP, answers(&db, &asked)).await.map_err(late).flatten() }
            },
        ))
    }

    /// The link of this name, waiting `limit` at most. `Err`: the database did not say.
    pub async fn ask(&self, shop: ShopId, slug: &str, limit: Duration) -> Result<Option<Row>, ()> {
        self.0.write((shop, slug.to_owned()), limit).await.map_err(drop)
    }
}

async fn answers(db: &Db, asked: &[(ShopId, String)]) -> Result<Vec<Option<Row>>, DbErr> {
    let mut by_shop: HashMap<ShopId, Vec<&str>> = HashMap::new();
    for (shop, slug) in asked {
        by_shop.entry(*shop).or_default().push(slug);
    }
    let mut found: HashMap<(ShopId, String), Row> = HashMap::with_capacity(asked.len());
    for (shop, slugs) in by_shop {
        found.extend(read(db, shop, &slugs).await?.into_iter().map(|(slug, row)| ((shop, slug), row)));
    }
    // Two may have asked for the same one.
    Ok(asked.iter().map(|key| found.get(key).cloned()).collect())
}

/// Of one moment: with another moment's code a shopper could be told that a code is over which was just replaced.
async fn read(db: &Db, shop: ShopId, slugs: &[&str]) -> Result<Vec<(String, Row)>, DbErr> {
    let moment = db.begin_read().await?;
    let of_shop = Links::find().filter(link::COLUMN.shop_id.eq(shop));
    let links: Vec<link::Model> = each(&moment, of_shop, link::Column::Slug, slugs.iter().copied()).await?;
    let columns = [CodeColumn::Id, CodeColumn::Code, CodeColumn::State, CodeColumn::ExpiresAt, CodeColumn::LifeSeconds];
    let codes = RedeemCodes::of(shop).select_only().columns(columns);
    let ids = links.iter().filter_map(|link| link.redeem_code_id);
    let codes: Vec<Code> = each(&moment, codes, CodeColumn::Id, ids).await?;
    moment.commit().await?;
    let codes: HashMap<RedeemCodeId, Code> = codes.into_iter().map(|code| (code.id, code)).collect();
    let row = |link: link::Model| {
        let code = link.redeem_code_id.and_then(|id| codes.get(&id).cloned());
        (link.slug.clone(), Row { link, code })
    };
    Ok(links.into_iter().map(row).collect())
}
