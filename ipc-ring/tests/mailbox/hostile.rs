//! Mailboxes of which every byte may be damaged: an error or some message, and never a fault.

use ipc_hostile::mailbox::run_in;
use ipc_hostile::memory::{Pages, bytes as image};
use ipc_mem::LocalMemory;
use ipc_ring::mailbox::{Mailbox, Sender};
use ipc_testkit::{Rng, figures, rounds, watchdog};

#[test]
fn damaged_mailboxes_are_errors_or_some_messages_and_never_faults() {
    watchdog(|| {
        let inbox = Mailbox::<u64, _>::create_in(LocalMemory::new(2048).unwrap(), 8).unwrap();
        let mut fresh = image(inbox.memory());
        let pages = Pages::new(4096);
        // Without an owner, and with messages.
        let owner = 64 + 64 + 144; // the header with its description, then the control block
        assert_ne!(fresh[owner..owner + 8], [0; 8]);
        fresh[owner..owner + 8].fill(0);
        let used = {
            let one = pages.with(&fresh);
            let sender = Sender::<u64, _>::open_in(one.clone()).unwrap();
            (0..5).for_each(|number| sender.send(&number).unwrap());
            std::mem::forget(sender.send_with_receipt(&5).unwrap());
            image(&one)
        };
        let mut rng = Rng::new();
        let (mut refused, mut accepted) = (0, 0);
        assert!(run_in(&|| pages.with(&fresh)));
        for round in 0..rounds(500, 2_000_000) {
            // The whole image, the header, or all before the places.
            let to = [used.len(), 64, 640][usize::try_from(round % 3).unwrap()];
            let damaged = rng.damage(&used, 0..to);
            *(if run_in(&|| pages.with(&damaged)) { &mut accepted } else { &mut refused }) += 1;
        }
        assert!(refused > 100 && accepted > 100, "{refused} refused, {accepted} used");
        figures(format_args!("{refused} damaged mailboxes refused, {accepted} used, no fault"));
    });
}
