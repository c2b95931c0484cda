//! Parse the command line, hand over.

use clap::Parser;
use mimalloc::MiMalloc;

/// Every tap makes a few hundred small allocations on one thread and gives many of them back on another, which the
/// system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> std::process::ExitCode {
    recoup::cli::Cli::parse().run()
}
