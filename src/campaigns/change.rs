//! Creating, changing and archiving a campaign.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};

use super::campaign::{self, CampaignId, Kind, Model};
use super::offer::Offer;
use super::terms::{Checked, CodeTerms, Combines, Expiry, LinkTerms};
use crate::kernel::{Chance, Money, Timestamp};
use crate::shops::Shop;

/// A campaign as a platform asks for it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCampaign {
    /// Shown in reports; 1–120 characters.
    name: String,
    kind: Kind,
    /// What the codes take off; `null`: messages with a link and no code.
    #[serde(default)]
    offer: Option<Offer>,
    /// Minor units of the shop's currency.
    #[serde(default)]
    minimum_subtotal_minor: Option<i64>,
    #[serde(default)]
    combines_with: Combines,
    #[serde(default)]
    expiry: Expiry,
    #[serde(default)]
    code: CodeTerms,
    #[serde(default)]
    link: LinkTerms,
    /// Share of recipients left alone, 0 to 0.9.
    #[serde(default)]
    holdout: f64,
    /// How many recipients will be drawn: the pool of codes is filled ahead, for this expiry slot and the next. Say it
    /// again (`PATCH`) shortly before you draw, if that is later.
    #[serde(default)]
    expected_recipients: Option<i64>,
    /// What one message costs, until WhatsApp reports it.
    #[serde(default)]
    cost_per_message: Option<Money>,
}

impl NewCampaign {
    /// What is wrong with it, and where.
    pub fn check(&self) -> Checked {
        check_name(&self.name)?;
        self.offer.as_ref().map_or(Ok(()), Offer::check)?;
        self.expiry.check()?;
        self.code.check()?;
        self.link.check()?;
        if !(0.0..=0.9).contains(&self.holdout) {
            return Err(("holdout", "Choose a share from 0 to 0.9."));
        }
        if self.minimum_subtotal_minor.is_some_and(|minor| minor <= 0) {
            return Err(("minimum_subtotal_minor", "Write an amount above 0 in minor units, or leave it out."));
        }
        if self.expected_recipients.is_some_and(|n| !(0..=10_000_000).contains(&n)) {
            return Err(("expected_recipients", "Announce 0 to 10000000 recipients."));
        }
        if self.cost_per_message.is_some_and(|cost| cost.minor < 0) {
            return Err(("cost_per_message", "A message cannot cost less than nothing."));
        }
        Ok(())
    }

    /// Writes it; the caller has checked it.
    pub async fn create(
        self,
        db: &impl ConnectionTrait,
        chance: &Chance,
        shop: &Shop,
        now: Timestamp,
    ) -> Result<Model, DbErr> {
        #[expect(clippy::cast_possible_truncation, reason = "checked to lie between 0 and 0.9")]
        let holdout_ppm = (self.holdout * 1_000_000.0).round() as i32;
        let row = campaign::ActiveModel {
            shop_id: Set(shop.shop_id),
            id: Set(CampaignId::new(chance, now)),
            name: Set(self.name.trim().to_owned()),
            kind: Set(self.kind),
            offer: Set(self.offer),
            minimum_subtotal_minor: Set(self.minimum_subtotal_minor),
            combines_with: Set(self.combines_with),
            expiry: Set(self.expiry),
            code: Set(self.code),
            link: Set(self.link),
            holdout_ppm: Set(holdout_ppm),
            announced_at: Set(self.expected_recipients.map(|_| now)),
            expected_recipients: Set(self.expected_recipients),
            cost_minor: Set(self.cost_per_message.map(|cost| cost.minor)),
            cost_currency: Set(self.cost_per_message.map(|cost| cost.currency.to_string())),
            created_at: Set(now),
            archived_at: Set(None),
        };
        campaign::Entity::insert(row).exec_with_returning(db).await
    }
}

fn check_name(name: &str) -> Checked {
    match name.trim().chars().count() {
        1..=120 => Ok(()),
        _ => Err(("name", "Give the campaign a name of 1 to 120 characters.")),
    }
}

/// What may still change once recipients are drawn: never the offer, the expiry or the holdout, because codes that
/// are out and assignments that are made could not follow.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CampaignChange {
    name: Option<String>,
    link: Option<LinkTerms>,
    expected_recipients: Option<i64>,
    cost_per_message: Option<Money>,
}

impl CampaignChange {
    /// What is wrong with it, and where.
    pub fn check(&self) -> Checked {
        self.name.as_deref().map_or(Ok(()), check_name)?;
        self.link.as_ref().map_or(Ok(()), LinkTerms::check)?;
        if self.expected_recipients.is_some_and(|n| !(0..=10_000_000).contains(&n)) {
            return Err(("expected_recipients", "Announce 0 to 10000000 recipients."));
        }
        Ok(())
    }

    /// Writes what is given, leaves the rest.
    pub async fn apply(self, db: &impl ConnectionTrait, campaign: Model, now: Timestamp) -> Result<Model, DbErr> {
        let mut row: campaign::ActiveModel = campaign.into();
        if let Some(name) = self.name {
            row.name = Set(name.trim().to_owned());
        }
        if let Some(link) = self.link {
            row.link = Set(link);
        }
        if let Some(expected) = self.expected_recipients {
            row.expected_recipients = Set(Some(expected));
            row.announced_at = Set(Some(now));
        }
        if let Some(cost) = self.cost_per_message {
            row.cost_minor = Set(Some(cost.minor));
            row.cost_currency = Set(Some(cost.currency.to_string()));
        }
        sea_orm::ActiveModelTrait::update(row, db).await
    }
}

/// Archives: no more draws. `false`: it was archived before.
pub async fn archive(db: &impl ConnectionTrait, campaign: &Model, now: Timestamp) -> Result<bool, DbErr> {
    let update = campaign::Entity::update_many()
        .col_expr(campaign::Column::ArchivedAt, Expr::value(now))
        .filter(campaign::COLUMN.shop_id.eq(campaign.shop_id))
        .filter(campaign::COLUMN.id.eq(campaign.id))
        .filter(campaign::Column::ArchivedAt.is_null());
    Ok(update.exec(db).await?.rows_affected == 1)
}
