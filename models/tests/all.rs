//! Every model passes, and each of its mutants is detected.

use std::process::{Command, Output};

/// Runs the sound model and all its mutants; each mutant must exit as a model does when it detects
/// a failure.
fn check(name: &str) {
    let model = models::MODELS.iter().find(|model| model.name == name).unwrap();
    let run = |mutant: &str| -> Output {
        Command::new(env!("CARGO_BIN_EXE_models")).args([name, mutant]).output().unwrap()
    };
    let sound = run("");
    let told = String::from_utf8_lossy(&sound.stderr);
    assert!(sound.status.success(), "{told}");
    let said = String::from_utf8_lossy(&sound.stdout);
    for mutant in model.mutants {
        let output = run(mutant);
        let told = String::from_utf8_lossy(&output.stderr);
        let said = told.lines().find(|line| line.contains("broken: "));
        let said = said
            .unwrap_or_else(|| panic!("{name}: nothing is found wrong with `{mutant}`: {told}"));
        println!("{name}, {mutant}: {}", said.trim());
    }
    let said: Vec<&str> = said.lines().collect();
    println!("figures: {name}: {}; all {} mutants found", said.join(", "), model.mutants.len());
}

#[test]
fn a_header_whose_magic_is_seen_is_whole() {
    check("publish");
}

#[test]
fn our_segment_is_never_mistaken_for_a_foreign_one() {
    check("segment");
}

#[test]
fn a_read_of_a_snapshot_is_of_one_version() {
    check("snapshot");
}

#[test]
fn all_threads_of_a_process_see_one_mark() {
    check("origin");
}

#[test]
fn a_name_is_unlinked_by_the_last_detach_and_never_before() {
    check("last-user");
}

#[test]
fn a_file_that_grows_has_a_trailer_and_keeps_what_was_written() {
    check("growth");
}

#[test]
fn a_native_lock_has_one_owner_and_every_thread_gets_it() {
    check("futex-lock");
}

#[test]
fn a_native_rwlock_lets_no_thread_in_beside_one_that_writes() {
    check("futex-rwlock");
}

#[test]
fn a_native_barrier_breaks_once_a_death_and_completes_with_all() {
    check("futex-barrier");
}

#[test]
fn a_native_event_gives_each_signal_to_one_thread_and_loses_none() {
    check("futex-event");
}

#[test]
fn native_permits_are_neither_doubled_nor_lost() {
    check("futex-permits");
}

#[test]
fn a_native_semaphore_counts_each_accepted_post_and_wait() {
    check("futex-semaphore");
}

#[test]
fn a_native_latch_opens_when_each_task_is_done_once() {
    check("futex-latch");
}

#[test]
fn a_native_once_is_initialised_once_and_found_whole() {
    check("futex-once");
}

#[test]
fn no_notification_of_a_native_condvar_is_lost() {
    check("futex-condvar");
}

#[test]
fn no_thread_sleeps_on_beside_what_it_waits_for() {
    check("wait-word");
}

#[test]
fn a_ring_gives_each_message_once_whichever_processes_are_killed() {
    check("ring");
}

#[test]
fn a_job_is_done_in_the_end_whichever_processes_are_killed() {
    check("jobs");
}

#[test]
fn a_call_has_one_end_whichever_processes_are_killed() {
    check("calls");
}

#[test]
fn a_heap_is_whole_whichever_processes_and_helpers_are_killed() {
    check("heap");
}

#[test]
fn a_queue_gives_each_message_once_whichever_processes_are_killed() {
    check("queue");
}

#[test]
fn a_frame_is_read_whole_or_not_at_all() {
    check("frame-slot");
}

#[test]
fn no_reader_sleeps_through_a_frame() {
    check("frame-bell");
}

#[test]
fn a_topic_delivers_or_counts_every_message_and_loses_no_sample() {
    check("topic");
}
