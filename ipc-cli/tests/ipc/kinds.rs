//! One object of each kind, planted by C and Python: in use, and left behind.

use std::process::Command;

use ipc_testkit::{Child, ChildOptions, Root, c_program, fixture, watchdog};

use crate::common::{ipc, object, pids, refused, run, state};

/// Creates one object of each kind and uses it: names begin with the first argument, files with the
/// second.
const PLANT: &str = r#"
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

/// The selectors of what was planted, by kind.
struct Planted {
    name: String,
    files: String,
    ids: Vec<String>,
}

impl Planted {
    fn new(name: &str, heard: &str) -> Self {
        let ids = heard.split(' ').map(String::from).collect();
        Self { name: name.to_owned(), files: format!("/tmp{name}"), ids }
    }

    /// The selector of the object of a kind.
    fn of(&self, kind: &str) -> String {
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
        for kind in ["segment", "set", "queue", "fifo", "socket"] {
            run(&["rm", "--force", &self.of(kind)]); // what the test has removed is an error, which does not matter
        }
        let _ = std::fs::remove_file(format!("{}-lock", self.files));
    }
}

const KINDS: [&str; 10] =
    ["shm", "sem", "mq", "segment", "set", "queue", "memfd", "fifo", "socket", "lock"];

#[test]
fn each_kind_that_c_uses_is_listed_with_its_process_and_content() {
    watchdog(|| {
        let name = fixture::name();
        let mut child = Child::run(
            ChildOptions::program(&c_program("plant", PLANT)),
            &[&name, &format!("/tmp{name}")],
        );
        let planted = Planted::new(&name, &child.hear());
        for kind in KINDS {
            let selector = planted.of(kind);
            let object = object(&selector).unwrap_or_else(|| panic!("{selector} is not listed"));
            assert_eq!(object["state"], "in-use", "{object}");
            assert_eq!(pids(&object), [i64::from(child.pid())], "{object}");
            assert!(
                object["processes"][0]["command"].as_str().unwrap().starts_with("plant"),
                "{object}"
            );
            let (size, content) = match kind {
                "shm" => (Some(5000), ""),
                "sem" => (Some(32), "value 7"),
                "mq" => (Some(5), "1 of 3 messages of 40 bytes"),
                "segment" => (Some(3000), ""),
                "set" => (Some(2), "values 0, 4"),
                "queue" => (Some(4), "1 message"),
                "memfd" => (Some(6000), ""),
                "socket" => (None, "stream"),
                "lock" => (None, "flock exclusive, all"),
                _ => (None, ""),
            };
            assert_eq!(
                (object["size"].as_u64(), object["content"].as_str().unwrap()),
                (size, content),
                "{object}"
            );
            let shown = ipc(&["show", &selector]);
            assert!(
                shown.contains(&child.pid().to_string()) && shown.contains("in use"),
                "{shown}"
            );
            let (code, why) = match kind {
                "memfd" | "lock" => refused(&["rm", &selector]),
                _ => {
                    let (code, why) = refused(&["rm", &selector]);
                    assert!(why.contains("--force"), "{why}");
                    (code, why)
                }
            };
            assert_eq!(code, Some(1), "{why}");
        }
        // A look disturbs no process, and objects in use are not collected.
        let nothing = ipc(&["gc", "--unused", &name]);
        assert!(nothing.contains("nothing to remove"), "{nothing}");
        assert_eq!(ipc(&["sem", "value", &name]), "7\n");
        let shown = ipc(&["show", &format!("pid:{}", child.pid())]);
        let (begin, _) = shown.split_once('\n').unwrap();
        assert!(begin.ends_with("objects"), "{begin}");
        assert!(shown.matches(&name[1..]).count() >= 7, "{shown}");
        child.kill();
    });
}

#[test]
fn what_c_leaves_behind_has_only_a_state_that_can_be_proved() {
    watchdog(|| {
        let name = fixture::name();
        let mut child = Child::run(
            ChildOptions::program(&c_program("plant", PLANT)),
            &[&name, &format!("/tmp{name}")],
        );
        let planted = Planted::new(&name, &child.hear());
        child.kill();
        for (kind, wanted) in [
            ("shm", Some("foreign")),
            ("sem", Some("idle")),
            ("mq", Some("idle")),
            ("segment", Some("stale")),
            ("set", Some("idle")),
            ("queue", Some("idle")),
            ("memfd", None),
            ("fifo", Some("idle")),
            ("socket", Some("stale")),
            ("lock", None),
        ] {
            assert_eq!(state(&planted.of(kind)).as_deref(), wanted, "{kind}");
        }
        // Idle objects are kept, and a prefix does not reach a segment, which has no name.
        assert!(ipc(&["gc", &name]).contains("nothing to remove"));
        let removed = ipc(&["gc", &format!("/tmp{name}")]);
        assert!(removed.contains(&format!("removed {}", planted.of("socket"))), "{removed}");
        assert!(
            ipc(&["gc", "--dry-run"]).contains(&format!("would remove {}", planted.of("segment")))
        );
        let removed = ipc(&["gc", "--unused", &name]);
        for kind in ["shm", "sem", "mq"] {
            assert!(removed.contains(&format!("removed {}: ", planted.of(kind))), "{removed}");
            assert_eq!(state(&planted.of(kind)), None);
        }
        for kind in ["segment", "set", "queue", "fifo"] {
            ipc(&["rm", &planted.of(kind)]);
            assert_eq!(state(&planted.of(kind)), None);
        }
    });
}

#[test]
fn shared_memory_of_python_is_in_use_and_then_foreign() {
    const SCRIPT: &str = "import mmap, os, sys\n\
        file = os.open('/dev/shm' + sys.argv[1], os.O_CREAT | os.O_RDWR, 0o600)\n\
        os.truncate(file, 4096)\n\
        view = mmap.mmap(file, 4096)\n\
        os.close(file)\n\
        print('ready', flush=True)\n\
        sys.stdin.readline()";

    if Command::new("python3").arg("--version").output().is_err() {
        return ipc_testkit::skip("there is no Python");
    }
    watchdog(|| {
        let name = fixture::name();
        let python = ChildOptions::program("/usr/bin/env".as_ref());
        let mut child = Child::run(python, &["python3", "-c", SCRIPT, &name]);
        child.wait_for("ready");
        let selector = format!("shm:{}", &*name);
        let found = object(&selector).unwrap();
        assert_eq!(
            (found["state"].as_str(), pids(&found)),
            (Some("in-use"), vec![i64::from(child.pid())])
        );
        child.kill();
        assert_eq!(state(&selector).as_deref(), Some("foreign"));
        ipc(&["rm", &name]);
    });
}

#[test]
fn what_another_user_has_is_listed_with_its_owner() {
    let Some(root) = Root::or_skip("runs as another user") else { return };
    watchdog(|| {
        let name = fixture::name();
        let program = ChildOptions::program(&c_program("plant", PLANT)).as_user(root, Root::NOBODY);
        let mut child = Child::run(program, &[&name, &format!("/tmp{name}")]);
        let planted = Planted::new(&name, &child.hear());
        for kind in ["shm", "sem", "mq", "segment", "set", "queue", "fifo", "socket"] {
            let object = object(&planted.of(kind)).unwrap();
            assert_eq!(
                (object["uid"].as_u64(), object["owner"].as_str()),
                (Some(65534), Some("nobody")),
                "{object}"
            );
        }
        let of_nobody = ipc(&["ls", "--user", "nobody", "--quiet"]);
        assert!(of_nobody.contains(&planted.of("mq")), "{of_nobody}");
        assert!(!ipc(&["ls", "--user", "root", "--quiet"]).contains(&planted.of("mq")));
        child.kill();
        // Objects of other users are not collected unless asked for.
        assert!(!ipc(&["gc", "--unused", "-n"]).contains(&planted.of("shm")));
        assert!(ipc(&["gc", "--unused", "-n", "--all-users"]).contains(&planted.of("shm")));
    });
}
