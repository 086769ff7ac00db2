//! The queue of many senders and receivers: cells that are claimed by their words, and processes
//! that are killed between any two steps.
//!
//! A step is one atomic operation, or half of the copy of a message. A process that takes no step is
//! stopped; a process that is killed takes no more steps, and the others can prove it. A process that
//! waits goes on when the word that it waits for has changed, or when it can prove a death: the
//! slices of `ipc-core/src/patience.rs`.
//!
//! | here | there, in `ipc-ring/src/mpmc/protocol.rs` |
//! |---|---|
//! | `Slot` to `Seize` | `claim_slot` and `clear` |
//! | `Tail` to `Move` | `claim` |
//! | `Write`, `Finish`, `Publish` | `publish` |
//! | `Leave` | `free_slot` |
//! | `Head` to `Pass` | `receive` |
//! | `Owner` to `Lose` | `give_up` |
//!
//! A priority is a lane: cells, a tail and a head of its own. Slots and waits are those of all lanes.
//!
//! Required:
//!
//! - What is received is whole, and is received once.
//! - Without a living process in the middle of a call, every message that was published is received,
//!   and every other position that was claimed is counted as lost, once.
//! - No message is received before one of a higher priority that was published before the call.
//! - No living process waits for ever for a dead one.

mod world;

use crate::explore::{State, Step, explore};

pub const MUTANTS: &[&str] = &[
    "the slot is read before the cell",
    "a slot is taken over with its cells",
    "a cell is cleared whatever its slot is by now",
    "a stopped sender is given up",
    "the tail moves before the claim",
    "the head moves before the message is received",
    "a receiver does not compare",
    "a receiver copies what it has freed",
    "published before it is written",
    "a loss is counted by all who see the death",
    "a receiver waits for the dead",
    "the lap is not compared",
    "only the cells of the lowest priority are cleared",
    "a slice looks at the lowest priority only",
    "the lowest priority comes first",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Cell {
    Free,
    Owned(usize),
    Ready,
    Lost,
}

/// A word: a lap and a state.
type Word = (u8, Cell);

/// A message: its number, and whether it is whole.
type Message = (u8, bool);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Slot,
    /// Looks for cells of a dead process, from one on, in a slot.
    Clear {
        slot: usize,
        of: usize,
        cell: usize,
    },
    ClearOwner {
        slot: usize,
        of: usize,
        cell: usize,
        word: Word,
    },
    ClearLose {
        slot: usize,
        of: usize,
        cell: usize,
        word: Word,
    },
    Seize {
        slot: usize,
        of: usize,
    },
    Tail,
    Look {
        position: u8,
    },
    Full {
        position: u8,
        word: Word,
    },
    Claim {
        position: u8,
        word: Word,
    },
    Move {
        position: u8,
    },
    Write {
        position: u8,
    },
    Finish {
        position: u8,
    },
    Publish {
        position: u8,
    },
    Leave,
    Head,
    See {
        position: u8,
    },
    /// Waits while the word is this.
    Wait {
        position: u8,
        word: Word,
    },
    Copy {
        position: u8,
        word: Word,
    },
    Take {
        position: u8,
        word: Word,
        message: Message,
    },
    Pass {
        position: u8,
        word: Word,
    },
    Owner {
        position: u8,
        word: Word,
    },
    Prove {
        position: u8,
        word: Word,
        of: Option<usize>,
    },
    Lose {
        position: u8,
        word: Word,
    },
    Over,
    Dead,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Process {
    at: At,
    slot: usize,
    /// The messages that a sender has still to send.
    left: u8,
    /// The number of the next one, or the positions before which a receiver knows all are received.
    next: [u8; 2],
    /// The messages of the higher priority that were published when a receiver began to look.
    before: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    capacity: u8,
    words: Vec<Word>,
    messages: Vec<Message>,
    slots: Vec<Option<usize>>,
    tail: [u8; 2],
    head: [u8; 2],
    processes: Vec<Process>,
    /// Sets of messages.
    published: u32,
    received: u32,
    /// Positions that were claimed, and those counted as lost.
    claimed: u8,
    lost: u8,
    kills: u8,
    mutant: &'static str,
}

const RECEIVER: u8 = u8::MAX;

/// The position with the number 0 in the higher lane.
const HIGHER: u8 = 64;

/// The messages of senders with odd numbers, which have the higher priority if there are two.
const URGENT: u32 = 0xff00_ff00;

fn lane(position: u8) -> usize {
    usize::from(position / HIGHER)
}

pub fn run(mutant: &'static str) {
    // Lanes, capacity, slots, the messages of each sender, receivers, kills.
    for (lanes, capacity, slots, senders, receivers, kills) in [
        (1, 1, 2, &[2, 1][..], 2, 0),
        (1, 2, 2, &[2, 2], 1, 1),
        (1, 1, 1, &[1, 1, 1], 1, 2),
        (1, 2, 1, &[1, 1, 1], 1, 1),
        (1, 1, 2, &[1, 1], 2, 2),
        (2, 1, 2, &[2, 2], 1, 1),
        (2, 1, 1, &[1, 1, 1], 1, 1),
        (2, 1, 2, &[1, 1], 2, 1),
    ] {
        let sender = |(i, left): (usize, &u8)| Process {
            at: At::Slot,
            slot: 0,
            left: *left,
            next: [8 * i as u8; 2],
            before: 0,
        };
        let receiver =
            Process { at: At::Head, slot: 0, left: RECEIVER, next: [0, HIGHER], before: 0 };
        let mut processes: Vec<_> = senders.iter().enumerate().map(sender).collect();
        processes.extend(vec![receiver; receivers]);
        let world = World {
            capacity,
            words: vec![(0, Cell::Free); lanes * usize::from(capacity)],
            messages: vec![(0, false); lanes * usize::from(capacity)],
            slots: vec![None; slots],
            tail: [0, HIGHER],
            head: [0, HIGHER],
            processes,
            published: 0,
            received: 0,
            claimed: 0,
            lost: 0,
            kills,
            mutant,
        };
        println!("{} states", explore(&world));
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let step = |i| self.step(i).map(|then| (format!("{i} {:?}", self.processes[i].at), then));
        (0..self.processes.len()).filter_map(step).collect()
    }

    fn deaths(&self) -> Vec<Step<Self>> {
        if self.kills == 0 {
            return Vec::new();
        }
        let alive = (0..self.processes.len())
            .filter(|i| !matches!(self.processes[*i].at, At::Over | At::Dead));
        let killed = alive.map(|i| {
            let mut world = self.clone();
            world.processes[i].at = At::Dead;
            world.kills -= 1;
            (format!("{i} is killed"), Ok(world))
        });
        killed.collect()
    }

    fn is_over(&self) -> Result<bool, String> {
        let (receivers, senders): (Vec<_>, Vec<_>) =
            self.processes.iter().partition(|process| process.left == RECEIVER);
        if receivers.iter().all(|process| process.at == At::Dead) {
            // The queue may be full for ever.
            return Ok(true);
        }
        let waits = |process: &&Process| matches!(process.at, At::Wait { .. } | At::Dead);
        let is_over = senders.iter().all(|process| matches!(process.at, At::Over | At::Dead))
            && receivers.iter().all(waits)
            && self.words.iter().all(|word| word.1 == Cell::Free)
            && self.steps().is_empty();
        let published = self.published.count_ones();
        if is_over && self.received.count_ones() != published {
            return Err(format!("{:b} published, {:b} received", self.published, self.received));
        }
        if is_over && u32::from(self.claimed - self.lost.min(self.claimed)) != published {
            return Err(format!("{} claimed, {} lost", self.claimed, self.lost));
        }
        Ok(is_over)
    }
}
