//! What protects users from each other's deaths, lies and mistakes, and the test that shows it.

use std::process::Command;

use crate::ci;

/// A promise, and the test that guards it.
pub(crate) struct Mechanism {
    pub(crate) promise: &'static str,
    /// The crate and the file of the test.
    at: (&'static str, &'static str),
    pub(crate) test: &'static str,
    /// What turns the protection off: the test has to fail then.
    pub(crate) switch: Option<&'static str>,
}

/// The unit tests of the crate.
const LIB: &str = "";

const SYNC: (&str, &str) = ("ipc-sync", "all");
const SHM: (&str, &str) = ("ipc-shm", "shm");
const KINDS: (&str, &str) = ("ipc-shm", "kinds");
const ARRAY: (&str, &str) = ("ipc-shmarray", "shmarray");
const SHARED: (&str, &str) = ("ipc", "shared_locks");
const SCRIBBLER: (&str, &str) = ("ipc", "scribbler");
const HOSTILE: (&str, &str) = ("ipc", "hostile");
const QUEUE: (&str, &str) = ("ipc-queue", "queue");
const SIGNAL: (&str, &str) = ("ipc-signal", "all");
const FUTEX: (&str, &str) = ("ipc-sync", "futex");
const STREAM: (&str, &str) = ("ipc-stream", "all");
const CLI: (&str, &str) = ("ipc-cli", "ipc");
const HANDLERS: (&str, &str) = ("ipc-signal", "handlers");

/// All of them. To read: promise, where the test is, the test, the switch.
#[rustfmt::skip]
pub(crate) const ALL: &[Mechanism] = &[
    guard("a robust mutex survives its owners", SYNC,
        "kill::kills_around_a_robust_mutex_block_no_process_and_spoil_no_data", Some("robust")),
    guard("and one that inherits priorities", SYNC,
        "kill::nor_do_kills_around_a_robust_mutex_that_inherits_priorities", Some("robust")),
    guard("an owner that is stopped keeps its lock", SYNC,
        "kill::an_owner_that_is_stopped_keeps_its_lock_and_the_others_their_time", None),
    guard("a leaked guard and a dropped mapping crash nobody", SYNC,
        "leaks::a_leaked_guard_and_a_dropped_mapping_crash_no_process", None),
    guard("a thread that ends holding data hands it to nobody", SYNC,
        "thread_ends::data_of_a_thread_that_ended_is_locked_until_its_process_ends", None),
    guard("data is handed on when the dead process can write no more", SYNC,
        "dying_owner::data_is_handed_on_when_the_dead_process_writes_no_more", None),
    guard("memory stays mapped as long as the kernel knows of a lock in it", SYNC,
        "leaks::memory_stays_mapped_while_a_living_thread_has_leaked_a_robust_lock", None),
    guard("a forked child gives back nothing of its parent's", SYNC,
        "forks::a_forked_child_gives_back_nothing_that_its_parent_holds", None),
    guard("a signal ends no wait", SYNC,
        "semaphore::signals_neither_end_a_wait_nor_make_it_shorter", Some("retry")),
    guard("every wait goes by the monotonic clock", ("ipc-sync", "clock"),
        "every_wait_goes_by_the_clock_that_cannot_be_set", Some("monotonic")),
    guard("a lost wake-up keeps nobody asleep", SYNC,
        "semaphore::a_lost_wake_up_keeps_no_thread_asleep_for_ever", Some("slices")),
    guard("a permit goes to who lives if who was woken is killed", SYNC,
        "wake_ups::a_permit_that_a_killed_waiter_did_not_take_goes_to_another", None),
    guard("a condition variable of glibc is what is said of it", SYNC,
        "dead_waiter::a_notifier_waits_for_a_killed_waiter_only_before_glibc_2_41", None),
    guard("System V permits of the dead come back", SYNC,
        "semaphore_set::what_a_killed_process_had_taken_is_given_back", None),
    guard("and none is lost or had by two", SYNC,
        "undo::permits_of_the_killed_return_and_none_is_held_twice", Some("retry")),
    guard("no wait for a lock or a permit ends before its time", SYNC,
        "time_outs::no_wait_ends_before_its_time", None),
    guard("a creator that is killed leaves a whole semaphore or none", SYNC,
        "across_processes::a_creator_killed_at_any_step_leaves_a_whole_semaphore_or_none", None),
    guard("a creator that is killed leaves nothing or what gives way", SHM,
        "crashes::a_creator_killed_at_any_step_leaves_nothing_or_what_gives_way", None),
    guard("nobody sees what a creator was killed in the middle of", SHM,
        "crashes::nobody_ever_sees_what_a_creator_was_killed_in_the_middle_of", None),
    guard("a process killed attaching or detaching takes nothing from the others", SHM,
        "crashes::who_is_killed_attaching_or_detaching_takes_nothing_from_the_others", None),
    guard("who opens sees all or nothing", SHM,
        "races::opening_while_others_create_finds_all_or_nothing", Some("whole first")),
    guard("of many who want it, while some die at it, the living share one made once", SHM,
        "contenders::of_many_who_open_or_create_while_some_die_at_it_the_living_share_one_that_was_made_once",
        Some("attach")),
    guard("a full file system is an error and no fault later", SHM,
        "room::a_full_file_system_is_an_error_that_leaves_nothing_and_not_a_fault_later", Some("reserve")),
    guard("an object is there as long as an attached process lives", SHM,
        "attachment_kills::of_users_that_are_killed_at_any_moment_none_loses_its_object_and_none_leaves_it_behind",
        Some("attach")),
    guard("a name goes with its last detach beside programs that are starting", SHM,
        "spawn::a_name_goes_with_its_last_user_whatever_program_another_thread_is_starting", None),
    guard("who removes its own never removes a successor", SHM,
        "attachment_end::who_removes_its_own_never_removes_a_successor", None),
    guard("a drop leaves what has its name now", SHM,
        "life::a_drop_leaves_what_another_has_made_under_its_name", Some("identity")),
    guard("a forked child neither removes nor lays out", SHM,
        "across_processes::a_forked_child_neither_removes_nor_lays_out_what_its_parent_made", Some("origin")),
    guard("a forked child is not attached until it says so", SHM,
        "attachment::a_forked_child_is_no_user_until_it_says_so", None),
    guard("a stopped process is attached, a dead one is not", SHM,
        "attachment::who_is_stopped_is_a_user_and_who_is_dead_but_not_buried_is_none", None),
    guard("a process is attached until its last thread has ended", SHM,
        "attachment::a_process_whose_first_thread_has_ended_is_a_user_until_its_last_has", None),
    guard("a process that becomes another program is not attached", SHM,
        "attachment::who_becomes_another_program_is_no_user_any_more", None),
    guard("processes in another PID namespace count", SHM,
        "attachment_elsewhere::users_in_another_pid_namespace_are_counted", None),
    guard("processes of another user count", SHM,
        "attachment_elsewhere::users_of_another_user_id_are_counted_and_leave_what_they_may_not_write", None),
    guard("a process that closes all descriptors stays attached", SHM,
        "attachment_elsewhere::who_closes_all_its_descriptors_stays_a_user", None),
    guard("every memory answers in order in every adversity", SHM,
        "adversities::every_memory_works_or_says_why_not_and_leaves_nothing_in_any_adversity", None),
    guard("a process is attached once however many handles it has", SHM,
        "attachment::a_process_is_attached_once_however_many_handles_it_has", None),
    guard("a look at what the dead left leaves it", SHM,
        "looks::a_look_at_what_the_dead_left_leaves_it", None),
    guard("a copy of an object is no object", SHM,
        "looks::a_copy_is_read_and_written_like_the_object_and_never_removed", Some("identity")),
    guard("an orderly end needs no free descriptor", SHM,
        "looks::an_orderly_end_removes_the_name_when_no_descriptor_is_left", None),
    guard("a lock of another program is an error that names it", SHM,
        "locks::a_lock_of_a_program_on_the_whole_file_is_an_error_that_names_it", None),
    guard("a lock of another program hides no attached process", SHM,
        "locks::a_read_lock_of_a_program_hides_no_process_and_delays_no_end", None),
    guard("a child forked during growth keeps no lock", SHM,
        "locks::a_child_that_was_forked_during_growth_keeps_no_lock", None),
    guard("growing moves nothing", KINDS,
        "growth::growing_page_by_page_never_copies", None),
    guard("a grower that is killed leaves the old size or the new", KINDS,
        "growth_crashes::a_grower_killed_at_any_step_leaves_a_whole_memory_of_the_old_size_or_the_new", None),
    guard("a creator that is killed leaves a whole segment or none that safe code opens", KINDS,
        "sysv_life::a_creator_killed_at_any_step_leaves_a_whole_segment_or_one_that_only_unsafe_code_opens", None),
    guard("a child unmaps nothing that it did not inherit", KINDS,
        "placement::a_child_that_drops_what_it_did_not_inherit_touches_and_unmaps_nothing", None),
    guard("a child forked while its parent grows stops nobody", KINDS,
        "growth::a_child_forked_while_its_parent_grows_stops_nobody", None),
    guard("what could become shorter is refused", KINDS,
        "anonymous::what_others_could_make_shorter_is_refused_as_unsealed", Some("seals")),
    guard("modes are exact and let in whom they say", KINDS,
        "permissions::every_kind_of_memory_has_exactly_the_mode_asked_for_and_lets_in_whom_that_lets_in", None),
    guard("a maker that is killed leaves a whole value or nothing", SHARED,
        "a_maker_killed_at_any_step_leaves_a_whole_value_or_nothing", None),
    guard("a creator that is killed leaves a whole array or nothing", ARRAY,
        "races::a_creator_killed_at_any_step_leaves_a_whole_array_or_nothing", None),
    guard("an array whose magic was not written any more is none", ARRAY,
        "races::an_array_whose_magic_was_not_written_any_more_is_none", None),
    guard("a creator that is killed leaves a queue that works or none", QUEUE,
        "life::a_creator_killed_at_any_step_leaves_a_queue_that_works_or_none", None),
    guard("one of many makes it", SHARED,
        "of_many_that_open_or_create_at_once_one_makes_it_and_all_share_it", None),
    guard("nonsense written all the time is refused or a view within the memory", SCRIBBLER,
        "nonsense_that_is_written_all_the_time_is_refused_or_a_view_within_the_memory", None),
    guard("no damaged header of an array of numbers is believed", HOSTILE,
        "damaged_headers_of_arrays_of_numbers_give_an_array_inside_the_memory_or_a_refusal", None),
    guard("nor of described elements", HOSTILE,
        "damaged_headers_of_described_elements_give_an_array_inside_the_memory_or_a_refusal", None),
    guard("nor of a snapshot", HOSTILE,
        "damaged_headers_of_snapshots_give_copies_inside_the_memory_or_a_refusal", None),
    guard("nor a damaged description", HOSTILE,
        "damaged_descriptions_give_a_layout_or_a_refusal", None),
    guard("nor the preamble of a value", HOSTILE,
        "damaged_preambles_give_a_value_inside_the_memory_or_a_refusal", None),
    guard("nor the trailer of a file", HOSTILE,
        "damaged_trailers_give_a_memory_inside_the_file_or_a_refusal", None),
    guard("nor an array in a file", HOSTILE,
        "damaged_files_of_arrays_give_an_array_inside_the_file_or_a_refusal", None),
    guard("nor a file of NumPy's", HOSTILE,
        "damaged_headers_of_files_of_numpy_give_an_array_or_a_refusal", None),
    guard("what others may write is opened only if asked for", SHM,
        "owners::what_others_may_write_is_opened_only_if_asked_for", Some("trust")),
    guard("no header that was written through another door is believed", ARRAY,
        "doors::a_header_that_was_written_through_another_door_makes_no_array", Some("content")),
    guard("what is read of a snapshot is of one version", ARRAY,
        "snapshots::a_picture_is_read_whole_while_others_write_and_die", None),
    guard("a reader of a snapshot knows that it was overtaken", ("ipc-sync", LIB),
        "snapshot::latch::tests::in_every_order_of_steps_a_reader_has_one_version_or_knows_that_it_was_overtaken",
        Some("whole")),
    guard("a writer of a snapshot that is killed has written all or nothing", ARRAY,
        "snapshots::a_writer_killed_at_any_step_has_written_all_or_nothing", None),
    guard("an owner that dies hands the elements of a guarded array on", ARRAY,
        "guarded::when_an_owner_dies_the_next_gets_the_elements_as_they_are", Some("robust")),
    guard("100,000 values from each of two arrive in order", SIGNAL,
        "sending::values_of_two_processes_arrive_completely_and_in_order", None),
    guard("a million reactions are counted", HANDLERS,
        "a_million_reactions_count_keep_errno_and_do_not_allocate", None),
    guard("no message is missed", QUEUE,
        "notification::no_message_is_missed_however_fast_they_come", None),
    guard("who is killed at a POSIX queue loses what it had in its hands", QUEUE,
        "kills::a_process_killed_at_a_posix_queue_loses_only_the_message_it_holds", None),
    guard("and at one of System V", QUEUE,
        "kills::a_process_killed_at_a_system_v_queue_loses_only_its_message", None),
    guard("no wait for a message or for room ends before its time", QUEUE,
        "time_outs::no_wait_ends_before_its_time", None),
    guard("a native mutex survives its owners", FUTEX,
        "mutex::processes_killed_around_a_mutex_stop_none_and_spoil_nothing", None),
    guard("a native read/write lock survives its owners", FUTEX,
        "rwlock::processes_killed_around_a_rwlock_stop_none_and_spoil_nothing", None),
    guard("a native condition variable survives its waiters", FUTEX,
        "others::processes_killed_around_a_condition_variable_stop_none", None),
    guard("a native barrier breaks and does not hang", FUTEX,
        "gatherings::processes_killed_around_a_barrier_break_rounds_and_stop_none", None),
    guard("native permits of the dead come back", FUTEX,
        "permits::permits_of_killed_processes_come_back_and_none_is_held_twice", None),
    guard("tasks of the dead are handed out again", FUTEX,
        "gatherings::tasks_of_killed_processes_are_handed_out_again", None),
    guard("one server replaces a stale name", STREAM,
        "names::of_servers_that_race_for_a_stale_name_exactly_one_wins", None),
    guard("a descriptor that is refused does not leak", STREAM,
        "messages::truncated_and_unwelcome_descriptors_are_errors_and_none_leaks", None),
    guard("cleaning up takes nothing that is in use", CLI,
        "churn::gc_takes_nothing_from_processes_that_come_and_go_and_are_killed", None),
    guard("a permit of a command comes back", CLI,
        "lock::a_permit_comes_back_whoever_is_killed", None),
];

/// What is tried by other means: the promise, and the arguments to cargo.
#[rustfmt::skip]
pub(crate) const CHORES: &[(&str, &str)] = &[
    ("algorithms with atomics and crashes, in every order; mutants are found", "test --quiet --manifest-path models/Cargo.toml -- --nocapture"),
    ("parsers of what others write, with AddressSanitizer", "xtask fuzz --seconds 20"),
    ("no access outside, no race: four tools, which find seeded bugs", "xtask sanitize"),
    ("all tests pass while every thread gets a thousand signals a second", "xtask storm"),
];

const fn guard(
    promise: &'static str,
    at: (&'static str, &'static str),
    test: &'static str,
    switch: Option<&'static str>,
) -> Mechanism {
    Mechanism { promise, at, test, switch }
}

impl Mechanism {
    /// The command that runs its test alone.
    pub(crate) fn command(&self) -> Command {
        let (krate, file) = self.at;
        let mut command = ci::cargo("test --quiet --all-features -p");
        let target: &[&str] = if file == LIB { &["--lib"] } else { &["--test", file] };
        command
            .arg(krate)
            .args(target)
            .args(["--", "--exact", "--nocapture", self.test])
            .current_dir(ci::root());
        command
    }
}
