//! Queues of which every byte may be damaged: an error or some message, and never a fault.

use ipc_hostile::memory::{Pages, bytes as image};
use ipc_hostile::message::Message;
use ipc_hostile::mpmc::{receives, sends};
use ipc_mem::LocalMemory;
use ipc_ring::mpmc::{QueueOptions, Receiver, Sender};
use ipc_testkit::{Rng, figures, rounds, watchdog};

#[test]
fn damaged_queues_are_errors_or_some_messages_and_never_faults() {
    damage(1);
}

#[test]
fn damaged_queues_with_priorities_are_errors_or_some_messages() {
    damage(3);
}

fn damage(priorities: usize) {
    watchdog(|| {
        let options = QueueOptions::new(16).senders(4).priorities(priorities);
        let memory = LocalMemory::new(1024 + 1536 * priorities).unwrap();
        let queue = Sender::<Message, _>::create_in(memory, options).unwrap();
        for (number, priority) in (0..40).zip((0..priorities).cycle()) {
            queue.with_priority(priority).unwrap().try_send(&Message::new(number)).unwrap();
        }
        let image = image(queue.memory());
        let (pages, mut rng) = (Pages::new(image.len()), Rng::new());
        let (mut refused, mut used) = (0, 0);
        let one = Message::new(1);
        assert!(receives::<Message, _>(pages.with(&image)).is_ok());
        assert!(sends(pages.with(&image), one).is_ok());
        for round in 0..rounds(10_000, 5_000_000) {
            // The whole image, the header or all before the cells.
            let to = [image.len(), 64, 1024][usize::try_from(round % 3).unwrap()];
            let damaged = rng.damage(&image, 0..to);
            let result = if round % 2 == 0 {
                receives::<Message, _>(pages.with(&damaged))
            } else {
                sends(pages.with(&damaged), one)
            };
            *(if result.is_ok() { &mut used } else { &mut refused }) += 1;
        }
        assert!(refused > 100 && used > 100, "{refused} refused, {used} used");
        figures(format_args!("{refused} damaged queues refused, {used} used, no fault"));
    });
}

/// The offsets of the control block and of the cells of a queue with this number of slots.
fn parts(image: &[u8], slots: usize) -> (usize, usize) {
    let described = u32::from_ne_bytes(std::array::from_fn(|i| image[12 + i])) as usize;
    let control = (64 + described).next_multiple_of(128);
    (control, (control + 384 + 8 * slots).next_multiple_of(128))
}

#[test]
fn laps_that_each_seem_later_than_the_one_before_are_an_error() {
    watchdog(|| {
        for capacity in [4, 1 << 15] {
            let options = QueueOptions::new(capacity).senders(2);
            let memory = LocalMemory::new(4096 + 16 * capacity).unwrap();
            let queue = Sender::<u64, _>::create_in(memory, options).unwrap();
            let mut image = image(queue.memory());
            let (_, cells) = parts(&image, 2);
            for number in 0..capacity as u64 {
                // Round the circle of laps once, in steps of less than half of it.
                let lap = (number + 1) * ((1 << 50) / capacity as u64);
                let at = cells + 16 * usize::try_from(number).unwrap();
                image[at..at + 8].copy_from_slice(&(lap << 14).to_ne_bytes());
            }
            let pages = Pages::new(image.len());
            let sender = Sender::<u64, _>::open_in(pages.with(&image)).unwrap();
            assert!(sender.try_send(&1).unwrap_err().is_mismatch());
            drop(sender);
            let receiver = Receiver::<u64, _>::open_in(pages.with(&image)).unwrap();
            assert!(receiver.try_recv().unwrap_err().is_mismatch());
        }
    });
}
