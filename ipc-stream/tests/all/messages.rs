//! Descriptors and credentials in messages.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::thread;

use crate::sys::close_standard_input;
use ipc_core::{Errno, ProcessId, UserId};
use ipc_stream::{
    BindOptions, ConnectOptions, Datagram, LocalListener, LocalStream, Message, Policy, Received,
    Seqpacket, SeqpacketListener, Socket, SocketName, pipe,
};
use ipc_testkit::{
    Child, ChildOptions, LeakCheck, Part, Rng, Role, Root, figures, fixture, rounds, watchdog,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("sends a file", sends_a_file),
    ("no descriptors left", no_descriptors_left),
    ("receives with few descriptors", receives_with_few_descriptors),
    ("random messages", random_messages),
    ("standard input is closed", standard_input_is_closed),
    ("intruder", intruder),
];

fn open_count() -> usize {
    fs::read_dir("/proc/self/fd").unwrap().count() - 1
}

fn sends_a_file(role: &mut Role) {
    let stream = LocalStream::connect(role.arg(0)).unwrap();
    let mut file =
        File::from(rustix::fs::memfd_create("m", rustix::fs::MemfdFlags::empty()).unwrap());
    file.write_all(b"in a file").unwrap();
    stream.send_message(&Message::new(b"here it is").descriptor(&file)).unwrap();
    role.wait_for("end");
}

#[test]
fn a_descriptor_arrives_in_another_process_as_the_same_open_file() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let mut child = Child::run("sends a file", &[path.to_str().unwrap()]);
        let stream = listener.accept().unwrap();
        let mut bytes = [0; 64];
        let received = stream.recv_message(&mut bytes, 1).unwrap();
        assert_eq!(&bytes[..received.len()], b"here it is");
        let [fd] = <[OwnedFd; 1]>::try_from(received.into_descriptors()).unwrap();
        let flags = rustix::io::fcntl_getfd(&fd).unwrap();
        assert!(flags.contains(rustix::io::FdFlags::CLOEXEC));
        let (mut file, mut text) = (File::from(fd), String::new());
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "in a file");
        child.tell("end");
        child.finish();
    });
}

#[test]
fn all_kinds_carry_up_to_253_descriptors_and_refuse_more() {
    let null = File::open("/dev/null").unwrap();
    let many = |count| Message::new(b"x").descriptors(std::iter::repeat_n(null.as_fd(), count));
    let (one, two) = (LocalStream::pair().unwrap(), Seqpacket::pair().unwrap());
    let three = Datagram::pair().unwrap();
    for count in [1, 2, 252, 253] {
        one.0.send_message(&many(count)).unwrap();
        two.0.send_message(&many(count)).unwrap();
        three.0.send_message(&many(count)).unwrap();
        let got = [
            one.1.recv_message(&mut [0], count).unwrap(),
            two.1.recv_message(&mut [0], count).unwrap(),
            three.1.recv_message(&mut [0], count).unwrap(),
        ];
        assert!(got.iter().all(|got| got.descriptors().len() == count && got.len() == 1));
    }
    assert!(one.0.send_message(&many(254)).unwrap_err().is_invalid_argument());
    assert!(three.0.send_message(&many(254)).unwrap_err().is_invalid_argument());
}

#[test]
fn descriptors_need_bytes_on_a_connection_and_none_in_a_datagram() {
    let null = File::open("/dev/null").unwrap();
    let message = Message::new(b"").descriptor(&null);
    let (stream, _other) = LocalStream::pair().unwrap();
    assert!(stream.send_message(&message).unwrap_err().is_invalid_argument());
    let (here, there) = Datagram::pair().unwrap();
    here.send_message(&message).unwrap();
    let received = there.recv_message(&mut [], 1).unwrap();
    assert_eq!((received.len(), received.descriptors().len()), (0, 1));
}

#[test]
fn on_a_stream_descriptors_come_with_the_first_byte_sent_with_them() {
    let (here, there) = LocalStream::pair().unwrap();
    let null = File::open("/dev/null").unwrap();
    here.send_all(b"before").unwrap();
    here.send_message(&Message::new(b"with one").descriptor(&null)).unwrap();
    here.send_message(&Message::new(b"another").descriptor(&null)).unwrap();
    let mut bytes = [0; 64];
    let mut taken = (Vec::new(), Vec::new());
    while taken.0.len() < 21 {
        let received = there.recv_message(&mut bytes, 2).unwrap();
        taken.0.extend_from_slice(&bytes[..received.len()]);
        assert!(received.descriptors().len() <= 1);
        taken.1.extend(received.into_descriptors());
    }
    assert_eq!((taken.0, taken.1.len()), (b"beforewith oneanother".to_vec(), 2));
}

#[test]
fn a_stream_sends_all_bytes_of_a_message_and_its_descriptors_once() {
    let (here, mut there) = LocalStream::pair().unwrap();
    let null = File::open("/dev/null").unwrap();
    let bytes = vec![7; 1 << 20];
    thread::scope(|scope| {
        scope.spawn(|| {
            here.send_message(&Message::new(&bytes).descriptor(&null)).unwrap();
        });
        let mut chunk = [0; 1000];
        let first = there.recv_message(&mut chunk, 4).unwrap();
        assert_eq!(first.descriptors().len(), 1);
        let mut rest = vec![0; bytes.len() - first.len()];
        there.read_exact(&mut rest).unwrap();
    });
    assert!(there.try_recv_message(&mut [0], 4).unwrap().is_none());
}

/// Runs alone in its process, as it counts descriptors.
fn no_descriptors_left(_: &mut Role) {
    let (here, there) = Seqpacket::pair().unwrap();
    let null = File::open("/dev/null").unwrap();
    let many = |count| Message::new(b"x").descriptors(std::iter::repeat_n(null.as_fd(), count));
    let leaks = LeakCheck::of_this_process();
    // Bytes only, or fewer than were sent: the rest is closed by the system, what came by us.
    here.send_message(&many(5)).unwrap();
    assert_eq!(there.recv(&mut [0]).unwrap(), 1);
    for room in [0, 1, 4] {
        here.send_message(&many(5)).unwrap();
        let err = there.recv_message(&mut [0], room).unwrap_err();
        assert!(err.is_too_long(), "{err}");
        let why = match room {
            0 => String::from("the message carries descriptors, and none were asked for"),
            room => format!("the message carries more than {room} descriptors"),
        };
        assert!(err.to_string().ends_with(&why), "{err}");
    }
    // Too many bytes.
    here.send_message(&Message::new(b"xyz").descriptor(&null)).unwrap();
    assert!(there.recv_message(&mut [0], 1).unwrap_err().is_too_long());
    leaks.finish();

    // No room for all of them in this process.
    let leaks = LeakCheck::of_this_process();
    let limit = getrlimit(Resource::Nofile);
    let now = u64::try_from(open_count()).unwrap();
    here.send_message(&many(200)).unwrap();
    here.send_message(&many(1)).unwrap();
    setrlimit(Resource::Nofile, Rlimit { current: Some(now + 20), ..limit }).unwrap();
    let err = there.recv_message(&mut [0], 253).unwrap_err();
    setrlimit(Resource::Nofile, limit).unwrap();
    assert_eq!(err.errno(), Some(Errno::EMFILE), "{err}");
    assert!(err.is_no_space());
    leaks.finish();
    assert_eq!(there.recv_message(&mut [0], 1).unwrap().descriptors().len(), 1);
}

#[test]
fn truncated_and_unwelcome_descriptors_are_errors_and_none_leaks() {
    watchdog(|| Child::run("no descriptors left", &[]).finish());
}

/// Receives from its parent more than it may have open, on every kind of socket.
fn receives_with_few_descriptors(role: &mut Role) {
    fn receive<K: ipc_stream::kind::Kind>(role: &mut Role, socket: &Socket<K>) {
        let leaks = LeakCheck::of_this_process();
        let limit = getrlimit(Resource::Nofile);
        let now = u64::try_from(open_count()).unwrap();
        role.say("ready");
        role.wait_for("sent");
        setrlimit(Resource::Nofile, Rlimit { current: Some(now + 20), ..limit }).unwrap();
        let err = socket.recv_message(&mut [0], 253).unwrap_err();
        setrlimit(Resource::Nofile, limit).unwrap();
        assert!(err.is_no_space() && err.call() == "recvmsg", "{err}");
        assert!(
            err.to_string().contains("descriptors of the message fit under `ulimit -n`"),
            "{err}"
        );
        leaks.finish();
        assert_eq!(socket.recv_message(&mut [0], 1).unwrap().descriptors().len(), 1);
    }
    receive(role, &LocalStream::connect(role.arg(0)).unwrap());
    receive(role, &Seqpacket::connect(role.arg(1)).unwrap());
    receive(role, &Datagram::bind(role.arg(2)).unwrap());
}

#[test]
fn a_message_with_more_files_than_may_be_open_is_an_error_and_none_leaks() {
    watchdog(|| {
        let dir = fixture::dir();
        let [stream, packets, datagrams] = ["s", "p", "d"].map(|name| dir.join(name));
        let arguments = [&stream, &packets, &datagrams].map(|path| path.to_str().unwrap());
        let (streams, seqpackets) =
            (LocalListener::bind(&stream).unwrap(), SeqpacketListener::bind(&packets).unwrap());
        let mut child = Child::run("receives with few descriptors", &arguments);
        let null = File::open("/dev/null").unwrap();
        let many = |count| Message::new(b"x").descriptors(std::iter::repeat_n(null.as_fd(), count));
        child.wait_for("ready");
        let stream = streams.accept().unwrap();
        [200, 1].into_iter().for_each(|count| stream.send_message(&many(count)).unwrap());
        child.tell("sent");
        child.wait_for("ready");
        let packets = seqpackets.accept().unwrap();
        [200, 1].into_iter().for_each(|count| packets.send_message(&many(count)).unwrap());
        child.tell("sent");
        child.wait_for("ready");
        let sender = Datagram::connect(&datagrams).unwrap();
        [200, 1].into_iter().for_each(|count| sender.send_message(&many(count)).unwrap());
        child.tell("sent");
        child.finish();
    });
}

/// Sends and receives with random numbers of bytes and descriptors, and room for some.
fn random_messages(_: &mut Role) {
    let mut rng = Rng::new();
    let null = File::open("/dev/null").unwrap();
    let before = LeakCheck::of_this_process();
    let (mut whole, mut refused) = (0, 0);
    let count = rounds(20_000, 1_000_000);
    {
        let stream = LocalStream::pair().unwrap();
        let packets = Seqpacket::pair().unwrap();
        let datagrams = Datagram::pair().unwrap();
        let mut bytes = [0; 600];
        for _ in 0..count {
            let (len, fds) = (1 + rng.index(300), rng.index(8));
            let (room, fd_room) = (1 + rng.index(300), rng.index(8));
            let on = rng.below(2) == 0;
            let message = Message::new(&[9; 300][..len]);
            let message = message.descriptors(std::iter::repeat_n(null.as_fd(), fds));
            let message = if rng.below(2) == 0 { message.credentials() } else { message };
            let into = &mut bytes[..room];
            let result = match rng.below(3) {
                0 => {
                    stream.1.set_pass_credentials(on).unwrap();
                    stream.0.send_message(&message).unwrap();
                    let result = stream.1.recv_message(into, fd_room);
                    while stream.1.try_recv(&mut [0; 600]).unwrap().is_some() {}
                    result
                }
                1 => {
                    packets.1.set_pass_credentials(on).unwrap();
                    packets.0.send_message(&message).unwrap();
                    packets.1.recv_message(into, fd_room)
                }
                _ => {
                    datagrams.1.set_pass_credentials(on).unwrap();
                    datagrams.0.send_message(&message).unwrap();
                    datagrams.1.recv_message(into, fd_room)
                }
            };
            match result {
                Ok(received) => {
                    assert_eq!(received.descriptors().len(), fds);
                    assert_eq!(received.peer().is_some(), on);
                    whole += 1;
                }
                Err(err) => {
                    assert!(err.is_too_long() && (fds > fd_room || len > room), "{err}");
                    refused += 1;
                }
            }
        }
    }
    before.finish();
    figures(format_args!("{count} messages, {whole} whole, {refused} refused, no descriptor left"));
}

#[test]
fn any_message_is_whole_or_an_error_and_no_descriptor_is_left() {
    watchdog(|| Child::run("random messages", &[]).finish());
}

fn standard_input_is_closed(_: &mut Role) {
    close_standard_input();
    let lowest = File::open("/dev/null").unwrap();
    assert_eq!(lowest.as_raw_fd(), 0);
    drop(lowest);
    let above = |fd: &dyn AsFd| assert!(fd.as_fd().as_raw_fd() > 2, "{:?}", fd.as_fd());
    let (here, there) = LocalStream::pair().unwrap();
    above(&here);
    above(&there);
    here.send_message(&Message::new(b"x").descriptor(&here)).unwrap();
    let received = there.recv_message(&mut [0], 1).unwrap();
    above(&received.descriptors()[0]);
    let (reader, writer) = pipe().unwrap();
    above(&reader);
    above(&writer);
    above(&here.try_clone().unwrap());
    above(&here.peer().unwrap().descriptor().unwrap());
}

#[test]
fn no_descriptor_gets_the_number_of_standard_input() {
    watchdog(|| {
        Child::run("standard input is closed", &[]).finish();
    });
}

#[test]
fn credentials_come_with_each_message_that_asks_for_them() {
    let (here, there) = Seqpacket::pair().unwrap();
    here.send(b"x").unwrap();
    assert!(there.recv_message(&mut [0], 0).unwrap().peer().is_none());
    there.set_pass_credentials(true).unwrap();
    for message in [Message::new(b"x"), Message::new(b"x").credentials()] {
        here.send_message(&message).unwrap();
        let received = there.recv_message(&mut [0], 0).unwrap();
        let peer = received.peer().unwrap();
        assert_eq!(peer.process(), Some(ProcessId::current()));
        assert_eq!(peer.user(), UserId::effective());
        assert!(peer.is_alive().unwrap());
        let own = std::env::current_exe().unwrap();
        assert_eq!(peer.executable().unwrap(), own);
    }
}

#[test]
fn the_sender_of_an_earlier_message_is_not_known() {
    fn late<K: ipc_stream::kind::Kind>(pair: (Socket<K>, Socket<K>)) {
        let (here, there) = pair;
        here.send_message(&Message::new(b"early")).unwrap();
        there.set_pass_credentials(true).unwrap();
        here.send_message(&Message::new(b"late")).unwrap();
        let peer = |message: Received| message.peer().map(|peer| peer.user());
        let mut bytes = [0; 5];
        assert_eq!(peer(there.recv_message(&mut bytes, 0).unwrap()), None);
        let late = there.recv_message(&mut bytes, 0).unwrap();
        assert_eq!(peer(late), Some(UserId::effective()));
    }
    late(LocalStream::pair().unwrap());
    late(Seqpacket::pair().unwrap());
    late(Datagram::pair().unwrap());

    let dir = fixture::dir();
    let path = dir.join("d");
    let mut socket = Datagram::bind(&path).unwrap();
    let sender = Datagram::connect(&path).unwrap();
    sender.send(b"early").unwrap();
    socket
        .set_policy(Policy::new().user(UserId::new(Root::NOBODY)).user(UserId::effective()))
        .unwrap();
    sender.send(b"late").unwrap();
    assert_eq!(socket.recv(&mut [0; 8]).unwrap(), 4);
}

#[test]
fn a_peek_shows_nothing_of_a_sender_that_the_policy_does_not_admit() {
    let dir = fixture::dir();
    let options = BindOptions::new().policy(Policy::new().user(UserId::new(4711)));
    let socket = Datagram::bind_with(dir.join("d"), options).unwrap();
    Datagram::unbound().unwrap().send_to(b"secret", dir.join("d")).unwrap();
    let mut bytes = [0; 8];
    let err = socket.peek(&mut bytes).unwrap_err();
    assert!(err.is_unsupported() && err.call() == "recv", "{err}");
    assert_eq!(bytes, [0; 8]);
}

#[test]
fn both_ends_of_a_connection_may_ask_for_credentials_before_it_is_made() {
    let dir = fixture::dir();
    let path = dir.join("s");
    let options = BindOptions::new().pass_credentials();
    let listener = LocalListener::bind_with(&path, options).unwrap();
    let options = ConnectOptions::new().pass_credentials();
    let client = LocalStream::connect_with(&path, options).unwrap();
    client.send_all(b"before it is accepted").unwrap();
    let server = listener.accept().unwrap();
    server.send_all(b"at once").unwrap();
    for socket in [&client, &server] {
        let received = socket.recv_message(&mut [0; 64], 0).unwrap();
        assert_eq!(received.peer().unwrap().process(), Some(ProcessId::current()));
    }
}

/// Sends a datagram as another user.
fn intruder(role: &mut Role) {
    let socket = Datagram::unbound().unwrap();
    socket.send_to(b"let me in", role.arg(0)).unwrap();
    let file = File::open("/dev/null").unwrap();
    let name = SocketName::new(role.arg(0)).unwrap();
    let message = Message::new(b"with a file").descriptor(&file).to(&name);
    socket.send_message(&message).unwrap();
}

#[test]
fn datagrams_of_senders_that_the_policy_does_not_admit_are_left_out() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("d");
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&*dir, fs::Permissions::from_mode(0o777)).unwrap();
        let options = BindOptions::new().permissions(0o666).policy(Policy::same_user());
        let socket = Datagram::bind_with(&path, options).unwrap();
        let nobody = ChildOptions::role("intruder").as_user(root, Root::NOBODY);
        Child::run(nobody, &[path.to_str().unwrap()]).finish();
        Datagram::unbound().unwrap().send_to(b"me", &path).unwrap();
        let mut bytes = [0; 64];
        let received = socket.recv_message(&mut bytes, 4).unwrap();
        assert_eq!((&bytes[..received.len()], received.descriptors().len()), (&b"me"[..], 0));
        assert_eq!(socket.try_recv(&mut bytes).unwrap(), None);
    });
}

#[test]
fn a_socket_that_refuses_descriptors_makes_sending_some_an_error() {
    let null = File::open("/dev/null").unwrap();
    let with_file = || Message::new(b"x").descriptor(&null);
    let (here, there) = LocalStream::pair().unwrap();
    match there.refuse_descriptors() {
        Err(err) if err.is_unsupported() => return ipc_testkit::skip("needs Linux 6.16"),
        done => done.unwrap(),
    }
    assert!(here.send_message(&with_file()).unwrap_err().is_permission_denied());
    here.send_all(b"x").unwrap();

    let dir = fixture::dir();
    let path = dir.join("s");
    let options = BindOptions::new().refuse_descriptors();
    let listener = LocalListener::bind_with(&path, options).unwrap();
    let client = LocalStream::connect(&path).unwrap();
    // Before it is accepted, too.
    assert!(client.send_message(&with_file()).unwrap_err().is_permission_denied());
    listener.accept().unwrap().send_message(&with_file()).unwrap();
}
