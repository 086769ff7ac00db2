//! The two ends of a ring, whatever its elements mean.

use std::cell::Cell;
use std::sync::atomic::{AtomicU32, Ordering};

use ipc_core::barrier::LightBarrier;
use ipc_core::owner::{here, replace};
use ipc_core::{Deadline, Errno, Error, ProcessInstance, Refusal, Result, crash_point};
use ipc_mem::{Memory, Object, Plain, granule};

use super::Peer;
use super::ring::{CLOSED, Control, Ring, claim, peer};
use crate::statistics::count_alone;
use crate::{wait, waiting};

/// The parts that both ends have.
struct End<T: Plain, const BYTES: bool, M: Memory> {
    ring: Object<Ring<T, BYTES>, M>,
    barrier: LightBarrier,
    /// This process, which a forked child is not.
    me: u64,
    /// The number of the next element of this end.
    next: Cell<u64>,
    /// The number of the other end, as this end has seen it last.
    seen: Cell<u64>,
}

impl<T: Plain, const BYTES: bool, M: Memory> End<T, BYTES, M> {
    #[inline]
    fn control(&self) -> &Control {
        self.ring.control()
    }

    #[inline]
    fn is_ours(&self) -> bool {
        ProcessInstance::known().is_some_and(|here| here.raw() == self.me) || here() == self.me
    }

    #[cold]
    fn forked(&self, call: &'static str) -> Error {
        let why = "a forked child does not have this end open: open it again in this process";
        Error::invalid(call, self.ring.memory().label(), why)
    }

    #[cold]
    fn damaged(&self, call: &'static str) -> Error {
        let (sent, received) = numbers(self.control());
        let why = format!(
            "found {sent} elements sent and {received} received in a ring of {}: another process \
             damaged it",
            self.ring.capacity()
        );
        Error::mismatch(call, self.ring.memory().label(), why)
    }

    /// The numbers of elements sent and received, if they fit together.
    fn numbers(&self, call: &'static str) -> Result<(u64, u64)> {
        let (sent, received) = numbers(self.control());
        let fits = sent.wrapping_sub(received) <= self.ring.capacity();
        if fits { Ok((sent, received)) } else { Err(self.damaged(call)) }
    }

    #[cold]
    fn gone(&self, call: &'static str, who: &str) -> Error {
        let why = format_args!("the {who} has closed its end, or its process is dead");
        Refusal::os(call, Errno::EPIPE).because(why).on(self.ring.memory().label())
    }
}

/// How many elements ahead of the next one a place is fetched into the cache. A line that moves from
/// one processor to another takes as long as several messages: without this, each end waits for
/// each line. Zero for large elements, which processors fetch ahead by themselves.
const fn ahead<T>() -> u64 {
    const BYTES: usize = 512;
    const LARGEST: usize = 128;

    match size_of::<T>() {
        1..=LARGEST => (BYTES / size_of::<T>()) as u64,
        _ => 0,
    }
}

/// The numbers of elements sent and received.
fn numbers(control: &Control) -> (u64, u64) {
    // Received first: it is never more than what was sent by then.
    let received = control.received.number.load(Ordering::Acquire);
    (control.sent.number.load(Ordering::Acquire), received)
}

/// The end that sends.
pub(super) struct SendEnd<T: Plain, const BYTES: bool, M: Memory>(End<T, BYTES, M>);

/// The end that receives.
pub(super) struct ReceiveEnd<T: Plain, const BYTES: bool, M: Memory>(End<T, BYTES, M>);

impl<T: Plain, const BYTES: bool, M: Memory> SendEnd<T, BYTES, M> {
    pub(super) fn open(ring: Object<Ring<T, BYTES>, M>) -> Result<Self> {
        let claimed = claim(&ring.control().sender, "sender");
        let me = claimed.map_err(|refusal| refusal.on(ring.memory().label()))?;
        let barrier = LightBarrier::register();
        let this = Self(End { ring, barrier, me, next: Cell::new(0), seen: Cell::new(0) });
        // On a failure `drop` closes the end again.
        let (sent, received) = this.0.numbers("open")?;
        this.0.next.set(sent);
        this.0.seen.set(received);
        this.0.control().filled.notify_all();
        Ok(this)
    }

    #[inline]
    pub(super) fn ring(&self) -> &Object<Ring<T, BYTES>, M> {
        &self.0.ring
    }

    /// The number of the next element.
    #[inline]
    pub(super) fn next(&self) -> u64 {
        self.0.next.get()
    }

    /// The number of elements that fit now: at least `wanted`, or all that fit.
    ///
    /// Fails if the receiver is closed.
    #[inline]
    pub(super) fn room(&self, wanted: u64) -> Result<u64> {
        let this = &self.0;
        if !this.is_ours() {
            return Err(this.forked("send"));
        }
        if this.control().receiver.load(Ordering::Relaxed) == CLOSED {
            return Err(this.gone("send", "receiver"));
        }
        let used = this.next.get().wrapping_sub(this.seen.get());
        let room = this.ring.capacity() - used;
        if room >= wanted { Ok(room) } else { self.look() }
    }

    #[inline(never)]
    fn look(&self) -> Result<u64> {
        let this = &self.0;
        this.seen.set(this.control().received.number.load(Ordering::Acquire));
        let used = this.next.get().wrapping_sub(this.seen.get());
        let room = this.ring.capacity().checked_sub(used);
        room.ok_or_else(|| {
            // The next look starts again.
            this.seen.set(this.next.get().wrapping_sub(this.ring.capacity()));
            this.damaged("send")
        })
    }

    /// Waits until at least `wanted` elements may be sent, and returns how many; `None` if the
    /// deadline came first.
    ///
    /// Fails if the receiver is closed, or dead and the ring full.
    #[cold]
    pub(super) fn wait_for_room(&self, wanted: u64, deadline: Deadline) -> Result<Option<u64>> {
        let this = &self.0;
        let attempt = |is_suspicious| match self.room(wanted) {
            Ok(room) if room >= wanted => Some(Ok(room)),
            Ok(_) if is_suspicious && self.receiver() == Peer::Dead => {
                // It may have received something before it died.
                match self.look() {
                    Ok(room) if room >= wanted => Some(Ok(room)),
                    Ok(_) => Some(Err(this.gone("send", "receiver"))),
                    Err(err) => Some(Err(err)),
                }
            }
            Ok(_) => None,
            Err(err) => Some(Err(err)),
        };
        let (freed, sleeps) = (&this.control().freed, &this.control().tally.sender_sleeps);
        waiting::wait(freed, Some(sleeps), deadline, waiting::LEISURE, attempt).transpose()
    }

    /// Fetches the place of a later element, which the receiver has read, away from the receiver's
    /// processor.
    #[inline]
    pub(super) fn prefetch(&self) {
        let (this, ahead) = (&self.0, ahead::<T>());
        let used = this.next.get().wrapping_sub(this.seen.get());
        if ahead > 0 && used.saturating_add(ahead) < this.ring.capacity() {
            granule::prefetch_to_write(this.ring.element(this.next.get().wrapping_add(ahead)));
        }
    }

    /// Makes the next elements, which are written, visible to the receiver.
    #[inline]
    pub(super) fn publish(&self, count: u64) {
        let (this, control) = (&self.0, self.0.control());
        let next = this.next.get().wrapping_add(count);
        crash_point("ring: before a message is sent");
        this.next.set(next);
        control.sent.number.store(next, Ordering::Release);
        crash_point("ring: a message is sent");
        if BYTES {
            count_alone(&control.sent.messages);
        }
        this.barrier.light();
        control.filled.notify_one();
    }

    /// Waits until a process has the receiver open; returns `false` if the deadline came first.
    pub(super) fn wait_for_receiver(&self, deadline: Deadline) -> bool {
        let control = self.0.control();
        let attempt = |_| (self.receiver() == Peer::Open).then_some(());
        waiting::wait(&control.freed, None, deadline, waiting::HASTE, attempt).is_some()
    }

    /// Returns the state of the receiver.
    pub(super) fn receiver(&self) -> Peer {
        peer(&self.0.control().receiver, true)
    }
}

impl<T: Plain, const BYTES: bool, M: Memory> ReceiveEnd<T, BYTES, M> {
    pub(super) fn open(ring: Object<Ring<T, BYTES>, M>) -> Result<Self> {
        let claimed = claim(&ring.control().receiver, "receiver");
        let me = claimed.map_err(|refusal| refusal.on(ring.memory().label()))?;
        let barrier = LightBarrier::register();
        let this = Self(End { ring, barrier, me, next: Cell::new(0), seen: Cell::new(0) });
        // On a failure `drop` closes the end again.
        let (sent, received) = this.0.numbers("open")?;
        this.0.next.set(received);
        this.0.seen.set(sent);
        this.0.control().freed.notify_all();
        Ok(this)
    }

    #[inline]
    pub(super) fn ring(&self) -> &Object<Ring<T, BYTES>, M> {
        &self.0.ring
    }

    #[inline]
    pub(super) fn next(&self) -> u64 {
        self.0.next.get()
    }

    /// How many elements may be received now.
    #[inline]
    pub(super) fn available(&self) -> Result<u64> {
        let this = &self.0;
        if !this.is_ours() {
            return Err(this.forked("recv"));
        }
        match this.seen.get().wrapping_sub(this.next.get()) {
            0 => self.look(),
            available => Ok(available),
        }
    }

    /// Fetches the place of a later element, which the sender has sent.
    #[inline]
    pub(super) fn prefetch(&self) {
        let (this, ahead) = (&self.0, ahead::<T>());
        if ahead > 0 && this.seen.get().wrapping_sub(this.next.get()) > ahead {
            granule::prefetch_to_read(this.ring.element(this.next.get().wrapping_add(ahead)));
        }
    }

    #[inline(never)]
    pub(super) fn look(&self) -> Result<u64> {
        let this = &self.0;
        let sent = this.control().sent.number.load(Ordering::Acquire);
        let available = sent.wrapping_sub(this.next.get());
        if available > this.ring.capacity() {
            return Err(this.damaged("recv"));
        }
        this.seen.set(sent);
        Ok(available)
    }

    /// How many elements may be received now. Fails if that is zero and the sender is closed, or dead
    /// if `proves`.
    #[inline]
    pub(super) fn available_or_gone(&self, proves: bool) -> Result<u64> {
        match self.available()? {
            0 => self.none_or_gone(proves),
            available => Ok(available),
        }
    }

    #[inline(never)]
    fn none_or_gone(&self, proves: bool) -> Result<u64> {
        if !matches!(peer(&self.0.control().sender, proves), Peer::Closed | Peer::Dead) {
            return Ok(0);
        }
        // It may have sent something before it went.
        match self.look()? {
            0 => Err(self.0.gone("recv", "sender")),
            available => Ok(available),
        }
    }

    /// Waits until elements may be received, and returns how many; `None` if the deadline came
    /// first. Fails if the ring is empty and the sender is gone.
    #[cold]
    pub(super) fn wait(&self, deadline: Deadline) -> Result<Option<u64>> {
        let attempt = |is_suspicious| match self.available_or_gone(is_suspicious) {
            Ok(0) => None,
            found => Some(found),
        };
        let control = self.0.control();
        let (filled, sleeps) = (&control.filled, &control.tally.receiver_sleeps);
        waiting::wait(filled, Some(sleeps), deadline, waiting::HASTE, attempt).transpose()
    }

    /// Leaves the places of the next elements, which are one message in a ring of bytes, to the
    /// sender.
    #[inline]
    pub(super) fn release(&self, count: u64) {
        self.pass(count, BYTES);
    }

    /// Leaves the places of the next elements, which hold no message, to the sender.
    #[cold]
    #[inline(never)]
    pub(super) fn skip(&self, count: u64) {
        self.pass(count, false);
    }

    #[inline]
    fn pass(&self, count: u64, is_message: bool) {
        let (this, control) = (&self.0, self.0.control());
        let next = this.next.get().wrapping_add(count);
        crash_point("ring: before a message is received");
        this.next.set(next);
        control.received.number.store(next, Ordering::Release);
        crash_point("ring: a message is received");
        if is_message {
            count_alone(&control.received.messages);
        }
        this.barrier.light();
        control.freed.notify_one();
    }

    /// Waits until a process has the sender open or the ring is not empty; returns `false` if the
    /// deadline came first.
    pub(super) fn wait_for_sender(&self, deadline: Deadline) -> bool {
        // A sender may have come and gone meanwhile. The next call to receive reports an error.
        let is_any = || !matches!(self.available(), Ok(0));
        let attempt = |_| (is_any() || self.sender() == Peer::Open || is_any()).then_some(());
        waiting::wait(&self.0.control().filled, None, deadline, waiting::HASTE, attempt).is_some()
    }

    /// Announces that this thread may sleep until there is something to receive.
    pub(super) fn announce(&self) -> (&AtomicU32, u32) {
        wait::on(&self.0.control().filled)
    }

    /// Returns `true` if a call that receives would not wait.
    pub(super) fn is_ready(&self, proves: bool) -> bool {
        !matches!(self.available_or_gone(proves), Ok(0))
    }

    /// Returns the state of the sender.
    pub(super) fn sender(&self) -> Peer {
        peer(&self.0.control().sender, true)
    }
}

impl<T: Plain, const BYTES: bool, M: Memory> Drop for SendEnd<T, BYTES, M> {
    fn drop(&mut self) {
        if self.0.is_ours() && replace(&self.0.control().sender, self.0.me, CLOSED) {
            crash_point("ring: the sender is closed");
            self.0.control().filled.wake_all();
        }
    }
}

impl<T: Plain, const BYTES: bool, M: Memory> Drop for ReceiveEnd<T, BYTES, M> {
    fn drop(&mut self) {
        if self.0.is_ours() && replace(&self.0.control().receiver, self.0.me, CLOSED) {
            crash_point("ring: the receiver is closed");
            self.0.control().freed.wake_all();
        }
    }
}
