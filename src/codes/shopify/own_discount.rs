//! Codes with a discount of their own, which ends at Shopify when the code does, to the second.
//!
//! 1. Discount and code are made by one call: no pool, no import, no canary. The recipient's code is promised and pushed
//!    at once; everybody in the list is waiting.
//! 2. As for slots, what is asked is written first, and an answer that was lost is looked up by the code's own text.
//! 3. When a clock starts with the delivery, the end moves forward in time only, and Shopify is told of each move.

use futures::future::join_all;
use sea_orm::sea_query::{Expr, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};

use super::desired;
use super::drift;
use super::push::Push;
use crate::app::App;
use crate::campaigns::{self, Campaign, CampaignChanged, CampaignId, Campaigns};
use crate::codes::discount::{self, State as DiscountState};
use crate::codes::generate;
use crate::codes::id::DiscountId;
use crate::codes::pool::reserve::{self, Promise};
use crate::codes::pool::slot;
use crate::codes::redeem_code::{COLUMN, Column, Entity, Model, State};
use crate::db::INSERT_ROWS;
use crate::jobs::{self, Job, JobError, Next};
use crate::kernel::id::ShopId;
use crate::kernel::{Stream, Timestamp};
use crate::news;
use crate::shopify::admin::discount::DiscountGid;
use crate::shopify::admin::discounts::{self as api, DiscountError};
use crate::shops::{self, CallError, Shop, Shops};

/// Calls on their way at the same time: one after the other would leave most of the shop's budget lying.
const AT_ONCE: usize = 8;

/// Discounts per run: then other jobs have their turn, and the clock is read again.
const PER_RUN: usize = 200;

/// Promises `count` codes that all end at the same instant, each with a discount of its own.
pub(in crate::codes) async fn reserve(
    txn: &impl ConnectionTrait,
    app: &App,
    campaign: &Campaign,
    count: usize,
    promise: Promise,
) -> Result<Vec<Model>, DbErr> {
    // Read in this transaction: the caller may have read the campaign before its offer changed.
    let revision = campaigns::offer_revision(txn, campaign.shop_id, campaign.id).await?;
    let revision = revision.unwrap_or(campaign.offer_revision);
    let mut reserved = Vec::with_capacity(count);
    while reserved.len() < count {
        let wanted = (count - reserved.len()).min(INSERT_ROWS);
        let fresh = |_| reserve::fresh(app, campaign, new_id(app, promise.at), Some(promise), promise.at);
        let once = OnConflict::columns([Column::ShopId, Column::Code]).do_nothing().to_owned();
        let rows = Entity::insert_many((0..wanted).map(fresh)).on_conflict(once).exec_with_returning(txn).await?;
        let discounts = rows.iter().map(|code| own(campaign, code, code.discount_id, 0, revision, promise.at));
        discount::Entity::insert_many(discounts).exec_without_returning(txn).await?;
        reserved.extend(rows);
    }
    OwnDiscounts(campaign.id).enqueue(txn, app, campaign.shop_id, promise.at).await?;
    Ok(reserved)
}

fn new_id(app: &App, now: Timestamp) -> DiscountId {
    DiscountId(app.chance.uuid_of(Stream::Codes, now))
}

fn own(
    campaign: &Campaign,
    code: &Model,
    id: DiscountId,
    series: i32,
    revision: i32,
    now: Timestamp,
) -> discount::ActiveModel {
    let ends_at = code.expires_at.unwrap_or(now);
    discount::ActiveModel {
        for_code_id: Set(Some(code.id)),
        ..slot::planned(campaign, id, ends_at, series, revision, now)
    }
}

/// The end of a code came nearer: if it has a discount of its own, that one ends with it.
pub(in crate::codes) async fn end_moved(
    txn: &impl ConnectionTrait,
    app: &App,
    code: &Model,
    now: Timestamp,
) -> Result<(), DbErr> {
    let moved = discount::Entity::update_many()
        .col_expr(discount::Column::SlotEndsAt, Expr::value(code.expires_at))
        .col_expr(discount::Column::EndsChangedAt, Expr::value(now))
        .filter(discount::COLUMN.shop_id.eq(code.shop_id))
        .filter(discount::COLUMN.id.eq(code.discount_id))
        .filter(discount::Column::ForCodeId.is_not_null())
        .exec(txn)
        .await?;
    match moved.rows_affected {
        0 => Ok(()),
        _ => OwnDiscounts(code.campaign_id).enqueue(txn, app, code.shop_id, now).await,
    }
}

/// The job: makes the discounts of single codes at Shopify, and ends them when they end now.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct OwnDiscounts(pub CampaignId);

impl OwnDiscounts {
    /// Promises it in the caller's transaction; once per campaign, however often it is said.
    pub(in crate::codes) async fn enqueue(
        self,
        db: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        jobs::enqueue(db, &app.chance, shop, &self, now, now).await
    }

    /// Promises it for every campaign of a shop whose recipients still wait for Shopify.
    pub(in crate::codes) async fn resume(
        db: &impl ConnectionTrait,
        app: &App,
        shop: ShopId,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        let waiting: Vec<CampaignId> = discount::Entity::of(shop)
            .filter(Expr::cust(OPEN))
            .filter(discount::COLUMN.slot_ends_at.gt(now))
            .select_only()
            .column(discount::Column::CampaignId)
            .distinct()
            .into_tuple()
            .all(db)
            .await?;
        for campaign in waiting {
            Self(campaign).enqueue(db, app, shop, now).await?;
        }
        Ok(())
    }
}

/// As text, so that both engines see that the index of these discounts serves.
const OPEN: &str = "for_code_id IS NOT NULL AND state <> 'live'";

impl Job for OwnDiscounts {
    const NAME: &'static str = "codes.exact";
    /// A day and more of a Shopify that does not answer.
    const MAX_ATTEMPTS: i32 = 100;

    fn key(&self) -> Option<String> {
        Some(format!("exact:{}", self.0))
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let Some(campaign) = Campaigns::find_by_id((shop, self.0)).one(app.db.read()).await? else {
            return Ok(Next::Done);
        };
        // Whoever installs the app again begins this job again.
        let Some(shop) = Shops::find_by_id(shop).one(app.db.read()).await?.filter(|shop| shop.installed()) else {
            return Ok(Next::Done);
        };
        let work = Work { app: &app, shop: &shop, campaign: &campaign, now };
        work.rehome().await?;
        let more = work.make().await?;
        let more = work.tell_ends().await? || more;
        Ok(if more { Next::At(now) } else { Next::Done })
    }
}

struct Work<'a> {
    app: &'a App,
    shop: &'a Shop,
    campaign: &'a Campaign,
    now: Timestamp,
}

impl Work<'_> {
    fn push(&self) -> Push<'_> {
        Push::begin(self.app, self.shop, self.campaign)
    }

    /// Discounts of single codes whose recipients wait for them, in the order they were promised.
    fn open(&self) -> sea_orm::Select<discount::Entity> {
        discount::Entity::of(self.shop.shop_id)
            .filter(discount::COLUMN.campaign_id.eq(self.campaign.id))
            .filter(Expr::cust(OPEN))
            .filter(discount::COLUMN.slot_ends_at.gt(self.now.plus_seconds(-discount::CLOCKS_APART_SECONDS)))
            .filter(Expr::exists(waiting(self.shop.shop_id)))
            .order_by_asc(discount::COLUMN.id)
            .limit(PER_RUN as u64)
    }

    /// Makes them at Shopify. `true`: there may be more.
    async fn make(&self) -> Result<bool, JobError> {
        let open = self.open().filter(discount::COLUMN.offer_revision.eq(self.campaign.offer_revision));
        let open = open.all(self.app.db.write()).await?;
        let push = self.push();
        let mut failed = None;
        for some in open.chunks(AT_ONCE) {
            let made = join_all(some.iter().map(|discount| push.exists(discount, self.now))).await;
            let errors: Vec<JobError> = made.into_iter().filter_map(Result::err).collect();
            // What one code met (somebody else has it) is no reason to keep the others waiting; what all met is.
            let all = errors.len() == some.len();
            for error in errors {
                match error {
                    JobError::Retry(_) if !all => failed = Some(error),
                    error => return Err(error),
                }
            }
        }
        failed.map_or(Ok(open.len() == PER_RUN), Err)
    }

    /// The offer changed while Shopify had not taken it: who waits gets another discount, and another text, because the
    /// old one may yet turn up there.
    async fn rehome(&self) -> Result<(), JobError> {
        let other = self.open().filter(discount::COLUMN.offer_revision.ne(self.campaign.offer_revision));
        for old in other.all(self.app.db.write()).await? {
            let Some(code) = self.code_of(&old).await? else { continue };
            if old.state == DiscountState::Asked
                && let Some(gid) = self.push().made_before(&old, &code, self.now).await?
            {
                // It was made and the answer was lost: known, it is ended like any other of its offer.
                self.adopt(&old, &gid).await?;
            }
            let revision = self.campaign.offer_revision;
            let id = new_id(self.app, self.now);
            let row = own(self.campaign, &code, id, old.series + 1, revision, self.now);
            let text = generate::draw(&self.app.chance, &self.campaign.code);
            let txn = self.app.db.begin_write().await?;
            let moved = Entity::update_many()
                .col_expr(Column::DiscountId, Expr::value(id))
                .col_expr(Column::Code, Expr::value(text))
                .col_expr(Column::State, Expr::value(State::Reserved))
                .col_expr(Column::PushedAt, Expr::value(Option::<Timestamp>::None))
                .filter(COLUMN.shop_id.eq(code.shop_id))
                .filter(COLUMN.id.eq(code.id))
                .filter(COLUMN.discount_id.eq(old.id))
                .filter(COLUMN.state.is_in([State::Reserved, State::Pushed]))
                .exec(&txn)
                .await?;
            if moved.rows_affected == 1 {
                discount::Entity::insert(row).exec_without_returning(&txn).await?;
            }
            txn.commit().await?;
        }
        Ok(())
    }

    async fn code_of(&self, discount: &discount::Model) -> Result<Option<Model>, DbErr> {
        let Some(id) = discount.for_code_id else { return Ok(None) };
        Entity::find_by_id((discount.shop_id, id)).one(self.app.db.write()).await
    }

    async fn adopt(&self, discount: &discount::Model, gid: &DiscountGid) -> Result<(), DbErr> {
        let txn = self.app.db.begin_write().await?;
        discount::Entity::update_many()
            .col_expr(discount::Column::State, Expr::value(DiscountState::Live))
            .col_expr(discount::Column::ShopifyDiscountId, Expr::value(gid.0.clone()))
            .filter(discount::COLUMN.shop_id.eq(discount.shop_id))
            .filter(discount::COLUMN.id.eq(discount.id))
            .exec(&txn)
            .await?;
        news::tell(&txn, self.app, self.campaign.shop_id, &CampaignChanged(self.campaign.id), self.now).await?;
        txn.commit().await
    }

    /// Tells Shopify of ends that moved. `true`: there may be more.
    async fn tell_ends(&self) -> Result<bool, JobError> {
        let moved = discount::Entity::of(self.shop.shop_id)
            .filter(discount::COLUMN.campaign_id.eq(self.campaign.id))
            .filter(Expr::cust("ends_changed_at IS NOT NULL"))
            // One whose creation is unanswered is told once it is known.
            .filter(discount::COLUMN.state.ne(DiscountState::Asked))
            .order_by_asc(discount::COLUMN.id)
            .limit(PER_RUN as u64)
            .all(self.app.db.write())
            .await?;
        for discount in &moved {
            if let Some(gid) = self.still_there(discount) {
                self.end_at(discount, &gid).await?;
            }
            discount::Entity::update_many()
                .col_expr(discount::Column::EndsChangedAt, Expr::value(Option::<Timestamp>::None))
                .filter(discount::COLUMN.shop_id.eq(discount.shop_id))
                .filter(discount::COLUMN.id.eq(discount.id))
                // It may have moved again meanwhile.
                .filter(discount::COLUMN.slot_ends_at.eq(discount.slot_ends_at))
                .exec(self.app.db.write())
                .await?;
        }
        Ok(moved.len() == PER_RUN)
    }

    /// The discount at Shopify, if there is one whose end we still decide.
    fn still_there(&self, discount: &discount::Model) -> Option<DiscountGid> {
        let ours = discount.deleted_at.is_none() && discount.ending_at.is_none() && !discount.lost();
        discount.shopify_discount_id.clone().filter(|_| ours).map(DiscountGid)
    }

    async fn end_at(&self, discount: &discount::Model, gid: &DiscountGid) -> Result<(), JobError> {
        let kind = desired::kind(self.campaign);
        let told = shops::call(self.app, self.shop, self.now, |domain, token| async move {
            api::end_at(&self.app.admin, &domain, &token, gid, kind, discount.slot_ends_at).await
        });
        match told.await {
            // The merchant may have deleted it, and the webhook is late.
            Err(CallError::Call(error @ (DiscountError::Rejected(_) | DiscountError::Missing))) => {
                let there = drift::check(self.app, self.shop, self.campaign, discount, self.now).await?;
                if there { Err(JobError::retry(error)) } else { Ok(()) }
            }
            told => Ok(told?),
        }
    }
}

/// Whether a discount's own code still waits for it.
fn waiting(shop: ShopId) -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(Entity)
        .and_where(Expr::col(("redeem_codes", Column::ShopId)).eq(shop))
        .and_where(Expr::col(("redeem_codes", Column::Id)).equals(("discounts", discount::Column::ForCodeId)))
        .and_where(Expr::col(("redeem_codes", Column::State)).is_in([State::Reserved, State::Pushed]))
        .to_owned()
}
