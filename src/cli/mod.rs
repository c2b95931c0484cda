//! The commands: one file each. No subcommand means `serve`.

mod bench;
mod bench_codes;
mod demo;
mod doctor;
mod jobs;
pub mod logs;
mod migrate;
mod number;
mod openapi;
mod rebuild;
mod rejudge;
mod replay;
mod serve;
pub mod start;
mod verify;
mod worker;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Recoup: a code and a link per WhatsApp recipient, every order matched back to its message, honest numbers.
///
/// Without a command it serves: HTTP and worker in one process, on an embedded SQLite file. Everything is configured by
/// environment variables, or by a file `.env` in the folder it is started in; `.env.example` lists them.
#[derive(Debug, Parser)]
#[command(name = "recoup", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve HTTP and run jobs (the default).
    Serve(serve::Serve),
    /// Run jobs only, beside nodes that serve.
    Worker(worker::Work),
    /// Bring the database's schema up to date and stop.
    Migrate(migrate::Migrate),
    /// Open the pretend world: a shop, WhatsApp and shoppers on loopback, thirty days already lived.
    Demo(demo::Demo),
    /// Measure a pool of a million codes beside a bare bulk insert.
    BenchCodes(bench_codes::BenchCodes),
    /// Say what is wrong with this installation, and what to do.
    Doctor(doctor::Doctor),
    /// Say what waits, runs and failed, or try it again.
    Jobs(jobs::Jobs),
    /// Translate deliveries again, after a bug was mended or a cause removed.
    Replay(replay::Replay),
    /// Derive every verdict again from the facts. Over unchanged facts this changes nothing.
    Rebuild(rebuild::Rebuild),
    /// Judge every hit on every link again: person or machine.
    Rejudge(rejudge::Rejudge),
    /// Check our numbers: feed plain files to the functions that a shop's reports use.
    Verify(verify::Verify),
    /// Say whose a WhatsApp number is, or decide it.
    Number(number::Number),
    /// Print the description of the API (OpenAPI, JSON).
    Openapi(openapi::Openapi),
    /// Measure the webhook door beside a bare handler and Shopify's official library; `benches/run` does it all.
    Bench(bench::Bench),
}

impl Cli {
    /// Runs the command.
    pub fn run(self) -> ExitCode {
        let command = self.command.unwrap_or(Command::Serve(serve::Serve::default()));
        if let Command::Openapi(command) = command {
            return finish(command.run());
        }
        if let Command::Verify(command) = command {
            return command.run();
        }
        let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return finish(Err(error.into())),
        };
        finish(runtime.block_on(async {
            match command {
                Command::Serve(command) => command.run().await,
                Command::Worker(command) => command.run().await,
                Command::Migrate(command) => command.run().await,
                Command::Demo(command) => command.run().await,
                Command::BenchCodes(command) => command.run().await,
                Command::Doctor(command) => command.run().await,
                Command::Jobs(command) => command.run().await,
                Command::Replay(command) => command.run().await,
                Command::Rebuild(command) => command.run().await,
                Command::Rejudge(command) => command.run().await,
                Command::Number(command) => command.run().await,
                Command::Openapi(_) | Command::Verify(_) => Ok(()),
                Command::Bench(command) => command.run().await,
            }
        }))
    }
}

fn finish(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("recoup: {error:#}");
            ExitCode::FAILURE
        }
    }
}
