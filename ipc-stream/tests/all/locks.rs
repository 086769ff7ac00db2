//! File locks: the traps of C's, and what they are for.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_core::Errno;
use ipc_stream::{FileLock, LockKind};
use ipc_testkit::{Child, Forked, Part, Role, Storm, Timed, fixture, rounds, watchdog};
use rustix::fs::{FlockOperation, fcntl_lock};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("holds a lock", holds_a_lock),
    ("tries a lock", tries_a_lock),
    ("reads when it may", reads_when_it_may),
    ("counts under a lock", counts_under_a_lock),
    ("old lock", old_lock),
    ("forks with a lock", forks_with_a_lock),
];

const SHORT: Duration = Duration::from_millis(20);

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn is_free(path: &Path, kind: LockKind) -> bool {
    FileLock::open(path).unwrap().try_lock(kind).unwrap().is_some()
}

/// Says whether it may lock, as often as it is asked.
fn tries_a_lock(role: &mut Role) {
    loop {
        let kind = match role.hear().as_str() {
            "shared" => LockKind::Shared,
            "exclusive" => LockKind::Exclusive,
            _ => return,
        };
        role.say(if is_free(Path::new(role.arg(0)), kind) { "free" } else { "taken" });
    }
}

/// Asks another process whether it can lock.
fn elsewhere(child: &mut Child, kind: &str) -> String {
    child.tell(kind);
    child.hear()
}

fn holds_a_lock(role: &mut Role) {
    let mut file = FileLock::open(role.arg(0)).unwrap();
    let held = file.lock().unwrap();
    role.say("locked");
    role.wait_for("unlock");
    held.unlock().unwrap();
    role.say("unlocked");
    role.hear();
}

#[test]
fn a_lock_excludes_other_processes_until_it_is_released_or_they_die() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("lock");
        let mut ours = FileLock::open_or_create(&path, 0o600).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        let mut child = Child::run("holds a lock", &[text(&path)]);
        child.wait_for("locked");
        assert!(ours.try_lock(LockKind::Exclusive).unwrap().is_none());
        assert!(ours.try_lock(LockKind::Shared).unwrap().is_none());
        assert!(ours.lock_timeout(SHORT).unwrap().is_none());
        // A holder that is stopped keeps it.
        child.stop();
        assert!(ours.lock_shared_timeout(SHORT).unwrap().is_none());
        child.cont();
        child.tell("unlock");
        child.wait_for("unlocked");
        assert!(ours.try_lock(LockKind::Exclusive).unwrap().is_some());

        let mut killed = Child::run("holds a lock", &[text(&path)]);
        killed.wait_for("locked");
        thread::scope(|scope| {
            let waits = scope.spawn(|| ours.lock().map(drop));
            killed.kill();
            waits.join().unwrap().unwrap();
        });
        child.kill();
    });
}

#[test]
fn threads_of_one_process_exclude_each_other() {
    watchdog(|| {
        let dir = fixture::dir();
        let file = FileLock::open_or_create(dir.join("lock"), 0o600).unwrap();
        let (inside, turns) = (AtomicU64::new(0), AtomicU64::new(0));
        thread::scope(|scope| {
            for _ in 0..4 {
                let mut own = file.reopen().unwrap();
                let (inside, turns) = (&inside, &turns);
                scope.spawn(move || {
                    for _ in 0..rounds(2000, 50_000) {
                        let held = own.lock().unwrap();
                        assert_eq!(inside.fetch_add(1, Ordering::Relaxed), 0);
                        turns.fetch_add(1, Ordering::Relaxed);
                        inside.fetch_sub(1, Ordering::Relaxed);
                        drop(held);
                    }
                });
            }
        });
        assert_eq!(turns.load(Ordering::Relaxed), 4 * rounds(2000, 50_000));
    });
}

#[test]
fn closing_another_descriptor_of_the_file_releases_nothing() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("lock");
        let mut first = FileLock::open_or_create(&path, 0o600).unwrap();
        let mut child = Child::run("tries a lock", &[text(&path)]);
        let held = first.lock().unwrap();
        drop(File::open(&path).unwrap());
        drop(FileLock::open(&path).unwrap());
        drop(held.file().try_clone().unwrap());
        assert!(!is_free(&path, LockKind::Shared));
        assert_eq!(elsewhere(&mut child, "shared"), "taken");
        drop(held);
        assert_eq!(elsewhere(&mut child, "exclusive"), "free");
    });
}

#[test]
fn two_handles_of_one_process_exclude_each_other() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("lock");
        let mut first = FileLock::open_or_create(&path, 0o600).unwrap();
        let mut child = Child::run("tries a lock", &[text(&path)]);
        let (mut second, mut third) = (FileLock::open(&path).unwrap(), first.reopen().unwrap());
        let held = first.lock_shared().unwrap();
        let also = second.try_lock(LockKind::Shared).unwrap().unwrap();
        assert!(third.try_lock(LockKind::Exclusive).unwrap().is_none());
        assert_eq!(elsewhere(&mut child, "shared"), "free");
        // The lock of one handle does not go with that of the other.
        drop(held);
        assert_eq!(elsewhere(&mut child, "exclusive"), "taken");
        drop(also);
        assert!(third.try_lock(LockKind::Exclusive).unwrap().is_some());
        assert_eq!(elsewhere(&mut child, "exclusive"), "free");
    });
}

/// Waits for the lock, and says what the file contains by then.
fn reads_when_it_may(role: &mut Role) {
    let mut file = FileLock::open(role.arg(0)).unwrap();
    role.say("waits");
    let held = file.lock_shared().unwrap();
    let mut text = String::new();
    held.file().read_to_string(&mut text).unwrap();
    role.say(&text);
}

#[test]
fn what_is_flushed_before_a_lock_is_released_is_read_by_the_next() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("lock");
        let mut file = FileLock::open_or_create(&path, 0o600).unwrap();
        let held = file.lock().unwrap();
        let mut child = Child::run("reads when it may", &[text(&path)]);
        child.wait_for("waits");
        let mut buffered = BufWriter::new(held.file());
        buffered.write_all(b"first, ").unwrap();
        buffered.write_all(b"second").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 0, "still in the buffer");
        buffered.flush().unwrap();
        drop(buffered);
        held.unlock().unwrap();
        child.wait_for("first, second");
        child.finish();
    });
}

/// Counts in a file, which works only if one does so at a time.
fn counts_under_a_lock(role: &mut Role) {
    let mut file = FileLock::open(role.arg(0)).unwrap();
    role.say("ready");
    role.wait_for("go");
    for turn in 0..rounds(200, 20_000) {
        let held = match turn % 2 {
            0 => file.lock().unwrap(),
            _ => file.lock_timeout(Duration::from_secs(20)).unwrap().unwrap(),
        };
        let count = fs::read_to_string(role.arg(1)).unwrap().parse::<u64>().unwrap();
        fs::write(role.arg(1), (count + 1).to_string()).unwrap();
        drop(held);
    }
}

#[test]
fn what_processes_count_under_a_lock_is_complete() {
    watchdog(|| {
        let dir = fixture::dir();
        let (lock, count) = (dir.join("lock"), dir.join("count"));
        fs::write(&count, "0").unwrap();
        drop(FileLock::open_or_create(&lock, 0o600).unwrap());
        let start = |_| Child::run("counts under a lock", &[text(&lock), text(&count)]);
        let mut children = [0; 3].map(start);
        children.iter_mut().for_each(|child| child.wait_for("ready"));
        children.iter_mut().for_each(|child| child.tell("go"));
        children.into_iter().for_each(Child::finish);
        let count = fs::read_to_string(&count).unwrap();
        assert_eq!(count, (3 * rounds(200, 20_000)).to_string());
    });
}

#[test]
fn ranges_exclude_each_other_where_they_overlap() {
    let dir = fixture::dir();
    let path = dir.join("lock");
    let open = || FileLock::open_or_create(&path, 0o600).unwrap();
    let mut first = open().range(10..20).unwrap();
    let mut child = Child::run("tries a lock", &[text(&path)]);
    let held = first.lock().unwrap();
    assert_eq!(elsewhere(&mut child, "shared"), "taken");
    let is_free = |lock: FileLock| { lock }.try_lock(LockKind::Exclusive).unwrap().is_some();
    assert!(is_free(open().range(..10).unwrap()));
    assert!(is_free(open().range(20..).unwrap()));
    assert!(!is_free(open().range(19..=19).unwrap()));
    assert!(!is_free(open()));
    let holder = open().holder(LockKind::Shared).unwrap().unwrap();
    assert_eq!((holder.kind(), holder.range()), (LockKind::Exclusive, 10..20));
    drop(held);
    assert_eq!(elsewhere(&mut child, "exclusive"), "free");
    assert_eq!(open().holder(LockKind::Exclusive).unwrap(), None);
    for range in [5..5, u64::MAX - 1..u64::MAX] {
        assert!(open().range(range).unwrap_err().is_invalid_argument());
    }
}

#[test]
fn a_lock_is_converted_without_being_released_in_between() {
    let dir = fixture::dir();
    let path = dir.join("lock");
    let mut file = FileLock::open_or_create(&path, 0o600).unwrap();
    let mut held = file.lock().unwrap();
    let mut child = Child::run("tries a lock", &[text(&path)]);
    assert_eq!(elsewhere(&mut child, "shared"), "taken");
    held.downgrade().unwrap();
    assert_eq!(held.kind(), LockKind::Shared);
    assert_eq!(elsewhere(&mut child, "shared"), "free");
    assert_eq!(elsewhere(&mut child, "exclusive"), "taken");
    let mut other = FileLock::open(&path).unwrap();
    let also = other.lock_shared().unwrap();
    assert!(!held.try_upgrade().unwrap() && !held.upgrade_timeout(SHORT).unwrap());
    assert_eq!(held.kind(), LockKind::Shared);
    assert!(!is_free(&path, LockKind::Exclusive), "a vain try has not released it");
    drop(also);
    assert!(held.upgrade_timeout(SHORT).unwrap());
    assert_eq!(elsewhere(&mut child, "shared"), "taken");
}

#[test]
fn an_owned_guard_holds_the_file_and_returns_it() {
    let dir = fixture::dir();
    let path = dir.join("lock");
    let open = || FileLock::open_or_create(&path, 0o600).unwrap();
    let held = open().into_locked(LockKind::Exclusive).unwrap();
    let refused = open().try_into_locked(LockKind::Shared).unwrap_err();
    assert!(refused.error().is_busy(), "{refused}");
    let held = thread::spawn(move || held).join().unwrap();
    let file = held.unlock().unwrap();
    let held = refused.into_value().try_into_locked(LockKind::Exclusive).unwrap();
    assert!(!is_free(&path, LockKind::Shared));
    drop((held, file));
    assert!(is_free(&path, LockKind::Exclusive));
}

/// Locks as C's `fcntl` does, for the whole process.
fn old_lock(role: &mut Role) {
    let file = File::options().write(true).open(role.arg(0)).unwrap();
    fcntl_lock(&file, FlockOperation::LockExclusive).unwrap();
    role.say("locked");
    role.hear();
}

#[test]
fn locks_of_the_old_kind_are_respected_and_their_process_is_named() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("lock");
        let mut ours = FileLock::open_or_create(&path, 0o600).unwrap();
        let mut child = Child::run("old lock", &[text(&path)]);
        child.wait_for("locked");
        assert!(ours.try_lock(LockKind::Shared).unwrap().is_none());
        let holder = ours.holder(LockKind::Exclusive).unwrap().unwrap();
        assert_eq!(holder.process().unwrap().raw(), child.pid());
        child.kill();
        let _held = ours.lock().unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        assert!(fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive).is_err());
    });
}

fn forks_with_a_lock(role: &mut Role) {
    let path = Path::new(role.arg(0));
    let mut file = Some(FileLock::open(path).unwrap());
    let mut held = Some(file.take().unwrap().into_locked(LockKind::Exclusive).unwrap());
    // In the child it changes and releases nothing.
    Forked::run(|| {
        let mut copy = held.take().unwrap();
        assert!(copy.downgrade().unwrap_err().is_invalid_argument());
        assert!(copy.try_upgrade().unwrap_err().is_invalid_argument());
        drop(copy);
    })
    .finish();
    assert!(!is_free(path, LockKind::Shared));
    // The child's copy of the handle is not the parent's lock.
    let mut other = Some(FileLock::open(path).unwrap());
    let mut waits = held.take().map(|held| held.unlock().unwrap()).unwrap();
    let held = waits.lock().unwrap();
    Forked::run(|| {
        let mut copy = other.take().unwrap();
        assert!(copy.try_lock(LockKind::Shared).unwrap().is_none());
    })
    .finish();
    drop(held);
    let held = waits.into_locked(LockKind::Exclusive).unwrap();
    let mut waits = Some(held);
    Forked::run(|| {
        let copy = waits.take().unwrap().unlock().unwrap();
        assert!(copy.holder(LockKind::Shared).unwrap().is_some());
    })
    .finish();
    let mut waits = waits.take().unwrap().unlock().unwrap();
    Forked::run(|| {
        let held = waits.lock().unwrap();
        assert!(!is_free(path, LockKind::Shared));
        drop(held);
    })
    .finish();
    let held = waits.lock().unwrap();
    assert!(!is_free(path, LockKind::Shared));
    drop(held);
}

#[test]
fn a_forked_child_neither_has_nor_releases_its_parents_lock() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("lock");
        drop(FileLock::open_or_create(&path, 0o600).unwrap());
        Child::run("forks with a lock", &[text(&path)]).finish();
    });
}

#[test]
fn no_wait_for_a_lock_ends_before_its_time_nor_by_a_signal() {
    watchdog(|| {
        let dir = fixture::dir();
        let path = dir.join("lock");
        let mut file = FileLock::open_or_create(&path, 0o600).unwrap();
        let _held = file.lock().unwrap();
        let open = || FileLock::open(&path).unwrap();
        let exclusive = |time| open().lock_timeout(time).unwrap().is_some();
        let until = |until| open().lock_deadline(until).unwrap().is_some();
        let shared = |time| open().lock_shared_timeout(time).unwrap().is_some();
        let shared_until = |until| open().lock_shared_deadline(until).unwrap().is_some();
        let calls =
            [Timed::new("lock", exclusive, until), Timed::new("shared", shared, shared_until)];
        Timed::never_early(&calls, rounds(5, 1000));
        let _storm = Storm::start(2000);
        let (began, time) = (Instant::now(), Duration::from_millis(200));
        assert!(open().lock_timeout(time).unwrap().is_none());
        assert!(began.elapsed() >= time && began.elapsed() < 20 * time);
    });
}

#[test]
fn a_file_that_cannot_be_locked_is_an_error_that_names_it() {
    let dir = fixture::dir();
    let (path, link) = (dir.join("lock"), dir.join("link"));
    assert!(FileLock::open(&path).unwrap_err().is_not_found());
    assert!(FileLock::open_or_create(dir.join("no/lock"), 0o600).unwrap_err().is_not_found());
    assert!(FileLock::open(&*dir).unwrap_err().is_mismatch());
    symlink(&path, &link).unwrap();
    assert!(FileLock::open_or_create(&link, 0o600).unwrap_err().is_mismatch());
    assert!(!path.exists());
    drop(FileLock::open_or_create(&path, 0o600).unwrap());
    let mut read_only = FileLock::from_file(File::open(&path).unwrap());
    let err = read_only.lock().unwrap_err();
    assert!(
        err.is_permission_denied() && err.to_string().contains("not open for writing"),
        "{err}"
    );
    assert_eq!(err.errno(), Some(Errno::EACCES));
    drop(read_only.lock_shared().unwrap());
}

#[test]
fn a_file_that_is_open_for_reading_is_reopened_for_reading() {
    let dir = fixture::dir();
    let path = dir.join("lock");
    drop(FileLock::open_or_create(&path, 0o400).unwrap());
    let mut first = FileLock::from_file(File::open(&path).unwrap());
    let mut second = first.reopen().unwrap();
    let held = (first.lock_shared().unwrap(), second.lock_shared().unwrap());
    drop(held);
    assert!(second.lock().unwrap_err().is_permission_denied());
}
