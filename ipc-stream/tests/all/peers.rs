//! The process at the other end, and policies.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use crate::interop;
use ipc_core::{GroupId, ProcessId, UserId};
use ipc_stream::{
    Admit, BindOptions, ConnectOptions, Datagram, LocalListener, LocalStream, Peer, Policy,
    Seqpacket, SeqpacketListener, SocketName,
};
use ipc_testkit::{Child, ChildOptions, Part, Role, Root, adversity, fixture, watchdog};
use rustix::net;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("client", client),
    ("refused", refused),
    ("impostor", impostor),
    ("in a PID namespace", in_a_pid_namespace),
    ("connects and ends", connects_and_ends),
    ("cannot open more", cannot_open_more),
];

const SHORT: Duration = Duration::from_millis(20);

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Is let in.
fn client(role: &mut Role) {
    let stream = LocalStream::connect(role.arg(0)).unwrap();
    assert_eq!(stream.recv(&mut [0; 8]).unwrap(), 7);
}

/// Connects, sends, and is disconnected.
fn refused(role: &mut Role) {
    let stream = LocalStream::connect(role.arg(0)).unwrap();
    let _ = stream.send_all(b"let me in");
    role.say("sent");
    // Its bytes were never read.
    let end = stream.recv(&mut [0; 8]);
    assert!(end.is_ok_and(|len| len == 0) || stream.send_all(b"x").is_err());
}

#[test]
fn a_peer_is_known_by_process_user_groups_program_and_control_group() {
    let (here, there) = LocalStream::pair().unwrap();
    let peer = here.peer().unwrap();
    assert_eq!(peer.process(), Some(ProcessId::current()));
    assert_eq!((peer.user(), peer.group()), (UserId::effective(), GroupId::effective()));
    assert_eq!(peer.executable().unwrap(), std::env::current_exe().unwrap());
    assert!(peer.is_alive().unwrap() && peer.descriptor().is_some());
    let groups = rustix::process::getgroups().unwrap();
    assert_eq!(peer.groups().len(), groups.len());
    let cgroup = fs::read_to_string("/proc/self/cgroup").unwrap();
    if let Some(path) = cgroup.lines().find_map(|line| line.strip_prefix("0::")) {
        assert_eq!(peer.cgroup().unwrap(), path);
        there.check(&Policy::new().cgroup(path)).unwrap();
        assert!(there.check(&Policy::new().cgroup("/no-such.slice")).unwrap_err().is_untrusted());
    }
}

#[test]
fn a_policy_wants_one_of_each_kind_that_it_names() {
    let (here, _there) = Seqpacket::pair().unwrap();
    let admits = |policy: Policy| match here.check(&policy) {
        Ok(_) => true,
        Err(err) => {
            assert!(err.is_untrusted(), "{err}");
            assert!(err.to_string().contains(&std::process::id().to_string()), "{err}");
            false
        }
    };
    let (user, group) = (UserId::effective(), GroupId::effective());
    let (other, others) = (UserId::new(4711), GroupId::new(4711));
    let own = std::env::current_exe().unwrap();
    assert!(!admits(Policy::new()));
    assert!(admits(Policy::anyone()) && admits(Policy::same_user()));
    assert!(admits(Policy::new().user(other).user(user)));
    assert!(!admits(Policy::new().user(other)));
    assert!(admits(Policy::new().user(user).group(group).group(others)));
    assert!(!admits(Policy::new().user(user).group(others)));
    assert!(admits(Policy::new().executable("/bin/sh").executable(&own)));
    assert!(!admits(Policy::new().user(user).executable("/bin/sh")));
    assert!(!admits(Policy::new().executable("/no/such/program")));
    here.check(&|peer: &Peer| peer.user() == user).unwrap();
    assert!(here.check(&|_: &Peer| false).unwrap_err().is_untrusted());
}

#[test]
fn a_copy_of_a_program_is_another_program() {
    let (here, _there) = LocalStream::pair().unwrap();
    let dir = fixture::dir();
    let copy = dir.join("copy");
    fs::copy(std::env::current_exe().unwrap(), &copy).unwrap();
    assert!(here.check(&Policy::new().executable(&copy)).unwrap_err().is_untrusted());
    let link = dir.join("link");
    std::os::unix::fs::symlink(std::env::current_exe().unwrap(), &link).unwrap();
    here.check(&Policy::new().executable(&link)).unwrap();
}

#[test]
fn peers_of_another_user_are_disconnected_before_they_are_read() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    watchdog(|| {
        let dir = fixture::dir();
        fs::set_permissions(&*dir, fs::Permissions::from_mode(0o777)).unwrap();
        let path = dir.join("s");
        let options = BindOptions::new().permissions(0o666).policy(Policy::same_user());
        let listener = LocalListener::bind_with(&path, options).unwrap();
        let nobody = || ChildOptions::role("refused").as_user(root, Root::NOBODY);
        let mut intruder = Child::run(nobody(), &[text(&path)]);
        intruder.wait_for("sent");
        assert!(listener.try_accept().unwrap().is_none());
        intruder.finish();
        let mut intruder = Child::run(nobody(), &[text(&path)]);
        intruder.wait_for("sent");
        let client = Child::run("client", &[text(&path)]);
        let stream = listener.accept().unwrap(); // the second in the queue
        assert_eq!(stream.peer().unwrap().process().unwrap().raw(), client.pid());
        stream.send_all(b"welcome").unwrap();
        client.finish();
        intruder.finish();

        // By a policy of the call, and by the mode.
        let path = dir.join("t");
        let options = BindOptions::new().permissions(0o666);
        let listener = LocalListener::bind_with(&path, options).unwrap();
        let mut intruder = Child::run(nobody(), &[text(&path)]);
        intruder.wait_for("sent");
        let client = Child::run("client", &[text(&path)]);
        listener.accept_if(&Policy::same_user()).unwrap().send_all(b"welcome").unwrap();
        client.finish();
        intruder.finish();
    });
}

#[test]
fn a_peer_is_the_user_that_connected_and_a_sender_the_current_one() {
    let Some(_root) = Root::or_skip("needs a second user") else { return };
    let script = "
os.setgroups([4711, 4712])
s = socket.socket(socket.AF_UNIX)
s.connect(path)
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
s.send(b'x')
print('ready', flush=True)
s.recv(1)
";
    watchdog(|| {
        let dir = fixture::dir();
        let options = BindOptions::new().pass_credentials();
        let listener = LocalListener::bind_with(dir.join("s"), options).unwrap();
        let Some((mut child, _out)) = interop::python(script, &dir.join("s")) else { return };
        let stream = listener.accept().unwrap();
        let (peer, pid) = (stream.peer().unwrap(), i32::try_from(child.id()).unwrap());
        let found = (peer.process().unwrap().raw(), peer.user(), peer.group());
        assert_eq!(found, (pid, UserId::effective(), GroupId::effective()));
        assert_eq!(peer.groups(), [4711, 4712].map(GroupId::new));
        stream.check(&Policy::same_user().group(GroupId::new(4712))).unwrap();
        let received = stream.recv_message(&mut [0], 0).unwrap();
        let sender = received.peer().unwrap();
        assert_eq!((sender.process().unwrap().raw(), sender.user().raw()), (pid, Root::NOBODY));
        drop(stream);
        assert!(child.wait().unwrap().success());
    });
}

/// Talks to its parent from a PID namespace that its parent is not in.
fn in_a_pid_namespace(role: &mut Role) {
    let Some(root) = Root::or_skip("needs a PID namespace") else { return };
    adversity::enter_pid_namespace(root);
    let options = ConnectOptions::new().policy(Policy::same_user()).pass_credentials();
    let stream = LocalStream::connect_with(role.arg(0), options).unwrap();
    let received = stream.recv_message(&mut [0], 0).unwrap();
    for peer in [&stream.peer().unwrap(), received.peer().unwrap()] {
        assert_eq!((peer.process(), peer.user()), (None, UserId::effective()));
        assert!(peer.to_string().starts_with("a process that cannot be seen"), "{peer}");
        assert!(peer.executable().unwrap_err().is_unsupported());
        assert!(Policy::new().executable("/bin/sh").admit(peer).unwrap_err().is_untrusted());
    }
    stream.send_all(b"x").unwrap();
}

#[test]
fn a_peer_in_a_namespace_that_is_not_seen_has_a_user_and_no_number() {
    let Some(_root) = Root::or_skip("needs a PID namespace") else { return };
    watchdog(|| {
        let dir = fixture::dir();
        let listener = LocalListener::bind(dir.join("s")).unwrap();
        let child = Child::run("in a PID namespace", &[text(&dir.join("s"))]);
        let stream = listener.accept().unwrap();
        // From here, its number is that of a process of ours.
        assert!(stream.peer().unwrap().process().is_some());
        stream.send_all(b"x").unwrap();
        assert_eq!(stream.recv(&mut [0]).unwrap(), 1);
        child.finish();
    });
}

fn impostor(role: &mut Role) {
    if role.arg(1) == "connect" {
        let err = LocalStream::connect(role.arg(0)).unwrap_err();
        assert!(err.is_permission_denied(), "{err}");
        return;
    }
    let options = BindOptions::new().permissions(0o666).policy(Policy::anyone());
    let _listener = SeqpacketListener::bind_with(role.arg(0), options).unwrap();
    role.say("listens");
    role.hear();
}

#[test]
fn a_client_refuses_a_server_of_another_user() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    watchdog(|| {
        let name = format!("@{}", &fixture::name()[1..]);
        let nobody = || ChildOptions::role("impostor").as_user(root, Root::NOBODY);
        let mut child = Child::run(nobody(), &[&name, "listen"]);
        child.wait_for("listens");
        let options = ConnectOptions::new().policy(Policy::same_user());
        let err = Seqpacket::connect_with(name.as_str(), options).unwrap_err();
        assert!(err.is_untrusted() && err.to_string().contains("of user 65534"), "{err}");
        child.kill();
    });
}

#[test]
fn the_mode_keeps_other_users_out() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    watchdog(|| {
        let dir = fixture::dir();
        fs::set_permissions(&*dir, fs::Permissions::from_mode(0o777)).unwrap();
        let path = dir.join("s");
        let _listener = LocalListener::bind(&path).unwrap();
        let nobody = ChildOptions::role("impostor").as_user(root, Root::NOBODY);
        Child::run(nobody, &[text(&path), "connect"]).finish();
    });
}

#[test]
fn a_program_that_the_policy_does_not_name_is_disconnected() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let own = std::env::current_exe().unwrap();
        let options = BindOptions::new().policy(Policy::new().executable(own));
        let listener = LocalListener::bind_with(&path, options).unwrap();
        let script = "import socket,sys\n\
                      s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1])\n\
                      try: s.send(b'x'); sys.exit(s.recv(8) != b'')\n\
                      except ConnectionError: sys.exit(0)";
        let mut python = Command::new("python3");
        python.args(["-c", script, text(&path)]);
        let Ok(mut python) = python.spawn() else {
            return ipc_testkit::skip("needs Python");
        };
        thread::scope(|scope| {
            let accepted = scope.spawn(|| listener.accept().unwrap());
            assert!(python.wait().unwrap().success());
            assert!(!accepted.is_finished());
            let _client = LocalStream::connect(&path).unwrap();
            accepted.join().unwrap();
        });
    });
}

/// Has no descriptor left to look at a peer with. Runs alone in its process.
fn cannot_open_more(role: &mut Role) {
    let path = Path::new(role.arg(0));
    let own = std::env::current_exe().unwrap();
    let options = BindOptions::new().policy(Policy::new().executable(own));
    let listener = LocalListener::bind_with(path, options.clone()).unwrap();
    let receiver = Datagram::bind_with(path.with_extension("d"), options).unwrap();
    let sender = Datagram::connect(path.with_extension("d")).unwrap();
    let limit = getrlimit(Resource::Nofile);
    for free in [0, 1] {
        let _client = LocalStream::connect(path).unwrap();
        sender.send(b"x").unwrap();
        setrlimit(Resource::Nofile, Rlimit { current: Some(64), ..limit }).unwrap();
        let mut all: Vec<_> = std::iter::from_fn(|| fs::File::open("/dev/null").ok()).collect();
        all.truncate(all.len() - free);
        let accepted = listener.try_accept().map(|socket| socket.is_some());
        drop(all.pop_if(|_| free == 1));
        all.extend(std::iter::from_fn(|| fs::File::open("/dev/null").ok()));
        let received = receiver.try_recv(&mut [0; 8]);
        drop(all);
        setrlimit(Resource::Nofile, limit).unwrap();
        assert!(accepted.unwrap_err().is_no_space(), "{free} free");
        assert!(received.unwrap_err().is_no_space());
        if free == 0 {
            // Nothing was accepted: the connection waits.
            assert!(listener.try_accept().unwrap().is_some());
        }
    }
}

#[test]
fn a_peer_is_not_refused_because_descriptors_ran_out() {
    watchdog(|| {
        let dir = fixture::dir();
        Child::run("cannot open more", &[text(&dir.join("s"))]).finish();
    });
}

#[test]
fn a_peer_whose_name_is_longer_than_ours_may_be_has_that_name() {
    let dir = fixture::dir();
    let (path, long) = (dir.join("s"), dir.join("x".repeat(107 - dir.as_os_str().len())));
    assert_eq!(long.as_os_str().len(), SocketName::MAX_LEN + 1);
    let listener = LocalListener::bind(&path).unwrap();
    let client = net::socket(net::AddressFamily::UNIX, net::SocketType::STREAM, None).unwrap();
    net::bind(&client, &net::SocketAddrUnix::new(&long).unwrap()).unwrap();
    net::connect(&client, &net::SocketAddrUnix::new(&path).unwrap()).unwrap();
    let socket = listener.accept().unwrap();
    assert_eq!(socket.peer_name().unwrap().unwrap().as_path(), Some(&*long));
    assert!(format!("{socket:?}").contains(text(&long)));
    let receiver = Datagram::bind(dir.join("d")).unwrap();
    fs::remove_file(&long).unwrap();
    let sender = net::socket(net::AddressFamily::UNIX, net::SocketType::DGRAM, None).unwrap();
    net::bind(&sender, &net::SocketAddrUnix::new(&long).unwrap()).unwrap();
    let address = net::SocketAddrUnix::new(dir.join("d")).unwrap();
    net::sendto(&sender, b"x", net::SendFlags::empty(), &address).unwrap();
    let (_, name) = receiver.recv_from(&mut [0; 8]).unwrap();
    receiver.send_to(b"y", name.unwrap()).unwrap();
}

fn connects_and_ends(role: &mut Role) {
    let _stream = LocalStream::connect(role.arg(0)).unwrap();
}

#[test]
fn no_facts_are_reported_of_a_process_that_has_ended() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let child = Child::run("connects and ends", &[text(&path)]);
        let stream = listener.accept().unwrap();
        let (peer, pid) = (stream.peer().unwrap(), child.pid());
        child.finish();
        assert_eq!(peer.process().unwrap().raw(), pid);
        assert!(!peer.is_alive().unwrap());
        assert!(peer.executable().unwrap_err().is_no_such_process());
        assert!(peer.cgroup().unwrap_err().is_no_such_process());
        let own = std::env::current_exe().unwrap();
        assert!(stream.check(&Policy::new().executable(own)).is_err());
        // The user is on record all the same.
        stream.check(&Policy::same_user()).unwrap();
    });
}

#[test]
fn a_socket_without_a_peer_has_none() {
    let dir = fixture::dir();
    let path = dir.join("d");
    let _bound = Datagram::bind(&path).unwrap();
    let socket = Datagram::connect(&path).unwrap();
    assert!(socket.peer().is_err());
    let options = ConnectOptions::new().policy(Policy::same_user());
    assert!(Datagram::connect_with(&path, options).unwrap_err().is_unsupported());
    assert!(socket.recv_timeout(&mut [0], SHORT).unwrap().is_none());
}

#[test]
fn a_flood_of_refused_peers_does_not_keep_a_call_beyond_its_time() {
    watchdog(|| {
        let dir = fixture::dir();
        let (path, log) = (dir.join("s"), dir.join("d"));
        let options = || BindOptions::new().policy(Policy::new());
        let listener = LocalListener::bind_with(&path, options()).unwrap();
        let receiver = Datagram::bind_with(&log, options()).unwrap();
        let end = AtomicBool::new(false);
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !end.load(Ordering::Relaxed) {
                        drop(LocalStream::try_connect(&path, ConnectOptions::new()).unwrap());
                    }
                });
                scope.spawn(|| {
                    let sender = Datagram::connect(&log).unwrap();
                    while !end.load(Ordering::Relaxed) {
                        let _ = sender.try_send(b"x").unwrap();
                    }
                });
            }
            for _ in 0..20 {
                assert!(listener.try_accept().unwrap().is_none());
                assert!(listener.accept_timeout(SHORT).unwrap().is_none());
                assert_eq!(receiver.try_recv(&mut [0]).unwrap(), None);
                assert_eq!(receiver.recv_timeout(&mut [0], SHORT).unwrap(), None);
            }
            end.store(true, Ordering::Relaxed);
        });
    });
}
