//! The binary: everything is in the library and in `cli`.

mod cli;

use std::process::ExitCode;

/// Parsing and lowering make and drop millions of small pieces.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    ExitCode::from(cli::run())
}
