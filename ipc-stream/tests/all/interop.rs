//! Programs at the other end that do not use this crate.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

use interprocess::local_socket::prelude::*;
use interprocess::local_socket::{GenericFilePath, GenericNamespaced, ListenerOptions, Stream};
use ipc_stream::{
    BindOptions, ConnectOptions, Datagram, Direction, LocalListener, LocalStream, Message, Policy,
    Seqpacket, SeqpacketListener, SocketName,
};
use ipc_testkit::{fixture, skip, watchdog};

/// Every byte once.
fn all_bytes() -> [u8; 256] {
    std::array::from_fn(|at| u8::try_from(at).unwrap())
}

#[test]
fn std_at_the_other_end_gets_and_sends_the_same_bytes() {
    watchdog(|| {
        let dir = fixture::dir();
        let (ours, theirs) = (dir.join("ours"), dir.join("theirs"));
        let listener = LocalListener::bind(&ours).unwrap();
        let mut client = UnixStream::connect(&ours).unwrap();
        let mut server = listener.accept().unwrap();
        let mut bytes = [0; 256];
        client.write_all(&all_bytes()).unwrap();
        server.read_exact(&mut bytes).unwrap();
        server.write_all(&bytes).unwrap();
        client.read_exact(&mut bytes).unwrap();
        assert_eq!(bytes, all_bytes());
        assert_eq!(client.peer_addr().unwrap().as_pathname(), Some(&*ours));

        let listener = UnixListener::bind(&theirs).unwrap();
        let mut client = LocalStream::connect(&theirs).unwrap();
        let (mut server, _) = listener.accept().unwrap();
        client.write_all(&all_bytes()).unwrap();
        client.shutdown(Direction::Write).unwrap();
        let mut all = Vec::new();
        server.read_to_end(&mut all).unwrap();
        assert_eq!(all, all_bytes());

        let (ours, theirs) = (dir.join("d1"), dir.join("d2"));
        let (here, there) = (Datagram::bind(&ours).unwrap(), UnixDatagram::bind(&theirs).unwrap());
        here.send_to(&all_bytes(), &theirs).unwrap();
        let (len, sender) = there.recv_from(&mut bytes).unwrap();
        assert_eq!((len, sender.as_pathname()), (256, Some(&*ours)));
        there.send_to(&bytes, &ours).unwrap();
        let (len, sender) = here.recv_from(&mut bytes).unwrap();
        assert_eq!((len, sender), (256, SocketName::from_path(theirs).ok()));
    });
}

/// Starts a program of Python's that says `ready`.
fn python(script: &str, path: &Path) -> Option<(Child, BufReader<ChildStdout>)> {
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
        let child = netcat.spawn().unwrap();
        let mut stream = loop {
            match LocalStream::connect(&theirs) {
                Ok(stream) => break stream,
                // SLEEP: netcat does not say when it listens.
                Err(_) => thread::sleep(Duration::from_millis(1)),
            }
        };
        stream.write_all(&all_bytes()).unwrap();
        drop(stream);
        assert_eq!(child.wait_with_output().unwrap().stdout, all_bytes());
    });
}

#[test]
fn the_interprocess_crate_at_the_other_end_gets_and_sends_the_same_bytes() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let mut client = Stream::connect(path.to_fs_name::<GenericFilePath>().unwrap()).unwrap();
        let mut server = listener.accept().unwrap();
        let mut bytes = [0; 256];
        client.write_all(&all_bytes()).unwrap();
        server.read_exact(&mut bytes).unwrap();
        server.write_all(&bytes).unwrap();
        client.read_exact(&mut bytes).unwrap();
        assert_eq!(bytes, all_bytes());

        // Its names in the abstract namespace are ours.
        let name = fixture::name()[1..].to_owned();
        let theirs = name.clone().to_ns_name::<GenericNamespaced>().unwrap();
        let listener = ListenerOptions::new().name(theirs).create_sync().unwrap();
        let options = ConnectOptions::new().policy(Policy::same_user());
        let mut client = LocalStream::connect_with(&format!("@{name}"), options).unwrap();
        let mut server = listener.accept().unwrap();
        client.write_all(&all_bytes()).unwrap();
        server.read_exact(&mut bytes).unwrap();
        assert_eq!(bytes, all_bytes());
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
