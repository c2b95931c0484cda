//! Drawing recipients into a campaign: once each, whoever asks and however often.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Query;
use sea_orm::{ConnectionTrait, ExprTrait, IntoActiveModel, QueryOrder, QuerySelect};

use super::arms::Arm;
use super::before::Before;
use super::campaign::{CampaignId, Model as Campaign};
use super::drawn::Drawn;
use super::program;
use crate::app::App;
use crate::db::{counts, each, insert_once};
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
    let mut before = before(txn, campaign, &people, new.iter().map(|(_, hash, _)| hash.as_str())).await?;
    let fresh = Fresh { new: &new, people: &people, before: &before };
    let left_alone = by_program(txn, app, shop, fresh, now).await?;
    let mut rows: Vec<Model> = Vec::with_capacity(new.len());
    for (place, ((one, key, id), recipient_id)) in new.into_iter().zip(people).enumerate() {
        let (arm, by_program) = before.arm(recipient_id).unwrap_or_else(|| match left_alone.contains(&place) {
            true => (Arm::Nothing, true),
            false => (split.arm(&shop_key, &experiment, &one.recipient.key), false),
        });
        before.drawn(recipient_id, arm, by_program);
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
    let about = rows.iter().filter_map(|row| row.checkout_token.clone()).collect();
    counts::doubt(txn, shop, counts::LEFT, about).await?;
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

/// What people were drawn as by other keys than these, hashed, whom nobody drew into the campaign yet.
async fn before(
    txn: &impl ConnectionTrait,
    campaign: &Campaign,
    people: &[RecipientId],
    fresh: impl Iterator<Item = &str>,
) -> Result<Before, DbErr> {
    let mut before = Before::default();
    if people.is_empty() {
        return Ok(before);
    }
    let others = Entity::of(campaign.shop_id).filter(Column::RecipientKeyHash.is_not_in(fresh));
    let mut draws: Vec<Model> = each(txn, others, Column::RecipientId, people.to_vec()).await?;
    draws.sort_by_key(|draw| (draw.drawn_at, draw.id));
    for draw in draws {
        let called = (draw.recipient_id, draw.recipient_key_hash);
        before.called(called, (draw.campaign_id, campaign.id), (draw.arm, draw.by_program));
    }
    Ok(before)
}

/// Recipients who were not drawn into the campaign yet by these keys.
struct Fresh<'a> {
    /// Whom, the hash of their key, and the draw's id.
    new: &'a [(&'a ToDraw, &'a String, MessageId)],
    /// Who each of them is.
    people: &'a [RecipientId],
    /// What they were drawn as by other keys.
    before: &'a Before,
}

/// Assigns recipients in the programme that runs, if one does; answers the places of those it leaves alone. Somebody who is
/// in it by another key, or stands twice in this call, is what they were first.
async fn by_program(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    Fresh { new, people, before }: Fresh<'_>,
    now: Timestamp,
) -> Result<HashSet<usize>, DbErr> {
    let Some(running) = program::running(txn, shop).await? else { return Ok(HashSet::new()) };
    let hashes = before.hashes().chain(new.iter().map(|(_, hash, _)| *hash)).cloned().collect();
    let known = program::standing(txn, &running, hashes).await?;
    let mut held_out: HashMap<RecipientId, bool> = HashMap::new();
    for ((_, hash, _), person) in new.iter().zip(people) {
        if let Some(known) = before.by_hash(*person, &known).or_else(|| known.get(*hash).copied()) {
            held_out.entry(*person).or_insert(known);
        }
    }
    let mut fresh = Vec::new();
    for ((one, hash, id), person) in new.iter().zip(people) {
        if !held_out.contains_key(person) {
            held_out.insert(*person, false);
            fresh.push((*person, (one.recipient.key.as_str(), *hash, *id)));
        }
    }
    let keys: Vec<(&str, &String, MessageId)> = fresh.iter().map(|(_, key)| *key).collect();
    for place in program::assign(txn, app, &running, &keys, now).await? {
        held_out.insert(fresh[place].0, true);
    }
    let places = people.iter().enumerate().filter(|(_, person)| held_out.get(person) == Some(&true));
    Ok(places.map(|(place, _)| place).collect())
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
