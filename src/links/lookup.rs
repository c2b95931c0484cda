//! Reading links: many slugs, one statement. Whoever asks while one is under way shares the next.
//!
//! A campaign's evening is a hundred thousand links tapped once each, which no memory knows beforehand. No timer gathers
//! them: the statement under way is what lets the next group gather.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::{ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QuerySelect};
use tokio::sync::{mpsc, oneshot};

use super::link::{self, Entity as Links};
use crate::codes::{CodeColumn, RedeemCodeId, RedeemCodes, State as CodeState};
use crate::db::{Db, each};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Slugs per statement.
const MOST: usize = 128;

/// How many may wait before more are turned away.
const QUEUE: usize = 4_096;

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

type Answer = Result<Option<Row>, ()>;
type Asked = (ShopId, String, oneshot::Sender<Answer>);

/// The reader; clones ask the same one.
#[derive(Clone, Debug)]
pub struct Lookups(mpsc::Sender<Asked>);

impl Lookups {
    /// Starts it. It ends when the last clone is dropped.
    pub fn start(db: Db) -> Self {
        let (sender, mut receiver) = mpsc::channel::<Asked>(QUEUE);
        tokio::spawn(async move {
            let mut asked = Vec::with_capacity(MOST);
            while receiver.recv_many(&mut asked, MOST).await > 0 {
                let mut by_shop: HashMap<ShopId, Vec<(String, oneshot::Sender<Answer>)>> = HashMap::new();
                for (shop, slug, answer) in asked.drain(..) {
                    by_shop.entry(shop).or_default().push((slug, answer));
                }
                for (shop, asked) in by_shop {
                    answer(&db, shop, asked).await;
                }
            }
        });
        Self(sender)
    }

    /// The link of this name, waiting `limit` at most. `Err`: the database did not say.
    pub async fn ask(&self, shop: ShopId, slug: &str, limit: Duration) -> Answer {
        let (answer, answered) = oneshot::channel();
        self.0.try_send((shop, slug.to_owned(), answer)).map_err(drop)?;
        tokio::time::timeout(limit, answered).await.map_err(drop)?.map_err(drop)?
    }
}

async fn answer(db: &Db, shop: ShopId, asked: Vec<(String, oneshot::Sender<Answer>)>) {
    let slugs: Vec<&str> = asked.iter().map(|(slug, _)| slug.as_str()).collect();
    let found: Result<HashMap<String, Row>, ()> = match tokio::time::timeout(GIVE_UP, read(db, shop, &slugs)).await {
        Ok(Ok(rows)) => Ok(rows.into_iter().collect()),
        Ok(Err(error)) => {
            tracing::error!(shop.id = %shop, error = %error, "links could not be read");
            Err(())
        }
        Err(_) => Err(()),
    };
    for (slug, answer) in asked {
        // Two may have asked for the same one.
        drop(answer.send(match &found {
            Ok(rows) => Ok(rows.get(&slug).cloned()),
            Err(()) => Err(()),
        }));
    }
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
