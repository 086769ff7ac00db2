//! Writers that take the place of others.

use std::thread;

use ipc_ring::frames::{FrameOptions, FrameReader, FrameWriter, WriterStatus};
use ipc_testkit::{Child, Part, Role, fixture, rounds, watchdog};

use crate::common::{LEN, check, frame, write_next};

pub(crate) const ROLES: &[(&str, Part)] = &[("camera", camera), ("starter", starter)];

/// Creates frames, writes one, and lives until the parent closes it.
fn camera(role: &mut Role) {
    let salt = role.arg(1).parse().unwrap();
    let mut writer = FrameWriter::<u64>::create(role.arg(0), [LEN]).unwrap();
    write_next(salt, &mut writer, &mut frame(0, 0, LEN));
    role.say("ready");
    role.wait_for("close");
}

#[test]
fn a_second_writer_is_told_which_process_writes() {
    watchdog(|| {
        let name = fixture::name();
        let mut camera = Child::run("camera", &[&name, "1"]);
        camera.wait_for("ready");
        let err = FrameWriter::<u64>::create(&*name, [LEN]).unwrap_err();
        assert!(err.is_busy(), "{err}");
        assert!(err.to_string().contains(&format!("process {} writes it", camera.pid())), "{err}");
        let mut reader = FrameReader::<u64>::open(&*name).unwrap();
        check(1, &reader.wait_next().unwrap());
        camera.tell("close");
        camera.finish();
        assert_eq!(reader.writer(), WriterStatus::Closed);
        let ours = FrameWriter::<u64>::create(&*name, [LEN]).unwrap();
        let err = FrameWriter::<u64>::create(&*name, [LEN]).unwrap_err().to_string();
        assert!(err.contains(&format!("process {} writes it", std::process::id())), "{err}");
        drop(ours);
    });
}

#[test]
fn readers_are_woken_and_go_on_with_the_frames_of_the_next_writer() {
    watchdog(|| {
        let name = fixture::name();
        let mut writer = FrameWriter::<f32>::create(&*name, [4, 3]).unwrap();
        let mut reader = FrameReader::<f32>::open(&*name).unwrap();
        for n in 1..=rounds(20, 1_000) {
            let shape = if n % 2 == 0 { [4, 3] } else { [2, 2] };
            writer.write(&vec![0.5; writer.shape().checked_len().unwrap()]).unwrap();
            assert_eq!(reader.wait_next().unwrap().as_slice()[0], 0.5);
            assert!(!reader.reopen().unwrap(), "there is no other writer");
            let next = thread::scope(|scope| {
                // It may sleep already, or come later.
                let waits = scope.spawn(|| reader.wait_next().unwrap_err());
                drop(writer);
                let next = FrameWriter::<f32>::create(&*name, shape).unwrap();
                let err = waits.join().unwrap();
                assert!(err.is_closed() || err.is_removed(), "{err}");
                next
            });
            writer = next;
            assert_eq!(reader.writer(), WriterStatus::Superseded);
            assert!(reader.wait_next().unwrap_err().is_removed());
            assert!(reader.reopen().unwrap());
            assert_eq!((reader.shape().dims(), reader.missed()), (&shape[..], 0));
        }
    });
}

#[test]
fn frames_of_another_type_or_shape_are_refused_at_reopening_too() {
    let name = fixture::name();
    let mut writer = FrameWriter::<f32>::create(&*name, [2]).unwrap();
    let mut reader = FrameReader::<f32>::open_shaped(&*name, [2]).unwrap();
    writer.write(&[1.0; 2]).unwrap();
    drop(writer);
    let other = FrameWriter::<f64>::create(&*name, [2]).unwrap();
    let err = reader.reopen().unwrap_err();
    assert!(err.to_string().contains("found elements of type f32") || err.is_mismatch(), "{err}");
    assert_eq!(reader.wait_next().unwrap().as_slice(), [1.0; 2], "the old frames are still there");
    drop(other);
    let other = FrameWriter::<f32>::create(&*name, [3]).unwrap();
    let err = reader.reopen().unwrap_err().to_string();
    assert!(err.contains("found frames of 3, wanted 2"), "{err}");
    drop(other);
    let _same = FrameWriter::<f32>::create(&*name, [2]).unwrap();
    assert!(reader.reopen().unwrap());
}

/// Starts to write at the word of the parent, with many others.
fn starter(role: &mut Role) {
    role.say("ready");
    role.wait_for("go");
    match FrameWriter::<u64>::create(role.arg(0), FrameOptions::new([1]).slots(2)) {
        Ok(mut writer) => {
            writer.write(&[7]).unwrap();
            role.say("writes");
            role.wait_for("end");
        }
        Err(err) => {
            assert!(err.is_busy(), "{err}");
            role.say("busy");
        }
    }
}

#[test]
fn of_many_writers_that_start_at_once_one_writes() {
    watchdog(|| {
        for _ in 0..rounds(6, 500) {
            let name = fixture::name();
            // The one before was killed, and a reader keeps its frames.
            let mut camera = Child::run("camera", &[&name, "1"]);
            camera.wait_for("ready");
            let mut reader = FrameReader::<u64>::open(&*name).unwrap();
            camera.kill();
            let mut starters = [(); 4].map(|()| Child::run("starter", &[&name]));
            starters.iter_mut().for_each(|starter| starter.wait_for("ready"));
            starters.iter_mut().for_each(|starter| starter.tell("go"));
            let mut writing = Vec::new();
            for mut starter in starters {
                match &*starter.hear() {
                    "writes" => writing.push(starter),
                    _ => starter.finish(),
                }
            }
            assert_eq!(writing.len(), 1, "writers at once");
            check(1, &reader.wait_next().unwrap());
            assert!(reader.wait_next().unwrap_err().is_removed());
            assert!(reader.reopen().unwrap());
            assert_eq!(reader.wait_next().unwrap().as_slice(), [7]);
            writing[0].tell("end");
        }
    });
}
