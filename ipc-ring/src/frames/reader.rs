//! A reader of frames.

#![expect(unsafe_code, reason = "takes an entry in the memory of the frames")]

use std::fmt;
use std::time::{Duration, Instant};

use ipc_core::{Deadline, Error, Name, Refusal, Result};
use ipc_mem::{
    Access, AccessMode, Memory, Object, OpenOptions, Plain, ReadOnly, Shape, SharedMemory,
};

use super::attendance::{self, Attendance, Found};
use super::layout::Frames;
use super::{Frame, FrameInfo, FrameView, Pick, WriterStatus};

/// A reader of frames. A writer has up to 64 readers that have permission to write the object, and
/// any number of others.
///
/// It maps the frames read-only, copies each frame that it reads (except in
/// [`try_view`](Self::try_view)), and returns complete frames only. It begins with the oldest frame
/// that is in a slot when it is opened, and counts exactly the frames that it misses from then on.
///
/// The writer may close the frames, die, or be superseded by another. A reader still gets the
/// frames that are left in the slots. After that, each read that waits fails with an error that
/// says why ([`try_next`](Self::try_next) and the like do not notice a death), and
/// [`writer`](Self::writer) returns the reason. [`reopen`](Self::reopen) continues with the frames
/// of the next writer.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use ipc_ring::frames::{FrameReader, FrameWriter};
///
/// # let name = format!("/reader-{}", std::process::id());
/// let mut camera = FrameWriter::<u8>::create(&name, [3, 2])?;
/// let mut viewer = FrameReader::<u8>::open(&name)?; // usually in another process
/// for n in 1..=10 {
///     camera.write(&[n; 6])?;
/// }
/// let oldest = viewer.wait_next()?; // of four slots
/// assert_eq!((oldest.sequence(), oldest.missed(), oldest.as_slice()[0]), (7, 6, 7));
/// let newest = viewer.wait_latest()?;
/// assert_eq!((newest.sequence(), newest.missed()), (10, 2));
/// assert!(viewer.wait_next_timeout(Duration::from_millis(1))?.is_none());
///
/// drop(camera);
/// assert!(viewer.wait_next().unwrap_err().is_closed());
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct FrameReader<T: Plain, M: Memory = SharedMemory<ReadOnly>> {
    /// Before the memory, in which it may be.
    pub(super) attendance: Option<Attendance>,
    pub(super) frames: Object<Frames, M>,
    pub(super) len: usize,
    /// The number of the frame that was read last.
    pub(super) last: u64,
    pub(super) missed: u64,
    /// Holds the frame that was read last, once one was.
    pub(super) buffer: Vec<T>,
    options: OpenOptions,
    /// The shape that the frames must have.
    wanted: Option<Shape>,
}

impl<T: Plain> FrameReader<T> {
    /// Opens frames by name.
    ///
    /// # Errors
    ///
    /// [`is_not_found`](Error::is_not_found) if the name does not exist;
    /// [`is_mismatch`](Error::is_mismatch) if it is not frames of `T`: the error says what was
    /// found; [`is_no_space`](Error::is_no_space) if this reader has permission to write the
    /// object, and 64 such readers are open; [`is_permission_denied`](Error::is_permission_denied)
    /// and [`is_untrusted`](Error::is_untrusted) in the cases of [`SharedMemory::open_read_only`].
    pub fn open(name: impl TryInto<Name, Error: Into<Error>>) -> Result<Self> {
        Self::open_with(name, OpenOptions::new())
    }

    /// Opens frames by name, with options such as which owners to trust.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub fn open_with(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: OpenOptions,
    ) -> Result<Self> {
        Self::find(&name.try_into().map_err(Into::into)?, options, None)
    }

    /// Opens frames by name, and requires this shape, also after each [`reopen`](Self::reopen).
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open); [`is_mismatch`](Error::is_mismatch) for another shape.
    pub fn open_shaped(
        name: impl TryInto<Name, Error: Into<Error>>,
        shape: impl Into<Shape>,
    ) -> Result<Self> {
        let name = name.try_into().map_err(Into::into)?;
        Self::find(&name, OpenOptions::new(), Some(shape.into()))
    }

    /// Lists the names of all frames that this process has permission to read, of any element type.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::names`].
    pub fn names() -> Result<Vec<Name>> {
        Object::<Frames>::names()
    }

    /// If a newer writer has replaced the frames that this reader has open, opens the new ones,
    /// which may have another shape, and returns `true`. Otherwise returns `false`.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open); the reader is unchanged then.
    pub fn reopen(&mut self) -> Result<bool> {
        let memory = self.frames.memory();
        let frames = Object::<Frames>::open_read_only(memory.name(), self.options)?;
        if frames.memory().identity() == memory.identity() {
            return Ok(false);
        }
        drop(frames);
        let new = Self::find(memory.name(), self.options, self.wanted)?;
        *self = Self { missed: self.missed, ..new };
        Ok(true)
    }

    fn find(name: &Name, options: OpenOptions, wanted: Option<Shape>) -> Result<Self> {
        loop {
            let frames = Object::<Frames>::open_read_only(name, options)?;
            // Refused before it takes an entry.
            let len = check::<T, _>(&frames, wanted)?;
            let attendance = match attendance::map(frames.memory(), &frames)? {
                Found::Page(page) => {
                    Some(Attendance::on_page(page, &frames).map_err(|why| why.on(name))?)
                }
                Found::Denied => None,
                Found::Replaced => continue,
            };
            return Ok(Self { options, wanted, ..Self::of(frames, len, attendance) });
        }
    }
}

/// The number of elements of a frame, if they are of that type and shape.
fn check<T: Plain, M: Memory>(frames: &Object<Frames, M>, wanted: Option<Shape>) -> Result<usize> {
    let refuse = |refusal: Refusal| refusal.on(frames.memory().label());
    let len = frames.expect::<T>().map_err(refuse)?;
    match wanted.filter(|wanted| wanted != frames.shape()) {
        None => Ok(len),
        Some(wanted) => {
            let why = format_args!("found frames of {}, wanted {wanted}", frames.shape());
            Err(refuse(Refusal::mismatch("open", why)))
        }
    }
}

impl<T: Plain, M: Memory> FrameReader<T, M> {
    /// Opens the frames at the beginning of a memory object, such as one that was received from the
    /// writer. If the memory is mapped read-only, the reader can wait only for a writer with
    /// [`Wake::EveryFrame`](super::Wake::EveryFrame).
    ///
    /// # Errors
    ///
    /// [`is_mismatch`](Error::is_mismatch) if it is not frames of `T`, or the memory object was
    /// created with another [tag](ipc_mem::Tag); [`is_no_space`](Error::is_no_space) if this reader
    /// has permission to write the object, and 64 such readers are open.
    pub fn open_in(memory: M) -> Result<Self> {
        let frames = Object::open_in(memory)?;
        let len = check::<T, _>(&frames, None)?;
        let attendance = if M::Access::ACCESS == Access::ReadWrite {
            // SAFETY: writable, as its type says; the value is dropped before the frames, which keep
            // the memory mapped.
            let taken = unsafe { Attendance::in_memory(&frames) };
            Some(taken.map_err(|refusal| refusal.on(frames.memory().label()))?)
        } else {
            None
        };
        Ok(Self::of(frames, len, attendance))
    }

    fn of(frames: Object<Frames, M>, len: usize, attendance: Option<Attendance>) -> Self {
        let last = frames.writer().newest().saturating_sub(frames.slots() as u64);
        let (options, wanted) = (OpenOptions::new(), None);
        Self { attendance, frames, len, last, missed: 0, buffer: Vec::new(), options, wanted }
    }

    /// Copies the next frame, if there is one, without waiting.
    ///
    /// `None` may also mean that the writer overwrote each frame while it was copied; the next call
    /// tries again.
    ///
    /// # Errors
    ///
    /// After the last frame: [`is_closed`](Error::is_closed) if the writer has closed the frames;
    /// [`is_removed`](Error::is_removed) if another writer has superseded it. This call does not
    /// check whether the writer is dead, because that takes system calls. Reads that wait, and
    /// [`writer`](Self::writer), do check.
    pub fn try_next(&mut self) -> Result<Option<Frame<'_, T>>> {
        self.copied(Pick::Next, None)
    }

    /// Waits for the next frame, and copies it.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn wait_next(&mut self) -> Result<Frame<'_, T>> {
        self.copied_at_last(Pick::Next)
    }

    /// Waits for the next frame for at most `timeout`, and copies it. Returns `None` if none came
    /// in time.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn wait_next_timeout(&mut self, timeout: Duration) -> Result<Option<Frame<'_, T>>> {
        self.copied(Pick::Next, Some(Deadline::after(timeout)))
    }

    /// Waits for the next frame until `deadline`, and copies it. Returns `None` if none came in
    /// time.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn wait_next_deadline(&mut self, deadline: Instant) -> Result<Option<Frame<'_, T>>> {
        self.copied(Pick::Next, Some(Deadline::at(deadline)))
    }

    /// Copies the newest frame, if it is new to this reader, without waiting. Frames before
    /// it are skipped, and count as missed.
    ///
    /// # Errors
    ///
    /// Those of [`try_next`](Self::try_next).
    pub fn try_latest(&mut self) -> Result<Option<Frame<'_, T>>> {
        self.copied(Pick::Latest, None)
    }

    /// Waits for a frame that is new to this reader, and copies the newest.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn wait_latest(&mut self) -> Result<Frame<'_, T>> {
        self.copied_at_last(Pick::Latest)
    }

    /// Waits like [`wait_latest`](Self::wait_latest), for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn wait_latest_timeout(&mut self, timeout: Duration) -> Result<Option<Frame<'_, T>>> {
        self.copied(Pick::Latest, Some(Deadline::after(timeout)))
    }

    /// Waits like [`wait_latest`](Self::wait_latest), until `deadline`.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn wait_latest_deadline(&mut self, deadline: Instant) -> Result<Option<Frame<'_, T>>> {
        self.copied(Pick::Latest, Some(Deadline::at(deadline)))
    }

    /// Waits for a frame, and copies it into `into`, which must have its number of elements.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait); [`is_invalid_argument`](Error::is_invalid_argument) for
    /// another number of elements: `into` is unchanged then. After other errors it may contain parts
    /// of frames.
    pub fn read_into(&mut self, pick: Pick, into: &mut [T]) -> Result<FrameInfo> {
        loop {
            if let Some(info) = self.read_into_until(pick, into, Some(Deadline::NEVER))? {
                return Ok(info);
            }
        }
    }

    /// Copies a frame into `into` without waiting, if there is one.
    ///
    /// # Errors
    ///
    /// Those of [`try_next`](Self::try_next) and [`read_into`](Self::read_into).
    pub fn try_read_into(&mut self, pick: Pick, into: &mut [T]) -> Result<Option<FrameInfo>> {
        self.read_into_until(pick, into, None)
    }

    /// Waits for a frame for at most `timeout`, and copies it into `into`.
    ///
    /// # Errors
    ///
    /// Those of [`read_into`](Self::read_into).
    pub fn read_into_timeout(
        &mut self,
        pick: Pick,
        into: &mut [T],
        timeout: Duration,
    ) -> Result<Option<FrameInfo>> {
        self.read_into_until(pick, into, Some(Deadline::after(timeout)))
    }

    /// Waits for a frame until `deadline`, and copies it into `into`.
    ///
    /// # Errors
    ///
    /// Those of [`read_into`](Self::read_into).
    pub fn read_into_deadline(
        &mut self,
        pick: Pick,
        into: &mut [T],
        deadline: Instant,
    ) -> Result<Option<FrameInfo>> {
        self.read_into_until(pick, into, Some(Deadline::at(deadline)))
    }

    /// Computes something from a frame in its slot, without copying it, if there is one.
    ///
    /// The writer may overwrite the slot while `look` runs, which then sees parts of two frames and
    /// is called again. Only the result of a call during which the frame stayed complete is
    /// returned.
    ///
    /// ```
    /// use ipc_ring::frames::{FrameReader, FrameWriter, Pick};
    ///
    /// # let name = format!("/view-{}", std::process::id());
    /// let mut camera = FrameWriter::<u32>::create(&name, [3])?;
    /// let mut meter = FrameReader::<u32>::open(&name)?;
    /// camera.write(&[1, 2, 4])?;
    /// let seen = meter.try_view(Pick::Latest, |frame| {
    ///     (0..frame.len()).filter_map(|i| frame.get(i)).sum::<u32>()
    /// })?;
    /// assert_eq!(seen.map(|(info, sum)| (info.sequence(), sum)), Some((1, 7)));
    /// # Ok::<(), ipc_core::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`try_next`](Self::try_next).
    pub fn try_view<R>(
        &mut self,
        pick: Pick,
        look: impl FnMut(&FrameView<'_, T>) -> R,
    ) -> Result<Option<(FrameInfo, R)>> {
        self.read(pick, None, look)
    }

    /// Waits until there is a frame that is new to this reader, without reading it.
    ///
    /// # Errors
    ///
    /// When the last frame was read: [`is_closed`](Error::is_closed) if the writer has closed the
    /// frames; [`is_owner_died`](Error::is_owner_died) if its process is proved dead;
    /// [`is_removed`](Error::is_removed) if another writer has superseded it:
    /// [`reopen`](Self::reopen) opens the frames of the new writer.
    ///
    /// [`is_permission_denied`](Error::is_permission_denied) if this process has no permission to
    /// write the object, and the writer wakes only readers that announce that they sleep
    /// ([`Wake::Announced`](super::Wake::Announced)).
    pub fn wait(&mut self) -> Result<()> {
        while !self.wait_until(Deadline::NEVER)? {}
        Ok(())
    }

    /// Waits like [`wait`](Self::wait), for at most `timeout`. Returns `false` if no frame came in
    /// time.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<bool> {
        self.wait_until(Deadline::after(timeout))
    }

    /// Waits like [`wait`](Self::wait), until `deadline`. Returns `false` if no frame came in time.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    pub fn wait_deadline(&mut self, deadline: Instant) -> Result<bool> {
        self.wait_until(Deadline::at(deadline))
    }

    /// Returns the state of the writer. To find out whether its process is dead takes some system
    /// calls.
    #[must_use]
    pub fn writer(&self) -> WriterStatus {
        self.frames.status(true)
    }

    /// The number of the frame that this reader has read last. Before the first read, it is one
    /// less than the number of the oldest frame that was in a slot when the reader was opened.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.last
    }

    /// The number of frames that this reader has missed in all.
    #[must_use]
    pub fn missed(&self) -> u64 {
        self.missed
    }

    /// The number of elements in each dimension of a frame.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        self.frames.shape()
    }

    /// The number of slots.
    #[must_use]
    pub fn slots(&self) -> usize {
        self.frames.slots()
    }

    /// The memory object that contains the frames.
    #[must_use]
    pub fn memory(&self) -> &M {
        self.frames.memory()
    }
}

impl<T: Plain, M: Memory> fmt::Debug for FrameReader<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shape, kind) = (self.frames.shape(), T::SCHEMA.kind);
        write!(f, "FrameReader({shape} of {kind} in {})", self.frames.memory().label())
    }
}
