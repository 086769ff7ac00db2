//! Connections: what arrives, how long is waited, and how they end.

use std::fs;
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::Errno;
use ipc_stream::{
    BindOptions, ConnectOptions, Datagram, Direction, LocalListener, LocalStream, Seqpacket,
    SeqpacketListener,
};
use ipc_testkit::{Child, Part, Role, Storm, Timed, fixture, rounds, this_thread, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("echo", echo),
    ("dies in mid-message", dies_in_mid_message),
    ("connected and silent", connected_and_silent),
];

const SHORT: Duration = Duration::from_millis(20);

/// Connects, and sends back what it gets until the end.
fn echo(role: &mut Role) {
    let mut stream = LocalStream::connect(role.arg(0)).unwrap();
    let mut bytes = [0; 4096];
    loop {
        match stream.recv(&mut bytes).unwrap() {
            0 => return,
            len => stream.write_all(&bytes[..len]).unwrap(),
        }
    }
}

#[test]
fn a_stream_carries_bytes_between_processes_in_order() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let child = Child::run("echo", &[path.to_str().unwrap()]);
        let stream = listener.accept().unwrap();
        assert_eq!(stream.peer().unwrap().process().unwrap().raw(), child.pid());
        let sent: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[n as usize % 4]).collect();
        let (mut received, mut sending) = (Vec::new(), stream.try_clone().unwrap());
        thread::scope(|scope| {
            scope.spawn(|| {
                sending.write_all(&sent).unwrap();
                sending.shutdown(Direction::Write).unwrap();
            });
            (&stream).read_to_end(&mut received).unwrap();
        });
        assert_eq!(received, sent);
        child.finish();
    });
}

#[test]
fn seqpacket_keeps_the_boundaries_of_messages_and_shows_the_end() {
    let dir = fixture::dir();
    let path = dir.join("s");
    let listener = SeqpacketListener::bind(&path).unwrap();
    let client = Seqpacket::connect(&path).unwrap();
    let server = listener.accept().unwrap();
    for message in [&b"one"[..], b"and two", &[7; 60_000]] {
        client.send(message).unwrap();
    }
    drop(client);
    let mut bytes = [0; 60_000];
    assert_eq!(server.peek(&mut []).unwrap(), 3);
    assert_eq!(server.recv(&mut bytes).unwrap(), 3);
    assert_eq!(server.recv(&mut bytes).unwrap(), 7);
    assert_eq!(server.recv(&mut bytes).unwrap(), 60_000);
    assert_eq!(server.recv(&mut bytes).unwrap(), 0);
}

#[test]
fn an_empty_message_is_neither_sent_nor_taken_for_the_end() {
    let (here, there) = Seqpacket::pair().unwrap();
    assert!(here.send(b"").unwrap_err().is_invalid_argument());
    // Another program may send one.
    rustix::net::send(&here, b"", rustix::net::SendFlags::empty()).unwrap();
    assert_eq!(there.try_recv(&mut [0; 8]).unwrap(), None);
    rustix::net::send(&here, b"", rustix::net::SendFlags::empty()).unwrap();
    here.send(b"x").unwrap();
    drop(here);
    assert_eq!(there.recv(&mut [0; 8]).unwrap(), 1);
    assert_eq!(there.recv(&mut [0; 8]).unwrap(), 0);
}

#[test]
fn a_message_that_is_too_long_for_the_buffer_is_an_error_with_both_sizes() {
    let (here, there) = Seqpacket::pair().unwrap();
    here.send(&[1; 100]).unwrap();
    here.send(b"next").unwrap();
    let err = there.recv(&mut [0; 10]).unwrap_err();
    assert!(err.is_too_long(), "{err}");
    assert!(err.to_string().contains("a message of 100 bytes, a buffer of 10"), "{err}");
    assert_eq!(there.recv(&mut [0; 10]).unwrap(), 4);

    let (here, there) = Datagram::pair().unwrap();
    here.send(&[1; 100]).unwrap();
    assert!(there.recv(&mut [0; 10]).unwrap_err().is_too_long());
    assert!(here.send(&vec![0; 10 << 20]).unwrap_err().is_too_long());
}

#[test]
fn datagrams_have_names_and_senders() {
    let dir = fixture::dir();
    let (ours, theirs) = (dir.join("a"), dir.join("b"));
    let (here, there) = (Datagram::bind(&ours).unwrap(), Datagram::bind(&theirs).unwrap());
    here.send_to(b"ping", &theirs).unwrap();
    let mut bytes = [0; 16];
    let (len, sender) = there.recv_from(&mut bytes).unwrap();
    let sender = sender.unwrap();
    assert_eq!((&bytes[..len], sender.as_path()), (&b"ping"[..], Some(&*ours)));
    there.send_to(b"", &sender).unwrap();
    assert_eq!(here.recv(&mut bytes).unwrap(), 0);
    let connected = Datagram::connect(&ours).unwrap();
    connected.send(b"x").unwrap();
    assert_eq!(here.recv_from(&mut bytes).unwrap(), (1, None));
    drop(here);
    assert!(!ours.exists() && theirs.exists());
    assert!(there.send_to(b"x", &ours).unwrap_err().is_not_found());
}

#[test]
fn no_wait_ends_before_its_time() {
    let dir = fixture::dir();
    let path = dir.join("s");
    let options = BindOptions::new().backlog(0);
    let listener = LocalListener::bind_with(&path, options).unwrap();
    let (stream, _other) = LocalStream::pair().unwrap();
    let (packets, _packets) = Seqpacket::pair().unwrap();
    let (datagrams, _datagrams) = Datagram::pair().unwrap();
    while stream.try_send(&[0; 4096]).unwrap().is_some() {}
    while packets.try_send(&[0; 4096]).unwrap() {}
    while datagrams.try_send(&[0; 4096]).unwrap() {}
    let (full, empty) = (dir.join("full"), fixture::dir().join("empty"));
    let _full = LocalListener::bind_with(&full, BindOptions::new().backlog(0)).unwrap();
    let _waits = LocalStream::connect(&full).unwrap();
    drop(empty);
    let options = || ConnectOptions::new();
    watchdog(|| {
        Timed::never_early(
            &[
                Timed::new(
                    "accept",
                    |time| listener.accept_timeout(time).unwrap().is_some(),
                    |until| listener.accept_deadline(until).unwrap().is_some(),
                ),
                Timed::new(
                    "connect",
                    |time| LocalStream::connect_timeout(&full, options(), time).unwrap().is_some(),
                    |at| LocalStream::connect_deadline(&full, options(), at).unwrap().is_some(),
                ),
                Timed::new(
                    "recv",
                    |time| stream.recv_timeout(&mut [0], time).unwrap().is_some(),
                    |until| stream.recv_deadline(&mut [0], until).unwrap().is_some(),
                ),
                Timed::new(
                    "recv_message",
                    |time| packets.recv_message_timeout(&mut [0], 1, time).unwrap().is_some(),
                    |until| packets.recv_message_deadline(&mut [0], 1, until).unwrap().is_some(),
                ),
                Timed::new(
                    "send_all",
                    |time| stream.send_all_timeout(b"x", time).unwrap(),
                    |until| stream.send_all_deadline(b"x", until).unwrap(),
                ),
                Timed::new(
                    "send",
                    |time| packets.send_timeout(b"x", time).unwrap(),
                    |until| packets.send_deadline(b"x", until).unwrap(),
                ),
                Timed::new(
                    "send a datagram",
                    |time| datagrams.send_timeout(b"x", time).unwrap(),
                    |until| datagrams.send_deadline(b"x", until).unwrap(),
                ),
            ],
            rounds(5, 1000),
        );
    });
}

/// Waits until a thread has gone to sleep some more times, which one that waits does after each
/// signal.
pub(crate) fn interrupted(thread: &Path) {
    let sleeps = || {
        let status = fs::read_to_string(thread.join("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        line.unwrap().trim().parse::<u64>().unwrap()
    };
    let enough = sleeps() + 20;
    while sleeps() < enough {
        thread::yield_now();
    }
}

#[test]
fn signals_neither_end_a_wait_nor_make_it_longer() {
    watchdog(|| {
        let (here, there) = LocalStream::pair().unwrap();
        let dir = fixture::dir();
        let listener = LocalListener::bind(dir.join("s")).unwrap();
        let full = dir.join("full");
        let _full = LocalListener::bind_with(&full, BindOptions::new().backlog(0)).unwrap();
        let _waits = LocalStream::connect(&full).unwrap();
        let storm = Storm::start(2000);
        let (began, time) = (Instant::now(), Duration::from_millis(200));
        assert_eq!(here.recv_timeout(&mut [0], time).unwrap(), None);
        assert!(listener.accept_timeout(time).unwrap().is_none());
        let options = ConnectOptions::new();
        assert!(LocalStream::connect_timeout(&full, options, time).unwrap().is_none());
        here.set_recv_timeout(Some(time));
        assert_eq!((&here).read(&mut [0]).unwrap_err().kind(), ErrorKind::TimedOut);
        assert!(began.elapsed() >= 4 * time && began.elapsed() < 20 * time);
        here.set_recv_timeout(None);
        let waits = this_thread();
        thread::scope(|scope| {
            scope.spawn(|| {
                interrupted(&waits);
                there.send_all(b"x").unwrap();
            });
            assert_eq!((&here).read(&mut [0; 8]).unwrap(), 1);
        });
        assert!(storm.deliveries() > 10);
    });
}

/// Sends half of what it announced, says so, and waits to be killed.
fn dies_in_mid_message(role: &mut Role) {
    let stream = LocalStream::connect(role.arg(0)).unwrap();
    stream.send_all(b"100 bytes follow: half").unwrap();
    role.say("sent");
    role.hear();
}

#[test]
fn a_peer_that_is_killed_in_mid_message_is_an_end_and_no_wait() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let mut child = Child::run("dies in mid-message", &[path.to_str().unwrap()]);
        let mut stream = listener.accept().unwrap();
        child.wait_for("sent");
        stream.send_all(b"not read").unwrap();
        child.kill();
        let mut message = [0; 118];
        let err = stream.read_exact(&mut message).unwrap_err();
        // With bytes of ours unread, the system says that the connection was reset.
        assert!([ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset].contains(&err.kind()));
        assert_eq!(&message[..22], b"100 bytes follow: half");
        assert_eq!(stream.send_all(b"x").unwrap_err().errno(), Some(Errno::EPIPE));
    });
}

fn connected_and_silent(role: &mut Role) {
    let stream = LocalStream::connect(role.arg(0)).unwrap();
    role.say("connected");
    role.wait_for("speak");
    stream.send_all(b"x").unwrap();
    role.hear();
}

#[test]
fn a_peer_that_is_stopped_is_slow_and_not_gone() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let mut child = Child::run("connected and silent", &[path.to_str().unwrap()]);
        let stream = listener.accept().unwrap();
        child.wait_for("connected");
        child.stop();
        assert_eq!(stream.recv_timeout(&mut [0], SHORT).unwrap(), None);
        assert!(stream.peer().unwrap().is_alive().unwrap());
        let mut sent = 0;
        while let Some(more) = stream.try_send(&[0; 4096]).unwrap() {
            sent += more;
        }
        assert!(sent > 0 && !stream.send_all_timeout(b"x", SHORT).unwrap());
        child.cont();
        child.tell("speak");
        assert_eq!(stream.recv(&mut [0]).unwrap(), 1);
        child.kill();
        let _ = stream.recv(&mut [0]);
        assert_eq!(stream.send_all(b"x").unwrap_err().errno(), Some(Errno::EPIPE));
    });
}

#[test]
fn a_part_that_was_sent_by_the_deadline_is_an_error_that_says_how_much() {
    let (here, _there) = LocalStream::pair().unwrap();
    let err = here.send_all_timeout(&vec![0; 10 << 20], SHORT).unwrap_err();
    assert_eq!(err.errno(), Some(Errno::ETIMEDOUT));
    assert!(err.to_string().contains("of 10485760 bytes"), "{err}");
}

#[test]
fn a_full_backlog_makes_connect_wait_until_one_is_accepted() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind_with(&path, BindOptions::new().backlog(0)).unwrap();
        let _first = LocalStream::connect(&path).unwrap();
        assert!(LocalStream::try_connect(&path, ConnectOptions::new()).unwrap().is_none());
        thread::scope(|scope| {
            let second = scope.spawn(|| LocalStream::connect(&path).unwrap());
            let _accepted = listener.accept().unwrap();
            assert!(second.join().is_ok());
        });
    });
}

#[test]
fn vectored_peeked_and_non_blocking_reads_do_what_they_do_in_std() {
    let (mut here, mut there) = LocalStream::pair().unwrap();
    let parts = [IoSlice::new(b"ab"), IoSlice::new(b"cde")];
    assert_eq!(here.write_vectored(&parts).unwrap(), 5);
    assert_eq!(there.peek(&mut [0; 8]).unwrap(), 5);
    let (mut one, mut two) = ([0; 3], [0; 8]);
    let mut into = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
    assert_eq!(there.read_vectored(&mut into).unwrap(), 5);
    assert_eq!((&one, &two[..2]), (b"abc", &b"de"[..]));
    there.set_nonblocking(true).unwrap();
    assert_eq!(there.read(&mut one).unwrap_err().kind(), ErrorKind::WouldBlock);
    assert_eq!(there.recv_timeout(&mut one, SHORT).unwrap(), None);
    // `recv` waits all the same.
    thread::scope(|scope| {
        scope.spawn(|| here.send_all(b"x").unwrap());
        assert_eq!(there.recv(&mut one).unwrap(), 1);
    });
    assert!(there.take_error().unwrap().is_none());
}

#[test]
fn a_listener_that_was_passed_on_takes_no_limit_from_its_clones() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let _passed_on = UnixListener::from(listener.try_clone().unwrap());
        assert!(listener.try_accept().unwrap().is_none());
        assert!(listener.accept_timeout(SHORT).unwrap().is_none());
        let _client = LocalStream::connect(&path).unwrap();
        listener.accept().unwrap();
    });
}

#[test]
fn more_parts_than_the_system_takes_at_once_are_sent_and_received_in_part() {
    let (mut here, mut there) = LocalStream::pair().unwrap();
    let sent = here.write_vectored(&[IoSlice::new(b"x"); 5000]).unwrap();
    assert!(sent > 0);
    let mut bytes = [0; 5000];
    let mut into: Vec<_> = bytes.chunks_mut(1).map(IoSliceMut::new).collect();
    assert!((1..=sent).contains(&there.read_vectored(&mut into).unwrap()));
}

#[test]
fn halves_work_in_two_threads_and_reunite_only_with_each_other() {
    let (here, there) = LocalStream::pair().unwrap();
    let (mut recv, mut send) = here.split();
    let echo = thread::spawn(move || {
        let (mut recv, mut send) = there.split();
        std::io::copy(&mut recv, &mut send).unwrap();
        recv.reunite(send).unwrap()
    });
    let sender = thread::spawn(move || {
        send.write_all(&[7; 100_000]).unwrap();
        send.socket().shutdown(Direction::Write).unwrap();
        send
    });
    let mut bytes = vec![0; 100_000];
    recv.read_exact(&mut bytes).unwrap();
    let (send, there) = (sender.join().unwrap(), echo.join().unwrap());
    let (other_recv, other_send) = there.split();
    let (recv, other_send) = recv.reunite(other_send).unwrap_err();
    assert_eq!(recv.socket().as_raw_fd(), send.as_fd().as_raw_fd());
    assert!(recv.reunite(send).is_ok() && other_recv.reunite(other_send).is_ok());
}

#[test]
fn dropping_a_half_does_not_end_its_direction() {
    let (here, there) = LocalStream::pair().unwrap();
    let (recv, send) = here.split();
    drop(send);
    assert_eq!(there.recv_timeout(&mut [0], SHORT).unwrap(), None);
    drop(recv);
    assert_eq!(there.recv(&mut [0]).unwrap(), 0);
}

#[test]
fn sockets_come_from_std_and_go_back_and_what_is_wrong_is_handed_back() {
    let dir = fixture::dir();
    let path = dir.join("s");
    let listener = LocalListener::try_from(OwnedFd::from(UnixListener::bind(&path).unwrap()));
    let listener = listener.unwrap();
    let mut client = UnixStream::connect(&path).unwrap();
    let server = UnixStream::from(listener.accept().unwrap());
    client.write_all(b"x").unwrap();
    let server = LocalStream::from(server);
    assert_eq!(server.recv(&mut [0]).unwrap(), 1);
    let std = UnixListener::from(listener);
    let _second = LocalStream::connect(&path).unwrap();
    std.accept().unwrap();
    drop(std);
    assert!(path.exists(), "a name that came from elsewhere is left alone");

    let refused = Seqpacket::try_from(OwnedFd::from(server)).unwrap_err();
    assert!(refused.error().is_mismatch(), "{refused}");
    assert!(refused.to_string().contains("found a stream socket, wanted a seqpacket socket"));
    assert!(LocalStream::try_from(refused.into_value()).is_ok());
    let file = OwnedFd::from(std::fs::File::open("/dev/null").unwrap());
    let refused = LocalStream::try_from(file).unwrap_err();
    assert!(refused.to_string().contains("found something that is no socket"), "{refused}");
    let tcp = OwnedFd::from(std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let refused = LocalListener::try_from(tcp).unwrap_err();
    assert!(refused.to_string().contains("another family"), "{refused}");
}
