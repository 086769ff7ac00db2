//! `ipc mq`: messages, POSIX and System V.

use std::io::{self, Read, Write};
use std::time::Duration;

use clap::{Args, Subcommand};
use ipc::core::Name;
use ipc::queue::{Direction, MessageQueue, Select, SysvQueue};

use crate::failure::{Failure, os};
use crate::machine::{Kind, library};
use crate::output;
use crate::selector::one;

pub(super) const AFTER: &str = "\
A queue is a name (/jobs), or a System V queue (queue:7, 0x52e2c1). A received message is \
printed unchanged, followed by a line break unless --raw is given.

Examples:
  ipc mq send /jobs 'sweep the floor' --priority 5
  ./produce | ipc mq send /jobs -    one message: all of standard input
  ipc mq recv /jobs --timeout 5      exit code 1 if no message arrives
  ipc mq recv queue:7 --type 3       a System V message of type 3";

/// The options of `ipc mq`.
#[derive(Args, Debug)]
pub(crate) struct Mq {
    #[command(subcommand)]
    verb: Verb,
}

/// A verb for queues.
#[derive(Debug, Subcommand)]
enum Verb {
    /// Send a message; exit code 1 if the queue is full until the timeout
    Send {
        /// A name, or a System V queue
        #[arg(value_name = "NAME|queue:ID")]
        name: String,
        /// The message, or - to read it from standard input
        message: String,
        /// The priority of the message, in a POSIX queue (default: 0)
        #[arg(long, short, value_parser = super::number::<u32>(0..=32_767))]
        priority: Option<u32>,
        /// The type of the message, in a System V queue (default: 1)
        #[arg(long = "type", short, value_name = "TYPE", value_parser = super::number(1..=i64::MAX))]
        kind: Option<i64>,
        /// Give up after this time: 2 (seconds), 250ms, 1m; 0 does not wait
        #[arg(long, short = 'w', value_name = "TIME", value_parser = super::duration)]
        timeout: Option<Duration>,
    },
    /// Receive a message and print it; exit code 1 after a timeout
    Recv {
        /// A name, or a System V queue
        #[arg(value_name = "NAME|queue:ID")]
        name: String,
        /// Only messages of this type, in a System V queue
        #[arg(long = "type", short, value_name = "TYPE", value_parser = super::number(1..=i64::MAX))]
        kind: Option<i64>,
        /// Give up after this time: 2 (seconds), 250ms, 1m; 0 does not wait
        #[arg(long, short = 'w', value_name = "TIME", value_parser = super::duration)]
        timeout: Option<Duration>,
        /// Print the bytes of the message without a line break
        #[arg(long)]
        raw: bool,
    },
    /// Print how many messages wait and their total size; no message is read
    Peek {
        /// A name, or a System V queue
        #[arg(value_name = "NAME|queue:ID")]
        name: String,
    },
}

/// A queue of either kind.
enum Queue {
    Posix(MessageQueue),
    Sysv(SysvQueue),
}

impl Mq {
    /// Runs the command.
    pub(crate) fn run(self) -> Result<(), Failure> {
        match self.verb {
            Verb::Send { name, message, priority, kind, timeout } => {
                let message = match message.as_str() {
                    "-" => read_all()?,
                    text => text.as_bytes().to_vec(),
                };
                let queue = open(&name, Direction::Send)?;
                refuse_others(&queue, &name, priority, kind)?;
                let (priority, kind) = (priority.unwrap_or(0), kind.unwrap_or(1));
                yes(match (queue, timeout) {
                    (Queue::Posix(queue), None) => queue.send(&message, priority).map(|()| true)?,
                    (Queue::Posix(queue), Some(Duration::ZERO)) => {
                        queue.try_send(&message, priority)?
                    }
                    (Queue::Posix(queue), Some(timeout)) => {
                        queue.send_timeout(&message, priority, timeout)?
                    }
                    (Queue::Sysv(queue), None) => queue.send(&message, kind).map(|()| true)?,
                    (Queue::Sysv(queue), Some(Duration::ZERO)) => queue.try_send(&message, kind)?,
                    (Queue::Sysv(queue), Some(timeout)) => {
                        queue.send_timeout(&message, kind, timeout)?
                    }
                })
            }
            Verb::Recv { name, kind, timeout, raw } => {
                let queue = open(&name, Direction::Receive)?;
                refuse_others(&queue, &name, None, kind)?;
                let message = recv(&queue, kind, timeout)?;
                write(&message.ok_or_else(Failure::no)?, raw)
            }
            Verb::Peek { name } => peek(&open(&name, Direction::Receive)?),
        }
    }
}

fn yes(done: bool) -> Result<(), Failure> {
    if done { Ok(()) } else { Err(Failure::no()) }
}

fn read_all() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    io::stdin().read_to_end(&mut bytes).map_err(os("read", "standard input"))?;
    Ok(bytes)
}

fn open(name: &str, direction: Direction) -> Result<Queue, Failure> {
    let object = one(name, &[Kind::Queue, Kind::SysvQueue])?;
    Ok(match object.id {
        Some(id) => Queue::Sysv(library::sysv_queue(id)?),
        None => Queue::Posix(library::queue(&Name::new(&object.name)?, direction)?),
    })
}

/// Refuses an option for queues of the other kind.
fn refuse_others(
    queue: &Queue,
    name: &str,
    priority: Option<u32>,
    kind: Option<i64>,
) -> Result<(), Failure> {
    let why = match (queue, priority, kind) {
        (Queue::Posix(_), _, Some(_)) => "messages of a POSIX queue have a priority, and no type",
        (Queue::Sysv(_), Some(_), _) => "messages of a System V queue have a type, and no priority",
        _ => return Ok(()),
    };
    Err(Failure::usage(format!("{name:?}"), why))
}

fn recv(
    queue: &Queue,
    kind: Option<i64>,
    timeout: Option<Duration>,
) -> Result<Option<Vec<u8>>, Failure> {
    let select = kind.map_or(Select::Any, Select::Type);
    Ok(match (queue, timeout) {
        (Queue::Posix(queue), None) => Some(queue.recv()?.bytes),
        (Queue::Posix(queue), Some(Duration::ZERO)) => {
            queue.try_recv()?.map(|message| message.bytes)
        }
        (Queue::Posix(queue), Some(timeout)) => {
            queue.recv_timeout(timeout)?.map(|message| message.bytes)
        }
        (Queue::Sysv(queue), None) => Some(queue.recv(select)?.bytes),
        (Queue::Sysv(queue), Some(Duration::ZERO)) => {
            queue.try_recv(select)?.map(|message| message.bytes)
        }
        (Queue::Sysv(queue), Some(timeout)) => {
            queue.recv_timeout(select, timeout)?.map(|message| message.bytes)
        }
    })
}

/// Writes a message, escaped if standard output is a terminal.
fn write(message: &[u8], raw: bool) -> Result<(), Failure> {
    use std::io::IsTerminal;

    if raw || !io::stdout().is_terminal() {
        let mut out = io::stdout().lock();
        let end: &[u8] = if raw { b"" } else { b"\n" };
        return out
            .write_all(message)
            .and_then(|()| out.write_all(end))
            .map_err(os("write", "standard output"));
    }
    output::print(&(output::harmless(String::from_utf8_lossy(message)) + "\n"))
}

fn peek(queue: &Queue) -> Result<(), Failure> {
    let text = match queue {
        Queue::Posix(queue) => {
            let capacity = output::count(queue.capacity(), "message", "messages");
            let size = output::count(queue.message_size(), "byte", "bytes");
            format!("{} of {capacity} of at most {size}\n", queue.len()?)
        }
        Queue::Sysv(queue) => {
            let info = queue.info()?;
            let messages = output::count(info.messages, "message", "messages");
            format!("{messages}, {} of {} bytes\n", info.bytes, info.byte_limit)
        }
    };
    output::print(&text)
}
