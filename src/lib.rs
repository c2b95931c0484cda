//! Recoup.

pub mod shopify;

pub mod whatsapp;

pub mod kernel;

pub mod simulator;
