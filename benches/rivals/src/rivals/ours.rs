//! This project.

use std::alloc::Layout;
use std::hint::black_box;
use std::io::Read;
use std::{env, process};

use ipc_core::Removal;
use ipc_heap::Heap;
use ipc_mem::{LocalMemory, Placed};
use ipc_queue::{MessageQueue, QueueOptions};
use ipc_ring::spsc::bytes;
use ipc_shm::{MemoryOptions, SharedMemory};
use ipc_shmarray::ShmArray;
use ipc_stream::{LocalListener, LocalStream, SocketName};
use ipc_sync::futex;
use ipc_sync::posix::{NamedSemaphore, Semaphore, SemaphoreOptions};
use ipc_sync::pthread::{MutexKind, MutexOptions, RawMutex};

use crate::partner::{Channel, Finish};
use crate::rivals::MIB;
use crate::{Once, Res};

pub(crate) fn lock() -> Res<Once> {
    let mutex = RawMutex::create_in(LocalMemory::new(64)?, MutexOptions::new().kind(MutexKind::Normal).stalled())?;
    Ok(Box::new(move |times| {
        for _ in 0..times {
            drop(mutex.lock().map_err(|_| "cannot lock")?);
        }
        Ok(())
    }))
}

pub(crate) fn semaphore() -> Res<Once> {
    let sem = Semaphore::create_in(LocalMemory::new(64)?, 0)?;
    Ok(Box::new(move |times| {
        for _ in 0..times {
            sem.post()?;
            sem.wait()?;
        }
        Ok(())
    }))
}

pub(crate) fn native_lock() -> Res<Once> {
    let mutex = futex::RawMutex::create_in(LocalMemory::new(64)?, ())?;
    Ok(Box::new(move |times| {
        for _ in 0..times {
            drop(mutex.lock().map_err(|_| "cannot lock")?);
        }
        Ok(())
    }))
}

pub(crate) fn native_semaphore() -> Res<Once> {
    let sem = Placed::<futex::Semaphore, _>::create_in_with(LocalMemory::new(64)?, 0)?;
    Ok(Box::new(move |times| {
        for _ in 0..times {
            sem.post()?;
            sem.wait();
        }
        Ok(())
    }))
}

pub(crate) fn allocate() -> Res<Once> {
    let heap = Heap::create(format!("/ipc-rivals-{}-heap", process::id()), MIB)?;
    let layout = black_box(Layout::new::<[u64; 8]>());
    Ok(Box::new(move |times| {
        for _ in 0..times {
            black_box(heap.allocate(layout)?.offset());
        }
        Ok(())
    }))
}

/// Keeps the name until it is unlinked, as the rivals do; this program unlinks it.
fn options() -> MemoryOptions {
    MemoryOptions::new(4096).removal(Removal::Never)
}

pub(crate) fn create() -> Res<Once> {
    let name = format!("/ipc-rivals-{}-create", process::id());
    Ok(Box::new(move |times| {
        for _ in 0..times {
            drop(SharedMemory::create(&*name, options())?);
            SharedMemory::unlink(&*name)?;
        }
        Ok(())
    }))
}

pub(crate) fn open() -> Res<Once> {
    let name = format!("/ipc-rivals-{}-open", process::id());
    let made = SharedMemory::create(&*name, options().removal(Removal::OnDrop))?;
    Ok(Box::new(move |times| {
        for _ in 0..times {
            drop(SharedMemory::open(made.name().as_str())?);
        }
        Ok(())
    }))
}

struct Queues([MessageQueue; 2]);

pub(crate) fn lead_queue(name: &str, size: usize) -> Res<(String, Finish)> {
    let make =
        |end| MessageQueue::create(&*format!("/{name}-{end}"), QueueOptions::new(8, size).removal(Removal::OnDrop));
    let queues = Queues([make("there")?, make("back")?]);
    Ok((name.to_owned(), Box::new(|| Ok(Box::new(queues)))))
}

pub(crate) fn follow_queue(name: &str, _: usize) -> Res<Box<dyn Channel>> {
    let open = |end| MessageQueue::open(&*format!("/{name}-{end}"));
    Ok(Box::new(Queues([open("back")?, open("there")?])))
}

impl Channel for Queues {
    fn send(&mut self, bytes: &[u8]) -> Res<()> {
        Ok(self.0[0].send(bytes, 0)?)
    }

    fn receive(&mut self, into: &mut [u8]) -> Res<()> {
        self.0[1].recv_into(into)?;
        Ok(())
    }
}

pub(crate) fn lead_socket(name: &str, _: usize) -> Res<(String, Finish)> {
    let path = env::temp_dir().join(name);
    let listener = LocalListener::bind(SocketName::from_path(&path)?)?;
    let token = path.to_str().ok_or("a path that is not text")?.to_owned();
    Ok((token, Box::new(move || Ok(Box::new(Stream(listener.accept()?))))))
}

pub(crate) fn follow_socket(path: &str, _: usize) -> Res<Box<dyn Channel>> {
    Ok(Box::new(Stream(LocalStream::connect(SocketName::from_path(path)?)?)))
}

struct Stream(LocalStream);

impl Channel for Stream {
    fn send(&mut self, bytes: &[u8]) -> Res<()> {
        Ok(self.0.send_all(bytes)?)
    }

    fn receive(&mut self, into: &mut [u8]) -> Res<()> {
        Ok(self.0.read_exact(into)?)
    }
}

/// Rings of bytes, with room for as many messages as the slots of the others.
struct ByteRings {
    there: bytes::Sender,
    back: bytes::Receiver,
}

pub(crate) fn lead_bytes(name: &str, size: usize) -> Res<(String, Finish)> {
    let room = 2 * SLOTS * (size + 16);
    let rings = ByteRings {
        there: bytes::Sender::create(&*format!("/{name}-there"), room)?,
        back: bytes::Receiver::create(&*format!("/{name}-back"), room)?,
    };
    Ok((name.to_owned(), Box::new(|| Ok(Box::new(rings)))))
}

pub(crate) fn follow_bytes(name: &str, _: usize) -> Res<Box<dyn Channel>> {
    Ok(Box::new(ByteRings {
        there: bytes::Sender::open(&*format!("/{name}-back"))?,
        back: bytes::Receiver::open(&*format!("/{name}-there"))?,
    }))
}

impl Channel for ByteRings {
    fn send(&mut self, bytes: &[u8]) -> Res<()> {
        Ok(self.there.send(bytes)?)
    }

    fn receive(&mut self, into: &mut [u8]) -> Res<()> {
        let message = self.back.peek()?.ok_or("the sender is gone")?;
        message.read(0, into)?;
        message.release();
        Ok(())
    }
}

/// Slots for messages, and semaphores that count the empty and the full ones.
struct Ring {
    places: ShmArray<u8>,
    size: usize,
    next: usize,
    empty: NamedSemaphore,
    full: NamedSemaphore,
}

const SLOTS: usize = 8;

impl Ring {
    fn make(name: &str, size: usize) -> Res<Self> {
        let options = |value| SemaphoreOptions::new(value).removal(Removal::OnDrop);
        Ok(Self {
            places: ShmArray::create(&*format!("/{name}"), size * SLOTS)?,
            size,
            next: 0,
            empty: NamedSemaphore::create(&*format!("/{name}-empty"), options(SLOTS as u32))?,
            full: NamedSemaphore::create(&*format!("/{name}-full"), options(0))?,
        })
    }

    fn open(name: &str, size: usize) -> Res<Self> {
        let places = ShmArray::open(&*format!("/{name}"))?;
        let empty = NamedSemaphore::open(&*format!("/{name}-empty"))?;
        Ok(Self { places, size, next: 0, empty, full: NamedSemaphore::open(&*format!("/{name}-full"))? })
    }

    fn at(&mut self) -> usize {
        let at = self.next * self.size;
        self.next = (self.next + 1) % SLOTS;
        at
    }
}

struct Rings {
    there: Ring,
    back: Ring,
}

pub(crate) fn lead_ring(name: &str, size: usize) -> Res<(String, Finish)> {
    let (there, back) = (Ring::make(&format!("{name}-there"), size)?, Ring::make(&format!("{name}-back"), size)?);
    Ok((name.to_owned(), Box::new(|| Ok(Box::new(Rings { there, back })))))
}

pub(crate) fn follow_ring(name: &str, size: usize) -> Res<Box<dyn Channel>> {
    let (back, there) = (Ring::open(&format!("{name}-there"), size)?, Ring::open(&format!("{name}-back"), size)?);
    Ok(Box::new(Rings { there, back }))
}

impl Channel for Rings {
    fn send(&mut self, bytes: &[u8]) -> Res<()> {
        self.there.empty.wait()?;
        let at = self.there.at();
        self.there.places.write_at(at, bytes)?;
        Ok(self.there.full.post()?)
    }

    fn receive(&mut self, into: &mut [u8]) -> Res<()> {
        self.back.full.wait()?;
        let at = self.back.at();
        self.back.places.read_at(at, into)?;
        Ok(self.back.empty.post()?)
    }
}
