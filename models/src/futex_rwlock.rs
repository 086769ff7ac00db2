//! The native read/write lock: readers that are counted per process, writers, and processes that
//! are killed with all their threads between any two steps.
//!
//! A step is one atomic operation. The lock's own word, and sleeping and waking, are in
//! [`futex_lock`](crate::futex_lock); here a waiting thread continues when it can.
//!
//! | here | there |
//! |---|---|
//! | `Enter`, `Look`, `Leave`, `Wait` | `enters`, `read_again` in `ipc-sync/src/futex/rwlock.rs` |
//! | `Acquire`, `Drain`, `Start` | `write_until`: the word, the readers, and the writer |
//! | `Unlock`, `Stop`, `Release` | `unlock`, which does not know whose guard is dropped |
//! | `Discount`, `TakeOver` | `Readers::take_back`, `OwnedLock::take_over` |
//!
//! Required:
//!
//! - No thread reads or writes while another writes.
//! - Whichever processes are killed, the others finish, and nothing of the live ones is left.

use crate::explore::{State, Step, explore};

pub const MUTANTS: &[&str] = &[
    "a reader looks before it is counted",
    "a writer looks for readers before it holds the word",
    "a guard is a reader's if its process is counted",
    "a dead reader counts",
    "a reader is discounted without a proof",
    "a dead writer keeps the word",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Enter,
    Look,
    Leave,
    /// Was refused.
    Wait,
    Reading,
    Acquire,
    Drain,
    Start,
    Writing,
    Unlock,
    Stop,
    Release,
    Over,
    Dead,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Thread {
    process: usize,
    at: At,
}

const PROCESSES: usize = 2;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    owner: Option<usize>,
    /// The number of threads of each process that read, or check whether they may.
    readers: [u8; PROCESSES],
    /// The process whose thread writes.
    writer: Option<usize>,
    threads: Vec<Thread>,
    is_dead: [bool; PROCESSES],
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    let early = mutant == "a reader looks before it is counted";
    let first = if early { At::Look } else { At::Enter };
    let reader = |process| Thread { process, at: first };
    let early = mutant == "a writer looks for readers before it holds the word";
    let first = if early { At::Drain } else { At::Acquire };
    let writer = |process| Thread { process, at: first };
    for threads in [
        vec![reader(0), reader(0), writer(0), writer(1)],
        vec![reader(0), reader(1), writer(1), writer(0)],
    ] {
        let (readers, is_dead) = ([0; PROCESSES], [false; PROCESSES]);
        let world = World { owner: None, readers, writer: None, threads, is_dead, mutant };
        println!("{} states", explore(&world));
    }
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn any(&self, at: At) -> bool {
        self.threads.iter().any(|thread| thread.at == at)
    }

    fn begin(&mut self, i: usize, at: At) -> Result<(), String> {
        if self.any(At::Writing) || at == At::Writing && self.any(At::Reading) {
            return Err(format!("a thread is {at:?} beside another that writes or reads"));
        }
        self.threads[i].at = at;
        Ok(())
    }

    /// The next step of a thread; `None` if it waits.
    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let Thread { process, at } = self.threads[i];
        let next = &mut world.threads[i].at;
        let mut done = Ok(());
        match at {
            At::Over | At::Dead => return None,
            At::Enter if self.is("a reader looks before it is counted") => {
                world.readers[process] += 1;
                done = world.begin(i, At::Reading);
            }
            At::Wait if self.owner.is_some() => return self.take_over(i, At::Enter),
            At::Wait => *next = At::Enter,
            At::Enter => {
                world.readers[process] += 1;
                world.threads[i].at = At::Look;
            }
            At::Look if self.is("a reader looks before it is counted") => {
                if self.owner.is_some() {
                    return self.take_over(i, At::Look);
                }
                *next = At::Enter;
            }
            At::Look if self.owner.is_some() => *next = At::Leave,
            At::Look => done = world.begin(i, At::Reading),
            At::Leave => {
                // No count is left to decrement if it was used for another guard of the
                // process.
                world.readers[process] = self.readers[process].saturating_sub(1);
                world.threads[i].at = At::Wait;
            }
            At::Acquire if self.owner.is_some() => return self.take_over(i, At::Drain),
            At::Acquire => {
                world.owner = Some(process);
                let drained = self.is("a writer looks for readers before it holds the word");
                *next = if drained { At::Start } else { At::Drain };
            }
            At::Drain if self.readers.iter().any(|readers| *readers > 0) => {
                return self.discount();
            }
            At::Drain => {
                let early = self.is("a writer looks for readers before it holds the word");
                *next = if early { At::Acquire } else { At::Start };
            }
            At::Start => {
                world.writer = Some(process);
                done = world.begin(i, At::Writing);
            }
            At::Reading | At::Writing => *next = At::Unlock,
            At::Unlock => {
                let writes = if self.is("a guard is a reader's if its process is counted") {
                    self.readers[process] == 0
                } else {
                    self.writer == Some(process)
                };
                *next = if writes { At::Stop } else { At::Over };
                if !writes {
                    world.readers[process] = self.readers[process].saturating_sub(1);
                }
            }
            At::Stop => {
                world.writer = None;
                *next = At::Release;
            }
            At::Release => {
                world.owner = None;
                *next = At::Over;
            }
        }
        Some(done.map(|()| world))
    }

    /// A thread that waits for the word acquires it, or frees it if its owner is dead.
    fn take_over(&self, i: usize, at: At) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let dead = self.owner.is_some_and(|owner| self.is_dead[owner]);
        if !dead || self.is("a dead writer keeps the word") {
            return None;
        }
        world.owner = (at == At::Drain).then_some(self.threads[i].process);
        world.threads[i].at = at;
        Some(Ok(world))
    }

    fn discount(&self) -> Option<Result<Self, String>> {
        let proof = !self.is("a reader is discounted without a proof");
        let counts =
            |process: &usize| self.readers[*process] > 0 && (self.is_dead[*process] || !proof);
        let process = (0..PROCESSES).find(counts).filter(|_| !self.is("a dead reader counts"))?;
        let mut world = self.clone();
        world.readers[process] = 0;
        Some(Ok(world))
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let step = |i| Some((format!("{i} {:?}", self.threads[i]), self.step(i)?));
        (0..self.threads.len()).filter_map(step).collect()
    }

    fn deaths(&self) -> Vec<Step<Self>> {
        // One of them stays alive, to see what is left.
        let alive = (0..PROCESSES).filter(|_| !self.is_dead.contains(&true));
        let killed = alive.map(|process| {
            let mut killed = self.clone();
            killed.is_dead[process] = true;
            for thread in killed.threads.iter_mut().filter(|thread| thread.process == process) {
                thread.at = At::Dead;
            }
            (format!("process {process} is killed"), Ok(killed))
        });
        killed.collect()
    }

    fn is_over(&self) -> Result<bool, String> {
        let over = self.threads.iter().all(|thread| matches!(thread.at, At::Over | At::Dead));
        let left = (0..PROCESSES).any(|process| {
            !self.is_dead[process] && (self.owner == Some(process) || self.readers[process] > 0)
        });
        match over && left {
            true => Err(String::from("a thread has gone and left the lock held")),
            false => Ok(over),
        }
    }
}
