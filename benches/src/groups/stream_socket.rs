//! Local sockets, descriptors in messages, pipes and file locks, each beside the plain call.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ipc_core::{Error, Result};
use ipc_stream::{FileLock, LocalStream, Message, Seqpacket, pipe};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};

use super::bytes;
use crate::sys::{failed, socket};
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "local-sockets",
    about: "Streams beside those of `std` and tokio, messages beside `send` of C, a descriptor in\n\
            a message beside `sendmsg` of C, a pipe beside that of `std`, and a file lock beside\n\
            `fcntl` of C. *Within a thread*, one thread sends and receives, so nothing waits and all\n\
            that differs is the call. In a *round trip*, another thread echoes; *one way*, it only\n\
            reads.",
    ratio: Ratio::Time,
    pairs,
};

/// The target for streams and messages, relative to `std` and raw calls.
const PLAIN: f64 = 1.03;
/// The target for tasks and file locks.
const BUILT: f64 = 1.05;
/// The target for passing a descriptor.
const PASSED: f64 = 1.1;

const SIZES: [usize; 3] = [64, 4 << 10, 1 << 20];

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    for size in [64, 4 << 10] {
        visit(within_a_thread(size)?)?;
    }
    for size in SIZES {
        visit(round_trip(size)?)?;
    }
    for size in SIZES {
        visit(one_way(size)?)?;
    }
    for size in [64, 4 << 10] {
        visit(tasks(size)?)?;
    }
    visit(messages()?)?;
    visit(descriptor()?)?;
    visit(through_a_pipe()?)?;
    visit(file_lock()?)
}

fn plain(call: &'static str) -> impl Fn(io::Error) -> Error {
    move |err| Error::io(call, "", &err)
}

/// Runs one of two operations `times` times.
fn pair(
    name: impl Into<String>,
    target: f64,
    mut ours: impl FnMut() -> Result<()> + 'static,
    mut reference: impl FnMut() -> Result<()> + 'static,
) -> Pair {
    let work = move |side, times| match side {
        Side::Ours => (0..times).try_for_each(|_| ours()),
        Side::Reference => (0..times).try_for_each(|_| reference()),
    };
    Pair::new(name, work).target(target)
}

fn within_a_thread(size: usize) -> Result<Pair> {
    let ((here, there), sent) = (LocalStream::pair()?, vec![7; size]);
    let (mut a, mut b) = UnixStream::pair().map_err(plain("socketpair"))?;
    let (mut into, mut other, copy) = (vec![0; size], vec![0; size], sent.clone());
    let ours = move || {
        here.send_all(&sent)?;
        (&there).read_exact(&mut into).map_err(plain("read"))
    };
    let reference = move || {
        a.write_all(&copy).map_err(plain("write"))?;
        b.read_exact(&mut other).map_err(plain("read"))
    };
    Ok(pair(format!("stream within a thread, {}", bytes(size)), PLAIN, ours, reference))
}

/// A stream of either kind.
trait Stream: Read + Write {}

impl Stream for LocalStream {}
impl Stream for UnixStream {}

/// One connection to another thread, which both sides use in turn, with the same buffers: the place
/// of threads and buffers affects a megabyte more than the calls do.
///
/// The other thread repeats `play` until the connection ends.
fn with_partner(
    name: String,
    size: usize,
    play: fn(&mut dyn Stream, &mut [u8]) -> io::Result<()>,
    mut turn: impl FnMut(&mut dyn Stream) -> io::Result<()> + 'static,
) -> Result<Pair> {
    fn both(stream: UnixStream) -> Result<(LocalStream, UnixStream)> {
        Ok((stream.try_clone().map_err(plain("dup"))?.into(), stream))
    }
    let (here, there) = UnixStream::pair().map_err(plain("socketpair"))?;
    let ((mut ours, mut std), (mut one, mut other)) = (both(here)?, both(there)?);
    let is_ours = Arc::new(AtomicBool::new(true));
    let told = Arc::clone(&is_ours);
    thread::spawn(move || {
        let mut bytes = vec![0; size];
        loop {
            let stream: &mut dyn Stream =
                if told.load(Ordering::Relaxed) { &mut one } else { &mut other };
            if play(stream, &mut bytes).is_err() {
                return; // the connection has ended; that is not an error
            }
        }
    });
    let work = move |side, times| {
        is_ours.store(side == Side::Ours, Ordering::Relaxed);
        let stream: &mut dyn Stream = if side == Side::Ours { &mut ours } else { &mut std };
        (0..times).try_for_each(|_| turn(stream)).map_err(plain("read or write"))
    };
    Ok(Pair::new(name, work).target(PLAIN))
}

fn round_trip(size: usize) -> Result<Pair> {
    fn echo(stream: &mut dyn Stream, bytes: &mut [u8]) -> io::Result<()> {
        stream.read_exact(bytes)?;
        stream.write_all(bytes)
    }
    let (sent, mut into) = (vec![7; size], vec![0; size]);
    with_partner(format!("stream, round trip, {}", bytes(size)), size, echo, move |stream| {
        stream.write_all(&sent)?;
        stream.read_exact(&mut into)
    })
}

fn one_way(size: usize) -> Result<Pair> {
    fn sink(stream: &mut dyn Stream, bytes: &mut [u8]) -> io::Result<()> {
        stream.read_exact(bytes)
    }
    let sent = vec![7; size];
    let pair =
        with_partner(format!("stream, one way, {}", bytes(size)), size, sink, move |stream| {
            stream.write_all(&sent)
        })?;
    Ok(pair.stretch(10)) // the two threads alternate in bursts of many messages
}

fn tasks(size: usize) -> Result<Pair> {
    fn runtime() -> Result<Runtime> {
        Builder::new_current_thread().enable_io().build().map_err(plain("epoll_create"))
    }
    let (ours, std) = (runtime()?, runtime()?);
    let (mut here, mut there) = ours.block_on(async { ipc_stream::tokio::LocalStream::pair() })?;
    let made = std.block_on(async { tokio::net::UnixStream::pair() });
    let (mut a, mut b) = made.map_err(plain("socketpair"))?;
    let (sent, mut into) = (vec![7; size], vec![0; size]);
    let (copy, mut other) = (sent.clone(), vec![0; size]);
    let work = move |side, times| match side {
        Side::Ours => ours.block_on(async {
            for _ in 0..times {
                here.write_all(&sent).await.map_err(plain("write"))?;
                there.read_exact(&mut into).await.map_err(plain("read"))?;
            }
            Ok(())
        }),
        Side::Reference => std.block_on(async {
            for _ in 0..times {
                a.write_all(&copy).await.map_err(plain("write"))?;
                b.read_exact(&mut other).await.map_err(plain("read"))?;
            }
            Ok(())
        }),
    };
    Ok(Pair::new(format!("stream of a task, beside tokio's, {}", bytes(size)), work).target(BUILT))
}

fn messages() -> Result<Pair> {
    let ((here, there), (a, b)) = (Seqpacket::pair()?, Seqpacket::pair()?);
    let ours = move || {
        here.send(&[7; 64])?;
        there.recv(&mut [0; 64]).map(drop)
    };
    let reference = move || {
        socket::send(a.as_fd(), &[7; 64]).map_err(failed)?;
        socket::receive(b.as_fd(), &mut [0; 64]).map_err(failed)
    };
    Ok(pair("seqpacket within a thread, beside C, 64 B", PLAIN, ours, reference))
}

fn descriptor() -> Result<Pair> {
    let ((here, there), (a, b)) = (Seqpacket::pair()?, Seqpacket::pair()?);
    let null = File::open("/dev/null").map_err(plain("open"))?;
    let other = null.try_clone().map_err(plain("fcntl"))?;
    let ours = move || {
        here.send_message(&Message::new(b"x").descriptor(&null))?;
        there.recv_message(&mut [0], 1).map(drop)
    };
    let reference = move || {
        socket::send_descriptor(a.as_fd(), other.as_raw_fd()).map_err(failed)?;
        socket::receive_descriptor(b.as_fd()).map_err(failed)
    };
    Ok(pair("descriptor in a message, beside sendmsg of C", PASSED, ours, reference))
}

fn through_a_pipe() -> Result<Pair> {
    let (reader, writer) = pipe()?;
    let (mut from, mut to) = io::pipe().map_err(plain("pipe2"))?;
    let ours = move || {
        writer.send(&[7; 64])?;
        reader.recv(&mut [0; 64]).map(drop)
    };
    let reference = move || {
        to.write_all(&[7; 64]).map_err(plain("write"))?;
        from.read_exact(&mut [0; 64]).map_err(plain("read"))
    };
    Ok(pair("pipe within a thread, 64 B", PLAIN, ours, reference))
}

fn file_lock() -> Result<Pair> {
    let dir = ipc_testkit::fixture::dir();
    let mut ours = FileLock::open_or_create(dir.join("ours"), 0o600)?;
    let file = File::create(dir.join("reference")).map_err(plain("open"))?;
    let ours = move || ours.lock().map(drop);
    let reference = move || {
        let _dir = &dir;
        socket::lock_and_release(file.as_fd()).map_err(failed)
    };
    Ok(pair("file lock, locked and released, beside fcntl of C", BUILT, ours, reference))
}
