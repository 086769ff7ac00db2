//! The mark that distinguishes a process from its forked copies.
//!
//! [`here`] stands for `Origin::here`, `find` and `make` in `ipc-core/src/origin.rs`. A thread that
//! finds no page provides one.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use loom::thread;

pub const MUTANTS: &[&str] =
    &["stored without looking", "who comes second keeps its own", "who comes second keeps its own page"];

/// No page yet.
const NONE: usize = usize::MAX;

struct Process {
    page: AtomicUsize,
    /// The page that each thread provides, all zeros.
    marks: [AtomicU64; 3],
}

pub fn run(mutant: &'static str) {
    loom::model(move || {
        let process = Arc::new(Process { page: AtomicUsize::new(NONE), marks: [0; 3].map(AtomicU64::new) });
        let threads = [0, 1].map(|own| {
            let process = Arc::clone(&process);
            thread::spawn(move || process.here(own, mutant))
        });
        let seen = threads.map(|thread| thread.join().unwrap());
        let later = process.here(2, mutant);
        assert_eq!(seen, [later; 2], "broken: one process, several marks");
    });
}

impl Process {
    fn here(&self, own: usize, mutant: &str) -> u64 {
        let (relaxed, made) = (Ordering::Relaxed, own as u64 + 1);
        let mark = match self.page.load(Ordering::Acquire) {
            NONE => match self.page.compare_exchange(NONE, own, Ordering::AcqRel, Ordering::Acquire) {
                Err(theirs) if mutant != "who comes second keeps its own page" => &self.marks[theirs],
                _ => &self.marks[own],
            },
            found => &self.marks[found],
        };
        match mark.load(relaxed) {
            0 if mutant == "stored without looking" => {
                mark.store(made, relaxed);
                made
            }
            0 => match mark.compare_exchange(0, made, relaxed, relaxed) {
                Err(theirs) if mutant != "who comes second keeps its own" => theirs,
                _ => made,
            },
            made => made,
        }
    }
}
