//! Programs at the other end that do not use this crate.

use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;

use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{GenericFilePath, GenericNamespaced, ListenerOptions, Stream};
use ipc_stream::{
    BindOptions, ConnectOptions, Datagram, Direction, LocalListener, LocalStream, Message, Policy,
    Seqpacket, SeqpacketListener, SocketName,
};
use ipc_testkit::{Child as Partner, Part, Role, fixture, skip, watchdog};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("std partner", std_partner), ("interprocess partner", interprocess_partner)];

/// Every byte once.
fn all_bytes() -> [u8; 256] {
    std::array::from_fn(|at| u8::try_from(at).unwrap())
}

/// Sends every byte, and expects it back.
fn sends_and_gets(stream: &mut (impl Read + Write)) {
    let mut bytes = [0; 256];
    stream.write_all(&all_bytes()).unwrap();
    stream.read_exact(&mut bytes).unwrap();
    assert_eq!(bytes, all_bytes());
}

/// Returns every byte to where it came from.
fn returns(stream: &mut (impl Read + Write)) {
    let mut bytes = [0; 256];
    stream.read_exact(&mut bytes).unwrap();
    assert_eq!(bytes, all_bytes());
    stream.write_all(&bytes).unwrap();
}

/// Connects to us, serves us, and answers a datagram, all with `std`.
fn std_partner(role: &mut Role) {
    let [ours, theirs, log] = [0, 1, 2].map(|arg| Path::new(role.arg(arg)).to_owned());
    let mut stream = UnixStream::connect(&ours).unwrap();
    assert_eq!(stream.peer_addr().unwrap().as_pathname(), Some(&*ours));
    sends_and_gets(&mut stream);
    let listener = UnixListener::bind(&theirs).unwrap();
    let socket = UnixDatagram::bind(&log).unwrap();
    role.say("listens");
    let (mut stream, _) = listener.accept().unwrap();
    returns(&mut stream);
    assert_eq!(stream.read_to_end(&mut Vec::new()).unwrap(), 0);
    let mut bytes = [0; 512];
    // Signals end this call of `std`.
    let (len, sender) = loop {
        match socket.recv_from(&mut bytes) {
            Err(err) if err.kind() == ErrorKind::Interrupted => {}
            received => break received.unwrap(),
        }
    };
    assert_eq!(bytes[..len], all_bytes());
    socket.send_to(&bytes[..len], sender.as_pathname().unwrap()).unwrap();
}

#[test]
fn std_in_another_process_gets_and_sends_the_same_bytes() {
    watchdog(|| {
        let dir = fixture::dir();
        let [ours, theirs, log] = ["ours", "theirs", "log"].map(|name| dir.join(name));
        let listener = LocalListener::bind(&ours).unwrap();
        let arguments = [&ours, &theirs, &log].map(|path| path.to_str().unwrap());
        let mut child = Partner::run("std partner", &arguments);
        returns(&mut listener.accept().unwrap());
        child.wait_for("listens");
        let mut stream = LocalStream::connect(&theirs).unwrap();
        sends_and_gets(&mut stream);
        stream.shutdown(Direction::Write).unwrap();
        let socket = Datagram::bind(dir.join("d")).unwrap();
        socket.send_to(&all_bytes(), &log).unwrap();
        let mut bytes = [0; 512];
        let (len, sender) = socket.recv_from(&mut bytes).unwrap();
        assert_eq!((&bytes[..len], sender), (&all_bytes()[..], SocketName::from_path(log).ok()));
        child.finish();
    });
}

/// Starts a program of Python's that says `ready`.
pub(crate) fn python(script: &str, path: &Path) -> Option<(Child, BufReader<ChildStdout>)> {
    let mut command = Command::new("python3");
    command.args(["-c", &format!("import array, os, socket, sys\npath = sys.argv[1]\n{script}")]);
    let started = command.arg(path).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = started else {
        skip("needs Python 3.9");
        return None;
    };
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    Some((child, out))
}

#[test]
fn python_at_the_other_end_sends_and_receives_descriptors() {
    let script = "
s = socket.socket(socket.AF_UNIX)
s.connect(path)
print('ready', flush=True)
data, fds, flags, _ = socket.recv_fds(s, 256, 4)
assert data == bytes(range(256)) and len(fds) == 2 and flags == 0, (data, fds, flags)
os.write(fds[0], b'by python')
r, w = os.pipe()
socket.send_fds(s, [b'back'], [fds[0], w])
os.close(w)
assert os.read(r, 16) == b'into the pipe'
assert s.recv(16) == b''
";
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let Some((mut child, _out)) = python(script, &path) else { return };
        let stream = listener.accept().unwrap();
        let file = rustix::fs::memfd_create("m", rustix::fs::MemfdFlags::CLOEXEC).unwrap();
        let null = File::open("/dev/null").unwrap();
        let bytes = all_bytes();
        let message = Message::new(&bytes).descriptors([file.as_fd(), null.as_fd()]);
        stream.send_message(&message).unwrap();
        let mut bytes = [0; 16];
        let received = stream.recv_message(&mut bytes, 2).unwrap();
        assert_eq!(&bytes[..received.len()], b"back");
        let [back, pipe] = <[OwnedFd; 2]>::try_from(received.into_descriptors()).unwrap();
        let (mut back, mut text) = (File::from(back), String::new());
        back.rewind().unwrap();
        back.read_to_string(&mut text).unwrap();
        assert_eq!(text, "by python");
        ipc_stream::PipeWriter::from(pipe).send(b"into the pipe").unwrap();
        drop(stream);
        assert!(child.wait().unwrap().success());
    });
}

#[test]
fn python_serves_seqpacket_and_datagrams_and_proves_its_identity() {
    let script = "
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(path)
s.listen(1)
d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
d.bind(path + '.d')
print('ready', flush=True)
c, _ = s.accept()
while message := c.recv(4096):
    c.send(message[::-1])
message, sender = d.recvfrom(4096)
ucred = array.array('i', [os.getpid(), os.geteuid(), os.getegid()])
rights = (socket.SOL_SOCKET, socket.SCM_CREDENTIALS, ucred)
d.sendmsg([message[::-1]], [rights], 0, sender)
";
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let Some((mut child, _out)) = python(script, &path) else { return };
        let pid = i32::try_from(child.id()).unwrap();
        let options = ConnectOptions::new().policy(Policy::same_user());
        let socket = Seqpacket::connect_with(&path, options).unwrap();
        let mut bytes = [0; 256];
        for size in [1, 3, 256] {
            socket.send(&all_bytes()[..size]).unwrap();
            assert_eq!(socket.recv(&mut bytes).unwrap(), size);
            assert!(bytes[..size].iter().rev().eq(&all_bytes()[..size]));
        }
        drop(socket);
        let ours = dir.join("ours");
        let options = BindOptions::new().pass_credentials();
        let socket = Datagram::bind_with(&ours, options).unwrap();
        socket.send_to(b"abc", dir.join("s.d")).unwrap();
        let received = socket.recv_message(&mut bytes, 0).unwrap();
        assert_eq!(&bytes[..received.len()], b"cba");
        assert_eq!(received.peer().unwrap().process().unwrap().raw(), pid);
        assert!(child.wait().unwrap().success());
    });
}

#[test]
fn netcat_at_the_other_end_gets_and_sends_the_same_bytes() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let mut netcat = Command::new("nc");
        netcat.arg("-U").arg(&path).stdin(Stdio::piped()).stdout(Stdio::piped());
        let Ok(mut child) = netcat.spawn() else {
            return skip("needs netcat (Debian's netcat-openbsd)");
        };
        let mut stream = listener.accept().unwrap();
        child.stdin.take().unwrap().write_all(&all_bytes()).unwrap();
        let mut bytes = [0; 256];
        stream.read_exact(&mut bytes).unwrap();
        stream.write_all(&bytes).unwrap();
        drop(stream);
        assert_eq!(child.wait_with_output().unwrap().stdout, all_bytes());

        let theirs = dir.join("theirs");
        let mut netcat = Command::new("nc");
        netcat.arg("-lU").arg(&theirs).stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = netcat.spawn().unwrap();
        // Netcat does not say when it listens.
        let mut stream = loop {
            match LocalStream::connect(&theirs) {
                Ok(stream) => break stream,
                Err(err) => assert!(err.is_not_found() || err.is_closed(), "{err}"),
            }
            assert_eq!(child.try_wait().unwrap(), None, "netcat has ended");
            thread::yield_now();
        };
        stream.write_all(&all_bytes()).unwrap();
        drop(stream);
        assert_eq!(child.wait_with_output().unwrap().stdout, all_bytes());
    });
}

/// Connects to us and serves us with the crate `interprocess`, by paths and by abstract names.
fn interprocess_partner(role: &mut Role) {
    for (ours, theirs) in [(0, 1), (2, 3)] {
        let [ours, theirs] = [ours, theirs].map(|arg| match role.arg(arg) {
            path if path.starts_with('/') => path.to_fs_name::<GenericFilePath>().unwrap(),
            name => name.to_ns_name::<GenericNamespaced>().unwrap(),
        });
        sends_and_gets(&mut Stream::connect(ours.into_owned()).unwrap());
        let options = ListenerOptions::new().name(theirs.into_owned());
        let listener = options.create_sync().unwrap();
        role.say("listens");
        returns(&mut listener.accept().unwrap());
    }
}

#[test]
fn interprocess_in_another_process_gets_and_sends_the_same_bytes() {
    watchdog(|| {
        let dir = fixture::dir();
        let [ours, theirs] = ["ours", "theirs"].map(|name| dir.join(name));
        let name = &fixture::name()[1..];
        let [here, there] = ["here", "there"].map(|end| format!("{name}-{end}"));
        let options = || BindOptions::new().policy(Policy::same_user());
        let listener = LocalListener::bind(&ours).unwrap();
        // Its names in the abstract namespace are ours.
        let hidden = LocalListener::bind_with(format!("@{here}").as_str(), options()).unwrap();
        let paths = [&ours, &theirs].map(|path| path.to_str().unwrap());
        let arguments = [paths[0], paths[1], &here, &there];
        let mut child = Partner::run("interprocess partner", &arguments);
        returns(&mut listener.accept().unwrap());
        child.wait_for("listens");
        sends_and_gets(&mut LocalStream::connect(&theirs).unwrap());
        returns(&mut hidden.accept().unwrap());
        child.wait_for("listens");
        let options = ConnectOptions::new().policy(Policy::same_user());
        let there = format!("@{there}");
        sends_and_gets(&mut LocalStream::connect_with(there.as_str(), options).unwrap());
        child.finish();
    });
}

#[test]
fn an_abstract_name_of_any_bytes_is_that_of_python() {
    let script = "
name = b'\\0' + path.encode() + bytes(range(256))
s = socket.socket(socket.AF_UNIX)
s.bind(name[:108])
s.listen(1)
print('ready', flush=True)
c, _ = s.accept()
c.sendall(b'found')
";
    watchdog(|| {
        let name = fixture::name();
        let Some((mut child, _out)) = python(script, Path::new(&*name)) else { return };
        let bytes = [name.as_bytes(), &all_bytes()].concat();
        let options = ConnectOptions::new().policy(Policy::same_user());
        let name = SocketName::new_abstract(&bytes[..SocketName::MAX_LEN]).unwrap();
        let stream = LocalStream::connect_with(name, options).unwrap();
        assert_eq!(stream.recv(&mut [0; 8]).unwrap(), 5);
        assert!(child.wait().unwrap().success());
    });
}

#[test]
fn a_listener_of_seqpacket_is_found_by_python() {
    let script = "
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.connect(path)
print('ready', flush=True)
assert s.recv(16) == b'one' and s.recv(16) == b'two' and s.recv(16) == b''
";
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = SeqpacketListener::bind(&path).unwrap();
        let Some((mut child, _out)) = python(script, &path) else { return };
        let socket = listener.accept().unwrap();
        socket.send(b"one").unwrap();
        socket.send(b"two").unwrap();
        drop(socket);
        assert!(child.wait().unwrap().success());
    });
}
