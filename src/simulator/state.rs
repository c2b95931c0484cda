//! Everything the pretend world holds, behind one lock. No lock is held while anything is sent.

use std::collections::{BTreeMap, VecDeque};

use crate::kernel::{Clock, Timestamp};

use super::analytics::Counted;
use super::book::Recipient;
use super::clockwork::{Event, Queue};
use super::clues::PixelTold;
use super::platform::Campaign;
use super::shopify::shop::Shop;
use super::shopper::Person;

/// What goes wrong, and how often. Probabilities are per delivery.
#[derive(Clone, Debug)]
pub struct Faults {
    /// A webhook comes again later, with the same delivery id.
    pub repeats: f64,
    /// A webhook is late: by minutes, rarely by a day.
    pub delays: f64,
    /// A webhook never comes.
    pub drops: f64,
    /// A WhatsApp status comes again, or before the one that should precede it.
    pub status_disorder: f64,
    /// A WhatsApp status never comes.
    pub status_drops: f64,
}

impl Default for Faults {
    fn default() -> Self {
        Self { repeats: 0.02, delays: 0.01, drops: 0.0, status_disorder: 0.03, status_drops: 0.0 }
    }
}

impl Faults {
    /// Nothing goes wrong.
    pub fn none() -> Self {
        Self { repeats: 0.0, delays: 0.0, drops: 0.0, status_disorder: 0.0, status_drops: 0.0 }
    }
}

/// A single thing that is to go wrong next.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The next so many GraphQL calls are throttled.
    Throttle(u32),
    /// The next so many GraphQL calls are answered that access is denied.
    Denies(u32),
    /// The next so many Admin API calls answer this status and nothing else.
    AdminAnswers(u16, u32),
    /// The next so many Admin API calls have their effect, and are answered this status and nothing else.
    AdminAnswersLost(u16, u32),
    /// The next so many calls of the token endpoint answer this status.
    TokenAnswers(u16, u32),
    /// The next so many calls of the token endpoint have their effect, and are answered this status and nothing else;
    /// 200 is an answer that breaks off.
    TokenAnswersLost(u16, u32),
    /// The next so many calls of the token endpoint wait so many milliseconds first.
    TokenWaits(u64, u32),
    /// The main shop is frozen (402) or locked (423) until this is said again with 0.
    Frozen(u16),
    /// Every call is answered in this API version, whichever was asked for; blank is ours again.
    Serves(&'static str),
    /// All access tokens are void; refresh tokens live on.
    AccessTokensVoid,
    /// Every token is void.
    AllTokensVoid,
    /// The next bulk operation fails after so many lines.
    BulkFails(usize),
    /// The next so many requests for the file of a bulk operation answer this status.
    FileAnswers(u16, u32),
    /// Every Admin API call about this order is answered 502.
    Chokes(i64),
    /// Recovery addresses are closed: asking for them is refused, and webhooks say null.
    Closed,
    /// ShopifyQL is refused whatever was granted: protected customer data is not approved.
    ReportsDenied,
    /// The bucket of query points is empty.
    BucketEmpty,
}

/// Faults that were ordered and have not happened yet.
#[derive(Default)]
pub(super) struct Ordered {
    pub throttle: u32,
    pub denies: u32,
    pub chokes: Option<i64>,
    pub closed: bool,
    pub reports_denied: bool,
    pub admin: VecDeque<u16>,
    pub admin_lost: VecDeque<u16>,
    pub token: VecDeque<u16>,
    pub token_lost: VecDeque<u16>,
    pub token_waits: VecDeque<std::time::Duration>,
    pub serves: Option<&'static str>,
    pub bulk: VecDeque<usize>,
    pub file: VecDeque<u16>,
}

impl Ordered {
    /// Whether the next GraphQL call is to be throttled.
    pub fn take_throttle(&mut self) -> bool {
        let now = self.throttle > 0;
        self.throttle = self.throttle.saturating_sub(1);
        now
    }
}

/// How much happens.
#[derive(Clone, Debug)]
pub struct Traffic {
    /// Everything else is multiplied by this; [`super::World::set_pace`] changes it later.
    pub pace: f64,
    /// Known customers, reachable on WhatsApp.
    pub customers: usize,
    /// Chance of a known customer to buy unaided on a day.
    pub customer_buys_daily: f64,
    /// Orders of people nobody knows, on a day.
    pub strangers_daily: f64,
    /// Share of checkouts that are left.
    pub abandoned_share: f64,
    /// Share of abandoned checkouts that are completed unaided.
    pub organic_recovery: f64,
    /// Added by a message about it, delivered.
    pub recovery_effect: f64,
    /// Days between broadcasts; 0 sends none.
    pub broadcast_every_days: u32,
    /// How many of the known customers a broadcast goes to.
    pub broadcast_share: f64,
    /// Chance that a delivered message makes somebody buy who would not have.
    pub message_effect: f64,
    /// Added when it carries a code.
    pub code_effect: f64,
    /// Share held out.
    pub holdout: f64,
    /// Whether the platform looks after abandoned checkouts.
    pub abandoned_campaign: bool,
    /// Share of unaided visits that bring the merchant's own public code; 0 and there is no such code.
    pub house_code_share: f64,
    /// Orders at the till, drafts, renewals and tests, on a day.
    pub counter_daily: f64,
    /// Share of those who tap on the phone and buy at another device, which knows nothing of the tap.
    pub other_device_share: f64,
    /// Share of those who read about a code and give it to a friend.
    pub code_given_away_share: f64,
    /// Share of codes given away that end on a page where everybody finds them: several strangers use one.
    pub posted_code_share: f64,
}

impl Default for Traffic {
    fn default() -> Self {
        Self {
            pace: 1.0,
            customers: 1_500,
            customer_buys_daily: 0.008,
            strangers_daily: 14.0,
            abandoned_share: 0.6,
            organic_recovery: 0.08,
            recovery_effect: 0.09,
            broadcast_every_days: 8,
            broadcast_share: 0.45,
            message_effect: 0.02,
            code_effect: 0.025,
            holdout: 0.1,
            abandoned_campaign: true,
            house_code_share: 0.07,
            counter_daily: 3.0,
            other_device_share: 0.0,
            code_given_away_share: 0.008,
            posted_code_share: 0.0,
        }
    }
}

impl Traffic {
    /// A quiet shop in which nothing happens by itself: for tests that do one thing at a time.
    pub fn none() -> Self {
        Self {
            customers: 20,
            customer_buys_daily: 0.0,
            strangers_daily: 0.0,
            broadcast_every_days: 0,
            abandoned_campaign: false,
            house_code_share: 0.0,
            counter_daily: 0.0,
            ..Self::default()
        }
    }

    /// A small shop: a few orders a day, a broadcast every other day.
    pub fn small() -> Self {
        Self {
            customers: 60,
            customer_buys_daily: 0.04,
            strangers_daily: 2.0,
            broadcast_every_days: 2,
            counter_daily: 0.5,
            ..Self::default()
        }
    }
}

pub(super) struct State {
    pub seed: u64,
    pub clock: Clock,
    pub client_id: String,
    pub client_secret: String,
    pub whatsapp_app_secret: String,
    pub admin_origin: String,
    pub storefront_origin: String,
    pub app_url: String,
    pub api_key: Option<String>,
    /// The shop the world's life takes place in.
    pub main: String,
    pub shops: BTreeMap<String, Shop>,
    pub queue: Queue,
    pub weather: Faults,
    pub faults: Ordered,
    pub traffic: Traffic,
    pub people: Vec<Person>,
    pub campaigns: Vec<Campaign>,
    pub recipients: Vec<Recipient>,
    /// What pixels told the app.
    pub pixels: Vec<PixelTold>,
    /// What Meta counts of the platform's templates.
    pub counted: Vec<Counted>,
    /// Order → the recipient (by number) whose message truly brought it about.
    pub causes: BTreeMap<i64, usize>,
    /// Abandoned checkouts the platform may look after: when they are due, and their tokens.
    pub quiet: BTreeMap<Timestamp, Vec<String>>,
    pub born_at: Timestamp,
    pub begun: bool,
    pub deliveries: u64,
    pub admin_calls: u64,
    pub trouble: super::shopify::trouble::AdminTrouble,
    /// Calls that trouble struck.
    pub strikes: u64,
    /// Calls refused because there were no points for them.
    pub throttled: u64,
    pub discount_deliveries: u64,
    pub visits_planned: u64,
    /// How long customer journeys take, instead of how long they take by themselves.
    pub journeys_take: Option<i64>,
}

impl State {
    /// The shop the world's life takes place in.
    pub fn shop(&mut self) -> &mut Shop {
        let profile = || super::shopify::shop::ShopProfile { domain: self.main.clone(), ..Default::default() };
        self.shops.entry(self.main.clone()).or_insert_with(|| Shop::new(profile(), self.born_at))
    }

    /// Plans something, so many seconds from now.
    pub fn plan_in(&mut self, seconds: i64, event: Event) {
        let at = self.clock.now().plus_seconds(seconds);
        self.queue.plan(at, event);
    }
}
