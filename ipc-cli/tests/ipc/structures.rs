//! Each structure of the toolkit, created by its library, as `ipc ls` and `ipc show` report it.

use std::any::Any;
use std::fs;

use ipc::array::{ShmArray, SnapshotArray};
use ipc::heap::{Heap, HeapOptions};
use ipc::mem::Tag;
use ipc::ring::frames::FrameWriter;
use ipc::ring::topic::{Publisher, TopicOptions};
use ipc::ring::{JobQueue, mailbox, mpmc, service, spsc};
use ipc::shm::{Shared, SharedMemory};
use ipc::sync::{Snapshot, posix};
use ipc_testkit::{fixture, watchdog};

use crate::common::{ipc, object};

/// Creates an object with a name, and returns its handle.
type Create = fn(&str) -> Box<dyn Any>;

/// A tag, an object with it, its content in a listing, and a line of `ipc show`.
type Row = (Tag, Create, &'static str, &'static str);

/// An array without a trailer, as Julia and C write it.
fn foreign(name: &str) -> Box<dyn Any> {
    let file = format!("/dev/shm{name}");
    let array = ShmArray::<u8>::create(name, [3, 2]).unwrap();
    let bytes = fs::read(&file).unwrap();
    drop(array);
    fs::write(&file, &bytes[..64 + 6]).unwrap();
    Box::new(())
}

const ROWS: [Row; 15] = [
    (Tag::FOREIGN, foreign, "array u8 3×2", "shape: 3×2"),
    (
        Tag::BARE,
        |name| Box::new(SharedMemory::create(name, 100).unwrap()),
        "bytes",
        "size: 100 bytes",
    ),
    (
        Tag::ARRAY,
        |name| Box::new(ShmArray::<f32>::create(name, [3, 2]).unwrap()),
        "array f32 3×2",
        "shape: 3×2",
    ),
    (
        Tag::VALUE,
        |name| Box::new(Shared::<posix::Semaphore>::create_with(name, 1u32).unwrap()),
        "value semaphore",
        "value: semaphore, 32 bytes = value 1, 0 waiting",
    ),
    (
        Tag::VALUE,
        |name| Box::new(Shared::<Snapshot<u64>>::create(name).unwrap()),
        "value",
        "removal: with its last attached process",
    ),
    (
        Tag::SNAPSHOT,
        |name| Box::new(SnapshotArray::<f64>::create(name, [64]).unwrap()),
        "snapshot f64 64",
        "copies: 3",
    ),
    (
        Tag::RING,
        |name| Box::new(spsc::Sender::<u32>::create(name, 4).unwrap()),
        "ring of 4 messages, 0 waiting",
        "capacity: 4 messages",
    ),
    (
        Tag::RING,
        |name| Box::new(spsc::bytes::Sender::create(name, 64).unwrap()),
        "ring of 64 bytes, 0 waiting",
        "capacity: 64 bytes",
    ),
    (
        Tag::QUEUE,
        |name| Box::new(mpmc::Sender::<u32>::create(name, 4).unwrap()),
        "mpmc queue of 4 messages, 0 waiting",
        "capacity: 4 messages",
    ),
    (
        Tag::JOBS,
        |name| Box::new(JobQueue::<u32>::create(name, 4).unwrap()),
        "jobs queue of 4 jobs",
        "capacity: 4 jobs",
    ),
    (
        Tag::TOPIC,
        |name| Box::new(Publisher::<f64>::create(name, TopicOptions::new()).unwrap()),
        "topic f64, 1 publisher, 0 subscribers",
        "message: f64",
    ),
    (
        Tag::FRAMES,
        |name| Box::new(FrameWriter::<f32>::create(name, [3, 2]).unwrap()),
        "frames f32 3×2, ",
        "shape: 3×2",
    ),
    (
        Tag::SERVICE,
        |name| Box::new(service::Server::<u32, f64>::create(name, 4).unwrap()),
        "service of 4 calls, 0 waiting",
        "servers: 1",
    ),
    (
        Tag::MAILBOX,
        |name| Box::new(mailbox::Mailbox::<u8>::create(name, 4).unwrap()),
        "mailbox of 4 messages, 0 waiting",
        "owner: open",
    ),
    (
        Tag::HEAP,
        |name| Box::new(Heap::create(name, HeapOptions::new(1 << 20)).unwrap()),
        "heap of 16 pages",
        "objects: 0 of ",
    ),
];

/// The tags that have a name: those of the toolkit are below 4096.
fn tags() -> impl Iterator<Item = Tag> {
    let is_named = |tag: &Tag| tag.to_string() != format!("a structure with tag {}", tag.code());
    (0..4096).map(Tag::new).filter(is_named)
}

#[test]
fn an_intact_object_of_each_tag_is_listed_and_shown_as_what_it_is() {
    for tag in tags() {
        assert!(ROWS.iter().any(|row| row.0 == tag), "an object of {tag} is to be added here");
    }
    watchdog(|| {
        for (tag, create, content, wanted) in ROWS {
            let name = fixture::name();
            let _handle = create(&name);
            let listed = object(&format!("shm:{}", &*name)).unwrap();
            let found = listed["content"].as_str().unwrap();
            assert!(found.starts_with(content), "{tag}: {found}");
            let shown = ipc(&["show", &name]);
            let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
            let is_there = shown.lines().any(|line| words(line).starts_with(wanted));
            assert!(is_there, "{tag}: `{wanted}` is not in: {shown}");
            for text in [found, &shown] {
                assert!(!text.contains("damaged") && !text.contains("unknown"), "{tag}: {text}");
            }
        }
    });
}
