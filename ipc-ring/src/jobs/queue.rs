//! A queue of jobs.

use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use ipc_core::barrier::LightBarrier;
use ipc_core::owner::{here, replace};
use ipc_core::{Clock, Deadline, Error, Name, ProcessInstance, Result, crash_point};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, Plain, ReadWrite, SharedMemory};

use super::table::{Control, FILLING, LETTER, READY, TAKEN, Table, TableOf};
use super::{Job, JobOptions};
use crate::Statistics;
use crate::doors::{self, Handle};
use crate::statistics::count_alone;
use crate::wait::{self, Sealed};
use crate::waiting;

/// A worker that always finds jobs looks this often for those of dead workers.
const TURNS: u32 = 1024;

/// A queue of jobs, which several processes submit and take.
///
/// All threads of a process may use one handle.
///
/// # Examples
///
/// ```
/// use ipc_ring::JobQueue;
///
/// # let name = format!("/jobs-{}", std::process::id());
/// let jobs = JobQueue::<u64>::open_or_create(&name, 4096)?;
/// jobs.submit(&7)?;
///
/// let job = jobs.take()?; // if this worker is killed before `done`, another one gets the job
/// assert_eq!((*job, job.deliveries()), (7, 1));
/// job.done()?;
/// assert_eq!(jobs.depth().ready, 0);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct JobQueue<T: Plain, M: Memory = SharedMemory> {
    table: Object<Table<T>, M>,
    barrier: LightBarrier,
    /// This process, which a forked child is not.
    me: u64,
    turns: AtomicU32,
}

/// The number of jobs in a queue, by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Depth {
    /// Jobs that wait for a worker, including those whose delay has not passed yet.
    pub ready: usize,
    /// Those of the ready jobs whose delay has not passed yet.
    pub delayed: usize,
    /// Jobs that workers have taken. A job of a dead worker counts until another worker notices the
    /// death.
    pub taken: usize,
    /// Dead letters: jobs that returned to the queue after their last permitted delivery.
    pub dead_letters: usize,
}

impl Depth {
    /// Counts jobs by the word of each place, and the time from which on its job is delivered.
    pub(crate) fn of(places: impl Iterator<Item = (u64, u64)>) -> Self {
        let now = now();
        let mut depth = Self::default();
        for (word, not_before) in places {
            match word {
                READY => {
                    depth.ready += 1;
                    depth.delayed += usize::from(not_before > now);
                }
                LETTER => depth.dead_letters += 1,
                _ if word & TAKEN != 0 && word & FILLING == 0 => depth.taken += 1,
                _ => {}
            }
        }
        depth
    }
}

impl<T: Plain> JobQueue<T> {
    /// Creates a job queue under a new name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::create`]; [`is_invalid_argument`](Error::is_invalid_argument) if
    /// the capacity is out of range.
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<JobOptions>,
    ) -> Result<Self> {
        doors::create(name, options.into())
    }

    /// Opens a job queue by name.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::open`]; [`is_mismatch`](Error::is_mismatch) if it is not a queue of
    /// jobs of `T`: the error says what was found.
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens a job queue by name, with options such as which owners to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<Self> {
        doors::open(name, options)
    }

    /// Opens a job queue by name, or creates it.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`create`](Self::create);
    /// [`is_mismatch`](Error::is_mismatch) if an existing queue has another capacity or maximum
    /// number of deliveries.
    pub fn open_or_create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<JobOptions>,
    ) -> Result<Self> {
        doors::open_or_create(name, options.into())
    }

    /// Unlinks the name of a job queue. Open handles stay valid. Unlinking a name that
    /// does not exist is not an error.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::unlink`].
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        SharedMemory::unlink(name)
    }
}

impl<T: Plain, M: Memory<Access = ReadWrite>> JobQueue<T, M> {
    /// Creates a job queue in a fresh memory object.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the capacity is out of range, or the
    /// memory object is too small or not aligned; [`is_mismatch`](Error::is_mismatch) if it was
    /// created with a [tag](ipc_mem::Tag) other than `JOBS` or `BARE`. Choose the first of these,
    /// so that other handles can be opened with `open_in`: with `BARE`, the default, this call
    /// succeeds, but every later `open_in` fails.
    pub fn create_in(memory: Fresh<M>, options: impl Into<JobOptions>) -> Result<Self> {
        doors::create_in(memory, options.into())
    }

    /// Opens the job queue in a memory object.
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not a queue of jobs of `T`.
    pub fn open_in(memory: M) -> Result<Self> {
        doors::open_in(memory)
    }
}

impl<T: Plain, M: Memory> Handle<M> for JobQueue<T, M> {
    type Contents = TableOf<T>;

    fn attach(table: Object<Table<T>, M>) -> Result<Self> {
        let barrier = LightBarrier::register();
        Ok(Self { table, barrier, me: here(), turns: AtomicU32::new(0) })
    }
}

impl<T: Plain, M: Memory> JobQueue<T, M> {
    /// Submits a job, and waits for as long as the queue is full.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child, which has to open the
    /// queue itself.
    pub fn submit(&self, job: &T) -> Result<()> {
        self.submit_until(job, Duration::ZERO, || Deadline::NEVER).map(|_| ())
    }

    /// Submits a job that is delivered when `delay` has passed, and waits while the queue is full.
    /// The delivery may be some milliseconds late.
    ///
    /// # Errors
    ///
    /// Those of [`submit`](Self::submit).
    pub fn submit_after(&self, job: &T, delay: Duration) -> Result<()> {
        self.submit_until(job, delay, || Deadline::NEVER).map(|_| ())
    }

    /// Submits a job if the queue is not full; returns `false` otherwise.
    ///
    /// # Errors
    ///
    /// Those of [`submit`](Self::submit).
    pub fn try_submit(&self, job: &T) -> Result<bool> {
        self.check("submit")?;
        Ok(self.put(job, Duration::ZERO))
    }

    /// Submits a job, and waits for at most `timeout` while the queue is full. Returns `false` if
    /// it stayed full.
    ///
    /// # Errors
    ///
    /// Those of [`submit`](Self::submit).
    pub fn submit_timeout(&self, job: &T, timeout: Duration) -> Result<bool> {
        self.submit_until(job, Duration::ZERO, || Deadline::after(timeout))
    }

    fn submit_until(
        &self,
        job: &T,
        delay: Duration,
        deadline: impl FnOnce() -> Deadline,
    ) -> Result<bool> {
        self.check("submit")?;
        if self.put(job, delay) {
            return Ok(true);
        }
        let attempt = |is_suspicious| {
            if is_suspicious {
                // A dead process may have left a place half filled.
                self.return_those_of_the_dead();
            }
            self.put(job, delay).then_some(())
        };
        let Control { freed, tally, .. } = self.table.control();
        let sleeps = Some(&tally.sender_sleeps);
        Ok(waiting::wait(freed, sleeps, deadline(), waiting::LEISURE, attempt).is_some())
    }

    fn put(&self, job: &T, delay: Duration) -> bool {
        let Some(place) = self.table.claim_free(self.me) else { return false };
        let numbers = self.table.numbers(place);
        numbers.deliveries.store(0, Ordering::Relaxed);
        numbers.not_before.store(not_before(delay), Ordering::Relaxed);
        self.table.write(place, job);
        crash_point("jobs: a job is written");
        // No other process changes the word while this one is alive.
        numbers.word.store(READY, Ordering::Release);
        crash_point("jobs: a job is submitted");
        self.barrier.light();
        self.table.control().filled.notify_one();
        true
    }

    /// Takes a job, and waits until one is ready.
    ///
    /// # Errors
    ///
    /// Those of [`submit`](Self::submit).
    pub fn take(&self) -> Result<Job<'_, T, M>> {
        loop {
            // The deadline never comes.
            if let Some(job) = self.take_until(|| Deadline::NEVER)? {
                return Ok(job);
            }
        }
    }

    /// Takes a job if one is ready; returns `None` otherwise. This call does not check whether
    /// workers are dead, because that takes system calls: [`take_timeout`](Self::take_timeout)
    /// does, also with a timeout of zero.
    ///
    /// # Errors
    ///
    /// Those of [`submit`](Self::submit).
    pub fn try_take(&self) -> Result<Option<Job<'_, T, M>>> {
        self.check("take")?;
        Ok(self.take_ready())
    }

    /// Takes a job, and waits for at most `timeout` until one is ready. Returns `None` if none was.
    ///
    /// # Errors
    ///
    /// Those of [`submit`](Self::submit).
    pub fn take_timeout(&self, timeout: Duration) -> Result<Option<Job<'_, T, M>>> {
        self.take_until(|| Deadline::after(timeout))
    }

    /// Takes a job, and waits until `deadline` for one to be ready. Returns `None` if none was.
    ///
    /// # Errors
    ///
    /// Those of [`submit`](Self::submit).
    pub fn take_deadline(&self, deadline: Instant) -> Result<Option<Job<'_, T, M>>> {
        self.take_until(|| Deadline::at(deadline))
    }

    fn take_until(&self, deadline: impl FnOnce() -> Deadline) -> Result<Option<Job<'_, T, M>>> {
        self.check("take")?;
        if self.turns.fetch_add(1, Ordering::Relaxed) % TURNS == TURNS - 1 {
            self.return_those_of_the_dead();
        }
        if let Some(job) = self.take_ready() {
            return Ok(Some(job));
        }
        let attempt = |is_suspicious| {
            if is_suspicious {
                self.return_those_of_the_dead();
            }
            self.take_ready()
        };
        let Control { filled, tally, .. } = self.table.control();
        let sleeps = Some(&tally.receiver_sleeps);
        Ok(waiting::wait(filled, sleeps, deadline(), waiting::HASTE, attempt))
    }

    fn take_ready(&self) -> Option<Job<'_, T, M>> {
        let is_time = |not_before| not_before == 0 || not_before <= now();
        let place = self.table.take(READY, self.me, is_time)?;
        let deliveries = &self.table.numbers(place).deliveries;
        let count = deliveries.load(Ordering::Relaxed).wrapping_add(1);
        deliveries.store(count, Ordering::Relaxed);
        crash_point("jobs: a delivery is counted");
        Some(self.job(place, count))
    }

    fn job(&self, place: u64, deliveries: u64) -> Job<'_, T, M> {
        Job {
            queue: self,
            place,
            job: self.table.read(place),
            deliveries,
            is_letter: false,
            is_over: false,
        }
    }

    /// Takes a dead letter, a job that returned to the queue after its last permitted delivery, if
    /// there is one. [`done`](Job::done) removes it. [`retry`](Job::retry) submits it again, and
    /// counts its deliveries from zero. Dropping it leaves it a dead letter.
    ///
    /// # Errors
    ///
    /// Those of [`submit`](Self::submit).
    pub fn take_dead_letter(&self) -> Result<Option<Job<'_, T, M>>> {
        self.check("take")?;
        let place = self.table.take(LETTER, self.me, |_| true);
        let deliveries = |place| self.table.numbers(place).deliveries.load(Ordering::Relaxed);
        Ok(place.map(|place| {
            let mut job = self.job(place, deliveries(place));
            job.is_letter = true;
            job
        }))
    }

    /// Returns the jobs whose workers are proved dead.
    #[cold]
    fn return_those_of_the_dead(&self) {
        let (is_any_ready, is_any_free) = self.table.clear(self.me);
        if is_any_ready {
            self.table.control().filled.wake_all();
        }
        if is_any_free {
            self.table.control().freed.wake_all();
        }
    }

    /// Leaves a dead letter as it was.
    pub(super) fn leave_letter(&self, place: u64) -> Result<()> {
        self.check("drop")?;
        self.table.numbers(place).word.store(LETTER, Ordering::Release);
        Ok(())
    }

    /// Returns a job, whose deliveries are counted from zero if it was a dead letter.
    pub(super) fn give_back(&self, place: u64, delay: Duration, is_letter: bool) -> Result<()> {
        self.check("retry")?;
        let numbers = self.table.numbers(place);
        if is_letter {
            numbers.deliveries.store(0, Ordering::Relaxed);
        }
        numbers.not_before.store(not_before(delay), Ordering::Relaxed);
        crash_point("jobs: before a job is returned");
        // No other process changes the word while this one is alive.
        numbers.word.store(self.table.returned(place), Ordering::Release);
        crash_point("jobs: a job is returned");
        self.barrier.light();
        self.table.control().filled.notify_one();
        Ok(())
    }

    pub(super) fn finish(&self, place: u64) -> Result<()> {
        self.check("done")?;
        let numbers = self.table.numbers(place);
        count_alone(&numbers.done); // while the place is this process's
        crash_point("jobs: before a job is done");
        replace(&numbers.word, self.me | TAKEN, 0);
        crash_point("jobs: a job is done");
        self.barrier.light();
        self.table.control().freed.notify_one();
        Ok(())
    }

    /// Counts the jobs by state. The numbers are exact if no process uses the queue meanwhile.
    #[must_use]
    pub fn depth(&self) -> Depth {
        Depth::of((0..self.table.capacity()).map(|number| {
            let numbers = self.table.numbers(number);
            let word = numbers.word.load(Ordering::Acquire);
            (word, numbers.not_before.load(Ordering::Relaxed))
        }))
    }

    fn check(&self, call: &'static str) -> Result<()> {
        let is_known = ProcessInstance::known().is_some_and(|here| here.raw() == self.me);
        if is_known || here() == self.me {
            return Ok(());
        }
        let why = "a forked child does not have this queue open: open it again in this process";
        Err(Error::invalid(call, self.memory().label(), why))
    }

    /// The maximum number of jobs in the queue.
    #[must_use]
    pub fn capacity(&self) -> usize {
        usize::try_from(self.table.capacity()).unwrap_or(usize::MAX)
    }

    /// Returns how many messages were sent and received, and how often threads slept.
    #[must_use]
    pub fn statistics(&self) -> Statistics {
        self.table.statistics()
    }

    /// The memory object that contains the queue.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.table.memory()
    }
}

impl<T: Plain, M: Memory> Sealed for JobQueue<T, M> {
    fn announce(&self) -> (&AtomicU32, u32) {
        wait::on(&self.table.control().filled)
    }

    fn is_ready(&self, proves: bool) -> bool {
        if self.check("take").is_err() {
            return true;
        }
        if proves {
            self.return_those_of_the_dead();
        }
        self.table.is_any_ready(now())
    }
}

/// The present time in nanoseconds, for all processes of a machine.
fn now() -> u64 {
    // Every system has the monotonic clock.
    let now = Clock::MONOTONIC.now().unwrap_or_default();
    now.sec()
        .cast_unsigned()
        .saturating_mul(1_000_000_000)
        .saturating_add(now.nsec().cast_unsigned())
}

/// The time after a delay, as a place stores it.
fn not_before(delay: Duration) -> u64 {
    if delay.is_zero() {
        return 0;
    }
    now().saturating_add(u64::try_from(delay.as_nanos()).unwrap_or(u64::MAX))
}

impl<T: Plain, M: Memory> fmt::Debug for JobQueue<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JobQueue")
            .field("memory", &self.memory().label())
            .field("depth", &self.depth())
            .finish_non_exhaustive()
    }
}
