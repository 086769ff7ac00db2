//! Job queues of which every byte may be damaged: an error or some job, and never a fault.

use ipc_hostile::jobs::works;
use ipc_hostile::memory::{Pages, bytes as image};
use ipc_hostile::message::Message;
use ipc_mem::LocalMemory;
use ipc_ring::{JobOptions, JobQueue};
use ipc_testkit::{Rng, figures, rounds, watchdog};

#[test]
fn damaged_job_queues_are_errors_or_some_jobs_and_never_faults() {
    watchdog(|| {
        let options = JobOptions::new(8).max_deliveries(3);
        let jobs = JobQueue::<Message, _>::create_in(LocalMemory::new(1536).unwrap(), options);
        let jobs = jobs.unwrap();
        (0..6).for_each(|number| jobs.submit(&Message::new(number)).unwrap());
        let _taken = jobs.take().unwrap();
        let image = image(jobs.memory());
        let (pages, mut rng) = (Pages::new(4096), Rng::new());
        let (mut refused, mut used) = (0, 0);
        assert!(works(pages.with(&image), Message::new(7)).is_ok());
        for round in 0..rounds(5_000, 5_000_000) {
            // The whole image, the header or all before the places.
            let to = [image.len(), 64, 640][usize::try_from(round % 3).unwrap()];
            let damaged = rng.damage(&image, 0..to);
            *(if works(pages.with(&damaged), Message::new(7)).is_ok() {
                &mut used
            } else {
                &mut refused
            }) += 1;
        }
        assert!(refused > 100 && used > 100, "{refused} refused, {used} used");
        figures(format_args!("{refused} damaged job queues refused, {used} used, no fault"));
    });
}
