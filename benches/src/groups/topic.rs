//! Topics between two processes.

use std::hint::black_box;

use ipc_core::{Error, Result};
use ipc_ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};
use ipc_testkit::fixture;

use super::ring::{Message, Way, work};
use crate::partners::{Cores, Other, Stage, Work, visit};
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "topic",
    about: "Messages through topics to another process and back, and one way, beside two processes that never sleep and\n\
            exchange two atomic integers; one way, each of their exchanges stands for 64 messages. Subscribers block, so\n\
            that each receives all. The 8 subscribers are in one process, which takes each message 8 times. A message\n\
            of 1 MiB is loaned: its first and its last element are written and read in place. Last, the time of a\n\
            publisher alone: 8 subscribers that do not read, for which it drops the oldest message each time, beside a\n\
            copy of 64 bytes.",
    ratio: Ratio::Time,
    pairs,
};

const QUEUE: usize = 64;
const LARGE: usize = (1 << 20) / size_of::<u64>();

/// The number of subscribers, and the number of elements.
const ROWS: [(&str, Way, usize, usize); 4] = [
    ("64 B, there and back", Way::RoundTrip, 1, 8),
    ("1 MiB, there and back", Way::RoundTrip, 1, LARGE),
    ("64 B, one way", Way::OneWay, 1, 8),
    ("64 B, one way to 8 subscribers", Way::OneWay, 8, 8),
];

fn pairs(found: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    for (row, (name, ..)) in ROWS.into_iter().enumerate() {
        visit(found, name, ("topic", row), (Other::Process, Cores::Two), None)?;
    }
    found(alone()?)
}

fn options(subscribers: usize, len: usize) -> TopicOptions {
    let options = TopicOptions::new().max_publishers(1).max_subscribers(subscribers);
    options.max_len(len).queue(if len == LARGE { 2 } else { QUEUE })
}

pub(crate) fn scene(stage: &mut Stage, row: usize) -> Result<Work> {
    let (_, way, subscribers, len) = ROWS[row];
    let numbers = [stage.number()?, stage.number()?];
    let numbers = stage.mine_and_theirs(numbers);
    let names = [format!("{}-a", stage.name), format!("{}-b", stage.name)];
    let [there, back] = stage.mine_and_theirs(names);
    let there = Publisher::<[u64]>::open_or_create(there, options(subscribers, len))?;
    // The leader waits for one answer, which comes through one subscriber.
    let count = if stage.leads { 1 } else { subscribers };
    let open =
        |_| Subscriber::<[u64]>::open_or_create(&*back, options(subscribers, len), WhenFull::Block);
    let back: Vec<_> = (0..count).map(open).collect::<Result<_>>()?;
    let send = move |message: &Message| {
        let mut loan = there.loan(len)?;
        if len == message.len() {
            loan.write_at(0, message)?;
        } else {
            loan.write_at(0, &message[..1])?;
            loan.write_at(len - 1, &message[..1])?;
        }
        loan.publish()
    };
    let receive = move || {
        let mut message = [0; 8];
        for subscriber in &back {
            let sample = subscriber.recv()?;
            if len == message.len() {
                sample.copy_to(0, &mut message);
            } else {
                let ends = [sample.get(0), sample.get(len - 1)];
                message[0] = ends[0].filter(|_| ends[0] == ends[1]).ok_or_else(torn)?;
            }
        }
        Ok(message)
    };
    Ok(work(stage.leads, way, numbers, send, receive))
}

fn torn() -> Error {
    Error::mismatch("recv", "the topic", "found two messages in one")
}

fn alone() -> Result<Pair> {
    let (name, from) = (fixture::name(), [2_u64; 8]);
    let topic = Publisher::<Message>::create(&*name, TopicOptions::new().max_subscribers(8))?;
    let open = |_| Subscriber::<Message>::open(&*name, WhenFull::DropOldest);
    let subscribers: Vec<_> = (0..8).map(open).collect::<Result<_>>()?;
    let mut to = Box::new([0_u64; 8]);
    Ok(Pair::new("64 B, the publisher alone, 8 subscribers", move |side, times| {
        black_box(&subscribers);
        for _ in 0..times {
            match side {
                Side::Ours => topic.publish(black_box(&from))?,
                Side::Reference => black_box(&mut to).copy_from_slice(black_box(&from)),
            }
        }
        Ok(())
    }))
}
