//! Bad input: each is an error that names the call and the object, and leaves nothing.

use std::fs;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use ipc_core::{Errno, Error, Permissions, Removal, UserId};
use ipc_stream::{
    BindOptions, ConnectOptions, Datagram, Fifo, FileLock, LocalListener, LocalStream, Message,
    MessageReader, Policy, Seqpacket, SeqpacketListener, SocketName, pipe,
};
use ipc_testkit::{Child, ChildOptions, LeakCheck, Part, Role, Root, fixture, watchdog};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("tries all that is bad", tries_all_that_is_bad),
    ("no permission", no_permission),
    ("starts a program", starts_a_program),
    ("one descriptor short", one_descriptor_short),
];

fn says(err: &Error, call: &str, object: &str) {
    assert_eq!(err.call(), call, "{err}");
    assert!(err.object().contains(object), "{object}: {err}");
    assert!(!err.to_string().contains("(os error 0)"), "{err}");
}

/// Runs alone in its process, as it compares what is open.
fn tries_all_that_is_bad(role: &mut Role) {
    let dir = Path::new(role.arg(0));
    let open = LeakCheck::of_this_process();
    // Names.
    for name in ["", "/a\0b", &format!("/{}", "a".repeat(200)), "@"] {
        assert!(LocalListener::bind(name).unwrap_err().is_invalid_argument());
        assert!(LocalStream::connect(name).unwrap_err().is_invalid_argument());
        assert!(Datagram::bind(name).unwrap_err().is_invalid_argument());
    }
    let err = SocketName::new("").unwrap_err();
    assert_eq!(err.to_string(), "socket name \"\": it is empty");
    for name in ["", "a\0b", &"/a".repeat(5000)] {
        let (fifo, lock) = (Fifo::open(name).unwrap_err(), FileLock::open(name).unwrap_err());
        let made = Fifo::create(name, 0o600).unwrap_err();
        let made_lock = FileLock::open_or_create(name, 0o600).unwrap_err();
        for (err, call) in
            [(&fifo, "open"), (&lock, "open"), (&made, "mkfifo"), (&made_lock, "open")]
        {
            says(err, call, name);
            let expected = [Errno::EINVAL, Errno::ENOENT, Errno::ENAMETOOLONG];
            assert!(err.errno().is_none_or(|errno| expected.contains(&errno)), "{err}");
        }
    }
    // No server, no directory, no socket, another kind of socket.
    let nowhere = dir.join("no/s");
    let err = LocalListener::bind(&nowhere).unwrap_err();
    says(&err, "bind", "no/s");
    assert!(err.is_not_found());
    let err = LocalStream::connect(&nowhere).unwrap_err();
    says(&err, "connect", "no/s");
    assert!(err.is_not_found());
    let file = dir.join("file");
    fs::write(&file, "").unwrap();
    let err = Seqpacket::connect(&file).unwrap_err();
    says(&err, "connect", "file");
    assert_eq!(err.errno(), Some(Errno::ECONNREFUSED));
    {
        let path = dir.join("s");
        let _listener = SeqpacketListener::bind(&path).unwrap();
        let err = LocalStream::connect(&path).unwrap_err();
        says(&err, "connect", path.to_str().unwrap());
        let err = SeqpacketListener::bind(&path).unwrap_err();
        says(&err, "bind", path.to_str().unwrap());
    }
    // Descriptors of the wrong kind.
    let null = || OwnedFd::from(fs::File::open("/dev/null").unwrap());
    says(&Error::from(LocalStream::try_from(null()).unwrap_err()), "getsockopt", "descriptor");
    says(
        &Error::from(SeqpacketListener::try_from(null()).unwrap_err()),
        "getsockopt",
        "descriptor",
    );
    let (one, _other) = Seqpacket::pair().unwrap();
    let refused = SeqpacketListener::try_from(OwnedFd::from(one)).unwrap_err();
    let wanted = "found a seqpacket socket, wanted a seqpacket socket that listens";
    assert!(refused.to_string().contains(wanted), "{refused}");
    drop((refused, _other));
    // A socket that is connected to nothing.
    let err = Datagram::unbound().unwrap().send(b"x").unwrap_err();
    says(&err, "send", "a datagram socket without a name");
    assert_eq!(err.errno(), Some(Errno::ENOTCONN));
    open.finish();
    fs::remove_file(&file).unwrap();
    assert_eq!(fs::read_dir(dir).unwrap().count(), 0);
}

#[test]
fn bad_input_is_an_error_that_names_call_and_object_and_leaves_nothing() {
    watchdog(|| {
        let dir = fixture::dir();
        Child::run("tries all that is bad", &[dir.to_str().unwrap()]).finish();
    });
}

#[test]
fn an_error_says_what_was_found_and_leaves_the_object_as_it_is_named() {
    fn ends(err: &Error, object: &str, why: &str) {
        assert!(err.object() == object && err.to_string().ends_with(why), "{err}");
    }
    let dir = fixture::dir();
    let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
    let (file, socket) = (path("file"), path("s"));
    fs::write(&file, "").unwrap();
    ends(&Fifo::open(&file).unwrap_err(), &file, ": found a regular file, wanted a FIFO");
    let err = LocalStream::connect(&*file).unwrap_err();
    ends(&err, &file, ": found a regular file, wanted a socket");
    let listener = LocalListener::bind_with(&*socket, BindOptions::new().removal(Removal::Never));
    let listener = listener.unwrap();
    let err = Seqpacket::connect(&*socket).unwrap_err();
    ends(&err, &socket, ": found a socket of another type");
    let nobody = Policy::new().user(UserId::new(1234)).user(UserId::new(1235));
    let options = ConnectOptions::new().policy(nobody);
    let err = LocalStream::connect_with(&*socket, options).unwrap_err();
    assert!(err.to_string().ends_with("wanted a process of user 1234 or 1235"), "{err}");
    drop(listener);
    let err = LocalStream::connect(&*socket).unwrap_err();
    assert!(err.is_closed() && err.to_string().contains("no process listens"), "{err}");
    assert_eq!(err.object(), socket);

    let (reader, writer) = pipe().unwrap();
    let end = format!("a pipe (descriptor {})", reader.as_raw_fd());
    writer.send(&[0xff; 4]).unwrap();
    let err = MessageReader::new(reader).recv().unwrap_err();
    ends(&err, &end, ": found a length of 65535, wanted a message of `MessageWriter`");

    let (one, other) = Seqpacket::pair().unwrap();
    let err = one.send(&vec![0; 64 << 20]).unwrap_err();
    assert!(err.is_too_long() && err.to_string().contains("a message of 67108864 bytes"), "{err}");
    one.send(b"four").unwrap();
    let err = other.recv(&mut [0; 2]).unwrap_err();
    ends(&err, "(a seqpacket socket without a name)", ": a message of 4 bytes, a buffer of 2");
}

/// Has a descriptor of each kind, and starts a program. Runs alone in its process.
fn starts_a_program(role: &mut Role) {
    let path = Path::new(role.arg(0)).join("s");
    let listener = LocalListener::bind(&path).unwrap();
    let client = LocalStream::connect(&path).unwrap();
    let server = listener.accept().unwrap();
    let file = fs::File::open("/proc/self/status").unwrap();
    client.send_message(&Message::new(b"x").descriptor(&file)).unwrap();
    server.set_pass_credentials(true).unwrap();
    client.send_all(b"y").unwrap();
    let received = server.recv_message(&mut [0], 1).unwrap();
    let message = server.recv_message(&mut [0], 1).unwrap();
    let (peer, sender) = (server.peer().unwrap(), message.peer().unwrap());
    let datagram = Datagram::bind(path.with_extension("d")).unwrap();
    let (one, other) = Seqpacket::pair().unwrap();
    let (reader, writer) = pipe().unwrap();
    let fifo = Fifo::create(path.with_extension("f"), 0o600).unwrap();
    let end = fifo.reader().unwrap();
    let lock = FileLock::open_or_create(path.with_extension("lock"), 0o600).unwrap();
    let (clones, reopened) = ((listener.try_clone(), one.try_clone()), lock.reopen().unwrap());
    let (listeners, ones) = (clones.0.unwrap(), clones.1.unwrap());
    let ours: [&dyn AsFd; 17] = [
        &listener,
        &client,
        &server,
        &received.descriptors()[0],
        &peer.descriptor().unwrap(),
        &sender.descriptor().unwrap(),
        &datagram,
        &one,
        &other,
        &reader,
        &writer,
        &end,
        &lock,
        &reopened,
        &listeners,
        &ones,
        &file,
    ];
    let script = "for fd; do test -e /proc/self/fd/$fd && echo $fd; done";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]);
    shell.args(ours.map(|ours| ours.as_fd().as_raw_fd().to_string()));
    let output = shell.output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "", "inherited");
    // The shell would have said so.
    let number = writer.as_fd().as_raw_fd().to_string();
    writer.set_inheritable(true).unwrap();
    let output = Command::new("sh").args(["-c", script, "sh", &number]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), number);
}

#[test]
fn programs_that_are_started_inherit_no_descriptor() {
    watchdog(|| {
        let dir = fixture::dir();
        Child::run("starts a program", &[dir.to_str().unwrap()]).finish();
    });
}

fn no_permission(role: &mut Role) {
    let path = Path::new(role.arg(0)).join("s");
    let err = LocalListener::bind(&path).unwrap_err();
    assert!(err.is_permission_denied(), "{err}");
    says(&err, "bind", path.to_str().unwrap());
    let err = Datagram::bind(&path).unwrap_err();
    assert!(err.is_permission_denied(), "{err}");
    says(&err, "bind", path.to_str().unwrap());
    let err = Fifo::create(&path, 0o600).unwrap_err();
    assert!(err.is_permission_denied(), "{err}");
    says(&err, "mkfifo", path.to_str().unwrap());
    let err = FileLock::open_or_create(&path, 0o600).unwrap_err();
    assert!(err.is_permission_denied(), "{err}");
    says(&err, "open", path.to_str().unwrap());
    // No directory is created for the short names of a user that has none.
    let err = LocalListener::bind("ipc-test-short").unwrap_err();
    assert!(err.is_not_found(), "{err}");
    says(&err, "bind", "/run/user/65534/ipc-test-short");
    assert!(!Path::new("/run/user/65534").exists());
}

#[test]
fn a_directory_that_is_not_writable_is_an_error() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    watchdog(|| {
        let dir = fixture::dir();
        fs::set_permissions(&*dir, fs::Permissions::from_mode(0o755)).unwrap();
        let nobody = ChildOptions::role("no permission").as_user(root, Root::NOBODY);
        Child::run(nobody, &[dir.to_str().unwrap()]).finish();
        assert_eq!(fs::read_dir(&*dir).unwrap().count(), 0);
    });
}

/// Creates names with one descriptor too few. Runs alone in its process.
fn one_descriptor_short(role: &mut Role) {
    let dir = Path::new(role.arg(0));
    // So that the mode has to be set by descriptor.
    Permissions::set_umask(Permissions::from(0o777));
    let limit = getrlimit(Resource::Nofile);
    for free in 0..4 {
        setrlimit(Resource::Nofile, Rlimit { current: Some(64), ..limit }).unwrap();
        let mut all: Vec<_> = std::iter::from_fn(|| fs::File::open("/dev/null").ok()).collect();
        all.truncate(all.len() - free);
        let made = [
            LocalListener::bind(dir.join("s")).map(drop),
            Datagram::bind(dir.join("d")).map(drop),
            Fifo::create(dir.join("f"), 0o600).map(drop),
        ];
        drop(all);
        setrlimit(Resource::Nofile, limit).unwrap();
        for err in made.iter().filter_map(|made| made.as_ref().err()) {
            assert!(err.is_no_space(), "{err}");
        }
        assert_eq!(made.iter().all(Result::is_ok), free > 1, "{made:?}");
        assert_eq!(fs::read_dir(dir).unwrap().count(), 0, "{made:?}");
    }
}

#[test]
fn a_name_that_lacks_a_descriptor_to_be_finished_is_not_left_behind() {
    watchdog(|| {
        let dir = fixture::dir();
        Child::run("one descriptor short", &[dir.to_str().unwrap()]).finish();
    });
}

#[test]
fn a_listener_that_cannot_be_finished_leaves_no_name() {
    let dir = fixture::dir();
    let path = dir.join("s");
    let options = BindOptions::new().policy(Policy::anyone()).refuse_descriptors();
    match LocalListener::bind_with(&path, options) {
        Err(err) => assert!(err.is_unsupported() && !path.exists()),
        Ok(listener) => {
            drop(listener);
            assert!(!path.exists());
        }
    }
}
