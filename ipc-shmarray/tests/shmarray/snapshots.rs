//! Values and arrays that are always read whole, whatever happens to their writers.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use ipc_mem::{LocalMemory, Memory, Placed, Plain};
use ipc_shm::Shared;
use ipc_shmarray::{Shape, SnapshotArray};
use ipc_sync::Snapshot;
use ipc_testkit::{
    Child, Part, Rng, Role, Root, adversity, crash_points, figures, fixture, kill_at_random,
    rounds, watchdog,
};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("hammer", hammer),
    ("array hammer", array_hammer),
    ("one write", one_write),
    ("slow writer", slow_writer),
    ("reader elsewhere", reader_elsewhere),
];

/// Large enough that another thread comes between.
type Words = [u64; 8192];
type Bytes = [u8; 65536];

/// All words of value n are n, and all bytes are its lowest byte.
#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Value {
    words: Words,
    bytes: Bytes,
}

impl Value {
    fn new(n: u64) -> Self {
        Self { words: [n; 8192], bytes: [n.to_le_bytes()[0]; 65536] }
    }

    /// Its number, if all parts have the same one.
    fn check(&self) -> u64 {
        let n = self.words[0];
        assert!(self.words.iter().all(|word| *word == n), "torn: {n} and others");
        assert!(self.bytes.iter().all(|byte| *byte == n.to_le_bytes()[0]), "torn within {n}");
        n
    }
}

/// Writes 1, 2, 3… as fast as it can, until it is killed.
fn hammer(role: &mut Role) {
    let value = Shared::<Snapshot<Value>>::open(role.arg(0)).unwrap();
    for n in value.read().check() + 1.. {
        value.write(&Value::new(n)).unwrap();
    }
}

#[test]
fn a_reader_never_sees_a_bit_of_two_values() {
    watchdog(|| {
        let name = fixture::name();
        let value = Shared::<Snapshot<Value>>::create(&*name).unwrap();
        assert_eq!((value.read().check(), value.version()), (0, 0));
        let writers = [(); 2].map(|()| Child::run("hammer", &[&name]));
        let reads = [(); 2].map(|()| AtomicU32::new(0));
        let enough = || {
            value.version() >= 3_000
                && reads.iter().all(|reads| reads.load(Ordering::Relaxed) >= 300)
        };
        let read = |reads: &AtomicU32| {
            let (mut last, mut copy) = (0, Value::new(0));
            while !enough() {
                let version = value.read_into(&mut copy);
                copy.check();
                assert!(version >= last, "version {version} after {last}");
                last = version;
                reads.fetch_add(1, Ordering::Relaxed);
            }
            assert!(last > 0, "nothing new was ever seen");
        };
        thread::scope(|scope| reads.iter().for_each(|reads| drop(scope.spawn(|| read(reads)))));
        for writer in writers {
            writer.kill();
        }
    });
}

#[test]
fn writers_killed_at_any_moment_leave_a_whole_value_and_let_others_write() {
    watchdog(|| {
        let (name, mut rng) = (fixture::name(), Rng::new());
        let value = Shared::<Snapshot<Value>>::create(&*name).unwrap();
        for round in 0..rounds(100, 2_000) {
            let before = value.version();
            let hammer = Child::run("hammer", &[&name]);
            while value.version() == before {
                thread::yield_now(); // until it writes, which a slow machine may take long for
            }
            kill_at_random(hammer, &mut rng, Duration::ZERO..Duration::from_millis(4));
            let (mut copy, n) = (Value::new(0), value.read().check());
            assert_eq!((value.read_into(&mut copy), copy.check()), (value.version(), n));
            value.update(|value| *value = Value::new(value.check() + 1)).unwrap();
            assert_eq!(value.read().check(), n + 1, "round {round}");
        }
        figures(format_args!(
            "{} kills, {} values, none of two",
            rounds(100, 2_000),
            value.version()
        ));
    });
}

fn one_write(role: &mut Role) {
    Shared::<Snapshot<Value>>::open(role.arg(0)).unwrap().write(&Value::new(2)).unwrap();
}

#[test]
fn a_writer_killed_at_any_step_has_written_all_or_nothing() {
    watchdog(|| {
        let name = fixture::name();
        let value = Shared::<Snapshot<Value>>::create(&*name).unwrap();
        let points = crash_points("one write", &[&name]);
        let points: Vec<&str> = points
            .iter()
            .map(|(point, _)| &**point)
            .filter(|point| point.starts_with("snapshot"))
            .collect();
        assert_eq!(
            points,
            ["snapshot.write.locked", "snapshot.write.copied", "snapshot.write.published"]
        );
        for point in points {
            value.write(&Value::new(1)).unwrap();
            let before = value.version();
            Child::run_crashing("one write", &[&name], point, 1).crash();
            let done = u64::from(point.ends_with("published"));
            assert_eq!(
                (value.read().check(), value.version()),
                (1 + done, before + done),
                "{point}"
            );
        }
    });
}

/// Begins to write, and exits as requested.
fn slow_writer(role: &mut Role) {
    let value = Shared::<Snapshot<Value>>::open(role.arg(0)).unwrap();
    value
        .update(|value| {
            value.words.fill(9);
            role.say("in the middle");
            role.wait_for("go on");
            value.bytes.fill(9);
        })
        .unwrap();
    role.say("written");
}

#[test]
fn a_reader_never_waits_for_a_writer() {
    watchdog(|| {
        let name = fixture::name();
        let value = Shared::<Snapshot<Value>>::create(&*name).unwrap();
        value.write(&Value::new(5)).unwrap();
        let mut writer = Child::run("slow writer", &[&name]);
        writer.wait_for("in the middle");
        assert_eq!(value.read().check(), 5);
        writer.stop();
        assert_eq!(value.read().check(), 5);
        writer.cont();
        writer.tell("go on");
        writer.wait_for("written");
        assert_eq!(value.read().check(), 9);
        writer.finish();

        let mut writer = Child::run("slow writer", &[&name]);
        writer.wait_for("in the middle");
        writer.kill();
        assert_eq!((value.read().check(), value.version()), (9, 2));
        value.write(&Value::new(6)).unwrap();
        assert_eq!((value.read().check(), value.version()), (6, 3));
    });
}

#[test]
fn an_update_that_panics_or_writes_itself_changes_nothing() {
    let value =
        Placed::<Snapshot<[u32; 3]>, _>::create_in(LocalMemory::new(4096).unwrap()).unwrap();
    value.write(&[1, 2, 3]).unwrap();
    let panics = AssertUnwindSafe(|| {
        value.update(|value| {
            value[0] = 7;
            panic!("in the middle");
        })
    });
    assert!(catch_unwind(panics).is_err());
    assert_eq!((value.read(), value.version()), ([1, 2, 3], 1));
    value.update(|_| assert!(value.write(&[0; 3]).unwrap_err().is_deadlock())).unwrap();
    assert_eq!((value.read(), value.version()), ([1, 2, 3], 2));
    assert!(format!("{:?}", *value).starts_with("Snapshot { latch: SnapshotLatch"));
}

#[test]
fn a_snapshot_of_another_type_is_refused() {
    let name = fixture::name();
    let ours = Shared::<Snapshot<[f32; 4]>>::create(&*name).unwrap();
    ours.write(&[1.5; 4]).unwrap();
    for err in [
        Shared::<Snapshot<[u32; 4]>>::open(&*name).map(drop),
        Shared::<Snapshot<f64>>::open(&*name).map(drop),
    ] {
        assert!(err.unwrap_err().is_mismatch());
    }
    assert_eq!(Shared::<Snapshot<[f32; 4]>>::open(&*name).unwrap().read(), [1.5; 4]);
}

/// The lock of its writers names its owner by an id, which means another process there.
#[test]
fn an_array_is_read_and_not_written_in_another_pid_namespace() {
    let Some(_root) = Root::or_skip("makes a PID namespace") else { return };
    let name = fixture::name();
    let ours = SnapshotArray::<u32>::create(&*name, [3]).unwrap();
    ours.write_from(&[1, 2, 3]).unwrap();
    Child::run("reader elsewhere", &[&name]).finish();
    ours.write_from(&[4, 5, 6]).unwrap();
}

fn reader_elsewhere(role: &mut Role) {
    adversity::enter_pid_namespace(Root::or_skip("makes a PID namespace").unwrap());
    let array = SnapshotArray::<u32>::open(role.arg(0)).unwrap();
    let mut values = [0; 3];
    assert_eq!((array.read_into(&mut values).unwrap(), values), (1, [1, 2, 3]));
    let err = array.write_from(&[7; 3]).unwrap_err();
    assert!(err.is_mismatch() && err.to_string().contains("another PID namespace"), "{err}");
    assert_eq!((array.read_into(&mut values).unwrap(), values), (1, [1, 2, 3]));
}

/// Writes one image after another, until it is killed. Consecutive images in the same place differ.
fn array_hammer(role: &mut Role) {
    let frames = SnapshotArray::<f64>::open(role.arg(0)).unwrap();
    let pictures = [0.0, 1.0, 2.0, 3.0, 4.0].map(|pixel| vec![pixel; frames.len()]);
    let mut next = pictures[0].clone();
    loop {
        next.copy_from_slice(&pictures[usize::try_from(frames.version() % 5).unwrap()]);
        frames.write_from(&next).unwrap();
    }
}

#[test]
fn a_picture_is_read_whole_while_others_write_and_die() {
    watchdog(|| {
        for copies in [2, 3] {
            let (name, mut rng) = (fixture::name(), Rng::new());
            let ours = SnapshotArray::<f64>::create_with(&*name, [256, 192], copies).unwrap();
            let frames = SnapshotArray::<f64>::open_read_only(&*name).unwrap();
            assert_eq!(
                (frames.shape().dims(), frames.len(), frames.version()),
                (&[256, 192][..], 256 * 192, 0)
            );
            let mut picture = vec![1.0; frames.len()];
            assert_eq!((frames.read_into(&mut picture).unwrap(), picture[0]), (0, 0.0));
            // The copies are the last bytes of the data.
            let stride = size_of_val(&*picture);
            let first = ours.memory().size() - copies * stride;
            let file = File::open(format!("/dev/shm{}", &*name)).unwrap();
            let mut bytes = vec![0; stride];
            let mut in_the_middle = 0;
            for _ in 0..rounds(20, 400) {
                let writer = Child::run("array hammer", &[&name]);
                let start = frames.version();
                let mut last = 0;
                while frames.version() < start + 20 {
                    let version = frames.read_into(&mut picture).unwrap();
                    assert!(
                        picture.iter().all(|pixel| *pixel == picture[0]),
                        "torn at version {version}"
                    );
                    assert!(version >= last);
                    last = version;
                }
                kill_at_random(writer, &mut rng, Duration::ZERO..Duration::from_millis(2));
                let next = usize::try_from(frames.version() + 1).unwrap() % copies;
                file.read_exact_at(&mut bytes, (first + next * stride) as u64).unwrap();
                in_the_middle += u32::from(bytes.chunks_exact(8).any(|pixel| pixel != &bytes[..8]));
            }
            assert!(in_the_middle > 0, "no process was killed while writing");
            figures(format_args!(
                "{copies} copies: {in_the_middle} of {} kills in the middle of one",
                rounds(20, 400)
            ));
        }
    });
}

#[test]
fn fewer_than_two_copies_and_slices_of_another_length_are_refused() {
    let name = fixture::name();
    for copies in [0, 1, 1025, usize::MAX] {
        let err = SnapshotArray::<u8>::create_with(&*name, 4, copies).unwrap_err();
        assert!(
            err.is_invalid_argument() && err.to_string().contains("2 to 1024 are possible"),
            "{err}"
        );
    }
    let err = SnapshotArray::<u8>::create(&*name, Shape::from([1 << 40, 1 << 40])).unwrap_err();
    assert!(err.is_invalid_argument(), "{err}");
    let array = SnapshotArray::<u8, _>::create_in(LocalMemory::new(4096).unwrap(), 4).unwrap();
    for len in [0, 3, 5, 8] {
        let errs = [array.read_into(&mut vec![0; len]).map(drop), array.write_from(&vec![0; len])];
        assert!(errs.into_iter().all(|err| err.unwrap_err().is_invalid_argument()));
    }
    array.write_from(&[1, 2, 3, 4]).unwrap();
    let mut copy = [0; 4];
    assert_eq!((array.read_into(&mut copy).unwrap(), copy), (1, [1, 2, 3, 4]));
}
