//! `openapi`: print the description of the API.

use clap::Args;

use crate::server;

/// Print the description of the API (OpenAPI, JSON).
#[derive(Debug, Args)]
pub struct Openapi {}

impl Openapi {
    pub(super) fn run(self) -> anyhow::Result<()> {
        println!("{}", server::openapi().to_pretty_json()?);
        Ok(())
    }
}
