//! Options of locks.

use ipc_core::{Clock, switched_on};

/// The threads that may use a lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// Those of every process that has the memory.
    #[default]
    #[doc(alias = "PTHREAD_PROCESS_SHARED")]
    Processes,
    /// Those of the one process that made it, by the one mapping it was made in: no other process and no second mapping
    /// ever uses it.
    #[doc(alias = "PTHREAD_PROCESS_PRIVATE")]
    Threads,
}

/// The behaviour of a mutex that its owner locks again, and the way in which it waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MutexKind {
    /// Its owner waits for itself for ever.
    #[doc(alias = "PTHREAD_MUTEX_NORMAL")]
    Normal,
    /// Its owner gets an error that [`is_deadlock`](ipc_core::Error::is_deadlock).
    #[default]
    #[doc(alias = "PTHREAD_MUTEX_ERRORCHECK")]
    ErrorChecking,
    /// Its owner acquires it once more, and releases it once for each time. For
    /// [`RawMutex`](crate::pthread::RawMutex) and [`RecursiveMutex`](crate::pthread::RecursiveMutex) only.
    #[doc(alias = "PTHREAD_MUTEX_RECURSIVE")]
    Recursive,
    /// Like `Normal`, but a waiting thread spins briefly before it sleeps. glibc only.
    #[doc(alias = "PTHREAD_MUTEX_ADAPTIVE_NP")]
    Adaptive,
}

/// The treatment of threads that wait for an owner of lower priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Nothing.
    #[default]
    #[doc(alias = "PTHREAD_PRIO_NONE")]
    None,
    /// Its owner has the priority of the highest that waits. musl has no such mutex that is robust: its own hangs.
    #[doc(alias = "PTHREAD_PRIO_INHERIT")]
    Inherit,
    /// Its owner has at least this priority, of the real-time scheduling classes. glibc has no such mutex that is
    /// robust: combine it with [`stalled`](MutexOptions::stalled).
    ///
    /// For threads of a real-time class. With glibc, a thread of another class gets `EINVAL` the first time that it locks such
    /// a mutex, and later the lock without the priority.
    #[doc(alias = "PTHREAD_PRIO_PROTECT")]
    Protect(i32),
}

/// The options of a mutex.
///
/// The default is the careful choice: for several processes, robust (its owner's death is reported to the
/// next that locks it), and an error for an owner that locks it again.
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::pthread::{Mutex, MutexKind, MutexOptions, Sharing};
///
/// let options = MutexOptions::new().kind(MutexKind::Normal).sharing(Sharing::Threads);
/// let hits = Mutex::create_in_with(LocalMemory::new(64)?, 0u64, options)?;
/// *hits.lock_or_repair(|_| ())? += 1;
/// # Ok::<(), ipc_core::Error>(())
/// ```
#[doc(alias = "pthread_mutexattr_t")]
#[derive(Clone, Copy, Debug)]
pub struct MutexOptions {
    pub(crate) kind: MutexKind,
    pub(crate) sharing: Sharing,
    pub(crate) robust: Option<bool>,
    pub(crate) protocol: Protocol,
}

impl MutexOptions {
    /// The careful choice.
    #[must_use]
    pub fn new() -> Self {
        Self {
            kind: MutexKind::default(),
            sharing: Sharing::default(),
            robust: None,
            protocol: Protocol::default(),
        }
    }

    /// The behaviour when its owner locks it again.
    #[doc(alias = "pthread_mutexattr_settype")]
    #[must_use]
    pub fn kind(self, kind: MutexKind) -> Self {
        Self { kind, ..self }
    }

    /// The threads that may lock it. One for threads of one process is robust only if that is asked for.
    #[doc(alias = "pthread_mutexattr_setpshared")]
    #[must_use]
    pub fn sharing(self, sharing: Sharing) -> Self {
        Self { sharing, ..self }
    }

    /// Robust: if its owner dies, that is reported, and the next to lock it gets [`OwnerDied`](crate::LockError::OwnerDied).
    #[doc(alias = "pthread_mutexattr_setrobust")]
    #[must_use]
    pub fn robust(self) -> Self {
        Self { robust: Some(true), ..self }
    }

    /// Not robust: if its owner dies, whoever waits for it waits for ever.
    #[doc(alias = "PTHREAD_MUTEX_STALLED")]
    #[must_use]
    pub fn stalled(self) -> Self {
        Self { robust: Some(false), ..self }
    }

    pub(crate) fn is_robust(&self) -> bool {
        self.robust.unwrap_or(self.sharing == Sharing::Processes) && switched_on("robust")
    }

    /// The treatment of threads that wait for an owner of lower priority.
    #[doc(alias = "pthread_mutexattr_setprotocol")]
    #[must_use]
    pub fn protocol(self, protocol: Protocol) -> Self {
        Self { protocol, ..self }
    }
}

impl Default for MutexOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// The order in which waiting readers and writers get a lock.
///
/// glibc only: musl's readers always go first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preference {
    /// Readers: as long as some come, a writer waits. A thread may read twice at once.
    #[default]
    #[doc(alias = "PTHREAD_RWLOCK_PREFER_READER_NP")]
    Readers,
    /// Writers: a reader waits while one does, also a thread that reads already, which then waits for ever.
    #[doc(alias = "PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP")]
    Writers,
}

/// How a read/write lock is made: for several processes, and readers first, if nothing else is said.
#[doc(alias = "pthread_rwlockattr_t")]
#[derive(Clone, Copy, Debug, Default)]
pub struct RwLockOptions {
    pub(crate) sharing: Sharing,
    pub(crate) preference: Preference,
}

impl RwLockOptions {
    /// The usual one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The threads that may lock it.
    #[doc(alias = "pthread_rwlockattr_setpshared")]
    #[must_use]
    pub fn sharing(self, sharing: Sharing) -> Self {
        Self { sharing, ..self }
    }

    /// The order of waiting readers and writers.
    #[doc(alias = "pthread_rwlockattr_setkind_np")]
    #[must_use]
    pub fn preference(self, preference: Preference) -> Self {
        Self { preference, ..self }
    }
}

/// How a barrier is created: for how many threads, and whose.
///
/// A plain number is enough in most cases: `Barrier::create_in(memory, 3)`.
#[doc(alias = "pthread_barrierattr_t")]
#[derive(Clone, Copy, Debug)]
pub struct BarrierOptions {
    pub(crate) parties: u32,
    pub(crate) sharing: Sharing,
}

impl BarrierOptions {
    /// A barrier for this number of threads of any process.
    #[must_use]
    pub fn new(parties: u32) -> Self {
        Self { parties, sharing: Sharing::default() }
    }

    /// The threads that may wait for it.
    #[doc(alias = "pthread_barrierattr_setpshared")]
    #[must_use]
    pub fn sharing(self, sharing: Sharing) -> Self {
        Self { sharing, ..self }
    }
}

impl From<u32> for BarrierOptions {
    fn from(parties: u32) -> Self {
        Self::new(parties)
    }
}

/// How a condition variable is created: whose threads may use it, and which clock C's timed waits go by.
#[doc(alias = "pthread_condattr_t")]
#[derive(Clone, Copy, Debug)]
pub struct CondvarOptions {
    pub(crate) sharing: Sharing,
    pub(crate) clock: Clock,
}

impl CondvarOptions {
    /// For threads of all processes, and the monotonic clock.
    #[must_use]
    pub fn new() -> Self {
        Self { sharing: Sharing::default(), clock: Clock::MONOTONIC }
    }

    /// The threads that may use it.
    #[doc(alias = "pthread_condattr_setpshared")]
    #[must_use]
    pub fn sharing(self, sharing: Sharing) -> Self {
        Self { sharing, ..self }
    }

    /// The clock by which `pthread_cond_timedwait` of C goes. The waits here go by the monotonic clock anyway.
    ///
    /// C's own default is [`Clock::REALTIME`]. A C or Julia program that adds its timeout to that clock, and calls
    /// `pthread_cond_timedwait` on a condition variable that goes by the monotonic clock, waits for ever: share one
    /// that was created with `REALTIME`. glibc only.
    #[doc(alias = "pthread_condattr_setclock")]
    #[must_use]
    pub fn clock(self, clock: Clock) -> Self {
        Self { clock, ..self }
    }
}

impl Default for CondvarOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl From<Sharing> for CondvarOptions {
    fn from(sharing: Sharing) -> Self {
        Self::new().sharing(sharing)
    }
}
