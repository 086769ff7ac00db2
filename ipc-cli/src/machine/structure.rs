//! The toolkit's structures in shared memory: one row of a table for each tag.

use std::fs::File;
use std::os::unix::fs::FileExt;

use ipc::mem::Tag;

use super::library;

/// Lines of `ipc show`: what they are about, and what it is.
type Lines = Vec<(String, String)>;

/// A structure, and how it is shown.
pub(crate) struct Structure {
    pub(crate) tag: Tag,
    /// The word that users write: `ipc ls array`.
    pub(crate) word: &'static str,
    /// A few words for a listing, from the first bytes of the object, which may be anything.
    pub(crate) summary: fn(&[u8], usize) -> String,
    /// Lines for `ipc show`.
    pub(crate) details: fn(&[u8], usize) -> Lines,
}

/// All structures that are known here. Objects of other programs may hold arrays as well: Julia and
/// C write the same bytes.
pub(crate) const STRUCTURES: [Structure; 9] = [
    Structure { tag: Tag::ARRAY, word: "array", summary: array, details: array_details },
    Structure { tag: Tag::VALUE, word: "value", summary: value, details: value_details },
    Structure { tag: Tag::SNAPSHOT, word: "snapshot", summary: snapshot, details: array_details },
    Structure { tag: Tag::RING, word: "ring", summary: ring, details: ring_details },
    Structure { tag: Tag::QUEUE, word: "mpmc", summary: ring, details: ring_details },
    Structure { tag: Tag::JOBS, word: "jobs", summary: ring, details: ring_details },
    Structure { tag: Tag::FRAMES, word: "frames", summary: frames, details: frames_details },
    Structure {
        tag: Tag::BARE,
        word: "bare",
        summary: |_, _| String::from("bytes"),
        details: |_, _| Vec::new(),
    },
    Structure { tag: Tag::FOREIGN, word: "foreign", summary: foreign, details: array_details },
];

/// The first bytes of an object that are enough for a summary, and to see whether there is one.
const HEAD: usize = 4096;
const GLANCE: usize = 512;

/// The row of a tag, if it has one here.
fn row(tag: Tag) -> Option<&'static Structure> {
    STRUCTURES.iter().find(|row| row.tag == tag)
}

/// The word for what an object with this tag holds.
pub(crate) fn word(tag: Tag) -> &'static str {
    row(tag).map_or("other", |row| row.word)
}

/// A few words on the content of a file of `size` bytes of data.
pub(crate) fn summary(file: &File, tag: Tag, size: usize) -> String {
    let mut head = [0; HEAD];
    let wanted = if tag == Tag::FOREIGN { GLANCE } else { HEAD };
    let len = file.read_at(&mut head[..wanted], 0).unwrap_or(0).min(size);
    row(tag).map_or_else(|| tag.to_string(), |row| (row.summary)(&head[..len], size))
}

/// Lines for `ipc show`: what they are about, and what it is.
pub(crate) fn details(file: &File, tag: Tag, size: usize) -> Lines {
    let mut head = vec![0; size.min(library::MAX_HEAD)];
    let len = file.read_at(&mut head, 0).unwrap_or(0);
    row(tag).map_or_else(Vec::new, |row| (row.details)(&head[..len], size))
}

fn array(head: &[u8], size: usize) -> String {
    library::array(head, size)
        .map_or_else(|why| format!("damaged array: {why}"), |array| array.summary)
}

fn foreign(head: &[u8], size: usize) -> String {
    library::array(head, size).map_or_else(|_| String::new(), |array| array.summary)
}

fn snapshot(head: &[u8], size: usize) -> String {
    library::array(head, size)
        .map_or_else(|_| String::from("snapshot"), |array| format!("snapshot, {}", array.summary))
}

fn array_details(head: &[u8], size: usize) -> Lines {
    library::array(head, size).map_or_else(|_| Vec::new(), |array| array.details)
}

fn frames(head: &[u8], size: usize) -> String {
    library::frames(head, size)
        .map_or_else(|why| format!("damaged frames: {why}"), |frames| frames.summary)
}

fn frames_details(head: &[u8], size: usize) -> Lines {
    library::frames(head, size).map_or_else(|_| Vec::new(), |frames| frames.details)
}

fn value(head: &[u8], _: usize) -> String {
    match library::value(head) {
        Ok(fields) => fields.summary,
        Err(why) => format!("damaged value: {why}"),
    }
}

fn value_details(head: &[u8], _: usize) -> Lines {
    library::value(head).map_or_else(|_| Vec::new(), |fields| fields.details)
}

fn ring(head: &[u8], _: usize) -> String {
    match library::ring(head) {
        Ok(ring) => ring.summary,
        Err(why) => format!("damaged ring or queue: {why}"),
    }
}

fn ring_details(head: &[u8], _: usize) -> Lines {
    library::ring(head).map_or_else(|_| Vec::new(), |ring| ring.details)
}
