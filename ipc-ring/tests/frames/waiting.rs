//! Readers that wait, in other processes.

use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use ipc_ring::frames::{FrameOptions, FrameReader, FrameWriter, FramesInfo, Wake, WriterStatus};
use ipc_testkit::{
    Child, ChildOptions, Part, Role, Root, Timed, figures, fixture, rounds, watchdog,
};

use crate::common::{LEN, check, frame, wait_until_it_sleeps, write_next};

pub(crate) const ROLES: &[(&str, Part)] = &[
    ("waiting viewer", waiting_viewer),
    ("answering viewer", answering_viewer),
    ("camera that waits", camera_that_waits),
    ("stranger", stranger),
];

/// Reads frames until the writer closes them, and says how many it got and missed.
fn waiting_viewer(role: &mut Role) {
    let mut reader = FrameReader::<u64>::open(role.arg(0)).unwrap();
    role.say("ready");
    let (mut got, mut missed) = (0, 0);
    loop {
        match reader.wait_next() {
            Ok(frame) => {
                check(0, &frame);
                got += 1;
                missed += frame.missed();
            }
            Err(err) => {
                assert!(err.is_closed(), "{err}");
                break;
            }
        }
    }
    assert_eq!(missed, reader.missed());
    role.say(&format!("{got} {missed}"));
}

#[test]
fn viewers_account_for_every_frame_of_a_writer_at_full_speed() {
    account_for_every_frame(LEN, rounds(5_000, 500_000));
}

/// A slot of a short frame is overwritten soonest.
#[test]
fn viewers_account_for_every_short_frame() {
    account_for_every_frame(8, rounds(200_000, 1_000_000_000));
}

fn account_for_every_frame(len: usize, frames: u64) {
    watchdog(move || {
        let name = fixture::name();
        let options = FrameOptions::new([len]).slots(3);
        let mut writer = FrameWriter::<u64>::create(&*name, options).unwrap();
        let mut viewers = [(); 3].map(|()| Child::run("waiting viewer", &[&name]));
        viewers.iter_mut().for_each(|viewer| viewer.wait_for("ready"));
        let mut pixels = frame(0, 0, len);
        for n in 1..=frames {
            assert_eq!(write_next(0, &mut writer, &mut pixels), n);
        }
        drop(writer);
        let mut got_in_all = 0;
        for mut viewer in viewers {
            let told: Vec<u64> =
                viewer.hear().split(' ').map(|count| count.parse().unwrap()).collect();
            assert_eq!(told[0] + told[1], frames, "got and missed");
            got_in_all += told[0];
            viewer.finish();
        }
        figures(format_args!("{frames} frames, 3 readers, {got_in_all} read whole, 0 torn"));
    });
}

#[test]
fn a_reader_that_was_killed_is_no_reader_and_leaves_its_place() {
    watchdog(|| {
        let name = fixture::name();
        let mut writer = FrameWriter::<u64>::create(&*name, [1]).unwrap();
        let readers: Vec<_> = (0..63).map(|_| FrameReader::<u64>::open(&*name).unwrap()).collect();
        let mut viewer = Child::run("waiting viewer", &[&name]);
        viewer.wait_for("ready");
        wait_until_it_sleeps(viewer.pid());
        let info = FramesInfo::of(&*name).unwrap();
        assert!(info.readers.iter().any(|reader| reader.process == viewer.pid()));
        assert!(FrameReader::<u64>::open(&*name).unwrap_err().is_no_space());
        viewer.kill();
        assert_eq!(FramesInfo::of(&*name).unwrap().readers.len(), readers.len());
        let mut next = FrameReader::<u64>::open(&*name).unwrap();
        writer.write(&[7]).unwrap();
        assert_eq!(next.wait_next().unwrap().as_slice(), [7]);
    });
}

/// Says the number of each frame as soon as it has it.
fn answering_viewer(role: &mut Role) {
    let mut reader = FrameReader::<u64>::open(role.arg(0)).unwrap();
    role.say("ready");
    while let Ok(frame) = reader.wait_next() {
        let said = frame.sequence().to_string();
        role.say(&said);
    }
}

#[test]
fn a_frame_wakes_every_reader_that_sleeps() {
    watchdog(|| {
        let name = fixture::name();
        let mut writer = FrameWriter::<u64>::create(&*name, [1]).unwrap();
        // They look for nothing by themselves: a wake-up that is lost ends the test.
        let viewer = || ChildOptions::role("answering viewer").env("IPC_SWITCHED_OFF", "slices");
        let mut viewers = [(); 4].map(|()| Child::run(viewer(), &[&name]));
        viewers.iter_mut().for_each(|viewer| viewer.wait_for("ready"));
        for n in 1..=rounds(300, 30_000) {
            viewers.iter().for_each(|viewer| wait_until_it_sleeps(viewer.pid()));
            writer.write(&[n]).unwrap();
            viewers.iter_mut().for_each(|viewer| viewer.wait_for(&n.to_string()));
        }
        drop(writer);
        viewers.into_iter().for_each(Child::finish);
    });
}

/// Creates frames and waits.
fn camera_that_waits(role: &mut Role) {
    let mut writer = FrameWriter::<u64>::create(role.arg(0), [LEN]).unwrap();
    write_next(0, &mut writer, &mut frame(0, 0, LEN));
    role.say("ready");
    while role.hear() == "write" {
        write_next(0, &mut writer, &mut frame(0, 0, LEN));
    }
}

#[test]
fn readers_learn_that_their_writer_was_killed_while_they_sleep() {
    watchdog(|| {
        let mut longest = Duration::ZERO;
        for _ in 0..rounds(5, 300) {
            let name = fixture::name();
            let mut camera = Child::run("camera that waits", &[&name]);
            camera.wait_for("ready");
            let mut readers = [(); 2].map(|()| FrameReader::<u64>::open(&*name).unwrap());
            let killed = thread::scope(|scope| {
                let waits = readers.each_mut().map(|reader| {
                    scope.spawn(|| {
                        assert_eq!(reader.wait_next().unwrap().sequence(), 1);
                        let died = reader.wait_next().unwrap_err();
                        assert!(died.is_owner_died(), "{died}");
                        Instant::now()
                    })
                });
                let pid = camera.pid();
                let status = camera.kill();
                assert!(!status.success());
                let killed = Instant::now();
                for wait in waits {
                    let knew = wait.join().unwrap();
                    longest = longest.max(knew.saturating_duration_since(killed));
                }
                pid
            });
            let err = readers[0].try_next();
            assert!(err.is_ok_and(|none| none.is_none()), "polling looks for no death");
            assert_eq!(readers[0].writer(), WriterStatus::Died);
            let err = readers[0].wait().unwrap_err().to_string();
            assert!(err.contains(&format!("process {killed}, its writer, is dead")), "{err}");
        }
        figures(format_args!("known {longest:?} after the kill at the latest"));
    });
}

#[test]
fn a_writer_that_is_stopped_is_not_dead_and_goes_on() {
    watchdog(|| {
        let name = fixture::name();
        let mut camera = Child::run("camera that waits", &[&name]);
        camera.wait_for("ready");
        let mut reader = FrameReader::<u64>::open(&*name).unwrap();
        check(0, &reader.wait_next().unwrap());
        for n in 2..rounds(12, 200) {
            camera.stop();
            let timeout = Duration::from_millis(40); // longer than it takes to learn of a death
            assert!(reader.wait_next_timeout(timeout).unwrap().is_none());
            assert_eq!(reader.writer(), WriterStatus::Writing);
            let second = FrameWriter::<u64>::create(&*name, [1]).unwrap_err();
            assert!(second.is_busy(), "{second}");
            camera.tell("write"); // which it finds when it goes on
            camera.cont();
            let frame = reader.wait_next().unwrap();
            check(0, &frame);
            assert_eq!((frame.sequence(), frame.missed()), (n, 0));
        }
        camera.tell("end");
        camera.finish();
        assert!(reader.wait_next().unwrap_err().is_closed());
    });
}

#[test]
fn no_wait_for_a_frame_ends_before_its_time() {
    watchdog(|| {
        let name = fixture::name();
        let _writer = FrameWriter::<u64>::create(&*name, [1]).unwrap();
        let readers = [(); 6].map(|()| Mutex::new(FrameReader::<u64>::open(&*name).unwrap()));
        let reader = |index: usize| readers[index].lock().unwrap();
        let calls = [
            Timed::new(
                "wait",
                |time| reader(0).wait_timeout(time).unwrap(),
                |at| reader(1).wait_deadline(at).unwrap(),
            ),
            Timed::new(
                "wait_next",
                |time| reader(2).wait_next_timeout(time).unwrap().is_some(),
                |at| reader(3).wait_next_deadline(at).unwrap().is_some(),
            ),
            Timed::new(
                "wait_latest",
                |time| reader(4).wait_latest_timeout(time).unwrap().is_some(),
                |at| reader(5).wait_latest_deadline(at).unwrap().is_some(),
            ),
        ];
        Timed::never_early(&calls, rounds(10, 1_000));
        Timed::not_always_late(&calls);
    });
}

/// May read frames, and not write them.
fn stranger(role: &mut Role) {
    let trust = ipc_core::Trust::Anyone;
    let options = ipc_mem::OpenOptions::new().trust(trust);
    let mut reader = FrameReader::<u64>::open_with(role.arg(0), options).unwrap();
    role.say("ready");
    match reader.wait_next() {
        Ok(frame) => role.say(&format!("frame {}", frame.sequence())),
        Err(err) => role.say(&err.to_string()),
    }
}

#[test]
fn a_reader_without_write_permission_waits_if_each_frame_wakes_it() {
    let Some(root) = Root::or_skip("opens frames of another user") else { return };
    watchdog(|| {
        for (wake, told) in [(Wake::EveryFrame, "frame 1"), (Wake::Announced, "`Wake::EveryFrame`")]
        {
            let name = fixture::name();
            let options = FrameOptions::new([1]).permissions(0o644).wake(wake);
            let mut writer = FrameWriter::<u64>::create(&*name, options).unwrap();
            let child = ChildOptions::role("stranger").as_user(root, 65534);
            let mut stranger = Child::run(child, &[&name]);
            stranger.wait_for("ready");
            if wake == Wake::EveryFrame {
                writer.write(&[1]).unwrap();
            }
            let said = stranger.hear();
            assert!(said.contains(told), "{said}");
            stranger.finish();
        }
    });
}
