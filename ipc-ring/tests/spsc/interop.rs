//! The C and Python code in the folder `interop`, with live processes at the other end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use ipc_core::Removal;
use ipc_mem::MemoryOptions;
use ipc_ring::spsc::{Peer, Receiver, RingOptions, Sender, bytes};
use ipc_testkit::{
    Child, ChildOptions, Part, Rng, Role, c_program, figures, fixture, rounds, skip, watchdog,
};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("native sender", native_sender), ("native receiver", native_receiver)];

const INTEROP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../interop");

/// A message of one type: its number twice.
type Message = [u64; 2];

/// The length of message `number` in a ring of bytes, each byte of which is its number.
fn len(number: u64) -> usize {
    usize::try_from(number * 7 % 50).unwrap()
}

const C: &str = r#"
    int main(int argc, char **argv) {
        struct ipc_spsc ring;
        must(argc >= 3);
        const char *name = argv[2];
        if (strcmp(argv[1], "damaged") == 0) { /* a file of images */
            uint32_t head[2];
            FILE *file = fopen(name, "rb");
            must(file);
            while (fread(head, sizeof head, 1, file) == 1) {
                static _Alignas(64) char bytes[4096];
                memset(bytes, 0, sizeof bytes);
                must(head[0] <= sizeof bytes && fread(bytes, 1, head[0], file) == head[0]);
                putchar(ipc_spsc_check(bytes, head[1], 16, &ring) == 0 ? '1' : '0');
            }
            putchar('\n');
            return 0;
        }
        must(argc >= 5);
        size_t size = (size_t)atoi(argv[3]); /* 0: a ring of bytes */
        uint64_t from = strtoull(argv[4], NULL, 10), message[8], i;
        size_t length;
        int why = 0;
        if (strcmp(argv[1], "send") == 0) { /* as many as it is told, from a number on */
            uint64_t to = from + strtoull(argv[5], NULL, 10);
            must(ipc_spsc_open(name, IPC_SPSC_SENDER, size, &ring) == 0);
            for (; from < to && why == 0; from++) {
                message[0] = message[1] = from;
                length = size;
                if (size == 0)
                    memset(message, (int)from, length = from * 7 % 50);
                why = ipc_spsc_send(&ring, message, length, -1);
            }
            say("sent %s", why == 0 ? "all" : ipc_spsc_why(why));
            wait_for("end");
            ipc_spsc_close(&ring);
        } else if (strcmp(argv[1], "recv") == 0) { /* from a number on, until the end */
            must(ipc_spsc_open(name, IPC_SPSC_RECEIVER, size, &ring) == 0);
            say("ready");
            while ((why = ipc_spsc_recv(&ring, message, sizeof message, &length, -1)) == 0) {
                if (size != 0)
                    must(length == size && message[0] == from && message[1] == from);
                else
                    must(length == from * 7 % 50);
                for (i = 0; size == 0 && i < length; i++)
                    must(((unsigned char *)message)[i] == (unsigned char)from);
                from++;
            }
            say("%llu %s", (unsigned long long)from, ipc_spsc_why(why));
            ipc_spsc_close(&ring);
        } else { /* mistakes, at a ring of 4 messages of 16 bytes */
            must(ipc_spsc_open("/ipc-there-is-none", IPC_SPSC_SENDER, 16, &ring) == ENOENT);
            must(ipc_spsc_open(name, IPC_SPSC_SENDER, 8, &ring) == IPC_SPSC_OTHER_SIZE);
            must(ipc_spsc_open(name, IPC_SPSC_SENDER, 0, &ring) == IPC_SPSC_NO_RING);
            must(ipc_spsc_open(name, IPC_SPSC_SENDER, 16, &ring) == IPC_SPSC_BUSY && ring.base == NULL);
            struct ipc_spsc receiver;
            must(ipc_spsc_open(name, IPC_SPSC_RECEIVER, 16, &receiver) == 0);
            must(ipc_spsc_open(name, IPC_SPSC_RECEIVER, 16, &ring) == IPC_SPSC_BUSY);
            must(ipc_spsc_recv(&receiver, message, 16, &length, 0) == IPC_SPSC_NOT_YET);
            must(ipc_spsc_recv(&receiver, message, 16, &length, 3) == IPC_SPSC_NOT_YET);
            say("empty");
            wait_for("sent");
            must(ipc_spsc_recv(&receiver, message, 15, &length, -1) == IPC_SPSC_TOO_LONG);
            must(ipc_spsc_recv(&receiver, message, 16, &length, -1) == 0 && message[0] == 1);
            must(ipc_spsc_recv(&receiver, message, 16, &length, -1) == IPC_SPSC_CLOSED);
            must(ipc_spsc_open(name, IPC_SPSC_SENDER, 16, &ring) == 0);
            must(ipc_spsc_send(&ring, message, 15, -1) == IPC_SPSC_OTHER_SIZE);
            for (i = 0; i < 4; i++)
                must(ipc_spsc_try_send(&ring, message, 16) == 0);
            must(ipc_spsc_send(&ring, message, 16, 3) == IPC_SPSC_NOT_YET);
            ipc_spsc_close(&receiver);
            must(ipc_spsc_send(&ring, message, 16, -1) == IPC_SPSC_CLOSED);
            ipc_spsc_close(&ring);
        }
        return 0;
    }
"#;

const PYTHON: &str = r#"
import struct, sys
sys.path.insert(0, sys.argv[1])
import ipc_spsc
what, name, *rest = sys.argv[2:]

def say(line):
    print(line, flush=True)

def wait_for(line):
    said = sys.stdin.readline().strip()
    assert said == line, f"{said}, not {line}"

def refused(kind, words, call, *args, **more):
    try:
        call(*args, **more)
    except kind as error:
        assert words in str(error), f"{words!r} is not in {error}"
        return
    raise AssertionError(f"{words!r} was not raised")

def message(number):
    return struct.pack("=QQ", number, number) if size else bytes([number & 255]) * (number * 7 % 50)

if what == "damaged":
    verdicts = ""
    with open(name, "rb") as file:
        while head := file.read(8):
            length, whole = struct.unpack("=II", head)
            image, end = file.read(length).ljust(4096, b"\0")[:whole], ipc_spsc._End.__new__(ipc_spsc._End)
            end.name, end._size, end._bytes, end._memory = "/x", 16, False, None
            try:
                if whole < 104:
                    raise ValueError
                end._check(image, whole)
                verdicts += "1"
            except ValueError:
                verdicts += "0"
    say(verdicts)
    sys.exit()
size, number = int(rest[0]) or None, int(rest[1])
if what == "send":
    with ipc_spsc.Sender(name, size) as ring:
        why = "all"
        try:
            for number in range(number, number + int(rest[2])):
                assert ring.send(message(number))
        except EOFError as error:
            why = str(error)
        say(f"sent {why}")
        wait_for("end")
elif what == "recv":
    with ipc_spsc.Receiver(name, size) as ring:
        say("ready")
        try:
            while True:
                assert ring.recv() == message(number), number
                number += 1
        except EOFError as error:
            say(f"{number} {error}")
else:
    refused(FileNotFoundError, "none", ipc_spsc.Sender, "/ipc-there-is-none")
    refused(ValueError, "messages of 16 bytes, wanted 8", ipc_spsc.Sender, name, 8)
    refused(ValueError, "not a ring of bytes", ipc_spsc.Sender, name)
    refused(BlockingIOError, "has the sender open", ipc_spsc.Sender, name, 16)
    receiver = ipc_spsc.Receiver(name, 16)
    refused(BlockingIOError, "has the receiver open", ipc_spsc.Receiver, name, 16)
    assert receiver.try_recv() is None and receiver.recv(timeout=0.003) is None
    say("empty")
    wait_for("sent")
    assert [struct.unpack("=QQ", found)[0] for found in receiver] == [1]
    refused(ipc_spsc.Closed, "the sender is closed", receiver.try_recv)
    sender = ipc_spsc.Sender(name, 16)
    refused(ValueError, "a message of 15 bytes, wanted 16", sender.send, bytes(15))
    while sender.try_send(bytes(16)):
        pass
    assert not sender.send(bytes(16), timeout=0.003)
    receiver.close()
    refused(ipc_spsc.Closed, "the receiver is closed", sender.send, bytes(16))
    sender.close()
    refused(ValueError, "is closed", sender.try_send, bytes(16))
"#;

/// The Python interpreter that has NumPy.
fn numpy() -> Option<PathBuf> {
    ipc_testkit::python(env!("CARGO_TARGET_TMPDIR"), &[("numpy", "numpy==2.2.6")])
}

fn python(python: &Path, args: &[&str]) -> Child {
    let options = ChildOptions::program(python).env("PYTHONDONTWRITEBYTECODE", "1");
    Child::run(options, &[&["-c", PYTHON, &format!("{INTEROP}/python")], args].concat())
}

/// Starts a program of a language with these arguments.
type Start<'a> = &'a dyn Fn(&[&str]) -> Child;

fn with_all(test: impl Fn(&str, Start<'_>)) {
    let source = format!("#include \"{INTEROP}/c/ipc_spsc.h\"\n#line 1 \"program.c\"\n{C}");
    let (c, numpy) = (c_program("spsc", &source), numpy()); // NumPy may have to be installed
    watchdog(|| {
        test("c", &|args| Child::run(&c, args));
        if let Some(numpy) = &numpy {
            test("python", &|args| python(numpy, args));
        }
    });
}

fn options(capacity: usize) -> RingOptions {
    let memory = MemoryOptions::new(0).removal(Removal::Never);
    RingOptions::new(capacity).memory(memory)
}

fn bytes_of(number: u64) -> Vec<u8> {
    vec![u8::try_from(number & 255).unwrap(); len(number)]
}

/// Sends messages without end.
fn native_sender(role: &mut Role) {
    let sender = Sender::<Message>::open(role.arg(0)).unwrap();
    role.say("ready");
    for number in sender.sent().. {
        sender.send(&[number; 2]).unwrap();
    }
}

/// Receives one message, and then nothing.
fn native_receiver(role: &mut Role) {
    let receiver = Receiver::<Message>::open(role.arg(0)).unwrap();
    receiver.wait_for_sender();
    assert!(receiver.recv().unwrap().is_some());
    role.say("received");
    role.wait_for("never");
}

#[test]
fn we_receive_what_c_and_python_send_until_they_close_the_ring() {
    with_all(|language, start| {
        let count = rounds(2_000, 200_000);
        let name = fixture::name();
        let receiver = Receiver::<Message>::create(&*name, 4).unwrap();
        let mut sender = start(&["send", &name, "16", "0", &count.to_string()]);
        receiver.wait_for_sender();
        for number in 0..count {
            assert_eq!(receiver.recv().unwrap(), Some([number; 2]), "{language}");
        }
        sender.wait_for("sent all");
        assert_eq!(receiver.sender(), Peer::Open);
        sender.tell("end");
        assert_eq!(receiver.recv().unwrap(), None);
        assert_eq!(receiver.sender(), Peer::Closed);
        sender.finish();

        let name = fixture::name();
        let receiver = bytes::Receiver::create(&*name, 256).unwrap();
        let mut sender = start(&["send", &name, "0", "0", &count.to_string()]);
        receiver.wait_for_sender();
        let mut message = Vec::new();
        for number in 0..count {
            assert!(receiver.recv(&mut message).unwrap());
            assert_eq!(message, bytes_of(number), "{language}");
        }
        sender.wait_for("sent all");
        sender.tell("end");
        assert!(!receiver.recv(&mut message).unwrap());
        sender.finish();
        let found = receiver.statistics();
        assert_eq!((found.sent, found.received), (count, count), "{language}");
        figures(format_args!("{language}: {found:?}"));
    });
}

#[test]
fn c_and_python_receive_what_we_send_until_we_close_the_ring() {
    with_all(|language, start| {
        let count = rounds(2_000, 200_000);
        let name = fixture::name();
        let sender = Sender::<Message>::create(&*name, 4).unwrap();
        let mut receiver = start(&["recv", &name, "16", "0"]);
        receiver.wait_for("ready");
        (0..count).for_each(|number| sender.send(&[number; 2]).unwrap());
        drop(sender);
        let told = receiver.hear();
        assert!(told.starts_with(&format!("{count} ")) && told.contains("closed"), "{told}");
        receiver.finish();

        let name = fixture::name();
        let sender = bytes::Sender::create(&*name, 256).unwrap();
        let mut receiver = start(&["recv", &name, "0", "0"]);
        receiver.wait_for("ready");
        (0..count).for_each(|number| sender.send(&bytes_of(number)).unwrap());
        let statistics = || sender.statistics();
        while statistics().received < count {
            std::thread::yield_now();
        }
        assert_eq!((statistics().sent, statistics().received), (count, count), "{language}");
        drop(sender);
        assert!(receiver.hear().starts_with(&format!("{count} ")));
        receiver.finish();
    });
}

#[test]
fn we_notice_that_an_end_in_c_or_python_was_killed_and_take_its_place() {
    with_all(|language, start| {
        let name = fixture::name();
        let receiver = Receiver::<Message>::create(&*name, options(4)).unwrap();
        let mut sender = start(&["send", &name, "16", "0", "3"]);
        sender.wait_for("sent all");
        let busy = Sender::<Message>::open(&*name).unwrap_err();
        assert!(busy.is_busy(), "{language}: {busy}");
        sender.kill();
        for number in 0..3 {
            assert_eq!(receiver.recv().unwrap(), Some([number; 2]), "{language}");
        }
        assert_eq!(receiver.recv().unwrap(), None, "{language}: it is dead");
        assert_eq!(receiver.sender(), Peer::Dead);
        let sender = Sender::<Message>::open(&*name).unwrap();
        assert_eq!(sender.sent(), 3);
        drop(receiver);

        let mut receiver = start(&["recv", &name, "16", "3"]);
        receiver.wait_for("ready");
        assert_eq!(sender.receiver(), Peer::Open);
        receiver.kill();
        let gone = loop {
            if let Err(gone) = sender.send(&[7; 2]) {
                break gone;
            }
        };
        assert!(gone.is_closed(), "{language}: {gone}");
        assert_eq!(sender.receiver(), Peer::Dead);
        let receiver = Receiver::<Message>::open(&*name).unwrap();
        assert_eq!(receiver.recv().unwrap(), Some([7; 2]));
        Sender::<Message>::unlink(&*name).unwrap();
    });
}

#[test]
fn c_and_python_notice_that_our_end_was_killed_and_take_its_place() {
    with_all(|language, start| {
        let name = fixture::name();
        drop(Sender::<Message>::create(&*name, options(4)).unwrap());
        let mut sender = Child::run("native sender", &[&name]);
        sender.wait_for("ready");
        let mut receiver = start(&["recv", &name, "16", "0"]);
        receiver.wait_for("ready");
        sender.kill();
        let told = receiver.hear();
        assert!(told.contains("dead"), "{language}: {told}");
        receiver.finish();
        let next = told.split(' ').next().unwrap();

        let mut receiver = Child::run("native receiver", &[&name]);
        let mut sender = start(&["send", &name, "16", next, "100"]);
        receiver.wait_for("received");
        receiver.kill();
        let told = sender.hear();
        assert!(told.contains("dead"), "{language}: {told}");
        sender.tell("end");
        sender.finish();
        let receiver = Receiver::<Message>::open(&*name).unwrap();
        let first = next.parse::<u64>().unwrap() + 1;
        assert_eq!(receiver.recv().unwrap(), Some([first; 2]), "{language}");
        Sender::<Message>::unlink(&*name).unwrap();
    });
}

#[test]
fn c_and_python_say_what_is_wrong_with_a_ring() {
    with_all(|_, start| {
        let name = fixture::name();
        let sender = Sender::<Message>::create(&*name, options(4)).unwrap();
        let mut child = start(&["mistakes", &name, "16", "0"]);
        child.wait_for("empty");
        sender.send(&[1; 2]).unwrap();
        drop(sender);
        child.tell("sent");
        child.finish();
        Sender::<Message>::unlink(&*name).unwrap();
    });
}

#[test]
fn bytes_that_are_no_ring_to_us_are_none_to_c_and_python() {
    let (name, mut rng) = (fixture::name(), Rng::new());
    drop(Sender::<Message>::create(&*name, options(4)).unwrap());
    let path = format!("/dev/shm{name}");
    let whole = fs::read(&path).unwrap();
    Sender::<Message>::unlink(&*name).unwrap();
    let whole = &whole[..whole.len() - 64]; // without its trailer
    let described = usize::try_from(u32::from_ne_bytes(whole[12..16].try_into().unwrap())).unwrap();
    let (mut wanted, mut record, mut kept) = (String::new(), Vec::new(), Vec::new());
    let pages = ipc_hostile::memory::Pages::new(4096);
    while (kept.len() as u64) < rounds(1_000, 20_000) {
        let image = rng.damage(whole, 0..64);
        // The others read the kind, the namespaces and the size of a message, and only these.
        let differs = |part: std::ops::Range<usize>| image.get(part.clone()) != whole.get(part);
        let ends = image.len() < 64 + described;
        if ends || differs(32..48) || differs(56..96) || differs(104..64 + described) {
            continue;
        }
        let opened = Receiver::<Message, _>::open_in(pages.with(&image));
        let is_ring = opened.as_ref().map_or_else(|err| err.is_busy(), |_| true);
        wanted.push(if is_ring { '1' } else { '0' });
        kept.push((image[..64].to_vec(), opened.err()));
        for len in [image.len(); 2] {
            record.extend(u32::try_from(len).unwrap().to_ne_bytes());
        }
        record.extend(image);
    }
    let counts = ['0', '1'].map(|verdict| wanted.matches(verdict).count());
    assert!(counts[0] > 100 && counts[1] > 20, "{counts:?}");
    let dir = fixture::dir();
    let file = dir.join("damaged");
    fs::write(&file, record).unwrap();
    with_all(|language, start| {
        let mut child = start(&["damaged", file.to_str().unwrap()]);
        let found = child.hear();
        let first = wanted.bytes().zip(found.bytes()).position(|(ours, theirs)| ours != theirs);
        let told = first.map(|at| (&wanted[at..=at], &kept[at]));
        assert!(found == wanted, "{language} has another verdict on {told:?}");
        child.finish();
    });
}

#[test]
fn the_header_of_rings_compiles_without_a_warning_as_c_and_as_cpp() {
    let compiler =
        |variable: &str, usual: &str| env::var(variable).unwrap_or_else(|_| usual.to_owned());
    for (program, language, standards) in [
        (compiler("CC", "cc"), "c", ["gnu11", "gnu17"]),
        (compiler("CXX", "c++"), "c++", ["gnu++11", "gnu++17"]),
    ] {
        if Command::new(&program).arg("--version").output().is_err() {
            skip(&format!("there is no {program}"));
            continue;
        }
        for standard in standards {
            let mut compile = Command::new(&program);
            compile.arg(format!("-std={standard}")).args(["-x", language, "-fsyntax-only", "-O2"]);
            compile.args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion"]);
            // In the main file of a compilation, its functions would appear to be unused.
            compile.args(["-include", &format!("{INTEROP}/c/ipc_spsc.h"), "-"]);
            let told = compile.stdin(Stdio::null()).output().unwrap();
            let said = String::from_utf8_lossy(&told.stderr);
            assert!(told.status.success(), "{program} {standard}: {said}");
        }
    }
}
