//! Jobs that are taken, done, returned and delivered too often.

use std::thread;
use std::time::{Duration, Instant};

use ipc_hostile::message::Message;
use ipc_mem::LocalMemory;
use ipc_ring::{JobOptions, JobQueue};
use ipc_testkit::{LeakCheck, Timed, fixture, rounds, watchdog};

#[test]
fn a_job_is_taken_once_and_counted_until_it_is_done() {
    let name = fixture::name();
    let check = LeakCheck::of(&name);
    let jobs = JobQueue::<u64>::open_or_create(&*name, 4).unwrap();
    let theirs = JobQueue::<u64>::open(&*name).unwrap();
    (0..4).for_each(|job| assert!(jobs.try_submit(&job).unwrap()));
    assert!(!jobs.try_submit(&4).unwrap());
    assert!(!jobs.submit_timeout(&4, Duration::from_millis(1)).unwrap());
    let first = jobs.take().unwrap();
    let second = theirs.take().unwrap();
    assert_eq!((*first, *second, second.deliveries()), (0, 1, 1));
    assert_eq!((jobs.depth().ready, jobs.depth().taken), (2, 2));
    first.done().unwrap();
    second.retry().unwrap();
    assert_eq!((jobs.depth().ready, jobs.depth().taken), (3, 0));
    let mut rest: Vec<_> = (0..3)
        .map(|_| {
            let job = jobs.take().unwrap();
            let found = (*job, job.deliveries());
            job.done().unwrap();
            found
        })
        .collect();
    rest.sort_unstable();
    assert_eq!(rest, [(1, 2), (2, 1), (3, 1)]);
    assert!(jobs.try_take().unwrap().is_none());
    jobs.submit(&9).unwrap();
    drop(theirs.take().unwrap());
    assert_eq!(jobs.take().unwrap().deliveries(), 2, "a job that is dropped comes again");
    drop((jobs, theirs));
    check.finish();
}

#[test]
fn a_job_that_is_delivered_too_often_is_a_dead_letter() {
    let memory = LocalMemory::new(4096).unwrap();
    let jobs = JobQueue::<u64, _>::create_in(memory, JobOptions::new(4).max_deliveries(2)).unwrap();
    jobs.submit(&7).unwrap();
    (0..2).for_each(|_| jobs.take().unwrap().retry().unwrap());
    assert_eq!((jobs.depth().ready, jobs.depth().dead_letters), (0, 1));
    assert!(jobs.try_take().unwrap().is_none());
    drop(jobs.take_dead_letter().unwrap().unwrap());
    let letter = jobs.take_dead_letter().unwrap().expect("a letter that is dropped stays one");
    assert_eq!((*letter, letter.deliveries()), (7, 2));
    letter.retry().unwrap();
    let job = jobs.take().unwrap();
    assert_eq!((*job, job.deliveries()), (7, 1));
    job.done().unwrap();
    assert!(jobs.take_dead_letter().unwrap().is_none());
}

#[test]
fn a_job_with_a_delay_does_not_come_before_its_time() {
    watchdog(|| {
        let jobs = JobQueue::<u64, _>::create_in(LocalMemory::new(4096).unwrap(), 4).unwrap();
        let (start, delay) = (Instant::now(), Duration::from_millis(30));
        jobs.submit_after(&1, delay).unwrap();
        assert!(jobs.try_take().unwrap().is_none());
        let job = jobs.take().unwrap();
        assert!(start.elapsed() >= delay);
        let start = Instant::now();
        job.retry_after(delay).unwrap();
        jobs.take().unwrap().done().unwrap();
        assert!(start.elapsed() >= delay);
    });
}

#[test]
fn threads_that_submit_and_work_get_every_job_once() {
    watchdog(|| {
        let jobs = JobQueue::<Message, _>::create_in(LocalMemory::new(8192).unwrap(), 16).unwrap();
        let each = rounds(2_000, 100_000);
        let sum: u64 = thread::scope(|scope| {
            let work = || {
                (0..each).map(|_| {
                    let job = jobs.take().unwrap();
                    let number = job.checked();
                    job.done().unwrap();
                    number
                })
            };
            let workers: Vec<_> =
                (0..2).map(|_| scope.spawn(move || work().sum::<u64>())).collect();
            for half in 0..2 {
                let jobs = &jobs;
                scope.spawn(move || {
                    let numbers = half * each..(half + 1) * each;
                    numbers.for_each(|number| jobs.submit(&Message::new(number)).unwrap());
                });
            }
            workers.into_iter().map(|worker| worker.join().unwrap()).sum()
        });
        assert_eq!(sum, (0..2 * each).sum::<u64>());
        assert_eq!(jobs.depth(), ipc_ring::Depth::default());
    });
}

#[test]
fn no_wait_for_a_job_ends_before_its_time() {
    let jobs = JobQueue::<u8, _>::create_in(LocalMemory::new(4096).unwrap(), 1).unwrap();
    let calls = [Timed::new(
        "take",
        |time| jobs.take_timeout(time).unwrap().is_some(),
        |moment| jobs.take_deadline(moment).unwrap().is_some(),
    )];
    Timed::never_early(&calls, rounds(10, 500));
}

#[test]
fn a_job_queue_that_is_another_is_refused() {
    let name = fixture::name();
    let _jobs = JobQueue::<Message>::create(&*name, 8).unwrap();
    let told = |err: ipc_core::Error, what: &str| {
        assert!(err.is_mismatch() && err.to_string().contains(what), "{err}");
    };
    told(JobQueue::<u64>::open(&*name).unwrap_err(), "found struct");
    told(
        JobQueue::<Message>::open_or_create(&*name, 16).unwrap_err(),
        "wanted a capacity of 16 and any number of deliveries",
    );
    let err = JobQueue::<u64>::create("/none", 0).unwrap_err();
    assert!(err.is_invalid_argument(), "{err}");
}
