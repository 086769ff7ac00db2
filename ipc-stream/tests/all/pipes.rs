//! Pipes and FIFOs.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::sockets::interrupted;
use ipc_core::{Errno, Permissions, Removal};
use ipc_stream::{Fifo, MessageReader, MessageWriter, PipeReader, PipeWriter, pipe};
use ipc_testkit::{Child, Part, Role, Storm, Timed, fixture, rounds, this_thread, watchdog};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("writes messages", writes_messages),
    ("dies in mid-frame", dies_in_mid_frame),
    ("writes to a fifo", writes_to_a_fifo),
    ("fifo modes", fifo_modes),
    ("reads while a writer comes", reads_while_a_writer_comes),
];

const SHORT: Duration = Duration::from_millis(20);

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Sends until that is an error: programs that other tests start have copies of the other end for a
/// moment.
fn refusal(writer: &PipeWriter) -> Option<Errno> {
    loop {
        match writer.send(b"x") {
            Ok(_) => thread::yield_now(),
            Err(err) => return err.errno(),
        }
    }
}

#[test]
fn programs_get_an_end_of_a_pipe_only_if_they_are_given_it() {
    watchdog(|| {
        let (reader, writer) = pipe().unwrap();
        let list = |writer: &PipeWriter| {
            let number = writer.as_raw_fd();
            let script = format!("test -e /proc/self/fd/{number} && echo yes || echo no");
            let output = Command::new("sh").args(["-c", &script]).output().unwrap();
            String::from_utf8(output.stdout).unwrap().trim().to_owned()
        };
        assert_eq!(list(&writer), "no");
        writer.set_inheritable(true).unwrap();
        assert_eq!(list(&writer), "yes");
        writer.set_inheritable(false).unwrap();
        assert_eq!(list(&writer), "no");
        let copy = writer.try_clone().unwrap();
        drop(writer);
        let mut child = Command::new("sh").args(["-c", "echo here"]).stdout(copy).spawn().unwrap();
        let mut said = String::new();
        { reader }.read_to_string(&mut said).unwrap();
        assert_eq!(said, "here\n");
        assert!(child.wait().unwrap().success());
    });
}

#[test]
fn a_pipe_has_the_size_asked_for_and_waits_when_it_is_full() {
    let (reader, writer) = pipe().unwrap();
    // A power of two, and more than a page, which may have 64 KiB.
    assert_eq!(writer.set_size(100_000).unwrap(), 131_072);
    assert_eq!(reader.size().unwrap(), 131_072);
    assert_eq!(writer.try_send(&[1; 200_000]).unwrap(), Some(131_072));
    assert_eq!(writer.try_send(&[1; 200_000]).unwrap(), None);
    assert_eq!(writer.send_timeout(b"x", SHORT).unwrap(), None);
    assert!(reader.set_size(4096).unwrap_err().is_busy());
    thread::scope(|scope| {
        scope.spawn(|| reader.recv(&mut [0; 65536]).unwrap()); // a whole page
        assert_eq!(writer.send(b"x").unwrap(), 1);
    });
}

#[test]
fn the_end_of_a_pipe_is_0_bytes_and_no_reader_an_error() {
    let (reader, writer) = pipe().unwrap();
    assert_eq!(reader.try_recv(&mut [0]).unwrap(), None);
    writer.send(b"x").unwrap();
    drop(writer);
    assert_eq!(reader.recv(&mut [0; 8]).unwrap(), 1);
    assert_eq!(reader.recv(&mut [0; 8]).unwrap(), 0);
    assert_eq!(reader.recv_timeout(&mut [0; 8], SHORT).unwrap(), Some(0));
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    assert_eq!(refusal(&writer), Some(Errno::EPIPE));
}

#[test]
fn a_limit_leaves_the_description_as_others_expect_it() {
    watchdog(|| {
        let (reader, writer) = pipe().unwrap();
        assert_eq!(reader.recv_timeout(&mut [0], SHORT).unwrap(), None);
        // `cat` would end at once at a description that does not wait.
        let mut cat = Command::new("cat").stdin(reader).stdout(Stdio::piped()).spawn().unwrap();
        let mut out = cat.stdout.take().unwrap();
        writer.send(b"x").unwrap();
        out.read_exact(&mut [0]).unwrap();
        writer.send(b"y").unwrap();
        out.read_exact(&mut [0]).unwrap();
        drop(writer);
        assert!(cat.wait().unwrap().success());

        let (mut reader, writer) = pipe().unwrap();
        assert_eq!(reader.try_recv(&mut [0]).unwrap(), None);
        thread::scope(|scope| {
            scope.spawn(|| (&writer).write_all(b"x").unwrap());
            assert_eq!(reader.read(&mut [0]).unwrap(), 1); // waits
        });
        reader.set_nonblocking(true).unwrap();
        assert_eq!(reader.read(&mut [0]).unwrap_err().kind(), ErrorKind::WouldBlock);
    });
}

#[test]
fn an_end_that_was_passed_on_takes_no_limit_from_its_clones() {
    watchdog(|| {
        let (reader, writer) = pipe().unwrap();
        assert_eq!(reader.try_recv(&mut [0]).unwrap(), None);
        // `cat` gets a description that waits, and it is the same one.
        let clone = reader.try_clone().unwrap();
        let mut cat = Command::new("cat").stdin(clone).stdout(Stdio::piped()).spawn().unwrap();
        assert_eq!(reader.try_recv(&mut [0]).unwrap(), None);
        assert_eq!(reader.recv_timeout(&mut [0], SHORT).unwrap(), None);
        drop(writer);
        cat.wait().unwrap();
    });
}

#[test]
fn pipes_come_from_std_and_go_back() {
    let (reader, writer) = std::io::pipe().unwrap();
    let (reader, writer) = (PipeReader::from(reader), PipeWriter::from(writer));
    writer.send(b"abc").unwrap();
    let mut back = std::io::PipeReader::from(OwnedFd::from(reader));
    drop(writer);
    let mut said = String::new();
    back.read_to_string(&mut said).unwrap();
    assert_eq!(said, "abc");
}

#[test]
fn no_wait_at_a_pipe_ends_before_its_time_nor_by_a_signal() {
    watchdog(|| {
        let (reader, writer) = pipe().unwrap();
        let (_kept, full) = pipe().unwrap();
        while full.try_send(&[0; 4096]).unwrap().is_some() {}
        let dir = fixture::dir();
        let fifo = Fifo::create(dir.join("f"), 0o600).unwrap();
        let lonely = fifo.reader().unwrap();
        let other = Fifo::create(dir.join("g"), 0o600).unwrap();
        let calls = [
            Timed::new(
                "recv",
                |time| reader.recv_timeout(&mut [0], time).unwrap().is_some(),
                |until| reader.recv_deadline(&mut [0], until).unwrap().is_some(),
            ),
            Timed::new(
                "recv at a FIFO without a writer",
                |time| lonely.recv_timeout(&mut [0], time).unwrap().is_some(),
                |until| lonely.recv_deadline(&mut [0], until).unwrap().is_some(),
            ),
            Timed::new(
                "send",
                |time| full.send_timeout(&[0], time).unwrap().is_some(),
                |until| full.send_deadline(&[0], until).unwrap().is_some(),
            ),
            Timed::new(
                "writer",
                |time| other.writer_timeout(time).unwrap().is_some(),
                |until| other.writer_deadline(until).unwrap().is_some(),
            ),
        ];
        Timed::never_early(&calls, rounds(5, 1000));
        let (_storm, waits) = (Storm::start(2000), this_thread());
        let (began, time) = (Instant::now(), Duration::from_millis(200));
        assert_eq!(reader.recv_timeout(&mut [0], time).unwrap(), None);
        assert!(other.writer_timeout(time).unwrap().is_none());
        assert!(began.elapsed() >= 2 * time && began.elapsed() < 20 * time);
        thread::scope(|scope| {
            scope.spawn(|| {
                interrupted(&waits);
                writer.send(b"x").unwrap();
            });
            assert_eq!(reader.recv(&mut [0]).unwrap(), 1);
        });
    });
}

fn writes_to_a_fifo(role: &mut Role) {
    let fifo = Fifo::open(role.arg(0)).unwrap();
    let writer = fifo.writer().unwrap();
    role.say("open");
    loop {
        match role.hear().as_str() {
            "end" => return,
            line => _ = writer.send(line.as_bytes()).unwrap(),
        }
    }
}

#[test]
fn a_fifo_connects_in_either_order_and_shows_that_its_writer_is_gone() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("f");
        let fifo = Fifo::create(&path, 0o600).unwrap();
        let mut bytes = [0; 64];
        // The reader first: a missing writer does not look like the end.
        let reader = fifo.reader().unwrap();
        assert_eq!(reader.try_recv(&mut bytes).unwrap(), None);
        assert_eq!(reader.recv_timeout(&mut bytes, SHORT).unwrap(), None);
        let mut child = Child::run("writes to a fifo", &[text(&path)]);
        child.wait_for("open");
        assert_eq!(reader.try_recv(&mut bytes).unwrap(), None);
        child.tell("hello");
        assert_eq!(reader.recv(&mut bytes).unwrap(), 5);
        // Gone is an end, also by a kill.
        child.kill();
        assert_eq!(reader.recv(&mut bytes).unwrap(), 0);
        assert_eq!(reader.recv_timeout(&mut bytes, SHORT).unwrap(), Some(0));
        drop(reader);
        // The writer first: it waits for a reader.
        assert!(fifo.try_writer().unwrap().is_none());
        let mut child = Child::run("writes to a fifo", &[text(&path)]);
        let reader = fifo.reader().unwrap();
        child.wait_for("open");
        child.tell("hello");
        assert_eq!(reader.recv(&mut bytes).unwrap(), 5);
        child.tell("end");
        child.finish();
        assert_eq!(reader.recv(&mut bytes).unwrap(), 0);
    });
}

/// Runs alone in its process: programs that other tests start would have copies of its ends.
fn reads_while_a_writer_comes(role: &mut Role) {
    let fifo = Fifo::create(role.arg(0), 0o600).unwrap();
    let count = rounds(30_000, 500_000);
    thread::scope(|scope| {
        let (next, turns) = std::sync::mpsc::channel();
        let writes = &fifo;
        scope.spawn(move || {
            for () in turns {
                writes.writer().unwrap().send(b"x").unwrap();
            }
        });
        for _ in 0..count {
            next.send(()).unwrap();
            let reader = fifo.reader().unwrap();
            assert_eq!(reader.recv(&mut [0; 8]).unwrap(), 1);
            assert_eq!(reader.recv(&mut [0; 8]).unwrap(), 0);
        }
        drop(next);
    });
}

#[test]
fn a_writer_that_comes_while_a_reader_looks_is_never_taken_for_gone() {
    watchdog(|| {
        let dir = fixture::dir();
        Child::run("reads while a writer comes", &[text(&dir.join("f"))]).finish();
    });
}

#[test]
fn a_reader_that_ends_early_is_an_error_to_the_writer() {
    let dir = fixture::dir();
    let fifo = Fifo::create(dir.join("f"), 0o600).unwrap();
    let reader = fifo.reader().unwrap();
    let writer = fifo.writer_timeout(SHORT).unwrap().unwrap();
    drop(reader);
    assert_eq!(refusal(&writer), Some(Errno::EPIPE));
    assert!(fifo.try_writer().unwrap().is_none());
}

#[test]
fn shells_read_and_write_a_fifo() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("f");
        let fifo = Fifo::create(&path, 0o600).unwrap();
        let reader = fifo.reader().unwrap();
        let script = format!("echo from a shell > {}", text(&path));
        assert!(Command::new("sh").args(["-c", &script]).status().unwrap().success());
        let mut said = String::new();
        { reader }.read_to_string(&mut said).unwrap();
        assert_eq!(said, "from a shell\n");
        let cat = Command::new("cat").arg(&path).stdout(Stdio::piped()).spawn().unwrap();
        fifo.writer().unwrap().send(b"to cat").unwrap();
        assert_eq!(cat.wait_with_output().unwrap().stdout, b"to cat");
    });
}

fn fifo_modes(role: &mut Role) {
    for mask in [0o000, 0o077, 0o777] {
        Permissions::set_umask(Permissions::from(mask));
        for mode in [0o600, 0o666, 0o777, 0o000] {
            let path = Path::new(role.arg(0)).join(format!("{mask:o}-{mode:o}"));
            let _fifo = Fifo::create(&path, mode).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, mode, "{mask:o}");
        }
    }
}

#[test]
fn the_mode_of_a_fifo_is_exact_whatever_the_umask_is() {
    watchdog(|| Child::run("fifo modes", &[text(&fixture::dir())]).finish());
}

#[test]
fn a_fifo_is_removed_by_its_creator_and_only_as_long_as_it_is_there() {
    let dir = fixture::dir();
    let path = dir.join("f");
    let fifo = Fifo::create(&path, 0o600).unwrap();
    drop(Fifo::open(&path).unwrap());
    assert!(Fifo::create(&path, 0o600).unwrap_err().is_exists());
    fs::remove_file(&path).unwrap();
    assert!(fifo.reader().unwrap_err().is_not_found());
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert!(fifo.reader().unwrap_err().is_mismatch());
    drop(Fifo::open(&path).unwrap());
    fs::remove_file(&path).unwrap();
    let successor = Fifo::create(&path, 0o600).unwrap();
    assert!(fifo.reader().unwrap_err().is_mismatch());
    drop(fifo);
    assert!(path.exists());
    drop(successor);
    assert!(!path.exists());
    drop(Fifo::create(&path, 0o600).unwrap().removal(Removal::Never));
    assert!(path.exists());
}

#[test]
fn a_file_that_is_not_a_fifo_is_refused_without_waiting() {
    let dir = fixture::dir();
    let (path, link) = (dir.join("f"), dir.join("link"));
    assert!(Fifo::open(&path).unwrap_err().is_not_found());
    assert!(Fifo::create(dir.join("no/f"), 0o600).unwrap_err().is_not_found());
    fs::write(&path, "").unwrap();
    assert!(Fifo::open(&path).unwrap_err().is_mismatch());
    fs::remove_file(&path).unwrap();
    let fifo = Fifo::create(&path, 0o600).unwrap();
    symlink(&path, &link).unwrap();
    assert!(Fifo::open(&link).unwrap_err().is_mismatch());
    assert!(Fifo::create("", 0o600).is_err() && Fifo::create("a\0b", 0o600).is_err());
    drop(fifo);
}

fn writes_messages(role: &mut Role) {
    let writer = Fifo::open(role.arg(0)).unwrap().writer().unwrap();
    let (writer, which) = (MessageWriter::new(writer), role.arg(1).as_bytes()[0]);
    for size in 0..rounds(2000, 100_000) {
        let size = usize::try_from(size).unwrap() * 7 % (MessageWriter::MAX_LEN + 1);
        writer.send(&vec![which; size]).unwrap();
    }
}

#[test]
fn messages_of_several_processes_arrive_whole_and_in_order() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("f");
        let fifo = Fifo::create(&path, 0o600).unwrap();
        let mut reader = MessageReader::new(fifo.reader().unwrap());
        let children =
            ["a", "b", "c"].map(|which| Child::run("writes messages", &[text(&path), which]));
        let mut counts = [0_usize; 3];
        while let Some(message) = reader.recv().unwrap() {
            // An empty one may be of any of them.
            let Some(first) = message.first() else { continue };
            assert!(message.iter().all(|byte| byte == first));
            let count = &mut counts[usize::from(first - b'a')];
            let expected = (*count..).map(|turn| turn * 7 % (MessageWriter::MAX_LEN + 1));
            let skipped = expected.take_while(|size| *size == 0).count();
            *count += skipped;
            assert_eq!(message.len(), *count * 7 % (MessageWriter::MAX_LEN + 1));
            *count += 1;
        }
        children.into_iter().for_each(Child::finish);
        let all = usize::try_from(rounds(2000, 100_000)).unwrap();
        assert!(counts.iter().all(|count| *count >= all - 1 && *count <= all), "{counts:?}");
    });
}

/// Sends one message and the beginning of another, says so, and waits to be killed.
fn dies_in_mid_frame(role: &mut Role) {
    let writer = Fifo::open(role.arg(0)).unwrap().writer().unwrap();
    writer.send(b"\x03\x00one").unwrap();
    writer.send(b"\x09\x00half").unwrap();
    role.say("sent");
    role.hear();
}

#[test]
fn a_writer_that_is_killed_in_mid_message_is_an_error_and_no_message() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("f");
        let fifo = Fifo::create(&path, 0o600).unwrap();
        let mut reader = MessageReader::new(fifo.reader().unwrap());
        let mut child = Child::run("dies in mid-frame", &[text(&path)]);
        child.wait_for("sent");
        assert_eq!(reader.recv().unwrap(), Some(&b"one"[..]));
        assert!(reader.try_recv().unwrap().is_none());
        child.kill();
        let err = reader.recv().unwrap_err();
        assert!(err.is_mismatch(), "{err}");
        assert!(err.to_string().contains("found the end after 6 bytes"), "{err}");
        // The next writer begins a new message.
        let mut reader = MessageReader::new(fifo.reader().unwrap());
        let writer = MessageWriter::new(Fifo::open(&path).unwrap().writer().unwrap());
        writer.send(b"two").unwrap();
        assert_eq!(reader.recv().unwrap(), Some(&b"two"[..]));
    });
}

#[test]
fn half_a_message_is_kept_for_the_next_call_and_an_error_at_the_end() {
    let (reader, writer) = pipe().unwrap();
    let mut reader = MessageReader::new(reader);
    writer.send(&[3]).unwrap();
    assert!(reader.try_recv().unwrap().is_none());
    writer.send(&[0, b'a']).unwrap();
    assert!(reader.recv_timeout(SHORT).unwrap().is_none());
    writer.send(b"bc").unwrap();
    assert_eq!(reader.recv().unwrap(), Some(&b"abc"[..]));
    writer.send(&[9, 0, 1]).unwrap();
    drop(writer);
    let err = reader.recv().unwrap_err();
    assert!(err.is_mismatch(), "{err}");
    assert!(err.to_string().contains("found the end after 3 bytes"), "{err}");

    let (reader, writer) = pipe().unwrap();
    writer.send(&[0xFF, 0xFF, 1, 2]).unwrap();
    let err = MessageReader::new(reader).recv().unwrap_err();
    assert!(err.is_mismatch(), "{err}");
    let writer = MessageWriter::new(writer);
    assert!(writer.send(&[0; MessageWriter::MAX_LEN + 1]).unwrap_err().is_too_long());
}

#[test]
fn a_message_is_sent_whole_or_not_at_all() {
    let (reader, writer) = pipe().unwrap();
    writer.set_size(8192).unwrap();
    let (mut reader, writer) = (MessageReader::new(reader), MessageWriter::new(writer));
    let mut sent = 0;
    while writer.try_send(&[7; 3000]).unwrap() {
        sent += 1;
    }
    assert!(!writer.send_timeout(&[7; 3000], SHORT).unwrap());
    drop(writer);
    let mut received = 0;
    while let Some(message) = reader.recv().unwrap() {
        assert_eq!(message, [7; 3000]);
        received += 1;
    }
    assert_eq!(sent, received);
}

#[test]
fn a_file_in_place_of_a_pipe_is_an_error_at_first_use() {
    let file = OwnedFd::from(File::open("/").unwrap());
    assert!(PipeReader::from(file).recv(&mut [0]).unwrap_err().is_mismatch());
}
