//! The commands: one verb or noun a file.

mod array;
mod bench;
mod chmod;
mod create;
mod demo;
mod doctor;
mod entry;
mod gc;
mod lock;
mod ls;
mod mq;
mod rm;
mod run;
mod sem;
mod show;
mod sig;

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use clap::Subcommand;

use crate::failure::Failure;

/// The command.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List objects, and the processes that use them
    #[command(visible_alias = "list", after_help = ls::AFTER)]
    Ls(ls::Ls),
    /// Show details of an object, or the objects that a process uses
    #[command(after_help = show::AFTER)]
    Show(show::Show),
    /// Create an object
    #[command(after_help = create::AFTER)]
    Create(create::Create),
    /// Remove objects
    #[command(after_help = rm::AFTER)]
    Rm(rm::Rm),
    /// Remove objects that processes left behind and that no process uses
    #[command(after_help = gc::AFTER)]
    Gc(gc::Gc),
    /// Change the mode of an object
    #[command(after_help = chmod::AFTER)]
    Chmod(chmod::Chmod),
    /// Post and wait for semaphores, or run a command while holding a permit
    #[command(after_help = sem::AFTER)]
    Sem(sem::Sem),
    /// Send and receive messages
    #[command(after_help = mq::AFTER)]
    Mq(mq::Mq),
    /// Send and receive signals
    #[command(after_help = sig::AFTER)]
    Sig(sig::Sig),
    /// Import, export, fill and view arrays
    #[command(after_help = array::AFTER)]
    Array(array::Array),
    /// Run a command while holding a lock
    #[command(after_help = lock::AFTER)]
    Lock(lock::Lock),
    /// Check the limits and known problems of this machine
    #[command(after_help = doctor::AFTER)]
    Doctor(doctor::Doctor),
    /// Compare the speed of this toolkit with that of the C library, in ten seconds
    #[command(after_help = bench::AFTER)]
    Bench(bench::Bench),
    /// Watch several processes find the edges in a picture in shared memory
    #[command(after_help = demo::AFTER)]
    Demo(demo::Demo),
}

/// The commands of users, and those that `ipc` starts itself, which no help or completion shows.
#[derive(Debug, Subcommand)]
pub(crate) enum All {
    #[command(flatten)]
    Command(Command),
    /// One of the processes that `demo` starts
    #[command(hide = true)]
    DemoWorker(demo::Worker),
    /// The process that releases a permit if `ipc sem run` is killed
    #[command(hide = true)]
    PermitGuard(sem::Guard),
}

impl All {
    /// Does it.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self {
            Self::Command(command) => command.run(),
            Self::DemoWorker(worker) => worker.run(),
            Self::PermitGuard(guard) => guard.run(),
        }
    }
}

impl Command {
    /// Does it.
    fn run(self) -> Result<(), Failure> {
        match self {
            Self::Ls(ls) => ls.run(),
            Self::Show(show) => show.run(),
            Self::Create(create) => create.run(),
            Self::Rm(rm) => rm.run(),
            Self::Gc(gc) => gc.run(),
            Self::Chmod(chmod) => chmod.run(),
            Self::Sem(sem) => sem.run(),
            Self::Mq(mq) => mq.run(),
            Self::Sig(sig) => sig.run(),
            Self::Array(array) => array.run(),
            Self::Lock(lock) => lock.run(),
            Self::Doctor(doctor) => doctor.run(),
            Self::Bench(bench) => bench.run(),
            Self::Demo(demo) => demo.run(),
        }
    }
}

/// A time as users write it: `2`, `0.5`, `250ms`, `3s`, `2m`, `1h`.
fn duration(text: &str) -> Result<Duration, String> {
    const UNITS: [(&str, f64); 4] = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];

    let (number, length) = UNITS
        .iter()
        .find_map(|(unit, length)| Some((text.strip_suffix(unit)?, *length)))
        .unwrap_or((text, 1.0));
    let seconds: f64 =
        number.trim().parse().map_err(|_| String::from("a time is 2, 0.5, 250ms, 3s, 2m or 1h"))?;
    let wrong = |_| String::from("a time is neither negative nor longer than 500 billion years");
    Duration::try_from_secs_f64(seconds * length).map_err(wrong)
}

/// A number of a type as users write it, in a range.
fn number<T>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + Display + Copy + Send + Sync + 'static,
{
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        number
            .ok_or_else(|| format!("a number from {} to {} is needed", range.start(), range.end()))
    }
}

/// The id of a process.
fn pid(text: &str) -> Result<i32, String> {
    let pid = text.parse().ok().filter(|pid| *pid > 0);
    pid.ok_or_else(|| format!("a process id is a number from 1 to {}", i32::MAX))
}

/// A mode as users write it: octal, `600` or `0600`.
fn mode(text: &str) -> Result<u32, String> {
    match u32::from_str_radix(text.trim_start_matches("0o"), 8) {
        Ok(mode @ 0..=0o777) => Ok(mode),
        _ => Err(String::from("a mode is three octal digits, such as 640")),
    }
}

/// A number of bytes as users write it: `4096`, `64K`, `1.5G`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast to an integer stops at its limits"
)]
fn bytes(text: &str) -> Result<usize, String> {
    const UNITS: [(char, f64); 4] =
        [('K', 1024.0), ('M', 1_048_576.0), ('G', 1_073_741_824.0), ('T', 1.1e12)];

    let text = text.trim_end_matches(['b', 'B', 'i']).to_ascii_uppercase();
    let unit = UNITS.iter().find_map(|(unit, length)| Some((text.strip_suffix(*unit)?, *length)));
    let (number, length) = unit.unwrap_or((&text, 1.0));
    match number.trim().parse::<f64>() {
        Ok(number) if number >= 0.0 && number.is_finite() => Ok((number * length) as usize),
        _ => Err(String::from("a size is 4096, 64K, 1.5G or the like")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_modes_and_sizes_are_read_as_people_write_them() {
        assert_eq!(
            ["2", "0.5", "250ms", "3s", "2m", "1h"].map(|text| duration(text).unwrap().as_millis()),
            [2000, 500, 250, 3000, 120_000, 3_600_000]
        );
        assert!(["", "x", "-1", "1 day", "nan", "inf"].iter().all(|text| duration(text).is_err()));
        assert_eq!((mode("640"), mode("0600"), mode("0o7")), (Ok(0o640), Ok(0o600), Ok(7)));
        assert!(["", "1777", "888", "-1", "rw"].iter().all(|text| mode(text).is_err()));
        assert_eq!(
            (bytes("4096"), bytes("64K"), bytes("1.5GiB")),
            (Ok(4096), Ok(65536), Ok(1_610_612_736))
        );
        assert!(["", "K", "-1", "nan", "1X"].iter().all(|text| bytes(text).is_err()));
    }
}
