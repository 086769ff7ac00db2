//! How a lock is made.

use ipc_core::switched_on;

/// Whose threads may use a lock.
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

/// What a mutex does when its owner locks it again, and how it waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MutexKind {
    /// Its owner waits for itself for ever.
    #[doc(alias = "PTHREAD_MUTEX_NORMAL")]
    Normal,
    /// Its owner is told, by an error that [`is_deadlock`](ipc_core::Error::is_deadlock).
    #[default]
    #[doc(alias = "PTHREAD_MUTEX_ERRORCHECK")]
    ErrorChecking,
    /// Its owner gets it once more, and gives it back as often. For
    /// [`RawMutex`](crate::pthread::RawMutex) and [`RecursiveMutex`](crate::pthread::RecursiveMutex) only.
    #[doc(alias = "PTHREAD_MUTEX_RECURSIVE")]
    Recursive,
    /// As `Normal`, but who waits tries for a moment before it sleeps. glibc only.
    #[doc(alias = "PTHREAD_MUTEX_ADAPTIVE_NP")]
    Adaptive,
}

/// What a mutex does for threads that wait for one of lower priority.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Nothing.
    #[default]
    #[doc(alias = "PTHREAD_PRIO_NONE")]
    None,
    /// Its owner has the priority of the highest that waits.
    #[doc(alias = "PTHREAD_PRIO_INHERIT")]
    Inherit,
    /// Its owner has at least this priority, one of the real-time scheduling classes. glibc has no such mutex that is
    /// robust: it wants [`stalled`](MutexOptions::stalled) as well.
    #[doc(alias = "PTHREAD_PRIO_PROTECT")]
    Protect(i32),
}

/// How a mutex is made.
///
/// The default is the careful choice: for several processes, robust (its owner's death is reported to the
/// next that locks it), and an error for an owner that locks it again.
///
/// ```
/// use ipc_mem::LocalMemory;
/// use ipc_sync::pthread::{Mutex, MutexKind, MutexOptions, Sharing};
///
/// let options = MutexOptions::new().kind(MutexKind::Normal).sharing(Sharing::Threads);
/// let hits = Mutex::create_with(LocalMemory::new(64)?, 0u64, options)?;
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
        Self { kind: MutexKind::default(), sharing: Sharing::default(), robust: None, protocol: Protocol::default() }
    }

    /// What happens when its owner locks it again.
    #[doc(alias = "pthread_mutexattr_settype")]
    #[must_use]
    pub fn kind(self, kind: MutexKind) -> Self {
        Self { kind, ..self }
    }

    /// Whose threads may lock it. One for threads of one process is robust only if that is asked for.
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

    /// What it does for threads that wait for one of lower priority.
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

/// Who goes first when readers and writers wait for a lock.
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

    /// Whose threads may lock it.
    #[doc(alias = "pthread_rwlockattr_setpshared")]
    #[must_use]
    pub fn sharing(self, sharing: Sharing) -> Self {
        Self { sharing, ..self }
    }

    /// Who goes first.
    #[doc(alias = "pthread_rwlockattr_setkind_np")]
    #[must_use]
    pub fn preference(self, preference: Preference) -> Self {
        Self { preference, ..self }
    }
}
