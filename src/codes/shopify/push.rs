//! The conversation with Shopify about one discount: it is made here, its codes follow in batches ([`super::batch`]).
//!
//! 1. Every call's key, the code text, is committed before the call; a lost answer is looked up by it.
//! 2. No call is made inside a transaction; every answer is kept in one of its own.
//! 3. A code that belongs to somebody else's discount (TAKEN) is redrawn; whoever waits for it notices nothing.
//! 4. A run makes a bounded number of calls. Then other shops, and other jobs of this one, have their turn. When the
//!    process died over it, the next run makes one: what got on is not taken for what kills.

use std::sync::atomic::{AtomicUsize, Ordering};

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

use super::desired;
use super::drift;
use crate::app::App;
use crate::campaigns::{self, Campaign, CampaignChanged};
use crate::codes::discount::{self, State as DiscountState};
use crate::codes::doubted::doubt_codes;
use crate::codes::generate;
use crate::codes::id::RedeemCodeId;
use crate::codes::news::WentLive;
use crate::codes::pool::reserve::{in_order, promised};
use crate::codes::redeem_code::{COLUMN, Column, Entity, Model, State};
use crate::jobs::{self, JobError};
use crate::kernel::Timestamp;
use crate::news;
use crate::shopify::admin::Admin;
use crate::shopify::admin::code_owners;
use crate::shopify::admin::discount::DiscountGid;
use crate::shopify::admin::discounts::{self as api, DiscountError};
use crate::shops::{self, CallError, Shop};

const TAKEN: &str = "Shopify says that a code is taken by another discount; another one was drawn";

/// Calls per run, apart from the few that finish what a call began.
const CALLS: usize = 12;

/// Whether there is more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::codes) enum Progress {
    /// Every code is confirmed.
    Settled,
    /// Shopify is still importing.
    Waiting,
    /// There is more to do at once; but it is others' turn.
    More,
}

/// What a push needs at hand.
pub(in crate::codes) struct Push<'a> {
    pub app: &'a App,
    pub shop: &'a Shop,
    pub campaign: &'a Campaign,
    calls: usize,
    made: AtomicUsize,
}

impl<'a> Push<'a> {
    /// A run that has made no call yet.
    pub(in crate::codes) fn begin(app: &'a App, shop: &'a Shop, campaign: &'a Campaign) -> Self {
        let calls = if jobs::suspected() { 1 } else { CALLS };
        Self { app, shop, campaign, calls, made: AtomicUsize::new(0) }
    }
}

impl Push<'_> {
    /// Brings one discount as far as it goes now.
    pub(in crate::codes) async fn advance(
        &self,
        discount: &discount::Model,
        now: Timestamp,
    ) -> Result<Progress, JobError> {
        // Of an offer that is another one now: its leftovers are never handed out, its promises move.
        let another = discount.offer_revision != self.campaign.offer_revision;
        // Or of one that was taken away while somebody who had read it reserved codes: there is nothing to make.
        if discount.lost() || another || self.campaign.offer.is_none() {
            return Ok(Progress::Settled);
        }
        if self.spent() {
            return Ok(Progress::More);
        }
        match self.exists(discount, now).await? {
            Some(gid) => self.import(discount, &gid, now).await,
            None => Ok(Progress::Settled),
        }
    }

    /// Whether it is others' turn.
    pub(in crate::codes) fn spent(&self) -> bool {
        self.made.load(Ordering::Relaxed) >= self.calls
    }

    /// Whether Shopify answered in this run: trouble ends it, so all calls but the last went well.
    pub(in crate::codes) fn got_on(&self) -> bool {
        self.made.load(Ordering::Relaxed) > 1
    }

    /// A call is about to be made: by whom it is paid. Nobody waits for a pool, so it leaves points for who does.
    pub(in crate::codes) fn pays(&self, somebody_waits: bool) -> Admin {
        self.made.fetch_add(1, Ordering::Relaxed);
        if somebody_waits { self.app.admin.clone() } else { self.app.admin.bulk() }
    }

    /// The discount at Shopify; made when it is not there. `None`: it has no code to begin with.
    pub(in crate::codes) async fn exists(
        &self,
        discount: &discount::Model,
        now: Timestamp,
    ) -> Result<Option<DiscountGid>, JobError> {
        if let Some(gid) = &discount.shopify_discount_id {
            return Ok(Some(DiscountGid(gid.clone())));
        }
        let Some(first) = self.first(discount).await? else { return Ok(None) };
        if discount.state == DiscountState::Asked
            && let Some(gid) = self.made_before(discount, &first, now).await?
        {
            self.keep_discount(discount, &first, &gid, now).await?;
            return Ok(Some(gid));
        }
        self.set_discount(discount, DiscountState::Asked, None).await?;
        self.move_code(&first, State::Pushed, Column::PushedAt, now).await?;
        let desired = &desired::desired(self.shop, self.campaign, discount, &first.code, now)?;
        let admin = &self.pays(first.promised_at.is_some());
        let created = shops::call(self.app, self.shop, now, |domain, token| async move {
            api::create_discount(admin, &domain, &token, desired).await
        });
        match created.await {
            Ok(gid) => {
                self.keep_discount(discount, &first, &gid, now).await?;
                Ok(Some(gid))
            }
            Err(CallError::Call(error)) if error.is_taken() => {
                // An earlier try may have made it after we looked for it, or another node, when the clock of one is far ahead.
                if let Some(gid) = self.made_before(discount, &first, now).await? {
                    self.keep_discount(discount, &first, &gid, now).await?;
                    return Ok(Some(gid));
                }
                self.redraw(&first, "Another discount of the shop has this code").await?;
                Err(JobError::retry(TAKEN))
            }
            Err(CallError::Call(DiscountError::Rejected(errors))) => {
                let objection = desired::objection(&errors);
                self.set_discount(discount, DiscountState::Planned, Some(objection.words.clone())).await?;
                Err(objection.keep(self.app, self.campaign, now).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The code a discount is made with. A pushed one before all: it may already exist at Shopify, with a discount whose
    /// answer was lost. Then promised ones: somebody waits for them.
    async fn first(&self, discount: &discount::Model) -> Result<Option<Model>, DbErr> {
        let db = self.app.db.read();
        let pushed = in_order(self.campaign, discount.id, State::Pushed).one(db).await?;
        if pushed.is_some() {
            return Ok(pushed);
        }
        match promised(self.campaign, discount.id).order_by_asc(COLUMN.id).one(db).await? {
            Some(promised) => Ok(Some(promised)),
            None => in_order(self.campaign, discount.id, State::Reserved).one(db).await,
        }
    }

    /// The discount an earlier try made, by the code it was asked with. One that is not as we wanted it is somebody
    /// else's and has the same code by chance.
    pub(in crate::codes) async fn made_before(
        &self,
        discount: &discount::Model,
        first: &Model,
        now: Timestamp,
    ) -> Result<Option<DiscountGid>, JobError> {
        let Some(Some(gid)) = self.owners(std::slice::from_ref(&first.code), true, now).await?.pop() else {
            return Ok(None);
        };
        let ours = drift::is_ours(self.app, self.shop, discount, &gid, now).await?;
        Ok(ours.then_some(gid))
    }

    /// The discount each of some codes belongs to at Shopify.
    pub(in crate::codes) async fn owners(
        &self,
        codes: &[String],
        somebody_waits: bool,
        now: Timestamp,
    ) -> Result<Vec<Option<DiscountGid>>, JobError> {
        let mut owners = Vec::with_capacity(codes.len());
        for codes in codes.chunks(code_owners::MOST) {
            let admin = &self.pays(somebody_waits);
            let found = shops::call(self.app, self.shop, now, |domain, token| async move {
                code_owners::owners(admin, &domain, &token, codes).await
            });
            owners.extend(found.await?);
        }
        Ok(owners)
    }

    async fn keep_discount(
        &self,
        discount: &discount::Model,
        first: &Model,
        gid: &DiscountGid,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        let txn = self.app.db.begin_write().await?;
        discount::Entity::update_many()
            .col_expr(discount::Column::State, Expr::value(DiscountState::Live))
            .col_expr(discount::Column::ShopifyDiscountId, Expr::value(gid.0.clone()))
            .col_expr(discount::Column::LastError, Expr::value(Option::<String>::None))
            .filter(discount::COLUMN.shop_id.eq(self.shop.shop_id))
            .filter(discount::COLUMN.id.eq(discount.id))
            .exec(&txn)
            .await?;
        // The first code came with the discount itself: it needs no import.
        confirm(&txn, self.app, discount, vec![first.id], now).await?;
        campaigns::accepted(&txn, self.shop.shop_id, self.campaign.id, now).await?;
        let kept = discount::Entity::find_by_id((self.shop.shop_id, discount.id)).one(&txn).await?;
        if kept.is_some_and(|kept| kept.retired_at.is_some()) {
            // Retired while Shopify was making it: it is to be ended there.
            discount::Entity::update_many()
                .col_expr(discount::Column::EndedAt, Expr::value(Option::<Timestamp>::None))
                .filter(discount::COLUMN.shop_id.eq(self.shop.shop_id))
                .filter(discount::COLUMN.id.eq(discount.id))
                .exec(&txn)
                .await?;
            news::tell(&txn, self.app, self.campaign.shop_id, &CampaignChanged(self.campaign.id), now).await?;
        }
        txn.commit().await
    }

    async fn set_discount(
        &self,
        discount: &discount::Model,
        state: DiscountState,
        error: Option<String>,
    ) -> Result<(), DbErr> {
        discount::Entity::update_many()
            .col_expr(discount::Column::State, Expr::value(state))
            .col_expr(discount::Column::LastError, Expr::value(error))
            .filter(discount::COLUMN.shop_id.eq(self.shop.shop_id))
            .filter(discount::COLUMN.id.eq(discount.id))
            .exec(self.app.db.write())
            .await
            .map(drop)
    }

    async fn move_code(&self, code: &Model, state: State, time: Column, now: Timestamp) -> Result<(), DbErr> {
        let update = Entity::update_many().col_expr(Column::State, Expr::value(state)).col_expr(time, Expr::value(now));
        update
            .filter(COLUMN.shop_id.eq(code.shop_id))
            .filter(COLUMN.id.eq(code.id))
            .filter(COLUMN.state.is_in([State::Reserved, State::Pushed]))
            .exec(self.app.db.write())
            .await
            .map(drop)
    }

    /// Another text for a code nobody has seen yet.
    pub(in crate::codes) async fn redraw(&self, code: &Model, because: &str) -> Result<(), DbErr> {
        tracing::info!(shop.id = %self.shop.shop_id, code.id = %code.id, because, "a code is drawn again");
        let text = generate::draw(&self.app.chance, &self.campaign.code);
        self.put_back(code, because).col_expr(Column::Code, Expr::value(text)).exec(self.app.db.write()).await.map(drop)
    }

    /// A code is to be sent again, as it is.
    pub(in crate::codes) fn put_back(&self, code: &Model, because: &str) -> sea_orm::UpdateMany<Entity> {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Reserved))
            .col_expr(Column::BulkCreationId, Expr::value(Option::<String>::None))
            .col_expr(Column::LastError, Expr::value(Some(because.to_owned())))
            .filter(COLUMN.shop_id.eq(code.shop_id))
            .filter(COLUMN.id.eq(code.id))
            .filter(COLUMN.code.eq(&code.code))
            .filter(COLUMN.state.is_in([State::Reserved, State::Pushed]))
    }
}

/// Codes exist at Shopify: they join the pool, or go to the recipients they were promised to. This is the one place
/// where a promised code becomes issued.
pub(in crate::codes) async fn confirm(
    txn: &impl ConnectionTrait,
    app: &App,
    discount: &discount::Model,
    codes: Vec<RedeemCodeId>,
    now: Timestamp,
) -> Result<(), DbErr> {
    let shop = discount.shop_id;
    let there = Entity::still((shop, discount.id), codes, &[State::Reserved, State::Pushed])
        .col_expr(Column::ImportedAt, Expr::value(now))
        .col_expr(Column::LastError, Expr::value(Option::<String>::None));
    let pool = there.clone().col_expr(Column::State, Expr::value(State::Imported));
    pool.filter(Column::PromisedAt.is_null()).exec(txn).await?;
    let issued = there
        .col_expr(Column::State, Expr::value(State::Issued))
        .col_expr(Column::IssuedAt, Expr::value(now))
        .filter(Column::PromisedAt.is_not_null())
        .exec_with_returning(txn)
        .await?;
    let live: Vec<RedeemCodeId> = issued.into_iter().map(|code| code.id).collect();
    doubt_codes(txn, shop, &live).await?;
    WentLive::tell(txn, app, shop, &live, now).await
}
