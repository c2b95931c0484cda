//! Codes on their way to Shopify, in batches.
//!
//! ```text
//! reserved ──▶ pushed ──▶ pushed, with a creation ──▶ imported, or issued to whom it was promised
//!    ▲           │  ▲                  │
//!    │           │  └── creation gone ─┤
//!    └─ refused ─┴─────────────────────┘   another text only if the code is somebody else's
//! ```
//!
//! 1. A batch is committed as pushed before the call, and gets the id of its creation after it. Pushed without one: the
//!    answer was lost, and the batch is sent again as it is. Imports of a shop run one after the other: when the second
//!    is done so is the first, and what the first brought is TAKEN by this very discount.
//! 2. What Shopify says it refused is looked up, many codes a call. Ours: it is there. Somebody else's: another text.
//!    Nobody's: the same text again, so that an earlier call that is still under way finds it known here.
//! 3. Few batches of a discount are under way at once, so that a promise made now does not queue behind a whole pool.

use std::collections::HashMap;

use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect};

use super::drift;
use super::push::{self, Progress, Push};
use crate::codes::discount;
use crate::codes::generate::fold;
use crate::codes::id::RedeemCodeId;
use crate::codes::pool::canary;
use crate::codes::pool::reserve::{self, in_order, in_state};
use crate::codes::redeem_code::{COLUMN, Column, Entity, Model, State};
use crate::jobs::JobError;
use crate::kernel::Timestamp;
use crate::shopify::admin::UserError;
use crate::shopify::admin::discount::DiscountGid;
use crate::shopify::admin::discounts::{self as api, BulkCreationGid, BulkProgress, DiscountError, MOST_CODES};
use crate::shops::{self, CallError};

/// Batches of a discount that may be under way at the same time.
const AT_ONCE: usize = 3;

/// An import that takes longer has failed: what is there is kept, the rest is sent again.
const STUCK_SECONDS: i64 = 900;

/// After a pause of this length the pace is measured anew.
const SPELL_SECONDS: i64 = 600;

/// A batch that was refused as a whole is tried again so soon.
const REFUSED_SECONDS: i64 = 5;

impl Push<'_> {
    /// Brings the codes of a discount that exists as far as they go now.
    pub(in crate::codes) async fn import(
        &self,
        discount: &discount::Model,
        gid: &DiscountGid,
        now: Timestamp,
    ) -> Result<Progress, JobError> {
        loop {
            let (arrived, under_way) = self.poll(discount, gid, now).await?;
            let (under_way, cut_short) = self.send(discount, gid, under_way, now).await?;
            if arrived {
                canary::set_aside(self.app, self.campaign, discount.id).await?;
            }
            if cut_short || (arrived && self.spent()) {
                return Ok(Progress::More);
            }
            if !arrived {
                return Ok(if under_way == 0 { Progress::Settled } else { Progress::Waiting });
            }
        }
    }

    /// Looks at the imports under way. Answers whether one has come to its end, and how many have not.
    async fn poll(
        &self,
        discount: &discount::Model,
        gid: &DiscountGid,
        now: Timestamp,
    ) -> Result<(bool, usize), JobError> {
        let asked: Vec<(String, Option<Timestamp>, Option<Timestamp>)> =
            in_state(self.campaign, discount.id, State::Pushed)
                .filter(Column::BulkCreationId.is_not_null())
                .select_only()
                .column(Column::BulkCreationId)
                .column_as(COLUMN.promised_at.max(), "promised_at")
                .column_as(COLUMN.pushed_at.min(), "since")
                .group_by(Column::BulkCreationId)
                .order_by_asc(Column::BulkCreationId)
                .limit(MOST_CODES as u64)
                .into_tuple()
                .all(self.app.db.read())
                .await?;
        if asked.is_empty() {
            return Ok((false, 0));
        }
        let admin = &self.pays(asked.iter().any(|(_, promised, _)| promised.is_some()));
        let ids: &Vec<BulkCreationGid> = &asked.iter().map(|(id, ..)| BulkCreationGid(id.clone())).collect();
        let known = shops::call(self.app, self.shop, now, |domain, token| async move {
            api::progress(admin, &domain, &token, ids).await
        });
        let mut known: HashMap<String, BulkProgress> =
            known.await?.into_iter().map(|one| (one.creation.0.clone(), one)).collect();
        let (mut arrived, mut under_way) = (false, 0);
        for (id, promised, since) in asked {
            let since = since.unwrap_or(now);
            match known.remove(&id) {
                Some(one) if one.done => {
                    self.arrived(discount, gid, &one, promised.is_some(), since, now).await?;
                    arrived = true;
                }
                Some(_) if now.seconds_since(since) > STUCK_SECONDS => {
                    let rows = self.of(discount, &id).await?;
                    let why = "Shopify did not finish importing it; it was sent again".to_owned();
                    self.decide(discount, gid, rows.into_iter().map(|row| (row, why.clone())).collect(), false, now)
                        .await?;
                }
                Some(_) => under_way += 1,
                None => self.forgotten(discount, &id).await?,
            }
        }
        Ok((arrived, under_way))
    }

    /// The codes of a batch that Shopify has not been heard about.
    async fn of(&self, discount: &discount::Model, creation: &str) -> Result<Vec<Model>, DbErr> {
        in_state(self.campaign, discount.id, State::Pushed)
            .filter(COLUMN.bulk_creation_id.eq(creation))
            .order_by_asc(COLUMN.id)
            .all(self.app.db.read())
            .await
    }

    /// Keeps what an import brought.
    async fn arrived(
        &self,
        discount: &discount::Model,
        gid: &DiscountGid,
        one: &BulkProgress,
        promised: bool,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), JobError> {
        let rows = self.of(discount, &one.creation.0).await?;
        if one.failed == 0 && one.imported >= rows.len() as u64 {
            return Ok(self.there(discount, rows.iter().map(|row| row.id).collect(), since, now).await?);
        }
        let (admin, creation) = (&self.pays(promised), &one.creation);
        let listed = shops::call(self.app, self.shop, now, |domain, token| async move {
            api::bulk_creation(admin, &domain, &token, creation).await
        });
        let listed = match listed.await {
            Err(CallError::Call(DiscountError::Missing)) => return Ok(self.forgotten(discount, &creation.0).await?),
            listed => listed?,
        };
        let mut listed: HashMap<String, api::BulkCode> =
            listed.codes.into_iter().map(|code| (fold(&code.code), code)).collect();
        let (mut there, mut refused) = (Vec::new(), Vec::new());
        for row in rows {
            match listed.remove(&row.code) {
                Some(code) if code.redeem_code_gid.is_some() => there.push(row.id),
                Some(code) => refused.push((row, why(code.errors.first()))),
                None => refused.push((row, why(None))),
            }
        }
        self.there(discount, there, since, now).await?;
        self.decide(discount, gid, refused, true, now).await
    }

    /// Codes Shopify refused, by whose they are there. `again`: a second refusal asks for another text.
    async fn decide(
        &self,
        discount: &discount::Model,
        gid: &DiscountGid,
        refused: Vec<(Model, String)>,
        again: bool,
        now: Timestamp,
    ) -> Result<(), JobError> {
        for some in refused.chunks(crate::shopify::admin::code_owners::MOST) {
            let texts: Vec<String> = some.iter().map(|(row, _)| row.code.clone()).collect();
            let waits = some.iter().any(|(row, _)| row.promised_at.is_some());
            let owners = self.owners(&texts, waits, now).await?;
            let mut ours = Vec::new();
            for ((row, why), owner) in some.iter().zip(owners) {
                match owner {
                    Some(owner) if owner == *gid => ours.push(row.id),
                    Some(_) => self.redraw(row, why).await?,
                    None if again && row.last_error.is_some() => self.redraw(row, why).await?,
                    None => self.put_back(row, why).exec(self.app.db.write()).await.map(drop)?,
                }
            }
            self.there(discount, ours, now, now).await?;
        }
        Ok(())
    }

    async fn there(
        &self,
        discount: &discount::Model,
        codes: Vec<RedeemCodeId>,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        if codes.is_empty() {
            return Ok(());
        }
        let count = i64::try_from(codes.len()).unwrap_or(0);
        let txn = self.app.db.begin_write().await?;
        push::confirm(&txn, self.app, discount, codes, now).await?;
        // How fast codes go live, measured while they do.
        use discount::Column as C;
        let rested =
            || Expr::col(C::PaceUntil).is_null().or(Expr::col(C::PaceUntil).lt(now.plus_seconds(-SPELL_SECONDS)));
        let begun = CaseStatement::new().case(rested(), since).finally(Expr::col(C::PaceSince));
        let codes = CaseStatement::new().case(rested(), count).finally(Expr::col(C::PaceCodes).add(count));
        discount::Entity::update_many()
            .col_expr(C::PaceSince, begun.into())
            .col_expr(C::PaceCodes, codes.into())
            .col_expr(C::PaceUntil, Expr::value(now))
            .filter(discount::COLUMN.shop_id.eq(discount.shop_id))
            .filter(discount::COLUMN.id.eq(discount.id))
            .exec(&txn)
            .await?;
        txn.commit().await
    }

    /// Shopify knows nothing of a creation: its codes are sent again.
    async fn forgotten(&self, discount: &discount::Model, creation: &str) -> Result<(), DbErr> {
        Entity::update_many()
            .col_expr(Column::BulkCreationId, Expr::value(Option::<String>::None))
            .filter(COLUMN.shop_id.eq(discount.shop_id))
            .filter(COLUMN.discount_id.eq(discount.id))
            .filter(COLUMN.state.eq(State::Pushed))
            .filter(COLUMN.bulk_creation_id.eq(creation))
            .exec(self.app.db.write())
            .await
            .map(drop)
    }

    /// Sends batches while there are codes and places. Answers how many are under way then, and whether it was cut short.
    async fn send(
        &self,
        discount: &discount::Model,
        gid: &DiscountGid,
        mut under_way: usize,
        now: Timestamp,
    ) -> Result<(usize, bool), JobError> {
        while under_way < AT_ONCE {
            let batch = self.next(discount).await?;
            if batch.is_empty() {
                break;
            }
            if self.spent() {
                return Ok((under_way, true));
            }
            self.add(discount, gid, batch, now).await?;
            under_way += 1;
        }
        Ok((under_way, false))
    }

    /// The next batch: what somebody waits for before what nobody does, and lost answers before what was never asked.
    async fn next(&self, discount: &discount::Model) -> Result<Vec<Model>, DbErr> {
        let (db, most) = (self.app.db.read(), MOST_CODES as u64);
        let lost = in_state(self.campaign, discount.id, State::Pushed)
            .filter(Column::BulkCreationId.is_null())
            .order_by(Column::PromisedAt.is_null(), Order::Asc)
            .order_by_asc(COLUMN.id)
            .limit(most)
            .all(db)
            .await?;
        if lost.first().is_some_and(|code| code.promised_at.is_some()) {
            return Ok(lost);
        }
        let promised =
            reserve::promised(self.campaign, discount.id).order_by_asc(COLUMN.id).limit(most).all(db).await?;
        if !promised.is_empty() {
            return Ok(promised);
        }
        if !lost.is_empty() {
            return Ok(lost);
        }
        in_order(self.campaign, discount.id, State::Reserved).limit(most).all(db).await
    }

    /// Asks Shopify to import one batch.
    async fn add(
        &self,
        discount: &discount::Model,
        gid: &DiscountGid,
        batch: Vec<Model>,
        now: Timestamp,
    ) -> Result<(), JobError> {
        let ids: Vec<RedeemCodeId> = batch.iter().map(|code| code.id).collect();
        let pushed = self.moved(discount, &ids, &[State::Reserved, State::Pushed], State::Pushed, None);
        pushed.col_expr(Column::PushedAt, Expr::value(now)).exec(self.app.db.write()).await?;
        let texts: &Vec<String> = &batch.iter().map(|code| code.code.clone()).collect();
        let admin = &self.pays(batch.iter().any(|code| code.promised_at.is_some()));
        let accepted = shops::call(self.app, self.shop, now, |domain, token| async move {
            api::add_codes(admin, &domain, &token, gid, texts).await
        });
        match accepted.await {
            Ok(accepted) => {
                let left_out = named(&batch, &accepted.left_out);
                let inside: Vec<RedeemCodeId> = batch
                    .iter()
                    .map(|code| code.id)
                    .filter(|id| !left_out.iter().any(|(row, _)| row.id == *id))
                    .collect();
                let named = self.moved(discount, &inside, &[State::Pushed], State::Pushed, Some(accepted.creation.0));
                named.exec(self.app.db.write()).await?;
                self.decide(discount, gid, left_out, true, now).await
            }
            Err(CallError::Call(DiscountError::Rejected(errors))) => {
                // Nothing was done.
                self.moved(discount, &ids, &[State::Pushed], State::Reserved, None).exec(self.app.db.write()).await?;
                let places: Vec<(usize, UserError)> =
                    errors.iter().filter_map(|error| Some((api::place(error)?, error.clone()))).collect();
                self.decide(discount, gid, named(&batch, &places), true, now).await?;
                if places.is_empty() {
                    // The merchant may have deleted the discount, and the webhook is late.
                    drift::check(self.app, self.shop, self.campaign, discount, now).await?;
                }
                Err(JobError::RetryAfter(DiscountError::Rejected(errors).to_string(), REFUSED_SECONDS))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn moved(
        &self,
        discount: &discount::Model,
        ids: &[RedeemCodeId],
        from: &[State],
        to: State,
        creation: Option<String>,
    ) -> sea_orm::UpdateMany<Entity> {
        Entity::still((discount.shop_id, discount.id), ids.to_vec(), from)
            .col_expr(Column::State, Expr::value(to))
            .col_expr(Column::BulkCreationId, Expr::value(creation))
    }
}

/// The codes of a batch that objections are about, each with its first one in words.
fn named(batch: &[Model], places: &[(usize, UserError)]) -> Vec<(Model, String)> {
    let mut found: HashMap<usize, String> = HashMap::new();
    for (place, error) in places {
        found.entry(*place).or_insert_with(|| why(Some(error)));
    }
    let mut found: Vec<(usize, String)> = found.into_iter().collect();
    found.sort_unstable();
    found.into_iter().filter_map(|(place, why)| Some((batch.get(place)?.clone(), why))).collect()
}

/// Why a code was refused, in words.
fn why(error: Option<&UserError>) -> String {
    match error {
        Some(error) if error.code.is_taken() => "Another discount of the shop has this code".to_owned(),
        Some(error) => format!("Shopify refused it: {error}"),
        None => "Shopify did not import it and gave no reason".to_owned(),
    }
}
