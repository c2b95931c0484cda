//! Recoup.

pub mod config;

pub mod shops;

pub mod campaigns;

pub mod codes;

pub mod links;

pub mod messages;

pub mod orders;

pub mod attribution;

pub mod privacy;

pub mod webhooks;

pub mod app;

pub mod jobs;

pub mod http;

pub mod db;

pub mod shopify;

pub mod whatsapp;

pub mod kernel;

pub mod simulator;
