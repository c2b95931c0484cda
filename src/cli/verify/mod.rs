//! `verify`: plain files in, what our reports would say out, by the same functions. Anybody can check the numbers; and
//! worlds whose truth is known, whether the numbers hold it.

mod experiment;
mod journeys;
mod source;
mod stories;
mod worlds;

use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};

/// Check our numbers: feed files to the same functions that a shop's reports use.
///
/// Exits 0 when everything agrees, 1 when something differs, 2 when a file cannot be read; then nothing is judged. `-` reads
/// standard input.
#[derive(Debug, Args)]
pub struct Verify {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Facts in, lines, winners, credits and ledger out; compared with what the file expects.
    Stories(stories::Stories),
    /// Paths of channels in, credit by every model out.
    Journeys(journeys::Journeys),
    /// One row a recipient in, lift with its intervals, gates and power out.
    Experiment(experiment::Experiment),
    /// Seeded worlds whose truth is known in, how often what a report shows holds it out.
    Worlds(worlds::Worlds),
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Agrees,
    Differs,
}

/// Prints what came out; whoever stops reading in the middle has seen enough.
fn print(text: &str) {
    use std::io::Write;
    drop(std::io::stdout().write_all(text.as_bytes()));
}

impl Verify {
    pub(super) fn run(self) -> ExitCode {
        let outcome = match self.what {
            What::Stories(command) => command.run(),
            What::Journeys(command) => command.run(),
            What::Experiment(command) => command.run(),
            What::Worlds(command) => Ok(command.run()),
        };
        match outcome {
            Ok(Outcome::Agrees) => ExitCode::SUCCESS,
            Ok(Outcome::Differs) => ExitCode::from(1),
            Err(problem) => {
                eprintln!("recoup: {problem}");
                ExitCode::from(2)
            }
        }
    }
}
