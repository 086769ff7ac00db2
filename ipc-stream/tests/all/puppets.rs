//! Sockets between two processes, of which the other executes commands.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Seek, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use ipc_core::Errno;
use ipc_stream::kind::Kind;
use ipc_stream::{
    BindOptions, ConnectOptions, Datagram, Direction, LocalListener, LocalStream, Message, Policy,
    Received, Seqpacket, SeqpacketListener, Socket, SocketName,
};
use ipc_testkit::{Child, Part, Role, fixture, watchdog};
use rustix::fs::{MemfdFlags, memfd_create};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("puppet", puppet),
    ("serves by all names", serves_by_all_names),
    ("backlog of one", backlog_of_one),
];

const SHORT: Duration = Duration::from_millis(20);

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A file without a name that contains this text, at its beginning.
fn file(text: &str) -> File {
    let mut file = File::from(memfd_create("m", MemfdFlags::CLOEXEC).unwrap());
    file.write_all(text.as_bytes()).unwrap();
    file.rewind().unwrap();
    file
}

fn content(fd: OwnedFd) -> String {
    let mut text = String::new();
    File::from(fd).read_to_string(&mut text).unwrap();
    text
}

/// Connects a socket of the kind in its first argument to the name in its second, and executes
/// commands.
fn puppet(role: &mut Role) {
    let (kind, to) = (role.arg(0).to_owned(), SocketName::new(role.arg(1)).unwrap());
    match &*kind {
        "stream" => execute(role, LocalStream::connect(&to).unwrap(), None),
        "seqpacket" => execute(role, Seqpacket::connect(&to).unwrap(), None),
        _ => {
            let own = Datagram::bind(role.arg(2)).unwrap();
            execute(role, own, Some(&to));
        }
    }
}

fn give<'a, K: Kind>(socket: &Socket<K>, message: Message<'a>, to: Option<&'a SocketName>) {
    let message = if let Some(to) = to { message.to(to) } else { message };
    socket.send_message(&message).unwrap();
}

fn execute<K: Kind>(role: &mut Role, socket: Socket<K>, to: Option<&SocketName>) {
    let mut bytes = [0; 4096];
    role.say("ready");
    loop {
        let line = role.hear();
        let (verb, text) = line.split_once(' ').unwrap_or((&line, ""));
        match verb {
            "send" => give(&socket, Message::new(text.as_bytes()), to),
            "send-file" => give(&socket, Message::new(b"here").descriptor(&file(text)), to),
            "send-as-myself" => give(&socket, Message::new(text.as_bytes()).credentials(), to),
            "shutdown" => socket.shutdown(Direction::Write).unwrap(),
            // Without waiting: the parent has sent it before.
            "receive" => {
                let said = match socket.try_recv_message(&mut bytes, 4).unwrap() {
                    None => "nothing".to_owned(),
                    Some(received) if received.len() == 0 && to.is_none() => "the end".to_owned(),
                    Some(received) => {
                        let text = String::from_utf8_lossy(&bytes[..received.len()]).into_owned();
                        let files = received.into_descriptors().into_iter().map(content);
                        files.fold(text, |text, file| format!("{text}, the file {file}"))
                    }
                };
                role.say(&said);
                continue;
            }
            _ => return,
        }
        role.say("done");
    }
}

/// Lets a puppet do something, and waits until it has.
fn order(puppet: &mut Child, what: &str) {
    puppet.tell(what);
    puppet.wait_for("done");
}

/// Returns the message that a puppet receives.
fn received(puppet: &mut Child) -> String {
    puppet.tell("receive");
    puppet.hear()
}

/// A stream to a puppet.
fn stream(dir: &Path) -> (LocalStream, Child) {
    let path = dir.join("s");
    let listener = LocalListener::bind(&path).unwrap();
    let mut puppet = Child::run("puppet", &["stream", text(&path)]);
    puppet.wait_for("ready");
    (listener.accept().unwrap(), puppet)
}

#[test]
fn a_stream_does_to_another_process_what_that_of_std_does() {
    watchdog(|| {
        let dir = fixture::dir();
        let (mut stream, mut puppet) = stream(&dir);
        (&stream).write_all(b"by reference").unwrap();
        assert_eq!(received(&mut puppet), "by reference");
        let parts = [IoSlice::new(b"in "), IoSlice::new(b"parts")];
        assert_eq!(stream.write_vectored(&parts).unwrap(), 8);
        assert_eq!(received(&mut puppet), "in parts");

        order(&mut puppet, "send abcde");
        assert_eq!(stream.peek(&mut [0; 8]).unwrap(), 5);
        let (mut one, mut two) = ([0; 3], [0; 8]);
        let mut into = [IoSliceMut::new(&mut one), IoSliceMut::new(&mut two)];
        assert_eq!(stream.read_vectored(&mut into).unwrap(), 5);
        assert_eq!((&one, &two[..2]), (b"abc", &b"de"[..]));

        stream.set_nonblocking(true).unwrap();
        assert_eq!(stream.read(&mut one).unwrap_err().kind(), ErrorKind::WouldBlock);
        stream.set_nonblocking(false).unwrap();
        stream.set_recv_timeout(Some(SHORT));
        stream.set_send_timeout(Some(SHORT));
        assert_eq!(stream.read(&mut one).unwrap_err().kind(), ErrorKind::TimedOut);

        // The same connection as a value of other types, and as another handle.
        let stream = LocalStream::from(UnixStream::from(stream));
        let stream = LocalStream::try_from(OwnedFd::from(stream)).unwrap();
        let mut clone = stream.try_clone().unwrap();
        order(&mut puppet, "send x");
        assert_eq!(clone.read(&mut one).unwrap(), 1);
        clone.set_send_timeout(Some(SHORT));
        let full = clone.write_all(&vec![7; 10 << 20]).unwrap_err();
        assert_eq!(full.kind(), ErrorKind::TimedOut);

        // Killed with bytes of ours unread: the error that waits at the socket.
        assert!(stream.take_error().unwrap().is_none());
        puppet.kill();
        assert_eq!(stream.take_error().unwrap().unwrap().errno(), Some(Errno::ECONNRESET));
        assert!(stream.take_error().unwrap().is_none());
    });
}

#[test]
fn halves_of_a_connection_with_another_process_end_only_when_asked_to() {
    watchdog(|| {
        let dir = fixture::dir();
        let (ours, mut puppet) = stream(&dir);
        let (mut recv, send) = ours.split();
        drop(send);
        assert_eq!(received(&mut puppet), "nothing");
        order(&mut puppet, "send one");
        assert_eq!(recv.read(&mut [0; 8]).unwrap(), 3);
        drop(recv);
        assert_eq!(received(&mut puppet), "the end");

        let (ours, mut puppet) = stream(&dir);
        let (recv, mut send) = ours.split();
        send.write_all(b"two").unwrap();
        assert_eq!(received(&mut puppet), "two");
        let (other, _other) = LocalStream::pair().unwrap();
        let (other_recv, other_send) = other.split();
        let (recv, other_send) = recv.reunite(other_send).unwrap_err();
        let ours = recv.reunite(send).unwrap();
        assert!(other_recv.reunite(other_send).is_ok());
        ours.shutdown(Direction::Write).unwrap();
        assert_eq!(received(&mut puppet), "the end");
        order(&mut puppet, "send three");
        assert_eq!(ours.recv(&mut [0; 8]).unwrap(), 5);
    });
}

#[test]
fn seqpacket_messages_of_another_process_keep_their_size_and_end() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = SeqpacketListener::bind(&path).unwrap();
        let mut puppet = Child::run("puppet", &["seqpacket", text(&path)]);
        puppet.wait_for("ready");
        let socket = listener.accept().unwrap();
        assert_eq!(socket.peer().unwrap().process().unwrap().raw(), puppet.pid());
        order(&mut puppet, "send one");
        order(&mut puppet, "send and two");
        order(&mut puppet, "send longer than the buffer");
        order(&mut puppet, "shutdown");
        let mut bytes = [0; 16];
        assert_eq!(socket.peek(&mut []).unwrap(), 3);
        assert_eq!(socket.recv(&mut bytes).unwrap(), 3);
        assert_eq!((socket.recv(&mut bytes).unwrap(), &bytes[..7]), (7, &b"and two"[..]));
        let err = socket.recv(&mut bytes).unwrap_err();
        assert!(err.to_string().contains("a message of 22 bytes, a buffer of 16"), "{err}");
        assert_eq!(socket.recv(&mut bytes).unwrap(), 0);
        socket.send(b"three").unwrap();
        socket.send(b"four").unwrap();
        assert_eq!(received(&mut puppet), "three");
        assert_eq!(received(&mut puppet), "four");
        assert_eq!(received(&mut puppet), "nothing");
        puppet.kill();
        assert_eq!(socket.send(b"x").unwrap_err().errno(), Some(Errno::EPIPE));
    });
}

#[test]
fn datagrams_of_another_process_have_their_size_and_sender() {
    watchdog(|| {
        let dir = fixture::dir();
        let (ours, theirs) = (dir.join("ours"), dir.join("theirs"));
        let socket = Datagram::bind(&ours).unwrap();
        let mut bytes = [0; 16];
        assert_eq!(socket.try_recv(&mut bytes).unwrap(), None);
        let mut puppet = Child::run("puppet", &["datagram", text(&ours), text(&theirs)]);
        puppet.wait_for("ready");
        for message in ["one", "", "longer than the buffer", "two"] {
            order(&mut puppet, &format!("send {message}"));
        }
        assert_eq!(socket.peek(&mut []).unwrap(), 3);
        let (len, sender) = socket.recv_from(&mut bytes).unwrap();
        let sender = sender.unwrap();
        assert_eq!((&bytes[..len], sender.as_path()), (&b"one"[..], Some(&*theirs)));
        assert_eq!(socket.recv(&mut bytes).unwrap(), 0);
        let err = socket.recv(&mut bytes).unwrap_err();
        assert!(err.to_string().contains("a message of 22 bytes, a buffer of 16"), "{err}");
        assert_eq!(socket.recv(&mut bytes).unwrap(), 3);
        socket.send_to(b"back", &sender).unwrap();
        assert_eq!(received(&mut puppet), "back");
        // A name goes with its socket; that of a killed process stays, and is replaced.
        puppet.tell("end");
        puppet.finish();
        assert!(!theirs.exists());
        assert!(socket.send_to(b"x", &sender).unwrap_err().is_not_found());
        let start = || Child::run("puppet", &["datagram", text(&ours), text(&theirs)]);
        let mut killed = start();
        killed.wait_for("ready");
        killed.kill();
        assert!(socket.send_to(b"x", &sender).unwrap_err().is_closed());
        let mut puppet = start();
        puppet.wait_for("ready");
        socket.send_to(b"again", &sender).unwrap();
        assert_eq!(received(&mut puppet), "again");
    });
}

/// Descriptors and credentials, both ways, between this process and a puppet.
fn exchange<K: Kind>(socket: &Socket<K>, mut puppet: Child, to: Option<&SocketName>) {
    let pid = |received: &Received| received.peer().unwrap().process().unwrap().raw();
    let mut bytes = [0; 64];
    order(&mut puppet, "send-file from there");
    let got = socket.recv_message(&mut bytes, 1).unwrap();
    assert_eq!((&bytes[..got.len()], got.peer().is_none()), (&b"here"[..], true));
    let [fd] = <[OwnedFd; 1]>::try_from(got.into_descriptors()).unwrap();
    assert_eq!(content(fd), "from there");
    let files = [file("one"), file("two")];
    let both = Message::new(b"files").descriptor(&files[0]).descriptor(&files[1]);
    give(socket, both, to);
    assert_eq!(received(&mut puppet), "files, the file one, the file two");

    socket.set_pass_credentials(true).unwrap();
    for (what, said) in [("send unasked", "unasked"), ("send-as-myself asked", "asked")] {
        order(&mut puppet, what);
        let got = socket.recv_message(&mut bytes, 0).unwrap();
        assert_eq!((&bytes[..got.len()], pid(&got)), (said.as_bytes(), puppet.pid()));
    }
    // A message of a process that was killed since arrives complete.
    order(&mut puppet, "send-file of the dead");
    puppet.kill();
    let got = socket.recv_message(&mut bytes, 1).unwrap();
    // Before Linux 6.16 there is no descriptor of a process that has been waited for.
    match got.peer().unwrap().is_alive() {
        Ok(is_alive) => assert!(!is_alive),
        Err(err) => assert!(err.is_unsupported(), "{err}"),
    }
    let [fd] = <[OwnedFd; 1]>::try_from(got.into_descriptors()).unwrap();
    assert_eq!(content(fd), "of the dead");
}

#[test]
fn all_kinds_carry_descriptors_and_credentials_between_processes() {
    watchdog(|| {
        let dir = fixture::dir();
        let (stream, puppet) = stream(&dir);
        exchange(&stream, puppet, None);

        let path = dir.join("p");
        let listener = SeqpacketListener::bind(&path).unwrap();
        let mut puppet = Child::run("puppet", &["seqpacket", text(&path)]);
        puppet.wait_for("ready");
        exchange(&listener.accept().unwrap(), puppet, None);

        let (ours, theirs) = (dir.join("ours"), dir.join("theirs"));
        let socket = Datagram::bind(&ours).unwrap();
        let mut puppet = Child::run("puppet", &["datagram", text(&ours), text(&theirs)]);
        puppet.wait_for("ready");
        exchange(&socket, puppet, SocketName::from_path(theirs).ok().as_ref());
    });
}

/// Listens at a path that is given from its directory, and at an abstract name.
fn serves_by_all_names(role: &mut Role) {
    std::env::set_current_dir(role.arg(0)).unwrap();
    let file = LocalListener::bind(format!("./{}", role.arg(1)).as_str()).unwrap();
    let options = BindOptions::new().policy(Policy::same_user());
    let hidden = LocalListener::bind_with(role.arg(2), options).unwrap();
    role.say("listens");
    loop {
        match role.hear().as_str() {
            "file" => file.accept().unwrap().send_all(b"file").unwrap(),
            "hidden" => hidden.accept().unwrap().send_all(b"hidden").unwrap(),
            _ => break,
        }
    }
    std::env::set_current_dir("/").unwrap();
}

#[test]
fn a_server_in_another_process_is_reached_by_every_form_of_its_name() {
    watchdog(|| {
        let dir = fixture::dir();
        // As long as names may be.
        let last = "f".repeat(SocketName::MAX_LEN - text(&dir).len() - 1);
        let path = dir.join(&last);
        let hidden = format!("{:x<1$}", &fixture::name()[1..], SocketName::MAX_LEN);
        let hidden_text = format!("@{hidden}");
        let mut child = Child::run("serves by all names", &[text(&dir), &last, &hidden_text]);
        child.wait_for("listens");
        let mut greeted = |socket: LocalStream, by: &str| {
            child.tell(by);
            let mut bytes = [0; 16];
            let len = socket.recv(&mut bytes).unwrap();
            assert_eq!(&bytes[..len], by.as_bytes());
            socket.peer_name().unwrap().unwrap()
        };
        let name = SocketName::from_path(&path).unwrap();
        assert!(!name.is_abstract() && name.as_path() == Some(&*path));
        greeted(LocalStream::connect(text(&path)).unwrap(), "file");
        greeted(LocalStream::connect(&text(&path).to_owned()).unwrap(), "file");
        greeted(LocalStream::connect(&*path).unwrap(), "file");
        greeted(LocalStream::connect(&path).unwrap(), "file");
        greeted(LocalStream::connect(path.clone()).unwrap(), "file");
        greeted(LocalStream::connect(&name).unwrap(), "file");
        greeted(LocalStream::connect(name).unwrap(), "file");
        let by = |name: SocketName| {
            let options = ConnectOptions::new().policy(Policy::same_user());
            LocalStream::connect_with(name, options).unwrap()
        };
        let name = SocketName::new_abstract(hidden.as_bytes()).unwrap();
        assert!(name.is_abstract() && name.as_path().is_none());
        assert_eq!(greeted(by(name.clone()), "hidden"), name);
        assert_eq!(greeted(by(SocketName::new(&hidden_text).unwrap()), "hidden"), name);
        // The file goes where it was bound, and not where the server is by now.
        child.tell("end");
        child.finish();
        assert!(!path.exists());
    });
}

#[test]
fn clients_of_several_processes_come_one_after_the_other() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let mut puppets = [0; 4].map(|_| Child::run("puppet", &["stream", text(&path)]));
        let streams: Vec<_> = listener.incoming().take(4).map(Result::unwrap).collect();
        let pid = |stream: &LocalStream| stream.peer().unwrap().process().unwrap().raw();
        let came: BTreeSet<_> = streams.iter().map(pid).collect();
        assert_eq!(came, puppets.iter().map(Child::pid).collect());
        puppets.iter_mut().for_each(|puppet| puppet.wait_for("ready"));
        for stream in &streams {
            let puppet = puppets.iter_mut().find(|puppet| puppet.pid() == pid(stream)).unwrap();
            stream.send_all(b"to you").unwrap();
            assert_eq!(received(puppet), "to you");
        }
    });
}

/// Accepts one connection for each command; one more may wait.
fn backlog_of_one(role: &mut Role) {
    let options = BindOptions::new().backlog(0);
    let listener = LocalListener::bind_with(role.arg(0), options).unwrap();
    role.say("listens");
    while role.hear() == "accept" {
        drop(listener.accept().unwrap());
    }
}

#[test]
fn connecting_to_a_server_that_is_stopped_waits_as_long_as_asked() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let mut server = Child::run("backlog of one", &[text(&path)]);
        server.wait_for("listens");
        server.stop();
        let options = ConnectOptions::new;
        let _first = LocalStream::connect_timeout(&path, options(), SHORT).unwrap().unwrap();
        assert!(LocalStream::connect_timeout(&path, options(), SHORT).unwrap().is_none());
        assert!(LocalStream::try_connect(&path, options()).unwrap().is_none());
        std::thread::scope(|scope| {
            let second = scope.spawn(|| LocalStream::connect(&path));
            server.tell("accept");
            server.cont();
            assert!(second.join().unwrap().is_ok());
        });
        // A server that dies while one waits is an error and no wait.
        server.stop();
        std::thread::scope(|scope| {
            let third = scope.spawn(|| LocalStream::connect(&path));
            server.kill();
            assert!(third.join().unwrap().unwrap_err().is_closed());
        });
    });
}
