//! How many codes campaigns have on hand.

use std::collections::HashMap;

use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QuerySelect};

use super::redeem_code::{COLUMN, Column, Entity, State};
use crate::campaigns::CampaignId;
use crate::kernel::id::ShopId;

/// Codes of a campaign that nobody has yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OnHand {
    /// Ready to be handed out.
    pub imported: i64,
    /// On their way to Shopify.
    pub pending: i64,
}

/// What some campaigns have; who has none is not among them.
pub async fn on_hand(
    db: &impl ConnectionTrait,
    shop: ShopId,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, OnHand>, DbErr> {
    let counted = Entity::of(shop)
        .filter(COLUMN.campaign_id.is_in(campaigns.to_vec()))
        // In the words of their index.
        .filter(Expr::cust("state IN ('reserved', 'pushed', 'imported')"))
        .select_only()
        .columns([Column::CampaignId, Column::State])
        .column_as(Column::Id.count(), "codes")
        .group_by(Column::CampaignId)
        .group_by(Column::State);
    let mut found: HashMap<CampaignId, OnHand> = HashMap::new();
    for (campaign, state, codes) in counted.into_tuple::<(CampaignId, State, i64)>().all(db).await? {
        let have = found.entry(campaign).or_default();
        *(if state == State::Imported { &mut have.imported } else { &mut have.pending }) += codes;
    }
    Ok(found)
}
