//! What a message of a campaign would carry: shown while the campaign is being written, before anything is.
//!
//! Nothing here touches the database, and no draw of a real code or link is shifted: the examples come from a generator
//! of their own, so that the same terms always show the same example.

use serde::Serialize;

use crate::app::App;
use crate::campaigns::{self, Campaign, CampaignId, NewCampaign, Utm};
use crate::codes;
use crate::kernel::{Chance, Timestamp};
use crate::links::{self, Carried, Target};
use crate::shops::Shop;

/// What stands where a tap's own id would.
const CLICK: &str = "example";

/// One thing that is wrong with a campaign as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = CampaignProblem)]
pub struct Problem {
    /// The field, as a path.
    #[schema(value_type = String, example = "offer.percentage")]
    field: &'static str,
    /// What to write instead.
    #[schema(value_type = String)]
    detail: &'static str,
}

/// A campaign that was not saved: what is wrong with it, and what a message of it would carry. What cannot be made of
/// it as it stands is `null`.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = CampaignPreview)]
pub struct Preview {
    /// Everything that is wrong with it; empty: it can be created.
    problems: Vec<Problem>,
    /// Always `true`: code and link below are examples, drawn like real ones and good for nothing.
    example: bool,
    /// What a code of it looks like.
    #[schema(example = "WIN7K2M9QXDTPB")]
    code: Option<String>,
    /// What its tracked link looks like.
    link: String,
    /// What stands in a template whose button is `…/r/{{1}}`.
    button_suffix: String,
    /// Where a tap on it leads, with the code applied.
    destination: Option<String>,
    /// When a code drawn now ends for its recipient.
    #[schema(value_type = Option<String>, format = "date-time")]
    expires_at: Option<Timestamp>,
    /// Until when Shopify takes it.
    #[schema(value_type = Option<String>, format = "date-time")]
    shopify_ends_at: Option<Timestamp>,
    /// What it promises, in one sentence.
    summary: Option<String>,
}

/// Looks at a campaign as it is being written.
pub fn preview(app: &App, shop: &Shop, preset: &Utm, asked: NewCampaign, now: Timestamp) -> Preview {
    let problems: Vec<Problem> =
        asked.problems().into_iter().map(|(field, detail)| Problem { field, detail }).collect();
    let fine = |part: &str| !problems.iter().any(|problem| problem.field.split('.').next() == Some(part));
    let chance = Chance::seeded(shop.shop_id.0.unsigned_abs());
    let draft = asked.draft(CampaignId::new(&chance, now), shop, now);
    let code = (draft.offer.is_some() && fine("code")).then(|| codes::draw_code(&chance, &draft.code));
    let slug = links::draw_slug(&app.vault, &chance, shop.shop_id);
    let ends_at = (draft.offer.is_some() && fine("expiry")).then(|| draft.expiry.ends_at(now));
    let parts =
        ["offer", "minimum_subtotal_minor", "minimum_quantity", "applies_to", "purchase", "expiry", "holdout", "arms"];
    Preview {
        example: true,
        destination: fine("link").then(|| destination(shop, preset, &draft, code.as_deref(), now)).flatten(),
        link: links::address(app, shop.serving_domain(), &slug),
        button_suffix: slug,
        shopify_ends_at: ends_at.map(|end| if draft.expiry.exact { end } else { draft.expiry.slot_of(end) }),
        expires_at: ends_at,
        summary: parts.into_iter().all(fine).then(|| campaigns::summary(&draft, shop.money())),
        code,
        problems,
    }
}

fn destination(shop: &Shop, preset: &Utm, campaign: &Campaign, code: Option<&str>, now: Timestamp) -> Option<String> {
    Some(links::destination(&Target {
        way: &links::Destination::of(campaign, &shop.storefront_url, preset)?,
        checkout: None,
        made_at: now,
        code: code.filter(|_| campaign.link.auto_apply).map_or(Carried::None, Carried::Good),
        click: CLICK,
        query: "",
    }))
}
