//! Signals with values, beside C: a round trip between two processes, and taking what is queued.
//!
//! `cargo bench -p benches --bench signals` runs both sides in turns and prints the figures.

mod sys;

use std::env;
use std::hint::black_box;
use std::path::Path;
use std::process::{self, Command};
use std::thread;
use std::time::Instant;

use benches::{Effort, Group, Pair, Ratio, Side, report};
use ipc_core::{Errno, Error, ProcessId, Result, Signal};
use ipc_signal::{Signals, send_value, wait};
use ipc_testkit::{Child, c_program};

const PARTNER: &str = "--partner";

/// Answers each signal by the same, until it is killed.
const C_PARTNER: &str = r#"
    #include <signal.h>
    #include <sys/signalfd.h>
    #include <unistd.h>
    int main(int argc, char **argv) {
        must(argc == 4);
        pid_t other = atoi(argv[1]);
        int number = atoi(argv[2]), by_read = argv[3][0] == 'r';
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, number);
        must(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
        int fd = signalfd(-1, &set, 0);
        say("ready");
        for (;;) {
            union sigval value = { 0 };
            if (by_read) {
                struct signalfd_siginfo info;
                must(read(fd, &info, sizeof info) == sizeof info);
                value.sival_int = info.ssi_int;
            } else {
                siginfo_t info;
                must(sigwaitinfo(&set, &info) > 0);
                value = info.si_value;
            }
            must(sigqueue(other, number, value) == 0);
        }
    }
"#;

const GROUP: Group = Group {
    name: "signals",
    about: "A value sent by `send_value` to another process, which sends it back, beside two C programs that do the same; *read* is `Signals::recv` beside `read` of a signalfd, *wait* is `wait` beside `sigwaitinfo`.",
    ratio: Ratio::Time,
    pairs,
};

fn main() -> Result<()> {
    let args: Vec<String> = env::args().collect();
    if args.get(1).is_some_and(|arg| arg == PARTNER) {
        return partner(args[2] == "read");
    }
    let test = args.iter().any(|arg| arg == "--test");
    let (effort, rounds) = if test { (Effort::ONCE, 1) } else { (Effort::FULL, 1001) };
    print!("{}{}", report::table(&GROUP, effort)?, receive_loop(rounds)?);
    Ok(())
}

/// Ours, and that of the partner who is written in C.
fn signals() -> Result<[Signal; 2]> {
    Ok([Signal::realtime(0)?, Signal::realtime(1)?])
}

/// The process at the other end, which ends with this value.
struct Partner(process::Child);

impl Partner {
    fn start(way: &str) -> Result<Self> {
        let started = Command::new("/proc/self/exe").args([PARTNER, way]).spawn();
        let failed = |err: std::io::Error| Error::os("spawn", PARTNER, Errno::new(err.raw_os_error().unwrap_or(0)));
        started.map(Self).map_err(failed)
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.0.kill().and_then(|()| self.0.wait());
    }
}

fn partner(by_read: bool) -> Result<()> {
    let [mine, _] = signals()?;
    let (received, other) = (Signals::block(mine)?, ProcessId::parent());
    // The first word is ours: before it, ours would not have been received.
    send_value(other, mine, 0)?;
    loop {
        let info = if by_read { received.recv() } else { wait(mine) }?;
        send_value(other, mine, info.value().unwrap_or_default())?;
    }
}

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    for way in ["read", "wait"] {
        visit(round_trip(way)?.target(1.1))?;
    }
    Ok(())
}

fn round_trip(way: &'static str) -> Result<Pair> {
    let [mine, plain] = signals()?;
    let received = Signals::block([mine, plain])?;
    let receiver = sys::Receiver::new(plain).map_err(failed)?;
    let ours = Partner::start(way)?;
    let to = ProcessId::new(ours.0.id().cast_signed());
    wait(mine)?;
    let program: &Path = &c_program("partner", C_PARTNER);
    let mut theirs = Child::run(program, &[&process::id().to_string(), &plain.raw().to_string(), way]);
    theirs.wait_for("ready");
    Ok(Pair::new(way, move |side, times| {
        let _alive = &ours;
        for value in 0..i32::try_from(times).unwrap_or(i32::MAX) {
            let back = match (side, way) {
                (Side::Ours, "read") => {
                    send_value(to, mine, value)?;
                    received.recv()?.value()
                }
                (Side::Ours, _) => {
                    send_value(to, mine, value)?;
                    wait(mine)?.value()
                }
                (Side::Reference, "read") => {
                    sys::queue(theirs.pid(), plain, value).map_err(failed)?;
                    Some(receiver.read().map_err(failed)?)
                }
                (Side::Reference, _) => {
                    sys::queue(theirs.pid(), plain, value).map_err(failed)?;
                    Some(receiver.wait().map_err(failed)?)
                }
            };
            assert_eq!(back, Some(value));
        }
        Ok(())
    }))
}

/// Takes what was queued before: sending is not in the time, which a [`Pair`] could not leave out.
fn receive_loop(rounds: usize) -> Result<String> {
    const QUEUED: i32 = 1000;
    let [mine, _] = signals()?;
    let received = Signals::block(mine)?;
    let receiver = sys::Receiver::new(mine).map_err(failed)?;
    let mut taken: [Vec<f64>; 4] = Default::default();
    for round in 0..rounds {
        for turn in 0..4 {
            let who = (round + turn) % 4;
            for value in 0..QUEUED {
                queue_patiently(mine, value)?;
            }
            let start = Instant::now();
            for value in 0..QUEUED {
                let got = match who {
                    0 => received.recv()?.value(),
                    1 => received.try_recv()?.and_then(|info| info.value()),
                    _ => Some(receiver.read().map_err(failed)?),
                };
                assert_eq!(black_box(got), Some(value));
            }
            taken[who].push(start.elapsed().as_secs_f64() * 1e9 / f64::from(QUEUED));
        }
    }
    let [recv, try_recv, read, again] = taken;
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let ratio = |ours: &[f64]| median(ours.iter().zip(&read).map(|(ours, read)| ours / read).collect());
    Ok(format!(
        "Taking one of {QUEUED} that are queued: `recv` {:.2} and `try_recv` {:.2} of the time of `read`, which is {:.0} ns \
         (with itself {:.2}); target ≤ 1.1.\n",
        ratio(&recv),
        ratio(&try_recv),
        median(read.clone()),
        ratio(&again),
    ))
}

/// The queue is that of all processes of the user, and may be full with what others sent.
fn queue_patiently(signal: Signal, value: i32) -> Result<()> {
    loop {
        match sys::queue(ProcessId::current().raw(), signal, value) {
            Err(Errno::EAGAIN) => thread::yield_now(),
            done => return done.map_err(failed),
        }
    }
}

fn failed(errno: Errno) -> Error {
    Error::os("a call of C", "", errno)
}
