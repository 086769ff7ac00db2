//! What `ipc` answers to a command line that cannot be carried out: own words, with what the user
//! typed, and the same exit code from each command.

use std::fs;

use ipc::array::ShmArray;
use ipc_testkit::{fixture, watchdog};

use crate::common::{ipc, refused, run};

/// Checks that a command fails with this code and these words.
fn says(args: &[&str], code: i32, wanted: &str) {
    let (found, why) = refused(args);
    assert!(found == Some(code) && why.contains(wanted), "{args:?}: {found:?}: {why}");
}

#[test]
fn a_process_that_does_not_exist_is_an_error() {
    watchdog(|| {
        says(&["show", "pid:99999999"], 1, "\"pid:99999999\": there is no such process");
        says(&["ls", "--pid", "99999999"], 1, "--pid 99999999: there is no such process");
        says(&["show", "99999999"], 1, "there is no such object or process");
        // A thread has a number too, by which it is found in `/proc`.
        let (sender, receiver) = std::sync::mpsc::channel();
        let (end, ended) = std::sync::mpsc::channel::<()>();
        let thread = std::thread::spawn(move || {
            sender.send(nix::unistd::gettid()).unwrap();
            let _ = ended.recv();
        });
        let thread_id = receiver.recv().unwrap();
        says(&["show", &format!("pid:{thread_id}")], 1, "there is no such process");
        drop(end);
        thread.join().unwrap();
        let me = std::process::id();
        assert!(ipc(&["show", &format!("pid:{me}")]).contains(&format!("process {me} uses ")));
    });
}

#[test]
fn an_element_that_the_type_cannot_represent_is_refused() {
    watchdog(|| {
        for (kind, range, values, wrong) in [
            ("u8", "0 to 255", ["0", "255", "3.0"], ["256", "-1", "1.5", "nan", "inf", "x", ""]),
            (
                "i8",
                "-128 to 127",
                ["-128", "127", "1e2"],
                ["128", "-129", "0.5", "nan", "1e9", "-", "0x1"],
            ),
            (
                "u64",
                "0 to 18446744073709551615",
                ["18446744073709551615", "9007199254740993", "1e15"],
                ["18446744073709551616", "-1", "1e30", "nan", "-inf", "1e17", "1,5"],
            ),
            (
                "f32",
                "-3.4028235e38 to 3.4028235e38",
                ["0.1", "-inf", "nan"],
                ["1e39", "-1e39", "1e-60", "1e999", "x", "", "1,5"],
            ),
            (
                "f64",
                "-1.7976931348623157e308 to 1.7976931348623157e308",
                ["1e300", "-0.0", "inf"],
                ["1e309", "-1e309", "1e999", "x", "", "1 2", "0x1"],
            ),
        ] {
            let name = fixture::name();
            ipc(&["create", "array", &name, kind, "3"]);
            for value in values {
                ipc(&["array", "fill", &name, "--", value]);
            }
            let before = fs::read(format!("/dev/shm{}", &*name)).unwrap();
            for value in wrong {
                let args = ["array", "fill", &name, "--", value];
                let (code, why) = refused(&args);
                let words = [&*format!("{value:?}: the elements are {kind}: "), range];
                let is_told = words.iter().all(|word| why.contains(word));
                assert!(code == Some(2) && is_told, "{kind} {value}: {why}");
            }
            assert_eq!(fs::read(format!("/dev/shm{}", &*name)).unwrap(), before, "{kind}");
        }
        let name = fixture::name();
        ipc(&["create", "array", &name, "u64", "2"]);
        ipc(&["array", "fill", &name, "9007199254740993"]);
        let array = ShmArray::<u64>::open(&*name).unwrap();
        assert_eq!(array.to_vec(), [9_007_199_254_740_993; 2], "no f64 lies between");
    });
}

#[test]
fn an_option_for_queues_of_the_other_kind_is_refused() {
    watchdog(|| {
        let name = fixture::name();
        ipc(&["create", "mq", &name]);
        let queue = format!("queue:{}", ipc(&["create", "queue"]).trim());
        for args in
            [&["send", &*name, "x", "--type", "2"][..], &["recv", &name, "-w0", "--type", "2"]]
        {
            says(
                &[&["mq"], args].concat(),
                2,
                "messages of a POSIX queue have a priority, and no type",
            );
        }
        says(
            &["mq", "send", &queue, "x", "--priority", "2"],
            2,
            "messages of a System V queue have a type, and no priority",
        );
        assert!(ipc(&["mq", "peek", &queue]).starts_with("0 messages"));
        ipc(&["rm", "--force", &queue]);
    });
}

#[test]
fn a_listing_is_not_repeated_without_a_pause() {
    watchdog(|| {
        for interval in ["0", "0.01", "99ms"] {
            says(&["ls", &format!("--watch={interval}")], 2, "the interval is at least 100ms");
        }
    });
}

#[test]
fn an_ambiguous_name_has_the_same_exit_code_everywhere() {
    watchdog(|| {
        let name = fixture::name();
        ipc(&["create", "shm", &name, "1"]);
        ipc(&["create", "sem", &name]);
        let both = format!("this may be `shm:{0}` or `sem:{0}`: say which", &*name);
        for args in [&["rm", &*name][..], &["chmod", "640", &name]] {
            says(args, 2, &both);
        }
        for args in [&["rm", "0xgg"][..], &["chmod", "640", "0xgg"], &["show", "0xgg"]] {
            says(args, 2, "a key is a number of 32 bits, such as 0x52e2c1");
        }
    });
}

#[test]
fn a_selector_of_another_kind_is_explained() {
    watchdog(|| {
        for args in [&["rm", "pid:1"][..], &["chmod", "640", "pid:1"], &["mq", "peek", "pid:1"]] {
            says(
                args,
                2,
                "\"pid:1\": this is a process; only `ipc show` and `ipc ls --pid` accept one",
            );
        }
        says(&["ls", "pid:1"], 1, "did you mean `--pid 1`?");
        says(
            &["array", "stat", "sem:/x"],
            2,
            "\"sem:/x\": this means a named semaphore; the command accepts shared memory objects",
        );
        says(&["rm", "lock:/tmp/x"], 2, "this means a file lock; the command does not accept one");
        let name = fixture::name();
        ipc(&["create", "shm", &name, "1"]);
        says(
            &["sem", "value", &name],
            1,
            &format!("; `shm:{}` is a shared memory object\n", &*name),
        );
        says(&["show", &format!("mq:{}", &*name)], 1, "is a shared memory object");
    });
}

#[test]
fn only_names_that_are_nearly_the_same_are_suggested() {
    watchdog(|| {
        let id = ipc(&["create", "segment", "1"]);
        for wrong in ["/", "x", "set:99999", "//"] {
            let (code, why) = refused(&["show", wrong]);
            assert!(code == Some(1) && !why.contains("did you mean"), "{why}");
        }
        // Without the file system of queues, there is another clause, and the question is last.
        let name = fixture::tagged("camera");
        ipc(&["create", "sem", &name]);
        let (_, why) = refused(&["show", &name.replace("camera", "camrea")]);
        assert!(why.trim_end().ends_with(&format!("did you mean `sem:{}`?", &*name)), "{why}");
        ipc(&["rm", &format!("segment:{}", id.trim())]);
    });
}

#[test]
fn errors_are_in_own_words_and_quote_what_was_typed() {
    /// Words of parsers of Rust's standard library, and of other crates.
    const FOREIGN: [&str; 9] = [
        "invalid digit",
        "empty string",
        "invalid float",
        "too large to fit",
        "ENOENT",
        "signature",
        "CSV error",
        "Format error",
        "shape: ",
    ];

    watchdog(|| {
        let (name, dir) = (fixture::name(), fixture::dir());
        ipc(&["create", "sem", &name, "1"]);
        let file = |name: &str, bytes: &[u8]| {
            let path = dir.join(name);
            fs::write(&path, bytes).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let picture = file("a.png", b"no picture");
        let uneven = file("a.csv", b"1,2,3\n4,5\n");
        let words = file("b.csv", b"1,2\n3,x\n");
        let latin = file("c.csv", b"1,2\n3,\xe4\n");
        let numpy = file("a.npy", b"no array");
        let absent = dir.join("absent/fifo");
        let absent = absent.to_str().unwrap();
        let new = "/ipc-test-mistakes-never-created";
        let of = |path: &str, why: &str| format!("{path}: {why}");
        for (args, code, wanted) in [
            (&["show", "0xzz"][..], 2, "\"0xzz\": a key is a number of 32 bits, such as 0x52e2c1"),
            (&["show", "0x123456789"], 2, "a key is a number of 32 bits"),
            (&["show", "pid:x"], 2, "\"pid:x\": a process id is a number from 0 to 2147483647"),
            (&["show", "set:"], 2, "\"set:\": a System V id is a number"),
            (&["show", "99999999999"], 2, "a System V id is a number from 0 to 2147483647"),
            (&["ls", "--pid", "x"], 2, "a process id is a number from 1 to 2147483647"),
            (&["ls", "--pid", ""], 2, "a process id is a number"),
            (&["sig", "send", "99999999999", "TERM"], 2, "a process id is a number"),
            (&["sem", "post", &name, "-n", "65536"], 2, "a number from 0 to 65535 is needed"),
            (&["sem", "value", &name, "--index", "x"], 2, "a number from 0 to 65535 is needed"),
            (&["create", "sem", new, "x"], 2, "a number from 0 to 2147483647 is needed"),
            (&["create", "set", "32768"], 2, "a number from 0 to 32767 is needed"),
            (&["create", "set", "1", "--key", "x"], 2, "\"x\": a key is a number"),
            (&["create", "mq", new, "--capacity", "-"], 2, "a number from 1 to 65536 is needed"),
            (&["create", "array", new, "f32", "0x3"], 2, "\"0x3\": dimension 0 is 0\n"),
            (&["create", "array", new, "f32", "axb"], 2, "\"axb\": a shape consists of numbers"),
            (&["create", "array", new, "f32", &["1"; 17].join("x")], 2, "17 dimensions, 1 to 16"),
            (&["create", "shm", "a/b", "1"], 2, "\"a/b\": a name has one slash only\n"),
            (&["create", "sem", ""], 2, "\"\": a name has at least one character"),
            (&["lock", "", "--", "true"], 2, "\"\": a name has at least one character"),
            (&["lock", new, "-E", "256", "--", "true"], 2, "a number from 0 to 255 is needed"),
            (&["bench", "--seconds", "x"], 2, "a number from 0 to 86400 is needed"),
            (&["demo", "--workers", "257"], 2, "a number from 1 to 256 is needed"),
            (
                &["create", "fifo", absent],
                1,
                &format!("mkfifo {absent}: No such file or directory (os error 2)"),
            ),
            (
                &["sem", "run", &name, "--", "/etc/passwd"],
                69,
                "/etc/passwd: the command could not be started: ",
            ),
            (
                &["array", "import", new, &picture],
                1,
                &of(&picture, "this is not a complete PNG or JPEG picture"),
            ),
            (
                &["array", "import", new, &uneven],
                1,
                &of(&uneven, "line 2: found 2 numbers, wanted 3 as before"),
            ),
            (&["array", "import", new, &words], 1, &of(&words, "line 2: \"x\" is not a number")),
            (&["array", "import", new, &latin], 1, &of(&latin, "line 2: this is not text")),
            (
                &["array", "import", new, &numpy],
                1,
                &of(&numpy, "found something that is no .npy file"),
            ),
        ] {
            let (found, why) = refused(args);
            assert!(found == Some(code) && why.contains(wanted), "{args:?}: {found:?}: {why}");
            for words in FOREIGN {
                assert!(!why.contains(words), "{args:?}: {why}");
            }
        }
        assert_ne!(run(&["show", new]).status.code(), Some(0), "no array is left");
    });
}
