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
//! Required:
//!
//! - What is received is whole, and is received once.
//! - Without a living process in the middle of a call, every message that was published is received,
//!   and every other position that was claimed is counted as lost, once.
//! - No living process waits for ever for a dead one.

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
    Clear { slot: usize, of: usize, cell: usize },
    ClearOwner { slot: usize, of: usize, cell: usize, word: Word },
    ClearLose { slot: usize, of: usize, cell: usize, word: Word },
    Seize { slot: usize, of: usize },
    Tail,
    Look { position: u8 },
    Full { position: u8, word: Word },
    Claim { position: u8, word: Word },
    Move { position: u8 },
    Write { position: u8 },
    Finish { position: u8 },
    Publish { position: u8 },
    Leave,
    Head,
    See { position: u8 },
    /// Waits while the word is this.
    Wait { position: u8, word: Word },
    Copy { position: u8, word: Word },
    Take { position: u8, word: Word, message: Message },
    Pass { position: u8, word: Word },
    Owner { position: u8, word: Word },
    Prove { position: u8, word: Word, of: Option<usize> },
    Lose { position: u8, word: Word },
    Over,
    Dead,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Process {
    at: At,
    slot: usize,
    /// The messages that a sender has still to send.
    left: u8,
    /// The number of the next one, or the position before which a receiver knows all are received.
    next: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    words: Vec<Word>,
    messages: Vec<Message>,
    slots: Vec<Option<usize>>,
    tail: u8,
    head: u8,
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

pub fn run(mutant: &'static str) {
    // Capacity, slots, the messages of each sender, receivers, kills.
    for (capacity, slots, senders, receivers, kills) in [
        (1, 2, &[2, 1][..], 2, 0),
        (2, 2, &[2, 2], 1, 1),
        (1, 1, &[1, 1, 1], 1, 2),
        (2, 1, &[1, 1, 1], 1, 1),
        (1, 2, &[1, 1], 2, 2),
    ] {
        let sender = |(i, left): (usize, &u8)| Process {
            at: At::Slot,
            slot: 0,
            left: *left,
            next: 8 * i as u8,
        };
        let receiver = Process { at: At::Head, slot: 0, left: RECEIVER, next: 0 };
        let mut processes: Vec<_> = senders.iter().enumerate().map(sender).collect();
        processes.extend(vec![receiver; receivers]);
        let world = World {
            words: vec![(0, Cell::Free); capacity],
            messages: vec![(0, false); capacity],
            slots: vec![None; slots],
            tail: 0,
            head: 0,
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

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn is_dead(&self, i: usize) -> bool {
        self.processes[i].at == At::Dead
    }

    fn cell(&self, position: u8) -> usize {
        position as usize % self.words.len()
    }

    fn lap(&self, position: u8) -> u8 {
        position / self.words.len() as u8
    }

    fn word(&self, position: u8) -> Word {
        self.words[self.cell(position)]
    }

    /// Replaces exactly this word.
    fn replace(&mut self, position: u8, from: Word, to: Word) -> bool {
        let cell = self.cell(position);
        let replaced = self.words[cell] == from;
        if replaced {
            self.words[cell] = to;
        }
        replaced
    }

    /// The position after the one of the lap before that of a word, in the cell of a position.
    fn after(&self, position: u8, word: Word) -> u8 {
        let capacity = self.words.len() as u8;
        (word.0 - 1) * capacity + position % capacity + 1
    }

    fn receive(&mut self, message: Message) -> Result<(), String> {
        if !message.1 {
            return Err(String::from("a torn message is received"));
        }
        if self.received >> message.0 & 1 == 1 {
            return Err(format!("message {} is received twice", message.0));
        }
        self.received |= 1 << message.0;
        Ok(())
    }

    /// The next step of a process; `None` if it waits.
    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let Process { at, slot: mine, next, .. } = self.processes[i];
        let mut done = Ok(());
        let then = match at {
            At::Over | At::Dead => return None,
            At::Slot => {
                if let Some(slot) = self.slots.iter().position(Option::is_none) {
                    world.slots[slot] = Some(i);
                    world.processes[i].slot = slot;
                    At::Tail
                } else {
                    let dead = |slot: &Option<usize>| slot.is_some_and(|of| self.is_dead(of));
                    let slot = self.slots.iter().position(dead)?;
                    let of = self.slots[slot].unwrap_or(0);
                    if self.is("a slot is taken over with its cells") {
                        At::Seize { slot, of }
                    } else {
                        At::Clear { slot, of, cell: 0 }
                    }
                }
            }
            At::Clear { slot, of, cell } => match self.words.get(cell) {
                None => At::Seize { slot, of },
                Some(&word) if word.1 == Cell::Owned(slot) => {
                    At::ClearOwner { slot, of, cell, word }
                }
                Some(_) => At::Clear { slot, of, cell: cell + 1 },
            },
            At::ClearOwner { slot, of, cell, word } => {
                let careless = self.is("a cell is cleared whatever its slot is by now");
                if self.slots[slot] == Some(of) || careless {
                    At::ClearLose { slot, of, cell, word }
                } else {
                    At::Slot
                }
            }
            At::ClearLose { slot, of, cell, word } => {
                world.replace(cell as u8, word, (word.0, Cell::Lost));
                if self.is("a loss is counted by all who see the death") {
                    world.lost += 1;
                }
                At::Clear { slot, of, cell: cell + 1 }
            }
            At::Seize { slot, of } => {
                if self.slots[slot] == Some(of) {
                    world.slots[slot] = Some(i);
                    world.processes[i].slot = slot;
                    At::Tail
                } else {
                    At::Slot
                }
            }
            At::Tail => At::Look { position: self.tail },
            At::Look { position } => {
                let (word, lap) = (self.word(position), self.lap(position));
                let early = self.is("the tail moves before the claim");
                let any_lap = self.is("the lap is not compared") && word.1 == Cell::Free;
                if word == (lap, Cell::Free) || any_lap {
                    if early {
                        world.tail = position + 1;
                    }
                    At::Claim { position, word }
                } else if word.0 == lap {
                    At::Look { position: position + 1 }
                } else if word.0 > lap {
                    At::Look { position: self.after(position, word) }
                } else {
                    At::Full { position, word }
                }
            }
            At::Full { position, word } => {
                if self.word(position) == word {
                    return None;
                }
                At::Look { position }
            }
            At::Claim { position, word } => {
                if world.replace(position, word, (word.0, Cell::Owned(mine))) {
                    world.claimed += 1;
                    At::Move { position }
                } else {
                    At::Look { position }
                }
            }
            At::Move { position } => {
                if !self.is("the tail moves before the claim") {
                    world.tail = position + 1;
                }
                if self.is("published before it is written") {
                    At::Publish { position }
                } else {
                    At::Write { position }
                }
            }
            At::Write { position } => {
                let cell = self.cell(position);
                world.messages[cell] = (next, false);
                At::Finish { position }
            }
            At::Finish { position } => {
                let cell = self.cell(position);
                world.messages[cell] = (next, true);
                if self.is("published before it is written") {
                    world.sent(i)
                } else {
                    At::Publish { position }
                }
            }
            At::Publish { position } => {
                let cell = self.cell(position);
                world.words[cell] = (self.lap(position), Cell::Ready);
                world.published |= 1 << next;
                if self.is("published before it is written") {
                    At::Write { position }
                } else {
                    world.sent(i)
                }
            }
            At::Leave => {
                if self.slots[mine] == Some(i) {
                    world.slots[mine] = None;
                }
                At::Over
            }
            At::Head => At::See { position: self.head.max(next) },
            At::See { position } => {
                let (word, lap) = (self.word(position), self.lap(position));
                match word.1 {
                    _ if word.0 > lap => At::See { position: self.after(position, word) },
                    _ if word.0 < lap => {
                        done = Err(String::from("a receiver is a lap ahead"));
                        At::Over
                    }
                    Cell::Ready => {
                        if self.is("the head moves before the message is received") {
                            world.head = position + 1;
                        }
                        At::Copy { position, word }
                    }
                    Cell::Lost => At::Pass { position, word },
                    Cell::Owned(_) | Cell::Free => At::Wait { position, word },
                }
            }
            At::Wait { position, word } => match word.1 {
                _ if self.word(position) != word => At::See { position },
                Cell::Owned(_) if self.is("a receiver waits for the dead") => return None,
                // A slice is over.
                Cell::Owned(slot) => {
                    let of = self.slots[slot];
                    let wants = self.is("a stopped sender is given up")
                        || of.is_some_and(|of| self.is_dead(of));
                    if !wants {
                        return None;
                    }
                    if self.is("the slot is read before the cell") {
                        At::Prove { position, word, of }
                    } else {
                        At::Owner { position, word }
                    }
                }
                _ => return None,
            },
            At::Owner { position, word } => {
                let Cell::Owned(slot) = word.1 else { unreachable!() };
                At::Prove { position, word, of: self.slots[slot] }
            }
            At::Prove { position, word, of } => {
                let is_dead = of.is_some_and(|of| self.is_dead(of));
                // The mutant has read the slot before, and reads the cell only now.
                let found = self.word(position);
                let late = matches!(found.1, Cell::Owned(_)).then_some(found);
                match late {
                    Some(word) if is_dead && self.is("the slot is read before the cell") => {
                        At::Lose { position, word }
                    }
                    _ if is_dead || self.is("a stopped sender is given up") => {
                        At::Lose { position, word }
                    }
                    _ => At::See { position },
                }
            }
            At::Lose { position, word } => {
                world.replace(position, word, (word.0, Cell::Lost));
                if self.is("a loss is counted by all who see the death") {
                    world.lost += 1;
                }
                At::See { position }
            }
            At::Copy { position, word } => {
                if self.is("a receiver copies what it has freed") {
                    if world.replace(position, word, (word.0 + 1, Cell::Free)) {
                        At::Take { position, word, message: (0, false) }
                    } else {
                        At::See { position }
                    }
                } else {
                    let message = self.messages[self.cell(position)];
                    At::Take { position, word, message }
                }
            }
            At::Take { position, word, message } => {
                let cell = self.cell(position);
                let freed = (word.0 + 1, Cell::Free);
                let (taken, message) = if self.is("a receiver copies what it has freed") {
                    (true, self.messages[cell])
                } else if self.is("a receiver does not compare") {
                    world.words[cell] = freed;
                    (true, message)
                } else {
                    (world.replace(position, word, freed), message)
                };
                if taken {
                    done = world.receive(message);
                    world.head = position + 1;
                    world.processes[i].next = position + 1;
                    At::Head
                } else {
                    At::See { position }
                }
            }
            At::Pass { position, word } => {
                if world.replace(position, word, (word.0 + 1, Cell::Free)) {
                    world.lost += u8::from(!self.is("a loss is counted by all who see the death"));
                    world.head = position + 1;
                    world.processes[i].next = position + 1;
                    At::Head
                } else {
                    At::See { position }
                }
            }
        };
        world.processes[i].at = then;
        Some(done.map(|()| world))
    }

    /// Sender `i` has sent a message.
    fn sent(&mut self, i: usize) -> At {
        let process = &mut self.processes[i];
        process.left -= 1;
        process.next += 1;
        if process.left > 0 { At::Tail } else { At::Leave }
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
