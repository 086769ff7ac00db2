//! Descriptions of the types of objects. A program that wants another type is refused, and the
//! error lists the differences.

use std::fmt;

use ipc_core::Refusal;
use ipc_mem::{Fingerprint, Schema};

/// The kinds of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectKind {
    /// A [`HeapValue`](crate::HeapValue).
    Value,
    /// A [`HeapVec`](crate::HeapVec).
    Vec,
    /// A [`HeapString`](crate::HeapString).
    String,
    /// A [`HeapHashMap`](crate::HeapHashMap).
    HashMap,
    /// A [`HeapDeque`](crate::HeapDeque).
    Deque,
    /// A [`HeapMap`](crate::HeapMap).
    Map,
    /// A [`HeapReadMap`](crate::HeapReadMap).
    ReadMap,
}

impl ObjectKind {
    const ALL: [(Self, u64, &'static str); 7] = [
        (Self::Value, 1, "a value"),
        (Self::Vec, 2, "a vector"),
        (Self::String, 3, "a string"),
        (Self::HashMap, 4, "a hash map"),
        (Self::Deque, 5, "a double-ended queue"),
        (Self::Map, 6, "an ordered map"),
        (Self::ReadMap, 7, "a read-mostly map"),
    ];

    pub(crate) fn code(self) -> u64 {
        Self::ALL.iter().find(|(kind, ..)| *kind == self).map_or(0, |(_, code, _)| *code)
    }

    pub(crate) fn from_code(code: u64) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == code).map(|(kind, ..)| *kind)
    }

    pub(crate) fn what(code: u64) -> &'static str {
        Self::ALL.iter().find(|(_, known, _)| *known == code).map_or("nothing", |(.., what)| what)
    }
}

/// Prints the kind in words, such as `hash map`.
impl fmt::Display for ObjectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::what(self.code()).trim_start_matches("an ").trim_start_matches("a "))
    }
}

/// The type of an object: its kind, and the layouts of what it contains.
#[derive(Clone, Debug)]
pub struct Description {
    pub(crate) kind: ObjectKind,
    /// The fingerprints, one after the other.
    pub(crate) bytes: Vec<u8>,
    pub(crate) hash: u64,
}

impl Description {
    /// The maximum length of a description. Of a damaged one, no more bytes are read.
    pub(crate) const MAX_LEN: u64 = 2 * Fingerprint::MAX_LEN as u64;

    pub(crate) fn of(kind: ObjectKind, schemas: &[&Schema]) -> Result<Self, Refusal> {
        let mut bytes = Vec::new();
        for schema in schemas {
            bytes.extend(Fingerprint::of(schema)?.encode());
        }
        let hash = hash(kind.code(), &bytes);
        Ok(Self { kind, bytes, hash })
    }

    /// Describes how a description that was found differs from this one. The found bytes may be
    /// arbitrary.
    pub(crate) fn difference(&self, found: &[u8]) -> String {
        let roles: &[&str] = match self.kind {
            ObjectKind::HashMap | ObjectKind::Map | ObjectKind::ReadMap => &["key: ", "value: "],
            _ => &[""],
        };
        let mut differences = Vec::new();
        let (mut found, mut wanted) = (found, self.bytes.as_slice());
        for role in roles {
            let decode = |bytes: &[u8]| Fingerprint::decode(bytes).ok();
            let (Some(theirs), Some(ours)) = (decode(found), decode(wanted)) else {
                return String::from("the description of its type is damaged");
            };
            found = found.get(theirs.encoded_len()..).unwrap_or_default();
            wanted = wanted.get(ours.encoded_len()..).unwrap_or_default();
            if let Some(difference) = theirs.difference(&ours) {
                differences.push(format!("{role}{difference}"));
            }
        }
        if differences.is_empty() {
            differences.push(String::from("the description of its type is damaged"));
        }
        differences.join("; ")
    }
}

/// A hash that is the same in all processes (FNV-1a of 64 bits).
pub(crate) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.iter().fold(seed ^ 0xcbf2_9ce4_8422_2325, step)
}
