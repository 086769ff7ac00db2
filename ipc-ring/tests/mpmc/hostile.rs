//! Queues of which every byte may be damaged: an error or some message, and never a fault.

use std::time::Duration;

use ipc_core::Result;
use ipc_mem::LocalMemory;
use ipc_ring::mpmc::{QueueOptions, Receiver, Sender};
use ipc_testkit::{Rng, figures, rounds, watchdog};

use crate::common::guarded::{Guarded, image};
use crate::common::message::Message;

fn receives(memory: Guarded) -> Result<()> {
    let queue = Receiver::<Message, _>::open_in(memory)?;
    for _ in 0..20 {
        queue.try_recv()?;
    }
    queue.recv_timeout(Duration::ZERO)?;
    Ok(())
}

fn sends(memory: Guarded) -> Result<()> {
    let sender = Sender::<Message, _>::open_in(memory)?;
    for _ in 0..20 {
        sender.try_send(&Message::new(1))?;
    }
    sender.send_timeout(&Message::new(3), Duration::ZERO)?;
    Ok(())
}

#[test]
fn damaged_queues_are_errors_or_some_messages_and_never_faults() {
    watchdog(|| {
        let options = QueueOptions::new(16).senders(4);
        let queue =
            Sender::<Message, _>::create_in(LocalMemory::new(2560).unwrap(), options).unwrap();
        (0..40).for_each(|number| {
            queue.try_send(&Message::new(number)).unwrap();
        });
        let image = image(queue.memory());
        let (pages, mut rng) = (Guarded::new(4096), Rng::new());
        let (mut refused, mut used) = (0, 0);
        assert!(receives(pages.with(&image)).is_ok() && sends(pages.with(&image)).is_ok());
        for round in 0..rounds(10_000, 5_000_000) {
            // The whole image, the header or all before the cells.
            let to = [image.len(), 64, 1024][usize::try_from(round % 3).unwrap()];
            let damaged = rng.damage(&image, 0..to);
            let run = if round % 2 == 0 { receives } else { sends };
            *(if run(pages.with(&damaged)).is_ok() { &mut used } else { &mut refused }) += 1;
        }
        assert!(refused > 100 && used > 100, "{refused} refused, {used} used");
        figures(format_args!("{refused} damaged queues refused, {used} used, no fault"));
    });
}
