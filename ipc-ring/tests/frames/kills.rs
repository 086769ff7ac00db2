//! Writers that are killed and stopped at any moment, also in the middle of a frame.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use ipc_ring::frames::{FrameOptions, FrameReader, FrameWriter, FramesInfo};
use ipc_testkit::{
    Child, Part, Rng, Role, crash_points, figures, fixture, kill_at_random, rounds, watchdog,
};

use crate::common::{LEN, check, element, frame};

pub(crate) const ROLES: &[(&str, Part)] = &[("hammer", hammer), ("one life", one_life)];

/// Frames of a writer with an even salt have another shape than those of one with an odd salt.
fn shape(salt: u64) -> [usize; 2] {
    if salt.is_multiple_of(2) { [LEN / 2, 2] } else { [LEN / 4, 2] }
}

/// Takes the place of the writer before it, and writes in place until it is killed.
fn hammer(role: &mut Role) {
    let salt: u64 = role.arg(1).parse().unwrap();
    let options = FrameOptions::new(shape(salt)).slots(2);
    let mut writer = FrameWriter::<u64>::create(role.arg(0), options).unwrap();
    role.say("ready");
    loop {
        let sequence = writer.sequence() + 1;
        let mut slot = writer.next_slot().unwrap();
        for index in 0..slot.len() {
            slot.set(index, element(salt, sequence, index)).unwrap();
        }
        slot.publish();
    }
}

/// Returns `true` if the slot of the frame after the newest is being written, as its bytes say.
fn is_within_a_frame(name: &str) -> bool {
    let sequence = FramesInfo::of(name).unwrap().sequence;
    let bytes = fs::read(format!("/dev/shm{name}")).unwrap();
    let word = |at: usize| u64::from_ne_bytes(std::array::from_fn(|i| bytes[at + i]));
    let slot = word(40) + (sequence + 1) % 2 * word(48);
    word(usize::try_from(slot).unwrap()) == 0 && word(usize::try_from(slot).unwrap() + 64) != 0
}

/// Reads until `end`, across all writers. The first element of a frame says the salt of its writer.
fn read_all(name: &str, salt: &AtomicU64, end: &AtomicBool) -> [u64; 2] {
    let mut reader = FrameReader::<u64>::open(name).unwrap();
    let (mut frames, mut writers) = (0, 1);
    while !end.load(Ordering::SeqCst) {
        match reader.wait_next_timeout(Duration::from_millis(20)) {
            Ok(Some(frame)) => {
                // The reader may be some writers behind.
                let (newest, sequence) = (salt.load(Ordering::SeqCst), frame.sequence());
                let mut salts = (0..=newest + 1).rev();
                let salt = salts.find(|salt| element(*salt, sequence, 0) == frame.as_slice()[0]);
                let salt = salt.unwrap_or_else(|| panic!("no writer wrote {frame:?}"));
                assert_eq!(frame.shape().dims(), shape(salt), "the frames of another writer");
                check(salt, &frame);
                frames += 1;
            }
            Ok(None) => {}
            Err(err) => {
                assert!(err.is_owner_died() || err.is_removed(), "{err}");
                writers += u64::from(matches!(reader.reopen(), Ok(true)));
            }
        }
    }
    [frames, writers]
}

#[test]
fn readers_see_no_torn_frame_while_writers_are_killed_at_any_moment() {
    watchdog(|| {
        let (name, mut rng) = (fixture::name(), Rng::new());
        let (salt, end, kills) = (AtomicU64::new(1), AtomicBool::new(false), rounds(40, 10_000));
        let mut writer = Child::run("hammer", &[&name, "1"]);
        writer.wait_for("ready");
        let mut within = 0;
        let read = thread::scope(|scope| {
            let readers = [(); 2].map(|()| scope.spawn(|| read_all(&name, &salt, &end)));
            for next in 2..kills + 2 {
                kill_at_random(writer, &mut rng, Duration::ZERO..Duration::from_millis(4));
                within += u64::from(is_within_a_frame(&name));
                writer = Child::run("hammer", &[&name, &next.to_string()]);
                writer.wait_for("ready");
                salt.store(next, Ordering::SeqCst);
            }
            end.store(true, Ordering::SeqCst);
            readers.map(|reader| reader.join().unwrap())
        });
        assert!(within * 4 >= kills, "{within} of {kills} kills were within a frame");
        assert!(read.iter().all(|[frames, writers]| *frames > 0 && *writers > 1), "{read:?}");
        figures(format_args!(
            "{kills} kills, {within} within a frame; frames and writers seen: {read:?}"
        ));
    });
}

#[test]
fn stopping_a_writer_anywhere_loses_and_tears_nothing() {
    watchdog(|| {
        let name = fixture::name();
        let mut writer = Child::run("hammer", &[&name, "1"]);
        writer.wait_for("ready");
        let mut reader = FrameReader::<u64>::open(&*name).unwrap();
        let (before, mut read) = (reader.sequence(), 0);
        for _ in 0..rounds(50, 1_000) {
            reader.wait().unwrap();
            writer.stop();
            // A reader gets the frames that are there while it is stopped.
            while let Some(frame) = reader.try_next().unwrap() {
                check(1, &frame);
                read += 1;
            }
            assert_eq!(FramesInfo::of(&*name).unwrap().sequence, reader.sequence());
            writer.cont();
        }
        assert_eq!(read + reader.missed(), reader.sequence() - before);
    });
}

/// Takes the place of a writer, writes three frames in two steps each, and closes.
fn one_life(role: &mut Role) {
    let mut writer = FrameWriter::<u64>::create(role.arg(0), [LEN]).unwrap();
    for sequence in 1..=3 {
        let pixels = frame(9, sequence, LEN);
        let mut slot = writer.next_slot().unwrap();
        slot.write_at(0, &pixels[..LEN / 2]).unwrap();
        slot.write_at(LEN / 2, &pixels[LEN / 2..]).unwrap();
        assert_eq!(slot.publish(), sequence);
    }
}

/// Reads what is there; no frame is torn. Returns the number of the newest.
fn read_what_is_there(salt: u64, reader: &mut FrameReader<u64>) -> u64 {
    while let Ok(Some(frame)) = reader.try_next() {
        check(salt, &frame);
    }
    reader.sequence()
}

#[test]
fn a_writer_killed_at_any_step_leaves_whole_frames_and_its_name() {
    watchdog(|| {
        let traced = fixture::name();
        let mut before = Child::run("hammer", &[&traced, "1"]);
        before.wait_for("ready");
        let _keeps_the_name = FrameReader::<u64>::open(&*traced).unwrap();
        before.kill();
        let points = crash_points("one life", &[&traced]);
        let ours: Vec<&str> = points
            .iter()
            .map(|(point, _)| &**point)
            .filter(|point| point.starts_with("frames"))
            .collect();
        let all = ["supersede", "wake", "slot.begun", "slot.written", "slot.published", "newest"];
        let all = all.map(|point| format!("frames.{point}"));
        assert!(all.iter().all(|point| ours.contains(&&**point)), "{ours:?}");
        for (point, hits) in &points {
            for hit in 1..=*hits {
                let name = fixture::name();
                let mut before = Child::run("hammer", &[&name, "1"]);
                before.wait_for("ready");
                let mut reader = FrameReader::<u64>::open(&*name).unwrap();
                reader.wait().unwrap();
                before.kill();
                Child::run_crashing("one life", &[&name], point, hit).crash();
                read_what_is_there(1, &mut reader);
                if reader.reopen().unwrap_or(false) {
                    let newest = read_what_is_there(9, &mut reader);
                    assert!(newest <= 3, "{newest}");
                }
                let err = reader.wait().unwrap_err();
                let is_told = err.is_owner_died() || err.is_removed() || err.is_closed();
                assert!(is_told, "{point} {hit}: {err}");
                Child::run("one life", &[&name]).finish();
                // Its name goes with it, unless a reader keeps it: this one has the old frames.
                let next = FrameWriter::<u64>::create(&*name, [LEN]);
                let mut next = next.unwrap_or_else(|err| panic!("{point} {hit}: {err}"));
                next.write(&frame(5, 1, LEN)).unwrap();
                assert!(reader.reopen().unwrap(), "{point} {hit}");
                check(5, &reader.wait_next().unwrap());
            }
        }
    });
}
