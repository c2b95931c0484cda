//! 2. Whom we reach and whom we hold out.
//!
//! A campaign carries an offer; recipients are *drawn* into it, once each, and some are held out so that lift can be
//! measured.
//!
//! 1. Same campaign and recipient again: the same draw, whoever asks and however often.
//! 2. Whether somebody is held out is a pure function of shop, campaign (or programme) and recipient, and never flips.
//! 3. What codes are worth changes while nobody was drawn, or while Shopify refuses it and nobody can hold one; later
//!    never, because the code in somebody's hand could not follow.

mod announced;
mod arms;
mod before;
mod campaign;
mod change;
mod changed;
mod conditions;
mod counted;
mod delays;
mod draw;
mod drawn;
mod holdout;
mod link_terms;
mod offer;
mod person;
mod program;
mod routes;
mod sentence;
mod terms;
mod trouble;
mod unit;

pub use announced::CampaignAnnounced;
pub use arms::{Arm, Arms};
pub use campaign::{
    ABANDONED_AFTER_SECONDS, CampaignId, Entity as Campaigns, Kind, Model as Campaign, for_checkouts, offer_revision,
    page, present_revision,
};
pub use campaign::{COLUMN as CAMPAIGN, Column as CampaignColumn};
pub use change::{NewCampaign, bound};
pub use changed::CampaignChanged;
pub use conditions::{AppliesTo, Conditions, Purchase, Tags};
pub use counted::{DRAWS, DrawCounts, count_draw, draw_counts, recount_draws};
pub use delays::DelaysChanged;
pub use draw::{
    COLUMN as DRAW, Column as DrawColumn, Entity as Draws, Model as Draw, NotDrawn, ToDraw, draw, drawn_for,
    draws_by_key, open, was_drawn,
};
pub use drawn::Drawn;
pub use holdout::held_out;
pub use link_terms::{LinkTerms, TO_CHECKOUT, UTM_NAMES, Utm, own_path};
pub use offer::Offer;
pub use person::{draws_of, forget, forget_old_contacts};
pub use program::{
    Model as Program, ProgramId, begin as begin_program, memberships, programs, running as running_program,
};
pub use routes::{CampaignView, configure, find};
pub use sentence::summary;
pub use terms::{CodeTerms, Combines, Expiry, ExpiryStart};
pub use trouble::{Trouble, accepted, refused};
pub use unit::{Assigned, Experiment, Unit, assigned, recipients_of_draws, units_of};
