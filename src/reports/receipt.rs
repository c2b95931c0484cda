//! One order: why this message, what was weighed, what it was worth and when.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde::Serialize;

use super::journey::{self, JourneyView};
use super::orders::Named;
use super::sales_book::{self, WorthView};
use super::witness;
use crate::attribution::evidence::{Because, Class, Kind};
use crate::attribution::journey::{Channel, Touch};
use crate::attribution::{
    Candidate, Line, Model, Outcome, Policy, Receipt, Receipts, SharedTouch, Stand, conversion, credit, policies,
    presets, side_by_side,
};
use crate::campaigns::{CAMPAIGN, CampaignId, Campaigns};
use crate::kernel::id::MessageId;
use crate::kernel::{Currency, Money, Timestamp};
use crate::links::classify::Reason;
use crate::links::{CLICK, Click, Clicks};
use crate::messages::{MESSAGE, Message, Messages};
use crate::orders::{self, Amounts, Facts, OrderId};
use crate::shops::Shop;

/// The order's own figures, as they stand.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OrderView {
    #[schema(value_type = String)]
    shopify_order_id: OrderId,
    name: String,
    #[schema(value_type = String, format = "date-time")]
    ordered_at: Timestamp,
    source_name: String,
    financial_status: Option<String>,
    #[schema(value_type = Option<String>, format = "date-time")]
    cancelled_at: Option<Timestamp>,
    test: bool,
    gross: Money,
    discounts: Money,
    returns: Money,
    /// As the ledger counts it.
    net_sales: Money,
    shipping: Money,
    tax: Money,
    tips: Money,
    gift_cards: Money,
    /// Import duties that were paid with the order.
    duties: Money,
    /// Additional fees that were paid with the order.
    fees: Money,
    total: Money,
    /// Set when the parts as we read them do not make what Shopify itself says: in a sentence. Such an order is read
    /// again at Shopify as soon as it is noticed.
    alarm: Option<String>,
}

/// Under which rules.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PolicyView {
    name: String,
    version: i32,
}

/// The verdict in words.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct VerdictView {
    line: Line,
    sentence: String,
}

/// What became of a candidate's message.
#[derive(Clone, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct MessageTimes {
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
}

impl MessageTimes {
    fn of(message: &Message) -> Self {
        let Message { issued_at, sent_at, delivered_at, read_at, failed_at, .. } = *message;
        Self { issued_at, sent_at, delivered_at, read_at, failed_at }
    }
}

/// A candidate with its campaign and message.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CandidateView {
    message_id: MessageId,
    campaign: Named,
    kind: Kind,
    class: Class,
    #[schema(value_type = String, format = "date-time")]
    evidence_at: Timestamp,
    age_seconds: i64,
    window_seconds: Option<i64>,
    holds: bool,
    /// Whether the policy credits orders to its kind, or only tells it.
    credited: bool,
    outcome: Outcome,
    why: String,
    code: Option<String>,
    click_id: Option<String>,
    /// Set when it rests on a tap that nothing else saw, neither the shop's pages nor the pixel nor Meta: in a sentence.
    unwitnessed: Option<&'static str>,
    message: MessageTimes,
}

/// A tap on the link of a message that was considered.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct TapView {
    #[schema(value_type = String, format = "date-time")]
    at: Timestamp,
    message_id: MessageId,
    campaign: Named,
    /// The same device once more within half an hour.
    again: bool,
}

/// Why the order counts as recovered.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RecoveredView {
    message_id: MessageId,
    /// The campaign of the message about the checkout; `null` when the message is gone.
    campaign: Option<Named>,
    /// What became of that message.
    message: Option<MessageTimes>,
    checkout_token: String,
    #[schema(value_type = String, format = "date-time")]
    abandoned_at: Timestamp,
    sentence: String,
}

/// A share of the order.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct CreditView {
    model: Model,
    /// Our message; `null`: another channel's share.
    message_id: Option<MessageId>,
    /// Its campaign; `null`: another channel's share.
    campaign: Option<Named>,
    /// By which channel; `whatsapp`: our message.
    channel: Channel,
    credit: Money,
}

/// What another way of counting says of the order.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct OtherView {
    /// The policy or preset.
    policy: String,
    /// Whose way it is; `null`: a policy of the shop's own.
    vendor: Option<&'static str>,
    line: Line,
    /// What it counts.
    amount: Money,
    /// The message it goes back to.
    message_id: Option<MessageId>,
    campaign: Option<Named>,
    kind: Option<Kind>,
    assisted: bool,
}

/// A stage of the order's worth, oldest first.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct StageView {
    #[schema(value_type = String, format = "date-time")]
    effective_at: Timestamp,
    line: Line,
    net_sales: Money,
    why: String,
}

/// The receipt of an order.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ReceiptView {
    order: OrderView,
    /// Who says what the order is worth: Shopify's own book of sales, or what its webhooks told.
    worth: WorthView,
    policy: PolicyView,
    verdict: VerdictView,
    winner: Option<CandidateView>,
    candidates: Vec<CandidateView>,
    recovered: Option<RecoveredView>,
    /// Messages that reached or were read by the shopper in time, where nothing ties the order to one.
    assisted: Vec<MessageId>,
    /// What the presets, and the shop's other policies, say of the same order.
    others: Vec<OtherView>,
    /// People's taps before the order on the links of the messages that were considered, oldest first.
    taps: Vec<TapView>,
    /// There were more taps than are listed.
    taps_left_out: bool,
    /// What touched the order, our messages and other channels, oldest first.
    journey: Vec<Touch>,
    /// What the models share the order among, oldest first.
    touchpoints: Vec<SharedTouch>,
    /// What Shopify's customer journey told, which other channels' visits in `journey` rest on.
    shopify_journey: JourneyView,
    /// Another paid or owned channel came after the message and will claim the order too: in a sentence.
    contested: Option<String>,
    credits: Vec<CreditView>,
    versions: Vec<StageView>,
}

/// Reads the receipt; `None` when the shop has no such order, or its verdict is still being derived.
pub async fn receipt(
    db: &impl ConnectionTrait,
    shop: &Shop,
    id: OrderId,
    policy: &Policy,
) -> Result<Option<ReceiptView>, DbErr> {
    let Some(facts) = orders::facts(db, shop.shop_id, &[id]).await?.pop() else { return Ok(None) };
    let key = (shop.shop_id, policy.name.clone(), id);
    let Some(receipt) = Receipts::find_by_id(key).one(db).await?.map(|row| row.document) else { return Ok(None) };
    let stages = conversion::Entity::find()
        .filter(conversion::COLUMN.shop_id.eq(shop.shop_id))
        .filter(conversion::COLUMN.policy.eq(&policy.name))
        .filter(conversion::COLUMN.shopify_order_id.eq(id))
        .order_by_asc(conversion::COLUMN.effective_at)
        .all(db)
        .await?;
    let Some(present) = stages.last() else { return Ok(None) };
    let credits = credit::Entity::find()
        .filter(credit::COLUMN.shop_id.eq(shop.shop_id))
        .filter(credit::COLUMN.policy.eq(&policy.name))
        .filter(credit::COLUMN.shopify_order_id.eq(id))
        .filter(credit::COLUMN.effective_at.eq(present.effective_at))
        .order_by_asc(credit::COLUMN.model)
        .order_by_asc(credit::COLUMN.place)
        .all(db)
        .await?;
    let others = others(db, shop, id, policy).await?;
    let names = Names::read(db, shop, &receipt, others.iter().filter_map(|(_, stand)| stand.campaign)).await?;
    let (taps, taps_left_out) = taps(db, shop, &names, facts.order.ordered_at).await?;
    let asked = orders::journey_of(db, shop.shop_id, id).await?;
    let alone = witness::alone(db, shop.shop_id, &receipt, |id| names.messages.get(&id)).await?;
    let candidates: Vec<CandidateView> =
        receipt.candidates.iter().map(|candidate| names.candidate(candidate, &alone)).collect();
    let money = |minor| Money::new(minor, shop.money());
    Ok(Some(ReceiptView {
        worth: sales_book::of_order(&facts, Currency::parse(&facts.order.currency).unwrap_or_else(|| shop.money())),
        order: order_view(&facts, present.net_minor, shop),
        policy: PolicyView { name: receipt.policy.clone(), version: receipt.policy_version },
        verdict: VerdictView { line: present.line, sentence: sentence(present.line, policy, &receipt, &names) },
        winner: candidates.iter().find(|candidate| candidate.outcome == Outcome::Won).cloned(),
        candidates,
        assisted: receipt.assisted,
        others: others.into_iter().map(|(policy, stand)| other_view(policy, stand, &names, shop)).collect(),
        journey: receipt.journey,
        touchpoints: receipt.touchpoints,
        shopify_journey: journey::of_order(asked.as_ref(), facts.visits.len()),
        contested: receipt.contested,
        taps,
        taps_left_out,
        recovered: receipt.recovered.map(|recovered| RecoveredView {
            sentence: "The checkout had gone quiet, a message about it was sent, and then it became this order.".into(),
            campaign: names.messages.get(&recovered.message_id).map(|message| names.campaign(message.campaign_id)),
            message: names.messages.get(&recovered.message_id).map(MessageTimes::of),
            message_id: recovered.message_id,
            checkout_token: recovered.checkout_token,
            abandoned_at: recovered.abandoned_at,
        }),
        credits: credits
            .into_iter()
            .map(|credit| CreditView {
                model: credit.model,
                message_id: credit.message_id,
                campaign: credit.campaign_id.map(|id| names.campaign(id)),
                channel: credit.channel,
                credit: money(credit.credit_minor),
            })
            .collect(),
        versions: stages
            .iter()
            .map(|stage| StageView {
                effective_at: stage.effective_at,
                line: stage.line,
                net_sales: money(stage.net_minor),
                why: stage.why.clone(),
            })
            .collect(),
    }))
}

/// What the shop's other policies and the presets say of an order.
async fn others(
    db: &impl ConnectionTrait,
    shop: &Shop,
    id: OrderId,
    policy: &Policy,
) -> Result<Vec<(Policy, Stand)>, DbErr> {
    let mut policies = policies::active(db, shop.shop_id).await?;
    let unknown = presets::PRESETS.iter().filter(|preset| !policies.iter().any(|policy| policy.name == preset.name));
    let presets: Vec<Policy> = unknown.map(presets::Preset::policy).collect();
    policies.extend(presets);
    policies.retain(|other| other.name != policy.name);
    let stands = side_by_side(db, shop, id, &policies).await?;
    Ok(policies.into_iter().zip(stands).collect())
}

fn other_view(policy: Policy, stand: Stand, names: &Names, shop: &Shop) -> OtherView {
    OtherView {
        vendor: presets::named(&policy.name).map(|preset| preset.vendor),
        policy: policy.name,
        line: stand.line,
        amount: Money::new(stand.minor, shop.money()),
        message_id: stand.message,
        campaign: stand.campaign.map(|id| names.campaign(id)),
        kind: stand.kind,
        assisted: stand.assisted,
    }
}

/// Taps listed at most; the message's own page tells all.
const MOST_TAPS: u64 = 50;

/// The latest taps before the order, oldest first, and whether there were more.
async fn taps(
    db: &impl ConnectionTrait,
    shop: &Shop,
    names: &Names,
    ordered_at: Timestamp,
) -> Result<(Vec<TapView>, bool), DbErr> {
    let of: HashMap<&str, &Message> = names.messages.values().map(|row| (row.link_slug.as_str(), row)).collect();
    if of.is_empty() {
        return Ok((Vec::new(), false));
    }
    let mut found = Clicks::of(shop.shop_id)
        .filter(CLICK.slug.is_in(of.keys().copied()))
        .filter(CLICK.human.eq(true))
        .filter(CLICK.at.lte(ordered_at))
        .order_by_desc(CLICK.at)
        .order_by_desc(CLICK.id)
        .limit(MOST_TAPS + 1)
        .all(db)
        .await?;
    let more = found.len() as u64 > MOST_TAPS;
    found.truncate(MOST_TAPS as usize);
    let view = |click: &Click| {
        let message = of.get(click.slug.as_str())?;
        Some(TapView {
            at: click.at,
            message_id: message.id,
            campaign: names.campaign(message.campaign_id),
            again: Reason::read_all(&click.reason).contains(&Reason::Again),
        })
    };
    Ok((found.iter().rev().filter_map(view).collect(), more))
}

fn order_view(facts: &Facts, net: i64, shop: &Shop) -> OrderView {
    let order = &facts.order;
    let amounts = facts.versions.last().map(orders::Version::amounts).unwrap_or_default();
    // The order's own figures stay in its own currency.
    let currency = Currency::parse(&order.currency).unwrap_or_else(|| shop.money());
    let money = |minor| Money::new(minor, currency);
    let parts = facts.parts(Timestamp::FOREVER);
    OrderView {
        shopify_order_id: order.shopify_order_id,
        name: order.name.clone(),
        ordered_at: order.ordered_at,
        source_name: order.source_name.clone(),
        financial_status: order.financial_status.clone(),
        cancelled_at: order.cancelled_at,
        test: order.test,
        gross: money(parts.gross),
        discounts: money(parts.discounts),
        returns: money(parts.returns),
        net_sales: money(net),
        shipping: money(amounts.shipping),
        tax: money(amounts.tax),
        tips: money(parts.tips),
        gift_cards: money(parts.gift_cards),
        duties: money(amounts.duties),
        fees: money(amounts.fees),
        total: money(amounts.total),
        alarm: alarm(facts, amounts, currency),
    }
}

/// Recovered, and not attributed: by a policy that does not look at checkouts, or too late for one that does.
const RECOVERED_ONLY: &str = "This order completed a checkout that had been left behind before a message about it, so it counts as recovered. It is not attributed: nothing that this policy counts as evidence ties it to a message.";

/// Seen, and no more than that.
const ASSISTED_ONLY: &str = "Nothing that counts as evidence ties this order to a message. Its shopper had got or read one shortly before, so it counts as assisted; whether that moved them, nobody can say.";

/// What does not add up.
fn alarm(facts: &Facts, amounts: Amounts, currency: Currency) -> Option<String> {
    let money = |minor| format!("{} {currency}", Money::new(minor, currency).decimal());
    let mut found = Vec::new();
    if amounts.unexplained() != 0 {
        let (parts, total) = (money(amounts.parts()), money(amounts.total));
        found.push(format!("The parts of this order come to {parts}, but the order itself names a total of {total}."));
    }
    for refund in facts.refunds.iter().filter(|refund| refund.unexplained() != 0) {
        let moved = refund.moved_minor.unwrap_or_default();
        let (parts, moved) = (money(moved - refund.unexplained()), money(moved));
        found.push(format!("The parts of a refund come to {parts}, but {moved} went back."));
    }
    if found.is_empty() {
        return None;
    }
    found.push(
        "Such an order is read again at Shopify; while this stands here its amounts may be wrong by the difference."
            .to_owned(),
    );
    Some(found.join(" "))
}

fn sentence(line: Line, policy: &Policy, receipt: &Receipt, names: &Names) -> String {
    let Some(winner) = receipt.winner() else {
        return match (line, &receipt.recovered) {
            (Line::Unattributed, Some(_)) => RECOVERED_ONLY.to_owned(),
            (Line::Unattributed, None) if !receipt.assisted.is_empty() => ASSISTED_ONLY.to_owned(),
            _ => line.why(policy).into_owned(),
        };
    };
    let campaign = names.campaign(winner.campaign_id).name;
    let because =
        (winner.kind.rule().because)(&Because { code: winner.code.as_deref(), window_seconds: winner.window_seconds });
    match line {
        Line::Attributed => format!("This order goes back to the campaign “{campaign}”, because {because}."),
        Line::AttributedShared => {
            format!(
                "This order goes back to the campaign “{campaign}”, because {because}; but somebody else than the recipient used it."
            )
        }
        Line::Pending => format!("It will go back to the campaign “{campaign}” once it is paid, because {because}."),
        other => format!("{} Otherwise it would go back to the campaign “{campaign}”.", other.why(policy)),
    }
}

/// Campaigns and messages a receipt speaks of.
struct Names {
    campaigns: HashMap<CampaignId, String>,
    messages: HashMap<MessageId, Message>,
}

impl Names {
    async fn read(
        db: &impl ConnectionTrait,
        shop: &Shop,
        receipt: &Receipt,
        others: impl Iterator<Item = CampaignId>,
    ) -> Result<Self, DbErr> {
        let about = receipt.recovered.as_ref().map(|recovered| recovered.message_id);
        let messages = receipt.candidates.iter().map(|candidate| candidate.message_id).chain(about);
        let messages = Messages::of(shop.shop_id).filter(MESSAGE.id.is_in(messages)).all(db).await?;
        let campaigns = receipt.candidates.iter().map(|candidate| candidate.campaign_id);
        let campaigns = campaigns.chain(messages.iter().map(|message| message.campaign_id)).chain(others);
        let campaigns = Campaigns::of(shop.shop_id).filter(CAMPAIGN.id.is_in(campaigns)).all(db).await?;
        Ok(Self {
            campaigns: campaigns.into_iter().map(|campaign| (campaign.id, campaign.name)).collect(),
            messages: messages.into_iter().map(|message| (message.id, message)).collect(),
        })
    }

    fn campaign(&self, id: CampaignId) -> Named {
        Named { id, name: self.campaigns.get(&id).cloned().unwrap_or_else(|| "a campaign that is gone".into()) }
    }

    fn candidate(&self, candidate: &Candidate, alone: &BTreeSet<String>) -> CandidateView {
        let message = self.messages.get(&candidate.message_id).map(MessageTimes::of);
        let tap = candidate.click_id.as_ref().filter(|_| candidate.kind == Kind::PersonClick);
        let unwitnessed = tap.filter(|click| alone.contains(*click)).map(|_| witness::ALONE);
        CandidateView {
            message_id: candidate.message_id,
            campaign: self.campaign(candidate.campaign_id),
            kind: candidate.kind,
            class: candidate.class,
            evidence_at: candidate.evidence_at,
            age_seconds: candidate.age_seconds,
            window_seconds: candidate.window_seconds,
            holds: candidate.holds,
            credited: candidate.credited,
            outcome: candidate.outcome,
            why: std::iter::once(candidate.why.as_str()).chain(unwitnessed).collect::<Vec<_>>().join(" "),
            code: candidate.code.clone(),
            click_id: candidate.click_id.clone(),
            unwitnessed,
            message: message.unwrap_or(MessageTimes { issued_at: candidate.evidence_at, ..MessageTimes::default() }),
        }
    }
}
