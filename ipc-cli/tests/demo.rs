//! `ipc demo` from outside: what it writes, and what it leaves behind, whatever happens to it.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::thread;

use image::{GrayImage, ImageBuffer, Luma, Rgba};
use ipc_testkit::{ChildOptions, Root, TempDir, fixture, watchdog};

const IPC: &str = env!("CARGO_BIN_EXE_ipc");

/// A running `ipc demo` in a directory.
struct Demo {
    process: Child,
    output: BufReader<ChildStdout>,
}

/// How it ended.
struct End {
    status: ExitStatus,
    output: String,
    errors: String,
}

impl Demo {
    fn start(dir: &Path, args: &[&str]) -> Demo {
        let mut command = Command::new(IPC);
        command.arg("demo").args(args).current_dir(dir).stdin(Stdio::null());
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        Demo { process, output }
    }

    /// The process id of the next worker that has stopped itself.
    fn held_worker(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let worker = line
            .strip_prefix("held: ")
            .unwrap_or_else(|| panic!("no worker is held but {line:?}"))
            .trim();
        // It says so just before it does so, and it has stopped when all its threads have.
        while !is_stopped(worker) {
            thread::yield_now();
        }
        worker.to_owned()
    }

    /// The objects that it has in `/dev/shm`.
    fn objects(&self) -> Vec<String> {
        let names = fs::read_dir("/dev/shm")
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name.contains(&format!("ipc-demo-{}-", self.process.id()))).collect()
    }

    /// Waits until it and its workers have ended, and makes sure that they left nothing.
    fn end(mut self) -> End {
        let (mut output, mut errors) = (String::new(), String::new());
        // The workers hold these pipes too: they end with the last process.
        self.output.read_to_string(&mut output).unwrap();
        self.process.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        let status = self.process.wait().unwrap();
        assert_eq!(self.objects(), [""; 0], "left behind after {status}: {errors}");
        End { status, output, errors }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn is_stopped(process: &str) -> bool {
    fs::read_dir(format!("/proc/{process}/task")).unwrap().all(|thread| {
        let stat = fs::read_to_string(thread.unwrap().path().join("stat"));
        stat.unwrap().contains(") T ")
    })
}

fn run(dir: &Path, args: &[&str]) -> End {
    Demo::start(dir, args).end()
}

fn signal(name: &str, pid: impl std::fmt::Display) {
    assert!(
        Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().unwrap().success()
    );
}

/// The picture in a file that was written, and its checksum as the program counts it.
fn read(path: &Path) -> (GrayImage, String) {
    let picture = image::open(path).unwrap().into_luma8();
    let sum = picture.iter().fold(0xcbf2_9ce4_8422_2325, |sum: u64, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (picture, format!("checksum {sum:016x}, the same as by one process alone"))
}

/// A directory with a picture `in.png` that makes 12 tiles.
fn dir_with_picture() -> TempDir {
    let dir = fixture::dir();
    let picture = GrayImage::from_fn(256, 192, |x, y| Luma([(x * y).to_le_bytes()[0]]));
    picture.save(dir.join("in.png")).unwrap();
    dir
}

/// Starts the demo there.
fn start(dir: &Path, args: &[&str]) -> Demo {
    Demo::start(dir, &[&["--input", "in.png"], args].concat())
}

/// Checks that the demo wrote its picture, and left nothing else in the directory.
fn assert_done(dir: &Path, end: &End) {
    assert!(end.status.success(), "{}: {}", end.status, end.errors);
    let (edges, checksum) = read(&dir.join("ipc-demo.png"));
    assert_eq!(edges.dimensions(), (256, 192));
    assert!(end.output.contains(&checksum), "{} lacks {checksum}", end.output);
    assert_eq!(fs::read_dir(dir).unwrap().count(), 2);
}

/// Checks that the demo wrote nothing into the directory.
fn assert_not_done(dir: &Path) {
    assert_eq!(fs::read_dir(dir).unwrap().count(), 1);
}

/// The demo has refused, for this reason, and has written nothing.
fn assert_refused(dir: &Path, args: &[&str], code: i32, reasons: &[&str]) {
    let files = |dir: &Path| {
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>()
    };
    let before = files(dir);
    let end = run(dir, args);
    assert_eq!(end.status.code(), Some(code), "{args:?}: {}", end.errors);
    for reason in reasons {
        assert!(end.errors.contains(reason), "{args:?}: {}", end.errors);
    }
    assert_eq!(end.output, "");
    assert_eq!(files(dir), before, "{args:?}");
}

#[test]
fn the_result_is_the_same_with_any_number_of_workers_and_on_any_machine() {
    watchdog(|| {
        for workers in ["1", "2", "7", "100"] {
            let dir = fixture::dir();
            let end = run(&dir, &["--workers", workers]);
            assert!(end.status.success() && end.errors.is_empty(), "{}", end.errors);
            let (edges, checksum) = read(&dir.join("ipc-demo.png"));
            assert_eq!(
                (edges.dimensions(), &*checksum),
                ((512, 512), "checksum eea4c538e8b71331, the same as by one process alone")
            );
            assert!(end.output.contains(&checksum), "{}", end.output);
            assert!(end.output.contains(&format!("worker {workers} (pid ")), "{}", end.output);
        }
    });
}

const BOTH_AT_A_TILE: [&str; 6] = ["--workers", "2", "--hold-worker", "1", "--hold-worker", "2"];
const SECOND_AT_START: [&str; 6] = ["--workers", "2", "--hold-worker", "2", "--hold-at", "start"];

#[test]
fn the_tile_of_a_killed_worker_is_done_by_the_parent() {
    watchdog(|| {
        let dir = dir_with_picture();
        let mut demo = start(&dir, &BOTH_AT_A_TILE);
        let (victim, survivor) = (demo.held_worker(), demo.held_worker());
        assert_eq!(demo.objects(), [""; 0], "the names go when all workers are ready");
        signal("KILL", &victim);
        signal("CONT", &survivor);
        let end = demo.end();
        assert_done(&dir, &end);
        assert!(
            end.errors.contains(&format!("(pid {victim}) ended early, signal: 9")),
            "{}",
            end.errors
        );
        assert!(end.errors.contains("the parent finishes its tile"), "{}", end.errors);
        assert!(!end.errors.contains("no worker is left"), "{}", end.errors);
        assert!(end.output.contains(": 11 tiles\n"), "{}", end.output);
        assert!(end.output.contains(": 1 tile\n"), "{}", end.output);
    });
}

#[test]
fn if_all_workers_are_killed_the_parent_does_the_rest() {
    watchdog(|| {
        let dir = dir_with_picture();
        let mut demo = start(&dir, &BOTH_AT_A_TILE);
        for victim in [demo.held_worker(), demo.held_worker()] {
            signal("KILL", victim);
        }
        let end = demo.end();
        assert_done(&dir, &end);
        assert!(
            end.errors.contains("no worker is left: the parent does the other 10 tiles"),
            "{}",
            end.errors
        );
        assert!(
            end.output.contains("parent (pid ") && end.output.contains(": 12 tiles"),
            "{}",
            end.output
        );
    });
}

#[test]
fn a_worker_killed_before_it_is_ready_does_not_keep_the_others() {
    watchdog(|| {
        let dir = dir_with_picture();
        let mut demo = start(&dir, &SECOND_AT_START);
        let victim = demo.held_worker();
        assert_eq!(demo.objects().len(), 3);
        signal("KILL", victim);
        let end = demo.end();
        assert_done(&dir, &end);
        assert!(end.errors.contains("it had no tile"), "{}", end.errors);
        assert!(
            end.output.contains("worker 1 (pid ") && end.output.contains(": 12 tiles"),
            "{}",
            end.output
        );
    });
}

#[test]
fn a_worker_that_was_stopped_goes_on_and_does_its_tile() {
    watchdog(|| {
        let dir = dir_with_picture();
        let mut demo = start(&dir, &["--workers", "1", "--hold-worker", "1"]);
        signal("CONT", demo.held_worker());
        let end = demo.end();
        assert_done(&dir, &end);
        assert!(
            end.output.contains("worker 1 (pid ") && end.output.contains(": 12 tiles"),
            "{}",
            end.output
        );
        assert_eq!(end.errors, "");
    });
}

#[test]
fn an_interrupted_demo_ends_its_workers_and_leaves_nothing() {
    watchdog(|| {
        for held in [&BOTH_AT_A_TILE, &SECOND_AT_START] {
            for (name, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
                let dir = dir_with_picture();
                let mut demo = start(&dir, held);
                demo.held_worker();
                signal(name, demo.process.id());
                let end = demo.end();
                assert_eq!(end.status.code(), Some(code), "{}", end.errors);
                assert_not_done(&dir);
            }
        }
    });
}

#[test]
fn if_the_parent_is_killed_the_workers_end_and_remove_the_names() {
    watchdog(|| {
        for (held, count) in [(&BOTH_AT_A_TILE, 2), (&SECOND_AT_START, 1)] {
            let dir = dir_with_picture();
            let mut demo = start(&dir, held);
            for _ in 0..count {
                demo.held_worker();
            }
            signal("KILL", demo.process.id());
            let end = demo.end();
            assert_eq!(end.status.signal(), Some(9));
            assert_not_done(&dir);
        }
    });
}

#[test]
fn a_worker_whose_parent_ends_early_removes_the_names_that_exist() {
    watchdog(|| {
        let base = fixture::tagged("base");
        let files = ["picture", "edges"].map(|part| format!("/dev/shm{base}-{part}"));
        files.iter().for_each(|file| fs::write(file, "").unwrap());
        let args = ["demo-worker", "--number", "0", "--base", &base];
        let worker = Command::new(IPC).args(args).stdin(Stdio::null()).output().unwrap();
        let left: Vec<_> = files.iter().filter(|file| fs::remove_file(file).is_ok()).collect();
        assert!(left.is_empty(), "{left:?} {worker:?}");
    });
}

#[test]
fn a_picture_of_any_kind_and_shape_becomes_one_of_the_same_shape() {
    watchdog(|| {
        let dir = fixture::dir();
        let (input, output) = (dir.join("in"), dir.join("out.png"));
        let check = |width, height| {
            let end = run(&dir, &["--workers", "2", "--input", "in", "--output", "out.png"]);
            assert!(end.status.success(), "{width}x{height}: {}", end.errors);
            let (edges, checksum) = read(&output);
            assert_eq!(edges.dimensions(), (width, height));
            assert!(end.output.contains(&checksum), "{}", end.output);
            edges
        };
        for (width, height) in [(1, 1), (1, 300), (300, 1), (65, 129), (1100, 70)] {
            let coloured = ImageBuffer::from_fn(width, height, |x, y| {
                Rgba([x, y, x + y, 255].map(|v| v.to_le_bytes()[0]))
            });
            coloured.save_with_format(&input, image::ImageFormat::Png).unwrap();
            check(width, height);
        }
        // Half of it black, half of it white, with 16 bits: one edge, from top to bottom.
        let halves =
            ImageBuffer::from_fn(40, 8, |x, _| Luma([if x < 20 { 0u16 } else { u16::MAX }]));
        halves.save_with_format(&input, image::ImageFormat::Png).unwrap();
        let edges = check(40, 8);
        assert!(edges.rows().all(|row| {
            row.map(|pixel| pixel.0[0] > 200).eq((0..40).map(|x| (18..22).contains(&x)))
        }));
        let jpeg = GrayImage::from_pixel(33, 17, Luma([99]));
        jpeg.save_with_format(&input, image::ImageFormat::Jpeg).unwrap();
        assert!(check(33, 17).iter().all(|pixel| *pixel == 0));
    });
}

#[test]
fn a_file_that_is_not_a_picture_is_refused_with_name_and_reason() {
    watchdog(|| {
        let dir = fixture::dir();
        let png = fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/pictures/astronaut.png")).unwrap();
        fs::write(dir.join("empty"), "").unwrap();
        fs::write(dir.join("text"), "not a picture").unwrap();
        fs::write(dir.join("half"), &png[..png.len() / 2]).unwrap();
        fs::write(dir.join("huge"), beginning_of_png(2_000_000_000, 2_000_000_000)).unwrap();
        fs::write(dir.join("wide"), beginning_of_png(16_385, 1)).unwrap();
        fs::create_dir(dir.join("directory")).unwrap();
        for (name, reason) in [
            ("absent", "No such file"),
            ("empty", "neither a PNG nor a JPEG"),
            ("text", "neither a PNG nor a JPEG"),
            ("half", "picture half: it is damaged or cut short"),
            ("huge", "at most 16384 pixels a side"),
            ("wide", "at most 16384 pixels a side"),
            ("directory", "Is a directory"),
            ("", "--input"),
        ] {
            let code = if name.is_empty() { 2 } else { 1 };
            assert_refused(&dir, &["--input", name], code, &[reason, name]);
        }
    });
}

/// A PNG that says how wide and high it is, and ends there.
fn beginning_of_png(width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend([width.to_be_bytes(), height.to_be_bytes()].concat());
    header.extend([8, 2, 0, 0, 0]);
    let crc = !header.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
        })
    });
    [b"\x89PNG\r\n\x1a\n\0\0\0\x0d".as_slice(), &header, &crc.to_be_bytes()].concat()
}

#[test]
fn an_impossible_number_of_workers_is_refused_with_the_limits() {
    watchdog(|| {
        let dir = fixture::dir();
        for workers in ["0", "257", "10000", "-1", "many", ""] {
            assert_refused(&dir, &[&format!("--workers={workers}")], 2, &["--workers"]);
        }
        assert_refused(
            &dir,
            &["--workers", "10000"],
            2,
            &["10000", "a number from 1 to 256 is needed"],
        );
    });
}

#[test]
fn an_output_that_cannot_be_written_is_refused_before_the_work() {
    watchdog(|| {
        let dir = fixture::dir();
        assert!(Command::new("mkfifo").arg(dir.join("fifo")).status().unwrap().success());
        fs::create_dir(dir.join("directory")).unwrap();
        for (output, reason) in [
            ("absent/out.png", "No such file"),
            ("directory", "something else than a file"),
            ("fifo", "something else than a file"),
            ("..", "something else than a file"),
        ] {
            // The picture is not even looked at.
            assert_refused(&dir, &["--input", "absent", "--output", output], 1, &[output, reason]);
        }
    });
}

#[test]
fn an_older_output_is_replaced_by_a_whole_one_or_stays() {
    watchdog(|| {
        let dir = dir_with_picture();
        fs::write(dir.join("ipc-demo.png"), "older").unwrap();
        let mut demo = start(&dir, &["--workers", "1", "--hold-worker", "1"]);
        demo.held_worker();
        assert_eq!(fs::read_to_string(dir.join("ipc-demo.png")).unwrap(), "older");
        signal("INT", demo.process.id());
        demo.end();
        assert_eq!(fs::read_to_string(dir.join("ipc-demo.png")).unwrap(), "older");
        assert_done(&dir, &start(&dir, &[]).end());
    });
}

#[test]
fn a_full_shared_memory_is_an_error_and_nothing_is_left_in_it() {
    let Some(root) = Root::or_skip("mounts a small /dev/shm") else { return };
    watchdog(|| {
        let dir = fixture::dir();
        let script = "cd $1; $0 demo 2>&1; echo code $?; ls -A /dev/shm | wc -l";
        let shell = ChildOptions::program(Path::new("/bin/sh")).small_shm(root, 400 << 10);
        let mut shell = ipc_testkit::Child::run(shell, &["-c", script, IPC, dir.to_str().unwrap()]);
        let error = shell.hear();
        assert!(error.contains("ipc-demo-") && error.contains("No space left"), "{error}");
        shell.wait_for("code 1");
        shell.wait_for("0");
        shell.finish();
    });
}

#[test]
fn a_reader_that_closes_the_pipe_early_causes_no_panic() {
    watchdog(|| {
        let dir = fixture::dir();
        let demo = Command::new(IPC)
            .arg("demo")
            .current_dir(&*dir)
            .stdout(File::create("/dev/full").unwrap())
            .output();
        let demo = demo.unwrap();
        assert_eq!(demo.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&demo.stderr).contains("standard output"), "{demo:?}");
        let script = "cd $1; ($0 demo; echo code $? >&2) | true";
        let shell =
            Command::new("sh").args(["-c", script, IPC, dir.to_str().unwrap()]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&shell.stderr), "code 0\n");
    });
}
