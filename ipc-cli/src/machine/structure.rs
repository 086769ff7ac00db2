//! The toolkit's structures in shared memory: one row of a table for each tag.

use std::borrow::Cow;
use std::fs::File;
use std::os::unix::fs::FileExt;

use ipc::core::Result;
use ipc::mem::Tag;

use super::{library, value};

/// Lines of `ipc show`: what they are about, and what it is.
type Lines = Vec<(String, String)>;

/// A structure, and how it is shown.
pub(crate) struct Structure {
    pub(crate) tag: Tag,
    /// The word that users write: `ipc ls array`.
    pub(crate) word: &'static str,
    /// A few words for a listing, which follow the word, from the first bytes of the object, which
    /// may be anything.
    pub(crate) summary: fn(&[u8], usize) -> Result<String>,
    /// Lines for `ipc show`.
    pub(crate) details: fn(&[u8], usize) -> Lines,
}

/// All structures that are known here. Objects of other programs may hold arrays as well: Julia and
/// C write the same bytes.
pub(crate) const STRUCTURES: [Structure; 13] = [
    Structure {
        tag: Tag::ARRAY,
        word: "array",
        summary: library::array,
        details: library::array_details,
    },
    Structure { tag: Tag::VALUE, word: "value", summary: value, details: value_details },
    Structure {
        tag: Tag::SNAPSHOT,
        word: "snapshot",
        summary: snapshot,
        details: snapshot_details,
    },
    Structure { tag: Tag::RING, word: "ring", summary: ring, details: ring_details },
    Structure { tag: Tag::QUEUE, word: "mpmc", summary: ring, details: ring_details },
    Structure { tag: Tag::JOBS, word: "jobs", summary: ring, details: ring_details },
    Structure { tag: Tag::TOPIC, word: "topic", summary: topic, details: topic_details },
    Structure { tag: Tag::SERVICE, word: "service", summary: ring, details: ring_details },
    Structure { tag: Tag::MAILBOX, word: "mailbox", summary: ring, details: ring_details },
    Structure { tag: Tag::FRAMES, word: "frames", summary: frames, details: frames_details },
    Structure { tag: Tag::HEAP, word: "heap", summary: heap, details: heap_details },
    Structure {
        tag: Tag::BARE,
        word: "bytes",
        summary: |_, _| Ok(String::new()),
        details: |_, _| Vec::new(),
    },
    Structure {
        tag: Tag::FOREIGN,
        word: "foreign",
        summary: library::array,
        details: library::array_details,
    },
];

/// The first bytes of an object that are enough for a summary, and to see whether there is one.
const HEAD: usize = 4096;
const GLANCE: usize = 512;

/// The row of a tag, if it has one here.
fn row(tag: Tag) -> Option<&'static Structure> {
    STRUCTURES.iter().find(|row| row.tag == tag)
}

/// A few words on the content of a file of `size` bytes of data: the word for it comes first. `all`
/// has all bytes of the file, or none.
pub(crate) fn summary(file: &File, all: &[u8], tag: Tag, size: usize) -> Cow<'static, str> {
    let Some(row) = row(tag) else { return Cow::Owned(format!("unknown: {tag}")) };
    if tag == Tag::BARE {
        return Cow::Borrowed(row.word);
    }
    if tag == Tag::FOREIGN {
        let array = look::<GLANCE, _>(file, all, size, library::array_if_any);
        return array.map_or(Cow::Borrowed(""), |array| Cow::Owned(["array ", &array].concat()));
    }
    let summary = look::<GLANCE, _>(file, all, size, row.summary);
    let summary = summary.or_else(|_| look::<HEAD, _>(file, all, size, row.summary));
    Cow::Owned(match summary {
        Ok(summary) => [row.word, " ", &summary].concat(),
        Err(why) => format!("{} (damaged: {why})", row.word),
    })
}

/// Asks about the first bytes of a file.
fn look<const LEN: usize, T>(
    file: &File,
    all: &[u8],
    size: usize,
    ask: impl Fn(&[u8], usize) -> T,
) -> T {
    if !all.is_empty() {
        return ask(&all[..all.len().min(LEN).min(size)], size);
    }
    let mut head = [0; LEN];
    let len = file.read_at(&mut head, 0).unwrap_or(0).min(size);
    ask(&head[..len], size)
}

/// Lines for `ipc show`: what they are about, and what it is.
pub(crate) fn details(file: &File, tag: Tag, size: usize) -> Lines {
    let mut head = vec![0; size.min(library::MAX_HEAD)];
    let len = file.read_at(&mut head, 0).unwrap_or(0);
    row(tag).map_or_else(Vec::new, |row| (row.details)(&head[..len], size))
}

fn topic(head: &[u8], size: usize) -> Result<String> {
    // The table of publishers and subscribers is behind the first bytes.
    let needed = library::TOPIC_HEAD.min(size);
    if head.len() < needed {
        let why = format!("found {} bytes, wanted {needed}", head.len());
        return Err(ipc::core::Error::mismatch("read", "a topic", why));
    }
    Ok(library::topic(head)?.summary)
}

fn topic_details(head: &[u8], _: usize) -> Lines {
    library::topic(head).map_or_else(|_| Vec::new(), |topic| topic.details)
}

fn frames(head: &[u8], size: usize) -> Result<String> {
    Ok(library::frames(head, size)?.summary)
}

fn frames_details(head: &[u8], size: usize) -> Lines {
    library::frames(head, size).map_or_else(|_| Vec::new(), |frames| frames.details)
}

fn snapshot(head: &[u8], size: usize) -> Result<String> {
    Ok(library::snapshot(head, size)?.summary)
}

fn snapshot_details(head: &[u8], size: usize) -> Lines {
    library::snapshot(head, size).map_or_else(|_| Vec::new(), |snapshot| snapshot.details)
}

fn heap(head: &[u8], size: usize) -> Result<String> {
    Ok(library::heap(head, size)?.summary)
}

fn heap_details(head: &[u8], size: usize) -> Lines {
    library::heap(head, size).map_or_else(|_| Vec::new(), |heap| heap.details)
}

fn value(head: &[u8], _: usize) -> Result<String> {
    Ok(value::describe(head)?.summary)
}

fn value_details(head: &[u8], _: usize) -> Lines {
    value::describe(head).map_or_else(|_| Vec::new(), |fields| fields.details)
}

fn ring(head: &[u8], _: usize) -> Result<String> {
    Ok(library::ring(head)?.summary)
}

fn ring_details(head: &[u8], _: usize) -> Lines {
    library::ring(head).map_or_else(|_| Vec::new(), |ring| ring.details)
}
