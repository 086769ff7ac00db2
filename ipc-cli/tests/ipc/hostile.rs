//! Objects that lie, vanish, or have names that do something to a terminal.

use std::ffi::OsStr;
use std::fs;
use std::io::BufRead;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use ipc::array::{ArrayOptions, ShmArray};
use ipc::core::Removal;
use ipc_testkit::{Rng, fixture, rounds, watchdog};

use crate::common::{ipc, look, objects, on_terminal, run};

fn file(name: &str, what: &str) -> String {
    format!("/dev/shm{name}{what}")
}

#[test]
fn names_with_control_characters_do_nothing_to_a_terminal() {
    watchdog(|| {
        let name = fixture::name();
        for what in ["\u{1b}[2J\n", "\u{202e}gnp.exe", "\u{200b}", "%s%n", " a b ", "\u{7f}"] {
            fs::write(file(&name, what), "").unwrap();
        }
        let bytes = [file(&name, "").as_bytes(), b"\xff\xfe"].concat();
        fs::write(OsStr::from_bytes(&bytes), "").unwrap();
        let text = ipc(&["ls", &name]);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(!text.contains(['\u{202e}', '\u{200b}']), "{text:?}");
        assert!(text.contains(r"\u{1b}[2J\n") && text.contains(r"\xff\xfe"), "{text}");
        assert_eq!(objects(&format!("shm:{}", &*name)).len(), 7);
        let removed = ipc(&["gc", "--unused", &name]);
        assert!(removed.chars().all(|c| c == '\n' || !c.is_control()), "{removed:?}");
        // A test beside this one may have been looking at some of them.
        while !objects(&format!("shm:{}", &*name)).is_empty() {
            ipc(&["gc", "--unused", "--quiet", &name]);
        }
    });
}

#[test]
fn damaged_objects_are_listed_and_shown_without_a_panic() {
    watchdog(|| {
        let name = fixture::name();
        let array = ArrayOptions::new([30, 20]).removal(Removal::Never);
        drop(ShmArray::<f32>::create(&*name, array).unwrap());
        let bytes = fs::read(file(&name, "")).unwrap();
        let mut rng = Rng::new();
        for number in 0..rounds(60, 2000) {
            let damaged = rng.damage(&bytes, 0..64.min(bytes.len()));
            fs::write(file(&name, "-x"), damaged).unwrap();
            for args in [
                &["ls", &name][..],
                &["show", &format!("{}-x", &*name)],
                &["ls", "array", "--json"],
            ] {
                let output = run(args);
                let why = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.success(), "round {number}: {args:?}: {why}");
                if number % 3 > 0 {
                    break;
                }
            }
        }
        fs::create_dir(file(&name, "-dir")).unwrap();
        symlink("/etc/shadow", file(&name, "-link")).unwrap();
        assert!(Command::new("mkfifo").arg(file(&name, "-fifo")).status().unwrap().success());
        fs::write(file(&name, "-empty"), "").unwrap();
        fs::write(format!("/dev/shm/sem.{}-short", &name[1..]), "abc").unwrap();
        let text = ipc(&["ls", &name]);
        for wanted in ["-link", "-fifo", "not a file", "-empty", "-short", "not a semaphore"] {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        for what in ["-link", "-fifo", "-empty", "-short"] {
            ipc(&["show", &format!("{}{what}", &*name)]);
        }
    });
}

#[test]
fn objects_that_appear_and_disappear_meanwhile_cause_no_error() {
    watchdog(|| {
        let name = fixture::name();
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            for number in 0..2 {
                let (name, stop) = (&name, &stop);
                scope.spawn(move || {
                    let own = format!("{}{number}", &**name);
                    while !stop.load(Ordering::Relaxed) {
                        drop(ShmArray::<u8>::create(&own, [100]).unwrap());
                        fs::write(file(&own, "-f"), [7; 5000]).unwrap();
                        fs::File::options()
                            .write(true)
                            .open(file(&own, "-f"))
                            .unwrap()
                            .set_len(3)
                            .unwrap();
                        fs::remove_file(file(&own, "-f")).unwrap();
                    }
                });
            }
            for _ in 0..rounds(20, 500) {
                let output = run(&["ls", "--all", "--json"]);
                assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            }
            stop.store(true, Ordering::Relaxed);
        });
    });
}

#[test]
fn ten_thousand_objects_are_listed_and_collected() {
    watchdog(|| {
        const COUNT: usize = 10_000;

        let name = fixture::name();
        for number in 0..COUNT {
            fs::write(file(&name, &number.to_string()), "x").unwrap();
        }
        let selectors = ipc(&["ls", &name, "--quiet"]);
        assert_eq!(selectors.lines().count(), COUNT);
        let removed = ipc(&["gc", "--unused", &name]);
        let removed = removed.lines().filter(|line| line.starts_with("removed ")).count();
        assert!(removed > COUNT - 100, "tests beside this one look at some: {removed}");
        while !objects(&format!("shm:{}", &*name)).is_empty() {
            ipc(&["gc", "--unused", "--quiet", &name]);
        }
    });
}

#[test]
fn a_repeated_listing_fits_the_screen_and_counts_the_rest() {
    watchdog(|| {
        let name = fixture::name();
        for number in 0..40 {
            fs::write(file(&name, &format!("-{number}")), "").unwrap();
        }
        for prefix in [Some(&*name), None] {
            let args: Vec<_> = ["ls", "--watch=600"].into_iter().chain(prefix).collect();
            let _look = look();
            let (mut child, screen) = on_terminal([24, 100], &args);
            let mut lines = screen.lines().map(Result::unwrap);
            let objects =
                lines.by_ref().take_while(|line| !line.starts_with("not shown: ")).count();
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(objects, 1 + 18, "titles, and objects on all lines but six");
        }
    });
}
