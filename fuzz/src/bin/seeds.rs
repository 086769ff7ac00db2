//! Writes the initial inputs of the fuzzer, `corpus/*/seed-*`: always the same ones, as the
//! libraries of this tree create them.

use std::fs;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64};
use std::time::Duration;

use ipc_core::{Removal, owner};
use ipc_mem::{Fingerprint, LocalMemory, Memory, Plain, Resident, Tag};
use ipc_ring::frames::{FrameOptions, FrameWriter};
use ipc_ring::service::{Client, Server, ServiceOptions};
use ipc_ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};
use ipc_ring::{JobOptions, JobQueue, mailbox, mpmc, spsc};
use ipc_shm::{MemoryOptions, Shared, SharedMemory};
use ipc_shmarray::{ArrayOptions, Shape, ShmArray};

/// The types that the targets expect, with the same field names.
#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Reading {
    time: f64,
    channel: [u16; 3],
    gain: u16,
}

#[derive(Resident)]
#[repr(C)]
struct Counts {
    one: AtomicU32,
    others: [AtomicU64; 2],
}

fn main() {
    let schemas = [("f32x2", <[f32; 2]>::SCHEMA), ("reading", Reading::SCHEMA), ("counts", Counts::SCHEMA)];
    for (name, schema) in schemas {
        let bytes = Fingerprint::of(schema).unwrap().encode();
        seed("fingerprint", name, &bytes);
        lies("fingerprint", name, &bytes, &[(6, 2), (8, 4), (16 + 22, 2)]);
    }

    for (name, content) in [("bare", Tag::BARE), ("array", Tag::ARRAY), ("value", Tag::VALUE)] {
        let options = MemoryOptions::new(100).content(content).removal(Removal::Never);
        let bytes = file(|path| drop(SharedMemory::create(path, options).unwrap()));
        seed("memory", name, &bytes);
        lies("memory", name, &bytes, &[(128 + 16, 8), (128 + 32, 8)]);
    }
    let options = MemoryOptions::new(100).max_size(1000).removal(Removal::Never);
    let mut growing = file(|path| drop(SharedMemory::create(path, options).unwrap()));
    seed("memory", "growing", &growing);
    lies("memory", "growing", &growing, &[(128 + 16, 8), (128 + 56, 8)]);
    growing[100..128].fill(7); // where nothing is
    seed("memory", "growing-over-something", &growing);
    seed("memory", "foreign", &[7; 70]);

    let options = MemoryOptions::new(0).removal(Removal::Never);
    let value = file(|path| drop(Shared::<Counts>::create_filled(path, options, (), |_| Ok(())).unwrap()));
    seed("value", "counts", &value);
    lies("value", "counts", &value, &[(20, 4), (64 + 8, 4)]);
    let other = file(|path| drop(Shared::<AtomicU64>::create_filled(path, options, 0_u64, |_| Ok(())).unwrap()));
    seed("value", "another", &other);

    array::<f32>("f32", [3, 4, 5]);
    array::<[u8; 3]>("bytes", [7]);
    array::<Reading>("reading", [2, 2]);
    array::<i16>("flat", [2, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    frames::<f32>("f32", FrameOptions::new([3, 4]), 1.5);
    frames::<[u8; 3]>("bytes", FrameOptions::new([7]).slots(2), [1, 2, 3]);
    rings();
    topics();
    heaps();
    npy::<u8>("u8", 5);
    npy::<f64>("f64", [3, 4]);
    // A header as NumPy writes it for the byte order of another machine, with its keys in another
    // order; and one with more elements than possible.
    let swapped = "{'shape': (2, 1), 'fortran_order': False, 'descr': '>f8'}";
    let huge = "{'descr': '|u1', 'fortran_order': False, 'shape': (7791680384683591451,), }";
    for (name, text) in [("swapped", swapped), ("huge", huge)] {
        let len = u32::try_from(text.len()).unwrap();
        let bytes = [b"\x93NUMPY\x02\0", &len.to_le_bytes()[..], text.as_bytes(), &[64; 16]].concat();
        seed("npy", name, &bytes);
    }
    // Files that IPC.jl wrote have no trailer.
    for gold in ["Float64-3x4", "UInt8-5", "ComplexF32-3x4"] {
        let path = root().join(format!("../ipc-shmarray/tests/wa1/gold-{gold}.wa1"));
        let bytes = fs::read(path).unwrap();
        seed("array", &format!("julia-{gold}"), &bytes);
        seed("array_file", &format!("julia-{gold}"), &bytes);
    }
}

/// An array as a file, and as the bytes in memory.
fn array<T: Plain>(name: &str, shape: impl Into<Shape>) {
    let options = ArrayOptions::new(shape).removal(Removal::Never);
    let mut size = 0;
    let bytes = file(|path| size = ShmArray::<T>::create(path, options).unwrap().memory().size());
    seed("array_file", name, &bytes);
    seed("array", name, &bytes[..size]);
    lies("array", name, &bytes[..size], &[(6, 2), (8, 8), (16, 8)]);
}

/// Frames whose ring was written once around, and whose writer has closed them.
fn frames<T: Plain>(name: &str, options: FrameOptions, element: T) {
    let options = options.removal(Removal::Never);
    let bytes = file(|path| {
        let mut writer = FrameWriter::<T>::create(path, options).unwrap();
        for _ in 0..=writer.slots() {
            let mut slot = writer.next_slot().unwrap();
            slot.fill(element);
            slot.set_timestamp(Duration::from_secs(1));
            slot.publish();
        }
    });
    let place = |at: usize| u64::from_ne_bytes(std::array::from_fn(|i| bytes[at + i])) as usize;
    let (writer, slot) = (place(32), place(40));
    let mut bytes = bytes;
    bytes[56..64].fill(0); // the namespaces, and the process
    bytes[writer..writer + 8].fill(0);
    seed("frames", name, &bytes);
    lies("frames", name, &bytes, &[(12, 4), (24, 8), (32, 8), (40, 8), (48, 8)]);
    lies("frames", name, &bytes, &[(writer + 8, 4), (writer + 64, 8), (slot, 8)]);
}

/// Rings, queues, services and mailboxes with something in them.
fn rings() {
    let memory = MemoryOptions::new(0).removal(Removal::Never);
    let around = |send: &dyn Fn(u64), receive: &dyn Fn()| {
        (0..9).for_each(|number| {
            send(number);
            if number < 6 {
                receive();
            }
        });
    };
    ring("spsc", "u64", |name| {
        let sender = spsc::Sender::<u64>::create(name, spsc::RingOptions::new(4).memory(memory)).unwrap();
        let receiver = spsc::Receiver::<u64>::open(name).unwrap();
        around(&|number| sender.send(&number).unwrap(), &|| assert!(receiver.recv().unwrap().is_some()));
        sender.memory().size()
    });
    ring("spsc", "bytes", |name| {
        let sender = spsc::bytes::Sender::create(name, spsc::RingOptions::new(128).memory(memory)).unwrap();
        let receiver = spsc::bytes::Receiver::open(name).unwrap();
        let receive = || assert!(receiver.recv(&mut Vec::new()).unwrap());
        around(&|number| sender.send(&[1; 9][..number as usize]).unwrap(), &receive);
        sender.memory().size()
    });
    ring("mpmc", "u64", |name| {
        let options = mpmc::QueueOptions::new(4).senders(2).memory(memory);
        let sender = mpmc::Sender::<u64>::create(name, options).unwrap();
        let receiver = mpmc::Receiver::<u64>::open(name).unwrap();
        around(&|number| sender.send(&number).unwrap(), &|| assert!(receiver.recv().unwrap().message().is_some()));
        sender.memory().size()
    });
    ring("mpmc", "priorities", |name| {
        let options = mpmc::QueueOptions::new(4).senders(2).priorities(3).memory(memory);
        let sender = mpmc::Sender::<u64>::create(name, options).unwrap();
        let receiver = mpmc::Receiver::<u64>::open(name).unwrap();
        let send = |number| sender.with_priority(number as usize % 3).unwrap().send(&number).unwrap();
        around(&send, &|| assert!(receiver.recv().unwrap().message().is_some()));
        sender.memory().size()
    });
    ring("jobs", "u64", |name| {
        let options = JobOptions::new(4).max_deliveries(2).memory(memory);
        let jobs = JobQueue::<u64>::create(name, options).unwrap();
        around(&|number| jobs.submit(&number).unwrap(), &|| jobs.take().unwrap().done().unwrap());
        (0..2).for_each(|_| jobs.take().unwrap().retry().unwrap());
        jobs.memory().size()
    });
    ring("calls", "u64", |name| {
        let options = ServiceOptions::new(4).handles(2).redeliver(1).memory(memory);
        let server = Server::<u64, u64>::create(name, options).unwrap();
        let client = Client::<u64, u64>::open(name).unwrap();
        // One in each state.
        let mut pending: Vec<_> = (0..4).map(|number| client.submit(&number).unwrap()).collect();
        assert!(server.recv().unwrap().reply(&7).unwrap());
        std::mem::forget([server.recv().unwrap(), server.recv().unwrap()]);
        drop(pending.remove(1));
        std::mem::forget(pending);
        server.memory().size()
    });
    ring("mailbox", "u64", |name| {
        let options = mailbox::MailboxOptions::new(4).memory(memory);
        let inbox = mailbox::Mailbox::<u64>::create(name, options).unwrap();
        let sender = mailbox::Sender::<u64>::open(name).unwrap();
        around(&|number| assert!(sender.try_send(&number).unwrap()), &|| drop(inbox.recv().unwrap()));
        std::mem::forget(sender.send_with_receipt(&9).unwrap());
        inbox.memory().size()
    });
}

/// Topics with messages in the queue of a subscriber and in the history.
fn topics() {
    let options = TopicOptions::new().max_publishers(1).max_subscribers(2).queue(2).history(1).max_loans(1);
    let options = options.max_borrowed(1).memory(MemoryOptions::new(0).removal(Removal::Never));
    ring("topic", "u64", |name| {
        let topic = Publisher::<u64>::create(name, options).unwrap();
        let orders = Subscriber::<u64>::open(name, WhenFull::DropOldest).unwrap();
        (0..5).for_each(|number| topic.publish(&number).unwrap());
        drop(orders.recv().unwrap());
        let size = topic.memory().size();
        mem::forget((topic, orders));
        size
    });
    ring("topic", "bytes", |name| {
        let topic = Publisher::<[u8]>::create(name, options.max_len(9)).unwrap();
        let orders = Subscriber::<[u8]>::open(name, WhenFull::DropNewest).unwrap();
        (0..5).for_each(|len| topic.publish(&[1; 9][..len]).unwrap());
        drop(orders.recv().unwrap());
        let size = topic.memory().size();
        mem::forget((topic, orders));
        size
    });
}

/// A heap in order, and one whose participant died in the middle of each operation.
fn heaps() {
    let image = ipc_hostile::heap::image();
    seed("heap", "all", &ipc_hostile::heap::input(&image));
    let object = 384 + 128 * ipc_hostile::heap::PARTICIPANTS + 64;
    for code in 1..=5_u64 {
        let mut image = image.clone();
        let words = [4_194_303 << 37 | 1, code, 0, 65_536, 1, 65_600, 2, 65_536, 65_600];
        for (at, word) in (384..).step_by(8).zip(words) {
            image[at..at + 8].copy_from_slice(&word.to_ne_bytes());
        }
        image[160..168].copy_from_slice(&1_u64.to_ne_bytes()); // as many as there ever were
        seed("heap", &format!("intent-{code}"), &ipc_hostile::heap::input(&image));
    }
    lies("heap", "all", &ipc_hostile::heap::input(&image), &[(12, 4), (16, 4), (24, 8), (object + 40, 8), (object + 48, 8)]);
}

/// A ring, as the bytes in memory, without a word on where it was created.
fn ring(target: &str, name: &str, make: impl FnOnce(&str) -> usize) {
    let mut size = 0;
    let mut bytes = file(|path| size = make(path));
    bytes.truncate(size);
    bytes[32..56].fill(0);
    let described = u32::from_ne_bytes(std::array::from_fn(|i| bytes[12 + i])) as usize;
    let control = (64 + described).next_multiple_of(128);
    // A process that does not exist.
    for at in (control..bytes.len()).step_by(8) {
        let word = u64::from_ne_bytes(std::array::from_fn(|i| bytes[at + i]));
        if word & owner::PROCESS == owner::here() {
            let word = word & !owner::PROCESS | 4_194_303 << 37 | 1;
            bytes[at..at + 8].copy_from_slice(&word.to_ne_bytes());
        }
    }
    if target == "spsc" {
        bytes[control + 256..control + 272].fill(0); // neither end was ever open
    }
    if target == "topic" {
        bytes[control + 256..control + 1280].fill(0); // the processes
    }
    seed(target, name, &bytes);
    lies(target, name, &bytes, &[(12, 4), (16, 8), (24, 8), (control, 8), (control + 128, 8)]);
    lies(target, name, &bytes, &[(control + 256, 8), (control + 264, 8), (bytes.len() - 32, 8)]);
    // A capacity that could be, and numbers that then lie in the pages behind the end.
    let mut far = bytes;
    for (at, number) in [(16, 1_u64 << 20), (control, 1 << 11), (control + 128, 1 << 11)] {
        far[at..at + 8].copy_from_slice(&number.to_ne_bytes());
    }
    seed(target, &format!("{name}-behind"), &far);
}

fn npy<T: Plain>(name: &str, shape: impl Into<Shape>) {
    let array = ShmArray::<T, _>::create_in(LocalMemory::new(4096).unwrap(), shape).unwrap();
    let mut bytes = Vec::new();
    array.write_npy(&mut bytes).unwrap();
    seed("npy", name, &bytes);
}

/// The bytes of an object that remains when it is dropped, with creator and time set to zero.
fn file(make: impl FnOnce(&str)) -> Vec<u8> {
    make(fuzz::name());
    let path = format!("/dev/shm{}", fuzz::name());
    let mut bytes = fs::read(&path).unwrap();
    fs::remove_file(path).unwrap();
    let creator_and_time = bytes.len() - 24..bytes.len() - 8;
    bytes[creator_and_time].fill(0);
    bytes
}

/// Writes variants in which the number at an offset, of that width in bytes, is zero, one more than
/// the number of bytes, or the maximum.
fn lies(target: &str, name: &str, bytes: &[u8], fields: &[(usize, usize)]) {
    for &(at, width) in fields {
        for (what, value) in [("none", 0), ("more", bytes.len() as u64 + 1), ("most", u64::MAX)] {
            let mut lie = bytes.to_vec();
            lie[at..at + width].copy_from_slice(&value.to_le_bytes()[..width]);
            seed(target, &format!("{name}-{what}-at-{at}"), &lie);
        }
    }
}

fn seed(target: &str, name: &str, bytes: &[u8]) {
    let dir = root().join("corpus").join(target);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join(format!("seed-{name}")), bytes).unwrap();
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}
