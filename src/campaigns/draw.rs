//! Drawing recipients into a campaign: once each, whoever asks and however often.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{ConnectionTrait, ExprTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::arms::Arm;
use super::campaign::{CampaignId, Model as Campaign};
use super::drawn::Drawn;
use super::program;
use crate::app::App;
use crate::db::{each, insert_once};
use crate::kernel::Timestamp;
use crate::kernel::id::{MessageId, ShopId};
use crate::people::{self, NewRecipient, RecipientId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "draws")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: MessageId,
    pub campaign_id: CampaignId,
    pub recipient_key_hash: String,
    pub recipient_id: RecipientId,
    pub held_out: bool,
    /// What they are given.
    pub arm: Arm,
    /// The shop's programme leaves them alone; their campaign never chose.
    pub by_program: bool,
    pub checkout_token: Option<String>,
    pub drawn_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

impl Entity {
    /// Draws of one shop.
    pub fn of(shop: ShopId) -> Select<Self> {
        Self::find().filter(COLUMN.shop_id.eq(shop))
    }
}

/// Whether anybody was drawn into a campaign, held out or not.
pub(super) async fn any(db: &impl ConnectionTrait, campaign: &Campaign) -> Result<bool, DbErr> {
    let first = Entity::of(campaign.shop_id).filter(COLUMN.campaign_id.eq(campaign.id)).one(db).await?;
    Ok(first.is_some())
}

/// Who was drawn for some checkouts, held out or not, the oldest first.
pub async fn drawn_for(db: &impl ConnectionTrait, shop: ShopId, checkouts: Vec<String>) -> Result<Vec<Model>, DbErr> {
    let of_shop = Entity::of(shop).filter(Column::CheckoutToken.is_in(checkouts));
    of_shop.order_by_asc(COLUMN.id).all(db).await
}

/// Who was drawn by the platform's own key of them, into whatever campaigns, the newest first.
pub async fn draws_by_key(
    db: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    key: &str,
    limit: u64,
) -> Result<Vec<Model>, DbErr> {
    let of_shop = Entity::of(shop).filter(COLUMN.recipient_key_hash.eq(app.vault.lookup(shop, "recipient_key", key)));
    of_shop.order_by_desc(COLUMN.id).limit(limit).all(db).await
}

/// That somebody was drawn for a checkout, of a query about checkouts; only the held out, or only the others.
pub fn was_drawn(shop: ShopId, checkout: Expr, held_out: bool) -> Expr {
    let draw = Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(Expr::col((Entity, Column::ShopId)).eq(shop))
        .and_where(Expr::col((Entity, Column::CheckoutToken)).eq(checkout))
        .and_where(Expr::col((Entity, Column::HeldOut)).eq(held_out))
        .to_owned();
    Expr::exists(draw)
}

/// Whom to draw.
#[derive(Clone, Debug)]
pub struct ToDraw {
    /// Who.
    pub recipient: NewRecipient,
    /// The abandoned checkout the message is about.
    pub checkout_token: Option<String>,
}

/// Why nobody is drawn into a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotDrawn {
    /// The shop has no such campaign.
    #[error("there is no such campaign")]
    Unknown,
    /// It is put away.
    #[error("the campaign is archived")]
    Archived,
}

/// The campaign that was looked for, if recipients are drawn into it.
pub fn open(found: Option<Campaign>) -> Result<Campaign, NotDrawn> {
    match found {
        Some(campaign) if campaign.archived_at.is_none() => Ok(campaign),
        Some(_) => Err(NotDrawn::Archived),
        None => Err(NotDrawn::Unknown),
    }
}

/// Draws recipients; answers one draw per recipient, in their order, with whether this call made it.
pub async fn draw(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    recipients: &[&ToDraw],
    now: Timestamp,
) -> Result<Vec<(Model, bool)>, DbErr> {
    let shop = campaign.shop_id;
    let keys = recipients.iter().map(|one| app.vault.lookup(shop, "recipient_key", &one.recipient.key));
    let keys: Vec<String> = keys.collect();
    let mut known = drawn(txn, campaign, &keys).await?;
    let new = recipients.iter().zip(&keys).filter(|(_, key)| !known.contains_key(*key));
    let new: Vec<(&ToDraw, &String)> = new.map(|(one, key)| (*one, key)).collect();
    let named: Vec<&NewRecipient> = new.iter().map(|(one, _)| &one.recipient).collect();
    let people = people::identify(txn, app, shop, &named, now).await?;

    let shop_key = app.vault.shop_key(shop, "holdout");
    let (split, experiment) = (campaign.split(), campaign.id.to_string());
    let new: Vec<(&ToDraw, &String, MessageId)> =
        new.into_iter().map(|(one, key)| (one, key, MessageId::new(&app.chance, now))).collect();
    let left_alone = by_program(txn, app, shop, &new, now).await?;
    let mut rows: Vec<Model> = Vec::with_capacity(new.len());
    for (place, ((one, key, id), recipient_id)) in new.into_iter().zip(people).enumerate() {
        let by_program = left_alone.contains(&place);
        let own = || split.arm(&shop_key, &experiment, &one.recipient.key);
        let arm = if by_program { Arm::Nothing } else { own() };
        rows.push(Model {
            shop_id: shop,
            id,
            campaign_id: campaign.id,
            recipient_key_hash: key.clone(),
            recipient_id,
            held_out: arm == Arm::Nothing,
            arm,
            by_program,
            checkout_token: one.checkout_token.clone(),
            drawn_at: now,
        });
    }
    let fresh: Vec<MessageId> = rows.iter().map(|row| row.id).collect();
    Drawn::tell(txn, app, shop, &fresh, now).await?;
    let ours: HashMap<String, MessageId> = rows.iter().map(|row| (row.recipient_key_hash.clone(), row.id)).collect();
    let raced = insert(txn, rows.clone()).await?;
    if raced {
        known = drawn(txn, campaign, &keys).await?;
    } else {
        known.extend(rows.into_iter().map(|row| (row.recipient_key_hash.clone(), row)));
    }
    Ok(keys
        .iter()
        .filter_map(|key| known.get(key))
        .map(|row| (row.clone(), ours.get(&row.recipient_key_hash) == Some(&row.id)))
        .collect())
}

/// Assigns recipients in the programme that runs, if one does; answers the places of those it leaves alone.
async fn by_program(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    new: &[(&ToDraw, &String, MessageId)],
    now: Timestamp,
) -> Result<HashSet<usize>, DbErr> {
    let Some(running) = program::running(txn, shop).await? else { return Ok(HashSet::new()) };
    let keys: Vec<(&str, &String, MessageId)> =
        new.iter().map(|(one, hash, id)| (one.recipient.key.as_str(), *hash, *id)).collect();
    program::assign(txn, app, &running, &keys, now).await
}

/// Inserts draws; `true` when somebody else drew one of them at the same time.
async fn insert(txn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<bool, DbErr> {
    let count = rows.len() as u64;
    let inserted = insert_once(txn, rows.into_iter().map(IntoActiveModel::into_active_model)).await?;
    Ok(inserted != count)
}

/// What was drawn before, by key hash.
async fn drawn(
    txn: &impl ConnectionTrait,
    campaign: &Campaign,
    keys: &[String],
) -> Result<HashMap<String, Model>, DbErr> {
    let of_campaign = Entity::of(campaign.shop_id).filter(COLUMN.campaign_id.eq(campaign.id));
    let keys = keys.iter().map(String::as_str);
    let rows: Vec<Model> = each(txn, of_campaign, Column::RecipientKeyHash, keys).await?;
    Ok(rows.into_iter().map(|row| (row.recipient_key_hash.clone(), row)).collect())
}
