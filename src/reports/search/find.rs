//! What a text can be the name of, in one shop.
//!
//! 1. Names are looked up, never guessed: an order by its name or Shopify's number, a code folded, a message by its id or
//!    the platform's own key of its recipient, a checkout by its token. Only campaigns are found by a part of their name.
//! 2. A person's phone or e-mail finds nothing, unless the platform chose it for its key: nobody's orders are learnt by it.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use crate::app::App;
use crate::campaigns::{self, CAMPAIGN, CampaignId, Campaigns, Draw, Draws};
use crate::checkouts::Checkouts;
use crate::codes::{CODE, RedeemCodes, fold};
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::orders::{ORDER, Order, OrderColumn, OrderId, Orders};
use crate::shops::{CurrentShop, Scope};

/// What something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SearchHitKind)]
pub enum Kind {
    /// An order: `id` is Shopify's number, its receipt says the rest.
    Order,
    /// A redeem code: `id` is the code, its look-up says the rest.
    Code,
    /// A campaign.
    Campaign,
    /// A message, or somebody who was held out of one.
    Message,
    /// A checkout: `id` is its token.
    Checkout,
}

/// Something of that name.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SearchHit {
    kind: Kind,
    id: String,
    /// What it is called; of a message: its campaign.
    name: String,
    /// When it was placed, made or drawn.
    #[schema(value_type = Option<String>, format = "date-time")]
    at: Option<Timestamp>,
    /// The campaign it belongs to.
    campaign_id: Option<CampaignId>,
    /// Nobody was written to: there is no message, only the draw.
    held_out: bool,
}

impl SearchHit {
    fn of(kind: Kind, id: impl ToString, name: String) -> Self {
        Self { kind, id: id.to_string(), name, at: None, campaign_id: None, held_out: false }
    }
}

/// What was found.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct SearchResult {
    /// Orders first, then codes, messages, checkouts and campaigns.
    hits: Vec<SearchHit>,
    /// Whether there are more than are told of some kind.
    more: bool,
}

/// Of each kind so many are told.
const MOST: usize = 8;

/// Campaigns whose names are looked at, the newest: a shop makes a few a week.
const NAMES: u64 = 2_000;

/// Looks a text up; what the caller may not read is not looked for.
pub async fn find(
    db: &impl ConnectionTrait,
    app: &App,
    current: &CurrentShop,
    text: &str,
) -> Result<SearchResult, DbErr> {
    let shop = current.shop.shop_id;
    let (reports, campaigns) = (current.may(Scope::Reports).is_ok(), current.may(Scope::Campaigns).is_ok());
    let mut result = SearchResult { hits: Vec::new(), more: false };
    if reports {
        result.add(orders(db, shop, text).await?);
    }
    if campaigns {
        result.add(codes(db, shop, text).await?);
    }
    if reports {
        result.add(messages(db, app, shop, text).await?);
    }
    if campaigns && let Some(found) = Checkouts::find_by_id((shop, text.to_owned())).one(db).await? {
        let hit = SearchHit::of(Kind::Checkout, &found.token, found.token.clone());
        result.hits.push(SearchHit { at: Some(found.created_at), ..hit });
    }
    result.add(named(db, shop, text).await?);
    Ok(result)
}

impl SearchResult {
    fn add(&mut self, mut found: Vec<SearchHit>) {
        self.more |= found.len() > MOST;
        found.truncate(MOST);
        self.hits.extend(found);
    }
}

/// An order by its name, with or without the sign before it, or by Shopify's number of it.
async fn orders(db: &impl ConnectionTrait, shop: ShopId, text: &str) -> Result<Vec<SearchHit>, DbErr> {
    let bare = text.trim_start_matches('#');
    let spelled = [bare.to_owned(), bare.to_uppercase(), bare.to_lowercase()];
    let names: BTreeSet<String> = spelled.into_iter().flat_map(|name| [format!("#{name}"), name]).collect();
    let of_shop = Orders::of(shop).filter(ORDER.name.is_in(names));
    let mut found = of_shop.order_by_desc(OrderColumn::OrderedAt).limit(MOST as u64 + 1).all(db).await?;
    if let Ok(number) = bare.parse() {
        let by_number = Orders::find_by_id((shop, OrderId(number))).one(db).await?;
        found.extend(by_number.filter(|order| !found.contains(order)));
    }
    let hit = |order: Order| SearchHit {
        at: Some(order.ordered_at),
        ..SearchHit::of(Kind::Order, order.shopify_order_id, order.name)
    };
    Ok(found.into_iter().map(hit).collect())
}

/// A code, however it was typed.
async fn codes(db: &impl ConnectionTrait, shop: ShopId, text: &str) -> Result<Vec<SearchHit>, DbErr> {
    let found = RedeemCodes::of(shop).filter(CODE.code.eq(fold(text))).one(db).await?;
    let hit = found.map(|code| SearchHit {
        at: Some(code.reserved_at),
        campaign_id: Some(code.campaign_id),
        ..SearchHit::of(Kind::Code, &code.code, code.code.clone())
    });
    Ok(hit.into_iter().collect())
}

/// Messages by their id, or by the platform's own key of their recipient.
async fn messages(db: &impl ConnectionTrait, app: &App, shop: ShopId, text: &str) -> Result<Vec<SearchHit>, DbErr> {
    let mut found = campaigns::draws_by_key(db, app, shop, text, MOST as u64 + 1).await?;
    if let Some(id) = MessageId::parse(text) {
        found.extend(Draws::find_by_id((shop, id)).one(db).await?);
    }
    let ids: BTreeSet<CampaignId> = found.iter().map(|draw| draw.campaign_id).collect();
    let named = Campaigns::of(shop).filter(CAMPAIGN.id.is_in(ids)).all(db).await?;
    let named: HashMap<CampaignId, String> = named.into_iter().map(|one| (one.id, one.name)).collect();
    let hit = |draw: Draw| SearchHit {
        at: Some(draw.drawn_at),
        campaign_id: Some(draw.campaign_id),
        held_out: draw.held_out,
        ..SearchHit::of(Kind::Message, draw.id, named.get(&draw.campaign_id).cloned().unwrap_or_default())
    };
    Ok(found.into_iter().map(hit).collect())
}

/// Campaigns with the text in their name, the newest first. Letters are compared here: SQLite folds only those of ASCII.
async fn named(db: &impl ConnectionTrait, shop: ShopId, text: &str) -> Result<Vec<SearchHit>, DbErr> {
    let wanted = text.to_lowercase();
    let names = Campaigns::of(shop).select_only().column(campaigns::CampaignColumn::Id);
    let names = names.column(campaigns::CampaignColumn::Name).order_by_desc(CAMPAIGN.id).limit(NAMES);
    let names: Vec<(CampaignId, String)> = names.into_tuple().all(db).await?;
    let fits = names.into_iter().filter(|(id, name)| name.to_lowercase().contains(&wanted) || id.to_string() == wanted);
    let hit = |(id, name)| SearchHit { campaign_id: Some(id), ..SearchHit::of(Kind::Campaign, id, name) };
    Ok(fits.take(MOST + 1).map(hit).collect())
}
