//! A page of codes, the latest given first.

use std::collections::HashMap;

use sea_orm::sea_query::{Cond, Expr};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, ExprTrait, FromQueryResult, JoinType, Order as Direction, QueryFilter,
};
use serde::Serialize;

use super::standing::Standing;
use super::sums::{Choice, CodeSums, carried, sums};
use crate::campaigns::{CampaignColumn, CampaignId, Campaigns};
use crate::catchup;
use crate::codes::{CodeColumn, REDEMPTION, RedeemCodeId, RedeemCodes, Redemptions, State};
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Day, Timestamp};
use crate::messages::{MessageColumn, Messages};
use crate::orders::{ORDER, OrderId, Orders};
use crate::people::RecipientId;
use crate::reports::orders::Named;
use crate::reports::period::Period;
use crate::reports::totals::rows;
use crate::shops::CurrentShop;

/// An order by name.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OrderNamed {
    #[schema(value_type = String)]
    shopify_order_id: OrderId,
    name: String,
}

/// One code.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CodeItem {
    /// `null` while it is pending, after it was taken back, and, for a key that may only read reports, until an order has
    /// used it.
    code: Option<String>,
    state: Standing,
    campaign: Named,
    message_id: MessageId,
    recipient_id: RecipientId,
    #[schema(value_type = String, format = "date-time")]
    issued_at: Timestamp,
    /// When its message arrived, as far as anybody told.
    #[schema(value_type = Option<String>, format = "date-time")]
    delivered_at: Option<Timestamp>,
    /// When it ends for its recipient; `null`: never, or its clock waits for the delivery.
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    redeemed_at: Option<Timestamp>,
    /// The first order that used it.
    order: Option<OrderNamed>,
}

/// Codes given to recipients in a period, the latest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CodePage {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    /// The instant up to which every source is known to be whole; `null` until reconciliation has looked.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    /// What the whole list holds, all pages; on the first page only.
    total: Option<CodeSums>,
    codes: Vec<CodeItem>,
    next_cursor: Option<String>,
}

/// Where a page begins: after this message, in descending order of time.
#[derive(Clone, Copy, Debug)]
pub struct Cursor(pub Timestamp, pub MessageId);

impl Cursor {
    /// Reads what a page handed out.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('.')?;
        Some(Self(Timestamp::from_micros(at.parse().ok()?), MessageId::parse(id)?))
    }

    /// Only what comes after it.
    pub fn condition(self) -> Expr {
        let Self(at, id) = self;
        let issued_at = || Expr::col((Messages, MessageColumn::IssuedAt));
        issued_at().lt(at).or(issued_at().eq(at).and(Expr::col((Messages, MessageColumn::Id)).lt(id)))
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0.micros(), self.1)
    }
}

#[derive(FromQueryResult)]
struct Row {
    id: MessageId,
    campaign_id: CampaignId,
    campaign_name: Option<String>,
    recipient_id: RecipientId,
    issued_at: Timestamp,
    delivered_at: Option<Timestamp>,
    read_at: Option<Timestamp>,
    code_id: RedeemCodeId,
    code: String,
    state: State,
    ends_at: Option<Timestamp>,
    life_seconds: Option<i64>,
    redeemed_at: Option<Timestamp>,
}

/// Reads a page.
pub async fn page(
    db: &impl ConnectionTrait,
    current: &CurrentShop,
    period: &Period,
    choice: Choice,
    after: Option<Cursor>,
    limit: u64,
) -> Result<CodePage, DbErr> {
    let (shop, now) = (current.shop.shop_id, current.now);
    let campaign = Cond::all()
        .add(Expr::col((Campaigns, CampaignColumn::ShopId)).equals((Messages, MessageColumn::ShopId)))
        .add(Expr::col((Campaigns, CampaignColumn::Id)).equals((Messages, MessageColumn::CampaignId)));
    let mut select = carried(shop, period, choice, now);
    select
        .columns([(Messages, MessageColumn::Id), (Messages, MessageColumn::CampaignId)])
        .columns([(Messages, MessageColumn::RecipientId), (Messages, MessageColumn::IssuedAt)])
        .columns([(Messages, MessageColumn::DeliveredAt), (Messages, MessageColumn::ReadAt)])
        .columns([(RedeemCodes, CodeColumn::Code), (RedeemCodes, CodeColumn::State)])
        .columns([(RedeemCodes, CodeColumn::LifeSeconds), (RedeemCodes, CodeColumn::RedeemedAt)])
        .expr_as(Expr::col((RedeemCodes, CodeColumn::Id)), "code_id")
        .expr_as(Expr::col((RedeemCodes, CodeColumn::ExpiresAt)), "ends_at")
        .expr_as(Expr::col((Campaigns, CampaignColumn::Name)), "campaign_name")
        .join(JoinType::LeftJoin, Campaigns, campaign)
        .order_by((Messages, MessageColumn::IssuedAt), Direction::Desc)
        .order_by((Messages, MessageColumn::Id), Direction::Desc)
        .limit(limit + 1);
    if let Some(after) = after {
        select.and_where(after.condition());
    }
    let mut found: Vec<Row> = rows(db, &select).await?;
    let more = found.len() as u64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = found.last().filter(|_| more).map(|row| Cursor(row.issued_at, row.id).to_string());
    let mut orders = orders_of(db, shop, found.iter().map(|row| row.code_id).collect()).await?;
    let sees_codes = current.sees_codes();
    let codes = found.into_iter().map(|row| {
        let state = Standing::of(row.state, row.ends_at, now);
        let arrived_at = [row.delivered_at, row.read_at].into_iter().flatten().min();
        CodeItem {
            code: Some(row.code).filter(|_| state.told() && (sees_codes || row.redeemed_at.is_some())),
            state,
            campaign: Named {
                id: row.campaign_id,
                name: row.campaign_name.unwrap_or_else(|| "a campaign that is gone".to_owned()),
            },
            message_id: row.id,
            recipient_id: row.recipient_id,
            issued_at: row.issued_at,
            delivered_at: arrived_at,
            expires_at: row.ends_at.filter(|_| row.life_seconds.is_none() || arrived_at.is_some()),
            redeemed_at: row.redeemed_at,
            order: orders.remove(&row.code_id),
        }
    });
    Ok(CodePage {
        from: period.from,
        to: period.to,
        complete_through: catchup::complete_through(db, shop).await?,
        codes: codes.collect(),
        total: match after {
            None => Some(sums(db, shop, period, choice, now).await?),
            Some(_) => None,
        },
        next_cursor,
    })
}

/// The first order that used each code.
async fn orders_of(
    db: &impl ConnectionTrait,
    shop: ShopId,
    codes: Vec<RedeemCodeId>,
) -> Result<HashMap<RedeemCodeId, OrderNamed>, DbErr> {
    let mut uses = Redemptions::of(shop).filter(REDEMPTION.redeem_code_id.is_in(codes)).all(db).await?;
    uses.sort_by_key(|one| std::cmp::Reverse((one.at, one.shopify_order_id)));
    let ids: Vec<OrderId> = uses.iter().map(|one| OrderId(one.shopify_order_id)).collect();
    let orders = Orders::of(shop).filter(ORDER.shopify_order_id.is_in(ids)).all(db).await?;
    let names: HashMap<OrderId, String> =
        orders.into_iter().map(|order| (order.shopify_order_id, order.name)).collect();
    // The earliest comes last and stays.
    let named = uses.into_iter().filter_map(|one| {
        let name = names.get(&OrderId(one.shopify_order_id))?.clone();
        Some((one.redeem_code_id, OrderNamed { shopify_order_id: OrderId(one.shopify_order_id), name }))
    });
    Ok(named.collect())
}
