//! The places, the processes, and where each of them is.

/// A process that acts at a place, or none: that of a message without a receipt.
pub(crate) type Who = Option<usize>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Word {
    Free,
    Filling(usize),
    Ready(Who),
    Taken(usize),
    Quiet(usize),
    Answered(usize),
    Died(usize),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) word: Word,
    pub(crate) client: Who,
    pub(crate) deliveries: u8,
    pub(crate) is_marked: bool,
    /// The number of the call, and `true` if it is complete.
    pub(crate) request: (u8, bool),
    /// The same for the reply.
    pub(crate) reply: (u8, bool),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum At {
    Free {
        place: usize,
    },
    Claim {
        place: usize,
    },
    Number {
        place: usize,
    },
    Write {
        place: usize,
    },
    Written {
        place: usize,
    },
    Submit {
        place: usize,
    },
    Mark {
        place: usize,
    },
    Wait {
        place: usize,
    },
    Forget {
        place: usize,
        word: Word,
    },
    Cancel {
        place: usize,
        word: Word,
    },
    ReadReply {
        place: usize,
        number: u8,
    },
    Release {
        place: usize,
    },
    Look,
    Unmark {
        place: usize,
    },
    Own {
        place: usize,
    },
    Take {
        place: usize,
        word: Word,
    },
    Count {
        place: usize,
    },
    Read {
        place: usize,
    },
    Has {
        place: usize,
    },
    Prove {
        place: usize,
    },
    Reply {
        place: usize,
    },
    Replied {
        place: usize,
    },
    Finish {
        place: usize,
    },
    FinishQuiet {
        place: usize,
    },
    /// A place of the dead, and where this process was.
    Numbers {
        place: usize,
        word: Word,
        back: Back,
    },
    Settle {
        place: usize,
        word: Word,
        to: Word,
        back: Back,
    },
    MarkAgain {
        place: usize,
        back: Back,
    },
    Over,
    Dead,
}

/// The step at which a process continues after it has looked after a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Back {
    Free,
    Wait,
    Look,
}

impl Back {
    pub(crate) fn to(self, place: usize) -> At {
        match self {
            Self::Free => At::Free { place: 0 },
            Self::Wait => At::Wait { place },
            Self::Look => At::Look,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Role {
    /// Submits calls from a number on, up to another, and may cancel that many.
    Client {
        next: u8,
        to: u8,
        cancels: u8,
        waits: bool,
    },
    Server {
        number: u8,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct World {
    pub(crate) places: Vec<Place>,
    pub(crate) outlives: bool,
    pub(crate) redeliveries: u8,
    pub(crate) processes: Vec<(At, Role)>,
    pub(crate) kills: u8,
    /// Sets of calls: submitted, ended for their clients, read by servers that then finished.
    pub(crate) submitted: u8,
    pub(crate) ended: u8,
    pub(crate) finished: u8,
    /// The number of times that each call was delivered to a server.
    pub(crate) given: [u8; 4],
    pub(crate) mutant: &'static str,
}
