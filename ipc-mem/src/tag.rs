//! Tags: the purpose for which a memory object was created.

use std::fmt;

/// The purpose for which a memory object was created, as recorded in its trailer.
///
/// The content of a memory object is trusted to be a structure only if the memory object was
/// created for that structure, or by a program outside of this toolkit. Without this rule, safe
/// code could use one structure to write bytes that look like the header of another, and then open
/// them as that other structure.
///
/// Each structure has a tag of its own, and other crates may define further tags. A tag that has no
/// name here is printed as its number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tag(u32);

impl Tag {
    /// Created by a program outside of this toolkit, private to this process, or a part of a memory
    /// object that a [`Carver`](crate::Carver) made: no trailer records its purpose.
    pub const FOREIGN: Self = Self(0);
    /// Bytes for any use: the content is opened in `unsafe` code, by a caller that knows its type.
    pub const BARE: Self = Self(1);
    /// An array, which begins with its header.
    pub const ARRAY: Self = Self(2);
    /// A shared value, which begins with its preamble.
    pub const VALUE: Self = Self(3);
    /// An array whose readers get complete versions.
    pub const SNAPSHOT: Self = Self(4);
    /// A ring of messages from one sender to one receiver.
    pub const RING: Self = Self(16);
    /// A queue of messages of any number of senders and receivers.
    pub const QUEUE: Self = Self(17);
    /// A queue of jobs.
    pub const JOBS: Self = Self(18);
    /// A topic of messages from its publishers to its subscribers.
    pub const TOPIC: Self = Self(19);
    /// Frames from one writer to its readers.
    pub const FRAMES: Self = Self(20);
    /// Requests and replies between clients and servers.
    pub const SERVICE: Self = Self(24);
    /// A mailbox: messages from any number of senders to one owner.
    pub const MAILBOX: Self = Self(25);
    /// A heap of objects and containers.
    pub const HEAP: Self = Self(32);

    /// The tags that have a name here.
    const NAMES: &'static [(Self, &'static str)] = &[
        (Self::FOREIGN, "foreign memory"),
        (Self::BARE, "bare memory"),
        (Self::ARRAY, "an array"),
        (Self::VALUE, "a shared value"),
        (Self::SNAPSHOT, "a snapshot array"),
        (Self::RING, "a ring"),
        (Self::QUEUE, "a queue"),
        (Self::JOBS, "a job queue"),
        (Self::TOPIC, "a topic"),
        (Self::FRAMES, "frames"),
        (Self::SERVICE, "a service"),
        (Self::MAILBOX, "a mailbox"),
        (Self::HEAP, "a heap"),
    ];

    /// Returns the tag with this number. Numbers below 4096 are reserved for this toolkit.
    #[must_use]
    pub const fn new(code: u32) -> Self {
        Self(code)
    }

    /// Returns the number that is stored.
    #[must_use]
    pub const fn code(self) -> u32 {
        self.0
    }
}

/// Prints the tag in words, or its number if it has no name here.
impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Self::NAMES.iter().find(|(tag, _)| tag == self) {
            Some((_, name)) => f.write_str(name),
            None => write!(f, "a structure with tag {}", self.0),
        }
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
