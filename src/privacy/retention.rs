//! How long each kind of data stays, and why: the one table that says so, for the merchant and for the daily job.

use serde::Serialize;

use crate::app::App;
use crate::kernel::Timestamp;
use crate::kernel::id::ShopId;
use crate::webhooks::{self, DeliveryState};
use crate::{campaigns, checkouts, jobs, links, messages, orders, pixel, shops, sinks, tombstones};

/// Whoever left and was not asked to be erased is erased all the same: Shopify's request may have been lost.
pub(super) const GONE_DAYS: i64 = 90;

/// One kind of data.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = RetentionClass)]
pub struct Class {
    /// What it is.
    #[schema(example = "webhook bodies")]
    pub data: &'static str,
    /// Days it stays; `null`: as long as the shop is installed, and gone with `shop/redact` or the shopper's erasure.
    pub days: Option<i64>,
    /// Counted from when.
    pub since: &'static str,
    /// What happens then.
    pub then: &'static str,
    /// Why so long, and why not longer.
    pub why: &'static str,
    #[serde(skip)]
    pub(super) ages: Option<Ages>,
}

/// What grows old, for the job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ages {
    Bodies(DeliveryState),
    Rows(DeliveryState),
    Replies,
    DeadJobs,
    Contacts,
    RecoveryUrls,
    PixelEvents,
    Signs,
    Statuses,
    EarlyStatuses,
    AccessLog,
    Payloads,
    Tellings,
}

const fn class(
    (data, since): (&'static str, &'static str),
    days: Option<i64>,
    then: &'static str,
    why: &'static str,
    ages: Option<Ages>,
) -> Class {
    Class { data, days, since, then, why, ages }
}

/// Every kind of data, shortest stay first.
pub const CLASSES: &[Class] = &[
    class(
        ("addresses of visitors", "never kept"),
        Some(0),
        "never written down",
        "Two taps of one device are told apart by a mark that fits thousands of addresses and differs on every link.",
        None,
    ),
    class(
        ("answers kept for repeats (Idempotency-Key)", "the answer"),
        Some(7),
        "deleted",
        "A platform repeats a call within minutes; a week covers a weekend's outage.",
        Some(Ages::Replies),
    ),
    class(
        ("reports of messages that nobody knows by WhatsApp's id: keyed hash, word, time, price", "receipt"),
        Some(7),
        "deleted",
        "A platform may tell that id late; Meta repeats itself for a week. Most are of messages that are not ours.",
        Some(Ages::EarlyStatuses),
    ),
    class(
        ("files that were made to be fetched: tables, the accountant's pack", "when it was ready"),
        Some(7),
        "destroyed, or earlier when twenty newer ones are kept; what it was and its checksum stay",
        "Whoever asks for a file fetches it within days. The checksum proves a copy for as long as it is kept.",
        None,
    ),
    class(
        ("bodies of webhooks that were read", "receipt"),
        Some(30),
        "emptied; sender, topic and time stay",
        "A mistake of ours is repaired by reading them again. Their facts are recorded, so a month is enough.",
        Some(Ages::Bodies(DeliveryState::Done)),
    ),
    class(
        ("bodies of webhooks that did not concern us", "receipt"),
        Some(30),
        "emptied; sender, topic and time stay",
        "An update may learn to read them.",
        Some(Ages::Bodies(DeliveryState::Ignored)),
    ),
    class(
        ("addresses at which an abandoned checkout is continued", "the checkout's last change"),
        Some(30),
        "destroyed",
        "Whoever has one opens the shopper's checkout; after a month nobody returns to it.",
        Some(Ages::RecoveryUrls),
    ),
    class(
        ("what was told to the shop's webhook endpoints", "the event"),
        Some(30),
        "deleted; what was said is emptied as soon as it is delivered or given up",
        "Whoever misses something looks for it within days.",
        Some(Ages::Tellings),
    ),
    class(
        ("pixel events of checkouts that did not become an order: token, click, time", "receipt"),
        Some(30),
        "deleted; those of orders stay with their order",
        "An order may be heard of late; after a month nobody pays a checkout any more.",
        Some(Ages::PixelEvents),
    ),
    class(
        ("bodies of webhooks that could not be read", "receipt"),
        Some(90),
        "emptied; sender, topic, time and reason stay",
        "Somebody must have time to mend the cause and replay them.",
        Some(Ages::Bodies(DeliveryState::Dead)),
    ),
    class(
        ("signs of hits on links: browser's name, the device's mark, Meta's click id (hashed)", "the hit"),
        Some(90),
        "destroyed; time, link and verdict stay, so that every count stays",
        "Whether a hit was a person's is judged again when news comes late or the rules grow better.",
        Some(Ages::Signs),
    ),
    class(
        ("that a webhook came, read", "receipt"),
        Some(90),
        "deleted",
        "A repeat must be known for one; Shopify and WhatsApp repeat for days, not months.",
        Some(Ages::Rows(DeliveryState::Done)),
    ),
    class(
        ("that a webhook came, left aside", "receipt"),
        Some(90),
        "deleted",
        "A repeat must be known for one; Shopify and WhatsApp repeat for days, not months.",
        Some(Ages::Rows(DeliveryState::Ignored)),
    ),
    class(
        ("work that was set aside", "when it was promised"),
        Some(90),
        "deleted",
        "It carries ids and a reason, for whoever looks into it.",
        Some(Ages::DeadJobs),
    ),
    class(
        ("everything of a shop that left", "its leaving"),
        Some(GONE_DAYS),
        "erased, as when Shopify asks for it 48 hours after a shop left",
        "Shopify's request may have been lost.",
        None,
    ),
    class(
        ("what shoppers' requests said", "the request's last lawful day"),
        Some(90),
        "destroyed; that there was a request and when it was done stays, as proof",
        "Erasures destroy it when they are done; an export can be downloaded again for a while.",
        Some(Ages::Payloads),
    ),
    class(
        ("that a webhook came, unreadable", "receipt"),
        Some(180),
        "deleted",
        "Its reason tells what went wrong.",
        Some(Ages::Rows(DeliveryState::Dead)),
    ),
    class(
        ("contacts of recipients (phone, e-mail, WhatsApp id)", "the last time they were drawn into a campaign"),
        Some(180),
        "destroyed with their key; keyed hashes stay, which only recognise",
        "Whoever asks what is held about them is shown it; after half a year without a message nothing needs it.",
        Some(Ages::Contacts),
    ),
    class(
        ("who looked at protected data", "the reading"),
        Some(365),
        "deleted",
        "A merchant must be able to see a year back who looked.",
        Some(Ages::AccessLog),
    ),
    class(
        ("single reports of sent, delivered, read, failed", "when it happened"),
        Some(400),
        "deleted; the message shows the earliest of each",
        "A year and a month, so that two years' seasons can be compared.",
        Some(Ages::Statuses),
    ),
    class(
        (
            "orders, the channels of visits before them, refunds, checkouts, taps, messages, that and when people wrote or wanted no more marketing, verdicts, what Meta counts of templates: amounts, times and keyed hashes",
            "their day",
        ),
        None,
        "a shopper's erasure takes the hashes, the shop's takes everything",
        "Reports must come out the same when they are derived again.",
        None,
    ),
    class(
        ("tombstones of erased shoppers: keyed hashes and a day", "the erasure"),
        None,
        "gone with the shop",
        "However late an old event comes, it must bring nothing back.",
        None,
    ),
];

impl Ages {
    /// Lets one batch of what is older than `before` go; answers how many.
    pub(super) async fn let_go(self, app: &App, shop: ShopId, before: Timestamp) -> Result<usize, sea_orm::DbErr> {
        match self {
            Self::Bodies(state) => return webhooks::empty_old(app, shop, state, before).await,
            Self::Rows(state) => return webhooks::drop_old(app, shop, state, before).await,
            _ => {}
        }
        let txn = app.db.begin_write().await?;
        let count = match self {
            Self::Bodies(_) | Self::Rows(_) => 0,
            Self::Replies => shops::drop_old_replies(&txn, shop, before).await?,
            Self::DeadJobs => jobs::drop_old_dead(&txn, shop, before).await?,
            Self::Contacts => campaigns::forget_old_contacts(&txn, shop, before).await?,
            Self::RecoveryUrls => checkouts::forget_old_recovery_urls(&txn, shop, before).await?,
            Self::PixelEvents => {
                pixel::drop_old_unmatched(&txn, shop, before, |token| orders::completed(shop, token)).await?
            }
            Self::Signs => links::let_old_signs_go(&txn, shop, before).await?,
            Self::Statuses => messages::drop_old_statuses(&txn, shop, before).await?,
            Self::EarlyStatuses => messages::drop_old_early(&txn, shop, before).await?,
            Self::AccessLog => tombstones::drop_old_readings(&txn, shop, before).await?,
            Self::Tellings => sinks::drop_old(&txn, shop, before).await?,
            Self::Payloads => tombstones::destroy_old_payloads(&txn, shop, before).await?,
        };
        txn.commit().await?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_go_before_their_rows_and_every_class_says_why() {
        let days = |ages| CLASSES.iter().find(|class| class.ages == Some(ages)).and_then(|class| class.days).unwrap();
        for state in [DeliveryState::Done, DeliveryState::Ignored, DeliveryState::Dead] {
            assert!(days(Ages::Bodies(state)) < days(Ages::Rows(state)));
        }
        assert!(CLASSES.iter().all(|class| class.why.ends_with('.') && !class.then.is_empty()));
    }
}
