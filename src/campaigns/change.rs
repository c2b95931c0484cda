//! Creating, changing and archiving a campaign.

use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Iterable, QueryFilter,
};
use serde::{Deserialize, Deserializer, Serialize};

use super::arms::{Arms, ppm};
use super::campaign::{self, CampaignId, Kind, Model};
use super::conditions::{AppliesTo, Conditions, Purchase, Tags, check_title};
use super::draw;
use super::link_terms::LinkTerms;
use super::offer::Offer;
use super::terms::{Checked, CodeTerms, Combines, CombinesAsked, Expiry, Wrong};
use crate::kernel::text::is_line;
use crate::kernel::{Chance, Money, Timestamp};
use crate::shops::Shop;

/// A campaign as a platform asks for it.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCampaign {
    /// Shown in reports; 1–120 characters.
    name: String,
    kind: Kind,
    /// What the codes take off; `null`: messages with a link and no code.
    #[serde(default)]
    offer: Option<Offer>,
    /// Minor units of the shop's currency.
    #[serde(default)]
    minimum_subtotal_minor: Option<i64>,
    /// Pieces in the cart, 1 or more; never together with a minimum subtotal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    minimum_quantity: Option<i64>,
    /// Products or collections the offer is about; left out: the whole order. Not with free shipping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    applies_to: Option<AppliesTo>,
    /// How things must be bought. For shops that sell subscriptions; of those the first order only.
    #[serde(default)]
    purchase: Purchase,
    /// What shoppers read on their discount, 1–255 characters; the campaign's name when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    /// Your own tags of the discounts at Shopify, at most 3. `recoup` and the campaign's name are there anyway.
    #[serde(default)]
    tags: Tags,
    #[serde(default)]
    combines_with: CombinesAsked,
    #[serde(default)]
    expiry: Expiry,
    #[serde(default)]
    code: CodeTerms,
    #[serde(default)]
    link: LinkTerms,
    /// Share of recipients left alone, 0 to 0.9; left out: what the shop chose for new campaigns (`default_holdout` in
    /// `/api/settings`, 0 until it did). Leaving people alone costs what messages would have brought, and shows it:
    /// `/api/lift/plan` tells both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    holdout: Option<f64>,
    /// Three arms, so that the code can be judged by itself: nothing, a message, a message with a code. Instead of
    /// `holdout`, and only with an offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    arms: Option<Arms>,
    /// How many recipients will be drawn: the pool of codes is filled ahead, for this expiry slot and the next. Say it
    /// again (`PATCH`) shortly before you draw, if that is later.
    #[serde(default)]
    expected_recipients: Option<i64>,
    /// What one message costs, until WhatsApp reports it.
    #[serde(default)]
    cost_per_message: Option<Money>,
    /// How long a checkout must lie quiet before it is offered to this campaign: 600 to 604800 seconds, default 3600. For
    /// campaigns of kind `abandoned_checkout`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    abandoned_after_seconds: Option<i32>,
}

impl NewCampaign {
    /// The first thing that is wrong with it, and where.
    pub fn check(&self) -> Checked {
        self.problems().into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that is wrong with it, and where: each part by itself, whatever is wrong with the others.
    pub fn problems(&self) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = check_name(&self.name).err().into_iter().collect();
        wrong.extend(self.conditions().problems());
        let parts = [
            self.title.as_deref().map_or(Ok(()), check_title),
            self.tags.check(),
            self.expiry.check(),
            self.code.check(),
            self.link.check(),
            self.holdout.map_or(Ok(()), check_holdout),
            self.arms.map_or(Ok(()), |arms| check_arms(&arms, self.offer.as_ref(), self.holdout)),
            check_expected(self.expected_recipients),
            check_cost(self.cost_per_message),
            check_abandoned_after(self.kind, self.abandoned_after_seconds),
        ];
        wrong.extend(parts.into_iter().filter_map(Result::err));
        wrong
    }

    fn combines(&self) -> Combines {
        self.combines_with.over(Combines::usual(self.offer.as_ref()))
    }

    fn conditions(&self) -> Conditions<'_> {
        Conditions {
            offer: self.offer.as_ref(),
            minimum_subtotal_minor: self.minimum_subtotal_minor,
            minimum_quantity: self.minimum_quantity,
            applies_to: self.applies_to.as_ref(),
            purchase: self.purchase,
            combines_with: self.combines(),
        }
    }

    /// The campaign this would be, under that id.
    pub fn draft(self, id: CampaignId, shop: &Shop, now: Timestamp) -> Model {
        let combines_with = self.combines();
        let usual = || self.holdout.map_or(shop.default_holdout_ppm, ppm);
        let (holdout_ppm, message_ppm) = self.arms.map_or_else(|| (usual(), 0), |arms| arms.shares());
        Model {
            shop_id: shop.shop_id,
            id,
            name: self.name.trim().to_owned(),
            kind: self.kind,
            offer: self.offer,
            minimum_subtotal_minor: self.minimum_subtotal_minor,
            minimum_quantity: self.minimum_quantity,
            applies_to: self.applies_to,
            purchase: self.purchase,
            title: self.title.map(|title| title.trim().to_owned()),
            tags: Some(trimmed(self.tags)),
            combines_with,
            expiry: self.expiry,
            code: self.code,
            link: self.link,
            holdout_ppm,
            message_ppm,
            announced_at: self.expected_recipients.map(|_| now),
            expected_recipients: self.expected_recipients,
            cost_minor: self.cost_per_message.map(|cost| cost.minor),
            cost_currency: self.cost_per_message.map(|cost| cost.currency.to_string()),
            offer_revision: 0,
            trouble_since: None,
            trouble_field: None,
            trouble_words: None,
            live_at: None,
            created_at: now,
            archived_at: None,
            abandoned_after_seconds: self.abandoned_after_seconds,
        }
    }

    /// Writes it; the caller has checked it.
    pub async fn create(
        self,
        db: &impl ConnectionTrait,
        chance: &Chance,
        shop: &Shop,
        now: Timestamp,
    ) -> Result<Model, DbErr> {
        let draft = self.draft(CampaignId::new(chance, now), shop, now);
        campaign::Entity::insert(draft.into_active_model()).exec_with_returning(db).await
    }
}

fn check_name(name: &str) -> Checked {
    match is_line(name.trim(), 120) {
        true => Ok(()),
        false => Err(("name", "Give the campaign a name of 1 to 120 characters on one line.")),
    }
}

fn check_holdout(share: f64) -> Checked {
    if (0.0..=0.9).contains(&share) { Ok(()) } else { Err(("holdout", "Choose a share from 0 to 0.9.")) }
}

fn check_arms(arms: &Arms, offer: Option<&Offer>, holdout: Option<f64>) -> Checked {
    match holdout {
        Some(_) => Err(("arms", "Say `arms` or `holdout`, not both: `arms.nothing` is the share left alone.")),
        None => arms.check(offer),
    }
}

fn check_expected(recipients: Option<i64>) -> Checked {
    match recipients {
        Some(n) if !(0..=10_000_000).contains(&n) => Err(("expected_recipients", "Announce 0 to 10000000 recipients.")),
        _ => Ok(()),
    }
}

fn check_cost(cost: Option<Money>) -> Checked {
    match cost {
        Some(cost) if cost.minor < 0 => Err(("cost_per_message", "A message cannot cost less than nothing.")),
        _ => Ok(()),
    }
}

fn check_abandoned_after(kind: Kind, seconds: Option<i32>) -> Checked {
    match seconds {
        Some(_) if kind != Kind::AbandonedCheckout => Err((
            "abandoned_after_seconds",
            "Only campaigns of kind abandoned_checkout wait for checkouts to lie quiet. Leave it out.",
        )),
        Some(seconds) if !(600..=604_800).contains(&seconds) => {
            Err(("abandoned_after_seconds", "Choose 600 (ten minutes) to 604800 (a week)."))
        }
        _ => Ok(()),
    }
}

fn trimmed(tags: Tags) -> Tags {
    Tags(tags.0.iter().map(|tag| tag.trim().to_owned()).collect())
}

/// Tells a field that is absent from one that is `null`.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(from: D) -> Result<Option<Option<T>>, D::Error> {
    Option::<T>::deserialize(from).map(Some)
}

/// What may change. Name, title, tags, link, audience, cost and how long checkouts lie quiet always. Everything that decides what a code is worth,
/// how it looks, when it ends and who is held out only while nobody was drawn: codes that are out and assignments that
/// are made could not follow.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct CampaignChange {
    name: Option<String>,
    /// `null`: the campaign's name again. Written to the discounts that are live.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    title: Option<Option<String>>,
    /// Written to the discounts that are live.
    tags: Option<Tags>,
    link: Option<LinkTerms>,
    expected_recipients: Option<i64>,
    cost_per_message: Option<Money>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Offer>)]
    offer: Option<Option<Offer>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    minimum_subtotal_minor: Option<Option<i64>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i64>)]
    minimum_quantity: Option<Option<i64>>,
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<AppliesTo>)]
    applies_to: Option<Option<AppliesTo>>,
    purchase: Option<Purchase>,
    combines_with: Option<CombinesAsked>,
    expiry: Option<Expiry>,
    code: Option<CodeTerms>,
    holdout: Option<f64>,
    /// `null`: two arms again, as `holdout` says.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<Arms>)]
    arms: Option<Option<Arms>>,
    /// `null`: the default again. For checkouts that are worked on from now on, and those that were not offered yet.
    #[serde(deserialize_with = "given")]
    #[schema(value_type = Option<i32>)]
    abandoned_after_seconds: Option<Option<i32>>,
}

/// Why a campaign was not changed.
#[derive(Debug)]
pub enum ChangeError {
    /// A field cannot be like that: which, and what to write instead.
    Invalid(&'static str, &'static str),
    /// Recipients were drawn under this field.
    Drawn(&'static str),
    /// The database.
    Db(DbErr),
}

impl From<(&'static str, &'static str)> for ChangeError {
    fn from((field, detail): (&'static str, &'static str)) -> Self {
        Self::Invalid(field, detail)
    }
}

impl From<DbErr> for ChangeError {
    fn from(error: DbErr) -> Self {
        Self::Db(error)
    }
}

/// The fields that bind whoever was drawn under them.
fn binding(old: &Model, new: &Model) -> [(&'static str, bool); 10] {
    [
        ("offer", old.offer != new.offer),
        ("minimum_subtotal_minor", old.minimum_subtotal_minor != new.minimum_subtotal_minor),
        ("minimum_quantity", old.minimum_quantity != new.minimum_quantity),
        ("applies_to", old.applies_to != new.applies_to),
        ("purchase", old.purchase != new.purchase),
        ("combines_with", old.combines_with != new.combines_with),
        ("code", old.code != new.code),
        ("expiry", old.expiry != new.expiry),
        ("arms", old.message_ppm != new.message_ppm),
        ("holdout", old.holdout_ppm != new.holdout_ppm),
    ]
}

impl CampaignChange {
    fn check(&self) -> Checked {
        self.name.as_deref().map_or(Ok(()), check_name)?;
        self.title.as_ref().and_then(Option::as_deref).map_or(Ok(()), check_title)?;
        self.tags.as_ref().map_or(Ok(()), Tags::check)?;
        self.link.as_ref().map_or(Ok(()), LinkTerms::check)?;
        self.expiry.as_ref().map_or(Ok(()), Expiry::check)?;
        self.code.as_ref().map_or(Ok(()), CodeTerms::check)?;
        self.holdout.map_or(Ok(()), check_holdout)?;
        if let Some(Some(arms)) = &self.arms {
            let offer = Offer::FreeShipping {};
            check_arms(arms, Some(&offer), self.holdout)?;
        }
        check_cost(self.cost_per_message)?;
        check_expected(self.expected_recipients)
    }

    /// Writes what is given, leaves the rest.
    pub async fn apply(
        self,
        txn: &impl ConnectionTrait,
        campaign: Model,
        now: Timestamp,
    ) -> Result<Model, ChangeError> {
        self.check()?;
        let mut new = self.over(campaign.clone(), now);
        new.conditions().check()?;
        check_abandoned_after(new.kind, new.abandoned_after_seconds)?;
        if let Some(arms) = Arms::of(new.holdout_ppm, new.message_ppm) {
            arms.check(new.offer.as_ref())?;
        }
        let binding = binding(&campaign, &new);
        if let Some((field, _)) = binding.iter().find(|(_, changed)| *changed) {
            if !refused_from_the_start(&campaign) && draw::any(txn, &campaign).await? {
                return Err(ChangeError::Drawn(field));
            }
            new.offer_revision = campaign.offer_revision + 1;
            (new.trouble_since, new.trouble_field, new.trouble_words) = (None, None, None);
        }
        // Only what changed: others write their own columns of this row at the same time.
        let mut row = campaign.into_active_model();
        let wanted = new.into_active_model();
        for column in campaign::Column::iter() {
            let value = wanted.get(column);
            if row.get(column) != value
                && let Some(value) = value.into_value()
            {
                row.set(column, value);
            }
        }
        Ok(row.update(txn).await?)
    }

    fn over(self, mut new: Model, now: Timestamp) -> Model {
        macro_rules! set {
            ($($field:ident),*) => { $(if let Some(value) = self.$field { new.$field = value; })* };
        }
        if self.offer.is_some()
            && self.combines_with.is_none()
            && matches!(self.offer, Some(Some(Offer::FreeShipping {})))
        {
            new.combines_with.shipping = false;
        }
        set!(offer, minimum_subtotal_minor, minimum_quantity, applies_to, purchase, expiry, code, link);
        set!(abandoned_after_seconds);
        new.combines_with = self.combines_with.unwrap_or_default().over(new.combines_with);
        if let Some(name) = self.name {
            new.name = name.trim().to_owned();
        }
        if let Some(title) = self.title {
            new.title = title.map(|title| title.trim().to_owned());
        }
        if let Some(tags) = self.tags {
            new.tags = Some(trimmed(tags));
        }
        if let Some(share) = self.holdout {
            new.holdout_ppm = ppm(share);
        }
        match self.arms {
            Some(Some(arms)) => (new.holdout_ppm, new.message_ppm) = arms.shares(),
            Some(None) => new.message_ppm = 0,
            None => {}
        }
        if let Some(expected) = self.expected_recipients {
            (new.expected_recipients, new.announced_at) = (Some(expected), Some(now));
        }
        if let Some(cost) = self.cost_per_message {
            (new.cost_minor, new.cost_currency) = (Some(cost.minor), Some(cost.currency.to_string()));
        }
        new
    }
}

/// The fields that may not change any more, because somebody was drawn under them; none while all may.
pub async fn bound(db: &impl ConnectionTrait, campaign: &Model) -> Result<Vec<&'static str>, DbErr> {
    if refused_from_the_start(campaign) || !draw::any(db, campaign).await? {
        return Ok(Vec::new());
    }
    Ok(binding(campaign, campaign).map(|(field, _)| field).to_vec())
}

/// Shopify never took the offer: whoever was drawn waits for a code and holds none.
fn refused_from_the_start(campaign: &Model) -> bool {
    campaign.trouble_since.is_some() && campaign.live_at.is_none()
}

/// Archives: no more draws. `false`: it was archived before.
pub async fn archive(db: &impl ConnectionTrait, campaign: &Model, now: Timestamp) -> Result<bool, DbErr> {
    let update = campaign::Entity::update_many()
        .col_expr(campaign::Column::ArchivedAt, Expr::value(now))
        .filter(campaign::COLUMN.shop_id.eq(campaign.shop_id))
        .filter(campaign::COLUMN.id.eq(campaign.id))
        .filter(campaign::Column::ArchivedAt.is_null());
    Ok(update.exec(db).await?.rows_affected == 1)
}
