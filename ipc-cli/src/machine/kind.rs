//! The kinds of objects that there are: one table, which every command reads.

use super::{Found, Sight, locks, memfds, queues, shm, sockets, sysv};

/// A kind of inter-process object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Shm,
    Semaphore,
    Queue,
    Segment,
    Set,
    SysvQueue,
    Memfd,
    Fifo,
    Socket,
    Lock,
}

/// A kind, its words, and the function that lists it.
pub(crate) struct Row {
    pub(crate) kind: Kind,
    /// The word that users write: `ipc ls shm`, `ipc show shm:/frames`.
    pub(crate) word: &'static str,
    /// Other words for it.
    pub(crate) aliases: &'static [&'static str],
    /// One of them, and several.
    pub(crate) noun: [&'static str; 2],
    /// `ipc ls` shows it unless asked otherwise.
    pub(crate) shown: bool,
    /// Adds the objects of this kind.
    pub(crate) list: fn(&Sight, &mut Found),
}

/// All kinds, in the order of a listing.
pub(crate) const KINDS: [Row; 10] = [
    Row {
        kind: Kind::Shm,
        word: "shm",
        aliases: &["memory", "shared-memory"],
        noun: ["shared memory object", "shared memory objects"],
        shown: true,
        list: shm::memory,
    },
    Row {
        kind: Kind::Semaphore,
        word: "sem",
        aliases: &["semaphore", "semaphores"],
        noun: ["named semaphore", "named semaphores"],
        shown: true,
        list: shm::semaphores,
    },
    Row {
        kind: Kind::Queue,
        word: "mq",
        aliases: &["mqueue", "mqueues"],
        noun: ["message queue", "message queues"],
        shown: true,
        list: queues::list,
    },
    Row {
        kind: Kind::Segment,
        word: "segment",
        aliases: &["segments"],
        noun: ["System V segment", "System V segments"],
        shown: true,
        list: sysv::segments,
    },
    Row {
        kind: Kind::Set,
        word: "set",
        aliases: &["sets"],
        noun: ["System V semaphore set", "System V semaphore sets"],
        shown: true,
        list: sysv::sets,
    },
    Row {
        kind: Kind::SysvQueue,
        word: "queue",
        aliases: &["queues"],
        noun: ["System V message queue", "System V message queues"],
        shown: true,
        list: sysv::queues,
    },
    Row {
        kind: Kind::Memfd,
        word: "memfd",
        aliases: &["memfds"],
        noun: ["memfd", "memfds"],
        shown: false,
        list: memfds::list,
    },
    Row {
        kind: Kind::Fifo,
        word: "fifo",
        aliases: &["fifos"],
        noun: ["FIFO", "FIFOs"],
        shown: false,
        list: sockets::fifos,
    },
    Row {
        kind: Kind::Socket,
        word: "socket",
        aliases: &["sockets"],
        noun: ["Unix socket", "Unix sockets"],
        shown: false,
        list: sockets::sockets,
    },
    Row {
        kind: Kind::Lock,
        word: "lock",
        aliases: &["locks"],
        noun: ["file lock", "file locks"],
        shown: false,
        list: locks::list,
    },
];

impl Kind {
    /// The row of the table.
    pub(crate) fn row(self) -> &'static Row {
        &KINDS[self as usize]
    }

    /// The word that users write.
    pub(crate) fn word(self) -> &'static str {
        self.row().word
    }

    /// One of them.
    pub(crate) fn noun(self) -> &'static str {
        self.row().noun[0]
    }

    /// The kind that users call so.
    pub(crate) fn named(word: &str) -> Option<Self> {
        KINDS.iter().find(|row| row.word == word || row.aliases.contains(&word)).map(|row| row.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_row_and_its_words_are_its_own() {
        for row in &KINDS {
            assert_eq!(row.kind.row().word, row.word);
            for word in row.aliases.iter().chain([&row.word]) {
                assert_eq!(Kind::named(word), Some(row.kind));
            }
        }
        assert_eq!(Kind::named("frobnicator"), None);
    }
}
