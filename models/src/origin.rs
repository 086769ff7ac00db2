//! The mark by which a process is told from its forked copies.
//!
//! [`here`] stands for `Origin::here` and `make` in `ipc-core/src/origin.rs`.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicU64, Ordering};
use loom::thread;

pub const MUTANTS: &[&str] = &["stored without looking", "who comes second keeps its own"];

pub fn run(mutant: &'static str) {
    loom::model(move || {
        let mark = Arc::new(AtomicU64::new(0));
        let threads = [1, 2].map(|made| {
            let mark = Arc::clone(&mark);
            thread::spawn(move || here(&mark, made, mutant))
        });
        let seen = threads.map(|thread| thread.join().unwrap());
        let later = here(&mark, 3, mutant);
        assert_eq!(seen, [later; 2], "broken: one process, several marks");
    });
}

fn here(mark: &AtomicU64, made: u64, mutant: &str) -> u64 {
    let relaxed = Ordering::Relaxed;
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
