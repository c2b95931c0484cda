//! The history of the schema: many small steps, each saying why.
//!
//! 1. A migration imports nothing of ours, so an old one never changes meaning.
//! 2. Every table belongs to exactly one list: [`TENANT_TABLES`] (keyed by `shop_id` first) or [`DIRECTORY_TABLES`]
//!    (small, copied to every database node). A test holds each table against its list.
//! 3. Times are microseconds UTC, money is minor units, both `BIGINT`; nothing depends on a database's own clock,
//!    sequences or functions. The same text runs on SQLite, PostgreSQL and a sharded PostgreSQL.
//! 4. An index on a table that may be large already is made `beside` its writers. A migration that does so runs outside a
//!    transaction: each of its steps finds what a run cut short left behind.

use sea_orm_migration::prelude::*;

pub use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait};

mod beside;
mod m20261122_000001_shops;
mod m20261122_000002_campaigns;
mod m20261122_000003_codes;
mod m20261122_000004_links;
mod m20261122_000005_messages;
mod m20261122_000006_orders;
mod m20261122_000007_attribution;
mod m20261122_000008_doors;
mod m20261122_000009_jobs;
mod m20261123_000010_trust;
mod m20261123_000011_whole;
mod m20261123_000012_rights;
mod m20261123_000014_offers;
mod m20261123_000016_code_life;
mod m20261125_000020_clocks;
mod m20261125_000022_code_push;
mod m20261125_000024_sinks;
mod m20261125_000026_link_changes;
mod m20261125_000027_campaign_page;
mod m20261125_000030_hits;
mod m20261125_000031_meta_clicks;
mod m20261125_000034_pixel;
mod m20261125_000035_journeys;
mod m20261125_000036_link_settings;
mod m20261127_000040_click_ids;
mod m20261127_000041_order_journeys;
mod m20261127_000043_template_figures;
mod m20261127_000044_domain_looks;
mod m20261127_000045_known_only;
mod m20261128_000055_pixel_ties;
mod m20261128_000056_domain_proofs;
mod m20261128_000060_job_deaths;
mod m20261128_000061_cost_as_told;
mod m20261128_000065_key_use;
mod m20261128_000070_parts;
mod m20261128_000071_items;
mod m20261128_000075_contacts;
mod m20261128_000085_token_exchanges;
mod m20261129_000090_number_claims;
mod m20261129_000095_policies;
mod m20261129_000096_links_left;
mod m20261129_000100_addresses;
mod m20261129_000101_heard;
mod m20261129_000102_charged;
mod m20261129_000103_rates;
mod m20261129_000110_checkout_deletions;
mod m20261129_000111_quiet_for;
mod m20261129_000112_abandonments;
mod m20261129_000120_verdict;
mod m20261129_000121_orders_of_shoppers;
mod m20261129_000130_order_sales;
mod m20261129_000140_pools;
mod m20261129_000141_unsettled_since;
mod m20261129_000150_shop_days;
mod m20261129_000151_stages_by_day;
mod m20261129_000160_counts;
mod m20261129_000161_conversions_of_messages;
mod m20261129_000162_counted_hits;
mod m20261129_000170_files;
mod m20261129_000171_daily_files;
mod m20261129_000180_searched;
mod m20261129_000185_orders_of_messages;
mod m20261130_000190_arms;
mod m20261130_000191_outcomes;
mod m20261130_000192_one_program;
mod m20261130_000200_used_codes;
mod m20261130_000201_receipts;
mod m20261130_000205_long_counts;
mod m20261130_000206_hits_of_meta;
mod m20261130_000207_order_sources;
mod m20261130_000208_counted_codes;
mod m20261130_000209_counted_checkouts;
mod m20261130_000210_verdicts_before;
mod m20261130_000215_draws_of_checkouts;
mod table;
#[cfg(test)]
mod tests;

/// Tables keyed by `shop_id` first; on a sharded database they are distributed by it, parents before children.
pub const TENANT_TABLES: &[&str] = &[
    "tokens",
    "shop_conditions",
    "used_states",
    "token_exchanges",
    "number_claims",
    "api_keys",
    "replies",
    "recipients",
    "contact_pairs",
    "opt_outs",
    "campaigns",
    "draws",
    "programs",
    "program_members",
    "discounts",
    "redeem_codes",
    "redemptions",
    "code_tries",
    "revocations",
    "code_sightings",
    "code_alarms",
    "links",
    "carried_links",
    "link_settings",
    "clicks",
    "judgings",
    "doubted_links",
    "meta_clicks",
    "template_figures",
    "campaign_templates",
    "messages",
    "replacements",
    "statuses",
    "early_statuses",
    "inbound_messages",
    "message_rates",
    "pixel_events",
    "web_pixels",
    "checkouts",
    "checkout_activities",
    "checkout_contacts",
    "checkout_deletions",
    "orders",
    "order_versions",
    "order_contacts",
    "order_clicks",
    "order_codes",
    "order_journeys",
    "order_visits",
    "order_books",
    "order_sales",
    "order_differences",
    "refunds",
    "abandonments",
    "policies",
    "restatements",
    "unsettled_orders",
    "conversions",
    "verdicts_before",
    "credits",
    "receipts",
    "buyers",
    "outcomes",
    "files",
    "file_pieces",
    "file_schedules",
    "webhook_endpoints",
    "webhook_tellings",
    "deliveries",
    "watermarks",
    "backfills",
    "backfill_lines",
    "shop_days",
    "shop_day_readings",
    "counted_cells",
    "count_changes",
    "count_doubts",
    "counted_orders",
    "counted_codes",
    "counted_checkouts",
    "counted_books",
    "counted_hits",
    "privacy_requests",
    "tombstones",
    "access_log",
    "jobs",
];

/// Small tables that change rarely and are copied to every database node.
pub const DIRECTORY_TABLES: &[&str] = &["settings", "shops", "whatsapp_numbers"];

/// Every migration, oldest first. What is applied is known by its name: one that is put in between runs all the same.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_shops::Migration),
            Box::new(m20261122_000002_campaigns::Migration),
            Box::new(m20261122_000003_codes::Migration),
            Box::new(m20261122_000004_links::Migration),
            Box::new(m20261122_000005_messages::Migration),
            Box::new(m20261122_000006_orders::Migration),
            Box::new(m20261122_000007_attribution::Migration),
            Box::new(m20261122_000008_doors::Migration),
            Box::new(m20261122_000009_jobs::Migration),
            Box::new(m20261123_000010_trust::Migration),
            Box::new(m20261123_000011_whole::Migration),
            Box::new(m20261123_000012_rights::Migration),
            Box::new(m20261123_000014_offers::Migration),
            Box::new(m20261123_000016_code_life::Migration),
            Box::new(m20261125_000020_clocks::Migration),
            Box::new(m20261125_000022_code_push::Migration),
            Box::new(m20261125_000024_sinks::Migration),
            Box::new(m20261125_000026_link_changes::Migration),
            Box::new(m20261125_000027_campaign_page::Migration),
            Box::new(m20261125_000030_hits::Migration),
            Box::new(m20261125_000031_meta_clicks::Migration),
            Box::new(m20261125_000034_pixel::Migration),
            Box::new(m20261125_000035_journeys::Migration),
            Box::new(m20261125_000036_link_settings::Migration),
            Box::new(m20261127_000040_click_ids::Migration),
            Box::new(m20261127_000041_order_journeys::Migration),
            Box::new(m20261127_000043_template_figures::Migration),
            Box::new(m20261127_000044_domain_looks::Migration),
            Box::new(m20261127_000045_known_only::Migration),
            Box::new(m20261128_000055_pixel_ties::Migration),
            Box::new(m20261128_000056_domain_proofs::Migration),
            Box::new(m20261128_000060_job_deaths::Migration),
            Box::new(m20261128_000061_cost_as_told::Migration),
            Box::new(m20261128_000065_key_use::Migration),
            Box::new(m20261128_000070_parts::Migration),
            Box::new(m20261128_000071_items::Migration),
            Box::new(m20261128_000075_contacts::Migration),
            Box::new(m20261128_000085_token_exchanges::Migration),
            Box::new(m20261129_000090_number_claims::Migration),
            Box::new(m20261129_000095_policies::Migration),
            Box::new(m20261129_000096_links_left::Migration),
            Box::new(m20261129_000100_addresses::Migration),
            Box::new(m20261129_000101_heard::Migration),
            Box::new(m20261129_000102_charged::Migration),
            Box::new(m20261129_000103_rates::Migration),
            Box::new(m20261129_000110_checkout_deletions::Migration),
            Box::new(m20261129_000111_quiet_for::Migration),
            Box::new(m20261129_000112_abandonments::Migration),
            Box::new(m20261129_000120_verdict::Migration),
            Box::new(m20261129_000121_orders_of_shoppers::Migration),
            Box::new(m20261129_000130_order_sales::Migration),
            Box::new(m20261129_000140_pools::Migration),
            Box::new(m20261129_000141_unsettled_since::Migration),
            Box::new(m20261129_000150_shop_days::Migration),
            Box::new(m20261129_000151_stages_by_day::Migration),
            Box::new(m20261129_000160_counts::Migration),
            Box::new(m20261129_000161_conversions_of_messages::Migration),
            Box::new(m20261129_000162_counted_hits::Migration),
            Box::new(m20261129_000170_files::Migration),
            Box::new(m20261129_000171_daily_files::Migration),
            Box::new(m20261129_000180_searched::Migration),
            Box::new(m20261129_000185_orders_of_messages::Migration),
            Box::new(m20261130_000190_arms::Migration),
            Box::new(m20261130_000191_outcomes::Migration),
            Box::new(m20261130_000192_one_program::Migration),
            Box::new(m20261130_000200_used_codes::Migration),
            Box::new(m20261130_000201_receipts::Migration),
            Box::new(m20261130_000205_long_counts::Migration),
            Box::new(m20261130_000206_hits_of_meta::Migration),
            Box::new(m20261130_000207_order_sources::Migration),
            Box::new(m20261130_000208_counted_codes::Migration),
            Box::new(m20261130_000209_counted_checkouts::Migration),
            Box::new(m20261130_000210_verdicts_before::Migration),
            Box::new(m20261130_000215_draws_of_checkouts::Migration),
        ]
    }
}
