//! The ring from one sender to one receiver: two numbers, two ends that processes open one after
//! the other, and processes that are killed between any two steps.
//!
//! A step is one atomic operation, or half of the copy of a message. A process that takes no step is
//! stopped; a process that is killed takes no more steps, and the others can prove it. A process that
//! waits goes on when the number that it waits for has changed, or the other end has: the slices of
//! `ipc-core/src/patience.rs`. An end that finds the other end gone waits for its successor.
//!
//! | here | there, in `ipc-ring/src/spsc` |
//! |---|---|
//! | `End`, `Claim` | `claim` |
//! | `Begin` | `open` of both ends |
//! | `Room` to `Publish` | `room`, `wait_for_room`, `publish` |
//! | `Look` to `Release` | `look`, `none_or_gone`, `release` |
//! | `Await` | `wait_for_sender` |
//! | `Close` | `drop` |
//!
//! Required:
//!
//! - Each end is open in at most one process that is alive.
//! - The messages that are received are whole, and their numbers are 0, 1, 2 and so on.
//! - A receiver that is told that the sender is gone has received all of its messages.
//! - Without a living process in the middle of a call, every message that was sent is received.
//! - No living process waits for ever for a dead one.

use crate::explore::{State, Step, explore};

pub const MUTANTS: &[&str] = &[
    "sent before it is written",
    "released before it is copied",
    "a message is sent to a full ring",
    "a new sender begins where the receiver is",
    "a new receiver begins where the sender is",
    "a stopped end is taken over",
    "an end is opened without a comparison",
    "the sender is gone without a second look",
    "a receiver waits for the dead",
    "a message of a sender that came and went is not waited for",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum End {
    Absent,
    Open(usize),
    Closed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    End,
    Claim {
        found: End,
    },
    Begin,
    Room,
    Full,
    Write,
    Finish,
    Publish,
    Look,
    /// The ring was empty: looks whether the sender is gone.
    Peer,
    /// The sender is gone, and has sent that number: looks again.
    Last {
        sent: u8,
    },
    Gone {
        sent: u8,
    },
    /// Waits for the next sender.
    Await,
    Copy,
    Release {
        message: (u8, bool),
    },
    Close,
    Over,
    Dead,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Process {
    at: At,
    sends: bool,
    /// The number of the next message of this end.
    next: u8,
    /// The number of the other end, as this one has seen it last.
    seen: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    /// The number of a message, and whether it is whole.
    messages: Vec<(u8, bool)>,
    sent: u8,
    received: u8,
    sender: End,
    receiver: End,
    processes: Vec<Process>,
    kills: u8,
    /// The number of messages to send in all.
    total: u8,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    // Capacity, senders, receivers, messages, kills.
    for (capacity, senders, receivers, total, kills) in
        [(1, 1, 1, 3, 0), (2, 2, 1, 4, 1), (2, 1, 2, 4, 1), (1, 2, 2, 3, 2), (2, 2, 2, 3, 1)]
    {
        let process = |sends| Process { at: At::End, sends, next: 0, seen: 0 };
        let mut processes = vec![process(true); senders];
        processes.extend(vec![process(false); receivers]);
        let world = World {
            messages: vec![(0, false); capacity],
            sent: 0,
            received: 0,
            sender: End::Absent,
            receiver: End::Absent,
            processes,
            kills,
            total,
            mutant,
        };
        println!("{} states", explore(&world));
    }
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn is_gone(&self, end: End) -> bool {
        match end {
            End::Absent => false,
            End::Open(of) => self.processes[of].at == At::Dead,
            End::Closed => true,
        }
    }

    fn end(&self, sends: bool) -> End {
        if sends { self.sender } else { self.receiver }
    }

    fn set_end(&mut self, sends: bool, end: End) {
        *(if sends { &mut self.sender } else { &mut self.receiver }) = end;
    }

    fn place(&self, number: u8) -> usize {
        number as usize % self.messages.len()
    }

    /// Process `i` has opened an end.
    fn opened(&self, i: usize) -> Result<(), String> {
        let sends = self.processes[i].sends;
        let has_it = |process: &Process| {
            process.sends == sends
                && !matches!(process.at, At::End | At::Claim { .. } | At::Over | At::Dead)
        };
        let others = self.processes.iter().enumerate().filter(|(other, _)| *other != i);
        match others.filter(|(_, process)| has_it(process)).count() {
            0 => Ok(()),
            _ => Err(format!("two processes have the end of {i} open")),
        }
    }

    /// The next step of a process; `None` if it waits.
    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let Process { at, sends, next, seen } = self.processes[i];
        let capacity = self.messages.len() as u8;
        let mut done = Ok(());
        let then = match at {
            At::Over | At::Dead => return None,
            At::End => {
                let found = self.end(sends);
                let is_taken = self.is("a stopped end is taken over") && found != End::Absent;
                if found != End::Absent && !self.is_gone(found) && !is_taken {
                    return None; // busy: the caller tries again
                }
                At::Claim { found }
            }
            At::Claim { found } => {
                let is_same = self.end(sends) == found;
                if is_same || self.is("an end is opened without a comparison") {
                    world.set_end(sends, End::Open(i));
                    done = world.opened(i);
                    At::Begin
                } else {
                    At::End
                }
            }
            At::Begin => {
                let swaps = self.is("a new sender begins where the receiver is") && sends
                    || self.is("a new receiver begins where the sender is") && !sends;
                let (mine, other) = if sends == swaps {
                    (self.received, self.sent)
                } else {
                    (self.sent, self.received)
                };
                world.processes[i].next = mine;
                world.processes[i].seen = other;
                if sends { At::Room } else { At::Look }
            }
            At::Room => {
                if next == self.total {
                    At::Close
                } else if next - seen.min(next) < capacity
                    || self.is("a message is sent to a full ring")
                {
                    if self.is("sent before it is written") { At::Publish } else { At::Write }
                } else {
                    At::Full
                }
            }
            At::Full => {
                if self.received == seen {
                    return None;
                }
                world.processes[i].seen = self.received;
                At::Room
            }
            At::Write => {
                let place = self.place(next);
                world.messages[place] = (next, false);
                At::Finish
            }
            At::Finish => {
                let place = self.place(next);
                world.messages[place] = (next, true);
                if self.is("sent before it is written") {
                    world.processes[i].next += 1;
                    At::Room
                } else {
                    At::Publish
                }
            }
            At::Publish => {
                world.sent = next + 1;
                if self.is("sent before it is written") {
                    At::Write
                } else {
                    world.processes[i].next += 1;
                    At::Room
                }
            }
            At::Look => {
                world.processes[i].seen = self.sent;
                if next == self.total {
                    At::Close
                } else if self.sent == next {
                    At::Peer
                } else if self.is("released before it is copied") {
                    At::Release { message: (0, false) }
                } else {
                    At::Copy
                }
            }
            At::Peer => {
                let waits = self.is("a receiver waits for the dead");
                if self.sender == End::Closed || self.is_gone(self.sender) && !waits {
                    let sent = self.sent;
                    if self.is("the sender is gone without a second look") {
                        At::Gone { sent }
                    } else {
                        At::Last { sent }
                    }
                } else if self.sent != seen {
                    At::Look
                } else {
                    return None;
                }
            }
            At::Last { sent } => {
                world.processes[i].seen = self.sent;
                if self.sent == next { At::Gone { sent } } else { At::Look }
            }
            At::Gone { sent } => {
                if sent != next {
                    done = Err(String::from("the sender is reported gone beside its message"));
                }
                At::Await
            }
            At::Await => {
                let is_there = self.sent != next
                    && !self.is("a message of a sender that came and went is not waited for");
                if self.is_gone(self.sender) && !is_there {
                    return None;
                }
                At::Look
            }
            At::Copy => {
                let message = self.messages[self.place(next)];
                if self.is("released before it is copied") {
                    done = world.got(i, message);
                    At::Look
                } else {
                    At::Release { message }
                }
            }
            At::Release { message } => {
                world.received = next + 1;
                if self.is("released before it is copied") {
                    At::Copy
                } else {
                    done = world.got(i, message);
                    At::Look
                }
            }
            At::Close => {
                if self.end(sends) == End::Open(i) {
                    world.set_end(sends, End::Closed);
                }
                At::Over
            }
        };
        world.processes[i].at = then;
        Some(done.map(|()| world))
    }

    /// Receiver `i` has received a message.
    fn got(&mut self, i: usize, message: (u8, bool)) -> Result<(), String> {
        let wanted = self.processes[i].next;
        self.processes[i].next += 1;
        if message == (wanted, true) {
            Ok(())
        } else {
            Err(format!("found {message:?} as message {wanted}"))
        }
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
        let is_absent = self.sender == End::Absent;
        let is_at_rest = |process: &Process| match process.at {
            At::Over | At::Dead => true,
            // It waits for a sender that never comes.
            At::Peer => is_absent,
            At::Await | At::End => !process.sends,
            _ => false,
        };
        let mut receivers = self.processes.iter().filter(|process| !process.sends);
        if receivers.all(|process| process.at == At::Dead) {
            // The ring may be full for ever.
            return Ok(true);
        }
        let is_over = self.processes.iter().all(is_at_rest) && self.steps().is_empty();
        if is_over && self.sent != self.received {
            return Err(format!("{} messages sent, {} received", self.sent, self.received));
        }
        let mut senders = self.processes.iter().filter(|process| process.sends);
        if is_over && senders.any(|process| process.at == At::Over) && self.sent != self.total {
            return Err(format!("{} messages sent, of {}", self.sent, self.total));
        }
        Ok(is_over)
    }
}
