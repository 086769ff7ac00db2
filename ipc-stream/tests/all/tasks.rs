//! The same types for tasks.

use std::fs::File;
use std::future::Future;
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ipc_core::Errno;
use ipc_stream::tokio::{
    Datagram, FileLock, LocalListener, LocalStream, MessageReader, MessageWriter, PipeReader,
    PipeWriter, Seqpacket, SeqpacketListener,
};
use ipc_stream::{BindOptions, Direction, Fifo, LockKind, Message, Peer, Policy, SocketName, pipe};
use ipc_testkit::{Child, Part, Role, fixture, rounds, watchdog};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

pub(crate) const ROLES: &[(&str, Part)] = &[("runs tasks", runs_tasks)];

const SHORT: Duration = Duration::from_millis(20);

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Runs a test in a runtime, which has to end.
fn run(test: impl Future<Output = ()>) {
    watchdog(|| runtime().block_on(test));
}

#[test]
fn a_task_connects_accepts_and_echoes() {
    run(async {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let server = tokio::spawn(async move {
            loop {
                let mut stream = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    let (mut one, mut other) = (&stream, &stream);
                    tokio::io::copy(&mut one, &mut other).await.unwrap();
                    stream.shutdown().await.unwrap();
                });
            }
        });
        let clients = (0..20_u8).map(|which| {
            let name = SocketName::from_path(&path).unwrap();
            tokio::spawn(async move {
                let mut stream = LocalStream::connect(name).await.unwrap();
                let sent = vec![which; 100_000];
                let (mut recv, mut send) = {
                    let (recv, send) = stream.split();
                    (recv, send)
                };
                let sending = tokio::spawn(async move {
                    send.write_all(&sent).await.unwrap();
                    send.shutdown().await.unwrap();
                    send
                });
                let mut got = Vec::new();
                recv.read_to_end(&mut got).await.unwrap();
                assert_eq!(got, vec![which; 100_000]);
                stream = recv.reunite(sending.await.unwrap()).unwrap();
                assert_eq!(stream.recv(&mut [0]).await.unwrap(), 0);
            })
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.unwrap();
        }
        server.abort();
    });
}

/// Answers on every kind of socket, and through a FIFO, in tasks.
fn runs_tasks(role: &mut Role) {
    runtime().block_on(async {
        let dir = Path::new(role.arg(0)).to_owned();
        let stream = LocalStream::connect(dir.join("s")).await.unwrap();
        let (mut recv, mut send) = stream.split();
        tokio::io::copy(&mut recv, &mut send).await.unwrap();
        send.shutdown().await.unwrap();
        drop((recv, send));

        let packets = Seqpacket::connect(dir.join("p")).await.unwrap();
        let mut bytes = [0; 64];
        let received = packets.recv_message(&mut bytes, 1).await.unwrap();
        let answer = Message::new(&bytes[..received.len()]).credentials();
        let answer = answer.descriptors(received.descriptors().iter().map(AsFd::as_fd));
        packets.send_message(&answer).await.unwrap();
        assert_eq!(packets.recv(&mut bytes).await.unwrap(), 0);

        let datagrams = Datagram::bind_with(dir.join("theirs"), BindOptions::new()).unwrap();
        role.say("bound");
        let received = datagrams.recv_message(&mut bytes, 0).await.unwrap();
        let answer = Message::new(&bytes[..received.len()]).to(received.sender().unwrap());
        datagrams.send_message(&answer).await.unwrap();

        let fifo = Fifo::open(dir.join("f")).unwrap();
        let writer = MessageWriter::new(PipeWriter::open(&fifo).await.unwrap());
        writer.send(b"through a FIFO").await.unwrap();

        let lock = ipc_stream::FileLock::open(dir.join("lock")).unwrap();
        role.say("waits");
        let held = FileLock::new(lock).lock(LockKind::Exclusive).await.unwrap();
        role.say("locked");
        role.hear();
        drop(held);
    });
}

#[test]
fn tasks_of_two_processes_use_sockets_descriptors_fifos_and_locks() {
    run(async {
        let dir = fixture::dir();
        let streams = LocalListener::bind(dir.join("s")).unwrap();
        let seqpackets = SeqpacketListener::bind(dir.join("p")).unwrap();
        let fifo = Fifo::create(dir.join("f"), 0o600).unwrap();
        let open = || ipc_stream::FileLock::open_or_create(dir.join("lock"), 0o600).unwrap();
        let mut child = Child::run("runs tasks", &[dir.to_str().unwrap()]);
        let (mut recv, mut send) = streams.accept().await.unwrap().split();
        let sending = tokio::spawn(async move {
            send.write_all(&[7; 300_000]).await.unwrap();
            send.shutdown().await.unwrap();
        });
        let mut got = Vec::new();
        recv.read_to_end(&mut got).await.unwrap();
        assert_eq!(got, vec![7; 300_000]);
        sending.await.unwrap();

        let packets = seqpackets.accept_if(&Policy::same_user()).await.unwrap();
        packets.socket().set_pass_credentials(true).unwrap();
        let null = File::open("/dev/null").unwrap();
        packets.send_message(&Message::new(b"a file").descriptor(&null)).await.unwrap();
        let mut bytes = [0; 64];
        let received = packets.recv_message(&mut bytes, 1).await.unwrap();
        assert_eq!((received.len(), received.descriptors().len()), (6, 1));
        assert_eq!(received.peer().unwrap().process().unwrap().raw(), child.pid());
        drop(packets);

        child.wait_for("bound");
        let ours = Datagram::bind_with(dir.join("ours"), BindOptions::new()).unwrap();
        let theirs = SocketName::from_path(dir.join("theirs")).unwrap();
        ours.send_message(&Message::new(b"ping").to(&theirs)).await.unwrap();
        let received = ours.recv_message(&mut bytes, 0).await.unwrap();
        assert_eq!((&bytes[..received.len()], received.sender()), (&b"ping"[..], Some(&theirs)));

        let held = FileLock::new(open()).lock(LockKind::Exclusive).await.unwrap();
        let mut reader = MessageReader::new(PipeReader::new(fifo.reader().unwrap()).unwrap());
        assert_eq!(reader.recv().await.unwrap(), Some(&b"through a FIFO"[..]));
        child.wait_for("waits");
        drop(held);
        child.wait_for("locked");
        assert!(open().try_lock(LockKind::Shared).unwrap().is_none());
        // The lock of a process that is killed goes to a task that waits for it.
        let waiting = tokio::spawn(FileLock::new(open()).lock(LockKind::Exclusive));
        child.kill();
        drop(waiting.await.unwrap().unwrap());
    });
}

#[test]
fn a_future_that_is_dropped_has_neither_received_nor_sent() {
    run(async {
        let (here, there) = Seqpacket::pair().unwrap();
        let mut bytes = [0; 8];
        for _ in 0..rounds(20, 1000) {
            assert!(timeout(Duration::from_micros(100), there.recv(&mut bytes)).await.is_err());
            let message = there.recv_message(&mut bytes, 1);
            assert!(timeout(Duration::from_micros(100), message).await.is_err());
            here.send(b"x").await.unwrap();
            assert_eq!(there.recv(&mut bytes).await.unwrap(), 1);
        }
        let mut sent = 0;
        while timeout(SHORT, here.send(&[7; 4096])).await.is_ok_and(|done| done.is_ok()) {
            sent += 1;
        }
        drop(here);
        let (mut received, mut bytes) = (0, [0; 4096]);
        while there.recv(&mut bytes).await.unwrap() > 0 {
            received += 1;
        }
        assert_eq!(sent, received);
    });
}

#[test]
fn a_dropped_accept_loses_no_connection() {
    run(async {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = SeqpacketListener::bind(&path).unwrap();
        assert!(timeout(SHORT, listener.accept()).await.is_err());
        let client = Seqpacket::connect(&path).await.unwrap();
        client.send(b"x").await.unwrap();
        let server = listener.accept_if(&Policy::same_user()).await.unwrap();
        assert_eq!(server.recv(&mut [0; 8]).await.unwrap(), 1);
        // A peer that is refused does not end the wait.
        let _refused = Seqpacket::connect(&path).await.unwrap();
        assert!(timeout(SHORT, listener.accept_if(&|_: &Peer| false)).await.is_err());
    });
}

#[test]
fn tasks_pass_descriptors_and_credentials() {
    run(async {
        let null = File::open("/dev/null").unwrap();
        let (here, there) = LocalStream::pair().unwrap();
        there.socket().set_pass_credentials(true).unwrap();
        let message = Message::new(b"x").descriptors([null.as_fd(), null.as_fd()]);
        here.send_message(&message).await.unwrap();
        let received = there.recv_message(&mut [0; 8], 2).await.unwrap();
        assert_eq!(received.descriptors().len(), 2);
        assert_eq!(received.peer().unwrap().user(), ipc_core::UserId::effective());
        here.send_message(&message).await.unwrap();
        assert!(there.recv_message(&mut [0; 8], 1).await.unwrap_err().is_too_long());
        let big = vec![7; 1 << 20];
        let sending = tokio::spawn(async move {
            here.send_message(&Message::new(&big)).await.unwrap();
        });
        let mut got = Vec::new();
        { there }.read_to_end(&mut got).await.unwrap();
        assert_eq!(got.len(), 1 << 20);
        sending.await.unwrap();
    });
}

#[test]
fn a_task_waits_for_room_at_a_datagram_socket_that_others_read() {
    run(async {
        let dir = fixture::dir();
        let name = SocketName::from_path(dir.join("d")).unwrap();
        let receiver = Datagram::bind_with(&name, BindOptions::new()).unwrap();
        let sender = Datagram::new(ipc_stream::Datagram::unbound().unwrap()).unwrap();
        let sending = tokio::spawn(async move {
            for number in 0..100_u8 {
                sender.send_message(&Message::new(&[number]).to(&name)).await.unwrap();
            }
        });
        for number in 0..100 {
            let mut byte = [0];
            assert_eq!(receiver.recv(&mut byte).await.unwrap(), 1);
            assert_eq!(byte[0], number);
        }
        sending.await.unwrap();
    });
}

#[test]
fn a_task_connects_as_soon_as_a_full_backlog_has_room() {
    run(async {
        let dir = fixture::dir();
        let path = dir.join("s");
        let options = BindOptions::new().backlog(0);
        let listener = LocalListener::bind_with(&path, options).unwrap();
        let _first = LocalStream::connect(&path).await.unwrap();
        assert!(timeout(SHORT, LocalStream::connect(&path)).await.is_err());
        let (second, accepted) = tokio::join!(LocalStream::connect(&path), listener.accept());
        second.unwrap();
        accepted.unwrap();
    });
}

#[test]
fn several_tasks_that_wait_at_one_socket_are_all_woken() {
    run(async {
        let (here, there) = Seqpacket::pair().unwrap();
        let there = Arc::new(there);
        let waits = |_| {
            let there = Arc::clone(&there);
            tokio::spawn(async move { there.recv(&mut [0; 8]).await.unwrap() })
        };
        let tasks: Vec<_> = (0..8).map(waits).collect();
        for _ in 0..8 {
            here.send(b"x").await.unwrap();
        }
        for task in tasks {
            assert_eq!(task.await.unwrap(), 1);
        }
    });
}

#[test]
fn tasks_use_pipes_and_fifos() {
    run(async {
        let (reader, writer) = pipe().unwrap();
        let (reader, writer) = (PipeReader::new(reader).unwrap(), PipeWriter::new(writer).unwrap());
        assert!(timeout(SHORT, reader.recv(&mut [0])).await.is_err());
        assert_eq!(writer.send(b"abc").await.unwrap(), 3);
        drop(writer);
        assert_eq!(reader.recv(&mut [0; 8]).await.unwrap(), 3);
        assert_eq!(reader.recv(&mut [0; 8]).await.unwrap(), 0);

        let dir = fixture::dir();
        let fifo = Fifo::create(dir.join("f"), 0o600).unwrap();
        assert!(timeout(SHORT, PipeWriter::open(&fifo)).await.is_err());
        let opening = PipeWriter::open(&fifo);
        let reading = async {
            tokio::task::yield_now().await;
            PipeReader::new(fifo.reader().unwrap()).unwrap()
        };
        let (writer, reader) = tokio::join!(opening, reading);
        let writer = MessageWriter::new(writer.unwrap());
        let mut reader = MessageReader::new(reader);
        assert!(timeout(SHORT, reader.recv()).await.is_err());
        let sending = tokio::spawn(async move {
            for size in 0..200_usize {
                writer.send(&vec![1; size * 20]).await.unwrap();
            }
        });
        for size in 0..200 {
            assert_eq!(reader.recv().await.unwrap().unwrap().len(), size * 20);
        }
        sending.await.unwrap();
        assert_eq!(reader.recv().await.unwrap(), None);
    });
}

#[test]
fn a_task_waits_for_a_file_lock_and_gives_up_without_keeping_it() {
    run(async {
        let dir = fixture::dir();
        let path = dir.join("lock");
        let open = || ipc_stream::FileLock::open_or_create(&path, 0o600).unwrap();
        let held = FileLock::new(open()).lock(LockKind::Exclusive).await.unwrap();
        let waits = FileLock::new(open()).lock(LockKind::Shared);
        assert!(timeout(SHORT, waits).await.is_err());
        let waiting = tokio::spawn(FileLock::new(open()).lock(LockKind::Exclusive));
        tokio::task::yield_now().await;
        drop(held);
        let held = waiting.await.unwrap().unwrap();
        assert!(open().try_lock(LockKind::Shared).unwrap().is_none());
        held.unlock().unwrap();
        // The one that gave up does not have it, nor will it.
        let _held = FileLock::new(open()).lock(LockKind::Exclusive).await.unwrap();
    });
}

#[test]
fn outside_of_a_runtime_there_is_an_error_and_no_panic() {
    let dir = fixture::dir();
    let path = dir.join("s");
    assert!(LocalListener::bind(&path).unwrap_err().is_invalid_argument());
    assert!(!path.exists());
    assert!(LocalStream::pair().unwrap_err().is_invalid_argument());
    let (reader, writer) = pipe().unwrap();
    assert!(PipeReader::new(reader).unwrap_err().is_invalid_argument());
    assert!(PipeWriter::new(writer).unwrap_err().is_invalid_argument());
}

#[test]
fn what_a_runtime_made_may_be_dropped_and_used_after_it() {
    let dir = fixture::dir();
    let path = dir.join("s");
    let runtime = runtime();
    let (listener, here, there) = runtime.block_on(async {
        let (here, there) = LocalStream::pair().unwrap();
        (LocalListener::bind(&path).unwrap(), here, there)
    });
    let half = runtime.block_on(async { LocalStream::pair().unwrap().0.split().0 });
    drop(runtime);
    drop((listener, half));
    assert!(!path.exists());
    here.socket().shutdown(Direction::Write).unwrap();
    assert_eq!(there.into_inner().recv(&mut [0]).unwrap(), 0);
    drop(here);
}

#[test]
fn a_peer_that_is_gone_is_an_error_to_a_task() {
    run(async {
        let (here, there) = LocalStream::pair().unwrap();
        drop(there);
        assert_eq!(here.recv(&mut [0]).await.unwrap(), 0);
        // Programs that other tests start have copies of the other end for a moment.
        let refused = loop {
            match here.send_all(b"x").await {
                Ok(()) => tokio::task::yield_now().await,
                Err(err) => break err,
            }
        };
        assert_eq!(refused.errno(), Some(Errno::EPIPE));
    });
}
