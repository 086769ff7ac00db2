//! Frames, as `ipc ls` and `ipc show` report them.

use ipc::ring::frames::{FrameOptions, FrameReader, FrameWriter};
use ipc_testkit::{fixture, watchdog};

use crate::common::{ipc, object};

#[test]
fn frames_are_listed_and_shown_with_their_writer_and_readers() {
    watchdog(|| {
        let name = fixture::name();
        let options = FrameOptions::new([3, 2]).slots(4);
        let mut writer = FrameWriter::<f32>::create(&*name, options).unwrap();
        let mut reader = FrameReader::<f32>::open(&*name).unwrap();
        for _ in 0..9 {
            writer.write(&[1.5; 6]).unwrap();
        }
        reader.try_next().unwrap();
        let listed = object(&format!("shm:{}", &*name)).unwrap();
        assert_eq!(listed["content"], "frames f32 3×2, 4 slots");
        assert!(ipc(&["ls", "frames"]).contains(&*name));
        assert!(ipc(&["ls", "sem", "frames"]).contains(&*name), "a content beside a kind");
        let here = std::process::id();
        let command = std::fs::read_to_string("/proc/self/comm").unwrap();
        let shown = ipc(&["show", &name]);
        let lines: Vec<String> = shown
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        for wanted in [
            "elements: f32",
            "shape: 3×2",
            "slots: 4",
            &format!("writer: process {here}"),
            "newest frame: 9",
            &format!("creator: process {here} {} (runs)", command.trim()),
            "sent: 9",
            "received: 1",
            "lost: 5",
            &format!("reader: process {here}, 3 behind, 5 missed, 1 read"),
        ] {
            assert!(lines.iter().any(|line| line == wanted), "`{wanted}` is not in: {shown}");
        }
        drop(writer);
        let closed = format!("process {here}, which has closed them");
        assert!(ipc(&["show", &name]).contains(&closed));
    });
}
