//! The writer of frames.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ipc_core::{
    Clock, Errno, Error, Name, Origin, ProcessInstance, Result, crash_point, owner, switched_on,
};
use ipc_mem::named::entry;
use ipc_mem::{Fresh, Memory, Object, OpenOptions, Plain, ReadWrite, Shape, SharedMemory};

use super::layout::{Frames, Spec};
use super::parts::{CLOSED, OPEN, SUPERSEDED};
use super::{FrameOptions, FrameSlot, Wake};

/// The one process that writes frames, such as pictures of a camera, for up to 64 readers that have
/// permission to write the object, and any number of others.
///
/// It never waits for a reader: the newest frame takes the place of the oldest.
/// [`write`](Self::write) costs a copy. With [`Wake::Announced`], it makes a system call only if a
/// reader sleeps.
///
/// After a writer was closed or killed, another one can be created under the same name, also with
/// frames of another shape or type. Readers of the old frames wake, and can
/// [reopen](super::FrameReader::reopen) the name. A writer that is alive, even if it is stopped, is
/// not replaced.
///
/// Dropping it closes the frames: readers can still read those that are in the slots.
///
/// # Examples
///
/// ```
/// use ipc_ring::frames::{FrameReader, FrameWriter};
///
/// # let name = format!("/writer-{}", std::process::id());
/// let mut camera = FrameWriter::<f32>::create(&name, [640, 480])?;
/// let mut viewer = FrameReader::<f32>::open(&name)?; // usually in another process
///
/// let pixels = vec![0.5; 640 * 480];
/// assert_eq!(camera.write(&pixels)?, 1);
/// let frame = viewer.wait_latest()?;
/// assert_eq!((frame.sequence(), frame.missed()), (1, 0));
/// assert_eq!(frame.as_slice(), pixels);
/// # Ok::<(), ipc_core::Error>(())
/// ```
pub struct FrameWriter<T: Plain, M: Memory = SharedMemory> {
    frames: Object<Frames, M>,
    /// The number of the next frame.
    next: u64,
    len: usize,
    origin: Origin,
    elements: PhantomData<T>,
}

impl<T: Plain> FrameWriter<T> {
    /// Creates frames under a name. Frames that have the name are replaced if their writer has
    /// closed them or died.
    ///
    /// The name appears when the memory object is complete, with all slots empty.
    ///
    /// # Errors
    ///
    /// [`is_busy`](Error::is_busy) if another writer lives: the error names its process;
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the name or the shape is not valid,
    /// or there are fewer than 2 slots; [`is_mismatch`](Error::is_mismatch) if the name belongs to
    /// something else; [`is_no_space`](Error::is_no_space) if the memory cannot be reserved;
    /// [`is_untrusted`](Error::is_untrusted) if the old frames belong to another user.
    pub fn create(
        name: impl TryInto<Name, Error: Into<Error>>,
        options: impl Into<FrameOptions>,
    ) -> Result<Self> {
        let (name, options) = (name.try_into().map_err(Into::into)?, options.into());
        let spec = Spec::new::<T>(&options).map_err(|refusal| refusal.on(&name))?;
        loop {
            let old = predecessor(&name)?;
            // The new frames are complete but for their name when the old ones lose it.
            let unlink = |_: &Frames| match &old {
                Some(old) => entry(name.clone())?.unlink_if(old.memory().identity()),
                None => Ok(()),
            };
            let created = Object::create(&name, spec.clone(), options.memory, unlink);
            // If another writer was faster, it may not have seen the old frames.
            let is_taken = created.as_ref().is_err_and(Error::is_exists);
            if let Some(old) = old.filter(|_| created.is_ok() || is_taken) {
                crash_point("frames.supersede");
                old.writer().end(SUPERSEDED, old.readers());
            }
            if !is_taken {
                return Self::of(created?);
            }
        }
    }

    /// Unlinks a name. Open handles stay valid. Unlinking a name that does not exist is not an
    /// error.
    ///
    /// # Errors
    ///
    /// Those of [`SharedMemory::unlink`].
    pub fn unlink(name: impl TryInto<Name, Error: Into<Error>>) -> Result<()> {
        SharedMemory::unlink(name)
    }
}

/// The frames that have the name, if their writer has closed them or is dead.
fn predecessor(name: &Name) -> Result<Option<Object<Frames>>> {
    let old = match Object::<Frames>::open(name, OpenOptions::new()) {
        Err(err) if err.is_not_found() => return Ok(None),
        opened => opened?,
    };
    let status = &old.writer().status;
    let writer = status.process.load(Ordering::Relaxed);
    if status.state.load(Ordering::Acquire) != OPEN || !switched_on("one writer") {
        return Ok(Some(old));
    }
    let why = if !old.is_our_namespace() {
        String::from(
            "its writer is in another PID namespace, so this process cannot prove that the \
             writer is dead",
        )
    } else if owner::is_dead(writer) {
        return Ok(Some(old));
    } else {
        let pid = ProcessInstance::from_raw(writer).map_or(0, ProcessInstance::pid);
        format!("process {pid} writes it")
    };
    Err(ipc_core::Refusal::os("create", Errno::EBUSY).because(why).on(name))
}

impl<T: Plain, M: Memory<Access = ReadWrite>> FrameWriter<T, M> {
    /// Creates frames at the beginning of a fresh memory object.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if the memory object is too small or not
    /// aligned, or the shape is not valid; [`is_mismatch`](Error::is_mismatch) if the memory object
    /// was created with a [tag](ipc_mem::Tag) other than `FRAMES` or `BARE`. Choose the first of
    /// these, so that other handles can be opened with `open_in`: with `BARE`, the default, this
    /// call succeeds, but every later `open_in` fails.
    pub fn create_in(memory: Fresh<M>, options: impl Into<FrameOptions>) -> Result<Self> {
        let spec = Spec::new::<T>(&options.into()).map_err(|why| why.on(memory.label()))?;
        Self::of(Object::create_in(memory, spec, |_| Ok(()))?)
    }

    /// The number of bytes that frames with these options need.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if there can be no such frames.
    pub fn size_for(options: impl Into<FrameOptions>) -> Result<usize> {
        let options = options.into();
        let planned =
            Spec::new::<T>(&options).and_then(|spec| <Frames as ipc_mem::Structure>::plan(&spec));
        planned.map(|plan| plan.size).map_err(|refusal| refusal.on(options.shape))
    }

    fn of(frames: Object<Frames, M>) -> Result<Self> {
        let len = frames.expect::<T>().map_err(|refusal| refusal.on(frames.memory().label()))?;
        Ok(Self { frames, next: 1, len, origin: Origin::here(), elements: PhantomData })
    }

    /// Copies a frame into the next slot, publishes it, and returns its number.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) if `frame` and the shape have
    /// different numbers of elements; otherwise those of [`next_slot`](Self::next_slot).
    #[inline]
    pub fn write(&mut self, frame: &[T]) -> Result<u64> {
        if frame.len() != self.len {
            let (found, shape, wanted) = (frame.len(), self.shape(), self.len);
            let why = format!("found {found} elements, wanted {wanted} for {shape}");
            return Err(Error::invalid("write", self.frames.memory().label(), why));
        }
        let mut slot = self.next_slot()?;
        slot.write_at(0, frame)?;
        Ok(slot.publish())
    }

    /// Returns the slot of the next frame, to fill it in place.
    ///
    /// The slot is that of the oldest frame, which readers no longer get. If the `FrameSlot` is
    /// dropped without being [published](FrameSlot::publish), nothing is published, and the next
    /// frame gets the number that this one would have had.
    ///
    /// # Errors
    ///
    /// [`is_invalid_argument`](Error::is_invalid_argument) in a forked child, whose parent writes
    /// the frames.
    #[inline]
    pub fn next_slot(&mut self) -> Result<FrameSlot<'_, T, M>> {
        if !self.origin.is_here() {
            let why = "the process that forked this one writes the frames";
            return Err(Error::invalid("write", self.frames.memory().label(), why));
        }
        Ok(FrameSlot::begin(self))
    }

    /// The number of the frame that was published last, 0 before the first.
    #[must_use]
    pub fn sequence(&self) -> u64 {
        self.next - 1
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

    pub(super) fn frames(&self) -> &Frames {
        &self.frames
    }

    pub(super) fn frame_len(&self) -> usize {
        self.len
    }

    pub(super) fn next_sequence(&self) -> u64 {
        self.next
    }

    /// Makes the frame in the slot of `next` the newest.
    #[inline]
    pub(super) fn publish(&mut self, timestamp: Option<Duration>) -> u64 {
        let (sequence, frames) = (self.next, &*self.frames);
        let nanos =
            timestamp.map_or_else(now, |at| u64::try_from(at.as_nanos()).unwrap_or(u64::MAX));
        frames.slot(sequence).0.publish(sequence, nanos);
        crash_point("frames.slot.published");
        let always = frames.wake() == Wake::EveryFrame;
        frames.writer().publish(sequence, frames.readers(), always);
        self.next += 1;
        sequence
    }
}

/// The monotonic clock, in nanoseconds.
#[inline]
fn now() -> u64 {
    // Every system has the monotonic clock.
    let now = Clock::MONOTONIC.now().unwrap_or_default();
    now.sec().cast_unsigned() * 1_000_000_000 + now.frac().cast_unsigned()
}

impl<T: Plain, M: Memory> Drop for FrameWriter<T, M> {
    fn drop(&mut self) {
        if self.origin.is_here() {
            self.frames.writer().end(CLOSED, self.frames.readers());
        }
    }
}

impl<T: Plain, M: Memory> fmt::Debug for FrameWriter<T, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (shape, kind) = (self.frames.shape(), T::SCHEMA.kind);
        write!(f, "FrameWriter({shape} of {kind} in {})", self.frames.memory().label())
    }
}
