//! The list of rivals.

#[cfg(boost)]
mod boost;
mod iceoryx;
mod ipc_channel;
mod ours;
mod raw_sync;
mod socket;

use crate::partner::Connect;
use crate::{Once, Res};

/// A rival, with the operations it supports.
pub(crate) struct Rival {
    pub(crate) name: &'static str,
    pub(crate) lock: Option<fn() -> Res<Once>>,
    pub(crate) semaphore: Option<fn() -> Res<Once>>,
    pub(crate) allocate: Option<fn() -> Res<Once>>,
    pub(crate) create: Option<fn() -> Res<Once>>,
    pub(crate) open: Option<fn() -> Res<Once>>,
    pub(crate) channel: Option<Connect>,
}

const NOTHING: Rival =
    Rival { name: "", lock: None, semaphore: None, allocate: None, create: None, open: None, channel: None };

const MIB: usize = 1 << 20;

pub(crate) const RIVALS: [Rival; 10] = [
    Rival {
        name: "ours: memory and two semaphores",
        lock: Some(ours::lock),
        semaphore: Some(ours::semaphore),
        allocate: Some(ours::allocate),
        create: Some(ours::create),
        open: Some(ours::open),
        channel: Some(Connect { lead: ours::lead_ring, follow: ours::follow_ring, most: MIB }),
    },
    Rival {
        name: "ours: POSIX queue",
        channel: Some(Connect { lead: ours::lead_queue, follow: ours::follow_queue, most: 4 << 10 }),
        ..NOTHING
    },
    Rival {
        name: "ours: ring of bytes",
        channel: Some(Connect { lead: ours::lead_bytes, follow: ours::follow_bytes, most: MIB }),
        ..NOTHING
    },
    Rival {
        name: "ours: local socket; native locks",
        lock: Some(ours::native_lock),
        semaphore: Some(ours::native_semaphore),
        channel: Some(Connect { lead: ours::lead_socket, follow: ours::follow_socket, most: MIB }),
        ..NOTHING
    },
    Rival {
        name: "iceoryx2, polling",
        lock: Some(iceoryx::lock),
        semaphore: Some(iceoryx::semaphore),
        channel: Some(Connect { lead: iceoryx::lead_polling, follow: iceoryx::follow_polling, most: MIB }),
        ..NOTHING
    },
    Rival {
        name: "iceoryx2, with events",
        channel: Some(Connect { lead: iceoryx::lead_events, follow: iceoryx::follow_events, most: MIB }),
        ..NOTHING
    },
    Rival {
        name: "ipc-channel, bytes",
        channel: Some(Connect { lead: ipc_channel::lead, follow: ipc_channel::follow, most: MIB }),
        ..NOTHING
    },
    Rival {
        name: "interprocess, local socket",
        channel: Some(Connect { lead: socket::lead, follow: socket::follow, most: MIB }),
        ..NOTHING
    },
    Rival {
        name: "shared_memory and raw_sync",
        lock: Some(raw_sync::lock),
        create: Some(raw_sync::create),
        open: Some(raw_sync::open),
        channel: Some(Connect { lead: raw_sync::lead, follow: raw_sync::follow, most: MIB }),
        ..NOTHING
    },
    #[cfg(boost)]
    boost::RIVAL,
    #[cfg(not(boost))]
    Rival { name: "Boost.Interprocess", ..NOTHING },
];

/// Returns the versions of the rivals.
pub(crate) fn versions() -> String {
    let locked = include_str!("../Cargo.lock");
    let version = |name: &str| {
        let mut lines = locked.lines().skip_while(|line| *line != format!("name = \"{name}\""));
        let version = lines.nth(1).and_then(|line| line.strip_prefix("version = "));
        format!("{name} {}", version.unwrap_or("?").trim_matches('"'))
    };
    let mut all = ["iceoryx2", "interprocess", "ipc-channel", "raw_sync", "shared_memory"].map(version).join(", ");
    #[cfg(boost)]
    {
        all += &format!(", Boost {}", boost::version());
    }
    #[cfg(not(boost))]
    {
        all += "; no Boost.Interprocess, whose headers (Debian's libboost-dev) were not found";
    }
    all
}
