//! The questions to the toolkit's crates about objects: the only file that changes when they do.

use std::fmt::Write;
use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::path::Path;
use std::time::{Duration, SystemTime};

use ipc::array::{AnyArray, ArrayInfo, SnapshotArrayInfo};
use ipc::core::{Error, Name, Removal, Result, Trust};
use ipc::heap::{Family, HeapInfo};
use ipc::mem::file::Trailer;
use ipc::mem::{Fingerprint, Kind, Tag};
use ipc::queue::{Direction, MessageQueue, OpenQueueOptions, SysvQueue};
use ipc::ring::frames::{FramesInfo, FramesLayout, ReaderInfo, WriterStatus};
use ipc::ring::spsc::Peer;
use ipc::ring::topic::{PublisherInfo, SubscriberInfo, TopicInfo, WhenFull};
use ipc::ring::{RingInfo, RingKind, Statistics};
use ipc::shm::{MappedFile, MemoryInfo, OpenOptions, ReadOnly, SharedMemory, Stale};
use ipc::sync::NamedSemaphore;
use ipc::sync::sysv::SemaphoreSet;
use nix::NixPath;
use nix::fcntl::{AT_FDCWD, OFlag, openat};
use nix::sys::stat::Mode;

use crate::output::{count, push_number};

/// The maximum of bytes that are read of an object to describe it.
pub(crate) const MAX_HEAD: usize = (1 << 20) + 8192;

/// The number of bytes with which a topic is summarised.
pub(crate) const TOPIC_HEAD: usize = 4096;

/// Properties of named shared memory.
pub(crate) struct Memory {
    pub(crate) size: usize,
    pub(crate) max_size: Option<usize>,
    pub(crate) tag: Tag,
    /// How many processes are attached, if they are counted.
    pub(crate) attached: Option<usize>,
    /// Its name goes when the handle is dropped that created it.
    pub(crate) goes_with_creator: bool,
    /// `None` if another program created it.
    pub(crate) removal: Option<&'static str>,
    pub(crate) creator: Option<i32>,
    pub(crate) created: Option<SystemTime>,
}

/// Reads the file of shared memory, without attaching to it. Attached processes are known only for
/// a file with a name. Also returns the number of bytes in `all`: all bytes of the file, or none if
/// it does not fit.
pub(crate) fn memory(
    file: &File,
    len: u64,
    all: &mut [u8],
    name: impl Fn() -> Option<Name>,
) -> Result<(Memory, usize)> {
    let object = || name().map_or_else(|| String::from("shared memory"), |name| name.to_string());
    let (size, trailer, read) =
        Trailer::read_all(file, len, all).map_err(|err| Error::io("read", object(), &err))?;
    let removal = trailer.map(|trailer| trailer.removal);
    let counted = removal.filter(|removal| *removal == Removal::LastDetach).and_then(|_| name());
    let attached = counted.map(|name| MemoryInfo::of_name(&name)).transpose()?;
    let attached = attached.and_then(|info| info.attached);
    let memory = Memory {
        size: trailer.map_or(size, |trailer| trailer.size),
        max_size: trailer.and_then(|trailer| trailer.max_size),
        tag: trailer.map_or(Tag::FOREIGN, |trailer| trailer.content),
        attached,
        goes_with_creator: removal == Some(Removal::OnDrop),
        removal: removal.map(|removal| match removal {
            Removal::LastDetach => "with its last attached process",
            Removal::OnDrop => "with the handle that created it",
            Removal::Never => "by `ipc rm` only",
        }),
        creator: trailer.map(|trailer| trailer.creator.cast_signed()),
        created: trailer.and_then(|trailer| {
            let seconds = u64::try_from(trailer.created).ok()?;
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
        }),
    };
    Ok((memory, read))
}

/// Removes shared memory that no process is attached to, although it should have gone with the
/// last. `false` if a process is attached to it, or it is gone.
pub(crate) fn remove_stale(name: &Name) -> Result<bool> {
    SharedMemory::remove_stale_with(name, Trust::Anyone).map(|done| done == Stale::Removed)
}

/// The description of an array or a value.
pub(crate) struct Described {
    pub(crate) summary: String,
    pub(crate) details: Vec<(String, String)>,
}

pub(super) fn line(what: &str, is: impl ToString) -> (String, String) {
    (what.to_owned(), is.to_string())
}

fn fields(layout: &Fingerprint) -> Vec<(String, String)> {
    let told = |field: ipc::mem::DescribedField<'_>| {
        line(
            "field",
            format_args!(
                "{}: {}, {} at {}",
                field.path,
                field.kind,
                count(field.size, "byte", "bytes"),
                field.offset
            ),
        )
    };
    layout.fields().map(told).collect()
}

/// A few words on an array, from the first bytes of an object of that size.
pub(crate) fn array(head: &[u8], size: usize) -> Result<String> {
    let info = ArrayInfo::of_bytes(head, size).map_err(|refusal| refusal.on("array"))?;
    let mut text = String::with_capacity(32); // enough for most
    let _ = write!(text, "{}", info.kind); // a string has room for everything
    for (number, dim) in info.shape.dims().iter().enumerate() {
        text.push_str(if number == 0 { " " } else { "×" });
        push_number(&mut text, *dim as u64);
    }
    Ok(text)
}

/// The same if there is an array. No error text is made for other objects, which are many.
pub(crate) fn array_if_any(head: &[u8], size: usize) -> Option<String> {
    ipc::mem::array::has_magic(head).then(|| array(head, size).ok())?
}

/// Returns the lines that describe an array, from the first bytes of an object of this size, or no
/// lines if the object is not an array.
pub(crate) fn array_details(head: &[u8], size: usize) -> Vec<(String, String)> {
    let Ok(info) = ArrayInfo::of_bytes(head, size) else { return Vec::new() };
    let mut details = elements(info.kind, info.shape, info.element_size);
    details.extend(info.description.iter().flat_map(fields));
    details
}

/// Describes a snapshot array from the first bytes of an object of that size.
pub(crate) fn snapshot(head: &[u8], size: usize) -> Result<Described> {
    let info = SnapshotArrayInfo::of_bytes(head, size);
    let info = info.map_err(|refusal| refusal.on("a snapshot array"))?;
    let summary = format!("{} {}", info.kind, info.shape);
    let mut details = elements(info.kind, info.shape, info.element_size);
    details.push(line("copies", info.copies));
    details.extend(info.description.iter().flat_map(fields));
    Ok(Described { summary, details })
}

/// Type, shape and size of the elements of an array.
pub(crate) fn elements(kind: Kind, shape: impl ToString, size: usize) -> Vec<(String, String)> {
    let size = count(size, "byte", "bytes");
    vec![line("elements", kind), line("shape", shape), line("element size", size)]
}

/// The lines of `ipc show` on what was sent, received and lost.
fn counts(found: Statistics) -> [(String, String); 5] {
    let Statistics { sent, received, lost, sender_sleeps, receiver_sleeps, .. } = found;
    [
        line("sent", sent),
        line("received", received),
        line("lost", lost),
        line("slept when full", sender_sleeps),
        line("slept when empty", receiver_sleeps),
    ]
}

/// Describes a ring or queue from its first bytes.
pub(crate) fn ring(head: &[u8]) -> Result<Described> {
    let info = RingInfo::of_bytes(head).map_err(|refusal| refusal.on("a ring or queue"))?;
    let unit = match info.kind {
        RingKind::ByteRing => ["byte", "bytes"],
        RingKind::JobQueue => ["job", "jobs"],
        RingKind::Service => ["call", "calls"],
        _ => ["message", "messages"],
    };
    let units = |number| count(number, unit[0], unit[1]);
    let state = |peer: Peer| match peer {
        Peer::Absent => "not open yet",
        Peer::Open => "open",
        Peer::Closed => "closed",
        _ => "dead",
    };
    let mut details = vec![line("capacity", units(info.capacity))];
    if info.priorities > 1 {
        details
            .push(line("priorities", format_args!("{}, each with that capacity", info.priorities)));
    }
    details.extend(info.waiting.map(|waiting| line("waiting", units(waiting))));
    details.extend(info.depth.into_iter().flat_map(|depth| {
        let delayed = format!("{}, {} of them delayed", depth.ready, depth.delayed);
        [
            line("ready", if depth.delayed > 0 { delayed } else { depth.ready.to_string() }),
            line("taken", depth.taken),
            line("dead letters", depth.dead_letters),
        ]
    }));
    details.extend(info.statistics.into_iter().flat_map(counts));
    details.extend(info.sender.map(|peer| line("sender", state(peer))));
    let receiver = if info.kind == RingKind::Mailbox { "owner" } else { "receiver" };
    details.extend(info.receiver.map(|peer| line(receiver, state(peer))));
    details.extend(info.servers.map(|servers| line("servers", servers)));
    details.extend(info.clients.map(|clients| line("clients", clients)));
    if info.kind != RingKind::ByteRing {
        details.push(line("message", info.message.kind()));
        details.extend(fields(&info.message));
    }
    let queue =
        if matches!(info.kind, RingKind::Queue | RingKind::JobQueue) { "queue " } else { "" };
    let waiting = info.waiting.map_or_else(String::new, |waiting| format!(", {waiting} waiting"));
    let summary = format!("{queue}of {}{waiting}", units(info.capacity));
    Ok(Described { summary, details })
}

/// Describes a topic from its first bytes.
pub(crate) fn topic(head: &[u8]) -> Result<Described> {
    let info = TopicInfo::of_bytes(head).map_err(|refusal| refusal.on("a topic"))?;
    let (kind, dead) =
        (info.message.kind(), |is_dead| if is_dead { ", which is dead" } else { "" });
    let message =
        info.max_len.map_or_else(|| kind.to_string(), |len| format!("up to {len} {kind}"));
    let (publishers, subscribers) = (info.publishers.len(), info.subscribers.len());
    let mut details = vec![
        line("message", &message),
        line(
            "queue",
            format_args!("{} of each publisher", count(info.queue, "message", "messages")),
        ),
        line(
            "history",
            format_args!("{} of each publisher", count(info.history, "message", "messages")),
        ),
        line("publishers", format_args!("{publishers} of {}", info.max_publishers)),
        line("subscribers", format_args!("{subscribers} of {}", info.max_subscribers)),
    ];
    details.extend(counts(info.statistics));
    details.extend(info.publishers.iter().map(|one| {
        let PublisherInfo { process, is_dead, published, .. } = one;
        let is_dead = dead(*is_dead);
        line("publisher", format_args!("process {process}{is_dead}, {published} published"))
    }));
    details.extend(info.subscribers.iter().map(|one| {
        let SubscriberInfo { process, is_dead, received, missed, .. } = one;
        let is_dead = dead(*is_dead);
        let when_full = match one.when_full {
            WhenFull::Block => "publishers wait",
            WhenFull::DropOldest => "the oldest message is dropped",
            WhenFull::DropNewest => "new messages are dropped",
        };
        let counts = format!("{received} received, {missed} missed; when full, {when_full}");
        line("subscriber", format_args!("process {process}{is_dead}, {counts}"))
    }));
    details.extend(fields(&info.message));
    let (publishers, subscribers) = (
        count(publishers, "publisher", "publishers"),
        count(subscribers, "subscriber", "subscribers"),
    );
    let summary = format!("{message}, {publishers}, {subscribers}");
    Ok(Described { summary, details })
}

/// Describes frames from the first bytes of an object of that size.
pub(crate) fn frames(head: &[u8], size: usize) -> Result<Described> {
    let layout = FramesLayout::of_bytes(head, size).map_err(|refusal| refusal.on("frames"))?;
    let FramesLayout { kind, shape, slots, .. } = layout;
    let details = vec![line("elements", kind), line("shape", shape), line("slots", slots)];
    let summary = format!("{kind} {shape}, {}", count(slots, "slot", "slots"));
    Ok(Described { summary, details })
}

/// Describes a heap from the first bytes of an object of that size.
pub(crate) fn heap(head: &[u8], size: usize) -> Result<Described> {
    let info = HeapInfo::of_bytes(head, size).map_err(|refusal| refusal.on("a heap"))?;
    let HeapInfo { pages, max_pages, max_objects, max_participants, .. } = info;
    let free = info.free_pages.map_or_else(String::new, |free| format!(", {free} free"));
    let may = if max_pages > pages { format!(" of at most {max_pages}") } else { String::new() };
    let mut details = vec![
        line("pages", format_args!("{pages}{may}{free}")),
        line("objects", format_args!("{} of {max_objects}", info.objects.len())),
        line("handles", format_args!("up to {max_participants}")),
    ];
    details.extend(
        info.processes.iter().map(|process| line("handle", format_args!("of process {process}"))),
    );
    details.extend(info.objects.iter().map(|object| {
        let name = match object.family {
            Family::Named => object.name.as_str(),
            Family::Unique => "the only one of its type",
            Family::Anonymous => "without a name",
            Family::Owned => "owned by another object",
        };
        line("object", format_args!("{name}: {}, length {}", object.kind, object.len))
    }));
    Ok(Described { summary: format!("of {}", count(pages, "page", "pages")), details })
}

/// The present writer and readers of frames.
pub(crate) fn frames_now(name: &Name) -> Vec<(String, String)> {
    let trust = OpenOptions::new().trust(Trust::Anyone);
    let Ok(info) = FramesInfo::of_with(name, trust) else { return Vec::new() };
    let does = match info.status {
        WriterStatus::Writing => "",
        WriterStatus::Closed => ", which has closed them",
        WriterStatus::Died => ", which is dead",
        WriterStatus::Superseded => ", which has a successor",
    };
    let mut lines = vec![
        line("writer", format_args!("process {}{does}", info.writer)),
        line("newest frame", info.sequence),
    ];
    let reader = |reader: &ReaderInfo| {
        let behind = info.sequence.saturating_sub(reader.sequence);
        let ReaderInfo { process, received, missed, .. } = reader;
        let counts = format_args!("process {process}, {behind} behind, {missed} missed");
        line("reader", format_args!("{counts}, {received} read"))
    };
    lines.extend(counts(info.statistics));
    lines.extend(info.readers.iter().map(reader));
    lines
}

/// The elements of an array, in memory order, if they are numbers.
pub(crate) fn numbers(array: &AnyArray<MappedFile<ReadOnly>>) -> Option<Vec<f64>> {
    /// Which of each element's bytes are a number.
    type Read = fn(&[u8]) -> f64;

    #[expect(clippy::cast_precision_loss, reason = "numbers to be drawn")]
    let read: Read = match array.kind() {
        Kind::U8 => |bytes| bytes[0].into(),
        Kind::I8 => |bytes| bytes[0].cast_signed().into(),
        Kind::U16 => |bytes| u16::from_ne_bytes(exact(bytes)).into(),
        Kind::I16 => |bytes| i16::from_ne_bytes(exact(bytes)).into(),
        Kind::U32 => |bytes| u32::from_ne_bytes(exact(bytes)).into(),
        Kind::I32 => |bytes| i32::from_ne_bytes(exact(bytes)).into(),
        Kind::U64 => |bytes| u64::from_ne_bytes(exact(bytes)) as f64,
        Kind::I64 => |bytes| i64::from_ne_bytes(exact(bytes)) as f64,
        Kind::F32 => |bytes| f32::from_ne_bytes(exact(bytes)).into(),
        Kind::F64 => |bytes| f64::from_ne_bytes(exact(bytes)),
        _ => return None,
    };
    let bytes = array.to_bytes();
    Some(bytes.chunks_exact(array.element_size()).map(read).collect())
}

fn exact<const N: usize>(bytes: &[u8]) -> [u8; N] {
    std::array::from_fn(|at| bytes.get(at).copied().unwrap_or(0))
}

/// Least, greatest, mean and a histogram of an array of numbers.
#[expect(clippy::cast_precision_loss, reason = "a mean that is shown")]
pub(crate) fn statistics(array: &AnyArray<MappedFile<ReadOnly>>) -> Vec<(String, String)> {
    const BINS: usize = 40;

    let Some(numbers) = numbers(array) else { return Vec::new() };
    let finite: Vec<_> = numbers.iter().copied().filter(|number| number.is_finite()).collect();
    if finite.is_empty() {
        return vec![line("numbers", "none is finite")];
    }
    let least = finite.iter().copied().fold(f64::INFINITY, f64::min);
    let greatest = finite.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mean = finite.iter().sum::<f64>() / finite.len() as f64;
    let spread =
        finite.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / finite.len() as f64;
    let mut lines = vec![
        line("minimum", short(least)),
        line("maximum", short(greatest)),
        line("mean", short(mean)),
        line("standard deviation", short(spread.sqrt())),
    ];
    if finite.len() < numbers.len() {
        lines.push(line("not finite", numbers.len() - finite.len()));
    }
    if least < greatest {
        lines.push(line("histogram", crate::output::histogram(&finite, BINS)));
    }
    lines
}

/// A number with six decimals, or six significant digits if it is small, without zeros behind them.
fn short(number: f64) -> f64 {
    let text = if number.abs() < 0.001 { format!("{number:.5e}") } else { format!("{number:.6}") };
    text.parse().unwrap_or(number)
}

/// An array that is only looked at: its processes do not count this one.
pub(crate) fn view(name: &Name) -> Result<AnyArray<MappedFile<ReadOnly>>> {
    let options = OpenOptions::new().trust(Trust::Anyone);
    MappedFile::open_read_only_with(format!("/dev/shm/{}", name.file_name()), options)
        .and_then(AnyArray::open_in)
        .map_err(|err| err.on(name))
}

/// A semaphore by name, whoever owns it.
pub(crate) fn semaphore(name: &Name) -> Result<NamedSemaphore> {
    NamedSemaphore::open_with(name, Trust::Anyone)
}

/// A message queue by name, whoever owns it.
pub(crate) fn queue(name: &Name, direction: Direction) -> Result<MessageQueue> {
    MessageQueue::open_with(name, OpenQueueOptions::new().direction(direction).trust(Trust::Anyone))
}

/// A System V queue by id, whoever owns it.
pub(crate) fn sysv_queue(id: i32) -> Result<SysvQueue> {
    SysvQueue::open_id_with(id, OpenQueueOptions::new().trust(Trust::Anyone))
}

/// A System V set by id, whoever owns it.
pub(crate) fn set(id: i32) -> Result<SemaphoreSet> {
    SemaphoreSet::open_id_with(id, Trust::Anyone)
}

/// Removes a segment, a set or a queue of System V.
pub(crate) fn remove_id(kind: super::Kind, id: i32) -> Result<()> {
    match kind {
        super::Kind::Segment => ipc::shm::SysvMemory::remove_id(id),
        super::Kind::Set => SemaphoreSet::remove_id(id),
        _ => SysvQueue::remove_id(id),
    }
}

/// Removes a message queue.
pub(crate) fn unlink_queue(name: &Name) -> Result<()> {
    MessageQueue::unlink(name)
}

/// Removes the file of shared memory or a semaphore, with the lock that keeps successors safe.
pub(crate) fn unlink_file(kind: super::Kind, name: &Name) -> Result<()> {
    match kind {
        super::Kind::Semaphore => NamedSemaphore::unlink(name),
        _ => SharedMemory::unlink(name),
    }
}

/// Opens the file of an object to read it, which neither waits nor follows links.
pub(crate) fn look(path: &Path) -> io::Result<File> {
    look_in(AT_FDCWD, path)
}

/// Opens the file of an object in a directory to read it, which neither waits nor follows links.
pub(crate) fn look_in(directory: impl AsFd, name: &(impl NixPath + ?Sized)) -> io::Result<File> {
    let flags = OFlag::from_bits_retain(crate::sys::CAREFULLY) | OFlag::O_CLOEXEC;
    Ok(openat(directory, name, flags, Mode::empty()).map(File::from)?)
}

/// The value of a named semaphore and the number of its waiters, as both C libraries keep them on
/// 64-bit machines: the first two words of the file. Reading them opens no semaphore, and needs no
/// permission to write.
pub(crate) fn semaphore_words(file: &File) -> io::Result<[u32; 2]> {
    use std::os::unix::fs::FileExt;

    const OF_SEVERAL: u32 = 0x8000_0000; // musl: several processes may wait

    let mut words = [0; 8];
    file.read_exact_at(&mut words, 0)?;
    let word = |at: usize| u32::from_ne_bytes(std::array::from_fn(|i| words[at + i]));
    Ok([word(0) & !OF_SEVERAL, word(4)])
}
