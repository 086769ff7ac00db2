//! The two processes that exchange messages.

#![expect(unsafe_code, reason = "chooses a core")]

use std::io::{BufRead, BufReader, Write, stdin};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, mem, process};

use crate::Res;
use crate::rivals::Rival;

/// Carries messages both ways.
pub(crate) trait Channel {
    fn send(&mut self, bytes: &[u8]) -> Res<()>;
    fn receive(&mut self, into: &mut [u8]) -> Res<()>;
}

/// Completes a channel after the other process has started; until then only its start matters.
pub(crate) type Finish = Box<dyn FnOnce() -> Res<Box<dyn Channel>>>;

/// Sets up a channel between two processes for messages of one size.
#[derive(Clone, Copy)]
pub(crate) struct Connect {
    /// Takes an unused name; returns what the other process has to know.
    pub(crate) lead: fn(&str, usize) -> Res<(String, Finish)>,
    pub(crate) follow: fn(&str, usize) -> Res<Box<dyn Channel>>,
    /// The maximum message size.
    pub(crate) most: usize,
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Work {
    RoundTrip,
    Stream,
}

pub(crate) struct Partner {
    process: Child,
    says: BufReader<ChildStdout>,
    channel: Box<dyn Channel>,
    work: Work,
    bytes: Vec<u8>,
}

impl Partner {
    pub(crate) fn start(rival: usize, connect: Connect, work: Work, size: usize) -> Res<Self> {
        let name = format!("ipc-rivals-{}-{rival}-{}-{size}", process::id(), work as u8);
        let (token, finish) = (connect.lead)(&name, size)?;
        let mut command = Command::new(env::current_exe()?);
        command.args(["--follow", &rival.to_string(), &size.to_string(), &token]);
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let says = BufReader::new(process.stdout.take().ok_or("no output")?);
        let mut partner = Self { process, says, channel: finish()?, work, bytes: vec![7; size] };
        pin(0)?;
        partner.expect("ready")?;
        Ok(partner)
    }

    pub(crate) fn run(&mut self, times: u64) -> Res<Duration> {
        let mut orders = self.process.stdin.as_ref().ok_or("no input")?;
        writeln!(orders, "{} {times}", if self.work == Work::RoundTrip { "there and back" } else { "there" })?;
        let start = Instant::now();
        for _ in 0..times {
            self.channel.send(&self.bytes)?;
            if self.work == Work::RoundTrip {
                self.channel.receive(&mut self.bytes)?;
            }
        }
        let sent = start.elapsed();
        self.expect("done")?;
        Ok(if self.work == Work::RoundTrip { sent } else { start.elapsed() })
    }

    fn expect(&mut self, word: &str) -> Res<()> {
        let mut line = String::new();
        self.says.read_line(&mut line)?;
        if line.trim_end() == word { Ok(()) } else { Err(format!("the partner said {line:?}, not {word:?}").into()) }
    }
}

impl Drop for Partner {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

/// Runs the other process, until it receives no more commands.
pub(crate) fn follow(rival: &Rival, size: usize, token: &str) -> Res<()> {
    pin(1)?;
    let connect = rival.channel.ok_or("a rival without channel")?;
    let mut channel = (connect.follow)(token, size)?;
    let mut bytes = vec![0; size];
    println!("ready");
    for order in stdin().lines() {
        let order = order?;
        let (what, times) = order.rsplit_once(' ').ok_or("no order")?;
        for _ in 0..times.parse::<u64>()? {
            channel.receive(&mut bytes)?;
            if what == "there and back" {
                channel.send(&bytes)?;
            }
        }
        println!("done");
    }
    Ok(())
}

/// Pins this process to a core, if it may use that core.
fn pin(core: usize) -> Res<()> {
    // SAFETY: an array of bits, for which all-zero bytes are valid.
    let mut set: libc::cpu_set_t = unsafe { mem::zeroed() };
    // SAFETY: 0 and 1 are within the set.
    unsafe { libc::CPU_SET(core, &mut set) };
    // SAFETY: reads the set, which lives until the call returns. A process with one core stays on
    // it.
    unsafe { libc::sched_setaffinity(0, size_of_val(&set), &set) };
    Ok(())
}
