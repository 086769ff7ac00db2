//! The same work with other crates and with Boost.Interprocess, in one table:
//!
//! ```sh
//! cargo run --release --manifest-path benches/rivals/Cargo.toml > benches/rivals/RESULTS.md
//! ```
//!
//! The rivals of a column run in turns, so that other load on the machine affects all of them.
//! Messages are passed between two processes, each on a core of its own, and are copied in and out.
//! `--quick` shortens it.
//!
//! iceoryx2 leaves a directory in `/tmp` and a file in `/dev/shm`.

mod partner;
mod rivals;
mod turns;

use std::error::Error;
use std::{env, fs};

use partner::{Partner, Work};
use rivals::{RIVALS, Rival};
use turns::{Contestant, median_times};

/// The result of everything here.
type Res<T> = Result<T, Box<dyn Error>>;

/// Runs an operation this number of times.
type Once = Box<dyn FnMut(u64) -> Res<()>>;

/// An operation by a single thread.
type Alone = (&'static str, fn(&Rival) -> Option<fn() -> Res<Once>>);

const ALONE: [Alone; 5] = [
    ("lock, unlock", |rival| rival.lock),
    ("post, wait", |rival| rival.semaphore),
    ("allocate, free 64 B", |rival| rival.allocate),
    ("create 4 KiB", |rival| rival.create),
    ("open 4 KiB", |rival| rival.open),
];

const TOGETHER: [(&str, Work, usize); 4] = [
    ("there and back, 64 B", Work::RoundTrip, 64),
    ("stream, 64 B", Work::Stream, 64),
    ("stream, 4 KiB", Work::Stream, 4 << 10),
    ("stream, 1 MiB", Work::Stream, 1 << 20),
];

const ABOUT: &str = "\
Our memory reserves its pages at creation and keeps a record of itself; the other crates allocate pages on first access.
A process that polls never sleeps, and occupies a core. All copy each message in and out; iceoryx2 can avoid the copies.
Blocks of 64 B are allocated in a heap in shared memory with a name, of Boost with `managed_shared_memory`.
raw_sync has events with space for one message; our memory, iceoryx2 and Boost have space for eight.";

fn main() -> Res<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    if let ["--follow", rival, size, token] = args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return partner::follow(&RIVALS[rival.parse::<usize>()?], size.parse()?, token);
    }
    let rounds = if args.iter().any(|arg| arg == "--quick") { 3 } else { 25 };

    let mut columns = Vec::new();
    for (_, find) in ALONE {
        let found = RIVALS.iter().map(|rival| find(rival).map(|make| make().map(Contestant::alone)).transpose());
        columns.push(median_times(found.collect::<Res<_>>()?, rounds)?);
    }
    for (_, work, size) in TOGETHER {
        let mut found = Vec::new();
        for (i, rival) in RIVALS.iter().enumerate() {
            let fits = rival.channel.filter(|channel| size <= channel.most);
            let partner = fits.map(|channel| Partner::start(i, channel, work, size)).transpose()?;
            found.push(partner.map(Contestant::together));
        }
        columns.push(median_times(found, rounds)?);
    }

    let names: Vec<&str> = ALONE.iter().map(|(name, _)| *name).chain(TOGETHER.iter().map(|(name, ..)| *name)).collect();
    let cpu = fs::read_to_string("/proc/cpuinfo")?;
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    println!(
        "# The same work by other libraries\n\n{}.\n{}.\n",
        rivals::versions(),
        model.map_or("?", |(_, model)| model)
    );
    println!(
        "Medians of {rounds} turns, in nanoseconds; *noisy* if the quartiles differ by more than a fifth of the median.\n"
    );
    println!("| | {} |\n|---|{}", names.join(" | "), "---:|".repeat(names.len()));
    for (i, rival) in RIVALS.iter().enumerate() {
        let cells: Vec<String> = columns.iter().map(|column| cell(column[i])).collect();
        println!("| {} | {} |", rival.name, cells.join(" | "));
    }
    println!("\n{ABOUT}");
    Ok(())
}

fn cell(time: Option<(f64, bool)>) -> String {
    let Some((time, noisy)) = time else { return "–".into() };
    let noise = if noisy { " noisy" } else { "" };
    if time < 100.0 { format!("{time:.1}{noise}") } else { format!("{time:.0}{noise}") }
}
