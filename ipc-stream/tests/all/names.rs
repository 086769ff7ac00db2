//! Names: their owners, and their removal.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::Command;

use ipc_core::{Errno, Permissions, Removal, Result};
use ipc_stream::{
    BindOptions, ConnectOptions, Datagram, LocalListener, LocalStream, Policy, SeqpacketListener,
    SocketName, Stale, activated,
};
use ipc_testkit::{
    Child, ChildOptions, Forked, Part, Role, Root, figures, fixture, rounds, watchdog,
};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("server", server),
    ("keeps its name", keeps_its_name),
    ("usurper", usurper),
    ("locks a directory", locks_a_directory),
    ("racer", racer),
    ("other user", other_user),
    ("umask", umask),
    ("forks", forks),
];

/// Binds, says so, and waits.
fn server(role: &mut Role) {
    let _listener = LocalListener::bind(role.arg(0)).unwrap();
    role.say("listens");
    role.hear();
}

/// Binds two names, leaves one of them, and ends.
fn keeps_its_name(role: &mut Role) {
    let mut kept = LocalListener::bind(role.arg(0)).unwrap();
    let _removed = LocalListener::bind(role.arg(1)).unwrap();
    kept.keep_name();
}

#[test]
fn a_server_that_ends_leaves_the_name_that_it_keeps_and_no_other() {
    watchdog(|| {
        let dir = fixture::dir();
        let (kept, removed) = (dir.join("kept"), dir.join("removed"));
        Child::run("keeps its name", &[text(&kept), text(&removed)]).finish();
        assert_eq!(names_in(&dir), ["kept"]);
        // It is stale: another server has it next.
        drop(LocalListener::bind(&kept).unwrap());
        assert!(names_in(&dir).is_empty());
    });
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Repeats a call while it finds a name in use: programs that other tests start have copies of the
/// descriptors of this process for a moment.
fn retried<T>(mut bind: impl FnMut() -> Result<T>) -> T {
    loop {
        match bind() {
            Err(err) if err.errno() == Some(Errno::EADDRINUSE) => std::thread::yield_now(),
            Err(err) if err.is_exists() => std::thread::yield_now(),
            bound => return bound.unwrap(),
        }
    }
}

fn names_in(dir: &Path) -> Vec<String> {
    let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.into_string().unwrap()).collect()
}

#[test]
fn a_name_goes_with_its_listener_and_leaves_nothing() {
    let dir = fixture::dir();
    let path = dir.join("s");
    let listener = LocalListener::bind(&path).unwrap();
    assert_eq!(listener.local_name().unwrap(), SocketName::from_path(&path).ok());
    assert!(fs::symlink_metadata(&path).unwrap().file_type().is_socket());
    let second = listener.try_clone().unwrap();
    drop(listener);
    assert!(names_in(&dir).is_empty());
    drop(second);
    let options = BindOptions::new().removal(Removal::Never);
    drop(LocalListener::bind_with(&path, options).unwrap());
    assert_eq!(names_in(&dir), ["s"]);
    let mut kept = retried(|| LocalListener::bind(&path));
    kept.keep_name();
    drop(kept);
    assert_eq!(names_in(&dir), ["s"]);
}

#[test]
fn what_a_killed_server_left_is_replaced_and_a_live_server_is_not() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let mut child = Child::run("server", &[text(&path)]);
        child.wait_for("listens");
        let err = LocalListener::bind(&path).unwrap_err();
        assert_eq!(err.errno(), Some(Errno::EADDRINUSE));
        assert!(err.to_string().contains("a process has the socket open"), "{err}");
        // Another kind of server has the same name in its way.
        assert_eq!(SeqpacketListener::bind(&path).unwrap_err().errno(), Some(Errno::EADDRINUSE));
        assert_eq!(Datagram::bind(&path).unwrap_err().errno(), Some(Errno::EADDRINUSE));
        child.stop();
        assert_eq!(LocalListener::bind(&path).unwrap_err().errno(), Some(Errno::EADDRINUSE));
        child.kill();
        assert!(LocalStream::connect(&path).unwrap_err().is_closed());
        let refuses = BindOptions::new().stale(Stale::Refuse);
        let err = LocalListener::bind_with(&path, refuses).unwrap_err();
        assert_eq!(err.errno(), Some(Errno::EADDRINUSE));
        let listener = LocalListener::bind(&path).unwrap();
        let _client = LocalStream::connect(&path).unwrap();
        listener.accept().unwrap();
        assert_eq!(names_in(&dir), ["s"]);
    });
}

#[test]
fn a_server_that_has_bound_and_does_not_listen_yet_is_alive() {
    let dir = fixture::dir();
    let path = dir.join("s");
    let bound = rustix::net::socket(
        rustix::net::AddressFamily::UNIX,
        rustix::net::SocketType::STREAM,
        None,
    );
    let bound = bound.unwrap();
    rustix::net::bind(&bound, &rustix::net::SocketAddrUnix::new(&path).unwrap()).unwrap();
    assert!(LocalStream::connect(&path).unwrap_err().is_closed());
    assert_eq!(LocalListener::bind(&path).unwrap_err().errno(), Some(Errno::EADDRINUSE));
    rustix::net::listen(&bound, 1).unwrap();
    LocalStream::connect(&path).unwrap();
}

#[test]
fn a_stale_datagram_socket_is_replaced_and_a_live_one_is_not() {
    let dir = fixture::dir();
    let path = dir.join("d");
    let stale = BindOptions::new().removal(Removal::Never);
    drop(Datagram::bind_with(&path, stale).unwrap());
    let live = retried(|| Datagram::bind(&path));
    assert_eq!(Datagram::bind(&path).unwrap_err().errno(), Some(Errno::EADDRINUSE));
    live.set_nonblocking(true).unwrap();
    assert_eq!(live.try_recv(&mut [0; 8]).unwrap(), None, "the probe sends nothing");
}

#[test]
fn a_file_that_is_not_a_socket_is_never_replaced() {
    let dir = fixture::dir();
    let (file, link, folder) = (dir.join("file"), dir.join("link"), dir.join("folder"));
    fs::write(&file, "precious").unwrap();
    fs::create_dir(&folder).unwrap();
    let stale = dir.join("stale");
    drop(UnixListener::bind(&stale).unwrap());
    std::os::unix::fs::symlink(&stale, &link).unwrap();
    for path in [&file, &link, &folder] {
        let err = LocalListener::bind(path).unwrap_err();
        assert_eq!(err.errno(), Some(Errno::EADDRINUSE), "{err}");
        assert!(err.to_string().contains("a file that is no socket"), "{err}");
    }
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink() && stale.exists());
}

#[test]
fn what_a_server_killed_in_the_middle_of_replacing_left_is_cleared() {
    let dir = fixture::dir();
    let (path, aside) = (dir.join("s"), dir.join(".s.stale"));
    for path in [&path, &aside] {
        drop(UnixListener::bind(path).unwrap());
    }
    let listener = retried(|| LocalListener::bind(&path));
    assert_eq!(names_in(&dir), ["s"]);
    drop(listener);
    // A file of another kind under that name is in the way, and stays.
    drop(UnixListener::bind(&path).unwrap());
    fs::write(&aside, "precious").unwrap();
    assert!(LocalListener::bind(&path).is_err());
    assert_eq!(fs::read(&aside).unwrap(), b"precious");
    assert!(path.exists());
}

/// Puts a socket of its own in the place of one that is in use, as servers do that know no better.
fn usurper(role: &mut Role) {
    fs::remove_file(role.arg(0)).unwrap();
    let listener = UnixListener::bind(role.arg(0)).unwrap();
    role.say("listens");
    listener.accept().unwrap().0.write_all(b"mine").unwrap();
}

#[test]
fn a_drop_leaves_a_file_that_another_process_put_there() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let mut child = Child::run("usurper", &[text(&path)]);
        child.wait_for("listens");
        drop(listener);
        assert_eq!(LocalStream::connect(&path).unwrap().recv(&mut [0; 8]).unwrap(), 4);
        child.finish();
        assert!(path.exists());
    });
}

/// Keeps a directory locked, as a process does that is stopped while it replaces a file.
fn locks_a_directory(role: &mut Role) {
    let directory = File::open(role.arg(0)).unwrap();
    rustix::fs::flock(&directory, rustix::fs::FlockOperation::LockExclusive).unwrap();
    role.say("locked");
    role.hear();
}

#[test]
fn a_stale_file_in_a_locked_directory_is_an_error_and_no_endless_wait() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let mut killed = Child::run("server", &[text(&path)]);
        killed.wait_for("listens");
        killed.kill();
        let mut child = Child::run("locks a directory", &[text(&dir)]);
        child.wait_for("locked");
        let err = LocalListener::bind(&path).unwrap_err();
        assert!(err.is_busy() && err.object() == text(&dir), "{err}");
        // A name that is free needs no lock.
        drop(LocalListener::bind(dir.join("free")).unwrap());
        assert_eq!(names_in(&dir), ["s"]);
        child.kill();
        LocalListener::bind(&path).unwrap();
    });
}

/// Makes a stale socket as the other user, or tries to replace one.
fn other_user(role: &mut Role) {
    if role.arg(1) == "make" {
        drop(UnixListener::bind(role.arg(0)).unwrap());
        return;
    }
    let err = LocalListener::bind(role.arg(0)).unwrap_err();
    assert_eq!(err.errno(), Some(Errno::EADDRINUSE), "{err}");
    assert!(err.to_string().contains("there is a socket of user 0"), "{err}");
}

#[test]
fn a_stale_socket_of_another_user_is_never_replaced() {
    let Some(root) = Root::or_skip("needs a second user") else { return };
    watchdog(|| {
        let dir = fixture::dir();
        fs::set_permissions(&*dir, fs::Permissions::from_mode(0o777)).unwrap();
        let (ours, theirs) = (dir.join("ours"), dir.join("theirs"));
        drop(UnixListener::bind(&ours).unwrap());
        let nobody = || ChildOptions::role("other user").as_user(root, Root::NOBODY);
        Child::run(nobody(), &[text(&ours), "replace"]).finish();
        Child::run(nobody(), &[text(&theirs), "make"]).finish();
        let err = LocalListener::bind(&theirs).unwrap_err();
        assert!(err.to_string().contains("there is a socket of user 65534"), "{err}");
        assert!(ours.exists() && theirs.exists());
    });
}

/// Races for a name, round after round.
fn racer(role: &mut Role) {
    let dir = role.arg(0).to_owned();
    loop {
        let round = role.hear();
        if round == "end" {
            return;
        }
        if let Some(round) = round.strip_prefix("leave ") {
            // Not by the parent: what its other tests start has copies of its descriptors for a
            // moment.
            drop(UnixListener::bind(format!("{dir}/{round}")).unwrap());
            role.say("stale");
            continue;
        }
        let path = format!("{dir}/{round}");
        let bound = match LocalListener::bind(path.as_str()) {
            Ok(listener) => Some(listener),
            Err(err) => {
                assert_eq!(err.errno(), Some(Errno::EADDRINUSE), "{err}");
                None
            }
        };
        role.say(if bound.is_some() { "won" } else { "lost" });
        role.wait_for("next");
    }
}

#[test]
fn of_servers_that_race_for_a_stale_name_exactly_one_wins() {
    watchdog(|| {
        let dir = fixture::dir();
        let mut racers = [0; 6].map(|_| Child::run("racer", &[text(&dir)]));
        let count = rounds(1000, 20_000);
        let mut wins = [0; 6];
        for round in 0..count {
            let path = dir.join(round.to_string());
            racers[0].tell(&format!("leave {round}"));
            racers[0].wait_for("stale");
            racers.iter_mut().for_each(|racer| racer.tell(&round.to_string()));
            let won: Vec<bool> = racers.iter_mut().map(|racer| racer.hear() == "won").collect();
            assert_eq!(won.iter().filter(|won| **won).count(), 1, "round {round}: {won:?}");
            won.iter().zip(&mut wins).for_each(|(won, wins)| *wins += u64::from(*won));
            // Its file is there, and it is the one that is reached.
            assert!(LocalStream::connect(&path).is_ok());
            racers.iter_mut().for_each(|racer| racer.tell("next"));
        }
        racers.iter_mut().for_each(|racer| racer.tell("end"));
        racers.into_iter().for_each(Child::finish);
        assert!(names_in(&dir).is_empty(), "{:?}", names_in(&dir));
        figures(format_args!("{count} races for a stale name, won by {wins:?}"));
    });
}

fn umask(role: &mut Role) {
    for mask in [0o000, 0o077, 0o777] {
        Permissions::set_umask(Permissions::from(mask));
        for mode in [0o600, 0o666, 0o777, 0o000] {
            let path = Path::new(role.arg(0)).join(format!("{mask:o}-{mode:o}"));
            let options = BindOptions::new().permissions(mode);
            let _listener = LocalListener::bind_with(&path, options).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, mode, "{mask:o}");
        }
    }
}

#[test]
fn the_mode_of_a_socket_is_exact_whatever_the_umask_is() {
    watchdog(|| Child::run("umask", &[text(&fixture::dir())]).finish());
}

#[test]
fn the_mode_is_0600_unless_asked_otherwise() {
    let dir = fixture::dir();
    let _listener = LocalListener::bind(dir.join("s")).unwrap();
    assert_eq!(fs::metadata(dir.join("s")).unwrap().mode() & 0o777, 0o600);
}

fn forks(role: &mut Role) {
    let path = Path::new(role.arg(0));
    let mut listener = LocalListener::bind(path).ok();
    Forked::run(|| drop(listener.take())).finish();
    assert!(path.exists());
}

#[test]
fn a_forked_child_does_not_remove_its_parents_name() {
    watchdog(|| {
        let dir = fixture::dir();
        Child::run("forks", &[text(&dir.join("s"))]).finish();
    });
}

#[test]
fn abstract_names_need_a_policy_on_both_sides_and_leave_no_file() {
    let name = format!("@{}", &fixture::name()[1..]);
    let name = name.as_str();
    assert!(LocalListener::bind(name).unwrap_err().is_invalid_argument());
    assert!(Datagram::bind(name).unwrap_err().is_invalid_argument());
    let same_user = || BindOptions::new().policy(Policy::same_user());
    let listener = LocalListener::bind_with(name, same_user()).unwrap();
    assert!(LocalStream::connect(name).unwrap_err().is_invalid_argument());
    let options = ConnectOptions::new().policy(Policy::same_user());
    let client = LocalStream::connect_with(name, options).unwrap();
    listener.accept().unwrap();
    assert_eq!(client.peer_name().unwrap().unwrap().to_string(), name);
    let err = LocalListener::bind_with(name, same_user()).unwrap_err();
    assert_eq!(err.errno(), Some(Errno::EADDRINUSE));

    let log = format!("{name}-log");
    let log = log.as_str();
    let receiver = Datagram::bind_with(log, same_user()).unwrap();
    let mut sender = Datagram::unbound().unwrap();
    assert!(sender.send_to(b"x", log).unwrap_err().is_invalid_argument());
    sender.set_policy(Policy::anyone()).unwrap();
    sender.send_to(b"x", log).unwrap();
    assert_eq!(receiver.recv(&mut [0; 8]).unwrap(), 1);
}

/// Does nothing, unless the test below has started it as a service manager would.
#[test]
fn plays_a_service_that_is_activated() {
    match std::env::var("IPC_STREAM_ACTIVATED").as_deref() {
        Err(_) => return,
        Ok("badly") => {
            let err = activated().unwrap_err();
            assert!(err.is_invalid_argument() && err.object() == "LISTEN_FDS", "{err}");
            return;
        }
        Ok(_) => {}
    }
    let mut found = activated().unwrap().into_iter();
    let first = found.next().unwrap();
    assert_eq!(first.name(), "feed");
    let listener = LocalListener::try_from(first.into_descriptor()).unwrap();
    let second = found.next().unwrap();
    assert_eq!(second.name(), "unknown");
    assert!(LocalListener::try_from(second.into_descriptor()).unwrap_err().error().is_mismatch());
    assert_eq!(found.next().unwrap().name(), "log");
    assert_eq!(found.next().unwrap().name(), "unknown");
    assert!(found.next().is_none() && activated().unwrap().len() == 4);
    listener.accept().unwrap().send_all(b"hello").unwrap();
}

#[test]
fn what_is_no_number_of_sockets_is_an_error_that_names_the_variable() {
    use std::os::unix::ffi::OsStrExt;
    for count in [&b"x"[..], b"-1", b"", b"2\xFF"] {
        let mut command = Command::new("sh");
        command.args(["-c", "LISTEN_PID=$$ exec \"$0\" \"$@\""]);
        command.arg(std::env::current_exe().unwrap());
        command.args(["names::plays_a_service_that_is_activated", "--exact", "--nocapture"]);
        command.env("IPC_STREAM_ACTIVATED", "badly");
        let output =
            command.env("LISTEN_FDS", std::ffi::OsStr::from_bytes(count)).output().unwrap();
        assert!(output.status.success(), "{count:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn sockets_of_a_service_manager_are_taken_over_by_name() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("s");
        let listener = LocalListener::bind(&path).unwrap();
        let other = File::open("/dev/null").unwrap();
        // As systemd does it: descriptors from 3 on, and the number of the process that is to have
        // them.
        let script = "exec 3<&0 4<&1 5<&1 6<&1 </dev/null >/dev/null; \
                      LISTEN_PID=$$ LISTEN_FDS=4 LISTEN_FDNAMES=feed::log exec \"$0\" \"$@\"";
        let mut command = Command::new("sh");
        command.args(["-c", script]).arg(std::env::current_exe().unwrap());
        command.args(["names::plays_a_service_that_is_activated", "--exact", "--nocapture"]);
        command.env("IPC_STREAM_ACTIVATED", "1");
        command.stdin(std::os::fd::OwnedFd::from(listener)).stdout(other);
        let mut child = command.spawn().unwrap();
        drop(command); // and the listener with it: the connection ends if the service does
        let stream = LocalStream::connect(&path).unwrap();
        let mut bytes = [0; 8];
        assert_eq!(stream.recv(&mut bytes).unwrap(), 5);
        assert!(child.wait().unwrap().success());
    });
}
