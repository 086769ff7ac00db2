//! The protections of users from each other's deaths, lies and mistakes, with the test of each.

use std::process::Command;

use crate::ci;

/// A promise and the test that guards it.
pub(crate) struct Mechanism {
    pub(crate) promise: &'static str,
    /// The crate and the file of the test.
    at: (&'static str, &'static str),
    pub(crate) test: &'static str,
    /// The switch that turns the protection off, with which the test must fail.
    pub(crate) switch: Option<&'static str>,
}

/// The unit tests of a crate, in place of the name of a test file.
const LIB: &str = "";

const SYNC: (&str, &str) = ("ipc-sync", "all");
const SHM: (&str, &str) = ("ipc-shm", "shm");
const KINDS: (&str, &str) = ("ipc-shm", "kinds");
const ARRAY: (&str, &str) = ("ipc-shmarray", "shmarray");
const SHARED: (&str, &str) = ("ipc", "shared_locks");
const SCRIBBLER: (&str, &str) = ("ipc", "scribbler");
const NATIVE: (&str, &str) = ("ipc", "native_locks");
const HOSTILE: (&str, &str) = ("ipc-hostile", "damage");
const FRAMES: (&str, &str) = ("ipc-ring", "frames");
const QUEUE: (&str, &str) = ("ipc-queue", "queue");
const SIGNAL: (&str, &str) = ("ipc-signal", "all");
const FUTEX: (&str, &str) = ("ipc-sync", "futex");
const SPSC: (&str, &str) = ("ipc-ring", "spsc");
const MPMC: (&str, &str) = ("ipc-ring", "mpmc");
const QUIET: (&str, &str) = ("ipc-ring", "quiet");
const STATISTICS: (&str, &str) = ("ipc-ring", "statistics");
const JOBS: (&str, &str) = ("ipc-ring", "jobs");
const TOPIC: (&str, &str) = ("ipc-ring", "topic");
const SERVICE: (&str, &str) = ("ipc-ring", "service");
const MAILBOX: (&str, &str) = ("ipc-ring", "mailbox");
const WAIT: (&str, &str) = ("ipc-ring", "wait");
const HEAP: (&str, &str) = ("ipc-heap", "heap");
const STREAM: (&str, &str) = ("ipc-stream", "all");
const CLI: (&str, &str) = ("ipc-cli", "ipc");
const HANDLERS: (&str, &str) = ("ipc-signal", "handlers");

/// All protections: the promise, the place of the test, its name, and the switch.
#[rustfmt::skip]
pub(crate) const ALL: &[Mechanism] = &[
    guard("a robust mutex survives the death of its owners", SYNC,
        "kill::kills_around_a_robust_mutex_block_no_process_and_spoil_no_data", Some("robust")),
    guard("a robust mutex that inherits priorities survives the death of its owners", SYNC,
        "kill::kills_around_a_priority_inheriting_mutex_block_no_process", Some("robust")),
    guard("an owner that is stopped keeps its lock", SYNC,
        "kill::an_owner_that_is_stopped_keeps_its_lock_and_the_others_their_time", None),
    guard("a leaked guard and a dropped mapping crash no process", SYNC,
        "leaks::a_leaked_guard_and_a_dropped_mapping_crash_no_process", None),
    guard("data of a thread that ended stays locked until its process ends", SYNC,
        "thread_ends::data_of_a_thread_that_ended_is_locked_until_its_process_ends", None),
    guard("a mutex passes on when its dead owner can no longer write", SYNC,
        "dying_owner::data_is_handed_on_when_the_dead_process_writes_no_more", None),
    guard("memory stays mapped while the kernel knows of a lock in it", SYNC,
        "leaks::memory_stays_mapped_while_a_living_thread_has_leaked_a_robust_lock", None),
    guard("a forked child releases nothing that its parent holds", SYNC,
        "forks::a_forked_child_releases_nothing_that_its_parent_holds", None),
    guard("signals do not end a wait", SYNC,
        "semaphore::signals_neither_end_a_wait_nor_make_it_shorter", Some("retry")),
    guard("every timeout runs on the monotonic clock", ("ipc-sync", "clock"),
        "every_wait_goes_by_the_clock_that_cannot_be_set", Some("monotonic")),
    guard("a lost wake-up keeps no thread asleep", SYNC,
        "semaphore::a_lost_wake_up_keeps_no_thread_asleep_for_ever", Some("slices")),
    guard("a permit goes to another process if the woken one is killed", SYNC,
        "wake_ups::a_permit_that_a_killed_waiter_did_not_take_goes_to_another", None),
    guard("a condition variable of glibc behaves as documented", SYNC,
        "dead_waiter::a_notifier_waits_for_a_killed_waiter_only_before_glibc_2_41", None),
    guard("System V permits of killed processes are released", SYNC,
        "semaphore_set::the_permits_of_a_killed_process_are_released", None),
    guard("no System V permit is lost or held by two processes", SYNC,
        "undo::permits_of_the_killed_return_and_none_is_held_twice", Some("retry")),
    guard("no wait for a lock or a permit ends before its timeout", SYNC,
        "time_outs::no_wait_ends_before_its_time", None),
    guard("a killed creator leaves a complete semaphore or none", SYNC,
        "across_processes::a_creator_killed_at_any_step_leaves_a_whole_semaphore_or_none", None),
    guard("a killed creator leaves nothing or an object that is replaced", SHM,
        "crashes::a_creator_killed_at_any_step_leaves_nothing_or_a_stale_object", None),
    guard("no process sees the incomplete object of a killed creator", SHM,
        "crashes::no_process_sees_an_object_whose_creator_was_killed_midway", None),
    guard("a process killed while attaching or detaching harms no other", SHM,
        "crashes::a_process_killed_while_attaching_or_detaching_harms_no_other", None),
    guard("an open sees a complete object or none", SHM,
        "races::opening_while_others_create_finds_all_or_nothing", Some("whole first")),
    guard("concurrent open_or_create gives all survivors the same object", SHM,
        "contenders::open_or_create_among_dying_processes_gives_the_living_one_object",
        Some("attach")),
    guard("a full file system is an error at creation and no fault later", SHM,
        "room::a_full_file_system_is_an_error_at_creation_and_leaves_nothing", Some("reserve")),
    guard("an object exists as long as an attached process lives", SHM,
        "attachment_kills::kills_at_any_time_neither_lose_an_object_nor_leave_it_behind",
        Some("attach")),
    guard("the last detach unlinks a name even while programs are started", SHM,
        "spawn::the_last_detach_unlinks_a_name_while_programs_are_started", None),
    guard("a process that removes its object never removes a successor", SHM,
        "attachment_end::a_process_that_removes_its_object_never_removes_a_successor", None),
    guard("a drop never removes a later object of the same name", SHM,
        "life::a_drop_leaves_an_object_that_another_process_created_there", Some("identity")),
    guard("a forked child neither removes nor initialises its parent's object", SHM,
        "across_processes::a_forked_child_neither_removes_nor_fills_its_parents_object", Some("origin")),
    guard("a forked child is not attached until it attaches itself", SHM,
        "attachment::a_forked_child_is_not_attached_until_it_attaches_itself", None),
    guard("a stopped process is attached, a dead one is not", SHM,
        "attachment::a_stopped_process_is_attached_and_a_zombie_is_not", None),
    guard("a process is attached until its last thread has ended", SHM,
        "attachment::a_process_is_attached_until_its_last_thread_has_ended", None),
    guard("a process that executes another program is not attached", SHM,
        "attachment::a_process_that_executes_another_program_is_not_attached", None),
    guard("processes in another PID namespace are counted", SHM,
        "attachment_elsewhere::processes_in_another_pid_namespace_are_counted", None),
    guard("processes of another user are counted", SHM,
        "attachment_elsewhere::processes_of_another_user_are_counted_and_leave_the_name", None),
    guard("a process that closes all descriptors stays attached", SHM,
        "attachment_elsewhere::a_process_that_closes_all_its_descriptors_stays_attached", None),
    guard("every kind of memory works or reports an error in every adversity", SHM,
        "adversities::every_kind_works_or_reports_an_error_in_every_adversity", None),
    guard("a process is attached once however many handles it has", SHM,
        "attachment::a_process_is_attached_once_however_many_handles_it_has", None),
    guard("inspecting a stale object does not remove it", SHM,
        "looks::a_look_at_what_the_dead_left_leaves_it", None),
    guard("a copy of an object's file is never removed as the object", SHM,
        "looks::a_copy_is_read_and_written_like_the_object_and_never_removed", Some("identity")),
    guard("a backup that is copied back is never removed as the object", SHM,
        "looks::a_backup_with_the_device_and_inode_of_the_object_is_never_removed",
        Some("identity")),
    guard("an orderly exit needs no free descriptor", SHM,
        "looks::an_orderly_end_removes_the_name_when_no_descriptor_is_left", None),
    guard("a lock of another program is an error that names it", SHM,
        "locks::a_lock_of_a_program_on_the_whole_file_is_an_error_that_names_it", None),
    guard("a lock of another program hides no attached process", SHM,
        "locks::a_read_lock_of_a_program_hides_no_process_and_delays_no_end", None),
    guard("a child forked during growth keeps no lock", SHM,
        "locks::a_child_that_was_forked_during_growth_keeps_no_lock", None),
    guard("growth moves no bytes", KINDS,
        "growth::growing_page_by_page_never_copies", None),
    guard("a process killed while growing memory leaves the old size or the new", KINDS,
        "growth_crashes::a_grower_killed_at_any_step_leaves_the_old_size_or_the_new", None),
    guard("a killed creator leaves a complete segment or none for safe code", KINDS,
        "sysv_life::a_killed_creator_leaves_a_whole_segment_or_one_for_unsafe_code", None),
    guard("a child unmaps nothing that it did not inherit", KINDS,
        "placement::a_child_that_drops_what_it_did_not_inherit_touches_and_unmaps_nothing", None),
    guard("a child forked while its parent grows memory blocks no process", KINDS,
        "growth::a_child_forked_while_its_parent_grows_blocks_no_process", None),
    guard("memory that another process could shrink is refused", KINDS,
        "anonymous::what_others_could_make_shorter_is_refused_as_unsealed", Some("seals")),
    guard("modes are exact, and the system enforces them", KINDS,
        "permissions::every_kind_of_memory_has_the_exact_mode_and_enforces_it", None),
    guard("a killed creator leaves a complete value or nothing", SHARED,
        "a_creator_killed_at_any_step_leaves_a_whole_value_or_nothing", None),
    guard("a killed creator leaves a complete array or nothing", ARRAY,
        "races::a_creator_killed_at_any_step_leaves_a_whole_array_or_nothing", None),
    guard("an array without its magic number does not open", ARRAY,
        "races::an_array_whose_magic_was_never_written_does_not_open", None),
    guard("a killed creator leaves a working queue or none", QUEUE,
        "life::a_creator_killed_at_any_step_leaves_a_queue_that_works_or_none", None),
    guard("one of many concurrent open_or_create calls creates the value", SHARED,
        "of_concurrent_open_or_create_calls_one_creates_and_all_share", None),
    guard("constant random writes give an error or a view inside the memory", SCRIBBLER,
        "constant_random_writes_give_an_error_or_a_view_inside_the_memory", None),
    guard("a damaged header of numbers gives an array inside the memory or an error", HOSTILE,
        "damaged_headers_of_number_arrays_give_an_array_inside_or_an_error", None),
    guard("a damaged header of structs gives an array inside the memory or an error", HOSTILE,
        "damaged_headers_of_struct_arrays_give_an_array_inside_or_an_error", None),
    guard("a damaged header of a snapshot gives copies inside the memory or an error", HOSTILE,
        "damaged_headers_of_snapshots_give_copies_inside_or_an_error", None),
    guard("a damaged description gives a layout or an error", HOSTILE,
        "damaged_descriptions_give_a_layout_or_an_error", None),
    guard("a damaged preamble gives a value inside the memory or an error", HOSTILE,
        "damaged_preambles_give_a_value_inside_or_an_error", None),
    guard("a damaged trailer gives bytes inside the file or an error", HOSTILE,
        "damaged_trailers_give_bytes_inside_the_file_or_an_error", None),
    guard("a damaged file gives an array inside it or an error", HOSTILE,
        "damaged_array_files_give_an_array_inside_or_an_error", None),
    guard("a damaged NumPy file gives an array or an error", HOSTILE,
        "damaged_headers_of_numpy_files_give_an_array_or_an_error", None),
    guard("an object that others may write is opened only if asked for", SHM,
        "owners::an_object_that_others_may_write_is_opened_only_if_asked_for", Some("trust")),
    guard("a header written by other means is not opened as an array", ARRAY,
        "doors::a_header_written_by_other_means_is_not_opened_as_an_array", Some("content")),
    guard("a frame is whole, whatever happens to its writer", FRAMES,
        "kills::readers_see_no_torn_frame_while_writers_are_killed_at_any_moment", None),
    guard("a frame that is overwritten while it is read is refused", FRAMES,
        "basics::a_frame_that_is_overwritten_while_it_is_read_is_not_returned", Some("whole frame")),
    guard("a reader knows exactly how many frames it missed", FRAMES,
        "waiting::viewers_account_for_every_frame_of_a_writer_at_full_speed", None),
    guard("a writer of frames killed at any step leaves the name to the next", FRAMES,
        "kills::a_writer_killed_at_any_step_leaves_whole_frames_and_its_name", None),
    guard("frames have one writer at a time", FRAMES,
        "restart::a_second_writer_is_told_which_process_writes", Some("one writer")),
    guard("readers of frames learn of the death of their writer", FRAMES,
        "waiting::readers_learn_that_their_writer_was_killed_while_they_sleep", Some("slices")),
    guard("a writer of frames that is stopped loses nothing", FRAMES,
        "kills::stopping_a_writer_anywhere_loses_and_tears_nothing", None),
    guard("in every order of steps a frame is whole or refused", ("ipc-ring", LIB),
        "frames::slot::tests::in_every_order_of_steps_a_reader_has_a_whole_frame_or_none", None),
    guard("damaged frames give frames inside the memory or an error", HOSTILE,
        "damaged_frames_give_frames_inside_or_an_error", None),
    guard("a read of a snapshot is of one version", ARRAY,
        "snapshots::a_picture_is_read_whole_while_others_write_and_die", None),
    guard("a reader of a snapshot detects that writers overtook it", ("ipc-sync", LIB),
        "snapshot::latch::tests::in_every_order_a_reader_has_one_version_or_sees_it_was_overtaken",
        Some("whole")),
    guard("a killed writer of a snapshot has written all or nothing", ARRAY,
        "snapshots::a_writer_killed_at_any_step_has_written_all_or_nothing", None),
    guard("the elements of a guarded array pass on when their owner dies", ARRAY,
        "guarded::when_an_owner_dies_the_next_gets_the_elements_as_they_are", Some("robust")),
    guard("signal values of two processes arrive complete and in order", SIGNAL,
        "sending::values_of_two_processes_arrive_completely_and_in_order", None),
    guard("a million signal reactions run, keep errno and allocate nothing", HANDLERS,
        "a_million_reactions_count_keep_errno_and_do_not_allocate", None),
    guard("no message is missed after a notification", QUEUE,
        "notification::no_message_is_missed_however_fast_they_come", None),
    guard("a process killed at a POSIX queue loses only the message it holds", QUEUE,
        "kills::a_process_killed_at_a_posix_queue_loses_only_the_message_it_holds", None),
    guard("a process killed at a System V queue loses only its message", QUEUE,
        "kills::a_process_killed_at_a_system_v_queue_loses_only_its_message", None),
    guard("no wait at a queue ends before its timeout", QUEUE,
        "time_outs::no_wait_ends_before_its_time", None),
    guard("a native mutex survives the death of its owners", FUTEX,
        "mutex::processes_killed_around_a_mutex_stop_none_and_spoil_nothing", None),
    guard("a native read/write lock survives the death of its owners", FUTEX,
        "rwlock::processes_killed_around_a_rwlock_stop_none_and_spoil_nothing", None),
    guard("a native condition variable survives the death of its waiters", FUTEX,
        "others::processes_killed_around_a_condition_variable_stop_none", None),
    guard("a native barrier reports a dead party and does not hang", FUTEX,
        "gatherings::processes_killed_around_a_barrier_break_rounds_and_stop_none", None),
    guard("native permits of killed processes are released", FUTEX,
        "permits::permits_of_killed_processes_come_back_and_none_is_held_twice", None),
    guard("native events are redelivered", FUTEX,
        "others::a_signal_that_a_killed_process_received_is_redelivered_once", None),
    guard("a dead initialiser is replaced", FUTEX,
        "others::an_initialiser_that_is_killed_is_replaced_once", None),
    guard("a native semaphore loses no wake-up", FUTEX,
        "permits::a_permit_that_a_killed_process_did_not_acquire_goes_to_another", None),
    guard("a stopped owner keeps its native mutex", FUTEX,
        "mutex::a_stopped_owner_keeps_its_mutex_and_the_others_their_timeouts", None),
    guard("native locks work between users", NATIVE,
        "processes_of_two_users_share_native_locks_and_learn_of_deaths", None),
    guard("native locks of another PID namespace are refused", NATIVE,
        "native_locks_are_refused_in_another_pid_namespace", None),
    guard("a forked child owns no native lock", NATIVE,
        "a_forked_child_owns_nothing_of_its_parent_and_says_so", None),
    guard("rubbish in native locks is survived", NATIVE,
        "rubbish_in_native_locks_causes_errors_or_waits_that_time_out", None),
    guard("a writer that is killed leaves no reader asleep", ARRAY,
        "waits::a_writer_killed_before_it_wakes_leaves_no_reader_asleep", None),
    guard("tasks of killed processes are assigned again", FUTEX,
        "gatherings::tasks_of_killed_processes_are_handed_out_again", None),
    guard("a vector in a heap changes completely or not, wherever a process is killed", HEAP,
        "crashes::a_vector_changes_completely_or_not_wherever_a_process_is_killed", Some("intents")),
    guard("an object of a heap exists or not, wherever its creator is killed", HEAP,
        "crashes::an_object_exists_or_not_wherever_its_creator_is_killed", None),
    guard("all operations of a group in a heap happen or none, wherever a process is killed", HEAP,
        "crashes::all_operations_of_a_group_happen_or_none_wherever_a_process_is_killed", Some("intents")),
    guard("a block of a heap is not used again while an operation frees it", HEAP,
        "crashes::a_block_is_not_used_again_before_the_operation_that_frees_it_is_over", Some("in flight")),
    guard("an ordered map changes completely or not, wherever a process is killed", HEAP,
        "crashes::an_ordered_map_changes_completely_or_not_wherever_a_process_dies", None),
    guard("a map that is read without a lock is read in one version", HEAP,
        "maps::readers_see_one_version_whatever_writers_do_and_wherever_they_die", Some("versions")),
    guard("the counts of killed processes are dropped", HEAP,
        "counts::the_counts_of_a_killed_process_are_dropped_when_it_is_recovered", Some("shares")),
    guard("objects go with their owner, wherever a process is killed", HEAP,
        "crashes::owned_objects_are_destroyed_with_their_owner_wherever_it_is_killed",
        Some("ownerless")),
    guard("counts change completely or not, wherever a process is killed", HEAP,
        "crashes::counts_of_a_process_are_dropped_wherever_it_is_killed", None),
    guard("a recovery of a heap may itself be killed", HEAP,
        "crashes::a_recovery_is_repeated_wherever_the_recovering_process_is_killed", None),
    guard("processes killed around a heap stop none and lose nothing", HEAP,
        "kills::processes_killed_anywhere_leave_whole_objects_and_no_lost_bytes", None),
    guard("a process that is stopped keeps all it has in a heap", HEAP,
        "kills::a_process_that_is_stopped_anywhere_keeps_what_it_has", None),
    guard("a view of an object in a heap is never half old and half new", HEAP,
        "views::a_view_never_sees_half_a_change_whoever_writes_and_is_killed", Some("versions")),
    guard("a damaged heap gives an error or some content", HEAP,
        "hostile::damaged_heaps_are_errors_or_some_content_and_never_faults", None),
    guard("exactly one server replaces a stale name", STREAM,
        "names::of_servers_that_race_for_a_stale_name_exactly_one_wins", None),
    guard("a refused descriptor does not leak", STREAM,
        "messages::truncated_and_unwelcome_descriptors_are_errors_and_none_leaks", None),
    guard("a peer is not refused because this process lacks a descriptor", STREAM,
        "peers::a_peer_is_not_refused_because_descriptors_ran_out", None),
    guard("a peer that is killed in mid-message blocks no process", STREAM,
        "sockets::a_peer_that_is_killed_in_mid_message_is_an_end_and_no_wait", None),
    guard("no wait at a socket ends before its timeout", STREAM,
        "sockets::no_wait_ends_before_its_time", None),
    guard("a forked child neither has nor changes a file lock of its parent", STREAM,
        "locks::a_forked_child_neither_has_nor_releases_its_parents_lock", None),
    guard("ipc gc removes nothing that is in use", CLI,
        "churn::gc_takes_nothing_from_processes_that_come_and_go_and_are_killed", None),
    guard("a permit of ipc sem is released whichever process is killed", CLI,
        "lock::a_permit_comes_back_whoever_is_killed", None),
    guard("messages of a ring survive their sender", SPSC,
        "kills::senders_that_are_killed_lose_and_repeat_no_message", None),
    guard("and their receiver", SPSC,
        "kills::receivers_that_are_killed_leave_every_message_to_the_next", None),
    guard("a sender that is stopped keeps its end of a ring", SPSC,
        "kills::a_sender_that_is_stopped_keeps_its_end_and_loses_nothing", None),
    guard("no damaged ring is a fault", SPSC,
        "hostile::damaged_rings_are_errors_or_some_messages_and_never_faults", None),
    guard("a process that is killed at a queue blocks no other", MPMC,
        "kills::workers_that_are_killed_block_no_other_and_every_loss_is_counted", None),
    guard("a receiver that is killed blocks no sender", MPMC,
        "kills::receivers_that_are_killed_block_no_sender_and_repeat_no_message", None),
    guard("a sender that is stopped keeps its place in a queue", MPMC,
        "kills::a_sender_that_is_stopped_keeps_its_place_and_loses_nothing", None),
    guard("no damaged queue is a fault", MPMC,
        "hostile::damaged_queues_are_errors_or_some_messages_and_never_faults", None),
    guard("a sender that is killed at a priority blocks no other", MPMC,
        "kills::workers_with_priorities_that_are_killed_block_no_other", None),
    guard("a sender that is stopped at a priority keeps its place", MPMC,
        "kills::a_sender_with_a_priority_that_is_stopped_keeps_its_place", None),
    guard("no damaged queue with priorities is a fault", MPMC,
        "hostile::damaged_queues_with_priorities_are_errors_or_some_messages", None),
    guard("what a killed sender lost is counted once", STATISTICS,
        "what_a_killed_sender_lost_is_counted_once", None),
    guard("Rust, C and Python notice the death of each other's ends of a ring", SPSC,
        "interop::we_notice_that_an_end_in_c_or_python_was_killed_and_take_its_place", None),
    guard("messages between processes that are awake need no system call and no allocation", QUIET,
        "topics_pass_messages_on_without_system_calls_or_allocations", None),
    guard("a job survives its workers", JOBS,
        "kills::jobs_of_workers_that_are_killed_are_done_by_others", None),
    guard("a worker that is stopped keeps its job", JOBS,
        "kills::the_jobs_of_a_worker_that_is_stopped_stay_with_it", None),
    guard("no damaged job queue is a fault", JOBS,
        "hostile::damaged_job_queues_are_errors_or_some_jobs_and_never_faults", None),
    guard("a publisher that is killed blocks no other, and every message is counted", TOPIC,
        "kills::publishers_that_are_killed_block_no_other_and_every_message_is_counted", None),
    guard("the samples of a subscriber that is killed come back", TOPIC,
        "kills::subscribers_that_are_killed_block_no_other_and_their_samples_come_back", None),
    guard("a process that is stopped at a topic loses nothing", TOPIC,
        "stops::a_process_that_is_stopped_loses_nothing_and_blocks_no_other", None),
    guard("no damaged topic is a fault", TOPIC,
        "hostile::damaged_topics_are_errors_or_some_messages_and_never_faults", None),
    guard("a call has one end, a reply or the death of its server", SERVICE,
        "kills::calls_of_servers_that_are_killed_are_reported_and_no_place_is_lost", None),
    guard("a call of a dead server goes to another if allowed", SERVICE,
        "kills::calls_of_servers_that_are_killed_are_answered_by_others_if_allowed", None),
    guard("calls of stopped processes are answered in the end", SERVICE,
        "kills::the_calls_of_processes_that_are_stopped_are_answered_in_the_end", None),
    guard("no damaged service is a fault", SERVICE,
        "hostile::damaged_services_are_errors_or_some_calls_and_never_faults", None),
    guard("a message survives its sender and the owner of its mailbox", MAILBOX,
        "kills::messages_are_read_in_order_whoever_is_killed_and_none_is_lost", None),
    guard("a thread that waits for several objects is woken by each", WAIT,
        "any::a_thread_is_woken_by_any_of_its_objects", None),
    guard("a death ends a wait for several objects", WAIT,
        "any::the_death_of_another_process_makes_an_object_ready", None),
    guard("no damaged mailbox is a fault", MAILBOX,
        "hostile::damaged_mailboxes_are_errors_or_some_messages_and_never_faults", None),
];

/// Promises that other commands check: the promise, and the arguments of cargo.
#[rustfmt::skip]
pub(crate) const CHORES: &[(&str, &str)] = &[
    ("algorithms with atomics and crashes, in every order of steps, with mutants", "test --quiet --manifest-path models/Cargo.toml -- --nocapture"),
    ("parsers of bytes of other processes, with AddressSanitizer", "xtask fuzz --seconds 20"),
    ("no invalid access and no race, by four tools that find seeded bugs", "xtask sanitize"),
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    fn collect(dir: &Path, tests: &mut BTreeSet<String>) {
        for path in ci::names(dir).iter().map(|name| dir.join(name)) {
            collect(&path, tests);
            let text = fs::read_to_string(path).unwrap_or_default();
            let functions =
                text.split("#[test]").skip(1).filter_map(|test| test.split("fn ").nth(1));
            tests.extend(functions.filter_map(|text| text.split('(').next()).map(str::to_owned));
        }
    }

    #[test]
    fn each_protection_names_a_test_of_its_crate() {
        for Mechanism { at: (krate, file), test, .. } in ALL {
            let mut tests = BTreeSet::new();
            let folder = if *file == LIB { "src" } else { "tests" };
            collect(&ci::root().join(krate).join(folder), &mut tests);
            let name = test.rsplit("::").next().unwrap();
            assert!(tests.contains(name), "{krate} has no test `{name}`");
        }
    }
}
