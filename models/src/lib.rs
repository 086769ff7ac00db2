//! Our algorithms with atomics and with crashes, tested in every order in which their steps can
//! happen.
//!
//! Each model states which function of the libraries each of its steps stands for: a change to one
//! requires a change to the other. A model has *mutants*, algorithms that lack one thing. A mutant
//! that passes would show that the model does not detect what it is meant to detect.
//!
//! | model | of | by |
//! |---|---|---|
//! | [`publish`] | headers whose magic is written last | loom |
//! | [`segment`] | segments that are found before they are whole | loom |
//! | [`snapshot`] | values that are read whole while they are written | loom |
//! | [`origin`] | the mark of a process | loom |
//! | [`last_user`] | names that the last detach removes, with kills at any step | [`explore`] |
//! | [`growth`] | files that grow in place, with kills at any step | [`explore`] |
//! | [`wait_word`] | the word that threads sleep on | loom |
//! | [`frame_slot`] | frames that are read whole while their slots are written | loom |
//! | [`frame_bell`] | readers of frames that sleep and are woken | [`explore`] |
//! | [`futex_lock`] | native locks whose owners and waiters are killed | [`explore`] |
//! | [`futex_barrier`] | native barriers whose parties are killed and time out | [`explore`] |
//! | [`futex_rwlock`] | native read/write locks whose users are killed | [`explore`] |
//! | [`futex_event`] | native events whose threads are killed | [`explore`] |
//! | [`ring`] | rings whose ends are opened again after their processes were killed | [`explore`] |
//! | [`jobs`] | job queues whose submitters and workers are killed | [`explore`] |
//! | [`calls`] | services and mailboxes whose clients and servers are killed | [`explore`] |
//! | [`futex_permits`] | native permits whose holders are killed | [`explore`] |
//! | [`futex_semaphore`] | native semaphores at 0 and at their maximum, with kills | [`explore`] |
//! | [`futex_latch`] | native latches whose workers are killed | [`explore`] |
//! | [`futex_once`] | native initialisations that are killed or panic | [`explore`] |
//! | [`futex_condvar`] | native condition variables whose threads are killed | [`explore`] |
//! | [`topic`] | topics whose publishers and subscribers are killed and stopped | [`explore`] |
//! | [`heap`] | heaps whose participants, and those that recover them, are killed | [`explore`] |
//! | [`queue`] | queues whose senders and receivers are killed | [`explore`] |

pub mod calls;
pub mod explore;
pub mod frame_bell;
pub mod frame_slot;
pub mod futex_barrier;
pub mod futex_condvar;
pub mod futex_event;
pub mod futex_latch;
pub mod futex_lock;
pub mod futex_once;
pub mod futex_permits;
pub mod futex_rwlock;
pub mod futex_semaphore;
pub mod futex_slots;
pub mod growth;
pub mod heap;
pub mod jobs;
pub mod last_user;
pub mod origin;
pub mod publish;
pub mod queue;
pub mod ring;
pub mod segment;
pub mod sleepers;
pub mod snapshot;
pub mod topic;
pub mod wait_word;

/// One algorithm.
pub struct Model {
    pub name: &'static str,
    /// Runs the model, or the mutant of that name, in every order, and panics at the first failure.
    pub run: fn(mutant: &'static str),
    pub mutants: &'static [&'static str],
}

pub const MODELS: &[Model] = &[
    Model { name: "publish", run: publish::run, mutants: publish::MUTANTS },
    Model { name: "segment", run: segment::run, mutants: segment::MUTANTS },
    Model { name: "snapshot", run: snapshot::run, mutants: snapshot::MUTANTS },
    Model { name: "origin", run: origin::run, mutants: origin::MUTANTS },
    Model { name: "last-user", run: last_user::run, mutants: last_user::MUTANTS },
    Model { name: "growth", run: growth::run, mutants: growth::MUTANTS },
    Model { name: "wait-word", run: wait_word::run, mutants: wait_word::MUTANTS },
    Model { name: "futex-lock", run: futex_lock::run, mutants: futex_lock::MUTANTS },
    Model { name: "futex-rwlock", run: futex_rwlock::run, mutants: futex_rwlock::MUTANTS },
    Model { name: "futex-barrier", run: futex_barrier::run, mutants: futex_barrier::MUTANTS },
    Model { name: "futex-event", run: futex_event::run, mutants: futex_event::MUTANTS },
    Model { name: "ring", run: ring::run, mutants: ring::MUTANTS },
    Model { name: "jobs", run: jobs::run, mutants: jobs::MUTANTS },
    Model { name: "calls", run: calls::run, mutants: calls::MUTANTS },
    Model { name: "futex-permits", run: futex_permits::run, mutants: futex_permits::MUTANTS },
    Model { name: "futex-semaphore", run: futex_semaphore::run, mutants: futex_semaphore::MUTANTS },
    Model { name: "futex-latch", run: futex_latch::run, mutants: futex_latch::MUTANTS },
    Model { name: "futex-once", run: futex_once::run, mutants: futex_once::MUTANTS },
    Model { name: "futex-condvar", run: futex_condvar::run, mutants: futex_condvar::MUTANTS },
    Model { name: "topic", run: topic::run, mutants: topic::MUTANTS },
    Model { name: "heap", run: heap::run, mutants: heap::MUTANTS },
    Model { name: "queue", run: queue::run, mutants: queue::MUTANTS },
    Model { name: "frame-slot", run: frame_slot::run, mutants: frame_slot::MUTANTS },
    Model { name: "frame-bell", run: frame_bell::run, mutants: frame_bell::MUTANTS },
];
