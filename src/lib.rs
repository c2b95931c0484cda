//! Recoup gives every WhatsApp recipient a single-use, time-limited discount code and a tracked link, watches the
//! shop's checkouts, orders and refunds, and matches each order back to the message it came from.
//!
//! # The story, and the map
//!
//! A merchant **installs** us → picks **recipients**, and some to leave alone → each gets a **code** → and a **link** →
//! a **message** carries both → the shop tells us about the **order** → we **attribute** it → we **report** what it
//! was worth. The rooms stand in that order, and a room imports only rooms that come before it.
//!
//! | room | what is in it |
//! | --- | --- |
//! | [`shops`] | 1 who installed us: install, token, keys, settings |
//! | [`people`] | 1½ recipients and how to reach them; the one rule of who is the same person |
//! | [`campaigns`] | 2 whom we reach and whom we hold out |
//! | [`checkouts`] | 2½ begun, worked on, abandoned, completed: facts only |
//! | [`codes`] | 3 redeem codes: reserved → issued → redeemed, expired, revoked |
//! | [`links`] | 4 tracked links, the redirect, clicks |
//! | [`pixel`] | 4½ what browsers tell of checkouts: evidence, never revenue |
//! | [`messages`] | 5 one row per WhatsApp message and what became of it |
//! | [`orders`] | 6 what the shop sold: facts only |
//! | [`abandoned`] | 6½ checkouts that lie quiet: offered to whoever can write, taken back when their shopper buys |
//! | [`attribution`] | 7 evidence → touchpoints → models → conversions |
//! | [`lift`] | 7½ what messages caused: arms, what everybody in them bought, the difference |
//! | [`reports`] | 8 verdicts read back |
//! | [`files`] | 8½ files made while nobody waits: long exports, the accountant's pack |
//! | [`sinks`] | 9 news told to others: outgoing webhooks |
//! | [`health`] | how it goes: `/metrics` for whoever runs this, sentences for the merchant |
//! | [`webhooks`] | the door: prove, keep once, answer, translate their words into ours |
//! | [`catchup`] | nothing missing: read again what no webhook told |
//! | [`tombstones`] | what shoppers asked, whom nothing may bring back, who looked |
//! | [`privacy`] | showing a shopper what is held, forgetting them, letting data age out: calls every room |
//! | [`rotation`] | the root key changes: what the previous one sealed is sealed anew |
//! | [`shopify`], [`whatsapp`] | protocols only: proofs, payloads, API clients |
//! | [`outgoing`] | the one client for outgoing calls, and its limits |
//! | [`news`] | what happened, told in its own transaction to every listener that asked |
//! | [`jobs`], [`http`], [`db`] | machinery |
//! | [`app`], [`config`] | what every room borrows, and what we were told |
//! | [`kernel`] | values without I/O |
//! | [`stats`] | intervals, tests and power: mathematics with nothing of ours in it |
//! | [`simulator`] | a pretend Shopify and WhatsApp on loopback, with shoppers in it |
//!
//! What may import what; `tests/it/house.rs` compares these lines with every `use crate::…`:
//!
//! ```text
//! cli → stats server worker config sinks reports lift catchup checkouts shops campaigns people codes links pixel messages orders abandoned attribution webhooks tombstones rotation app jobs http db shopify kernel simulator
//! server → health sinks privacy catchup webhooks tombstones files reports lift attribution abandoned messages pixel links codes campaigns shops app http
//! worker → rotation sinks privacy files reports catchup webhooks lift attribution abandoned pixel links codes shops app news jobs
//! health → catchup webhooks orders messages pixel links codes campaigns shops app jobs http db kernel
//! rotation → shops app jobs kernel
//! privacy → sinks files webhooks tombstones attribution abandoned orders checkouts messages pixel links codes campaigns people shops app news jobs http db shopify kernel
//! sinks → files attribution abandoned orders messages links codes campaigns shops app news jobs http db outgoing kernel
//! files → reports tombstones catchup attribution campaigns shops app news jobs http db kernel
//! reports → lift tombstones catchup attribution abandoned checkouts orders messages pixel links codes campaigns people shops app news jobs http db whatsapp stats kernel
//! lift → catchup attribution orders messages checkouts campaigns shops app news jobs http db stats kernel
//! catchup → webhooks attribution orders checkouts shops app news jobs http db shopify kernel
//! webhooks → tombstones attribution abandoned orders checkouts messages links codes campaigns people shops app news jobs http db shopify whatsapp kernel
//! tombstones → shops app news http db kernel
//! attribution → orders messages pixel links codes campaigns people shops app news jobs http db kernel
//! abandoned → orders messages checkouts campaigns people shops app news jobs http db kernel
//! messages → links codes campaigns people shops app news http db whatsapp kernel
//! pixel → links shops app news jobs http db shopify kernel
//! links → checkouts codes campaigns shops app news jobs http db outgoing kernel
//! codes → campaigns shops app news jobs http db shopify kernel
//! campaigns → people shops app news http db kernel
//! people → app db kernel
//! orders → checkouts db kernel
//! checkouts → db kernel
//! shops → app news jobs http db shopify kernel
//! news → app jobs kernel
//! jobs → app db kernel
//! http → app outgoing kernel
//! app → config db shopify whatsapp outgoing kernel
//! config → kernel
//! db → kernel
//! shopify → outgoing kernel
//! whatsapp → kernel
//! outgoing → kernel
//! simulator → kernel
//! stats → stats
//! kernel → kernel
//! ```

pub mod cli;

pub mod server;

pub mod worker;

pub mod config;

pub mod shops;

pub mod people;

pub mod campaigns;

pub mod checkouts;

pub mod codes;

pub mod links;

pub mod pixel;

pub mod messages;

pub mod orders;

pub mod abandoned;

pub mod attribution;

pub mod lift;

pub mod reports;

pub mod files;

pub mod sinks;

pub mod health;

pub mod tombstones;

pub mod privacy;

pub mod webhooks;

pub mod catchup;

pub mod rotation;

pub mod app;

pub mod news;

pub mod jobs;

pub mod http;

pub mod db;

pub mod shopify;

pub mod whatsapp;

pub mod outgoing;

pub mod stats;

pub mod kernel;

pub mod simulator;
