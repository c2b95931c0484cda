//! A page of messages, the latest first.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Serialize;

use super::standing::Standing;
use super::sums::{MessageSums, sums};
use crate::attribution::conversion::{self, Column as C, Entity as Conversions};
use crate::campaigns::{CAMPAIGN, CampaignId, Campaigns};
use crate::catchup;
use crate::codes::{CODE, RedeemCode, RedeemCodeId, RedeemCodes};
use crate::kernel::id::{MessageId, ShopId};
use crate::kernel::{Day, Money, Timestamp};
use crate::links::{ClickColumn, Clicks, counts};
use crate::messages::{MESSAGE, Message, MessageColumn, Messages};
use crate::orders::{ORDER, OrderId, Orders};
use crate::people::RecipientId;
use crate::reports::codes::{Cursor, Standing as CodeStanding};
use crate::reports::funnel::within;
use crate::reports::measures::Measure;
use crate::reports::orders::Named;
use crate::reports::period::Period;
use crate::reports::totals::{count, rows};
use crate::shops::CurrentShop;
use crate::whatsapp::failure::Failure;

/// An order that goes back to a message.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OrderBack {
    #[schema(value_type = String)]
    shopify_order_id: OrderId,
    name: String,
    net_sales: Money,
}

/// One message.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct MessageItem {
    message_id: MessageId,
    /// Opaque: it leads to their life.
    recipient_id: RecipientId,
    campaign: Named,
    state: Standing,
    #[schema(value_type = String, format = "date-time")]
    issued_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    sent_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    delivered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    read_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = "date-time")]
    failed_at: Option<Timestamp>,
    /// Meta's error code, e.g. 131049.
    failure_code: Option<i64>,
    /// What that code means, where it is known.
    failure: Option<Failure>,
    /// The code, as in the list of codes; `null` without an offer too.
    code: Option<String>,
    /// Where it stands; `null` without an offer.
    code_state: Option<CodeStanding>,
    /// People's taps on its link.
    taps: i64,
    /// Attributed orders that go back to it, the latest first.
    orders: Vec<OrderBack>,
}

/// Messages of a period, the latest first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = MessageList)]
pub struct MessagePage {
    #[schema(value_type = String, format = "date")]
    from: Day,
    #[schema(value_type = String, format = "date")]
    to: Day,
    /// The instant up to which every source is known to be whole; `null` until reconciliation has looked.
    #[schema(value_type = Option<String>, format = "date-time")]
    complete_through: Option<Timestamp>,
    /// What became of all messages of these days; on the first page only.
    total: Option<MessageSums>,
    messages: Vec<MessageItem>,
    next_cursor: Option<String>,
}

/// Reads a page.
pub async fn page(
    db: &impl ConnectionTrait,
    current: &CurrentShop,
    period: &Period,
    state: Option<Standing>,
    after: Option<Cursor>,
    limit: u64,
) -> Result<MessagePage, DbErr> {
    let shop = current.shop.shop_id;
    let mut find =
        Messages::of(shop).filter(within(Messages, MessageColumn::IssuedAt, MessageColumn::CampaignId, period));
    if let Some(state) = state {
        find = find.filter(state.condition());
    }
    if let Some(after) = after {
        find = find.filter(Condition::all().add(after.condition()));
    }
    let latest = find.order_by_desc(MESSAGE.issued_at).order_by_desc(MESSAGE.id).limit(limit + 1);
    let mut found: Vec<Message> = latest.all(db).await?;
    let more = found.len() as u64 > limit;
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let next_cursor = found.last().filter(|_| more).map(|one| Cursor(one.issued_at, one.id).to_string());
    Ok(MessagePage {
        from: period.from,
        to: period.to,
        complete_through: catchup::complete_through(db, shop).await?,
        total: match after {
            None => Some(sums(db, shop, period).await?),
            Some(_) => None,
        },
        messages: items(db, current, period, found).await?,
        next_cursor,
    })
}

async fn items(
    db: &impl ConnectionTrait,
    current: &CurrentShop,
    period: &Period,
    found: Vec<Message>,
) -> Result<Vec<MessageItem>, DbErr> {
    let (shop, now) = (current.shop.shop_id, current.now);
    let campaigns = Campaigns::of(shop).filter(CAMPAIGN.id.is_in(found.iter().map(|one| one.campaign_id)));
    let campaigns = campaigns.all(db).await?.into_iter().map(|row| (row.id, row.name));
    let campaigns: HashMap<CampaignId, String> = campaigns.collect();
    let codes = RedeemCodes::of(shop).filter(CODE.id.is_in(found.iter().filter_map(|one| one.redeem_code_id)));
    let codes: HashMap<RedeemCodeId, RedeemCode> =
        codes.all(db).await?.into_iter().map(|code| (code.id, code)).collect();
    let taps = taps_of(db, shop, found.iter().map(|one| one.link_slug.clone()).collect()).await?;
    let mut orders = orders_of(db, current, period, found.iter().map(|one| one.id).collect()).await?;
    let sees_codes = current.sees_codes();
    let item = |one: Message| {
        let code = one.redeem_code_id.and_then(|id| codes.get(&id));
        let code_state = code.map(|code| CodeStanding::of(code.state, code.expires_at, now));
        let shown = |code: &&RedeemCode| {
            code_state.is_some_and(CodeStanding::told) && (sees_codes || code.redeemed_at.is_some())
        };
        let name = campaigns.get(&one.campaign_id).cloned();
        MessageItem {
            campaign: Named { id: one.campaign_id, name: name.unwrap_or_else(|| "a campaign that is gone".to_owned()) },
            state: Standing::of(&one),
            code: code.filter(shown).map(|code| code.code.clone()),
            code_state,
            taps: taps.get(&one.link_slug).copied().unwrap_or_default(),
            orders: orders.remove(&one.id).unwrap_or_default(),
            failure: one.failure(),
            message_id: one.id,
            recipient_id: one.recipient_id,
            issued_at: one.issued_at,
            sent_at: one.sent_at,
            delivered_at: one.delivered_at,
            read_at: one.read_at,
            failed_at: one.failed_at,
            failure_code: one.failure_code,
        }
    };
    Ok(found.into_iter().map(item).collect())
}

#[derive(FromQueryResult)]
struct Taps {
    slug: String,
    taps: i64,
}

/// People's taps on some links.
async fn taps_of(db: &impl ConnectionTrait, shop: ShopId, slugs: Vec<String>) -> Result<HashMap<String, i64>, DbErr> {
    let select = Query::select()
        .column((Clicks, ClickColumn::Slug))
        .expr_as(count(), "taps")
        .from(Clicks)
        .and_where(Expr::col((Clicks, ClickColumn::ShopId)).eq(shop))
        .and_where(Expr::col((Clicks, ClickColumn::Slug)).is_in(slugs))
        .and_where(Expr::col((Clicks, ClickColumn::Human)).eq(true))
        .and_where(counts())
        .group_by_col((Clicks, ClickColumn::Slug))
        .to_owned();
    Ok(rows::<Taps>(db, &select).await?.into_iter().map(|row| (row.slug, row.taps)).collect())
}

/// Attributed orders that go back to some messages.
async fn orders_of(
    db: &impl ConnectionTrait,
    current: &CurrentShop,
    period: &Period,
    ids: Vec<MessageId>,
) -> Result<HashMap<MessageId, Vec<OrderBack>>, DbErr> {
    let (shop, currency) = (current.shop.shop_id, current.shop.money());
    let verdicts = Conversions::find()
        .filter(conversion::COLUMN.shop_id.eq(shop))
        .filter(conversion::COLUMN.policy.eq(&period.policy.name))
        .filter(C::MessageId.is_in(ids))
        .filter(conversion::COLUMN.superseded_at.eq(Timestamp::FOREVER))
        .filter(Measure::Attributed.condition())
        .order_by_desc(conversion::COLUMN.ordered_at)
        .all(db)
        .await?;
    let names = Orders::of(shop).filter(ORDER.shopify_order_id.is_in(verdicts.iter().map(|one| one.shopify_order_id)));
    let names = names.all(db).await?.into_iter().map(|order| (order.shopify_order_id, order.name));
    let names: HashMap<OrderId, String> = names.collect();
    let mut found: HashMap<MessageId, Vec<OrderBack>> = HashMap::new();
    for one in verdicts {
        let Some(message) = one.message_id else { continue };
        found.entry(message).or_default().push(OrderBack {
            shopify_order_id: one.shopify_order_id,
            name: names.get(&one.shopify_order_id).cloned().unwrap_or_default(),
            net_sales: Money::new(one.net_minor, currency),
        });
    }
    Ok(found)
}
