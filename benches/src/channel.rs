//! Channels that carry messages from one process to another.

use std::fs::File;
use std::io::{PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::atomic::Ordering;
use std::{io, process};

use ipc_core::{Errno, Error, Key, Removal, Result};
use ipc_queue::{MessageQueue, QueueOptions, Select, SysvQueue, SysvQueueOptions};
use ipc_shmarray::ShmArray;
use ipc_sync::posix::Semaphore;

use crate::Side;
use crate::partners::{Object, Stage};
use crate::sys::queue::{self as c, Message};
use crate::sys::{failed, shared};

/// The maximum message size of a queue here.
const MOST: usize = 4096;

/// A one-way channel for messages, used with our calls or C's.
pub(crate) trait Channel: 'static {
    fn send(&mut self, side: Side, bytes: &[u8]) -> Result<()>;
    fn receive(&mut self, side: Side, into: &mut [u8]) -> Result<()>;
}

/// The kind of channel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Posix,
    SystemV,
    Pipe,
    Ring,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Posix => "POSIX queue",
            Self::SystemV => "System V queue",
            Self::Pipe => "pipe, by `std`",
            Self::Ring => "memory and two semaphores",
        }
    }

    /// Creates the `number`-th channel of a scene, or opens it.
    pub(crate) fn open(
        self,
        stage: &mut Stage,
        number: usize,
        size: usize,
    ) -> Result<Box<dyn Channel>> {
        let name = format!("{}-{number}", stage.name);
        Ok(match self {
            Self::Posix if stage.leads => Box::new(PosixQueue::create(&name, size)?),
            Self::Posix => Box::new(PosixQueue(MessageQueue::open(&*name)?)),
            Self::SystemV => {
                let id = stage.number()?;
                if stage.leads {
                    let made = SystemVQueue::create()?;
                    id.store(made.queue.id().unsigned_abs().into(), Ordering::Relaxed);
                    return Ok(Box::new(made));
                }
                let id = i32::try_from(id.load(Ordering::Relaxed)).unwrap_or(i32::MAX);
                Box::new(SystemVQueue::new(SysvQueue::open_id(id)?))
            }
            Self::Pipe => {
                let ends = [stage.number()?, stage.number()?];
                let pid = stage.number()?;
                if stage.leads {
                    let (reader, writer) = io::pipe().map_err(by_std)?;
                    let numbers =
                        [reader.as_raw_fd().unsigned_abs(), writer.as_raw_fd().unsigned_abs()];
                    ends.iter()
                        .zip(numbers)
                        .for_each(|(end, fd)| end.store(fd.into(), Ordering::Relaxed));
                    pid.store(process::id().into(), Ordering::Relaxed);
                    return Ok(Box::new(Pipe { reader, writer }));
                }
                let fds = format!("/proc/{}/fd", pid.load(Ordering::Relaxed));
                let [reader, writer] =
                    ends.map(|end| format!("{fds}/{}", end.load(Ordering::Relaxed)));
                let reader = File::open(reader).map_err(by_std)?;
                let writer = File::options().write(true).open(writer).map_err(by_std)?;
                Box::new(Pipe {
                    reader: OwnedFd::from(reader).into(),
                    writer: OwnedFd::from(writer).into(),
                })
            }
            Self::Ring => {
                let slots = Ring::SLOTS;
                let array = if stage.leads {
                    ShmArray::create(&*name, size * slots)?
                } else {
                    ShmArray::open(&*name)?
                };
                // Creating the array reserved its pages, but did not map them.
                array.read_into(&mut vec![0; size * slots])?;
                let empty = stage.semaphore(u32::try_from(slots).unwrap_or(1))?;
                Box::new(Ring { array, size, next: 0, empty, full: stage.semaphore(0)? })
            }
        })
    }
}

fn by_std(err: io::Error) -> Error {
    failed(err.raw_os_error().map_or(Errno::EIO, Errno::new))
}

pub(crate) struct PosixQueue(pub(crate) MessageQueue);

impl PosixQueue {
    pub(crate) fn create(name: &str, size: usize) -> Result<Self> {
        MessageQueue::create(name, QueueOptions::new(8, size).removal(Removal::OnDrop)).map(Self)
    }
}

impl Channel for PosixQueue {
    #[inline]
    fn send(&mut self, side: Side, bytes: &[u8]) -> Result<()> {
        match side {
            Side::Ours => self.0.send(bytes, 0),
            Side::Reference => c::send(self.0.as_fd(), bytes).map_err(failed),
        }
    }

    #[inline]
    fn receive(&mut self, side: Side, into: &mut [u8]) -> Result<()> {
        match side {
            Side::Ours => self.0.recv_into(into).map(drop),
            Side::Reference => c::receive(self.0.as_fd(), into).map(drop).map_err(failed),
        }
    }
}

/// C's message is already in C's format; ours is in the caller's buffer.
pub(crate) struct SystemVQueue {
    pub(crate) queue: SysvQueue,
    message: Box<Message<MOST>>,
}

impl SystemVQueue {
    pub(crate) fn create() -> Result<Self> {
        SysvQueue::create(Key::PRIVATE, SysvQueueOptions::new().removal(Removal::OnDrop))
            .map(Self::new)
    }

    fn new(queue: SysvQueue) -> Self {
        Self { queue, message: Box::new(Message { kind: 1, bytes: [7; MOST] }) }
    }
}

impl Channel for SystemVQueue {
    #[inline]
    fn send(&mut self, side: Side, bytes: &[u8]) -> Result<()> {
        match side {
            Side::Ours => self.queue.send(bytes, 1),
            Side::Reference => {
                c::send_sysv(self.queue.id(), &self.message, bytes.len()).map_err(failed)
            }
        }
    }

    #[inline]
    fn receive(&mut self, side: Side, into: &mut [u8]) -> Result<()> {
        match side {
            Side::Ours => self.queue.recv_into(Select::Any, into).map(drop),
            Side::Reference => {
                c::receive_sysv(self.queue.id(), &mut self.message).map(drop).map_err(failed)
            }
        }
    }
}

struct Pipe {
    reader: PipeReader,
    writer: PipeWriter,
}

impl Channel for Pipe {
    #[inline]
    fn send(&mut self, side: Side, bytes: &[u8]) -> Result<()> {
        match side {
            Side::Ours => self.writer.write_all(bytes).map_err(by_std),
            Side::Reference => c::write_all(self.writer.as_fd(), bytes).map_err(failed),
        }
    }

    #[inline]
    fn receive(&mut self, side: Side, into: &mut [u8]) -> Result<()> {
        match side {
            Side::Ours => self.reader.read_exact(into).map_err(by_std),
            Side::Reference => c::read_all(self.reader.as_fd(), into).map_err(failed),
        }
    }
}

/// Slots for messages in shared memory, and semaphores that count the empty and the full ones.
struct Ring {
    array: ShmArray<u8>,
    size: usize,
    next: usize,
    empty: Object<Semaphore>,
    full: Object<Semaphore>,
}

impl Ring {
    const SLOTS: usize = 8;

    #[inline]
    fn turn(&mut self) -> usize {
        let at = self.next * self.size;
        self.next = (self.next + 1) % Self::SLOTS;
        at
    }
}

impl Channel for Ring {
    #[inline]
    fn send(&mut self, side: Side, bytes: &[u8]) -> Result<()> {
        let at = self.turn();
        match side {
            Side::Ours => {
                self.empty.wait()?;
                self.array.write_at(at, bytes)?;
                self.full.post()
            }
            Side::Reference => {
                shared::wait(&self.empty)?;
                shared::copy_in(&self.array, at, bytes);
                shared::post(&self.full)
            }
        }
    }

    #[inline]
    fn receive(&mut self, side: Side, into: &mut [u8]) -> Result<()> {
        let at = self.turn();
        match side {
            Side::Ours => {
                self.full.wait()?;
                self.array.read_at(at, into)?;
                self.empty.post()
            }
            Side::Reference => {
                shared::wait(&self.full)?;
                shared::copy_out(&self.array, at, into);
                shared::post(&self.empty)
            }
        }
    }
}
