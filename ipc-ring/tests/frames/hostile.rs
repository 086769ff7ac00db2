//! Headers and indices that are damaged or malicious: opening returns an error, or a reader of
//! frames inside the file. Damaged bytes in memory, before a page that cannot be read, are tested
//! in the crate `ipc-hostile`.

use std::fs;

use ipc_core::Removal;
use ipc_hostile::frames::run_file;
use ipc_ring::frames::{FrameOptions, FrameWriter};
use ipc_testkit::{Rng, figures, fixture, rounds, watchdog};

/// The bytes of frames that were left behind, and the ranges of their numbers.
fn whole(shape: [usize; 2], slots: usize) -> (Vec<u8>, Vec<std::ops::Range<usize>>) {
    let name = fixture::name();
    let options = FrameOptions::new(shape).slots(slots).removal(Removal::Never);
    let mut writer = FrameWriter::<f32>::create(&*name, options).unwrap();
    let frame = vec![1.5; shape[0] * shape[1]];
    for _ in 0..7 {
        writer.write(&frame).unwrap();
    }
    let bytes = fs::read(format!("/dev/shm{name}")).unwrap();
    let word = |at: usize| {
        usize::try_from(u64::from_ne_bytes(std::array::from_fn(|i| bytes[at + i]))).unwrap()
    };
    let (readers, writer, first, stride) = (word(24), word(32), word(40), word(48));
    let mut ranges = vec![0..readers, readers..readers + 192, writer..writer + 128];
    ranges.extend((0..slots).map(|slot| first + slot * stride..first + slot * stride + 16));
    (bytes, ranges)
}

#[test]
fn damaged_files_of_frames_give_frames_inside_the_file_or_an_error() {
    watchdog(|| {
        let (name, mut rng) = (fixture::name(), Rng::new());
        let wholes = [whole([3, 4], 2), whole([16, 16], 5)];
        let (tried, mut opened) = (rounds(1_000, 100_000), 0);
        for (bytes, _) in &wholes {
            assert!(run_file(&name, bytes), "what is in order is refused");
        }
        for _ in 0..tried {
            let (bytes, ranges) = rng.pick(&wholes);
            let range = rng.pick(ranges).clone();
            opened += u64::from(run_file(&name, &rng.damage(bytes, range)));
        }
        assert!(0 < opened && opened < tried, "{opened} of {tried} opened");
        figures(format_args!("{tried} tried, {opened} opened"));
    });
}
