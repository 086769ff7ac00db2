//! Counts the instructions of hot paths, which do not depend on the load of the machine, and
//! compares them with `instructions.txt`.
//!
//! A count is that of one of our calls minus that of the reference, so that it excludes the work of
//! C's functions. `--bless` rewrites the file.

use std::error::Error;
use std::io::ErrorKind;
use std::process::Command;
use std::{env, fs};

use benches::{Pair, Side, Turn, groups, play};
use ipc_testkit::fixture;

const EXPECTED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/instructions.txt");
const CALLS: u64 = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    play()?;
    let args: Vec<String> = env::args().skip(1).collect();
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    match &args[..] {
        [run, name, side] if run == "--run" => return calls(name, side),
        _ if has("--test") => return Ok(()), // a step of its own
        _ => {}
    }
    if let Err(err) = Command::new("valgrind").arg("--version").output() {
        let absent = err.kind() == ErrorKind::NotFound && env::var_os("CI").is_none();
        println!("skipped: there is no valgrind");
        return if absent { Ok(()) } else { Err(err.into()) };
    }
    compare(has("--bless"))
}

fn compare(bless: bool) -> Result<(), Box<dyn Error>> {
    let mut failed = 0;
    let mut text = String::new();
    for line in fs::read_to_string(EXPECTED)?.lines() {
        let Some((expected, name)) = line.split_once(' ').filter(|_| !line.starts_with('#')) else {
            text += &format!("{line}\n");
            continue;
        };
        let [ours, reference] = [count(name, Side::Ours)?, count(name, Side::Reference)?];
        let (more, expected) =
            ((10.0 * (ours - reference)).round() / 10.0 + 0.0, expected.parse::<f64>()?);
        let bad = more > expected + f64::max(0.5, 0.01 * ours);
        failed += i32::from(bad);
        let verdict = if bad { "TOO MANY" } else { "well" };
        println!(
            "{name}: {ours:.1}, {more:+.1} beside the reference, expected {expected:+}: {verdict}"
        );
        text += &format!("{more:.1} {name}\n");
    }
    match failed {
        _ if bless => Ok(fs::write(EXPECTED, text)?),
        0 => Ok(()),
        _ => Err(format!(
            "{failed} paths have more instructions than {EXPECTED} says; `--bless` if that is right"
        )
        .into()),
    }
}

/// Returns the number of instructions of one call.
fn count(name: &str, side: Side) -> Result<f64, Box<dyn Error>> {
    let dir = fixture::dir();
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--toggle-collect=instructions::measured*"]);
    valgrind.arg(format!("--callgrind-out-file={}", dir.join("out").display()));
    let told =
        valgrind.arg(env::current_exe()?).args(["--run", name, &side.to_string()]).output()?;
    let (out, err) = (String::from_utf8_lossy(&told.stdout), String::from_utf8_lossy(&told.stderr));
    match err.lines().find_map(|line| line.split_once("Collected : ")) {
        Some((_, count)) if told.status.success() && count.trim() != "0" => {
            Ok(count.trim().parse::<f64>()? / out.trim().parse::<f64>()?)
        }
        _ => Err(format!("{valgrind:?}: {}\n{err}", told.status).into()),
    }
}

/// Runs under valgrind, and prints the number of calls it made.
fn calls(name: &str, side: &str) -> Result<(), Box<dyn Error>> {
    let side = if side == "ours" { Side::Ours } else { Side::Reference };
    let (group, row) = name.split_once(": ").ok_or("a group and a row")?;
    let group = groups::ALL.into_iter().find(|known| known.name == group).ok_or("no such group")?;
    let mut done = 0;
    let visited = (group.pairs)(&mut |mut pair| {
        if pair.name != row {
            return Ok(());
        }
        pair.run(side, 1)?; // what is looked up at the first call
        let times = (CALLS / u64::from(pair.count)).max(100);
        measured(&mut pair, side, times)?;
        done = times * u64::from(pair.count);
        // The rows behind it are not needed. Some start processes, which valgrind cannot watch.
        Err(ipc_core::Error::invalid("visit", row, "this was the row"))
    });
    if done == 0 {
        visited?;
    }
    println!("{done}");
    Ok(())
}

/// Lists the counted calls.
#[inline(never)]
fn measured(pair: &mut Pair, side: Side, times: u64) -> ipc_core::Result<Turn> {
    pair.run(side, times)
}
