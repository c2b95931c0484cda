//! A tracked link: one per message.
#![expect(missing_docs, reason = "columns are named in the field's words; the table's migration says why")]

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{CaseStatement, ExprTrait};
use sea_orm::{ActiveValue::Set, ConnectionTrait, IntoActiveModel};

use super::classify::{self, Left};
use super::{carried, click, slug};
use crate::app::App;
use crate::campaigns::{Campaign, CampaignId, TO_CHECKOUT};
use crate::codes::{RedeemCode, RedeemCodeId};
use crate::db::insert_once;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "links")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub shop_id: ShopId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub slug: String,
    pub campaign_id: CampaignId,
    pub redeem_code_id: Option<RedeemCodeId>,
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    /// The checkout it leads back to.
    pub checkout_token: Option<String>,
    /// Its message left no later than this, by whatever was told of it.
    pub left_by: Option<Timestamp>,
    /// Its message left about then: it was sent or arrived.
    pub left_about: Option<Timestamp>,
}

impl Model {
    /// When its message left, as far as is known.
    pub fn left(&self) -> Option<Left> {
        Some(Left { by: self.left_by?, about: self.left_about })
    }
}

impl ActiveModelBehavior for ActiveModel {}

/// What a link carries: a code, if any, and the checkout its message is about, if any.
pub type LinkContents<'a> = (Option<&'a RedeemCode>, Option<&'a str>);

/// The address people tap: on the shop's own link domain, or on ours.
pub fn address(app: &App, domain: Option<&str>, slug: &str) -> String {
    format!("{}{slug}", prefix(app, domain))
}

/// What all of a shop's links begin with: the fixed part of a template's button.
pub fn prefix(app: &App, domain: Option<&str>) -> String {
    let ours = &app.config.server.public_url;
    match domain {
        // Plain HTTP only in a pretend world, where our own address is plain too.
        Some(domain) => format!("{}://{domain}/r/", ours.split("://").next().unwrap_or("https")),
        None => format!("{ours}/r/"),
    }
}

/// Mints one link per entry; answers their slugs in that order.
pub async fn mint(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    contents: &[LinkContents<'_>],
    now: Timestamp,
) -> Result<Vec<String>, DbErr> {
    let mut slugs = Vec::with_capacity(contents.len());
    let rows: Vec<ActiveModel> = contents.iter().map(|contents| row(app, campaign, *contents, now)).collect();
    slugs.extend(rows.iter().filter_map(|row| row.slug.try_as_ref().cloned()));
    if insert_once(txn, rows).await? != slugs.len() as u64 {
        return Err(DbErr::Custom("a link's name was drawn twice".into()));
    }
    Ok(slugs)
}

fn row(app: &App, campaign: &Campaign, (code, checkout): LinkContents<'_>, now: Timestamp) -> ActiveModel {
    ActiveModel {
        shop_id: Set(campaign.shop_id),
        slug: Set(slug::draw(&app.vault, &app.chance, campaign.shop_id)),
        campaign_id: Set(campaign.id),
        redeem_code_id: Set(code.map(|code| code.id)),
        expires_at: Set(code.and_then(|code| code.expires_at)),
        created_at: Set(now),
        // Only where it is of use: the token names a shopper's checkout.
        left_by: Set(None),
        left_about: Set(None),
        checkout_token: Set(checkout.filter(|_| campaign.link.destination == TO_CHECKOUT).map(str::to_owned)),
    }
}

/// The end of a link's code moved.
pub async fn ends(txn: &impl ConnectionTrait, slug: &str, code: &RedeemCode) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::ExpiresAt, Expr::value(code.expires_at))
        .filter(COLUMN.shop_id.eq(code.shop_id))
        .filter(COLUMN.slug.eq(slug))
        .filter(COLUMN.redeem_code_id.eq(code.id))
        .exec(txn)
        .await
        .map(drop)
}

/// A link applies another code from now on; nodes that remember it are told.
pub async fn carry(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    slug: &str,
    code: &RedeemCode,
    now: Timestamp,
) -> Result<(), DbErr> {
    let told = carried::Model { shop_id: shop, at: now, slug: slug.to_owned() };
    insert_once(txn, [told.into_active_model()]).await?;
    Entity::update_many()
        .col_expr(Column::RedeemCodeId, Expr::value(code.id))
        .col_expr(Column::ExpiresAt, Expr::value(code.expires_at))
        .filter(COLUMN.shop_id.eq(shop))
        .filter(COLUMN.slug.eq(slug))
        .exec(txn)
        .await
        .map(drop)
}

/// Further from a message's leaving than this, a tap does not depend on it.
const EARLY_SECONDS: i64 = 10;

/// When a link's message left is heard anew: of each instant the earliest counts. Taps from before a message left are
/// nobody's it was sent to, so those that came about then, or when it was known to have left, are classified again.
pub async fn message_left(
    txn: &impl ConnectionTrait,
    shop: ShopId,
    slug: &str,
    (known, heard): (Option<Left>, Left),
) -> Result<(), DbErr> {
    let earlier = |column: Column, at: Timestamp| -> Expr {
        CaseStatement::new().case(Expr::col(column).lt(at), Expr::col(column)).finally(at).into()
    };
    let mut update = Entity::update_many().col_expr(Column::LeftBy, earlier(Column::LeftBy, heard.by));
    if let Some(about) = heard.about {
        update = update.col_expr(Column::LeftAbout, earlier(Column::LeftAbout, about));
    }
    update.filter(COLUMN.shop_id.eq(shop)).filter(COLUMN.slug.eq(slug)).exec(txn).await?;
    let instants = known.into_iter().chain([heard]).flat_map(|left| [Some(left.by), left.about]);
    let until = instants.flatten().fold(heard.by, Ord::max).plus_seconds(EARLY_SECONDS);
    let early = click::Entity::of(shop).filter(click::COLUMN.slug.eq(slug)).filter(click::COLUMN.at.lt(until));
    match early.one(txn).await? {
        Some(_) => classify::enqueue(txn, shop, slug, Timestamp::from_micros(0)).await,
        None => Ok(()),
    }
}
