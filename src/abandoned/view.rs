//! A checkout that lies quiet, as platforms and merchants see it: what it is worth, what to call to write about it, and
//! what became of it. Nobody is named: a platform knows the shopper by Shopify's number, or by the token.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use super::abandonment::{Because, Model as Abandonment, State};
use crate::app::App;
use crate::campaigns::{self, Campaign, CampaignId};
use crate::checkouts::{self, Checkout};
use crate::kernel::{Contacts, Currency, Money, Timestamp};
use crate::messages::{self, Drawn};
use crate::orders::OrderId;
use crate::shops::Shop;

/// Where a checkout stands, as it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AbandonedState)]
pub enum Standing {
    /// It is, or was a short while ago, worked on; or nobody is known who could be reached.
    Active,
    /// It lies quiet, and nobody was drawn for it.
    Open,
    /// It lies quiet, and a message about it was drawn.
    Messaged,
    /// It lies quiet, and its shopper is left alone on purpose.
    HeldOut,
    /// It lay quiet, and was completed after all.
    Recovered,
    /// It lay quiet, and its shopper bought something else, or by another checkout.
    Withdrawn,
    /// It lay quiet, and Shopify deleted it.
    Deleted,
    /// It ended before it lay quiet.
    Over,
}

/// What is known of whom to reach; what it is, is never told.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CheckoutContact)]
struct Reachable {
    /// Shopify's number, as text: it may be larger than JSON's readers count exactly.
    shopify_customer_id: Option<String>,
    /// A phone is known.
    phone: bool,
    /// An e-mail address is known.
    email: bool,
}

/// A campaign that may write about it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CheckoutCampaign)]
struct ForCampaign {
    campaign_id: CampaignId,
    name: String,
    /// Since when, or from when on, it has lain quiet long enough for this campaign.
    #[schema(value_type = String, format = "date-time")]
    from: Timestamp,
    /// Whether that is so now.
    due: bool,
    /// What to call, with `checkout_token` in the recipient: the answer carries message, code and link.
    #[schema(example = "POST /api/campaigns/{id}/messages")]
    draw: String,
}

/// A checkout that lies quiet, or did.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AbandonedCheckout {
    checkout_token: String,
    state: Standing,
    #[schema(value_type = String, format = "date-time")]
    begun_at: Timestamp,
    /// The last step before it lay quiet.
    #[schema(value_type = String, format = "date-time")]
    last_active_at: Timestamp,
    /// When it had lain quiet long enough, by event time: `last_active_at` and the shortest delay of the shop's campaigns.
    #[schema(value_type = Option<String>, format = "date-time")]
    abandoned_at: Option<Timestamp>,
    /// When it was offered last: later than `abandoned_at` when it was heard of late, or its contact was.
    #[schema(value_type = Option<String>, format = "date-time")]
    offered_at: Option<Timestamp>,
    /// When an offer was last taken back.
    #[schema(value_type = Option<String>, format = "date-time")]
    withdrawn_at: Option<Timestamp>,
    /// When it ended, by event time.
    #[schema(value_type = Option<String>, format = "date-time")]
    ended_at: Option<Timestamp>,
    /// What ended it.
    because: Option<Because>,
    /// The order that ended it.
    #[schema(value_type = Option<String>)]
    shopify_order_id: Option<OrderId>,
    value: Option<Money>,
    contact: Reachable,
    /// Whether the link of a message about it opens this very checkout again.
    opens_again: bool,
    /// The shop's campaigns that may write about it; empty once it is over.
    campaigns: Vec<ForCampaign>,
    /// Who was drawn for it, held out or not, with code and link as they stand.
    messages: Vec<Drawn>,
}

/// Shows some rows, in their order.
pub async fn views(
    db: &impl ConnectionTrait,
    app: &App,
    shop: &Shop,
    rows: Vec<Abandonment>,
    now: Timestamp,
) -> Result<Vec<AbandonedCheckout>, DbErr> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let tokens: Vec<String> = rows.iter().map(|row| row.token.clone()).collect();
    let known = checkouts::these(db, shop.shop_id, tokens.iter().cloned()).await?;
    let named = checkouts::contacts_of(db, shop.shop_id, &known).await?;
    let known: HashMap<String, Checkout> = known.into_iter().map(|one| (one.token.clone(), one)).collect();
    let mut drawn = messages::drawn_for(db, app, shop, tokens, now).await?;
    let campaigns = campaigns::for_checkouts(db, shop.shop_id).await?;
    let view = |row: Abandonment| {
        let checkout = known.get(&row.token)?;
        let drawn = drawn.remove(&row.token).unwrap_or_default();
        let contacts = named.get(&row.token).cloned().unwrap_or_default();
        Some(one(row, checkout, &contacts, (&campaigns, drawn), now))
    };
    Ok(rows.into_iter().filter_map(view).collect())
}

fn one(
    row: Abandonment,
    checkout: &Checkout,
    contacts: &Contacts,
    (campaigns, messages): (&[Campaign], Vec<Drawn>),
    now: Timestamp,
) -> AbandonedCheckout {
    let waits = matches!(row.state, State::Open | State::Working | State::Unreachable);
    let campaigns = campaigns.iter().filter(|_| waits);
    AbandonedCheckout {
        state: standing(row.state, &messages),
        begun_at: checkout.created_at,
        last_active_at: row.last_at,
        abandoned_at: row.abandoned_at,
        offered_at: row.offered_at,
        withdrawn_at: row.withdrawn_at,
        ended_at: row.ended_at,
        because: row.ended_by,
        shopify_order_id: row.shopify_order_id,
        value: Currency::parse(&checkout.currency).map(|currency| Money::new(checkout.total_minor, currency)),
        contact: Reachable {
            shopify_customer_id: checkout.shopify_customer_id.map(|number| number.to_string()),
            phone: contacts.any_phone().next().is_some(),
            email: !contacts.emails.is_empty(),
        },
        opens_again: checkout.recovery_url_sealed.is_some(),
        campaigns: campaigns.filter_map(|campaign| for_campaign(campaign, row.last_at, row.state, now)).collect(),
        messages,
        checkout_token: row.token,
    }
}

fn standing(state: State, drawn: &[Drawn]) -> Standing {
    match state {
        State::Unreachable | State::Working => Standing::Active,
        State::Open if drawn.iter().any(|one| !one.held_out()) => Standing::Messaged,
        State::Open if !drawn.is_empty() => Standing::HeldOut,
        State::Open => Standing::Open,
        State::Recovered => Standing::Recovered,
        State::Withdrawn => Standing::Withdrawn,
        State::Deleted => Standing::Deleted,
        State::Over => Standing::Over,
    }
}

fn for_campaign(campaign: &Campaign, last_at: Timestamp, state: State, now: Timestamp) -> Option<ForCampaign> {
    let from = last_at.plus_seconds(i64::from(campaign.abandoned_after_seconds()?));
    Some(ForCampaign {
        campaign_id: campaign.id,
        name: campaign.name.clone(),
        from,
        due: state == State::Open && from <= now,
        draw: format!("POST /api/campaigns/{}/messages", campaign.id),
    })
}
