//! Frames that are read whole while their slots are written.
//!
//! | here | there, in `ipc-ring/src/frames` |
//! |---|---|
//! | [`Ring::write`] | `SlotHead::begin` and `publish` in `slot.rs`, and `WriterPart::publish` |
//! | [`Ring::read`] | `look_at` in `reading.rs`: `SlotHead::holds` and `still_holds` |
//!
//! A writer that is killed stops in the middle of a frame.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering, fence};
use loom::thread;

pub const MUTANTS: &[&str] = &[
    "a slot keeps its number while it is written",
    "no fence before writing",
    "the number is published relaxed",
    "the number is read relaxed",
    "no fence before the number is read again",
    "the number is not read again",
];

const ELEMENTS: usize = 2;
const SLOTS: usize = 2;

#[derive(Default)]
struct Slot {
    number: AtomicU64,
    elements: [AtomicU64; ELEMENTS],
}

struct Ring {
    newest: AtomicU64,
    slots: [Slot; SLOTS],
    mutant: &'static str,
}

pub fn run(mutant: &'static str) {
    // The number of elements of the third frame, over the first: all, or those before a kill.
    for last in [ELEMENTS, 1] {
        loom::model(move || {
            let ring = Ring { newest: AtomicU64::new(0), slots: Default::default(), mutant };
            let ring = Arc::new(ring);
            ring.write(1, ELEMENTS);
            let writer = {
                let ring = Arc::clone(&ring);
                thread::spawn(move || {
                    ring.write(2, ELEMENTS);
                    ring.write(3, last);
                })
            };
            // The oldest that there may be, the newest that a reader may know of, or none.
            for number in [1, ring.newest.load(Ordering::Acquire), 3] {
                let whole = ring.read(number).is_none_or(|seen| seen == [number; ELEMENTS]);
                assert!(whole, "broken: what was read is not of one frame");
            }
            writer.join().unwrap();
            let killed = last < ELEMENTS;
            assert_eq!(ring.read(3).is_none(), killed, "broken: a frame that was not finished is read");
            assert!(ring.read(2).is_some(), "broken: the newest frame is not there");
        });
    }
}

impl Ring {
    fn is(&self, mutant: &str) -> bool {
        self.mutant == mutant
    }

    /// All elements of frame n are n. The writer is killed after `elements` if that is not all.
    fn write(&self, number: u64, elements: usize) {
        let slot = &self.slots[number as usize % SLOTS];
        if !self.is("a slot keeps its number while it is written") {
            slot.number.store(0, Ordering::Relaxed);
        }
        if !self.is("no fence before writing") {
            fence(Ordering::Release);
        }
        for element in slot.elements.iter().take(elements) {
            element.store(number, Ordering::Relaxed);
        }
        if elements == ELEMENTS {
            let relaxed = self.is("the number is published relaxed");
            slot.number.store(number, if relaxed { Ordering::Relaxed } else { Ordering::Release });
            self.newest.store(number, Ordering::Release);
        }
    }

    fn read(&self, number: u64) -> Option<[u64; ELEMENTS]> {
        let slot = &self.slots[number as usize % SLOTS];
        let relaxed = self.is("the number is read relaxed");
        let order = if relaxed { Ordering::Relaxed } else { Ordering::Acquire };
        if slot.number.load(order) != number {
            return None;
        }
        let seen = [0, 1].map(|i: usize| slot.elements[i].load(Ordering::Relaxed));
        if self.is("the number is not read again") {
            return Some(seen);
        }
        if !self.is("no fence before the number is read again") {
            fence(Ordering::Acquire);
        }
        (slot.number.load(Ordering::Relaxed) == number).then_some(seen)
    }
}
