//! `cargo xtask switches`: switches each protection off, and expects the test that guards it to fail.

use std::process::Command;

use crate::mechanisms;

/// Seconds after which a test fails that waits, with its protection off, for an event that cannot come.
const PATIENCE: &str = "10";

/// The maximum number of runs of a test with its protection off until it fails: some failures need a coincidence.
const TRIES: u32 = 20;

/// Runs the test behind each switch with the protection on and off.
pub(crate) fn run() -> Result<(), String> {
    let mut blind = Vec::new();
    for mechanism in mechanisms::ALL {
        let Some(switch) = mechanism.switch else { continue };
        let passes = |command: &mut Command| {
            let output = command.output().map_err(|error| format!("cargo: {error}"))?;
            let text = String::from_utf8_lossy(&output.stdout);
            // Cargo does not fail on the name of a test that does not exist.
            if !text.contains("running 1 test") {
                return Err(format!("no test `{}`", mechanism.test));
            }
            let errors = String::from_utf8_lossy(&output.stderr);
            Ok((output.status.success(), format!("{text}{errors}")))
        };
        let (on, text) = passes(mechanism.command().env("IPC_SWITCHED_OFF", "nothing"))?;
        if !on {
            println!("{text}");
        }
        let mut off = true;
        for _ in 0..TRIES {
            let mut command = mechanism.command();
            command.env("IPC_SWITCHED_OFF", switch).env("IPC_TEST_SECONDS", PATIENCE);
            off = off && passes(&mut command)?.0;
        }
        println!("{switch}: {} with it, {} without: {}", word(on), word(off), mechanism.test);
        if !on || off {
            blind.push(switch);
        }
    }
    if blind.is_empty() {
        Ok(())
    } else {
        Err(format!("guarded by no test, or by one that fails: {}", blind.join(", ")))
    }
}

fn word(passes: bool) -> &'static str {
    if passes { "passes" } else { "fails" }
}
