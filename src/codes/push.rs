//! The conversation with Shopify about one discount and its codes.
//!
//! 1. Every call's key, the code text, is committed before the call; a lost answer is looked up by it.
//! 2. No call is made inside a transaction; every answer is kept in one of its own.
//! 3. A code that belongs to somebody else's discount (TAKEN) is redrawn; whoever waits for it notices nothing.

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};

use super::discount::{self, State as DiscountState};
use super::generate;
use super::issue::in_state;
use super::news::WentLive;
use super::redeem_code::{COLUMN, Column, Entity, Model, State};
use super::{noticed, wanted};
use crate::app::App;
use crate::campaigns::{self, Campaign, Changed};
use crate::jobs::JobError;
use crate::kernel::Timestamp;
use crate::shopify::admin::discounts::{
    self as api, BulkCode, BulkCreationGid, DiscountError, DiscountGid, MOST_CODES,
};
use crate::shops::{self, CallError, Shop};

/// Whether there is more to wait for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// Every code is confirmed.
    Settled,
    /// Shopify is still importing.
    Waiting,
}

/// What a push needs at hand.
pub(super) struct Push<'a> {
    pub app: &'a App,
    pub shop: &'a Shop,
    pub campaign: &'a Campaign,
}

impl Push<'_> {
    /// Brings one discount as far as it goes now.
    pub(super) async fn advance(&self, discount: discount::Model, now: Timestamp) -> Result<Progress, JobError> {
        // Of an offer that is another one now: its leftovers are never handed out, its promises move.
        if discount.lost() || discount.offer_revision != self.campaign.offer_revision {
            return Ok(Progress::Settled);
        }
        let Some(gid) = self.exists(&discount, now).await? else { return Ok(Progress::Settled) };
        while self.add_some(&discount, &gid, now).await? {}
        self.poll(&discount, &gid, now).await
    }

    /// The discount at Shopify; made when it is not there. `None`: it has no code to begin with.
    async fn exists(&self, discount: &discount::Model, now: Timestamp) -> Result<Option<DiscountGid>, JobError> {
        if let Some(gid) = &discount.shopify_discount_id {
            return Ok(Some(DiscountGid(gid.clone())));
        }
        // A pushed one before all: it may already exist at Shopify, with a discount whose answer was lost.
        // Then promised codes: somebody waits for them. (Not by the instant: the engines disagree where NULL sorts.)
        let first = Entity::of(self.shop.shop_id).filter(COLUMN.discount_id.eq(discount.id));
        let first = first.filter(COLUMN.state.is_in([State::Reserved, State::Pushed])).order_by_asc(COLUMN.state);
        let Some(first) = first
            .order_by(Column::PromisedAt.is_null(), Order::Asc)
            .order_by_asc(COLUMN.id)
            .one(self.app.db.read())
            .await?
        else {
            return Ok(None);
        };
        if discount.state == DiscountState::Asked
            && let Some(gid) = self.find(&first.code, now).await?
        {
            self.keep_discount(discount, &first, &gid, now).await?;
            return Ok(Some(gid));
        }
        self.set_discount(discount, DiscountState::Asked, None).await?;
        self.move_code(&first, State::Pushed, Column::PushedAt, now).await?;
        let wanted = &wanted::wanted(self.shop, self.campaign, discount, &first.code, now)?;
        let created = shops::call(self.app, self.shop, now, |domain, token| async move {
            api::create_discount(&self.app.admin, &domain, &token, wanted).await
        });
        match created.await {
            Ok(gid) => {
                self.keep_discount(discount, &first, &gid, now).await?;
                Ok(Some(gid))
            }
            Err(CallError::Call(error)) if error.is_taken() => {
                self.redraw(&first).await?;
                Err(JobError::retry("Shopify says that a code is taken by another discount; another one was drawn"))
            }
            Err(CallError::Call(DiscountError::Rejected(errors))) => {
                let objection = wanted::objection(&errors);
                self.set_discount(discount, DiscountState::Planned, Some(objection.words.clone())).await?;
                Err(objection.keep(self.app, self.campaign, now).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Asks for up to one call's worth of reserved codes. `true`: there may be more.
    async fn add_some(&self, discount: &discount::Model, gid: &DiscountGid, now: Timestamp) -> Result<bool, JobError> {
        let reserved = in_state(self.campaign, discount.id, State::Reserved)
            .order_by(Column::PromisedAt.is_null(), Order::Asc)
            .order_by_asc(COLUMN.id)
            .limit(MOST_CODES as u64)
            .all(self.app.db.read())
            .await?;
        if reserved.is_empty() {
            return Ok(false);
        }
        let texts: &Vec<String> = &reserved.iter().map(|code| code.code.clone()).collect();
        let creation = shops::call(self.app, self.shop, now, |domain, token| async move {
            api::add_codes(&self.app.admin, &domain, &token, gid, texts).await
        });
        let creation = match creation.await {
            Err(CallError::Call(DiscountError::Rejected(errors))) => {
                // The merchant may have deleted it, and the webhook is late.
                noticed::look(self.app, self.shop, self.campaign, discount, now).await?;
                return Err(JobError::retry(DiscountError::Rejected(errors)));
            }
            creation => creation?,
        };
        let ids = reserved.iter().map(|code| code.id);
        Entity::update_many()
            .col_expr(Column::State, Expr::value(State::Pushed))
            .col_expr(Column::PushedAt, Expr::value(now))
            .col_expr(Column::BulkCreationId, Expr::value(creation.0.clone()))
            .filter(COLUMN.shop_id.eq(self.shop.shop_id))
            .filter(COLUMN.id.is_in(ids))
            .filter(COLUMN.state.eq(State::Reserved))
            .exec(self.app.db.write())
            .await?;
        Ok(reserved.len() == MOST_CODES)
    }

    /// Looks at every import under way.
    async fn poll(&self, discount: &discount::Model, gid: &DiscountGid, now: Timestamp) -> Result<Progress, JobError> {
        let mut creations: Vec<Option<String>> = in_state(self.campaign, discount.id, State::Pushed)
            .select_only()
            .column(Column::BulkCreationId)
            .distinct()
            .into_tuple()
            .all(self.app.db.read())
            .await?;
        creations.sort();
        let mut progress = Progress::Settled;
        for creation in creations.into_iter().flatten() {
            let creation = &BulkCreationGid(creation);
            let state = shops::call(self.app, self.shop, now, |domain, token| async move {
                api::bulk_creation(&self.app.admin, &domain, &token, creation).await
            });
            let state = state.await?;
            if state.done {
                progress = progress_of(self.imported(discount, gid, &state.codes, now).await?, progress);
            } else {
                progress = Progress::Waiting;
            }
        }
        Ok(progress)
    }

    /// Keeps what an import brought. `true`: some codes were redrawn and wait for another push.
    async fn imported(
        &self,
        discount: &discount::Model,
        gid: &DiscountGid,
        codes: &[BulkCode],
        now: Timestamp,
    ) -> Result<bool, JobError> {
        let pushed = in_state(self.campaign, discount.id, State::Pushed).all(self.app.db.read()).await?;
        let pushed: std::collections::HashMap<&str, &Model> =
            pushed.iter().map(|code| (code.code.as_str(), code)).collect();
        let (mut refused, mut confirmed) = (Vec::new(), Vec::new());
        for code in codes {
            let folded = generate::fold(&code.code);
            let Some(row) = pushed.get(folded.as_str()) else { continue };
            match &code.redeem_code_gid {
                Some(redeem_code) => confirmed.push((*row, Some(redeem_code.0.clone()))),
                None => refused.push((*row, code)),
            }
        }
        let txn = self.app.db.begin_write().await?;
        confirm(&txn, self.app, &confirmed, now).await?;
        txn.commit().await?;
        let mut redrawn = false;
        for (row, code) in refused {
            // An earlier try whose answer was lost may have imported it: then it is TAKEN by this very discount.
            let owner = self.find(&row.code, now).await?;
            if owner.as_ref() == Some(gid) {
                let txn = self.app.db.begin_write().await?;
                confirm(&txn, self.app, &[(row, None)], now).await?;
                txn.commit().await?;
            } else {
                tracing::warn!(shop.id = %self.shop.shop_id, code.id = %row.id, reason = ?code.errors.first().map(|e| e.code.as_str()), "a code was refused and is drawn again");
                self.redraw(row).await?;
                redrawn = true;
            }
        }
        Ok(redrawn)
    }

    /// The discount a code belongs to at Shopify.
    async fn find(&self, code: &str, now: Timestamp) -> Result<Option<DiscountGid>, JobError> {
        let found = shops::call(self.app, self.shop, now, |domain, token| async move {
            api::find_code(&self.app.admin, &domain, &token, code).await
        });
        Ok(found.await?)
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
        confirm(&txn, self.app, &[(first, None)], now).await?;
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
            Changed::enqueue(&txn, self.app, self.campaign, now).await?;
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
            .exec(self.app.db.write())
            .await
            .map(drop)
    }

    /// Another text for a code nobody has seen yet.
    async fn redraw(&self, code: &Model) -> Result<(), DbErr> {
        let text = generate::draw(&self.app.chance, &self.campaign.code);
        Entity::update_many()
            .col_expr(Column::Code, Expr::value(text))
            .col_expr(Column::State, Expr::value(State::Reserved))
            .col_expr(Column::BulkCreationId, Expr::value(Option::<String>::None))
            .filter(COLUMN.shop_id.eq(code.shop_id))
            .filter(COLUMN.id.eq(code.id))
            .filter(COLUMN.state.is_in([State::Reserved, State::Pushed]))
            .exec(self.app.db.write())
            .await
            .map(drop)
    }
}

fn progress_of(redrawn: bool, so_far: Progress) -> Progress {
    if redrawn { Progress::Waiting } else { so_far }
}

/// Codes exist at Shopify: those that were promised are live, and it is told.
async fn confirm(
    txn: &impl ConnectionTrait,
    app: &App,
    codes: &[(&Model, Option<String>)],
    now: Timestamp,
) -> Result<(), DbErr> {
    let mut live = Vec::new();
    for (code, gid) in codes {
        if confirm_one(txn, code, gid.clone(), now).await? && code.promised_at.is_some() {
            live.push(code.id);
        }
    }
    match codes.first() {
        Some((code, _)) => WentLive::enqueue(txn, app, code.shop_id, &live, now).await,
        None => Ok(()),
    }
}

/// A code exists at Shopify: it joins the pool, or goes to the recipient it was promised to. `false`: it was known.
async fn confirm_one(
    txn: &impl ConnectionTrait,
    code: &Model,
    gid: Option<String>,
    now: Timestamp,
) -> Result<bool, DbErr> {
    let mut update = Entity::update_many()
        .col_expr(Column::ImportedAt, Expr::value(now))
        .col_expr(Column::ShopifyRedeemCodeId, Expr::value(gid));
    update = match code.promised_at {
        Some(_) => {
            update.col_expr(Column::State, Expr::value(State::Issued)).col_expr(Column::IssuedAt, Expr::value(now))
        }
        None => update.col_expr(Column::State, Expr::value(State::Imported)),
    };
    let moved = update
        .filter(COLUMN.shop_id.eq(code.shop_id))
        .filter(COLUMN.id.eq(code.id))
        .filter(COLUMN.state.is_in([State::Reserved, State::Pushed]))
        .exec(txn)
        .await?;
    Ok(moved.rows_affected == 1)
}
