//! System V segments, which others can open before their maker has said what they are for.
//!
//! | here | there, in `ipc-shm/src/segment_trailer.rs` |
//! |---|---|
//! | [`make`] | `write_trailer`, and whatever is laid out after it |
//! | [`is_foreign`] | `look`, one round of its loop, and `read_trailer` |
//!
//! What has to hold: who finds something laid out finds the trailer too, or would take the segment for somebody else's.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering, fence};
use loom::thread;

pub const MUTANTS: &[&str] = &["laid out first", "no fence behind the trailer", "no fence behind the first bytes"];

/// All zero at first.
#[derive(Default)]
struct Segment {
    first: AtomicU64,
    /// What it was made for, and then the magic, which is written last.
    trailer: [AtomicU64; 2],
}

pub fn run(mutant: &'static str) {
    loom::model(move || {
        let segment = Arc::new(Segment::default());
        let maker = {
            let segment = Arc::clone(&segment);
            thread::spawn(move || make(&segment, mutant))
        };
        assert!(!is_foreign(&segment, mutant), "broken: one of ours is taken for somebody else's");
        maker.join().unwrap();
        assert!(!is_foreign(&segment, mutant), "broken: one of ours is taken for somebody else's");
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
    // A word of the trailer that is not there yet is 0, which `Trailer::decode` refuses.
    let is_ours = segment.trailer.iter().all(|word| word.load(Ordering::Relaxed) != 0);
    laid_out && !is_ours
}
