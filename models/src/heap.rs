//! Heaps: operations of several stores whose participants are killed, and the recovery of what they
//! leave, which may be killed as well.
//!
//! One object, whose content is replaced under its lock, and a slab of a few blocks for each
//! participant. A step is one store. A process that takes no step is stopped; a process that is
//! killed takes no more steps, and the others can prove it.
//!
//! | here | there, in `ipc-heap/src` |
//! |---|---|
//! | `Allocate`, `Collect` to `Collected` | `take` and `collect` of `allocator/slab.rs` |
//! | `Lock`, `Complete` | `lock` of `objects/object.rs`, `complete` of `recover.rs` |
//! | `Operands` to `Free` | `carry_out` of `intent.rs` |
//! | `Content`, `Keep`, `Detach` | `redo` of `intent.rs`, `keep` and `detach` of `allocator/block.rs` |
//! | `Claim` to `End` | `recover_one` and `retire` of `recover.rs`, `sweep_slab` of `allocator/slab.rs` |
//!
//! Required:
//!
//! - The content is a block that is not free, that no process frees, and that belongs to the heap
//!   once the operation is over.
//! - A block that a process has allocated is not free.
//! - In the end, each block is free, is the content, or waits for the owner of its slab, and every
//!   dead participant was recovered.

use crate::explore::{State, Step, explore_to_the_end};

pub const MUTANTS: &[&str] = &[
    "no intent",
    "the intent stands before its operands",
    "the intent is cleared before the old block is detached",
    "the new block is not kept",
    "the next owner of the lock completes nothing",
    "a block is collected while an operation frees it",
    "a stopped participant is taken for dead",
    "a recovery whose process died is not repeated",
    "the blocks of the dead are freed before its operation is completed",
    "two processes recover one participant",
    "the intent of the dead is not cleared",
];

pub fn run(mutant: &'static str) {
    // The operations of each participant, the number of blocks of each slab, and the number of
    // kills.
    let configs: [(&[u8], usize, u8); 6] = [
        (&[1, 1], 1, 2),
        (&[2, 1], 2, 1),
        (&[1, 2], 2, 2),
        (&[2, 2], 2, 2),
        (&[1, 1, 0], 2, 2),
        (&[2, 1, 1], 2, 2),
    ];
    for (operations, blocks, kills) in configs {
        let participants = operations.iter().enumerate().map(|(number, operations)| Participant {
            at: At::Idle,
            operations: *operations,
            word: Word::Of(number),
            operands: None,
            has_intent: false,
            slab: vec![Block { is_free: true, is_kept: false, is_remote: false }; blocks],
        });
        let mut world = World {
            participants: participants.collect(),
            lock: None,
            content: (0, 0),
            kills,
            mutant,
        };
        // The first block of the first participant.
        world.participants[0].slab[0] = Block { is_free: false, is_kept: true, is_remote: false };
        println!("{} states", explore_to_the_end(&world));
    }
}

/// A block: its slab, and its number.
type Place = (usize, usize);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Block {
    is_free: bool,
    is_kept: bool,
    is_remote: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Word {
    Free,
    Of(usize),
    /// A process recovers what the participant left.
    Recovers(usize),
}

/// The operands: the new and the old block.
type Operands = (Place, Place);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Idle,
    Allocate,
    Collect {
        block: usize,
    },
    Collected {
        block: usize,
    },
    Cleared {
        block: usize,
    },
    Lock {
        new: Place,
    },
    Complete {
        new: Place,
    },
    Operands {
        new: Place,
    },
    Intent {
        new: Place,
        old: Place,
    },
    /// The stores of an operation of a participant, which a process carries out.
    Content {
        of: usize,
        back: Back,
    },
    Keep {
        of: usize,
        back: Back,
    },
    Detach {
        of: usize,
        back: Back,
    },
    Clear {
        of: usize,
        back: Back,
    },
    Free {
        old: Place,
    },
    Unlock,
    Claim {
        of: usize,
        back: Back,
    },
    Sweep {
        of: usize,
        block: usize,
        back: Back,
    },
    End {
        of: usize,
        back: Back,
    },
    Dead,
}

/// Where a process continues after an operation: its own, or that of a dead participant that it
/// recovers while it has nothing to do, or has allocated a block and acquired the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Back {
    Own { old: Place },
    Idle,
    Locked { new: Place },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Participant {
    at: At,
    operations: u8,
    word: Word,
    operands: Option<Operands>,
    has_intent: bool,
    slab: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct World {
    participants: Vec<Participant>,
    lock: Option<usize>,
    content: Place,
    kills: u8,
    mutant: &'static str,
}

impl World {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    fn is_dead(&self, process: usize) -> bool {
        self.participants[process].at == At::Dead
    }

    /// A participant can be recovered: its process is dead, or the one that recovers it.
    fn is_left(&self, of: usize) -> bool {
        match self.participants[of].word {
            Word::Free => false,
            Word::Of(process) => {
                self.is_dead(process)
                    || self.is("a stopped participant is taken for dead")
                        && self.participants[of].at != At::Idle
            }
            Word::Recovers(process) => {
                self.is_dead(process) && !self.is("a recovery whose process died is not repeated")
            }
        }
    }

    /// Another participant that can be recovered.
    fn left(&self, i: usize) -> Option<usize> {
        (0..self.participants.len()).find(|of| *of != i && self.is_left(*of))
    }

    fn block(&mut self, (slab, number): Place) -> &mut Block {
        &mut self.participants[slab].slab[number]
    }

    fn is_in_flight(&self, block: Place) -> bool {
        let frees =
            |one: &Participant| one.has_intent && one.operands.is_some_and(|(_, old)| old == block);
        self.participants.iter().any(frees)
            && !self.is("a block is collected while an operation frees it")
    }

    /// One step of a process, and the rule that it breaks.
    fn step(&self, i: usize) -> Option<Result<Self, String>> {
        let mut world = self.clone();
        let at = self.participants[i].at;
        let then = match at {
            At::Dead => return None,
            At::Idle => match self.left(i) {
                Some(of) => At::Claim { of, back: Back::Idle },
                None if self.participants[i].operations > 0 => At::Allocate,
                None => return None,
            },
            At::Allocate => {
                let slab = &self.participants[i].slab;
                let ready = |at: &usize| slab[*at].is_remote && !self.is_in_flight((i, *at));
                if let Some(number) = slab.iter().position(|block| block.is_free) {
                    world.block((i, number)).is_free = false;
                    At::Lock { new: (i, number) }
                } else if let Some(block) = (0..slab.len()).find(ready) {
                    At::Collect { block }
                } else {
                    // It is full: it recovers others, or has to do without.
                    At::Claim { of: self.left(i)?, back: Back::Idle }
                }
            }
            At::Collect { block } => {
                world.block((i, block)).is_kept = false;
                At::Collected { block }
            }
            At::Collected { block } => {
                world.block((i, block)).is_free = true;
                At::Cleared { block }
            }
            At::Cleared { block } => {
                world.block((i, block)).is_remote = false;
                At::Allocate
            }
            At::Lock { new } => match self.lock {
                None => {
                    world.lock = Some(i);
                    At::Operands { new }
                }
                Some(owner) if self.is_dead(owner) => {
                    world.lock = Some(i);
                    At::Complete { new }
                }
                Some(_) => return None,
            },
            At::Complete { new } => {
                let concerns = |of: &usize| {
                    let one = &self.participants[*of];
                    *of != i
                        && one.has_intent
                        && !self.is("the next owner of the lock completes nothing")
                };
                match (0..self.participants.len()).find(concerns) {
                    Some(of) if self.is_left(of) => At::Claim { of, back: Back::Locked { new } },
                    Some(_) => return None, // another process recovers it
                    None => At::Operands { new },
                }
            }
            At::Operands { new } => {
                let old = self.content;
                if self.is("the intent stands before its operands") {
                    world.participants[i].has_intent = true;
                } else {
                    world.participants[i].operands = Some((new, old));
                }
                At::Intent { new, old }
            }
            At::Intent { new, old } => {
                world.participants[i].operands = Some((new, old));
                world.participants[i].has_intent = !self.is("no intent");
                At::Content { of: i, back: Back::Own { old } }
            }
            At::Content { of, back } => match self.participants[of].operands {
                Some((new, _)) => {
                    world.content = new;
                    At::Keep { of, back }
                }
                None => At::Clear { of, back },
            },
            At::Keep { of, back } => {
                if let Some((new, _)) = self.participants[of].operands {
                    // Only the owner of a slab passes its blocks to the heap.
                    if new.0 == of && !self.is("the new block is not kept") {
                        world.block(new).is_kept = true;
                    }
                }
                if self.is("the intent is cleared before the old block is detached") {
                    world.participants[of].has_intent = false;
                }
                At::Detach { of, back }
            }
            At::Detach { of, back } => {
                if let Some((_, old)) = self.participants[of].operands {
                    if old.0 == of {
                        world.block(old).is_kept = false;
                    } else {
                        world.block(old).is_remote = true;
                    }
                }
                At::Clear { of, back }
            }
            At::Clear { of, back } => {
                let stays = of != i && self.is("the intent of the dead is not cleared");
                world.participants[of].has_intent &= stays;
                match back {
                    Back::Own { old } => At::Free { old },
                    _ => At::Sweep { of, block: 0, back },
                }
            }
            At::Free { old } => {
                if old.0 == i {
                    world.block(old).is_free = true;
                }
                At::Unlock
            }
            At::Unlock => {
                world.lock = None;
                world.participants[i].operations -= 1;
                At::Idle
            }
            At::Claim { of, back } => {
                let is_blind = self.is("two processes recover one participant");
                if self.is_left(of) || is_blind && self.participants[of].word != Word::Free {
                    world.participants[of].word = Word::Recovers(i);
                    let is_late = self
                        .is("the blocks of the dead are freed before its operation is completed");
                    if self.participants[of].has_intent && !is_late {
                        At::Content { of, back }
                    } else {
                        At::Sweep { of, block: 0, back }
                    }
                } else {
                    Self::continued(back)
                }
            }
            At::Sweep { of, block, back } if block < self.participants[of].slab.len() => {
                // `collect`, and then the blocks that are not kept, in one step: each of the stores
                // depends on the bits only.
                let at = (of, block);
                if self.participants[of].slab[block].is_remote && !self.is_in_flight(at) {
                    *world.block(at) = Block { is_free: true, is_kept: false, is_remote: false };
                }
                if !world.block(at).is_kept {
                    world.block(at).is_free = true;
                }
                At::Sweep { of, block: block + 1, back }
            }
            At::Sweep { of, back, .. } => At::End { of, back },
            At::End { of, back } => {
                world.participants[of].word = Word::Free;
                Self::continued(back)
            }
        };
        world.participants[i].at = then;
        Some(world.rules().map(|()| world))
    }

    fn continued(back: Back) -> At {
        match back {
            Back::Locked { new } => At::Complete { new },
            _ => At::Idle,
        }
    }

    /// The rules that hold after each step.
    fn rules(&self) -> Result<(), String> {
        let (slab, number) = self.content;
        let content = self.participants[slab].slab[number];
        if content.is_free {
            return Err(String::from("the content is free"));
        }
        if content.is_remote {
            return Err(String::from("the content will be collected"));
        }
        for (i, one) in self.participants.iter().enumerate() {
            let (At::Lock { new }
            | At::Complete { new }
            | At::Operands { new }
            | At::Intent { new, .. }) = one.at
            else {
                continue;
            };
            let Block { is_free, is_remote, .. } = self.participants[new.0].slab[new.1];
            if is_free || is_remote {
                return Err(format!("the block that {i} has allocated is free, or will be"));
            }
        }
        Ok(())
    }
}

impl State for World {
    fn steps(&self) -> Vec<Step<Self>> {
        let step =
            |i| self.step(i).map(|then| (format!("{i} {:?}", self.participants[i].at), then));
        (0..self.participants.len()).filter_map(step).collect()
    }

    fn deaths(&self) -> Vec<Step<Self>> {
        if self.kills == 0 {
            return Vec::new();
        }
        let alive = (0..self.participants.len()).filter(|i| !self.is_dead(*i));
        let killed = alive.map(|i| {
            let mut world = self.clone();
            world.participants[i].at = At::Dead;
            world.kills -= 1;
            (format!("{i} is killed"), Ok(world))
        });
        killed.collect()
    }

    fn is_over(&self) -> Result<bool, String> {
        if self.participants.iter().all(|one| one.at == At::Dead) {
            return Ok(true);
        }
        let is_full = |one: &Participant| {
            one.at == At::Allocate && !one.slab.iter().any(|block| block.is_free || block.is_remote)
        };
        let rests = |one: &Participant| {
            one.at == At::Idle && one.operations == 0 || one.at == At::Dead || is_full(one)
        };
        let is_recovered =
            |of: usize| !self.is_dead(of) || self.participants[of].word == Word::Free;
        let is_over =
            self.participants.iter().all(rests) && (0..self.participants.len()).all(is_recovered);
        if !is_over {
            return Ok(false);
        }
        for (slab, one) in self.participants.iter().enumerate() {
            for (number, block) in one.slab.iter().enumerate() {
                let is_content = self.content == (slab, number);
                if is_content && !block.is_kept {
                    return Err(String::from("the content does not belong to the heap"));
                }
                if !is_content && !block.is_free && !block.is_remote {
                    return Err(format!("block {number} of slab {slab} is lost"));
                }
            }
        }
        Ok(true)
    }
}
