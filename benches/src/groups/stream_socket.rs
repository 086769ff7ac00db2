//! Local sockets, descriptors in messages, pipes and file locks, each beside the plain call.

use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
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

/// Creates two streams of either kind; a thread owns the second until its end.
fn with_partner<S: From<UnixStream> + Read + Write + Send + 'static>(
    play: impl FnOnce(S) -> io::Result<()> + Send + 'static,
) -> Result<S> {
    let (here, there) = UnixStream::pair().map_err(plain("socketpair"))?;
    // The thread ends with the stream; that is not an error.
    thread::spawn(move || drop(play(S::from(there))));
    Ok(S::from(here))
}

fn echo<S: Read + Write>(mut stream: S, size: usize) -> io::Result<()> {
    let mut bytes = vec![0; size];
    loop {
        stream.read_exact(&mut bytes)?;
        stream.write_all(&bytes)?;
    }
}

fn round_trip(size: usize) -> Result<Pair> {
    fn turn<S: Read + Write>(stream: &mut S, sent: &[u8], into: &mut [u8]) -> Result<()> {
        stream.write_all(sent).map_err(plain("write"))?;
        stream.read_exact(into).map_err(plain("read"))
    }
    let mut ours = with_partner::<LocalStream>(move |stream| echo(stream, size))?;
    let mut std = with_partner::<UnixStream>(move |stream| echo(stream, size))?;
    let (sent, mut into) = (vec![7; size], vec![0; size]);
    let (copy, mut other) = (sent.clone(), vec![0; size]);
    let ours = move || turn(&mut ours, &sent, &mut into);
    let reference = move || turn(&mut std, &copy, &mut other);
    Ok(pair(format!("stream, round trip, {}", bytes(size)), PLAIN, ours, reference))
}

fn one_way(size: usize) -> Result<Pair> {
    fn sink<S: Read>(mut stream: S, size: usize) -> io::Result<()> {
        let mut bytes = vec![0; size];
        loop {
            stream.read_exact(&mut bytes)?;
        }
    }
    let mut ours = with_partner::<LocalStream>(move |stream| sink(stream, size))?;
    let mut std = with_partner::<UnixStream>(move |stream| sink(stream, size))?;
    let (sent, copy) = (vec![7; size], vec![7; size]);
    let ours = move || ours.write_all(&sent).map_err(plain("write"));
    let reference = move || std.write_all(&copy).map_err(plain("write"));
    Ok(pair(format!("stream, one way, {}", bytes(size)), PLAIN, ours, reference))
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
