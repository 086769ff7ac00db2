//! The C and NumPy code in the folder `interop`, with live processes at the other end.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use ipc_core::Removal;
use ipc_ring::frames::{FrameOptions, FrameReader, FrameWriter, FramesInfo, WriterStatus};
use ipc_testkit::{
    Child, ChildOptions, Part, Rng, Role, c_program, figures, fixture, rounds, skip, watchdog,
};

use crate::common::wait_until_it_sleeps;

pub(crate) const ROLES: &[(&str, Part)] = &[("native camera", native_camera)];

const INTEROP: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../interop");

/// The shape of the frames, whose elements are all of the number of the frame, as 16 bits.
const DIMS: [usize; 2] = [64, 48];

const C: &str = r#"
    static uint16_t pixels[64 * 48];

    static void write_one(struct ipc_frames *frames) {
        uint16_t *place = (uint16_t *)ipc_frames_begin(frames);
        for (size_t i = 0; i < frames->frame.len; i++)
            place[i] = (uint16_t)(frames->sequence + 1);
        uint64_t before = frames->sequence;
        must(ipc_frames_publish(frames) == before + 1);
    }

    static void check_one(const struct ipc_frame_info *info) {
        for (size_t i = 0; i < 64 * 48; i++)
            must(pixels[i] == (uint16_t)info->sequence);
    }

    int main(int argc, char **argv) {
        static const size_t dims[] = { 64, 48 };
        struct ipc_frames frames;
        struct ipc_frame_info info;
        must(argc >= 3);
        const char *name = argv[2];
        if (strcmp(argv[1], "write") == 0) { /* as many as it is told, then it closes them */
            must(ipc_frames_create(name, IPC_U16, 2, dims, 4, 0600, &frames) == 0);
            say("ready");
            wait_for("go");
            for (int n = atoi(argv[3]); n > 0; n--)
                write_one(&frames);
            say("written");
            wait_for("end");
            ipc_frames_close(&frames);
        } else if (strcmp(argv[1], "read") == 0) { /* until they are closed */
            int why, got = 0;
            must(ipc_frames_open(name, &frames) == 0);
            must(frames.frame.element == IPC_U16 && frames.frame.ndims == 2 && frames.slots == 4);
            must(frames.frame.dims[0] == 64 && frames.frame.dims[1] == 48);
            say("ready");
            while ((why = ipc_frames_wait(&frames, -1)) == 0)
                if (ipc_frames_read(&frames, IPC_FRAMES_NEXT, pixels, &info) == 0) {
                    check_one(&info);
                    got++;
                }
            say("%d %llu %s", got, (unsigned long long)frames.missed, ipc_frames_why(why));
            ipc_frames_close(&frames);
        } else if (strcmp(argv[1], "second") == 0) { /* writer: refused */
            int why = ipc_frames_create(name, IPC_U16, 2, dims, 4, 0600, &frames);
            must(why == IPC_FRAMES_BUSY && frames.base == NULL);
        } else if (strcmp(argv[1], "mistakes") == 0) {
            static const size_t none[] = { 3, 0 };
            static const size_t huge[] = { SIZE_MAX / 4, 8 };
            must(ipc_frames_create(name, IPC_U16, 2, none, 4, 0600, &frames) == IPC_ARRAY_BAD_DIMS);
            must(ipc_frames_create(name, IPC_U16, 2, huge, 4, 0600, &frames) == IPC_ARRAY_TOO_LARGE);
            must(ipc_frames_create(name, IPC_U16, 2, dims, 1, 0600, &frames) == IPC_FRAMES_BAD_LAYOUT);
            must(ipc_frames_create(name, IPC_DESCRIBED, 2, dims, 4, 0600, &frames) == IPC_ARRAY_BAD_ELEMENT);
            must(ipc_frames_open(name, &frames) == ENOENT && frames.base == NULL);
            must(ipc_frames_create(name, IPC_U16, 2, dims, 4, 0600, &frames) == 0);
            struct ipc_frames readers[65];
            for (int i = 0; i < 64; i++)
                must(ipc_frames_open(name, &readers[i]) == 0);
            must(ipc_frames_open(name, &readers[64]) == IPC_FRAMES_FULL);
            must(ipc_frames_read(&readers[0], IPC_FRAMES_LATEST, pixels, &info) == IPC_FRAMES_NONE);
            must(ipc_frames_wait(&readers[0], 1) == IPC_FRAMES_NONE);
            for (int i = 0; i < 64; i++)
                ipc_frames_close(&readers[i]);
            must(ipc_frames_open(name, &readers[0]) == 0);
            ipc_frames_close(&frames);
            must(ipc_frames_wait(&readers[0], -1) == IPC_FRAMES_CLOSED);
            ipc_frames_close(&readers[0]);
        } else { /* a file of damaged headers, each with the whole length */
            uint32_t head[2];
            FILE *file = fopen(name, "rb");
            must(file);
            while (fread(head, sizeof head, 1, file) == 1) {
                static _Alignas(64) char bytes[65536];
                memset(bytes, 0, sizeof bytes);
                must(fread(bytes, 1, head[0], file) == head[0]);
                putchar(ipc_frames_check(bytes, head[1], &frames) == 0 ? '1' : '0');
            }
            putchar('\n');
        }
        return 0;
    }
"#;

fn c() -> PathBuf {
    c_program(
        "frames",
        &format!("#include \"{INTEROP}/c/ipc_frames.h\"\n#line 1 \"program.c\"\n{C}"),
    )
}

const PYTHON: &str = r#"
import struct, sys
sys.path.insert(0, sys.argv[1])
import numpy, ipc_frames
what, name, *rest = sys.argv[2:]

def say(line):
    print(line, flush=True)

def wait_for(line):
    said = sys.stdin.readline().strip()
    assert said == line, f"{said}, not {line}"

def write_one(writer):
    writer.slot()[...] = (writer.sequence + 1) & 0xFFFF
    writer.publish()

def refused(kind, words, call, *args, **more):
    try:
        call(*args, **more)
    except kind as error:
        assert words in str(error), f"{words!r} is not in {error}"
        return
    raise AssertionError(f"{words!r} was not raised")

if what == "write":
    with ipc_frames.create(name, (64, 48), "uint16") as writer:
        say("ready")
        wait_for("go")
        for _ in range(int(rest[0])):
            write_one(writer)
        say("written")
        wait_for("end")
elif what == "read":
    reader = ipc_frames.open(name)
    assert reader.shape == (64, 48) and reader.dtype == "uint16"
    say("ready")
    got = 0
    while True:
        try:
            frame = reader.wait_next()
        except EOFError as error:
            say(f"{got} {reader.missed} {type(error).__name__}")
            break
        assert (frame.array == frame.sequence & 0xFFFF).all(), f"frame {frame.sequence} is torn"
        assert frame.array.flags.f_contiguous and frame.timestamp > 0
        got += 1
    with reader.look() as array:
        assert (array == reader.sequence & 0xFFFF).all() and not array.flags.writeable
    assert reader.was_whole
elif what == "second":
    refused(BlockingIOError, f"process {rest[0]} writes it", ipc_frames.create, name, 3)
elif what == "mistakes":
    refused(FileNotFoundError, name, ipc_frames.open, name)
    refused(ValueError, "1 slots, 2 to", ipc_frames.create, name, 3, slots=1)
    refused(ValueError, "1 to 16 dimensions of at least 1", ipc_frames.create, name, (3, 0))
    refused(ValueError, "no memory holds", ipc_frames.create, name, 8 * (2**30,))
    refused(TypeError, "frames have elements of int8, uint8,", ipc_frames.create, name, 3, "bool")
    writer = ipc_frames.create(name, (3, 2), "float32")
    reader = ipc_frames.open(name)
    assert reader.next() is None and reader.wait_latest(timeout=0.001) is None
    refused(ValueError, "found an array of (2, 3), wanted (3, 2)", writer.write, numpy.zeros((2, 3)))
    assert writer.write(numpy.arange(6).reshape(3, 2)) == 1
    frame = reader.latest()
    assert frame.array[2, 0] == 4 and (frame.sequence, frame.missed) == (1, 0) and reader.latest() is None
    assert not reader.reopen()
    for n in range(10):
        writer.write(numpy.full((3, 2), n))
    assert (reader.next().sequence, reader.missed) == (8, 6)
    writer.close()
    assert reader.latest().array[0, 0] == 9
    refused(ipc_frames.Closed, "closed", reader.wait_next)
    writer = ipc_frames.create(name, 5, "int64")
    refused(ipc_frames.Superseded, "another writer", reader.next)
    assert reader.reopen() and reader.shape == (5,)
    ipc_frames.unlink(name)
else:
    verdicts = ""
    with open(name, "rb") as file:
        while head := file.read(8):
            length, size = struct.unpack("=II", head)
            try:
                ipc_frames._Frames("/x", memoryview(file.read(length).ljust(65536, b"\0")[:size]), size)
                verdicts += "1"
            except ValueError as error:
                assert str(error).startswith("/x: found "), error
                verdicts += "0"
    say(verdicts)
"#;

/// The Python interpreter that has NumPy.
fn numpy() -> Option<PathBuf> {
    ipc_testkit::python(env!("CARGO_TARGET_TMPDIR"), &[("numpy", "numpy==2.2.6")])
}

fn python(python: &Path, args: &[&str]) -> Child {
    let options = ChildOptions::program(python).env("PYTHONDONTWRITEBYTECODE", "1");
    Child::run(options, &[&["-c", PYTHON, &format!("{INTEROP}/python")], args].concat())
}

/// Writes frames as the programs above do.
fn native_camera(role: &mut Role) {
    let mut writer = FrameWriter::<u16>::create(role.arg(0), DIMS).unwrap();
    role.say("ready");
    role.wait_for("go");
    for _ in 0..role.arg(1).parse().unwrap() {
        write_one(&mut writer);
    }
    role.say("written");
    role.wait_for("end");
}

fn write_one(writer: &mut FrameWriter<u16>) {
    let number = (writer.sequence() + 1) & 0xFFFF;
    let mut slot = writer.next_slot().unwrap();
    slot.fill(number.try_into().unwrap());
    slot.publish();
}

/// Starts a program of each language in that role; Rust plays the writer only.
type Start<'a> = &'a dyn Fn(&str, &str, &str) -> Child;

fn with_all(test: impl Fn(&[(&str, Start<'_>)])) {
    let (c, numpy) = (c(), numpy()); // outside the watchdog: NumPy may have to be installed
    let start_c = |what: &str, name: &str, more: &str| Child::run(&c, &[what, name, more]);
    let mut all: Vec<(&str, Start<'_>)> = vec![("c", &start_c)];
    let start_python;
    if let Some(numpy) = &numpy {
        start_python = |what: &str, name: &str, more: &str| python(numpy, &[what, name, more]);
        all.push(("python", &start_python));
    }
    watchdog(|| test(&all));
}

#[test]
fn readers_in_c_and_python_account_for_every_frame_of_ours() {
    with_all(|all| {
        let (name, frames) = (fixture::name(), rounds(2_000, 200_000));
        let mut writer = FrameWriter::<u16>::create(&*name, DIMS).unwrap();
        let mut readers: Vec<_> = all.iter().map(|(_, start)| start("read", &name, "")).collect();
        readers.iter_mut().for_each(|reader| reader.wait_for("ready"));
        for n in 0..frames {
            if n % 200 == 0 {
                readers.iter().for_each(|reader| wait_until_it_sleeps(reader.pid()));
            }
            write_one(&mut writer);
        }
        drop(writer);
        for mut reader in readers {
            let told = reader.hear();
            let counts: Vec<u64> =
                told.split(' ').take(2).map(|count| count.parse().unwrap()).collect();
            assert_eq!(counts[0] + counts[1], frames, "{told}");
            assert!(counts[0] >= frames / 200 && told.to_lowercase().contains("closed"), "{told}");
            figures(format_args!("{frames} frames, {told}"));
            reader.finish();
        }
    });
}

#[test]
fn our_readers_account_for_every_frame_of_c_and_python() {
    with_all(|all| {
        for (language, start) in all {
            let (name, frames) = (fixture::name(), rounds(1_000, 50_000));
            let mut writer = start("write", &name, &frames.to_string());
            writer.wait_for("ready");
            let mut reader = FrameReader::<u16>::open(&*name).unwrap();
            assert_eq!(reader.shape().dims(), DIMS);
            assert_eq!(FramesInfo::of(&*name).unwrap().writer, writer.pid());
            writer.tell("go");
            let mut got = 0;
            while reader.sequence() < frames {
                let frame = reader.wait_next().unwrap();
                let number = u16::try_from(frame.sequence() & 0xFFFF).unwrap();
                assert!(frame.as_slice().iter().all(|pixel| *pixel == number), "{language}: torn");
                got += 1;
            }
            assert_eq!(got + reader.missed(), frames, "{language}");
            writer.wait_for("written");
            assert_eq!(reader.writer(), WriterStatus::Writing);
            writer.tell("end");
            assert!(reader.wait_next().unwrap_err().is_closed(), "{language}");
            writer.finish();
            FrameWriter::<u16>::unlink(&*name).unwrap();
        }
    });
}

/// Each language takes the place of each other, after a kill.
#[test]
fn writers_of_all_languages_take_the_place_of_one_that_was_killed() {
    with_all(|all| {
        let native = |_: &str, name: &str, more: &str| Child::run("native camera", &[name, more]);
        let mut writers = all.to_vec();
        writers.push(("rust", &native));
        let seconds = writers.iter().cycle().skip(1);
        for ((first, start_first), (second, start_second)) in writers.iter().zip(seconds) {
            let name = fixture::name();
            let mut camera = start_first("write", &name, "3");
            camera.wait_for("ready");
            let mut reader = FrameReader::<u16>::open(&*name).unwrap();
            // Python takes long to start.
            let watching = all.iter().filter(|(reader, _)| *first == "rust" || *reader == "c");
            let mut readers: Vec<_> = watching.map(|(_, start)| start("read", &name, "")).collect();
            readers.iter_mut().for_each(|reader| reader.wait_for("ready"));
            for (_, start) in all.iter().filter(|_| *first == "rust") {
                start("second", &name, &camera.pid().to_string()).finish();
            }
            camera.tell("go");
            camera.wait_for("written");
            while reader.sequence() < 3 {
                reader.wait_next().unwrap();
            }
            camera.kill();
            for mut reader in readers {
                let told = reader.hear().to_lowercase();
                assert!(told.contains("died") || told.contains("dead"), "{first}: {told}");
                reader.finish();
            }
            let died = reader.wait_next().unwrap_err();
            assert!(died.is_owner_died(), "{first}: {died}");
            let mut camera = start_second("write", &name, "1");
            camera.wait_for("ready");
            assert_eq!(reader.writer(), WriterStatus::Superseded, "{first} {second}");
            assert!(reader.reopen().unwrap());
            camera.tell("go");
            assert_eq!(reader.wait_next().unwrap().as_slice(), [1; DIMS[0] * DIMS[1]]);
            camera.wait_for("written");
            camera.tell("end");
            camera.finish();
            assert!(reader.wait().unwrap_err().is_closed());
            FrameWriter::<u16>::unlink(&*name).unwrap();
        }
    });
}

#[test]
fn c_and_python_say_what_is_wrong_with_frames() {
    with_all(|all| {
        for (_, start) in all {
            let name = fixture::name();
            start("mistakes", &name, "").finish();
        }
    });
}

#[test]
fn bytes_that_are_no_frames_to_us_are_none_to_c_and_python() {
    with_all(|all| {
        let (name, mut rng) = (fixture::name(), Rng::new());
        let options = FrameOptions::new([3, 4]).slots(3).removal(Removal::Never);
        drop(FrameWriter::<u16>::create(&*name, options).unwrap());
        let path = format!("/dev/shm{name}");
        let whole = fs::read(&path).unwrap();
        let whole = &whole[..whole.len() - 64]; // without its trailer
        let (mut wanted, mut record, mut kept) = (String::new(), Vec::new(), Vec::new());
        for _ in 0..rounds(1_000, 20_000) {
            let bytes = rng.damage(whole, 0..128);
            // The others do not read the elements that only Rust has.
            if bytes.len() > 70 && bytes[68..70] == [0, 1] {
                continue;
            }
            fs::write(&path, &bytes).unwrap();
            wanted.push(if FramesInfo::of(&*name).is_ok() { '1' } else { '0' });
            let head = bytes.len().min(4096);
            kept.push(bytes[..bytes.len().min(128)].to_vec());
            for len in [head, bytes.len()] {
                record.extend(u32::try_from(len).unwrap().to_ne_bytes());
            }
            record.extend(&bytes[..head]);
        }
        assert!(wanted.matches('1').count() > 50 && wanted.matches('0').count() > 300);
        let dir = fixture::dir();
        let file = dir.join("damaged");
        fs::write(&file, record).unwrap();
        for (language, start) in all {
            let mut child = start("damaged", file.to_str().unwrap(), "");
            let found = child.hear();
            let first = wanted.bytes().zip(found.bytes()).position(|(ours, theirs)| ours != theirs);
            let told = first.map(|at| (&wanted[at..=at], &kept[at]));
            assert!(found == wanted, "{language} has another verdict on {told:?}");
            child.finish();
        }
    });
}

#[test]
fn the_header_of_frames_compiles_without_a_warning_as_c_and_as_cpp() {
    let compiler =
        |variable: &str, usual: &str| env::var(variable).unwrap_or_else(|_| usual.to_owned());
    for (program, standards) in [
        (compiler("CC", "cc"), ["gnu11", "gnu17"]),
        (compiler("CXX", "c++"), ["gnu++11", "gnu++17"]),
    ] {
        let language = if standards[0].contains("++") { "c++" } else { "c" };
        if Command::new(&program).arg("--version").output().is_err() {
            skip(&format!("there is no {program}"));
            continue;
        }
        for standard in standards {
            let mut compile = Command::new(&program);
            compile.arg(format!("-std={standard}")).args(["-x", language, "-fsyntax-only", "-O2"]);
            compile.args(["-Wall", "-Wextra", "-Werror", "-pedantic", "-Wconversion"]);
            // In the main file of a compilation, its functions would appear to be unused.
            compile.args(["-include", &format!("{INTEROP}/c/ipc_frames.h"), "-"]);
            let told = compile.stdin(Stdio::null()).output().unwrap();
            let said = String::from_utf8_lossy(&told.stderr);
            assert!(told.status.success(), "{program} {standard}: {said}");
        }
    }
}
