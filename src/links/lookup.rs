//! Reading links: many slugs, one statement. Whoever asks while one is under way shares the next.
//!
//! A campaign's evening is a hundred thousand links tapped once each, which no memory knows beforehand. No timer gathers
//! them: the statement under way is what lets the next group gather.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};
use tokio::sync::{mpsc, oneshot};

use super::link::{Column as Link, Entity as Links};
use crate::campaigns::CampaignId;
use crate::codes::{CodeColumn, RedeemCodeId, RedeemCodes, State as CodeState};
use crate::db::Db;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

/// Slugs per statement: few sizes, so that each text is prepared once per connection.
const SIZES: [usize; 5] = [1, 4, 16, 64, 128];
const MOST: usize = SIZES[SIZES.len() - 1];

/// How many may wait before more are turned away.
const QUEUE: usize = 4_096;

/// What the slugs of a statement are called in it.
const ASKED: &str = "asked";

/// A statement that hangs is given up.
const GIVE_UP: Duration = Duration::from_secs(2);

/// A link with its code as it stands.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Row {
    /// Its short name.
    pub slug: String,
    /// Its campaign.
    pub campaign_id: CampaignId,
    /// When its message was composed.
    pub created_at: Timestamp,
    /// Its code, if it has one.
    pub redeem_code_id: Option<RedeemCodeId>,
    /// The code's text.
    pub code: Option<String>,
    /// Where the code stands.
    pub state: Option<CodeState>,
    /// When the code ends for the recipient.
    pub ends_at: Option<Timestamp>,
    /// The checkout it leads back to.
    pub checkout_token: Option<String>,
    /// Set when that end may still move: the code's clock starts with the delivery.
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
        Ok(Ok(rows)) => Ok(rows.into_iter().map(|row| (row.slug.clone(), row)).collect()),
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

async fn read(db: &Db, shop: ShopId, slugs: &[&str]) -> Result<Vec<Row>, DbErr> {
    let size = SIZES.into_iter().find(|size| *size >= slugs.len()).unwrap_or(slugs.len());
    let padded = slugs.iter().copied().chain(std::iter::repeat_n("", size - slugs.len()));
    let code = |column: CodeColumn| Expr::col((RedeemCodes, column));
    let link = |column: Link| Expr::col((Links, column));
    // A list of rows and not `IN`: PostgreSQL, before it knows the tables, would read the whole shop for a long `IN`.
    let select = Query::select()
        .columns(
            [Link::Slug, Link::CampaignId, Link::CreatedAt, Link::RedeemCodeId, Link::CheckoutToken]
                .map(|column| (Links, column)),
        )
        .columns([CodeColumn::Code, CodeColumn::State, CodeColumn::LifeSeconds].map(|column| (RedeemCodes, column)))
        .expr_as(code(CodeColumn::ExpiresAt), Alias::new("ends_at"))
        .from_values(padded, ASKED)
        .inner_join(Links, link(Link::ShopId).eq(shop).and(link(Link::Slug).eq(Expr::col((ASKED, "column1")))))
        .left_join(
            RedeemCodes,
            code(CodeColumn::ShopId).eq(shop).and(code(CodeColumn::Id).eq(link(Link::RedeemCodeId))),
        )
        .to_owned();
    let rows = db.read().query_all(&select).await?;
    rows.iter().map(|row| Row::from_query_result(row, "")).collect()
}
