//! One object of each kind, planted by C, Python and Rust.

use std::fs::File;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Command;

use ipc::core::{Key, Removal};
use ipc::queue::{MessageQueue, QueueOptions, SysvQueue, SysvQueueOptions};
use ipc::shm::{AnonymousMemory, MemoryOptions, SharedMemory, SysvMemory};
use ipc::stream::{FileLock, LocalListener, LockKind};
use ipc::sync::NamedSemaphore;
use ipc::sync::sysv::{Operation, SemaphoreSet, SetOptions};
use ipc_testkit::{Child, ChildOptions, Role, Root, c_program, skip};

use crate::common::run;

/// The kinds that are planted.
pub(crate) const KINDS: [&str; 10] =
    ["shm", "sem", "mq", "segment", "set", "queue", "memfd", "fifo", "socket", "lock"];

/// Creates one object of each kind and uses it: names begin with the first argument, files with the
/// second. Prints the ids of the segment, the set and the queue of System V.
const IN_C: &str = r#"
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv) {
    char path[200];
    if (argc < 3) return 1;
    int fd = shm_open(argv[1], O_CREAT | O_RDWR, 0600);
    if (fd < 0 || ftruncate(fd, 5000) || mmap(0, 5000, PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED) return 2;
    close(fd);
    if (sem_open(argv[1], O_CREAT, 0600, 7) == SEM_FAILED) return 3;
    struct mq_attr attr = {.mq_maxmsg = 3, .mq_msgsize = 40};
    mqd_t mq = mq_open(argv[1], O_CREAT | O_RDWR, 0600, &attr);
    if (mq == -1 || mq_send(mq, "hello", 5, 1)) return 4;
    int segment = shmget(IPC_PRIVATE, 3000, 0600), set = semget(IPC_PRIVATE, 2, 0600);
    int queue = msgget(IPC_PRIVATE, 0600);
    struct { long type; char text[4]; } message = {5, "abc"};
    struct sembuf up = {1, 4, 0};
    if (shmat(segment, 0, 0) == (void *)-1 || semop(set, &up, 1) || msgsnd(queue, &message, 4, 0)) return 5;
    snprintf(path, sizeof path, "%s-memfd", argv[1]);
    if (ftruncate(memfd_create(path, 0), 6000)) return 6;
    snprintf(path, sizeof path, "%s-fifo", argv[2]);
    if (mkfifo(path, 0600) || open(path, O_RDWR) < 0) return 7;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s-socket", argv[2]);
    int server = socket(AF_UNIX, SOCK_STREAM, 0);
    if (bind(server, (void *)&address, sizeof address) || listen(server, 1)) return 8;
    snprintf(path, sizeof path, "%s-lock", argv[2]);
    if (flock(open(path, O_CREAT | O_RDWR, 0600), LOCK_EX)) return 9;
    printf("%d %d %d\n", segment, set, queue);
    fflush(stdout);
    return getchar() == 'x';
}
"#;

/// The same, by the same calls: Python's own library has neither queues nor System V objects.
const IN_PYTHON: &str = r"
import ctypes, fcntl, mmap, os, socket, sys
from ctypes import byref, c_long, c_short, c_ushort, c_void_p, create_string_buffer

name, files = sys.argv[1].encode(), sys.argv[2]
c = ctypes.CDLL(None, use_errno=True)
real_time = c if hasattr(c, 'mq_open') else ctypes.CDLL('librt.so.1', use_errno=True)

def done(result):
    if result in (-1, None, c_void_p(-1).value):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

class Attributes(ctypes.Structure):
    _fields_ = [(field, c_long) for field in ('flags', 'maxmsg', 'msgsize', 'curmsgs', 'a', 'b', 'c', 'd')]

class Operation(ctypes.Structure):
    _fields_ = [('index', c_ushort), ('change', c_short), ('flags', c_short)]

class Message(ctypes.Structure):
    _fields_ = [('type', c_long), ('text', ctypes.c_char * 4)]

file = os.open('/dev/shm' + sys.argv[1], os.O_CREAT | os.O_RDWR, 0o600)
os.truncate(file, 5000)
view = mmap.mmap(file, 5000)
os.close(file)
c.sem_open.restype = c_void_p
done(c.sem_open(name, os.O_CREAT, 0o600, 7))
mq = done(real_time.mq_open(name, os.O_CREAT | os.O_RDWR, 0o600, byref(Attributes(maxmsg=3, msgsize=40))))
done(real_time.mq_send(mq, b'hello', 5, 1))
segment, set, queue = done(c.shmget(0, 3000, 0o600)), done(c.semget(0, 2, 0o600)), done(c.msgget(0, 0o600))
c.shmat.restype = c_void_p
done(c.shmat(segment, None, 0))
done(c.semop(set, byref(Operation(1, 4, 0)), 1))
done(c.msgsnd(queue, byref(Message(5, b'abc')), 4, 0))
os.truncate(os.memfd_create(sys.argv[1] + '-memfd', 0), 6000)
os.mkfifo(files + '-fifo', 0o600)
fifo = os.open(files + '-fifo', os.O_RDWR)
server = socket.socket(socket.AF_UNIX)
server.bind(files + '-socket')
server.listen(1)
lock = os.open(files + '-lock', os.O_CREAT | os.O_RDWR, 0o600)
fcntl.flock(lock, fcntl.LOCK_EX)
print(segment, set, queue, flush=True)
sys.stdin.readline()
";

/// The same with the toolkit: a role.
pub(crate) fn planter(role: &mut Role) {
    let (name, files) = (role.arg(0).to_owned(), role.arg(1).to_owned());
    let _memory = SharedMemory::create(&name, MemoryOptions::new(5000)).unwrap();
    let _semaphore = NamedSemaphore::create(&name, 7).unwrap();
    let queue = MessageQueue::create(&name, QueueOptions::new(3, 40)).unwrap();
    queue.send(b"hello", 1).unwrap();
    let options = MemoryOptions::new(3000).removal(Removal::Never);
    let segment = SysvMemory::create(Key::PRIVATE, options).unwrap();
    let options = SetOptions::new([0, 0]).removal(Removal::Never);
    let set = SemaphoreSet::create(Key::PRIVATE, options).unwrap();
    set.operate(&[Operation::add(1, 4)]).unwrap();
    let options = SysvQueueOptions::new().removal(Removal::Never);
    let messages = SysvQueue::create(Key::PRIVATE, options).unwrap();
    messages.send(b"abc\0", 5).unwrap();
    let _memfd = AnonymousMemory::create(&format!("{name}-memfd"), 6000).unwrap();
    let path = format!("{files}-fifo");
    let made = Command::new("mkfifo").args(["-m", "600", &path]).status().unwrap();
    assert!(made.success());
    let both = File::options().read(true).write(true).mode(0o600).open(path).unwrap();
    let _listener = LocalListener::bind(Path::new(&format!("{files}-socket"))).unwrap();
    let lock = FileLock::open_or_create(format!("{files}-lock"), 0o600).unwrap();
    let lock = lock.into_locked(LockKind::Exclusive).unwrap();
    role.say(&format!("{} {} {}", segment.id(), set.id(), messages.id()));
    role.wait_for("never");
    drop((both, lock));
}

/// The language of the program that plants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Planter {
    C,
    Python,
    Rust,
}

impl Planter {
    pub(crate) const ALL: [Self; 3] = [Self::C, Self::Python, Self::Rust];

    /// Plants objects with this name, as another user if there is one; `None` if there is no Python.
    pub(crate) fn plant(self, name: &str, user: Option<Root>) -> Option<(Child, Planted)> {
        /// The one that all users can run.
        const PYTHON: &str = "/usr/bin/python3";

        let options = match self {
            Self::C => ChildOptions::program(&c_program("plant", IN_C)),
            Self::Python if Path::new(PYTHON).exists() => ChildOptions::program(PYTHON.as_ref()),
            Self::Python => {
                skip("there is no Python");
                return None;
            }
            Self::Rust => ChildOptions::role("planter"),
        };
        let options = match user {
            Some(root) => options.as_user(root, Root::NOBODY),
            None => options,
        };
        let files = format!("/tmp{name}");
        let mut child = match self {
            Self::Python => Child::run(options, &["-c", IN_PYTHON, name, &files]),
            _ => Child::run(options, &[name, &files]),
        };
        let ids = child.hear().split(' ').map(String::from).collect();
        Some((child, Planted { name: name.to_owned(), files, ids }))
    }

    /// The beginning of the name of its process.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::C => "plant",
            Self::Python => "python",
            Self::Rust => "exe",
        }
    }

    /// The size and the content of its object of a kind.
    pub(crate) fn content(self, kind: &str) -> (Option<u64>, &'static str) {
        match kind {
            "shm" if self == Self::Rust => (Some(5000), "bytes"),
            "shm" => (Some(5000), ""),
            "sem" => (Some(32), "value 7"),
            "mq" => (Some(5), "1 of 3 messages of 40 bytes"),
            // With the size that was asked for behind it.
            "segment" if self == Self::Rust => (Some(3072), ""),
            "segment" => (Some(3000), ""),
            "set" => (Some(2), "values 0, 4"),
            "queue" => (Some(4), "1 message"),
            "memfd" if self == Self::Rust => (Some(6080), ""), // the file, with its trailer
            "memfd" => (Some(6000), ""),
            "socket" => (None, "stream"),
            "lock" if self == Self::Rust => {
                (None, "exclusive lock of an open file description, whole file")
            }
            "lock" => (None, "exclusive flock lock, whole file"),
            _ => (None, ""),
        }
    }

    /// The state of its object of a kind when its process was killed: only what can be proved.
    pub(crate) fn left(self, kind: &str) -> Option<&'static str> {
        match kind {
            "shm" if self == Self::Rust => Some("stale"),
            "shm" => Some("foreign"),
            "segment" | "socket" => Some("stale"),
            "sem" | "mq" | "set" | "queue" | "fifo" => Some("idle"),
            _ => None,
        }
    }
}

/// The selectors of what was planted, by kind.
pub(crate) struct Planted {
    name: String,
    files: String,
    ids: Vec<String>,
}

impl Planted {
    /// The selector of the object of a kind.
    pub(crate) fn of(&self, kind: &str) -> String {
        let Self { name, files, ids } = self;
        match kind {
            "shm" | "sem" | "mq" => format!("{kind}:{name}"),
            "segment" => format!("segment:{}", ids[0]),
            "set" => format!("set:{}", ids[1]),
            "queue" => format!("queue:{}", ids[2]),
            "memfd" => format!("memfd:{name}-memfd"),
            _ => format!("{kind}:{files}-{kind}"),
        }
    }
}

impl Drop for Planted {
    fn drop(&mut self) {
        let all = ["shm", "sem", "mq", "segment", "set", "queue", "fifo", "socket"];
        let all = all.map(|kind| self.of(kind));
        // Errors of objects that the test has already removed do not matter.
        let all = all.iter().map(String::as_str);
        run(&["rm", "--force"].into_iter().chain(all).collect::<Vec<_>>());
        let _ = std::fs::remove_file(format!("{}-lock", self.files));
    }
}
