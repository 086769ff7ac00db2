//! Writing and reading in one process, and what is refused.

use std::time::Duration;

use ipc_core::Removal;
use ipc_mem::{LocalMemory, Memory, SharedMemory};
use ipc_ring::frames::{
    FrameOptions, FrameReader, FrameWriter, FramesInfo, Pick, Wake, WriterStatus,
};
use ipc_testkit::{Forked, fixture};

fn told<T>(result: ipc_core::Result<T>, words: &str) -> ipc_core::Error {
    let err = result.err().expect("an error");
    assert!(err.to_string().contains(words), "`{words}` is not in: {err}");
    err
}

#[test]
fn a_reader_gets_every_frame_in_order_and_counts_what_it_missed() {
    let name = fixture::name();
    let mut writer =
        FrameWriter::<u16>::create(&*name, FrameOptions::new([3, 2]).slots(4)).unwrap();
    let mut reader = FrameReader::<u16>::open(&*name).unwrap();
    assert!(reader.try_next().unwrap().is_none() && reader.try_latest().unwrap().is_none());
    let mut write = |n: u16| writer.write(&[n; 6]).unwrap();
    for n in 1..=3 {
        assert_eq!(write(n), u64::from(n));
    }
    for n in 1..=3 {
        let frame = reader.try_next().unwrap().unwrap();
        assert_eq!(
            (frame.sequence(), frame.missed(), frame.as_slice()),
            (n.into(), 0, &[n; 6][..])
        );
    }
    assert!(reader.try_next().unwrap().is_none());
    for n in 4..=20 {
        write(n);
    }
    // Frames 17 to 20 are in the ring.
    let frame = reader.try_next().unwrap().unwrap();
    assert_eq!((frame.sequence(), frame.missed(), frame.as_slice()[5]), (17, 13, 17));
    let frame = reader.try_latest().unwrap().unwrap();
    assert_eq!((frame.sequence(), frame.missed(), frame.as_slice()[0]), (20, 2, 20));
    assert_eq!((reader.missed(), reader.sequence()), (15, 20));
    assert!(reader.try_latest().unwrap().is_none());
}

#[test]
fn a_reader_that_comes_late_gets_what_the_ring_still_has() {
    let name = fixture::name();
    let mut writer = FrameWriter::<u8>::create(&*name, FrameOptions::new([1]).slots(3)).unwrap();
    for n in 1..=5 {
        writer.write(&[n]).unwrap();
    }
    let mut reader = FrameReader::<u8>::open(&*name).unwrap();
    for n in 3..=5 {
        let frame = reader.wait_next().unwrap();
        assert_eq!((frame.sequence(), frame.missed(), frame.as_slice()), (n.into(), 0, &[n][..]));
    }
}

#[test]
fn times_are_those_of_the_monotonic_clock_or_of_the_writer() {
    let name = fixture::name();
    let mut writer = FrameWriter::<u8>::create(&*name, [1]).unwrap();
    let mut reader = FrameReader::<u8>::open(&*name).unwrap();
    assert_eq!(FramesInfo::of(&*name).unwrap().timestamp, None);
    let now = || Duration::try_from(ipc_core::Clock::MONOTONIC.now().unwrap()).unwrap();
    let before = now();
    writer.write(&[1]).unwrap();
    let at = reader.wait_next().unwrap().timestamp();
    assert!(before <= at && at <= now(), "{before:?} {at:?}");
    assert_eq!(FramesInfo::of(&*name).unwrap().timestamp, Some(at));
    let mut slot = writer.next_slot().unwrap();
    slot.set(0, 2).unwrap();
    slot.set_timestamp(Duration::from_nanos(7));
    slot.publish();
    assert_eq!(reader.wait_next().unwrap().timestamp(), Duration::from_nanos(7));
}

#[test]
fn a_slot_that_is_dropped_leaves_out_its_frame_and_keeps_its_number() {
    let name = fixture::name();
    let mut writer = FrameWriter::<u8>::create(&*name, FrameOptions::new([4]).slots(2)).unwrap();
    let mut reader = FrameReader::<u8>::open(&*name).unwrap();
    writer.write(&[1; 4]).unwrap();
    writer.write(&[2; 4]).unwrap();
    writer.next_slot().unwrap().fill(99); // in the slot of frame 1
    let frame = reader.wait_next().unwrap();
    assert_eq!((frame.sequence(), frame.missed(), frame.as_slice()), (2, 1, &[2; 4][..]));
    assert_eq!(writer.write(&[3; 4]).unwrap(), 3);
    assert_eq!(reader.wait_next().unwrap().as_slice(), [3; 4]);
}

#[test]
fn frames_are_read_into_memory_of_the_reader_and_viewed_in_their_slot() {
    let name = fixture::name();
    let mut writer = FrameWriter::<f64>::create(&*name, [2, 2]).unwrap();
    let mut reader = FrameReader::<f64>::open(&*name).unwrap();
    let mut slot = writer.next_slot().unwrap();
    slot.write_at(0, &[1.0, 2.0]).unwrap();
    slot.write_at(2, &[3.0, 4.0]).unwrap();
    assert!(slot.write_at(3, &[0.0; 2]).is_err() && slot.set(4, 0.0).is_err());
    slot.publish();
    let sum = reader.try_view(Pick::Next, |view| {
        assert_eq!((view.len(), view.get(4)), (4, None));
        let mut tail = [0.0; 9];
        assert_eq!((view.copy_to(3, &mut tail), view.copy_to(9, &mut tail)), (1, 0));
        tail[0] + view.get(0).unwrap()
    });
    assert_eq!(sum.unwrap().map(|(info, sum)| (info.sequence(), sum)), Some((1, 5.0)));
    writer.write(&[5.0; 4]).unwrap();
    let mut into = [0.0; 4];
    assert_eq!(reader.read_into(Pick::Next, &mut into).unwrap().sequence(), 2);
    assert_eq!(into, [5.0; 4]);
    let none = reader.read_into_timeout(Pick::Latest, &mut into, Duration::from_millis(1));
    assert!(none.unwrap().is_none());
    let wrong = reader.try_read_into(Pick::Next, &mut [0.0; 3]);
    assert!(told(wrong, "found room for 3 elements, wanted 4 for 2×2").is_invalid_argument());
}

#[test]
fn a_frame_that_is_overwritten_while_it_is_read_is_not_returned() {
    let name = fixture::name();
    let mut writer = FrameWriter::<u8>::create(&*name, FrameOptions::new([2]).slots(2)).unwrap();
    let mut reader = FrameReader::<u8>::open(&*name).unwrap();
    writer.write(&[1; 2]).unwrap();
    let mut looks = 0;
    let seen = reader.try_view(Pick::Next, |view| {
        let first = view.get(0).unwrap();
        looks += 1;
        if looks == 1 {
            // Frame 3 is written over the frame that is being read.
            writer.write(&[2; 2]).unwrap();
            writer.write(&[3; 2]).unwrap();
        }
        [first, view.get(1).unwrap()]
    });
    let (info, seen) = seen.unwrap().unwrap();
    assert_eq!((info.sequence(), info.missed(), seen, looks), (2, 1, [2, 2], 2));
    // One whose slot the writer only begins to overwrite is gone too: frame 5 is written over frame 3.
    writer.write(&[4; 2]).unwrap();
    let mut looks = 0;
    let seen = reader.try_view(Pick::Next, |view| {
        looks += 1;
        if looks == 1 {
            drop(writer.next_slot().unwrap());
        }
        view.get(0).unwrap()
    });
    assert_eq!(seen.unwrap().map(|(info, seen)| (info.sequence(), seen)), Some((4, 4)));
}

#[test]
fn what_cannot_be_is_refused_with_what_was_found_and_wanted() {
    let name = fixture::name();
    let create = |options: FrameOptions| FrameWriter::<u8>::create(&*name, options);
    let few = told(create(FrameOptions::new([1]).slots(0)), "0 slots, 2 to");
    assert!(few.is_invalid_argument());
    told(create(FrameOptions::new([1]).slots(1)), "1 slots, 2 to");
    told(create(FrameOptions::new([1]).slots(usize::MAX)), "slots, 2 to");
    told(create(FrameOptions::new([3, 0])), "a dimension of 0 in 3×0");
    let huge = create(FrameOptions::new([1 << 40, 1 << 40]));
    assert!(told(huge, "no memory holds").is_invalid_argument());
    let huge = create(FrameOptions::new([1 << 62]).slots(16));
    assert!(told(huge, "no memory holds 16 frames").is_invalid_argument());
    assert!(FrameReader::<u8>::open(&*name).unwrap_err().is_not_found());
    assert!(FrameWriter::<u8>::create("no slash", [1]).unwrap_err().is_invalid_argument());

    let mut writer = FrameWriter::<f32>::create(&*name, [3, 2]).unwrap();
    let wrong = told(FrameReader::<f64>::open(&*name), "found elements of type f32, wanted f64");
    assert!(wrong.is_mismatch());
    let wrong = told(FrameReader::<f32>::open_shaped(&*name, [2, 3]), "frames of 3×2, wanted 2×3");
    assert!(wrong.is_mismatch());
    assert!(FrameReader::<f32>::open_shaped(&*name, [3, 2]).is_ok());
    let wrong = told(writer.write(&[0.0; 5]), "found 5 elements, wanted 6 for 3×2");
    assert!(wrong.is_invalid_argument());

    let other = fixture::name();
    let _bare = SharedMemory::create(&*other, 4096).unwrap();
    told(FrameReader::<f32>::open(&*other), "found bare memory, wanted frames");
    told(FrameWriter::<f32>::create(&*other, [1]), "found bare memory, wanted frames");
}

#[test]
fn there_are_sixty_four_readers_and_no_more() {
    let name = fixture::name();
    let _writer = FrameWriter::<u8>::create(&*name, [1]).unwrap();
    let mut readers: Vec<_> = (0..64).map(|_| FrameReader::<u8>::open(&*name).unwrap()).collect();
    assert_eq!(FramesInfo::of(&*name).unwrap().readers.len(), 64);
    let err =
        told(FrameReader::<u8>::open(&*name), "64 readers have it open, which is the maximum");
    assert!(err.is_no_space());
    readers.pop();
    readers.push(FrameReader::<u8>::open(&*name).unwrap());
    drop(readers);
    assert_eq!(FramesInfo::of(&*name).unwrap().readers, []);
}

#[test]
fn a_forked_child_writes_nothing_and_closes_nothing_of_its_parents() {
    let name = fixture::name();
    let mut writer = FrameWriter::<u8>::create(&*name, [1]).unwrap();
    let mut reader = FrameReader::<u8>::open(&*name).unwrap();
    let mut handles = Some((writer, FrameReader::<u8>::open(&*name).unwrap()));
    Forked::run(|| {
        let (mut writer, reader) = handles.take().unwrap();
        assert!(writer.write(&[1]).unwrap_err().is_invalid_argument());
        drop((writer, reader));
    })
    .finish();
    assert_eq!(reader.writer(), WriterStatus::Writing);
    assert_eq!(FramesInfo::of(&*name).unwrap().readers.len(), 2);
    writer = handles.unwrap().0;
    writer.write(&[1]).unwrap();
    assert_eq!(reader.wait_next().unwrap().as_slice(), [1]);
}

#[test]
fn frames_live_in_any_memory() {
    let options = FrameOptions::new([4]).slots(2).wake(Wake::EveryFrame);
    let size = FrameWriter::<u32, LocalMemory>::size_for(options).unwrap();
    let memory = LocalMemory::new(size).unwrap();
    let mut writer = FrameWriter::<u32, _>::create_in(memory, options).unwrap();
    assert_eq!((writer.memory().size(), writer.slots()), (size, 2));
    assert_eq!(writer.write(&[1; 4]).unwrap(), 1);
    let small = LocalMemory::new(size - 64).unwrap();
    assert!(FrameWriter::<u32, _>::create_in(small, options).unwrap_err().is_invalid_argument());
}

#[test]
fn a_name_is_kept_or_removed_as_its_creator_said() {
    let name = fixture::name();
    let options = FrameOptions::new([1]).removal(Removal::OnDrop);
    drop(FrameWriter::<u8>::create(&*name, options).unwrap());
    assert!(FrameReader::<u8>::open(&*name).unwrap_err().is_not_found());
    drop(FrameWriter::<u8>::create(&*name, options.removal(Removal::Never)).unwrap());
    let mut reader = FrameReader::<u8>::open(&*name).unwrap();
    assert!(reader.wait_next().unwrap_err().is_closed());
    assert!(FrameReader::<u8>::names().unwrap().iter().any(|found| found.as_str() == &*name));
    FrameWriter::<u8>::unlink(&*name).unwrap();
}
