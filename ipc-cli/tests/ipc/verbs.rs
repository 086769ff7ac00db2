//! The verbs of each kind, and what is said to a user who asks for something that is not there.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};

use ipc::array::ShmArray;
use ipc_testkit::{fixture, watchdog};

use crate::common::{IPC, ipc, object, refused, run};

#[test]
fn semaphores_are_posted_waited_for_and_read() {
    watchdog(|| {
        let name = fixture::name();
        ipc(&["create", "sem", &name, "1", "--mode", "640"]);
        let set = format!("set:{}", ipc(&["create", "set", "0", "1"]).trim());
        assert_eq!(object(&format!("sem:{}", &*name)).unwrap()["mode"], "0640");
        for which in [&[&*name][..], &[&set, "--index", "1"]] {
            let sem = |verb: &str, more: &[&str]| {
                run(&[&["sem", verb], which, more].concat()).status.code()
            };
            assert_eq!(
                (sem("try", &[]), sem("try", &[]), sem("wait", &["-w", "10ms"])),
                (Some(0), Some(1), Some(1))
            );
            assert_eq!((sem("post", &["-n", "3"]), sem("wait", &[])), (Some(0), Some(0)));
            assert_eq!(ipc(&[&["sem", "value"], which].concat()), "2\n");
        }
        ipc(&["rm", "--force", &set]);
    });
}

#[test]
fn messages_are_sent_received_and_counted() {
    watchdog(|| {
        let name = fixture::name();
        ipc(&["create", "mq", &name, "--capacity", "2", "--size", "20"]);
        let queue = format!("queue:{}", ipc(&["create", "queue"]).trim());
        ipc(&["mq", "send", &name, "low"]);
        ipc(&["mq", "send", &name, "high", "--priority", "7"]);
        assert_eq!(run(&["mq", "send", &name, "full", "-w", "0"]).status.code(), Some(1));
        assert_eq!(ipc(&["mq", "peek", &name]), "2 of 2 messages of at most 20 bytes\n");
        assert_eq!(
            (ipc(&["mq", "recv", &name]), ipc(&["mq", "recv", &name, "--raw"])),
            ("high\n".into(), "low".into())
        );
        assert_eq!(run(&["mq", "recv", &name, "-w", "0"]).status.code(), Some(1));
        ipc(&["mq", "send", &queue, "one", "--type", "1"]);
        ipc(&["mq", "send", &queue, "two", "--type", "2"]);
        assert_eq!(ipc(&["mq", "recv", &queue, "--type", "2"]), "two\n");
        assert!(ipc(&["mq", "peek", &queue]).starts_with("1 message, 3 of "));
        ipc(&["rm", "--force", &queue]);
        let (code, why) = refused(&["mq", "send", &name, "a message of more than twenty bytes"]);
        assert!(code == Some(1) && why.contains(&*name), "{why}");
    });
}

#[test]
fn signals_are_sent_with_values_and_watched() {
    watchdog(|| {
        let mut watch = Command::new(IPC);
        watch
            .args(["sig", "wait", "RTMIN+1", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut watch = watch.spawn().unwrap();
        // It says so once the signal is blocked.
        let mut line = String::new();
        let said = watch.stderr.take().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(said), &mut line).unwrap();
        ipc(&["sig", "send", &watch.id().to_string(), "SIGRTMIN+1", "--value", "-42"]);
        let told = String::from_utf8(watch.wait_with_output().unwrap().stdout).unwrap();
        assert!(told.contains(r#""value":-42"#) && told.contains("RTMIN+1"), "{told}");
        assert_eq!(run(&["sig", "wait", "USR1", "-w", "10ms"]).status.code(), Some(1));
        let (code, why) = refused(&["sig", "send", "1", "FROB"]);
        assert!(code == Some(2) && why.contains("FROB"), "{why}");
    });
}

#[test]
fn arrays_go_through_files_and_come_back_the_same() {
    watchdog(|| {
        let (name, dir) = (fixture::name(), fixture::dir());
        let file = |name: &str| dir.join(name).to_str().unwrap().to_owned();
        let of = |what: &str| format!("{}{what}", &*name);
        ipc(&["create", "array", &of("a"), "f32", "3x2"]);
        ipc(&["array", "fill", &of("a"), "-1.5"]);
        let stat = ipc(&["array", "stat", &of("a")]);
        assert!(stat.contains("mean: -1.5\n") && !stat.contains("histogram"), "{stat}");
        let array = ShmArray::<f32>::open(of("a")).unwrap();
        array.set([2, 1], 4.0).unwrap();
        for (number, end) in [".npy", ".csv"].into_iter().enumerate() {
            let path = file(&format!("out{end}"));
            ipc(&["array", "export", &of("a"), &path]);
            ipc(&["array", "import", &of(&format!("b{number}")), &path]);
        }
        assert_eq!(ShmArray::<f32>::open(of("b0")).unwrap().to_vec(), array.to_vec());
        let copy = ShmArray::<f64>::open(of("b1")).unwrap();
        assert_eq!(
            (copy.shape().dims(), copy.to_vec()),
            (&[3, 2][..], vec![-1.5, -1.5, -1.5, -1.5, -1.5, 4.0])
        );
        fs::write(file("x.png"), "no picture").unwrap();
        for (end, code) in [("x.png", 1), ("x.txt", 2), ("absent.npy", 1)] {
            assert_eq!(refused(&["array", "import", &of("c"), &file(end)]).0, Some(code), "{end}");
        }
        ipc(&["array", "export", &of("a"), &file("p.png")]);
        ipc(&["array", "import", &of("d"), &file("p.png")]);
        assert_eq!(ShmArray::<u8>::open(of("d")).unwrap().to_vec(), [0, 0, 0, 0, 0, 255]);
        let stat = ipc(&["array", "stat", &of("a")]);
        assert!(stat.contains("minimum: -1.5\n") && stat.contains("maximum: 4\n"), "{stat}");
        assert!(stat.contains("mean: -0.583333\n"), "{stat}");
        assert!(ipc(&["array", "view", &of("a")]).contains('@'));
        let shown = ipc(&["show", &of("a")]);
        assert!(shown.ends_with(&stat), "the same lines: {shown}");
        assert!(shown.contains("f32") && shown.contains("histogram"), "{shown}");
        assert!(shown.contains("(ended, or of another PID namespace)"), "{shown}");
    });
}

#[test]
fn modes_are_changed_and_names_without_a_slash_are_understood() {
    watchdog(|| {
        let name = fixture::name();
        let bare = name.trim_start_matches('/');
        ipc(&["create", "shm", bare, "4K"]);
        ipc(&["create", "mq", bare]);
        let segment = format!("segment:{}", ipc(&["create", "segment", "4K"]).trim());
        for selector in [&format!("shm:{bare}"), &format!("mq:{bare}"), &segment] {
            ipc(&["chmod", "640", selector]);
            ipc(&["show", selector]);
        }
        for selector in [format!("shm:{}", &*name), format!("mq:{}", &*name), segment.clone()] {
            assert_eq!(object(&selector).unwrap()["mode"], "0640", "{selector}");
        }
        let (code, why) = refused(&["rm", bare]);
        assert!(
            code == Some(2) && why.contains("shm:") && why.contains("mq:"),
            "two have the name: {why}"
        );
        ipc(&["rm", &format!("shm:{bare}"), &format!("mq:{bare}"), &segment]);
    });
}

#[test]
fn what_does_not_exist_is_an_error_with_the_nearest_name() {
    watchdog(|| {
        let name = fixture::tagged("camera");
        ipc(&["create", "sem", &name]);
        let near = name.replace("camera", "camrea");
        for args in [&["show", &near][..], &["rm", &near], &["sem", "value", &near], &["ls", &near]]
        {
            let (code, why) = refused(args);
            assert!(
                code == Some(1) && why.contains(&format!("did you mean `sem:{}`?", &*name)),
                "{args:?}: {why}"
            );
        }
        let (_, why) = refused(&["rm", "sem:/qqqqqqqqqq"]);
        assert!(why.contains("there is no such named semaphore (see `ipc ls sem`)"), "{why}");
        for args in [
            &["show", "sett:7"][..],
            &["show", "0xgg"],
            &["chmod", "999", "x"],
            &["frobnicate"],
            &["rm"],
        ] {
            assert_eq!(refused(args).0, Some(2), "{args:?}");
        }
    });
}

#[test]
fn each_help_has_an_example() {
    let help = ipc(&["--help"]);
    let verbs: Vec<_> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            line.strip_prefix("  ")?.split(' ').next().filter(|verb| !verb.is_empty())
        })
        .filter(|verb| *verb != "help")
        .collect();
    assert!(verbs.len() >= 14, "{verbs:?}");
    for verb in verbs {
        let help = ipc(&[verb, "--help"]);
        assert!(
            help.contains("Example") && help.contains(&format!("ipc {verb}")),
            "{verb}: {help}"
        );
        // Examples stand in columns, which would break on a terminal of 80 characters.
        let (_, examples) = help.split_once("Examples:").unwrap();
        assert!(examples.lines().all(|line| line.chars().count() <= 80), "{verb}: {examples}");
    }
}

#[test]
fn a_file_whose_name_is_not_text_is_removed_and_no_other() {
    let name = fixture::name();
    let odd = [b"/dev/shm", name.as_bytes(), b"\xff"].concat();
    let odd = Path::new(OsStr::from_bytes(&odd));
    fs::write(odd, [7; 100]).unwrap();
    ipc(&["rm", &format!("shm:{}\\xff", &*name)]);
    assert!(!odd.exists());
}
