//! The native event: its word, threads that receive and threads that wait, and processes that are
//! killed between any two steps.
//!
//! A step is one atomic operation, one proof of a death, or one call of the word that threads sleep
//! on. A process that takes no step is stopped, and no other may take it for dead.
//!
//! | here | there, in `ipc-sync/src/futex/event.rs` |
//! |---|---|
//! | `Set`, `Notify` | `Event::set` |
//! | `Reset` | `Event::reset` |
//! | `Receive` | `Event::try_receive`, alone and in each look of `receive_until` |
//! | `Load`, `Prove`, `Take` | `Event::redeliver` |
//! | `Handle`, `NotifyNext` | the drop of a `Signal` |
//! | `Fork`, `Copy` | a child that is forked meanwhile drops its copy of the `Signal` |
//! | `Glance` | `Event::wait` |
//! | `See`, `PassOn` | each look of `Event::wait_until` |
//! | `Announce`, `Sleep` | `WaitWord::wait_on`: see [`sleepers`](crate::sleepers) |
//!
//! Required:
//!
//! - No two processes handle a signal. A signal is redelivered once for each handler that was
//!   killed, and only then.
//! - Each signal is handled after it was sent, by a thread that receives, if one lives on.
//! - No thread waits for ever beside an event that stays set.
//! - Without a death, wake-ups alone do all this. After a death, the slices do.

use crate::explore::{State, Step, explore_to_the_end};
use crate::sleepers::{Look, Sleepers};

pub const MUTANTS: &[&str] = &[
    "no look after the announcement",
    "notified before the change",
    "the next signal wakes no thread",
    "what was sent meanwhile counts as handled",
    "a thread that waits keeps the wake-up",
    "a set of manual reset wakes one thread",
    "a slice is a proof",
    "a signal is redelivered whatever its word is by now",
    "a dead handler's signal is received like a new one",
    "a forked child handles what its parent received",
    "the dead are not looked for",
    "no slices",
];

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Word {
    is_set: bool,
    handler: Option<usize>,
    again: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Set,
    Notify,
    Reset,
    Receive { look: Look },
    Load { look: Look },
    Prove { look: Look, word: Word },
    Take { look: Look, word: Word },
    Handle,
    NotifyNext,
    Fork,
    Copy,
    Glance,
    See { look: Look },
    PassOn,
    Announce,
    Sleep,
    Over,
    Dead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Role {
    /// Sends so many signals.
    Sends(u8),
    Resets,
    /// Receives signals without end.
    Receives,
    /// Receives one signal, and goes away.
    ReceivesOne,
    /// Receives, and its time may be over when it sleeps.
    ReceivesInTime,
    Waits,
    /// Is forked by another process while that handles a signal.
    Child,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Process {
    at: At,
    role: Role,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    word: Word,
    sleepers: Sleepers,
    processes: Vec<Process>,
    is_auto: bool,
    /// A signal was sent, and no thread has received it yet.
    is_sent: bool,
    /// A handler was killed, and its signal is not redelivered yet.
    is_spoilt: bool,
    /// The number of processes that may still be killed.
    kills: u8,
    has_slices: bool,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    use Role::{Child, Receives, ReceivesInTime, ReceivesOne, Resets, Sends, Waits};
    for (is_auto, kills, roles) in [
        (true, 0, vec![Sends(2), Receives, ReceivesOne]),
        (true, 0, vec![Sends(1), Sends(1), Receives, ReceivesInTime]),
        (true, 0, vec![Sends(2), Resets, Receives, Receives]),
        (true, 0, vec![Sends(2), Child, Receives, Receives]),
        (true, 0, vec![Sends(1), Waits, Waits]),
        (true, 0, vec![Sends(2), Waits, Receives, ReceivesInTime]),
        (false, 0, vec![Sends(1), Waits, Waits]),
        (false, 0, vec![Sends(2), Waits, Receives, Receives]),
        (true, 2, vec![Sends(2), Receives, ReceivesInTime]),
        (true, 1, vec![Sends(1), Receives, Receives, Receives]),
        (true, 1, vec![Sends(2), Waits, Receives]),
        (false, 1, vec![Sends(2), Waits, Receives]),
    ] {
        let first = |role| match role {
            Sends(_) if mutant == "notified before the change" => At::Notify,
            Sends(_) => At::Set,
            Resets => At::Reset,
            Receives | ReceivesOne | ReceivesInTime => At::Receive { look: Look::First },
            Waits => At::Glance,
            Child => At::Fork,
        };
        let world = World {
            word: Word::default(),
            sleepers: Sleepers::new(roles.len()),
            processes: roles.into_iter().map(|role| Process { at: first(role), role }).collect(),
            is_auto,
            is_sent: false,
            is_spoilt: false,
            kills,
            has_slices: kills > 0 && mutant != "no slices",
            mutant,
        };
        println!("{} states", explore_to_the_end(&world));
    }
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn is_dead(&self, handler: Option<usize>) -> bool {
        handler.is_some_and(|i| self.processes[i].at == At::Dead)
    }

    fn look(&self, i: usize, look: Look) -> At {
        if self.processes[i].role == Role::Waits { At::See { look } } else { At::Receive { look } }
    }

    /// After a look that found nothing.
    fn after(&self, look: Look) -> At {
        match look {
            Look::First | Look::Suspicious => At::Announce,
            Look::Announced => At::Sleep,
            Look::Late => At::Over,
        }
    }

    fn received(&mut self, i: usize, was_told: bool) -> Result<(), String> {
        if self.processes.iter().any(|process| process.at == At::Handle) {
            return Err(String::from("two handle a signal"));
        }
        if was_told != self.is_spoilt {
            return Err(format!("told: {was_told}, a handler was killed: {}", self.is_spoilt));
        }
        self.word = Word { is_set: false, handler: Some(i), again: was_told };
        (self.is_sent, self.is_spoilt) = (false, false);
        self.processes[i].at = At::Handle;
        Ok(())
    }

    /// After process `i` has handled a signal.
    fn handled(&self, i: usize) -> At {
        let goes = self.processes[i].role == Role::ReceivesOne;
        if goes { At::Over } else { At::Receive { look: Look::First } }
    }

    /// The end of a call of `set`.
    fn was_set(&mut self, i: usize) {
        let process = &mut self.processes[i];
        let Role::Sends(left) = &mut process.role else { return };
        *left -= 1;
        let early = self.mutant == "notified before the change";
        process.at = match *left {
            0 => At::Over,
            _ if early => At::Notify,
            _ => At::Set,
        };
    }

    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let mut done = Ok(());
        let next = match self.processes[i].at {
            At::Over | At::Dead | At::Notify | At::NotifyNext | At::PassOn => return None,
            At::Set => {
                world.word.is_set = true;
                world.is_sent = true;
                if self.word.is_set || self.is("notified before the change") {
                    world.was_set(i);
                    return Some(Ok(world));
                }
                At::Notify
            }
            At::Reset => {
                (world.word.is_set, world.is_sent) = (false, false);
                At::Over
            }
            At::Receive { look } => {
                let word = self.word;
                let like_new = self.is("a dead handler's signal is received like a new one");
                if word == (Word { is_set: true, ..Word::default() })
                    || like_new && word.is_set && self.is_dead(word.handler)
                {
                    done = world.received(i, false);
                    return Some(done.map(|()| world));
                }
                let looks = look.is_suspicious() && !self.is("the dead are not looked for");
                if looks { At::Load { look } } else { self.after(look) }
            }
            At::Load { look } => match self.word.handler {
                Some(handler) if handler != i => At::Prove { look, word: self.word },
                _ => self.after(look),
            },
            At::Prove { look, word } => {
                let proved = self.is_dead(word.handler) || self.is("a slice is a proof");
                if proved { At::Take { look, word } } else { self.after(look) }
            }
            At::Take { look, word } => {
                let whatever = self.is("a signal is redelivered whatever its word is by now");
                if self.word == word || whatever {
                    done = world.received(i, true);
                    return Some(done.map(|()| world));
                }
                self.after(look)
            }
            At::Handle => {
                if self.word.handler != Some(i) {
                    return Some(Err(String::from("a handler that lives lost its signal")));
                }
                let drops = self.is("what was sent meanwhile counts as handled");
                let is_set = self.word.is_set && !drops;
                world.word = Word { is_set, ..Word::default() };
                let wakes = is_set && !self.is("the next signal wakes no thread");
                if wakes { At::NotifyNext } else { self.handled(i) }
            }
            At::Fork if self.processes.iter().any(|process| process.at == At::Handle) => At::Copy,
            At::Fork => return None,
            At::Copy => {
                if self.is("a forked child handles what its parent received") {
                    world.word = Word { is_set: self.word.is_set, ..Word::default() };
                }
                At::Over
            }
            At::Glance if self.word.is_set => At::Over,
            At::Glance => At::See { look: Look::First },
            At::See { .. } if self.word.is_set => {
                let keeps = self.is("a thread that waits keeps the wake-up");
                if self.is_auto && !keeps { At::PassOn } else { At::Over }
            }
            At::See { look } => self.after(look),
            At::Announce => {
                world.sleepers.announce(i);
                let looks = !self.is("no look after the announcement");
                if looks { self.look(i, Look::Announced) } else { At::Sleep }
            }
            At::Sleep if self.sleepers.is_asleep(i) => return None,
            At::Sleep if world.sleepers.sleep(i) => At::Sleep,
            At::Sleep => {
                world.sleepers.leave(i);
                self.look(i, Look::First)
            }
        };
        world.processes[i].at = next;
        Some(done.map(|()| world))
    }

    /// The wake-up by process `i`, for each thread that it may reach.
    fn notifies(&self, i: usize) -> Vec<Step<Self>> {
        let at = self.processes[i].at;
        let one = self.is_auto || self.is("a set of manual reset wakes one thread");
        let all = at == At::Notify && !one;
        let words = if all {
            let mut word = self.sleepers.clone();
            word.notify_all();
            vec![word]
        } else {
            self.sleepers.notify_one()
        };
        let notified = words.into_iter().map(|sleepers| {
            let mut world = Self { sleepers, ..self.clone() };
            match at {
                At::Notify if self.is("notified before the change") => {
                    world.processes[i].at = At::Set;
                }
                At::Notify => world.was_set(i),
                At::NotifyNext => world.processes[i].at = self.handled(i),
                _ => world.processes[i].at = At::Over,
            }
            (format!("{i} {at:?}"), Ok(world))
        });
        notified.collect()
    }

    /// Process `i` leaves the word that it sleeps on.
    fn leave(&self, i: usize, at: At, what: &str) -> Step<Self> {
        let mut world = self.clone();
        world.sleepers.leave(i);
        world.processes[i].at = at;
        (format!("{i} {what}"), Ok(world))
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let mut steps = Vec::new();
        for (i, process) in self.processes.iter().enumerate() {
            match process.at {
                At::Notify | At::NotifyNext | At::PassOn => steps.extend(self.notifies(i)),
                At::Sleep if self.sleepers.is_asleep(i) && self.has_slices => {
                    let look = self.look(i, Look::Suspicious);
                    steps.push(self.leave(i, look, "has slept for a slice"));
                }
                at => steps.extend(self.step(i).map(|then| (format!("{i} {at:?}"), then))),
            }
        }
        steps
    }

    /// And the ends of their time: nothing may depend on those either.
    fn deaths(&self) -> Vec<Step<Self>> {
        let mut deaths = Vec::new();
        for (i, process) in self.processes.iter().enumerate() {
            if process.role == Role::ReceivesInTime && process.at == At::Sleep {
                let look = self.look(i, Look::Late);
                deaths.push(self.leave(i, look, "has no more time"));
            }
            if self.kills > 0 && !matches!(process.at, At::Over | At::Dead | At::Fork) {
                let notifies = matches!(process.at, At::Notify | At::NotifyNext | At::PassOn);
                let (what, mut killed) = self.leave(i, At::Dead, "is killed");
                if let Ok(world) = &mut killed {
                    world.kills -= 1;
                    world.is_spoilt |= process.at == At::Handle;
                }
                if let (true, Ok(world)) = (notifies, &killed) {
                    let sleepers = world.sleepers.interrupted();
                    let what = format!("{i} is killed before the wake-up");
                    deaths.push((what, Ok(Self { sleepers, ..world.clone() })));
                }
                deaths.push((what, killed));
            }
        }
        deaths
    }

    fn is_over(&self) -> Result<bool, String> {
        let lives = |i: &usize| !matches!(self.processes[*i].at, At::Over | At::Dead | At::Fork);
        let over = (0..self.processes.len()).filter(lives).all(|i| {
            let left = match self.processes[i].role {
                Role::Waits => self.word.is_set,
                Role::Sends(_) | Role::Resets | Role::Child => true,
                _ => self.is_sent || self.is_spoilt,
            };
            !left && self.sleepers.is_asleep(i)
        });
        Ok(over)
    }
}
