//! Parse the command line, hand over.

use clap::Parser;

fn main() -> std::process::ExitCode {
    recoup::cli::Cli::parse().run()
}
