//! Drawing recipients into a campaign: once each, whoever asks and however often.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue::Set, ConnectionTrait, IntoActiveModel};

use super::campaign::{CampaignId, Model as Campaign};
use super::contact::{Hashes, NewRecipient};
use super::holdout::held_out;
use super::recipient::{self, RecipientId};
use crate::app::App;
use crate::db::{each, insert_once};
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Stream, Timestamp};

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

/// Draws recipients; answers one draw per recipient, in their order, with whether this call made it.
pub async fn draw(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    recipients: &[&NewRecipient],
    now: Timestamp,
) -> Result<Vec<(Model, bool)>, DbErr> {
    let shop = campaign.shop_id;
    let hashes: Vec<Hashes> = recipients.iter().map(|recipient| recipient.hashes(&app.vault, shop)).collect();
    let mut known = drawn(txn, campaign, &hashes).await?;
    let new: Vec<(&NewRecipient, &Hashes)> =
        recipients.iter().copied().zip(&hashes).filter(|(_, hashes)| !known.contains_key(&hashes.key)).collect();
    let people = identify(txn, app, shop, &new, now).await?;

    let shop_key = app.vault.shop_key(shop, "holdout");
    let share = u32::try_from(campaign.holdout_ppm).unwrap_or(0);
    let experiment = campaign.id.to_string();
    let mut rows: Vec<Model> = Vec::with_capacity(new.len());
    for ((recipient, hashes), recipient_id) in new.iter().zip(people) {
        rows.push(Model {
            shop_id: shop,
            id: MessageId::new(&app.chance, now),
            campaign_id: campaign.id,
            recipient_key_hash: hashes.key.clone(),
            recipient_id,
            held_out: held_out(&shop_key, &experiment, &recipient.key, share),
            checkout_token: recipient.checkout_token.clone(),
            drawn_at: now,
        });
    }
    let ours: HashMap<String, MessageId> = rows.iter().map(|row| (row.recipient_key_hash.clone(), row.id)).collect();
    let raced = insert(txn, rows.clone()).await?;
    if raced {
        known = drawn(txn, campaign, &hashes).await?;
    } else {
        known.extend(rows.into_iter().map(|row| (row.recipient_key_hash.clone(), row)));
    }
    Ok(hashes
        .iter()
        .filter_map(|hashes| known.get(&hashes.key))
        .map(|row| (row.clone(), ours.get(&row.recipient_key_hash) == Some(&row.id)))
        .collect())
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
    hashes: &[Hashes],
) -> Result<HashMap<String, Model>, DbErr> {
    let of_campaign = Entity::of(campaign.shop_id).filter(COLUMN.campaign_id.eq(campaign.id));
    let keys = hashes.iter().map(|hashes| hashes.key.as_str());
    let rows: Vec<Model> = each(txn, of_campaign, Column::RecipientKeyHash, keys).await?;
    Ok(rows.into_iter().map(|row| (row.recipient_key_hash.clone(), row)).collect())
}

/// The people behind the addresses, made when they are new. One phone is one person, whatever keys a platform uses.
async fn identify(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    new: &[(&NewRecipient, &Hashes)],
    now: Timestamp,
) -> Result<Vec<RecipientId>, DbErr> {
    let hashes: Vec<&Hashes> = new.iter().map(|(_, hashes)| *hashes).collect();
    let mut known = people(txn, shop, &hashes).await?;
    let mut seen: HashSet<&str> = HashSet::new();
    let mut rows = Vec::new();
    for (recipient, hashes) in new {
        let address = hashes.phone.as_deref().or(hashes.whatsapp.as_deref()).unwrap_or_default();
        if find(&known, hashes).is_none() && seen.insert(address) {
            rows.push(sealed(app, shop, recipient, hashes, now));
        }
    }
    if rows.is_empty() {
        return Ok(new.iter().filter_map(|(_, hashes)| find(&known, hashes)).collect());
    }
    let made: Vec<_> = rows.iter().filter_map(made).collect();
    // A clash on either unique address means that the person exists.
    if insert_once(txn, rows).await? == made.len() as u64 {
        known.extend(made.into_iter().flat_map(|(addresses, id)| addresses.into_iter().map(move |hash| (hash, id))));
    } else {
        known = people(txn, shop, &hashes).await?;
    }
    let found: Vec<RecipientId> = new.iter().filter_map(|(_, hashes)| find(&known, hashes)).collect();
    if found.len() != new.len() {
        return Err(DbErr::Custom("a recipient vanished between insert and read".into()));
    }
    Ok(found)
}

/// The addresses of a person who is made, and who that is.
fn made(row: &recipient::ActiveModel) -> Option<(Vec<String>, RecipientId)> {
    let addresses = [&row.phone_hash, &row.whatsapp_hash].map(|hash| hash.try_as_ref().cloned().flatten());
    Some((addresses.into_iter().flatten().collect(), *row.id.try_as_ref()?))
}

fn sealed(
    app: &App,
    shop: ShopId,
    recipient: &NewRecipient,
    hashes: &Hashes,
    now: Timestamp,
) -> recipient::ActiveModel {
    let key: [u8; 32] = app.chance.bytes(Stream::Keys);
    let own = crate::kernel::Vault::new(key, None, app.chance.clone());
    recipient::ActiveModel {
        shop_id: Set(shop),
        id: Set(RecipientId::new(&app.chance, now)),
        phone_hash: Set(hashes.phone.clone()),
        whatsapp_hash: Set(hashes.whatsapp.clone()),
        email_hash: Set(hashes.email.clone()),
        shopify_customer_id: Set(recipient.shopify_customer_id),
        data_key_sealed: Set(Some(app.vault.seal(shop, "recipients.data_key", &key))),
        contact_sealed: Set(Some(own.seal_bytes(shop, "recipients.contact", &recipient.document()))),
        created_at: Set(now),
        forgotten_at: Set(None),
    }
}

/// Known people by address hash (phone and WhatsApp hashes never meet: their purposes differ).
async fn people(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    hashes: &[&Hashes],
) -> Result<HashMap<String, RecipientId>, DbErr> {
    use recipient::{COLUMN as PERSON, Column as Person};
    let mut known = HashMap::with_capacity(hashes.len());
    let phones = hashes.iter().flat_map(|hashes| [&hashes.phone, &hashes.phone_before]);
    let phones: Vec<&str> = phones.filter_map(|hash| hash.as_deref()).collect();
    let users: Vec<&str> = hashes.iter().filter_map(|hashes| hashes.whatsapp.as_deref()).collect();
    // One address at a time: with both in one condition, SQLite reads all people of the shop for every recipient.
    for (address, hashes) in [(Person::PhoneHash, phones), (Person::WhatsappHash, users)] {
        let of_shop = recipient::Entity::find().filter(PERSON.shop_id.eq(shop));
        let rows: Vec<recipient::Model> = each(txn, of_shop, address, hashes).await?;
        for row in rows {
            known.extend([row.phone_hash, row.whatsapp_hash].into_iter().flatten().map(|hash| (hash, row.id)));
        }
    }
    Ok(known)
}

fn find(known: &HashMap<String, RecipientId>, hashes: &Hashes) -> Option<RecipientId> {
    [&hashes.phone, &hashes.phone_before, &hashes.whatsapp]
        .into_iter()
        .flatten()
        .find_map(|hash| known.get(hash))
        .copied()
}
