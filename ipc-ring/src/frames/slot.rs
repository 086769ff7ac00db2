//! When a slot of the ring holds a whole frame.
//!
//! Frame n is in slot n mod K. A slot begins with the number of the frame that it holds, or 0 while
//! one is written: the writer stores 0, then the elements, then the number. A reader looks for the
//! number, copies the elements, and looks again: if the number is the same, no byte of the copy is
//! of another frame. No reader holds up the writer, and a writer that is killed leaves a 0.

use std::sync::atomic::{AtomicU64, Ordering, fence};

use ipc_core::switched_on;

/// The beginning of a slot, before its elements.
#[derive(Debug, Default)]
#[repr(C, align(64))]
pub(super) struct SlotHead {
    /// The number of the frame, from 1; 0 while it is written.
    sequence: AtomicU64,
    /// The time of publication, in nanoseconds of the monotonic clock.
    timestamp: AtomicU64,
}

impl SlotHead {
    /// Begins to write. A reader that sees any byte that is written from now on, and then looks
    /// again, finds that the slot does not hold what it held.
    #[inline]
    pub(super) fn begin(&self) {
        self.sequence.store(0, Ordering::Relaxed);
        fence(Ordering::Release);
    }

    /// Ends writing: a reader that sees the number sees all elements.
    #[inline]
    pub(super) fn publish(&self, sequence: u64, timestamp: u64) {
        self.timestamp.store(timestamp, Ordering::Relaxed);
        self.sequence.store(sequence, Ordering::Release);
    }

    /// Returns the time of this frame if the slot holds it.
    #[inline]
    pub(super) fn holds(&self, sequence: u64) -> Option<u64> {
        let held = self.sequence.load(Ordering::Acquire) == sequence;
        held.then(|| self.timestamp.load(Ordering::Relaxed))
    }

    /// Returns `true` if the slot has held this frame all the time since [`holds`](Self::holds).
    #[inline]
    pub(super) fn still_holds(&self, sequence: u64) -> bool {
        fence(Ordering::Acquire);
        self.sequence.load(Ordering::Relaxed) == sequence || !switched_on("whole frame")
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// The elements of a frame, each of which becomes the number of the frame.
    const LEN: usize = 2;

    /// A step of the writer, between two moments at which a reader may come.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    enum Step {
        Begin,
        Element(usize),
        Publish,
        Newest,
    }

    const WRITE: [Step; 5] =
        [Step::Begin, Step::Element(0), Step::Element(1), Step::Publish, Step::Newest];

    /// A ring of frames without shared memory.
    struct Model {
        slots: Vec<(SlotHead, [Cell<u64>; LEN])>,
        newest: Cell<u64>,
    }

    impl Model {
        fn new(slots: usize) -> Self {
            let slots = (0..slots).map(|_| Default::default()).collect();
            Self { slots, newest: Cell::new(0) }
        }

        fn slot(&self, sequence: u64) -> &(SlotHead, [Cell<u64>; LEN]) {
            &self.slots[usize::try_from(sequence).unwrap() % self.slots.len()]
        }

        fn write(&self, (sequence, step): (u64, Step)) {
            let (head, elements) = self.slot(sequence);
            match step {
                Step::Begin => head.begin(),
                Step::Element(i) => elements[i].set(sequence),
                Step::Publish => head.publish(sequence, sequence * 10),
                Step::Newest => self.newest.set(sequence),
            }
        }
    }

    /// The steps of a reader of the newest frame: look which, look for it, copy, look again.
    const READER_STEPS: usize = LEN + 3;

    /// Lets a reader come between the steps of the writer in every order. Returns how often it got
    /// a frame and how often it got none, or the first order in which it got a torn one.
    fn every_order(
        slots: usize,
        work: &[(u64, Step)],
        looks_again: bool,
    ) -> Result<[u32; 2], String> {
        let mut counts = [0; 2];
        // Which of the writer's steps come before each of the reader's: numbers that never fall.
        let mut before = [0; READER_STEPS];
        loop {
            let (model, mut done) = (Model::new(slots), 0);
            let (mut sequence, mut held, mut seen) = (0, true, [0; LEN]);
            for (step, until) in before.into_iter().enumerate() {
                work[done..until].iter().for_each(|step| model.write(*step));
                done = until;
                let (head, elements) = model.slot(sequence);
                match step {
                    0 => sequence = model.newest.get(),
                    1 => held = sequence > 0 && head.holds(sequence) == Some(sequence * 10),
                    _ if step < READER_STEPS - 1 => seen[step - 2] = elements[step - 2].get(),
                    _ => held = held && (!looks_again || head.still_holds(sequence)),
                }
            }
            if held && seen != [sequence; LEN] {
                return Err(format!("frame {sequence} is {seen:?}, reader after {before:?}"));
            }
            counts[usize::from(!held)] += 1;
            let Some(last) = before.iter().rposition(|until| *until < work.len()) else {
                return Ok(counts);
            };
            let next = before[last] + 1;
            before[last..].fill(next);
        }
    }

    /// The steps of a writer of that many frames, each of which takes these steps.
    fn writer(frames: u64, steps: &[Step]) -> Vec<(u64, Step)> {
        (1..=frames).flat_map(|sequence| steps.iter().map(move |step| (sequence, *step))).collect()
    }

    #[test]
    fn in_every_order_of_steps_a_reader_has_a_whole_frame_or_none() {
        // The last frame is written over the first.
        for (slots, frames, orders) in [(2, 3, 15_504), (3, 4, 53_130)] {
            let [got, none] = every_order(slots, &writer(frames, &WRITE), true).unwrap();
            assert_eq!(got + none, orders); // 20 and 25 over 5
            assert!(got > 0 && none > 0, "{got} {none}");
        }
    }

    #[test]
    fn in_every_order_of_steps_an_unfinished_frame_is_not_seen() {
        for steps in 0..WRITE.len() {
            // The writer stops at each step of its third frame, as if it was killed there.
            let unfinished = WRITE[..steps].iter().map(|step| (3, *step));
            let work: Vec<_> = writer(2, &WRITE).into_iter().chain(unfinished).collect();
            every_order(2, &work, true).unwrap();
        }
    }

    #[test]
    fn every_mutant_of_the_protocol_is_found() {
        use Step::{Begin, Element, Newest, Publish};

        for (name, steps) in [
            ("no 0", &[Element(0), Element(1), Publish, Newest][..]),
            ("published early", &[Begin, Element(0), Publish, Newest, Element(1)]),
            ("0 too late", &[Element(0), Begin, Element(1), Publish, Newest]),
        ] {
            assert!(every_order(2, &writer(3, steps), true).is_err(), "{name} is not found");
        }
        let no_second_look = every_order(2, &writer(3, &WRITE), false);
        assert!(no_second_look.is_err(), "a reader that does not look again is not found");
    }
}
