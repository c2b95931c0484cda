//! Discounts follow their campaign: a changed offer or an archived campaign retires them, another title and other tags
//! are written to those that are live.
//!
//! 1. Retired first, here: whoever draws from then on gets none of its codes, and its leftovers are revoked. Then ended
//!    at Shopify, and only when nobody holds a code of it.
//! 2. Noted before the call (`ending_at`) and after it (`ended_at`). When an answer is lost, Shopify is asked how the
//!    discount stands before anything is repeated.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::{Deserialize, Serialize};

use super::desired;
use super::drift;
use super::own_discount::OwnDiscounts;
use crate::app::App;
use crate::campaigns::{Campaign, CampaignChanged, Campaigns};
use crate::codes::discount::{self, Because, State as DiscountState};
use crate::codes::id::DiscountId;
use crate::codes::pool::retire;
use crate::codes::redeem_code::{COLUMN, Column, Entity};
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::news::Hears;
use crate::shopify::admin::discount::DiscountGid;
use crate::shopify::admin::discounts::{self as api, DiscountError};
use crate::shops::{self, CallError, Shop, Shops};

/// Discounts looked at in one transaction.
const PAGE: u64 = 500;

/// How long a creation whose answer is missing may still be on its way.
const UNDER_WAY_SECONDS: i64 = 60;

/// The job: a campaign's discounts follow it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FollowCampaign(pub CampaignChanged);

impl Hears for FollowCampaign {
    type News = CampaignChanged;
}

impl Job for FollowCampaign {
    const NAME: &'static str = "codes.retire";

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let Some(campaign) = Campaigns::find_by_id((shop, self.0.0)).one(app.db.read()).await? else {
            return Ok(Next::Done);
        };
        let Some(shop) = Shops::find_by_id(shop).one(app.db.read()).await?.filter(|shop| shop.installed()) else {
            return Ok(Next::Done);
        };
        let follow = Follow { app: &app, shop: &shop, campaign: &campaign, now };
        follow.retire_old().await?;
        let mut later = None;
        let mut after = None;
        while let Some(page) = follow.open(app.db.write(), after).await? {
            after = page.last().map(|discount| discount.id);
            for discount in page {
                later = later.max(follow.one(&discount).await?);
            }
        }
        // Who waits for a code with a discount of its own gets it from the offer as it is now.
        OwnDiscounts(campaign.id).enqueue(app.db.write(), &app, campaign.shop_id, now).await?;
        Ok(later.map_or(Next::Done, Next::At))
    }
}

struct Follow<'a> {
    app: &'a App,
    shop: &'a Shop,
    campaign: &'a Campaign,
    now: Timestamp,
}

impl Follow<'_> {
    /// A page of the campaign's discounts that may still matter at Shopify, in the order they were made; single codes
    /// have one each. `None`: there are no more.
    async fn open(
        &self,
        db: &impl ConnectionTrait,
        after: Option<DiscountId>,
    ) -> Result<Option<Vec<discount::Model>>, DbErr> {
        let later = after.map_or(Condition::all(), |id| Condition::all().add(discount::COLUMN.id.gt(id)));
        let page = discount::Entity::of(self.shop.shop_id)
            .filter(discount::COLUMN.campaign_id.eq(self.campaign.id))
            .filter(discount::COLUMN.slot_ends_at.gt(self.now))
            .filter(discount::Column::EndedAt.is_null())
            .filter(discount::Column::DeletedAt.is_null())
            .filter(later)
            .order_by_asc(discount::COLUMN.id)
            .limit(PAGE)
            .all(db)
            .await?;
        Ok(Some(page).filter(|page| !page.is_empty()))
    }

    async fn retire_old(&self) -> Result<(), DbErr> {
        let mut after = None;
        loop {
            let txn = self.app.db.begin_write().await?;
            let Some(page) = self.open(&txn, after).await? else { return txn.rollback().await };
            for discount in page.iter().filter(|discount| discount.retired_at.is_none()) {
                if discount.offer_revision != self.campaign.offer_revision {
                    retire::retire(&txn, discount, Because::OfferChanged, self.now).await?;
                } else if self.campaign.archived_at.is_some() {
                    retire::retire(&txn, discount, Because::Archived, self.now).await?;
                }
            }
            after = page.last().map(|discount| discount.id);
            txn.commit().await?;
        }
    }

    /// Brings one discount to where the campaign wants it. An instant: look again then.
    async fn one(&self, discount: &discount::Model) -> Result<Option<Timestamp>, JobError> {
        let ours = matches!(discount.retired_because, Some(Because::OfferChanged | Because::Archived));
        if ours && retire::held(self.app.db.write(), discount, self.now).await? == 0 {
            return self.end(discount).await;
        }
        self.rename(discount).await
    }

    async fn end(&self, discount: &discount::Model) -> Result<Option<Timestamp>, JobError> {
        let gid = match (&discount.shopify_discount_id, discount.state) {
            (Some(gid), _) => Some(DiscountGid(gid.clone())),
            (None, DiscountState::Asked) => match self.adopt(discount).await? {
                Adopted::UnderWay(until) => return Ok(Some(until)),
                Adopted::Found(gid) => Some(gid),
                Adopted::Nowhere => None,
            },
            (None, _) => None,
        };
        if let Some(gid) = &gid {
            if discount.ending_at.is_none() {
                self.note(discount, discount::Column::EndingAt).await?;
            }
            self.deactivate(discount, gid).await?;
        }
        self.note(discount, discount::Column::EndedAt).await?;
        Ok(None)
    }

    /// Ends it at Shopify, unless an earlier try did or the merchant was faster.
    async fn deactivate(&self, discount: &discount::Model, gid: &DiscountGid) -> Result<(), JobError> {
        if discount.ending_at.is_some() && !self.works(gid).await? {
            return Ok(());
        }
        let ended = shops::call(self.app, self.shop, self.now, |domain, token| async move {
            api::deactivate(&self.app.admin, &domain, &token, gid).await
        });
        match ended.await {
            Err(CallError::Call(error @ (DiscountError::Rejected(_) | DiscountError::Missing))) => {
                if self.works(gid).await? { Err(JobError::retry(error)) } else { Ok(()) }
            }
            ended => Ok(ended?),
        }
    }

    async fn works(&self, gid: &DiscountGid) -> Result<bool, JobError> {
        let seen = drift::seen(self.app, self.shop, gid, self.now).await?;
        Ok(seen.is_some_and(|seen| seen.active))
    }

    /// A discount whose creation was asked for and not answered: by the code it was asked with.
    async fn adopt(&self, discount: &discount::Model) -> Result<Adopted, JobError> {
        let first = Entity::of(self.shop.shop_id)
            .filter(COLUMN.discount_id.eq(discount.id))
            .filter(Column::PushedAt.is_not_null())
            .filter(Column::BulkCreationId.is_null())
            .order_by_desc(Column::PushedAt)
            .one(self.app.db.read())
            .await?;
        let Some(first) = first else { return Ok(Adopted::Nowhere) };
        let until = first.pushed_at.unwrap_or(self.now).plus_seconds(UNDER_WAY_SECONDS);
        let code = first.code.as_str();
        let found = shops::call(self.app, self.shop, self.now, |domain, token| async move {
            api::find_code(&self.app.admin, &domain, &token, code).await
        });
        let Some(gid) = found.await? else {
            return Ok(if until > self.now { Adopted::UnderWay(until) } else { Adopted::Nowhere });
        };
        if !drift::is_ours(self.app, self.shop, discount, &gid, self.now).await? {
            return Ok(Adopted::Nowhere);
        }
        discount::Entity::update_many()
            .col_expr(discount::Column::State, Expr::value(DiscountState::Live))
            .col_expr(discount::Column::ShopifyDiscountId, Expr::value(gid.0.clone()))
            .filter(discount::COLUMN.shop_id.eq(self.shop.shop_id))
            .filter(discount::COLUMN.id.eq(discount.id))
            .exec(self.app.db.write())
            .await?;
        Ok(Adopted::Found(gid))
    }

    /// Writes the campaign's title and tags where they are others.
    async fn rename(&self, discount: &discount::Model) -> Result<Option<Timestamp>, JobError> {
        let (title, tags) = (self.campaign.title(), discount::tags(self.campaign));
        if (discount.title.as_str(), discount.tags.as_ref()) == (title, Some(&tags)) || discount.lost() {
            return Ok(None);
        }
        if discount.state == DiscountState::Asked {
            // It was asked for with the old title and is not known yet.
            return Ok(Some(self.now.plus_seconds(UNDER_WAY_SECONDS)));
        }
        if let Some(gid) = &discount.shopify_discount_id {
            let (gid, kind, tags) = (&DiscountGid(gid.clone()), desired::kind(self.campaign), &tags.0);
            let renamed = shops::call(self.app, self.shop, self.now, |domain, token| async move {
                api::rename(&self.app.admin, &domain, &token, gid, kind, title, tags).await
            });
            match renamed.await {
                Err(CallError::Call(DiscountError::Rejected(errors))) => {
                    if drift::check(self.app, self.shop, self.campaign, discount, self.now).await? {
                        return Err(desired::objection(&errors).keep(self.app, self.campaign, self.now).await?);
                    }
                    return Ok(None);
                }
                renamed => renamed?,
            }
        }
        discount::Entity::update_many()
            .col_expr(discount::Column::Title, Expr::value(title))
            .col_expr(discount::Column::Tags, Expr::value(tags))
            .filter(discount::COLUMN.shop_id.eq(self.shop.shop_id))
            .filter(discount::COLUMN.id.eq(discount.id))
            .exec(self.app.db.write())
            .await?;
        Ok(None)
    }

    async fn note(&self, discount: &discount::Model, time: discount::Column) -> Result<(), DbErr> {
        discount::Entity::update_many()
            .col_expr(time, Expr::value(self.now))
            .filter(discount::COLUMN.shop_id.eq(self.shop.shop_id))
            .filter(discount::COLUMN.id.eq(discount.id))
            .exec(self.app.db.write())
            .await
            .map(drop)
    }
}

enum Adopted {
    Found(DiscountGid),
    Nowhere,
    /// The creation may still arrive until then.
    UnderWay(Timestamp),
}
