//! Files that grow in place, while other processes read their size and write, and the growing
//! processes may be killed.
//!
//! A file is a row of units, each as long as a trailer. A step is one system call; reading the old
//! trailer under the lock is one step, since no other process writes then.
//!
//! | here | there |
//! |---|---|
//! | `Lock` to `Done` | `Body::grow`, `lengthen` and `clear` in `ipc-mem/src/file/body.rs` |
//! | `Len`, `Read` | `Trailer::read` in `ipc-mem/src/file/trailer.rs` |
//! | `Write` | a process that sees the new size and uses it |
//!
//! Required:
//!
//! - Every look finds a trailer, and no smaller size than any process found before.
//! - No trailer is part of the data, and nothing that was written is cleared.

use crate::explore::{State, Step, explore};

pub const MUTANTS: &[&str] = &[
    "grow without lock",
    "the new size at once",
    "clear before the file is longer",
    "the old trailer is left",
    "what the dead left is left",
    "looked at once only",
];

const MOST: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Unit {
    Zero,
    Written,
    /// A trailer that records this number of units of data.
    Trailer(usize),
}

/// The next step of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Lock(usize),
    Look(usize),
    /// Clears what dead processes left, of which the trailer records the first two.
    Mend {
        size: usize,
        len: usize,
        wanted: usize,
    },
    Longer {
        size: usize,
        len: usize,
        wanted: usize,
    },
    Clear {
        len: usize,
        wanted: usize,
    },
    Grown {
        wanted: usize,
    },
    Len {
        before: Option<(usize, Option<usize>)>,
    },
    Read {
        len: usize,
        before: Option<(usize, Option<usize>)>,
    },
    Write(usize),
    Over,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    file: Vec<Unit>,
    processes: Vec<At>,
    /// The process that holds the lock on the byte.
    lock: Option<usize>,
    /// The largest size that any process found, and which of the others began to look after that.
    found: usize,
    begun: Vec<usize>,
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    let look = At::Len { before: None };
    for processes in [vec![At::Lock(2), At::Lock(3), look], vec![At::Lock(2), At::Lock(2), look, look]] {
        let (file, begun) = (vec![Unit::Written, Unit::Trailer(1)], vec![0; processes.len()]);
        println!("{} states", explore(&World { file, processes, lock: None, found: 1, begun, mutant }));
    }
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    /// The last unit of a file of that many units, if it is a trailer that can be valid:
    /// `Trailer::decode`.
    fn decode(&self, len: usize) -> Option<usize> {
        match self.file[len - 1] {
            Unit::Trailer(size) if size < len && len <= MOST + 1 => Some(size),
            _ => None,
        }
    }

    fn clear(&mut self, units: std::ops::Range<usize>) -> Result<(), String> {
        for unit in &mut self.file[units] {
            if std::mem::replace(unit, Unit::Zero) == Unit::Written {
                return Err(String::from("what was written is cleared"));
            }
        }
        Ok(())
    }

    fn put(&mut self, at: usize, size: usize) -> Result<(), String> {
        if self.file.get(at) == Some(&Unit::Written) {
            return Err(String::from("a trailer is written over data"));
        }
        self.file.resize(self.file.len().max(at + 1), Unit::Zero);
        self.file[at] = Unit::Trailer(size);
        Ok(())
    }

    /// The next call of process `i`; `None` if it waits.
    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let done = match self.processes[i] {
            At::Over => return None,
            At::Lock(wanted) => {
                if self.lock.is_some() && !self.is("grow without lock") {
                    return None;
                }
                world.lock = Some(i);
                world.processes[i] = At::Look(wanted);
                Ok(())
            }
            At::Look(wanted) => match (self.file.len(), self.decode(self.file.len())) {
                (_, Some(size)) if wanted <= size => world.end(i),
                (len, Some(size)) => {
                    world.processes[i] = At::Mend { size, len, wanted };
                    Ok(())
                }
                (_, None) => Err(String::from("who grows it finds no trailer")),
            },
            At::Mend { size, len, wanted } => {
                world.processes[i] = At::Longer { size, len, wanted };
                let left = size + 1 < len && !self.is("what the dead left is left");
                if left { world.clear(size..len - 1) } else { Ok(()) }
            }
            At::Longer { len, wanted, .. } if wanted < len => {
                world.processes[i] = At::Grown { wanted };
                Ok(())
            }
            // Returns here once more, and then there is nothing left to clear.
            At::Longer { len, .. } if self.is("clear before the file is longer") && self.decode(len).is_some() => {
                world.clear(len - 1..len)
            }
            At::Longer { size, len, wanted } => {
                world.processes[i] = At::Clear { len, wanted };
                world.put(wanted, if self.is("the new size at once") { wanted } else { size })
            }
            At::Clear { len, wanted } => {
                world.processes[i] = At::Grown { wanted };
                if self.is("the old trailer is left") { Ok(()) } else { world.clear(len - 1..len) }
            }
            At::Grown { wanted } => {
                let last = self.file.len() - 1;
                world.put(last, wanted).and_then(|()| world.end(i))
            }
            At::Len { before } => {
                if before.is_none() {
                    world.begun[i] = self.found;
                }
                world.processes[i] = At::Read { len: self.file.len(), before };
                Ok(())
            }
            At::Read { len, before } => {
                let now = Some((len, self.decode(len)));
                if now == before || self.is("looked at once only") {
                    world.look(i, now.and_then(|(_, size)| size))
                } else {
                    world.processes[i] = At::Len { before: now };
                    Ok(())
                }
            }
            At::Write(size) => {
                world.processes[i] = At::Over;
                world.write(size)
            }
        };
        Some(done.map(|()| world))
    }

    fn end(&mut self, i: usize) -> Result<(), String> {
        self.processes[i] = At::Over;
        self.lock = None;
        Ok(())
    }

    fn look(&mut self, i: usize, size: Option<usize>) -> Result<(), String> {
        let Some(size) = size else { return Err(String::from("who looks finds no trailer")) };
        if size < self.begun[i] {
            return Err(String::from("it has become smaller"));
        }
        if self.file[..size].iter().any(|unit| matches!(unit, Unit::Trailer(_))) {
            return Err(String::from("a trailer is part of the data"));
        }
        self.found = self.found.max(size);
        self.processes[i] = At::Write(size);
        Ok(())
    }

    fn write(&mut self, size: usize) -> Result<(), String> {
        let unit = &mut self.file[size - 1];
        if matches!(*unit, Unit::Trailer(_)) {
            return Err(String::from("data is written over a trailer"));
        }
        *unit = Unit::Written;
        Ok(())
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let step = |i| Some((format!("{i} {:?}", self.processes[i]), self.step(i)?));
        (0..self.processes.len()).filter_map(step).collect()
    }

    fn deaths(&self) -> Vec<Step<Self>> {
        let alive = (0..self.processes.len()).filter(|i| self.processes[*i] != At::Over);
        let killed = alive.map(|i| {
            let mut killed = self.clone();
            killed.processes[i] = At::Over;
            killed.lock = self.lock.filter(|owner| *owner != i);
            (format!("{i} is killed"), Ok(killed))
        });
        killed.collect()
    }

    fn is_over(&self) -> Result<bool, String> {
        let over = self.processes.iter().all(|at| *at == At::Over);
        match self.decode(self.file.len()) {
            None if over => Err(String::from("no trailer is left")),
            Some(size) if over && size < self.found => Err(String::from("it has become smaller")),
            _ => Ok(over),
        }
    }
}
