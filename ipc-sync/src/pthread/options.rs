//! Options of locks.

use ipc_core::{Clock, Refusal, switched_on};

/// The threads that may use a lock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sharing {
    /// Threads of every process that maps the memory.
    #[default]
    #[doc(alias = "PTHREAD_PROCESS_SHARED")]
    Processes,
    /// Only threads of the process that created the lock, through the mapping in which it was
    /// created. Other processes and other mappings must not use the lock. So in memory that another
    /// process can reach, creating such a lock fails with
    /// [`is_invalid_argument`](ipc_core::Error::is_invalid_argument): use
    /// [`LocalMemory`](ipc_mem::LocalMemory).
    #[doc(alias = "PTHREAD_PROCESS_PRIVATE")]
    Threads,
}

impl Sharing {
    /// Refuses a lock for threads of one process where other processes can reach it: a wake-up by
    /// another process would reach no thread.
    pub(crate) fn check(self, call: &'static str) -> Result<(), Refusal> {
        match self {
            Self::Processes => Ok(()),
            Self::Threads => Err(Refusal::invalid(
                call,
                "`Sharing::Threads` in memory that other processes can reach; use \
                 `Sharing::Processes`, or `LocalMemory`",
            )),
        }
    }
}

/// The behaviour of a mutex when its owner locks it again, and the way other threads wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MutexKind {
    /// The owner waits for itself for ever.
    #[doc(alias = "PTHREAD_MUTEX_NORMAL")]
    Normal,
    /// The owner gets an error for which [`is_deadlock`](ipc_core::Error::is_deadlock) is true.
    #[default]
    #[doc(alias = "PTHREAD_MUTEX_ERRORCHECK")]
    ErrorChecking,
    /// The owner acquires the mutex once more, and must release it as often as it acquired it. For
    /// [`RawMutex`](crate::pthread::RawMutex) and
    /// [`RecursiveMutex`](crate::pthread::RecursiveMutex) only.
    #[doc(alias = "PTHREAD_MUTEX_RECURSIVE")]
    Recursive,
    /// Like `Normal`, but a waiting thread spins briefly before it sleeps. glibc only.
    #[doc(alias = "PTHREAD_MUTEX_ADAPTIVE_NP")]
    Adaptive,
}

/// The priority with which the owner of a mutex runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// The owner's own priority.
    #[default]
    #[doc(alias = "PTHREAD_PRIO_NONE")]
    None,
    /// At least the highest priority of the threads that wait. With musl, this is refused for
    /// robust mutexes, because musl's implementation hangs.
    #[doc(alias = "PTHREAD_PRIO_INHERIT")]
    Inherit,
    /// At least this real-time priority. glibc has no robust mutex of this kind: combine this
    /// protocol with [`stalled`](MutexOptions::stalled).
    ///
    /// Only for threads of a real-time scheduling class. With glibc, if a thread is not of such a
    /// class, its first attempt to lock such a mutex fails with `EINVAL`; its later attempts
    /// acquire the mutex, but do not raise its priority.
    #[doc(alias = "PTHREAD_PRIO_PROTECT")]
    Protect(i32),
}

/// The options of a mutex.
///
/// By default, a mutex is shared between processes, robust (the next owner learns that the last
/// owner died), and error-checking (an owner that locks it again gets an error).
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
    /// The default options: shared between processes, robust and error-checking.
    #[must_use]
    pub fn new() -> Self {
        Self {
            kind: MutexKind::default(),
            sharing: Sharing::default(),
            robust: None,
            protocol: Protocol::default(),
        }
    }

    /// Sets the behaviour when the owner locks the mutex again.
    #[doc(alias = "pthread_mutexattr_settype")]
    #[must_use]
    pub fn kind(self, kind: MutexKind) -> Self {
        Self { kind, ..self }
    }

    /// Sets which threads may lock the mutex. A mutex with [`Sharing::Threads`] is robust only if
    /// [`robust`](Self::robust) is called, too.
    #[doc(alias = "pthread_mutexattr_setpshared")]
    #[must_use]
    pub fn sharing(self, sharing: Sharing) -> Self {
        Self { sharing, ..self }
    }

    /// Makes the mutex robust: if its owner dies, the next caller that locks it gets
    /// [`OwnerDied`](crate::LockError::OwnerDied).
    #[doc(alias = "pthread_mutexattr_setrobust")]
    #[must_use]
    pub fn robust(self) -> Self {
        Self { robust: Some(true), ..self }
    }

    /// Makes the mutex not robust: if its owner dies, the mutex stays locked for ever.
    #[doc(alias = "PTHREAD_MUTEX_STALLED")]
    #[must_use]
    pub fn stalled(self) -> Self {
        Self { robust: Some(false), ..self }
    }

    pub(crate) fn is_robust(&self) -> bool {
        self.robust.unwrap_or(self.sharing == Sharing::Processes) && switched_on("robust")
    }

    /// Sets the priority with which the owner runs.
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

/// The order in which waiting readers and writers acquire a lock.
///
/// glibc only: with musl, readers always go first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preference {
    /// Readers first: a writer waits as long as new readers arrive. A thread that reads may acquire
    /// the lock for reading again.
    #[default]
    #[doc(alias = "PTHREAD_RWLOCK_PREFER_READER_NP")]
    Readers,
    /// Writers first: a new reader waits while a writer waits. If a thread reads, and acquires the
    /// lock for reading again while a writer waits, it waits for ever.
    #[doc(alias = "PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP")]
    Writers,
}

/// The options of a read/write lock. By default, it is shared between processes, and readers go
/// first.
#[doc(alias = "pthread_rwlockattr_t")]
#[derive(Clone, Copy, Debug, Default)]
pub struct RwLockOptions {
    pub(crate) sharing: Sharing,
    pub(crate) preference: Preference,
}

impl RwLockOptions {
    /// The default options: shared between processes, readers first.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets which threads may use the lock.
    #[doc(alias = "pthread_rwlockattr_setpshared")]
    #[must_use]
    pub fn sharing(self, sharing: Sharing) -> Self {
        Self { sharing, ..self }
    }

    /// Sets whether readers or writers go first.
    #[doc(alias = "pthread_rwlockattr_setkind_np")]
    #[must_use]
    pub fn preference(self, preference: Preference) -> Self {
        Self { preference, ..self }
    }
}

/// The options of a barrier: the number of threads, and whether other processes may use it.
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

    /// Sets which threads may wait at the barrier.
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

/// The options of a condition variable: which threads may use it, and the clock of C's timed waits.
#[doc(alias = "pthread_condattr_t")]
#[derive(Clone, Copy, Debug)]
pub struct CondvarOptions {
    pub(crate) sharing: Sharing,
    pub(crate) clock: Clock,
}

impl CondvarOptions {
    /// The default options: shared between processes, with the monotonic clock.
    #[must_use]
    pub fn new() -> Self {
        Self { sharing: Sharing::default(), clock: Clock::MONOTONIC }
    }

    /// Sets which threads may use the condition variable.
    #[doc(alias = "pthread_condattr_setpshared")]
    #[must_use]
    pub fn sharing(self, sharing: Sharing) -> Self {
        Self { sharing, ..self }
    }

    /// Sets the clock of C's `pthread_cond_timedwait`. The waits of this crate always use the
    /// monotonic clock.
    ///
    /// C's own default is [`Clock::REALTIME`]. A C or Julia program that computes its deadline on
    /// that clock, and passes it to `pthread_cond_timedwait` on a condition variable with the
    /// monotonic clock, waits for ever. Create condition variables for such programs with
    /// `REALTIME`; musl does not support this.
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
