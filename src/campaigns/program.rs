//! The shop's long-lived programme holdout: a share of all recipients whom no campaign writes to, for months, so that what
//! messages bring together can be seen where no single campaign shows it.
//!
//! 1. One runs at a time. Another share is another programme, with assignments of its own: nobody flips within one.
//! 2. Whoever is drawn into any campaign while it runs is assigned then, once; their outcome counts from that instant.
//! 3. It knows people by the hash of their platform's key, so forgetting a person and importing them again changes no arm.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ConnectionTrait, IntoActiveModel, QueryOrder};

use super::holdout::held_out;
use crate::app::App;
use crate::db::{each, insert_once};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

crate::uuid_id!(
    /// A programme; also the id of its experiment.
    ProgramId
);

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "programs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ProgramId,
    pub share_ppm: i32,
    pub began_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

impl ActiveModelBehavior for ActiveModel {}

/// Who is in it.
pub mod member {
    use sea_orm::entity::prelude::*;

    use super::ProgramId;
    use crate::kernel::Timestamp;
    use crate::kernel::id::{MessageId, ShopId};

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "program_members")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub shop_id: ShopId,
        /// Of the draw that assigned them.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MessageId,
        pub program_id: ProgramId,
        pub recipient_key_hash: String,
        pub held_out: bool,
        pub assigned_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The programme that runs now.
pub async fn running(db: &impl ConnectionTrait, shop: ShopId) -> Result<Option<Model>, DbErr> {
    Entity::find().filter(COLUMN.shop_id.eq(shop)).filter(Column::EndedAt.is_null()).one(db).await
}

/// Every programme of a shop, the newest first.
pub async fn programs(db: &impl ConnectionTrait, shop: ShopId) -> Result<Vec<Model>, DbErr> {
    Entity::find().filter(COLUMN.shop_id.eq(shop)).order_by_desc(COLUMN.id).all(db).await
}

/// Ends what runs and begins one that leaves this share alone; 0: begins none. The same share again changes nothing.
pub async fn begin(
    txn: &impl ConnectionTrait,
    app: &App,
    shop: ShopId,
    share_ppm: i32,
    now: Timestamp,
) -> Result<Option<Model>, DbErr> {
    if let Some(running) = running(txn, shop).await? {
        if running.share_ppm == share_ppm {
            return Ok(Some(running));
        }
        let mut ended = running.into_active_model();
        ended.ended_at = Set(Some(now));
        ended.update(txn).await?;
    }
    if share_ppm == 0 {
        return Ok(None);
    }
    let begun = Model { shop_id: shop, id: ProgramId::new(&app.chance, now), share_ppm, began_at: now, ended_at: None };
    Ok(Some(Entity::insert(begun.into_active_model()).exec_with_returning(txn).await?))
}

/// Forgets what the platform of some member called them; their arm and their outcome stay. Safe to repeat.
pub(super) async fn forget(txn: &impl ConnectionTrait, shop: ShopId, hash: &str, instead: &str) -> Result<(), DbErr> {
    member::Entity::update_many()
        .col_expr(member::Column::RecipientKeyHash, Expr::value(instead))
        .filter(member::COLUMN.shop_id.eq(shop))
        .filter(member::COLUMN.recipient_key_hash.eq(hash))
        .exec(txn)
        .await
        .map(drop)
}

/// Who of some is in a programme, by the hash of their key: whether it leaves them alone.
pub(super) async fn standing(
    txn: &impl ConnectionTrait,
    program: &Model,
    hashes: BTreeSet<String>,
) -> Result<BTreeMap<String, bool>, DbErr> {
    if hashes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let of_program = member::Entity::find().filter(member::COLUMN.shop_id.eq(program.shop_id));
    let of_program = of_program.filter(member::COLUMN.program_id.eq(program.id));
    let known: Vec<member::Model> = each(txn, of_program, member::Column::RecipientKeyHash, hashes).await?;
    Ok(known.into_iter().map(|member| (member.recipient_key_hash, member.held_out)).collect())
}

/// Whether somebody is in the shop's programmes, by the hashes of their keys: of each programme, its beginning, whether it
/// leaves them alone, and since when they are in it.
pub async fn memberships(
    db: &impl ConnectionTrait,
    shop: ShopId,
    hashes: BTreeSet<String>,
) -> Result<Vec<(ProgramId, bool, Timestamp)>, DbErr> {
    let members = member::Entity::find().filter(member::COLUMN.shop_id.eq(shop));
    let found: Vec<member::Model> = each(db, members, member::Column::RecipientKeyHash, hashes).await?;
    let mut found: Vec<_> = found.into_iter().map(|one| (one.program_id, one.held_out, one.assigned_at)).collect();
    found.sort_by_key(|(program, _, since)| (*since, *program));
    Ok(found)
}

/// Assigns whoever is not yet in the programme; answers the places in `keys` of those it leaves alone. `keys`: what their
/// platform calls them, its hash, and the id of the draw that would assign them.
pub(super) async fn assign(
    txn: &impl ConnectionTrait,
    app: &App,
    program: &Model,
    keys: &[(&str, &String, crate::kernel::id::MessageId)],
    now: Timestamp,
) -> Result<HashSet<usize>, DbErr> {
    let shop = program.shop_id;
    let shop_key = app.vault.shop_key(shop, "holdout");
    let (experiment, share) = (program.id.to_string(), u32::try_from(program.share_ppm).unwrap_or(0));
    let of_program =
        member::Entity::find().filter(member::COLUMN.shop_id.eq(shop)).filter(member::COLUMN.program_id.eq(program.id));
    let hashes: Vec<String> = keys.iter().map(|(_, hash, _)| (*hash).clone()).collect();
    let known: Vec<member::Model> = each(txn, of_program, member::Column::RecipientKeyHash, hashes).await?;
    let known: HashSet<String> = known.into_iter().map(|member| member.recipient_key_hash).collect();
    let left_alone = |key: &str| held_out(&shop_key, &experiment, key, share);
    let mut fresh = Vec::new();
    for (key, hash, draw) in keys.iter().filter(|(_, hash, _)| !known.contains(*hash)) {
        let member = member::Model {
            shop_id: shop,
            id: *draw,
            program_id: program.id,
            recipient_key_hash: (*hash).clone(),
            held_out: left_alone(key),
            assigned_at: now,
        };
        fresh.push(member.into_active_model());
    }
    insert_once(txn, fresh).await?;
    Ok(keys.iter().enumerate().filter(|(_, (key, ..))| left_alone(key)).map(|(place, _)| place).collect())
}
