//! Codes that were taken back are deleted at Shopify.
//!
//! 1. A code is `revoking` until Shopify has confirmed that it is gone; one that an order used meanwhile stays redeemed.
//! 2. Codes are deleted by the ids Shopify gave them. A code whose id was never told is looked up first.

use std::collections::{BTreeMap, HashMap};

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::drift;
use crate::app::App;
use crate::codes::discount;
use crate::codes::generate::fold;
use crate::codes::id::{DiscountId, RedeemCodeId};
use crate::codes::redeem_code::{COLUMN, Column, Entity, Model, State};
use crate::codes::revocation::{self, Revoke};
use crate::jobs::{Job, JobError, Next};
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::shopify::admin::discount::DiscountGid;
use crate::shopify::admin::discounts::{
    self as api, BulkCreationGid, DiscountError, JobGid, MOST_CODES, RedeemCodeGid,
};
use crate::shopify::admin::redeem_codes;
use crate::shops::{self, CallError, Shop, Shops};

/// How soon a deletion is looked at again.
const POLL_SECONDS: i64 = 3;

/// A code that was never confirmed may be on its way in a call of this moment: so long is waited before Shopify's
/// "no such code" is believed. A call takes 20 s at most.
const IN_FLIGHT_SECONDS: i64 = 60;

/// Codes per run: then other jobs have their turn.
const PER_RUN: u64 = 2_000;

/// From more codes on, a discount's codes are read page by page instead of one by one.
const ONE_BY_ONE: usize = 20;

/// Codes of a deletion that are looked up before it is believed.
const SAMPLE: usize = 3;

impl Job for Revoke {
    const NAME: &'static str = "codes.revoke";
    /// A day and more of a Shopify that does not answer.
    const MAX_ATTEMPTS: i32 = 100;

    fn key(&self) -> Option<String> {
        Some(Self::NAME.to_owned())
    }

    async fn run(self, app: App, shop: ShopId) -> Result<Next, JobError> {
        let now = app.clock.now();
        let known = Shops::find_by_id(shop).one(app.db.read()).await?;
        // Without the app nothing can be deleted. Whoever installs it again begins this job again.
        let Some(shop) = known.filter(Shop::installed) else { return Ok(Next::Done) };
        let work = Work { app: &app, shop: &shop, now };
        work.confirm_deleted().await?;
        let mut waiting = false;
        for (discount, codes) in work.asked().await? {
            waiting |= work.delete(discount, codes).await?;
        }
        let left = work.open().limit(1).one(app.db.write()).await?;
        Ok(match left {
            Some(_) if waiting => Next::At(now.plus_seconds(IN_FLIGHT_SECONDS)),
            Some(_) => Next::At(now.plus_seconds(POLL_SECONDS)),
            None => Next::Done,
        })
    }
}

struct Work<'a> {
    app: &'a App,
    shop: &'a Shop,
    now: Timestamp,
}

impl Work<'_> {
    fn open(&self) -> sea_orm::Select<revocation::Entity> {
        revocation::Entity::of(self.shop.shop_id).filter(revocation::Column::ConfirmedAt.is_null())
    }

    /// Codes whose deletion was not asked for yet, by discount.
    async fn asked(&self) -> Result<BTreeMap<DiscountId, Vec<Model>>, DbErr> {
        let ids: Vec<RedeemCodeId> = self
            .open()
            .filter(revocation::Column::ShopifyJobId.is_null())
            .order_by_asc(revocation::COLUMN.redeem_code_id)
            .limit(PER_RUN)
            .select_only()
            .column(revocation::Column::RedeemCodeId)
            .into_tuple()
            .all(self.app.db.read())
            .await?;
        let mut found: BTreeMap<DiscountId, Vec<Model>> = BTreeMap::new();
        for ids in ids.chunks(MOST_CODES) {
            let codes = Entity::of(self.shop.shop_id).filter(COLUMN.id.is_in(ids.to_vec()));
            for code in codes.order_by_asc(COLUMN.id).all(self.app.db.read()).await? {
                found.entry(code.discount_id).or_default().push(code);
            }
        }
        Ok(found)
    }

    /// Asks for the deletion of a discount's codes. `true`: some may be on their way to Shopify and are waited for.
    async fn delete(&self, id: DiscountId, codes: Vec<Model>) -> Result<bool, JobError> {
        let discount = discount::Entity::find_by_id((self.shop.shop_id, id)).one(self.app.db.read()).await?;
        let gid = match discount {
            Some(discount) => match &discount.shopify_discount_id {
                Some(gid) => Some(DiscountGid(gid.clone())),
                None => self.find_lost(&discount, &codes).await?,
            },
            None => None,
        };
        let (mut named, nameless): (Vec<Model>, Vec<Model>) =
            codes.into_iter().partition(|code| code.shopify_redeem_code_id.is_some());
        let (found, gone) = self.look_up(gid.as_ref(), nameless).await?;
        named.extend(found);
        let (sure, in_flight): (Vec<Model>, Vec<Model>) = gone.into_iter().partition(|code| self.settled(code));
        self.confirm(&ids(&sure)).await?;
        let Some(gid) = gid else { return Ok(!in_flight.is_empty()) };
        for codes in named.chunks(MOST_CODES) {
            self.delete_some(&gid, codes).await?;
        }
        Ok(!in_flight.is_empty())
    }

    /// The discount of codes that were sent with it and whose answer was lost.
    async fn find_lost(&self, lost: &discount::Model, codes: &[Model]) -> Result<Option<DiscountGid>, JobError> {
        for code in codes.iter().filter(|code| code.pushed_at.is_some()).take(SAMPLE) {
            if let Some(gid) = self.find(&code.code).await?
                && drift::is_ours(self.app, self.shop, lost, &gid, self.now).await?
            {
                return Ok(Some(gid));
            }
        }
        Ok(None)
    }

    /// Whether no call of ours can still be carrying this code to Shopify.
    fn settled(&self, code: &Model) -> bool {
        code.imported_at.is_some()
            || [Some(code.reserved_at), code.promised_at, code.pushed_at]
                .into_iter()
                .flatten()
                .all(|at| self.now.seconds_since(at) > IN_FLIGHT_SECONDS)
    }

    /// Finds the ids of codes that were never told theirs; the second list is of those Shopify does not know.
    async fn look_up(
        &self,
        gid: Option<&DiscountGid>,
        codes: Vec<Model>,
    ) -> Result<(Vec<Model>, Vec<Model>), JobError> {
        let mut there: Vec<Model> = Vec::new();
        let mut gone: Vec<Model> = Vec::new();
        let Some(gid) = gid else { return Ok((there, codes)) };
        let (named, codes) = self.by_creation(codes).await?;
        if codes.len() > ONE_BY_ONE {
            there = codes;
        } else {
            for code in codes {
                let owner = self.find(&code.code).await?;
                if owner.as_ref() == Some(gid) { there.push(code) } else { gone.push(code) }
            }
        }
        let mut wanted: HashMap<String, Model> = there.drain(..).map(|code| (code.code.clone(), code)).collect();
        let mut after = None;
        while !wanted.is_empty() {
            let page = &after;
            let page = shops::call(self.app, self.shop, self.now, |domain, token| async move {
                redeem_codes::codes_of(&self.app.admin, &domain, &token, gid, page.clone()).await
            });
            let page = match page.await {
                Ok(page) => page,
                Err(CallError::Call(DiscountError::Missing)) => break,
                Err(error) => return Err(error.into()),
            };
            for (text, name) in page.codes {
                let Some(mut code) = wanted.remove(&fold(&text)) else { continue };
                self.name(&code, &name).await?;
                code.shopify_redeem_code_id = Some(name.0);
                there.push(code);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        there.extend(named);
        gone.extend(wanted.into_values());
        gone.sort_by_key(|code| code.id);
        Ok((there, gone))
    }

    /// Asks the batches that brought codes for their ids: one call for up to 250 of them. The second list is of those
    /// no batch of ours tells about.
    async fn by_creation(&self, codes: Vec<Model>) -> Result<(Vec<Model>, Vec<Model>), JobError> {
        let (mut named, mut nameless, mut batches) = (Vec::new(), Vec::new(), BTreeMap::<String, Vec<Model>>::new());
        for code in codes {
            match code.bulk_creation_id.clone() {
                Some(creation) => batches.entry(creation).or_default().push(code),
                None => nameless.push(code),
            }
        }
        for (creation, codes) in batches {
            let creation = &BulkCreationGid(creation);
            let listed = shops::call(self.app, self.shop, self.now, |domain, token| async move {
                api::bulk_creation(&self.app.admin, &domain, &token, creation).await
            });
            let listed = match listed.await {
                // Shopify does not keep them for ever.
                Err(CallError::Call(DiscountError::Missing)) => Vec::new(),
                listed => listed?.codes,
            };
            let listed = listed.into_iter().filter_map(|code| Some((fold(&code.code), code.redeem_code_gid?)));
            let mut listed: HashMap<String, RedeemCodeGid> = listed.collect();
            for mut code in codes {
                match listed.remove(&code.code) {
                    Some(name) => {
                        self.name(&code, &name).await?;
                        code.shopify_redeem_code_id = Some(name.0);
                        named.push(code);
                    }
                    None => nameless.push(code),
                }
            }
        }
        Ok((named, nameless))
    }

    async fn name(&self, code: &Model, name: &RedeemCodeGid) -> Result<(), DbErr> {
        Entity::update_many()
            .col_expr(Column::ShopifyRedeemCodeId, Expr::value(name.0.clone()))
            .filter(COLUMN.shop_id.eq(code.shop_id))
            .filter(COLUMN.id.eq(code.id))
            .exec(self.app.db.write())
            .await
            .map(drop)
    }

    async fn delete_some(&self, gid: &DiscountGid, codes: &[Model]) -> Result<(), JobError> {
        let names: &Vec<RedeemCodeGid> =
            &codes.iter().filter_map(|code| code.shopify_redeem_code_id.clone().map(RedeemCodeGid)).collect();
        let deleted = shops::call(self.app, self.shop, self.now, |domain, token| async move {
            api::delete_codes(&self.app.admin, &domain, &token, gid, names).await
        });
        match deleted.await {
            Ok(Some(job)) => Ok(self.under_way(&ids(codes), &job).await?),
            Ok(None) => Ok(self.confirm(&ids(codes)).await?),
            // The merchant may have deleted the whole discount: then its codes are gone as well.
            Err(CallError::Call(DiscountError::Missing | DiscountError::Rejected(_)))
                if self.all_gone(codes).await? =>
            {
                Ok(self.confirm(&ids(codes)).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn all_gone(&self, codes: &[Model]) -> Result<bool, JobError> {
        for code in codes.iter().take(SAMPLE) {
            if self.find(&code.code).await?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn find(&self, code: &str) -> Result<Option<DiscountGid>, JobError> {
        let found = shops::call(self.app, self.shop, self.now, |domain, token| async move {
            api::find_code(&self.app.admin, &domain, &token, code).await
        });
        Ok(found.await?)
    }

    /// Looks at every deletion under way; one that left codes behind is asked for again.
    async fn confirm_deleted(&self) -> Result<(), JobError> {
        let mut deletions: Vec<Option<String>> = self
            .open()
            .filter(revocation::Column::ShopifyJobId.is_not_null())
            .select_only()
            .column(revocation::Column::ShopifyJobId)
            .distinct()
            .into_tuple()
            .all(self.app.db.read())
            .await?;
        deletions.sort();
        for deletion in deletions.into_iter().flatten() {
            let job = &JobGid(deletion);
            let done = shops::call(self.app, self.shop, self.now, |domain, token| async move {
                redeem_codes::job_done(&self.app.admin, &domain, &token, job).await
            });
            if !done.await? {
                continue;
            }
            let of_job = self.open().filter(revocation::Column::ShopifyJobId.eq(&job.0));
            let ids: Vec<RedeemCodeId> = of_job
                .select_only()
                .column(revocation::Column::RedeemCodeId)
                .into_tuple()
                .all(self.app.db.read())
                .await?;
            let codes = Entity::of(self.shop.shop_id).filter(COLUMN.id.is_in(ids.clone()));
            let sample = codes.limit(SAMPLE as u64).all(self.app.db.read()).await?;
            if self.all_gone(&sample).await? {
                self.confirm(&ids).await?;
            } else {
                self.set_job(&ids, None).await?;
            }
        }
        Ok(())
    }

    async fn under_way(&self, ids: &[RedeemCodeId], job: &JobGid) -> Result<(), DbErr> {
        self.set_job(ids, Some(job.0.clone())).await
    }

    async fn set_job(&self, ids: &[RedeemCodeId], job: Option<String>) -> Result<(), DbErr> {
        revocation::Entity::update_many()
            .col_expr(revocation::Column::ShopifyJobId, Expr::value(job))
            .filter(revocation::COLUMN.shop_id.eq(self.shop.shop_id))
            .filter(revocation::COLUMN.redeem_code_id.is_in(ids.to_vec()))
            .exec(self.app.db.write())
            .await
            .map(drop)
    }

    /// Shopify does not know these codes any more.
    async fn confirm(&self, ids: &[RedeemCodeId]) -> Result<(), DbErr> {
        for ids in ids.chunks(crate::db::INSERT_ROWS) {
            let txn = self.app.db.begin_write().await?;
            Entity::update_many()
                .col_expr(Column::State, Expr::value(State::Revoked))
                .col_expr(Column::RevokedAt, Expr::value(self.now))
                .filter(COLUMN.shop_id.eq(self.shop.shop_id))
                .filter(COLUMN.id.is_in(ids.to_vec()))
                .filter(COLUMN.state.eq(State::Revoking))
                .exec(&txn)
                .await?;
            revocation::Entity::update_many()
                .col_expr(revocation::Column::ConfirmedAt, Expr::value(self.now))
                .filter(revocation::COLUMN.shop_id.eq(self.shop.shop_id))
                .filter(revocation::COLUMN.redeem_code_id.is_in(ids.to_vec()))
                .filter(revocation::Column::ConfirmedAt.is_null())
                .exec(&txn)
                .await?;
            txn.commit().await?;
        }
        Ok(())
    }
}

fn ids(codes: &[Model]) -> Vec<RedeemCodeId> {
    codes.iter().map(|code| code.id).collect()
}
