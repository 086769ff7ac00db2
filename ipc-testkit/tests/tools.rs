//! Fixtures, leak checks, chance, storms and what root can do.

#![expect(unsafe_code, reason = "a shared mapping is leaked, for the leak check to find")]

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::Duration;
use std::{env, io, thread};

use ipc_testkit::{
    Child, ChildOptions, LeakCheck, Rng, Role, Root, Storm, c_program, crash_points, fixture,
    watchdog,
};

#[test]
fn roles() {
    ipc_testkit::play(&[
        ("leaker", leaker),
        ("writer", writer),
        ("nobody", nobody),
        ("crasher", crasher),
        ("skipper", skipper),
        ("unlucky", unlucky),
    ]);
}

fn files_of(name: &str) -> [PathBuf; 2] {
    [format!("/dev/shm{name}").into(), format!("/dev/shm/sem.{}", &name[1..]).into()]
}

fn complaint(f: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(f)).expect_err("a panic");
    *panic.downcast::<String>().expect("a formatted panic")
}

#[test]
fn no_two_names_are_alike() {
    let names: Vec<_> = (0..100).map(|_| fixture::name()).collect();
    let different: BTreeSet<&str> = names.iter().map(|name| &**name).collect();
    assert_eq!(different.len(), names.len());
    assert!(fixture::tagged("frames").ends_with("-frames"));
}

#[test]
fn a_fixture_removes_what_has_its_name() {
    let name = fixture::name();
    let [dir, longer] = [format!("{name}-dir"), format!("{name}-longer")];
    let files = [files_of(&name), files_of(&longer)].concat();
    files.iter().for_each(|file| fs::write(file, "x").unwrap());
    fs::create_dir(&files_of(&dir)[0]).unwrap();
    drop(name);
    assert!(files.iter().all(|file| !file.exists()) && !files_of(&dir)[0].exists());
}

#[test]
fn a_fixture_removes_what_has_its_name_also_when_the_test_panics() {
    let name = fixture::name();
    let dir = fixture::dir();
    let files = [files_of(&name).as_slice(), &[dir.to_path_buf()]].concat();
    fs::write(&files[0], "x").unwrap();
    fs::write(dir.join("file"), "x").unwrap();
    assert!(catch_unwind(move || panic!("{name} {}", dir.display())).is_err());
    assert!(files.iter().all(|file| !file.exists()));
}

#[test]
fn a_fixture_removes_the_message_queue_of_its_name() {
    let program = c_program(
        "queue",
        r#"
            #include <fcntl.h>
            #include <mqueue.h>
            int main(int argc, char **argv) {
                int flags = argc == 3 ? O_CREAT | O_EXCL : 0;
                mqd_t queue = mq_open(argv[1], O_RDONLY | flags, 0600, NULL);
                say("%s", queue == (mqd_t)-1 ? strerror(errno) : "open");
            }
        "#,
    );
    let name = fixture::name();
    for (name, extra, said) in [(name.to_string(), Some("create"), "open")].into_iter().chain([(
        name.to_string(),
        None,
        "open",
    )]) {
        let args: Vec<&str> = [name.as_str()].into_iter().chain(extra).collect();
        Child::run(&program, &args).wait_for(said);
    }
    let gone = name.to_string();
    drop(name);
    Child::run(&program, &[&gone]).wait_for("No such file or directory");
}

const SEGMENT: &str = "
    #include <sys/shm.h>
    int main(void) { must(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) != -1); }
";

fn leak_mapping() {
    let (access, flags) = (libc::PROT_READ, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
    // SAFETY: a new mapping, at an address that the system chooses, changes no existing one.
    let mapping = unsafe { libc::mmap(std::ptr::null_mut(), 4096, access, flags, -1, 0) };
    assert_ne!(mapping, libc::MAP_FAILED);
}

fn leaker(role: &mut Role) {
    let kind = role.arg(0).to_owned();
    let name = fixture::name();
    let [file, semaphore] = files_of(&name);
    let check = LeakCheck::start();
    let mut kept: Option<File> = None;
    match kind.as_str() {
        "nothing" => drop(File::open("/dev/null").unwrap()),
        "memory" => fs::write(file, "x").unwrap(),
        "semaphore" => fs::write(semaphore, "x").unwrap(),
        "descriptor" => kept = Some(File::open("/dev/null").unwrap()),
        "mapping" => leak_mapping(),
        "segment" => Child::run(&c_program("segment", SEGMENT), &[]).finish(),
        other => panic!("what is a {other}?"),
    }
    check.finish();
    drop(kept);
}

#[test]
fn a_leak_check_finds_what_is_left_and_nothing_else() {
    let Some(root) = Root::or_skip("a /dev/shm of its own") else { return };
    for (kind, said) in [
        ("nothing", None),
        ("memory", Some("/dev/shm/ipc-test-")),
        ("semaphore", Some("/dev/shm/sem.ipc-test-")),
        ("descriptor", Some(": /dev/null")),
        ("mapping", Some("mapping ")),
        ("segment", Some("System V shm: key")),
    ] {
        let child = Child::run(ChildOptions::role("leaker").small_shm(root, 1 << 20), &[kind]);
        match said {
            None => child.finish(),
            Some(said) => {
                let complaint = complaint(|| child.finish());
                assert!(complaint.contains("left behind:\n"), "{kind}: {complaint}");
                assert!(complaint.contains(said), "{kind}: {complaint}");
            }
        }
    }
}

#[test]
fn a_leak_check_of_a_name_finds_linked_and_unlinked_objects() {
    let (name, other) = (fixture::name(), fixture::name());
    let [memory, semaphore] = files_of(&name);
    let check = LeakCheck::of(&name);
    fs::write(&files_of(&other)[0], "x").unwrap();
    check.finish();

    let check = LeakCheck::of(&name);
    fs::write(&semaphore, "x").unwrap();
    let said = complaint(|| check.finish());
    assert!(said.contains(&format!("left behind:\n  {}", semaphore.display())), "{said}");

    fs::write(&memory, "x").unwrap();
    let check = LeakCheck::of(&name);
    fs::remove_file(&memory).unwrap();
    let said = complaint(|| check.finish());
    assert!(said.contains(&format!("missing:\n  {}", memory.display())), "{said}");
}

fn unlucky(_: &mut Role) {
    let mut rng = Rng::new();
    panic!("drew {}", rng.next_u64());
}

#[test]
fn a_failure_prints_the_seed_that_replays_it() {
    let output = |options: ChildOptions| complaint(|| Child::run(options, &[]).finish());
    let find = |text: &str, before: &str| -> String {
        let (_, behind) = text.split_once(before).expect(before);
        behind.lines().next().unwrap_or_default().to_owned()
    };
    let as_child = |line| ChildOptions::role("unlucky").env("IPC_TEST_LINE", line);
    let first = output(as_child("/0"));
    let seed = find(&first, "to replay: IPC_TEST_SEED=");
    let again = output(as_child("/0").env("IPC_TEST_SEED", &seed));
    assert_eq!(find(&first, "drew "), find(&again, "drew "));
    assert_eq!(find(&again, "to replay: IPC_TEST_SEED="), seed);
    let sibling = output(as_child("/1").env("IPC_TEST_SEED", &seed));
    assert_ne!(find(&first, "drew "), find(&sibling, "drew "));
}

#[test]
fn chance_is_spread_over_its_range() {
    let mut rng = Rng::from_seed(1);
    let mut hits = [0_u32; 6];
    for _ in 0..6000 {
        hits[usize::try_from(rng.below(6)).unwrap()] += 1;
    }
    assert!(hits.iter().all(|hits| (800..1200).contains(hits)), "{hits:?}");
    let (start, end) = (Duration::from_micros(500), Duration::from_millis(3));
    for _ in 0..1000 {
        assert!((start..end).contains(&rng.duration(start..end)));
    }
    let mut bytes = [0; 13];
    rng.fill(&mut bytes);
    assert!(bytes.iter().filter(|&&byte| byte == 0).count() < 3, "{bytes:?}");
    assert!([1, 2, 3].contains(rng.pick(&[1, 2, 3])));
}

#[test]
fn a_storm_interrupts_calls_and_is_counted() {
    watchdog(|| {
        let storm = Storm::start(1000);
        let (mut silent, _other) = UnixStream::pair().unwrap();
        let mut interrupted = 0;
        while interrupted < 20 {
            let error = silent.read(&mut [0]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Interrupted);
            interrupted += 1;
        }
        assert!(storm.deliveries() >= interrupted);
    });
}

#[test]
fn a_storm_hits_its_own_thread_only_and_ends_with_its_drop() {
    watchdog(|| {
        drop(Storm::start(1000));
        let quiet = Storm::start(1); // the first signal would come after a second
        thread::scope(|scope| {
            scope.spawn(|| {
                let storm = Storm::start(1000);
                while storm.deliveries() < 10 {
                    thread::yield_now();
                }
            });
        });
        assert!(quiet.deliveries() <= 1);
    });
}

fn writer(role: &mut Role) {
    let bytes = role.arg(0).parse().unwrap();
    let name = fixture::name();
    let written = fs::write(format!("/dev/shm{name}"), vec![0; bytes]);
    role.say(&format!("{:?}", written.map_err(|error| error.kind())));
    role.say(&fs::read_dir("/dev/shm").unwrap().count().to_string());
}

#[test]
fn a_small_shm_fills_up_and_is_invisible_elsewhere() {
    let Some(root) = Root::or_skip("a /dev/shm of its own") else { return };
    let name = fixture::name();
    fs::write(&files_of(&name)[0], "outside").unwrap();
    let small = ChildOptions::role("writer").small_shm(root, 64 << 10);
    for (bytes, said) in [("4096", "Ok(())"), ("65537", "Err(StorageFull)")] {
        let mut child = Child::run(small.clone(), &[bytes]);
        child.wait_for(said);
        child.wait_for("1");
        child.finish();
    }
}

fn nobody(role: &mut Role) {
    let me = fs::metadata("/proc/self").unwrap();
    role.say(&format!("{} {}", me.uid(), me.gid()));
    role.say(&format!("{:?}", File::open(role.arg(0)).map_err(|error| error.kind()).err()));
}

#[test]
fn another_user_is_another_user() {
    let Some(root) = Root::or_skip("a second user") else { return };
    let name = fixture::name();
    let [file, _] = files_of(&name);
    fs::write(&file, "mine").unwrap();
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let options = ChildOptions::role("nobody").as_user(root, Root::NOBODY);
    let mut child = Child::run(options, &[file.to_str().unwrap()]);
    child.wait_for("65534 65534");
    child.wait_for("Some(PermissionDenied)");
    child.finish();
}

/// Does what `ipc_core::crash_point` does, but for the death, which a test of that crate shows.
fn crasher(role: &mut Role) {
    for point in ["made", "filled", "filled", "named"] {
        if env::var("IPC_CRASH_POINT").is_ok_and(|asked| asked == format!("{point}:1")) {
            role.say(point);
            role.hear(); // for ever: it is the parent who kills it
        }
        if let Some(path) = env::var_os("IPC_CRASH_POINT_TRACE") {
            let mut trace = fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
            io::Write::write_all(&mut trace, format!("{point}\n").as_bytes()).unwrap();
        }
    }
}

#[test]
fn crash_points_are_listed_with_their_hits() {
    let points = crash_points("crasher", &[]);
    let expected = [("made", 1), ("filled", 2), ("named", 1)];
    assert_eq!(points, expected.map(|(name, hits)| (name.to_owned(), hits)));
}

#[test]
fn a_role_dies_at_its_crash_point() {
    let mut child = Child::run_crashing("crasher", &[], "filled", 1);
    child.wait_for("filled");
    child.signal(9);
    child.crash();
    let said = complaint(|| Child::run_crashing("crasher", &[], "never", 1).crash());
    assert!(said.contains("not at its crash point"), "{said}");
}

fn skipper(role: &mut Role) {
    role.say(&Root::or_skip("a test of skipping").is_none().to_string());
}

#[test]
fn a_skipped_test_says_so_and_is_counted() {
    let Some(root) = Root::or_skip("a second user") else { return };
    let dir = fixture::dir();
    fs::set_permissions(&*dir, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
    let list = dir.join("skipped");
    let options = ChildOptions::role("skipper").env("IPC_TEST_SKIPPED", list.to_str().unwrap());
    let mut child = Child::run(options.as_user(root, Root::NOBODY), &[]);
    child.wait_for("true");
    assert!(child.output().contains("skipped: "));
    child.finish();
    assert!(fs::read_to_string(list).unwrap().ends_with(": a test of skipping\n"));
}
