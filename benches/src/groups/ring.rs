//! Rings and queues in shared memory between two processes.

use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicU64, Ordering};

use ipc_core::{Errno, Error, Result};
use ipc_ring::service::{Client, Server};
use ipc_ring::{mpmc, spsc};

use crate::partners::{Cores, Object, Other, Stage, Work, visit};
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "ring",
    about: "64 bytes through rings and queues in shared memory, to another process and back, and one way from one process to\n\
            another. Beside each stand two processes that never sleep and exchange two atomic integers, which no message\n\
            beats there and back; one way, each of their exchanges stands for 64 messages. *Polling* repeats `try_recv`; *waiting* calls `recv`, which polls for some\n\
            microseconds and sleeps then.",
    ratio: Ratio::Time,
    pairs,
};

pub(super) type Message = [u64; 8];

/// How many messages one way stand beside one exchange of the atomic integers.
const BURST: u64 = 64;

const CAPACITY: usize = 1024;

/// The number of calls at a time.
const SERVICE: usize = 256;

#[derive(Clone, Copy)]
pub(super) enum Way {
    RoundTrip,
    OneWay,
}

#[derive(Clone, Copy)]
enum Through {
    RingPolling,
    Ring,
    Queue,
    /// A call and its reply.
    Service,
}

/// The targets are relative to the two atomic integers.
const ROWS: [(&str, Way, Through, Option<f64>); 6] = [
    ("ring, there and back, polling", Way::RoundTrip, Through::RingPolling, Some(1.3)),
    ("ring, there and back, waiting", Way::RoundTrip, Through::Ring, Some(1.5)),
    ("queue, there and back, waiting", Way::RoundTrip, Through::Queue, None),
    ("call and reply, waiting", Way::RoundTrip, Through::Service, None),
    ("ring, one way", Way::OneWay, Through::Ring, None),
    ("queue, one way", Way::OneWay, Through::Queue, None),
];

fn pairs(found: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    for (row, (name, .., target)) in ROWS.into_iter().enumerate() {
        visit(found, name, ("ring", row), (Other::Process, Cores::Two), target)?;
    }
    Ok(())
}

pub(crate) fn scene(stage: &mut Stage, row: usize) -> Result<Work> {
    let (_, way, through, _) = ROWS[row];
    let numbers = [stage.number()?, stage.number()?];
    let numbers = stage.mine_and_theirs(numbers);
    let names = [format!("{}-a", stage.name), format!("{}-b", stage.name)];
    let [there, back] = stage.mine_and_theirs(names);
    Ok(match through {
        Through::Ring | Through::RingPolling => {
            let there = spsc::Sender::<Message>::open_or_create(there, CAPACITY)?;
            let back = spsc::Receiver::<Message>::open_or_create(back, CAPACITY)?;
            let send = move |message: &Message| there.send(message);
            if matches!(through, Through::Ring) {
                let receive = move || back.recv()?.ok_or_else(gone);
                work(stage.leads, way, numbers, send, receive)
            } else {
                let receive = move || {
                    loop {
                        if let Some(message) = back.try_recv()? {
                            return Ok(message);
                        }
                        spin_loop();
                    }
                };
                work(stage.leads, way, numbers, send, receive)
            }
        }
        Through::Queue => {
            let there = mpmc::Sender::<Message>::open_or_create(there, CAPACITY)?;
            let back = mpmc::Receiver::<Message>::open_or_create(back, CAPACITY)?;
            let send = move |message: &Message| there.send(message);
            let receive = move || back.recv()?.message().ok_or_else(gone);
            work(stage.leads, way, numbers, send, receive)
        }
        Through::Service => service(stage.leads, &format!("{}-s", stage.name), numbers)?,
    })
}

/// A client that calls, and a server that replies.
fn service(leads: bool, name: &str, numbers: [Object<AtomicU64>; 2]) -> Result<Work> {
    let server = Server::<Message, Message>::open_or_create(name, SERVICE)?;
    let client = Client::<Message, Message>::open(name)?;
    Ok(Box::new(move |side, times| {
        match side {
            Side::Reference => exchange(&numbers, leads, times),
            Side::Ours => {
                for number in 0..times {
                    if leads {
                        black_box(client.call(&[number; 8])?);
                    } else {
                        let call = server.recv()?;
                        let reply = *call;
                        call.reply(&reply)?;
                    }
                }
            }
        }
        Ok(None)
    }))
}

fn gone() -> Error {
    Error::os("recv", "the partner", Errno::EPIPE)
}

pub(super) fn work(
    leads: bool,
    way: Way,
    numbers: [Object<AtomicU64>; 2],
    send: impl Fn(&Message) -> Result<()> + 'static,
    receive: impl Fn() -> Result<Message> + 'static,
) -> Work {
    Box::new(move |side, times| {
        match (side, way) {
            (Side::Reference, Way::RoundTrip) => exchange(&numbers, leads, times),
            (Side::Reference, Way::OneWay) => exchange(&numbers, leads, times.div_ceil(BURST)),
            (Side::Ours, Way::RoundTrip) => {
                for number in 0..times {
                    if leads {
                        send(&[number; 8])?;
                        black_box(receive()?);
                    } else {
                        send(&receive()?)?;
                    }
                }
            }
            // The leader sends, and waits at the end for an answer to all.
            (Side::Ours, Way::OneWay) if leads => {
                (0..times).try_for_each(|number| send(&[number; 8]))?;
                receive()?;
            }
            (Side::Ours, Way::OneWay) => {
                for _ in 0..times {
                    black_box(receive()?);
                }
                send(&[0; 8])?;
            }
        }
        Ok(None)
    })
}

/// The leader is one ahead when it waits; the follower is one behind.
fn exchange([mine, theirs]: &[Object<AtomicU64>; 2], leads: bool, times: u64) {
    let send = || mine.store(mine.load(Ordering::Relaxed) + 1, Ordering::Release);
    let receive = |behind| {
        while theirs.load(Ordering::Acquire) < mine.load(Ordering::Relaxed) + behind {
            spin_loop();
        }
    };
    for _ in 0..times {
        if leads {
            send();
            receive(0);
        } else {
            receive(1);
            send();
        }
    }
}
