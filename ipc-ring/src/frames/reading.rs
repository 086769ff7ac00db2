//! How a reader finds frames, and waits for them.

#![expect(unsafe_code, reason = "reads elements that another process writes at the same time")]

use std::mem;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use ipc_core::{Deadline, Errno, Error, Patience, ProcessInstance, Refusal, Result, Woken};
use ipc_mem::{Memory, Plain, granule};

use super::{Frame, FrameInfo, FrameReader, FrameView, Pick, Wake, WriterStatus};
use crate::wait::Sealed;

/// The maximum time until a reader that waits knows that its writer is dead.
const LONGEST_SLICE: Duration = Duration::from_millis(30);

/// The number of attempts of a reader whose frame the writer overwrites while it is read.
const ATTEMPTS: u32 = 8;

impl<T: Plain, M: Memory> FrameReader<T, M> {
    pub(super) fn copied_at_last(&mut self, pick: Pick) -> Result<Frame<'_, T>> {
        self.wait()?;
        let info = loop {
            if let Some(info) = self.copy(pick, Some(Deadline::NEVER))? {
                break info;
            }
        };
        Ok(Frame { info, shape: self.frames.shape(), elements: &self.buffer })
    }

    pub(super) fn copied(
        &mut self,
        pick: Pick,
        deadline: Option<Deadline>,
    ) -> Result<Option<Frame<'_, T>>> {
        let info = self.copy(pick, deadline)?;
        let (shape, elements) = (self.frames.shape(), &*self.buffer);
        Ok(info.map(|info| Frame { info, shape, elements }))
    }

    /// Reads a frame into the buffer.
    fn copy(&mut self, pick: Pick, deadline: Option<Deadline>) -> Result<Option<FrameInfo>> {
        let mut buffer = mem::take(&mut self.buffer);
        if buffer.is_empty() {
            // SAFETY: a slot has at least one element, aligned and readable, and all code that
            // accesses it moves granules of `T`.
            let some = unsafe { granule::load(self.frames.slot(0).1.cast::<T>()) };
            buffer = vec![some; self.len];
        }
        let read = self.read_into_until(pick, &mut buffer, deadline);
        self.buffer = buffer;
        read
    }

    pub(super) fn read_into_until(
        &mut self,
        pick: Pick,
        into: &mut [T],
        deadline: Option<Deadline>,
    ) -> Result<Option<FrameInfo>> {
        if into.len() != self.len {
            let (found, shape, wanted) = (into.len(), self.shape(), self.len);
            let why = format!("found room for {found} elements, wanted {wanted} for {shape}");
            return Err(Error::invalid("read", self.frames.memory().label(), why));
        }
        let read = self.read(pick, deadline, |frame| frame.copy_to(0, into))?;
        Ok(read.map(|(info, _)| info))
    }

    pub(super) fn wait_until(&mut self, deadline: Deadline) -> Result<bool> {
        let waited = self.attempt(Some(deadline), |this| {
            (this.frames.writer().newest() > this.last).then_some(())
        })?;
        Ok(waited.is_some())
    }

    pub(super) fn read<R>(
        &mut self,
        pick: Pick,
        deadline: Option<Deadline>,
        mut look: impl FnMut(&FrameView<'_, T>) -> R,
    ) -> Result<Option<(FrameInfo, R)>> {
        self.attempt(deadline, |this| this.look(pick, &mut look))
    }

    /// Attempts something until it succeeds, the deadline passes, or no frame will come any more;
    /// once without a deadline.
    fn attempt<R>(
        &mut self,
        deadline: Option<Deadline>,
        mut attempt: impl FnMut(&mut Self) -> Option<R>,
    ) -> Result<Option<R>> {
        let mut attempt = |this: &mut Self, look_for_death: bool| {
            // Before the look: what was published before the end is read first.
            let status = this.frames.status(look_for_death);
            match attempt(this) {
                None if status != WriterStatus::Writing => Err(this.ended(status)),
                attempted => Ok(attempted),
            }
        };
        let done = attempt(self, false)?;
        let (None, Some(deadline)) = (&done, deadline) else { return Ok(done) };
        if self.attendance.is_none() && self.frames.wake() == Wake::Announced {
            let why = "without write permission, this process cannot announce that it sleeps: the \
                       writer has to give more permissions, or create the frames with `Wake::EveryFrame`";
            let refusal = Refusal::os("wait", Errno::EACCES).because(why);
            return Err(refusal.on(self.frames.memory().label()));
        }
        let mut patience = Patience::new(deadline).with_longest_slice(LONGEST_SLICE);
        let mut look_for_death = false;
        loop {
            if patience.polls() {
                if let Some(done) = attempt(self, false)? {
                    return Ok(Some(done));
                }
                continue;
            }
            let seen = self.frames.writer().bell().load(Ordering::SeqCst);
            if let Some(attendance) = &self.attendance {
                attendance.announce();
            }
            if let Some(done) = attempt(self, mem::take(&mut look_for_death))? {
                return Ok(Some(done));
            }
            if let Some(attendance) = self.attendance.as_ref().filter(|_| !patience.has_slept()) {
                attendance.count_sleep();
            }
            match patience.sleep(self.frames.writer().bell(), seen) {
                Woken::Changed => {}
                Woken::Slice => look_for_death = true,
                Woken::Late => return attempt(self, true),
            }
        }
    }

    /// Looks for a frame in the ring, and calls `look` with it.
    fn look<R>(
        &mut self,
        pick: Pick,
        look: &mut impl FnMut(&FrameView<'_, T>) -> R,
    ) -> Option<(FrameInfo, R)> {
        for _ in 0..ATTEMPTS {
            let newest = self.frames.writer().newest();
            if newest <= self.last {
                return None;
            }
            let oldest = newest.saturating_sub(self.frames.slots() as u64 - 1);
            let first = if pick == Pick::Next { oldest.max(self.last + 1) } else { newest };
            for sequence in first..=newest {
                if let Some((timestamp, seen)) = self.look_at(sequence, look) {
                    let missed = sequence - self.last - 1;
                    self.missed = self.missed.saturating_add(missed);
                    self.last = sequence;
                    if let Some(attendance) = &self.attendance {
                        attendance.report(sequence, self.missed);
                    }
                    return Some((FrameInfo { sequence, missed, timestamp }, seen));
                }
            }
        }
        None
    }

    /// Calls `look` with the frame of that number, if its slot holds it all the time.
    #[inline]
    fn look_at<R>(
        &self,
        sequence: u64,
        look: &mut impl FnMut(&FrameView<'_, T>) -> R,
    ) -> Option<(u64, R)> {
        let (head, first) = self.frames.slot(sequence);
        let timestamp = head.holds(sequence)?;
        // SAFETY: `len` elements lie in the slot (`Frames::expect`), on a boundary of 64, mapped as
        // long as `self`; the writer moves granules of `T`.
        let view = unsafe { FrameView::new(first.cast(), self.len) };
        let seen = look(&view);
        head.still_holds(sequence).then_some((timestamp, seen))
    }

    /// The error for a reader that waits for a frame that will not come.
    #[cold]
    fn ended(&self, status: WriterStatus) -> Error {
        let writer = self.frames.writer().status.process.load(Ordering::Relaxed);
        let pid = ProcessInstance::from_raw(writer).map_or(0, ProcessInstance::pid);
        let (errno, why) = match status {
            WriterStatus::Died => {
                (Errno::EOWNERDEAD, format!("process {pid}, its writer, is dead"))
            }
            WriterStatus::Superseded => {
                (Errno::EIDRM, String::from("another writer has taken its place: reopen the name"))
            }
            _ => (Errno::EPIPE, format!("process {pid}, its writer, has closed it")),
        };
        Refusal::os("read", errno).because(why).on(self.frames.memory().label())
    }
}

impl<T: Plain, M: Memory> Sealed for FrameReader<T, M> {
    fn announce(&self) -> (&AtomicU32, u32) {
        let bell = self.frames.writer().bell();
        let seen = bell.load(Ordering::SeqCst);
        if let Some(attendance) = &self.attendance {
            attendance.announce();
        }
        (bell, seen)
    }

    fn is_ready(&self, proves: bool) -> bool {
        self.frames.status(proves) != WriterStatus::Writing
            || self.frames.writer().newest() > self.last
    }
}
