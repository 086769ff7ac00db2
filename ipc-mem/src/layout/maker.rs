//! The environment of the process that created a value: everything on which its locks depend.

use std::borrow::Cow;

use ipc_core::Namespaces;

use super::{Kind, Schema};

use crate::sys;

/// The processor for which a program was compiled, as its ELF number.
const MACHINE: u16 = if cfg!(target_arch = "x86_64") { 62 } else { 183 };

/// The environment of the process that created a value: processor, C library and namespaces.
///
/// It is stored beside locks, and compared when they are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maker {
    pub(super) libc: u16,
    pub(super) version: (u16, u16),
    pub(super) machine: u16,
    /// The layout of a condition variable in its C library, which is found by creating one.
    pub(super) condvar: u16,
    /// The namespaces in which the ids that locks store are valid.
    pub(super) namespaces: Namespaces,
}

impl Maker {
    /// The length of its stored form.
    pub const LEN: usize = 24;

    /// Returns the environment of this process.
    #[must_use]
    pub fn here() -> Self {
        let (libc, version) = sys::clib::version();
        Self {
            libc,
            version,
            machine: MACHINE,
            condvar: sys::clib::condvar_layout(),
            namespaces: Namespaces::here(),
        }
    }

    /// Returns the stored form.
    #[must_use]
    pub fn encode(self) -> [u8; Self::LEN] {
        let shorts =
            [self.libc, self.version.0, self.version.1, self.machine, self.condvar, 0, 0, 0];
        let mut bytes = [0; Self::LEN];
        for (short, at) in shorts.iter().zip(bytes.chunks_exact_mut(2)) {
            at.copy_from_slice(&short.to_ne_bytes());
        }
        bytes[16..20].copy_from_slice(&self.namespaces.pid().to_ne_bytes());
        bytes[20..].copy_from_slice(&self.namespaces.time().to_ne_bytes());
        bytes
    }

    /// Decodes a stored form. The bytes may have any values.
    #[must_use]
    pub fn decode(bytes: [u8; Self::LEN]) -> Self {
        let short = |at: usize| u16::from_ne_bytes([bytes[2 * at], bytes[2 * at + 1]]);
        let word = |at: usize| u32::from_ne_bytes(std::array::from_fn(|i| bytes[at + i]));
        let namespaces = Namespaces::new(word(16), word(20));
        let (version, machine, condvar) = ((short(1), short(2)), short(3), short(4));
        Self { libc: short(0), version, machine, condvar, namespaces }
    }

    /// Returns the reason why this process cannot use a value with the layout `schema` that was
    /// created in the environment `found`; `None` if it can use the value.
    #[must_use]
    pub fn refusal(self, found: Self, schema: &Schema) -> Option<String> {
        if found.machine != self.machine {
            return Some(format!(
                "found a value that a program for {} created, this program is for {}",
                architecture(found.machine),
                architecture(self.machine)
            ));
        }
        if schema.any(&Kind::is_of_libc) {
            if let Some(why) = self.refusal_of_libc(found, schema) {
                return Some(why);
            }
        }
        if schema.any(&Kind::has_owner) { self.refusal_of_namespaces(found) } else { None }
    }

    fn refusal_of_libc(self, found: Self, schema: &Schema) -> Option<String> {
        let era = |maker: Self, kind: Kind| {
            kind.glibc_changes().iter().filter(|from| maker.version >= **from).count()
        };
        let differs = |kind: Kind| {
            let condvar = kind == Kind::CONDVAR && found.condvar != self.condvar;
            condvar || self.libc == sys::clib::GLIBC && era(found, kind) != era(self, kind)
        };
        if found.libc != self.libc || schema.any(&differs) {
            let (found, here) = (found.libc_name(), self.libc_name());
            return Some(format!("found locks of {found}, which {here} does not understand"));
        }
        None
    }

    fn refusal_of_namespaces(self, found: Self) -> Option<String> {
        let why = "a lock names its owner by ids, which mean other threads there";
        if let Some(kind) = found.namespaces.difference(self.namespaces) {
            let (theirs, ours) = (found.namespaces, self.namespaces);
            return Some(format!(
                "found locks of another {kind} ({theirs}, this process is in {ours}): {why}"
            ));
        }
        if self.namespaces.pid() == 0 {
            return Some(format!(
                "found locks, and without /proc nothing says in which PID namespace: {why}"
            ));
        }
        None
    }

    fn libc_name(self) -> String {
        let (major, minor) = self.version;
        match self.libc {
            sys::clib::GLIBC => {
                format!("glibc {major}.{minor}, condition variables of layout {}", self.condvar)
            }
            sys::clib::MUSL => String::from("musl"),
            kind => format!("libc {kind}"),
        }
    }
}

/// The name of a processor architecture, from its number in ELF files.
fn architecture(machine: u16) -> Cow<'static, str> {
    match machine {
        62 => "x86-64".into(),
        183 => "aarch64".into(),
        other => format!("the processor architecture {other}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(kind: Kind) -> Schema {
        Schema::of::<u64>(kind)
    }

    #[test]
    fn locks_of_another_libc_namespace_or_processor_are_refused_by_kind() {
        let here = Maker {
            libc: sys::clib::GLIBC,
            version: (2, 36),
            machine: MACHINE,
            condvar: 1,
            namespaces: Namespaces::new(7, 7),
        };
        assert_eq!(Maker::decode(here.encode()), here);
        let newer = Maker { version: (2, 41), condvar: 2, ..here };
        for (found, kind, is_refused) in [
            (here, Kind::MUTEX, false),
            (newer, Kind::MUTEX, false),
            (newer, Kind::RWLOCK, false),
            (newer, Kind::SEMAPHORE, false),
            (newer, Kind::CONDVAR, true),
            (Maker { condvar: 2, ..here }, Kind::CONDVAR, true),
            (Maker { version: (2, 24), ..here }, Kind::RWLOCK, true),
            (Maker { version: (2, 20), ..here }, Kind::SEMAPHORE, true),
            (Maker { libc: sys::clib::MUSL, ..here }, Kind::MUTEX, true),
            (Maker { libc: sys::clib::MUSL, ..here }, Kind::ATOMIC, false),
            (Maker { machine: 1, ..here }, Kind::ATOMIC, true),
            (Maker { namespaces: Namespaces::new(8, 7), ..here }, Kind::MUTEX, true),
            (Maker { namespaces: Namespaces::new(8, 7), ..here }, Kind::RWLOCK, true),
            (Maker { namespaces: Namespaces::new(8, 7), ..here }, Kind::SEMAPHORE, false),
            (Maker { namespaces: Namespaces::new(0, 0), ..here }, Kind::MUTEX, true),
            (Maker { namespaces: Namespaces::new(8, 7), ..here }, Kind::FUTEX_MUTEX, true),
            (Maker { namespaces: Namespaces::new(8, 7), ..here }, Kind::FUTEX_SEMAPHORE, false),
            (Maker { libc: sys::clib::MUSL, ..here }, Kind::FUTEX_MUTEX, false),
        ] {
            assert_eq!(
                here.refusal(found, &schema(kind)).is_some(),
                is_refused,
                "{found:?} {kind}"
            );
        }
        let blind = Maker { namespaces: Namespaces::new(0, 0), ..here };
        assert!(blind.refusal(blind, &schema(Kind::MUTEX)).is_some());
    }
}
