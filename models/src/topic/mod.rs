//! A topic: one slot for a publisher and one for a subscriber, a queue of one cell between them,
//! and processes that follow each other in the slots, and are killed or stopped between any two
//! steps.
//!
//! A step is one atomic operation on a word that others change, or the write of a message; a search
//! through all samples is one step, and so is clearing them, which only the owner of a slot does. A
//! process that takes no step is stopped; a process that is killed takes no more steps, and the
//! others can prove it.
//!
//! | here | there, in `ipc-ring/src/topic` |
//! |---|---|
//! | `Settle` to `Reset` | `repair_publisher` |
//! | `Find`, `Claim` | `Port::loan` |
//! | `Epoch` to `Begin` | `notice`, `begin` |
//! | `Room` to `Done` | `has_room`, `wait_for_room`, `publish`, `make_room`, `withdraw` |
//! | `Leave` to `ClearSamples` | `clear_subscriber` |
//! | `Join` to `Check` | `Intake::new`, `hold_history` |
//! | `Look` to `Release` | `Intake::take`, `give_back` |
//!
//! Required:
//!
//! - A message that a subscriber holds does not change.
//! - A subscriber gets messages in order and once, and counts those that it missed. If no process
//!   is killed, a subscriber that blocks misses no message, and one that joins late gets the
//!   history.
//! - A publisher always finds a free sample.
//! - When all processes have closed their slots, or others have taken over the slots, no sample has
//!   a reference.
//! - No living process waits for ever, also not for a dead one.

mod publisher;
mod subscriber;

use crate::explore::{State, Step, explore_to_the_end};

pub const MUTANTS: &[&str] = &[
    "the history is read before the subscriber is served",
    "a message is published after subscribers are looked for",
    "nothing is withdrawn",
    "the epoch does not change",
    "a dropped message is forgotten even if it was taken",
    "a subscriber takes what is queued for the one before",
    "a sample of the history is written",
    "a sample that is queued is written",
    "the successor settles nothing",
    "the successor forgets what is in the queue",
    "the successor does not forget what was dropped",
    "a loan does not come back",
    "a number that was not published stays",
    "a stopped subscriber is taken for dead",
    "references of the dead stay",
    "a sample is held whatever is in it by now",
    "a publisher waits for a dead subscriber",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Word {
    New,
    Ready,
    Taken,
    Dropped,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Cell {
    word: Word,
    position: u8,
    number: u8,
    sample: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct Sample {
    queued: bool,
    held: bool,
    is_writing: bool,
    number: u8,
    /// The message in it: its number and its publisher.
    content: (u8, usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum WhenFull {
    Block,
    DropOldest,
    DropNewest,
}

/// The step that follows when the slot of a subscriber is clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Then {
    Join,
    Over,
    Wait,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    // A publisher.
    Open,
    Settle { closes: bool },
    Unrefer { closes: bool },
    Settled { closes: bool },
    ForgetOld { closes: bool },
    Reset { closes: bool },
    Find { sample: usize },
    Claim { sample: usize },
    Write,
    Room,
    Wait,
    Epoch { chosen: bool },
    Active { chosen: bool, epoch: u8 },
    Generation { chosen: bool, epoch: u8 },
    Again { chosen: bool, epoch: u8, generation: u8 },
    Empty { chosen: bool, epoch: u8, generation: u8 },
    ForgetEmptied { chosen: bool, epoch: u8, generation: u8, sample: usize },
    Begin { chosen: bool, epoch: u8, generation: u8 },
    Number,
    Complete,
    Publish,
    Choose,
    Drop { sample: usize },
    Forget { sample: usize },
    Queuing,
    Refer,
    Put,
    EpochAgain,
    Served,
    ServedAgain { generation: u8 },
    Withdraw,
    ForgetWithdrawn,
    Done,
    // A subscriber, or a process that clears the slot of a dead one.
    Enter,
    Leave { then: Then },
    NewEpoch { then: Then },
    ClearCell { then: Then },
    ClearSamples { then: Then },
    Free { then: Then },
    Join,
    Serve,
    ServeEpoch,
    Newest,
    History { sample: usize },
    Hold { sample: usize, number: u8 },
    Check { sample: usize, number: u8 },
    Look,
    Take { number: u8, sample: usize },
    Read,
    Release,
    Over,
    Dead,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Publisher {
    left: u8,
    published: u8,
    epoch: Option<u8>,
    serves: bool,
    tail: u8,
    sample: usize,
    /// It chose the subscriber for the message.
    chosen: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Subscriber {
    when_full: WhenFull,
    wants: u8,
    generation: u8,
    newest: u8,
    is_open: bool,
    next: u8,
    last: Option<u8>,
    history: Option<(usize, u8)>,
    /// The sample, the number, and whether it is of the history.
    has: Option<(usize, u8, bool)>,
    /// The number of messages that were published before it was open.
    joined: u8,
    has_any: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Role {
    Publisher(Publisher),
    Subscriber(Subscriber),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    history: u8,
    publisher: Option<usize>,
    subscriber: Option<usize>,
    published: u8,
    queuing: bool,
    place: usize,
    is_active: bool,
    epoch: u8,
    generation: u8,
    when_full: WhenFull,
    /// The head of the queue.
    for_generation: u8,
    base: u8,
    start: u8,
    cell: Cell,
    samples: Vec<Sample>,
    /// The messages that were published.
    messages: Vec<(u8, usize)>,
    processes: Vec<(At, Role)>,
    kills: u8,
    was_killed: bool,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    use WhenFull::{Block, DropNewest, DropOldest};
    type Config = (u8, &'static [u8], &'static [(WhenFull, u8)], u8);
    // The history, the messages of each publisher, how many each subscriber takes, kills.
    let configs: [Config; 12] = [
        (1, &[2], &[(Block, 2)], 0),
        (0, &[2], &[(Block, 1)], 1),
        (0, &[3], &[(DropOldest, 1)], 0),
        (1, &[3], &[(DropOldest, 1)], 0),
        (0, &[2], &[(DropOldest, 2)], 1),
        (1, &[3], &[(Block, 1)], 0),
        (0, &[2, 1], &[(DropOldest, 1)], 1),
        (0, &[1, 1], &[(DropOldest, 2)], 1),
        (1, &[1, 1], &[(DropOldest, 2)], 1),
        (1, &[2], &[(DropOldest, 1), (Block, 1)], 0),
        (0, &[2], &[(Block, 1), (Block, 1)], 1),
        (0, &[2], &[(DropNewest, 1), (DropOldest, 1)], 1),
    ];
    for (history, publishers, subscribers, kills) in configs {
        let publisher = |left: &u8| {
            let publisher = Publisher { left: *left, ..Publisher::default() };
            (At::Open, Role::Publisher(publisher))
        };
        let subscriber = |(when_full, wants): &(WhenFull, u8)| {
            let subscriber = Subscriber {
                when_full: *when_full,
                wants: *wants,
                generation: 0,
                newest: 0,
                is_open: false,
                next: 0,
                last: None,
                history: None,
                has: None,
                joined: 0,
                has_any: false,
            };
            (At::Enter, Role::Subscriber(subscriber))
        };
        let processes = publishers.iter().map(publisher);
        // One sample for the queue, one that is held, and those of the history and on loan.
        let samples = 3 + 2 * usize::from(history);
        let world = World {
            history,
            publisher: None,
            subscriber: None,
            published: 0,
            queuing: false,
            place: 0,
            is_active: false,
            epoch: 0,
            generation: 0,
            when_full: DropNewest,
            for_generation: 0,
            base: 0,
            start: 0,
            cell: Cell { word: Word::New, position: 0, number: 0, sample: 0 },
            samples: vec![Sample::default(); samples],
            messages: vec![(0, 0)],
            processes: processes.chain(subscribers.iter().map(subscriber)).collect(),
            kills,
            was_killed: false,
            mutant,
        };
        println!("{} states", explore_to_the_end(&world));
    }
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn is_free(&self, slot: Option<usize>) -> bool {
        slot.is_none_or(|owner| self.processes[owner].0 == At::Dead)
    }

    fn publisher_mut(&mut self, i: usize) -> &mut Publisher {
        let Role::Publisher(publisher) = &mut self.processes[i].1 else { unreachable!() };
        publisher
    }

    fn subscriber_mut(&mut self, i: usize) -> &mut Subscriber {
        let Role::Subscriber(subscriber) = &mut self.processes[i].1 else { unreachable!() };
        subscriber
    }

    /// The bit in the sample of the message in the cell is cleared, if it is that message.
    fn forget(&mut self) {
        let Cell { sample, number, .. } = self.cell;
        if self.samples[sample].number == number {
            self.samples[sample].queued = false;
        }
    }

    /// Drops the message in the cell at a position.
    fn drop_message(&mut self, position: u8) -> bool {
        let is_there = self.cell.word == Word::Ready && self.cell.position == position;
        if is_there {
            self.cell.word = Word::Dropped;
        }
        is_there || self.is("a dropped message is forgotten even if it was taken")
    }

    fn is_old(&self, sample: usize) -> bool {
        let history = if self.is("a sample of the history is written") { 0 } else { self.history };
        self.samples[sample].number <= self.published.saturating_sub(history)
    }

    fn clear_step(&mut self, i: usize, at: At) -> Result<Option<At>, String> {
        let then = match at {
            At::Leave { then } => {
                self.is_active = false;
                At::NewEpoch { then }
            }
            At::NewEpoch { then } => {
                self.change_epoch();
                At::ClearCell { then }
            }
            At::ClearCell { then } => {
                if self.cell.word == Word::Ready {
                    self.cell.word = Word::Taken;
                }
                At::ClearSamples { then }
            }
            At::ClearSamples { then } => {
                if !self.is("references of the dead stay") {
                    for it in &mut self.samples {
                        it.queued = false;
                        it.held = false;
                    }
                }
                if then == Then::Join { At::Join } else { At::Free { then } }
            }
            At::Free { then } => {
                if self.subscriber == Some(i) {
                    self.subscriber = None;
                }
                if then == Then::Wait { At::Wait } else { At::Over }
            }
            _ => unreachable!(),
        };
        Ok(Some(then))
    }

    fn change_epoch(&mut self) {
        if !self.is("the epoch does not change") {
            self.epoch += 1;
        }
    }

    /// A subscriber is open.
    fn joined(&mut self, i: usize) -> At {
        self.subscriber_mut(i).joined = self.published;
        At::Look
    }

    /// No more messages will come.
    fn is_last(&self) -> bool {
        let is_publisher = |(_, role): &&(At, Role)| matches!(role, Role::Publisher(_));
        self.processes.iter().filter(is_publisher).all(|(at, _)| matches!(at, At::Over | At::Dead))
    }

    /// The next step of a process; `None` if it waits.
    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let (at, role) = &self.processes[i];
        if matches!(at, At::Over | At::Dead) {
            return None;
        }
        let mut world = self.clone();
        let then = match role {
            Role::Publisher(publisher) => world.publisher_step(i, publisher, *at),
            Role::Subscriber(subscriber) => world.subscriber_step(i, subscriber, *at),
        };
        match then {
            Ok(None) => None,
            Ok(Some(then)) => {
                world.processes[i].0 = then;
                Some(Ok(world))
            }
            Err(why) => Some(Err(why)),
        }
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let step = |i| self.step(i).map(|then| (format!("{i} {:?}", self.processes[i].0), then));
        (0..self.processes.len()).filter_map(step).collect()
    }

    fn deaths(&self) -> Vec<Step<Self>> {
        if self.kills == 0 {
            return Vec::new();
        }
        let alive = (0..self.processes.len())
            .filter(|i| !matches!(self.processes[*i].0, At::Over | At::Dead));
        let killed = alive.map(|i| {
            let mut world = self.clone();
            world.processes[i].0 = At::Dead;
            world.kills -= 1;
            world.was_killed = true;
            (format!("{i} is killed"), Ok(world))
        });
        killed.collect()
    }

    fn is_over(&self) -> Result<bool, String> {
        if !self.processes.iter().all(|(at, _)| matches!(at, At::Over | At::Dead)) {
            return Ok(false);
        }
        // The next process in a slot frees what a dead one left there. Without such a process, it
        // stays.
        if self.publisher.is_none() && self.samples.iter().any(|sample| sample.is_writing) {
            return Err(format!("a loan is lost: {:?}", self.samples));
        }
        let is_referred = |sample: &Sample| sample.queued || sample.held;
        let is_clear = self.publisher.is_none() && self.subscriber.is_none();
        if is_clear && self.samples.iter().any(is_referred) {
            return Err(format!("a sample is lost: {:?}", self.samples));
        }
        Ok(true)
    }
}
