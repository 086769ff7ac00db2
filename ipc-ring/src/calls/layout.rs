//! The layout of a table of calls.
//!
//! ```text
//!   0..      the header (`header.rs`): "IPCCALL1" or "IPCMAIL1"; the second number is the maximum
//!            number of handles, and in its upper half that of redeliveries
//!   C..      the control block, at a multiple of 128 bytes
//!   +  0..  8   the ticket of the next call, which numbers calls and says where to look first for
//!               a free place
//!   +128..136   the word that servers sleep on
//!   +136..144   the word that clients sleep on that wait for a free place
//!   +144..152   the owner of a mailbox, or 0
//!   +152..184   losses, tickets without a call, and how often threads slept (`statistics.rs`)
//!   +192..      marks: a bit for each place, padded to a multiple of 64 bytes
//!               a word for each handle: its process and role, or 0
//!               a ticket for each place
//!   D..      capacity places, at a multiple of 128 bytes
//! ```
//!
//! | place | meaning |
//! |---|---|
//! | 0..8 | its word (`word.rs`) |
//! | 8..16 | the client, while a server has the call |
//! | 16..24 | how often the call was delivered |
//! | 24..32 | the word that the client sleeps on |
//! | 32.. | the request and the reply, each on its boundary; places begin at multiples of 64 bytes |
//!
//! A mark says that a call is ready there, so that a server that waits looks at a few words only.
//! Marks are hints: the next search for dead processes finds a call that is ready without a mark.

#![expect(unsafe_code, reason = "reaches requests and replies that other processes write")]

use std::marker::PhantomData;
use std::mem::offset_of;
use std::ptr::NonNull;
use std::sync::atomic::AtomicU64;

use ipc_core::Refusal;
use ipc_mem::{Field, Kind as Layout, MemoryOptions, Plain, Schema, Tag, WaitWord};

use crate::header;
use crate::parts::{Contents, Line, Parts};
use crate::slot;
use crate::statistics::Tally;

/// The maximum number of handles of one object.
const MAX_HANDLES: usize = 4096;

/// A kind of object that consists of calls.
pub(crate) trait Kind: 'static {
    const MAGIC: [u8; 8];
    const WHAT: &'static str;
    const TAG: Tag;
    /// A call outlives the process that submitted it.
    const OUTLIVES: bool;

    type Request: Plain;
    type Reply: Plain;
    /// The type that the header describes.
    type Message: Plain;
    type Options: Copy;

    /// The capacity, and the second number of the header.
    fn numbers(options: Self::Options) -> Result<(usize, u64), Refusal>;
    fn memory(options: Self::Options) -> MemoryOptions;
}

/// The numbers of the header of a new object.
pub(crate) fn numbers(
    capacity: usize,
    handles: usize,
    redeliveries: u32,
) -> Result<(usize, u64), Refusal> {
    if handles > MAX_HANDLES {
        let why = format!("{handles} handles: at most {MAX_HANDLES} are possible");
        return Err(Refusal::invalid("create", why));
    }
    Ok((header::capacity(capacity, 1)?, u64::from(redeliveries) << 32 | handles as u64))
}

/// A request and a reply, as the header of a service describes them.
#[derive(Clone, Copy)]
#[repr(C, packed)]
pub(crate) struct Pair<Q, A> {
    request: Q,
    reply: A,
}

// SAFETY: 1. `repr(C, packed)`: two plain types one after the other. 2. No padding between them,
// and any bytes are a value of each. 3. Neither contains a pointer. 4. The schema names both, and
// evaluates theirs.
unsafe impl<Q: Plain, A: Plain> Plain for Pair<Q, A> {
    const SCHEMA: &'static Schema = &Schema::with_fields::<Self>(
        Layout::STRUCT,
        &[
            Field { name: "request", offset: offset_of!(Self, request), schema: Q::SCHEMA },
            Field { name: "reply", offset: offset_of!(Self, reply), schema: A::SCHEMA },
        ],
    );
}

/// The control block.
#[repr(C, align(64))]
pub(crate) struct Control {
    pub(super) ticket: Line,
    /// Servers sleep here.
    pub(crate) ready: WaitWord,
    /// Clients that wait for a free place sleep here.
    pub(crate) freed: WaitWord,
    /// The owner of a mailbox.
    pub(crate) owner: AtomicU64,
    pub(crate) tally: Tally,
}

/// The numbers of a place.
#[repr(C)]
pub(crate) struct Numbers {
    pub(super) word: AtomicU64,
    pub(super) client: AtomicU64,
    pub(super) deliveries: AtomicU64,
    /// The client sleeps here.
    pub(crate) answered: WaitWord,
}

#[repr(C, align(64))]
pub(crate) struct Place<Q, A> {
    numbers: Numbers,
    request: Q,
    reply: A,
}

/// A table of calls.
pub(crate) type Calls<K> = Parts<CallsOf<K>>;

pub(crate) struct CallsOf<K>(PhantomData<K>);

/// The number of words of marks.
pub(super) fn marks(capacity: usize) -> usize {
    capacity.div_ceil(64).next_multiple_of(8)
}

// SAFETY: 1. `Control` consists of atomic integers, on a boundary of 64 bytes. 2. The methods of
// `Calls` use the numbers as atomic integers, and move granules of the request and the reply.
unsafe impl<K: Kind> Contents for CallsOf<K> {
    const MAGIC: [u8; 8] = K::MAGIC;
    const WHAT: &'static str = K::WHAT;
    const TAG: Tag = K::TAG;

    type Message = K::Message;
    type Control = Control;
    type Element = Place<K::Request, K::Reply>;
    type Options = K::Options;

    fn numbers(options: K::Options) -> Result<(usize, u64), Refusal> {
        K::numbers(options)
    }

    fn memory(options: K::Options) -> MemoryOptions {
        K::memory(options)
    }

    fn words(capacity: usize, second: u64) -> Result<usize, String> {
        let handles = handles(second);
        if handles > MAX_HANDLES {
            return Err(format!("{handles} handles: at most {MAX_HANDLES} are possible"));
        }
        let align = align_of::<Place<K::Request, K::Reply>>();
        if align > header::ALIGN {
            return Err(format!(
                "an alignment of {align} bytes: at most {} are possible",
                header::ALIGN
            ));
        }
        Ok(marks(capacity) + handles + capacity)
    }

    fn describe(capacity: usize, second: u64) -> String {
        let (handles, redeliveries) = (handles(second), second >> 32);
        if second == 0 {
            return format!("a capacity of {capacity}"); // a mailbox has no handles
        }
        format!("a capacity of {capacity}, {handles} handles and {redeliveries} redeliveries")
    }

    fn begin(control: &Control) {
        control.ready.begin();
        control.freed.begin();
    }
}

#[expect(clippy::cast_possible_truncation, reason = "32 bits")]
pub(super) fn handles(second: u64) -> usize {
    second as u32 as usize
}

impl<K: Kind> Calls<K> {
    /// The numbers of a place.
    #[inline]
    pub(crate) fn numbers(&self, place: u64) -> &Numbers {
        let numbers = self.element(place).cast::<Numbers>();
        // SAFETY: a place begins there, with atomic integers, of which any bytes are a value; it
        // stays mapped while `self` lives.
        unsafe { numbers.as_ref() }
    }

    fn request(&self, place: u64) -> NonNull<K::Request> {
        let at = offset_of!(Place<K::Request, K::Reply>, request);
        // SAFETY: within the place.
        unsafe { self.element(place).byte_add(at) }.cast()
    }

    fn reply(&self, place: u64) -> NonNull<K::Reply> {
        let at = offset_of!(Place<K::Request, K::Reply>, reply);
        // SAFETY: within the place.
        unsafe { self.element(place).byte_add(at) }.cast()
    }

    #[inline]
    pub(super) fn write_request(&self, place: u64, request: &K::Request) {
        // SAFETY: one request lies there, aligned; all processes move granules of it.
        unsafe { slot::write(self.request(place), request) };
    }

    #[inline]
    pub(crate) fn read_request(&self, place: u64) -> K::Request {
        // SAFETY: one request lies there, aligned; all processes move granules of it.
        unsafe { slot::read(self.request(place)) }
    }

    #[inline]
    pub(crate) fn write_reply(&self, place: u64, reply: &K::Reply) {
        // SAFETY: one reply lies there, aligned; all processes move granules of it.
        unsafe { slot::write(self.reply(place), reply) };
    }

    #[inline]
    pub(super) fn read_reply(&self, place: u64) -> K::Reply {
        // SAFETY: one reply lies there, aligned; all processes move granules of it.
        unsafe { slot::read(self.reply(place)) }
    }

    /// The capacity, which is a `usize`.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "a `usize` in the header")]
    fn len(&self) -> usize {
        self.capacity() as usize
    }

    /// The marks: bit n modulo 64 of word n divided by 64 is that of place n.
    #[inline]
    pub(super) fn marks(&self) -> &[AtomicU64] {
        &self.words()[..self.len().div_ceil(64)]
    }

    /// A word for each handle.
    pub(super) fn handles(&self) -> &[AtomicU64] {
        let from = marks(self.len());
        &self.words()[from..from + handles(self.second())]
    }

    /// The ticket of the call at a place below the capacity.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "below the capacity, which is a `usize`")]
    pub(super) fn ticket_of(&self, place: u64) -> &AtomicU64 {
        let words = self.words();
        &words[words.len() - self.len() + self.index(place) as usize]
    }

    /// How often a call may be delivered again.
    pub(super) fn redeliveries(&self) -> u64 {
        self.second() >> 32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_control_block_and_the_places_are_as_documented() {
        assert_eq!(
            [
                offset_of!(Control, ready),
                offset_of!(Control, freed),
                offset_of!(Control, owner),
                offset_of!(Control, tally),
                size_of::<Control>(),
                offset_of!(Numbers, client),
                offset_of!(Numbers, deliveries),
                offset_of!(Numbers, answered),
                offset_of!(Place<u8, u8>, request),
                size_of::<Place<u8, u8>>(),
            ],
            [128, 136, 144, 152, 192, 8, 16, 24, 32, 64]
        );
    }
}
