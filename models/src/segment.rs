//! System V segments, which other processes can open before the creator has recorded what they are
//! for.
//!
//! | here | there, in `ipc-shm/src/segment_trailer.rs` |
//! |---|---|
//! | [`make`] | `write_trailer`, and whatever is laid out after it |
//! | [`is_foreign`] | `look`, one round of its loop, and `read_trailer` |
//!
//! Required: a process that finds something laid out also finds the trailer, or it would take the
//! segment for a foreign one.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering, fence};
use loom::thread;

pub const MUTANTS: &[&str] = &["laid out first", "no fence behind the trailer", "no fence behind the first bytes"];

/// All zero at first.
#[derive(Default)]
struct Segment {
    first: AtomicU64,
    /// The purpose of the segment, and then the magic, which is written last.
    trailer: [AtomicU64; 2],
}

pub fn run(mutant: &'static str) {
    loom::model(move || {
        let segment = Arc::new(Segment::default());
        let maker = {
            let segment = Arc::clone(&segment);
            thread::spawn(move || make(&segment, mutant))
        };
        assert!(!is_foreign(&segment, mutant), "broken: our segment is mistaken for a foreign one");
        maker.join().unwrap();
        assert!(!is_foreign(&segment, mutant), "broken: our segment is mistaken for a foreign one");
    });
}

fn make(segment: &Segment, mutant: &str) {
    if mutant == "laid out first" {
        segment.first.store(1, Ordering::Relaxed);
    }
    segment.trailer[0].store(1, Ordering::Relaxed); // `granule::copy_in`
    segment.trailer[1].store(1, Ordering::Release);
    if mutant != "no fence behind the trailer" {
        fence(Ordering::Release);
    }
    segment.first.store(1, Ordering::Relaxed);
}

fn is_foreign(segment: &Segment, mutant: &str) -> bool {
    let laid_out = segment.first.load(Ordering::Relaxed) != 0; // `granule::copy_out`
    if mutant != "no fence behind the first bytes" {
        fence(Ordering::Acquire);
    }
    // A word of the trailer that is not written yet is 0, which `Trailer::decode` refuses.
    let is_ours = segment.trailer.iter().all(|word| word.load(Ordering::Relaxed) != 0);
    laid_out && !is_ours
}
