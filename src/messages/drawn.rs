//! Whom some checkouts were drawn for, and what each of them got, as the platform was answered.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;

use super::answer::{Answer, Context};
use super::compose;
use crate::app::App;
use crate::campaigns::{self, CampaignId};
use crate::codes;
use crate::kernel::Timestamp;
use crate::shops::Shop;

/// A draw about a checkout: the message with its code and link, or that the recipient is held out.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CheckoutMessage)]
pub struct Drawn {
    campaign_id: CampaignId,
    #[schema(value_type = String, format = "date-time")]
    drawn_at: Timestamp,
    #[schema(value_type = Option<String>, format = "date-time")]
    sent_at: Option<Timestamp>,
    #[serde(flatten)]
    answer: Answer,
}

impl Drawn {
    /// Whether the recipient is left alone on purpose.
    pub const fn held_out(&self) -> bool {
        self.answer.held_out
    }
}

/// By checkout, who was drawn for it, the oldest first.
pub async fn drawn_for(
    db: &impl ConnectionTrait,
    app: &App,
    shop: &Shop,
    checkouts: Vec<String>,
    now: Timestamp,
) -> Result<HashMap<String, Vec<Drawn>>, DbErr> {
    let draws = campaigns::drawn_for(db, shop.shop_id, checkouts).await?;
    let ids: Vec<_> = draws.iter().filter(|draw| !draw.held_out).map(|draw| draw.id).collect();
    let mut composed = compose::read(db, shop.shop_id, &ids).await?;
    let codes: Vec<_> = composed.values().filter_map(|(_, code)| code.as_ref()).collect();
    let expected_at = codes::expected_at(db, &codes, now).await?;
    let edge = Context { domain: shop.serving_domain(), app, expected_at, now };
    let mut by_checkout: HashMap<String, Vec<Drawn>> = HashMap::new();
    for draw in draws {
        let Some(token) = draw.checkout_token else { continue };
        let found = composed.remove(&draw.id);
        // Between its draw and its message nothing is there to show.
        if found.is_none() && !draw.held_out {
            continue;
        }
        by_checkout.entry(token).or_default().push(Drawn {
            campaign_id: draw.campaign_id,
            drawn_at: draw.drawn_at,
            sent_at: found.as_ref().and_then(|(message, _)| message.sent_at),
            answer: Answer::new(edge, String::new(), found),
        });
    }
    Ok(by_checkout)
}
