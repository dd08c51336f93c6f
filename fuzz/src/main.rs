//! Every reader of text from outside, as a fuzz target: `FUZZ_TARGET` says which, `scripts/fuzz` runs it.
#![no_main]

#[path = "../../tests/common/holds.rs"]
mod holds;
mod targets;

use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;

static TARGET: OnceLock<fn(&str)> = OnceLock::new();

fuzz_target!(
    init: {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let found = targets::ALL.iter().find(|(known, _)| *known == name);
        let Some((_, run)) = found else {
            let names: Vec<&str> = targets::ALL.iter().map(|(name, _)| *name).collect();
            eprintln!("FUZZ_TARGET must be one of {}", names.join(" "));
            std::process::exit(2);
        };
        // Tables and expressions are built once; the first input is not to pay for them.
        targets::warm_up();
        TARGET.get_or_init(|| *run);
    },
    |data: &[u8]| {
        let run = TARGET.get().expect("set at the start");
        // Bytes that are no text are refused by one line of the reader, which is tested: time is better spent behind it.
        run(&String::from_utf8_lossy(data));
    }
);
