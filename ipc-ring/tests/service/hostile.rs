//! Services of which every byte may be damaged: an error or some call, and never a fault.

use std::time::Duration;

use ipc_hostile::memory::{Pages, bytes as image};
use ipc_hostile::service::run_in;
use ipc_mem::LocalMemory;
use ipc_ring::service::{Server, ServiceOptions};
use ipc_testkit::{Rng, figures, rounds, watchdog};

#[test]
fn damaged_services_are_errors_or_some_calls_and_never_faults() {
    watchdog(|| {
        let options = ServiceOptions::new(8).handles(8).redeliver(1);
        let server = Server::<u64, u64, _>::create_in(LocalMemory::new(2048).unwrap(), options);
        let server = server.unwrap();
        let fresh = image(server.memory());
        let pages = Pages::new(4096);
        // Calls in several states.
        let used = {
            use ipc_ring::service::Client;
            let one = pages.with(&fresh);
            let client = Client::<u64, u64, _>::open_in(one.clone()).unwrap();
            let server = Server::<u64, u64, _>::open_in(one.clone()).unwrap();
            let pending: Vec<_> = (0..6).map(|number| client.submit(&number).unwrap()).collect();
            server.recv().unwrap().reply(&1).unwrap();
            let _taken = server.recv().unwrap();
            let image = image(&one);
            drop(pending);
            image
        };
        let mut rng = Rng::new();
        let (mut refused, mut accepted) = (0, 0);
        assert!(run_in(&|| pages.with(&fresh)));
        assert!(server.recv_timeout(Duration::ZERO).unwrap().is_none());
        for round in 0..rounds(500, 2_000_000) {
            // The whole image, the header, or all before the places.
            let to = [used.len(), 64, 1024][usize::try_from(round % 3).unwrap()];
            let damaged = rng.damage(&used, 0..to);
            *(if run_in(&|| pages.with(&damaged)) { &mut accepted } else { &mut refused }) += 1;
        }
        assert!(refused > 100 && accepted > 100, "{refused} refused, {accepted} used");
        figures(format_args!("{refused} damaged services refused, {accepted} used, no fault"));
    });
}
