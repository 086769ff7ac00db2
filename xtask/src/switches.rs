//! `cargo xtask switches`: each protection is switched off, and the test that guards it has to fail.

use crate::mechanisms;

/// Seconds after which a test that waits for what cannot come has failed.
const PATIENCE: &str = "10";

/// How often a test is run with its protection off, before it is said to see nothing: some wait for a coincidence.
const TRIES: u32 = 3;

/// Runs the test behind each switch with the protection on and off.
pub(crate) fn run() -> Result<(), String> {
    let mut blind = Vec::new();
    for mechanism in mechanisms::ALL {
        let Some(switch) = mechanism.switch else { continue };
        let passes = |off: &str| {
            let output = mechanism
                .command()
                .env("IPC_SWITCHED_OFF", off)
                .env("IPC_TEST_SECONDS", PATIENCE)
                .output();
            let output = output.map_err(|error| format!("cargo: {error}"))?;
            let text = String::from_utf8_lossy(&output.stdout);
            // An unknown name is no failure for cargo.
            let ran = text.contains("running 1 test");
            if ran {
                Ok(output.status.success())
            } else {
                Err(format!("no test `{}`", mechanism.test))
            }
        };
        let on = passes("nothing")?;
        let mut off = true;
        for _ in 0..TRIES {
            off = off && passes(switch)?;
        }
        println!("{switch}: {} with it, {} without: {}", word(on), word(off), mechanism.test);
        if !on || off {
            blind.push(switch);
        }
    }
    if blind.is_empty() { Ok(()) } else { Err(format!("guarded by no test: {}", blind.join(", "))) }
}

fn word(passes: bool) -> &'static str {
    if passes { "passes" } else { "fails" }
}
