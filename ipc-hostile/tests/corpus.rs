//! The inputs that the fuzz targets kept, run once more. Those of sockets are in `sockets.rs`.

use ipc_hostile::{
    array, file, fingerprint, frames, heap, jobs, mailbox, mpmc, service, spsc, topic, value,
};
use ipc_testkit::{corpus, fixture, watchdog};

/// Runs each input of a target.
fn replay(target: &str, run: impl Fn(&[u8])) {
    watchdog(|| {
        let inputs = corpus(target);
        assert!(!inputs.is_empty(), "no inputs of {target}");
        for (name, bytes) in inputs {
            println!("{target}/{name}"); // shown if it fails
            run(&bytes);
        }
    });
}

#[test]
fn kept_arrays_lie_inside_their_memory_or_are_refused() {
    replay("array", |bytes| _ = array::run(bytes));
}

#[test]
fn kept_files_of_arrays_give_arrays_inside_them_or_are_refused() {
    let name = fixture::name();
    replay("array_file", |bytes| _ = array::run_file(&name, bytes));
}

#[test]
fn kept_numpy_files_give_arrays_or_are_refused() {
    let name = fixture::name();
    replay("npy", |bytes| _ = array::run_npy(&name, bytes));
}

#[test]
fn kept_files_give_memory_inside_them_or_are_refused() {
    let name = fixture::name();
    replay("memory", |bytes| _ = file::run(&name, bytes));
}

#[test]
fn kept_shared_values_lie_inside_their_file_or_are_refused() {
    let name = fixture::name();
    replay("value", |bytes| _ = value::run(&name, bytes));
}

#[test]
fn kept_descriptions_give_a_layout_or_are_refused() {
    replay("fingerprint", fingerprint::run);
}

#[test]
fn kept_files_of_frames_give_frames_inside_them_or_are_refused() {
    let name = fixture::name();
    replay("frames", |bytes| _ = frames::run_file(&name, bytes));
}

#[test]
fn kept_heaps_give_objects_inside_them_or_are_refused() {
    replay("heap", |bytes| _ = heap::run(bytes));
}

#[test]
fn kept_rings_queues_and_job_queues_lie_inside_or_are_refused() {
    replay("spsc", |bytes| _ = spsc::run(bytes));
    replay("mpmc", |bytes| _ = mpmc::run(bytes));
    replay("jobs", |bytes| _ = jobs::run(bytes));
    replay("calls", |bytes| _ = service::run(bytes));
    replay("mailbox", |bytes| _ = mailbox::run(bytes));
    replay("topic", |bytes| _ = topic::run(bytes));
}
