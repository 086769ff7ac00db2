//! Named semaphores in one process.

use std::fs::{self, File};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::time::{Duration, Instant};

use ipc_core::{Name, Removal, Trust, UserId};
use ipc_sync::NamedSemaphore;
use ipc_sync::posix::{Semaphore, SemaphoreOptions};
use ipc_testkit::{LeakCheck, fixture, watchdog};

use crate::common::{LONG, in_thread, semaphore_path};

#[test]
fn two_handles_of_a_name_share_one_counter() {
    let name = fixture::name();
    let a = NamedSemaphore::create(&*name, 0).unwrap();
    let b = NamedSemaphore::open(&*name).unwrap();
    assert_eq!((a.value().unwrap(), b.value().unwrap()), (0, 0));
    a.post().unwrap();
    b.post().unwrap();
    assert_eq!((a.value().unwrap(), b.value().unwrap()), (2, 2));
    watchdog(|| b.wait()).unwrap();
    assert!(a.try_wait().unwrap());
    assert!(!b.try_wait().unwrap());
    let before = Instant::now();
    assert!(!a.wait_timeout(Duration::from_millis(100)).unwrap());
    assert!(before.elapsed() >= Duration::from_millis(100));
}

#[test]
fn a_name_is_created_once_and_found_only_after() {
    let name = fixture::name();
    let err = NamedSemaphore::open(&*name).unwrap_err();
    assert!(err.is_not_found());
    assert_eq!(err.to_string(), format!("sem_open {name}: No such file or directory (os error 2)"));
    let made = NamedSemaphore::create(&*name, 7).unwrap();
    let err = NamedSemaphore::create(&*name, 1).unwrap_err();
    assert!(err.is_exists());
    assert_eq!((err.call(), err.object()), ("sem_open", &*name));
    let found = NamedSemaphore::open(&*name).unwrap();
    assert_eq!((found.value().unwrap(), found.name().as_str()), (7, &*name));
    assert!(made.was_created() && !found.was_created());
    assert_eq!(made.identity(), found.identity());
}

/// Opening keeps the value.
#[test]
fn open_or_create_does_whichever_is_possible() {
    let name = fixture::name();
    let first = NamedSemaphore::open_or_create(&*name, 3).unwrap();
    let second = NamedSemaphore::open_or_create(&*name, 9).unwrap();
    assert!(first.was_created() && !second.was_created());
    assert_eq!(second.value().unwrap(), 3);
    let name = fixture::name();
    let err = NamedSemaphore::open_or_create(&*name, u32::MAX).unwrap_err();
    assert!(err.is_invalid_argument());
}

#[test]
fn a_name_stays_unless_its_creator_asked_for_its_removal() {
    let (stays, goes) = (fixture::name(), fixture::name());
    drop(NamedSemaphore::create(&*stays, 0).unwrap());
    assert!(fs::exists(semaphore_path(&stays)).unwrap());
    let made =
        NamedSemaphore::create(&*goes, SemaphoreOptions::new(0).removal(Removal::OnDrop)).unwrap();
    drop(NamedSemaphore::open(&*goes).unwrap());
    let found = NamedSemaphore::open(&*goes).unwrap();
    drop(made);
    assert!(!fs::exists(semaphore_path(&goes)).unwrap());
    found.post().unwrap(); // who has it keeps it
    assert!(found.try_wait().unwrap());
}

#[test]
fn unlinking_removes_a_name_and_keeps_its_handles_valid() {
    let name = fixture::name();
    let old = NamedSemaphore::create(&*name, 1).unwrap();
    NamedSemaphore::unlink(&*name).unwrap();
    NamedSemaphore::unlink(&*name).unwrap();
    assert!(NamedSemaphore::open(&*name).unwrap_err().is_not_found());
    let new = NamedSemaphore::create(&*name, 5).unwrap();
    assert!(old.try_wait().unwrap());
    assert_eq!((old.value().unwrap(), new.value().unwrap()), (0, 5));
    assert_ne!(old.identity(), new.identity());
}

#[test]
fn initial_values_go_from_0_to_the_maximum() {
    let name = fixture::name();
    for value in [0, 1, Semaphore::MAX_VALUE] {
        assert_eq!(NamedSemaphore::create(&*name, value).unwrap().value().unwrap(), value);
        NamedSemaphore::unlink(&*name).unwrap();
    }
    let leaks = LeakCheck::of(&name);
    for value in [Semaphore::MAX_VALUE + 1, u32::MAX] {
        let err = NamedSemaphore::create(&*name, value).unwrap_err();
        assert!(err.is_invalid_argument());
        assert!(err.to_string().contains(&format!("{name}: an initial value of {value}")), "{err}");
    }
    leaks.finish();
}

#[test]
fn posting_past_the_maximum_is_an_overflow_and_changes_nothing() {
    let name = fixture::name();
    let full = NamedSemaphore::create(&*name, Semaphore::MAX_VALUE).unwrap();
    let err = full.post().unwrap_err();
    let says = format!("the value is the maximum, {}", Semaphore::MAX_VALUE);
    assert!(err.is_overflow() && err.to_string().ends_with(&says), "{err}");
    assert_eq!((err.call(), err.object()), ("sem_post", &*name));
    assert_eq!(full.value().unwrap(), Semaphore::MAX_VALUE);
}

#[test]
fn a_free_permit_is_acquired_even_after_the_deadline() {
    let name = fixture::name();
    let two = NamedSemaphore::create(&*name, 2).unwrap();
    let past = Instant::now();
    assert!(two.wait_timeout(Duration::ZERO).unwrap());
    assert!(two.wait_deadline(past).unwrap());
    assert!(!two.wait_timeout(Duration::ZERO).unwrap());
    assert!(!two.wait_deadline(past).unwrap());
}

/// Timeouts are whole nanoseconds of a clock that cannot be set, and a wait without a limit has none.
#[test]
fn any_duration_is_a_valid_timeout() {
    let name = fixture::name();
    let sem = NamedSemaphore::create(&*name, 0).unwrap();
    for timeout in [Duration::from_nanos(1), Duration::from_micros(1500), Duration::from_millis(20)]
    {
        let before = Instant::now();
        assert!(!sem.wait_timeout(timeout).unwrap());
        assert!(before.elapsed() >= timeout);
        let deadline = Instant::now() + timeout;
        assert!(!sem.wait_deadline(deadline).unwrap());
        assert!(Instant::now() >= deadline);
    }
    for timeout in
        [Duration::MAX, Duration::from_secs(u64::MAX), Duration::from_secs(i64::MAX as u64), LONG]
    {
        let waited = in_thread(|| watchdog(|| sem.wait_timeout(timeout)), || sem.post().unwrap());
        assert!(waited.unwrap());
    }
}

/// Also if another semaphore has the name by then.
#[test]
fn a_creator_never_removes_an_object_it_did_not_create() {
    let name = fixture::name();
    let made =
        NamedSemaphore::create(&*name, SemaphoreOptions::new(0).removal(Removal::OnDrop)).unwrap();
    NamedSemaphore::unlink(&*name).unwrap();
    let others = NamedSemaphore::create(&*name, 1).unwrap();
    drop(made);
    assert_eq!(NamedSemaphore::open(&*name).unwrap().identity(), others.identity());
}

/// The file format has no space for the option, so it is refused.
#[test]
fn removal_by_the_last_detach_is_unsupported() {
    let name = fixture::name();
    let err = NamedSemaphore::create(&*name, SemaphoreOptions::new(0).removal(Removal::LastDetach))
        .unwrap_err();
    assert!(err.is_unsupported(), "{err}");
    assert!(!fs::exists(semaphore_path(&name)).unwrap());
}

/// glibc's `sem_open` accepts such a file. If the file is too short, its first use causes SIGBUS; if it is too long, it
/// may be shared memory with any content.
#[test]
fn a_file_that_is_not_as_long_as_a_semaphore_is_refused_before_it_is_used() {
    let name = fixture::name();
    let file = File::create_new(semaphore_path(&name)).unwrap();
    let len = size_of::<Semaphore>() as u64;
    for len in [0, 1, len - 1, len + 1, 128] {
        file.set_len(len).unwrap();
        for opened in [NamedSemaphore::open(&*name), NamedSemaphore::open_or_create(&*name, 1)] {
            let err = opened.unwrap_err();
            assert!(err.is_mismatch());
            assert!(err.to_string().contains(&format!("found {len} bytes")), "{err}");
        }
    }
    file.set_len(size_of::<Semaphore>() as u64).unwrap();
    assert_eq!(NamedSemaphore::open(&*name).unwrap().value().unwrap(), 0);
}

#[test]
fn what_is_not_a_regular_file_is_refused() {
    let refused = |name: &str| NamedSemaphore::open(name).unwrap_err();
    let (directory, link, socket) = (fixture::name(), fixture::name(), fixture::name());
    fs::create_dir(semaphore_path(&directory)).unwrap();
    let err = refused(&directory);
    fs::remove_dir(semaphore_path(&directory)).unwrap();
    assert_eq!(err.object(), &*directory);
    NamedSemaphore::create(&*directory, 1).unwrap();
    symlink(semaphore_path(&directory), semaphore_path(&link)).unwrap();
    assert_eq!(refused(&link).errno().and_then(|errno| errno.name()), Some("ELOOP"));
    drop(UnixListener::bind(semaphore_path(&socket)).unwrap());
    assert!(fs::metadata(semaphore_path(&socket)).unwrap().file_type().is_socket());
    assert!(refused(&socket).errno().is_some());
}

#[test]
fn invalid_names_are_refused_by_every_function() {
    let long = format!("/{}", "n".repeat(Name::MAX_LEN + 1));
    for name in ["", "/", "gate", "/a/b", "//", "/a\0b", "/..", &long] {
        let errs = [
            NamedSemaphore::create(name, 0).map(drop),
            NamedSemaphore::open(name).map(drop),
            NamedSemaphore::open_or_create(name, 0).map(drop),
            NamedSemaphore::unlink(name),
        ];
        assert!(
            errs.into_iter().all(|err| err.is_err_and(|err| err.is_invalid_argument())),
            "{name}"
        );
    }
    let longest = fixture::tagged(&"n".repeat(Name::MAX_LEN - 40));
    NamedSemaphore::create(&*longest, 0).unwrap();
}

#[test]
fn a_semaphore_that_others_may_write_is_used_only_if_asked_for() {
    let name = fixture::name();
    NamedSemaphore::create(&*name, SemaphoreOptions::new(4).permissions(0o666)).unwrap();
    let err = NamedSemaphore::open(&*name).unwrap_err();
    assert!(err.is_untrusted());
    assert!(err.to_string().contains("mode 0666"), "{err}");
    assert!(NamedSemaphore::open_or_create(&*name, 0).unwrap_err().is_untrusted());
    for trust in [Trust::Anyone, Trust::User(UserId::effective())] {
        assert_eq!(NamedSemaphore::open_with(&*name, trust).unwrap().value().unwrap(), 4);
        let options = SemaphoreOptions::new(0).trust(trust);
        assert_eq!(NamedSemaphore::open_or_create(&*name, options).unwrap().value().unwrap(), 4);
    }
    fs::set_permissions(semaphore_path(&name), fs::Permissions::from_mode(0o644)).unwrap();
    NamedSemaphore::open(&*name).unwrap();
    assert_eq!(fs::metadata(semaphore_path(&name)).unwrap().mode() & 0o777, 0o644);
}

#[test]
fn a_semaphore_reports_its_name_and_value() {
    let name = fixture::name();
    let sem = NamedSemaphore::create(&*name, 3).unwrap();
    assert_eq!(format!("{sem:?}"), format!("NamedSemaphore {{ name: {:?}, value: 3 }}", &*name));
}
