//! Workers of several threads that are killed and stopped wherever they are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use ipc_hostile::message::Message;
use ipc_mem::{MemoryOptions, Placed, SharedMemory, Tag};
use ipc_ring::JobQueue;
use ipc_testkit::{Child, Forked, Part, Rng, Role, fixture, rounds};

pub(crate) const ROLES: &[(&str, Part)] = &[("killer", killer), ("stopper", stopper)];

const CAPACITY: usize = 16;
const THREADS: usize = 3;
const WORKERS: usize = 3;

/// How often each job was handled, how many each worker has, and the worker that keeps what it has.
type Handled = Placed<[AtomicU64; KEEPER + 1], SharedMemory>;
const KEEPER: usize = JOBS + WORKERS;
/// No worker.
const NONE: u64 = u64::MAX;
const JOBS: usize = 1 << 22;

fn handled(role: &Role) -> Handled {
    let options = MemoryOptions::new(8 * (KEEPER + 1)).content(Tag::BARE);
    let handled: Handled =
        Placed::create_in(SharedMemory::create(role.arg(2), options).unwrap()).unwrap();
    handled[KEEPER].store(NONE, Ordering::SeqCst);
    handled
}

fn start(name: &str, handled: &Handled, worker: usize) -> Forked {
    let has = &handled[JOBS + worker];
    has.store(0, Ordering::SeqCst);
    Forked::run(|| {
        let jobs = JobQueue::<Message>::open(name).unwrap();
        let work = || {
            loop {
                let job = jobs.take().unwrap();
                has.fetch_add(1, Ordering::SeqCst);
                let number = usize::try_from(job.checked()).unwrap();
                (0..5_000).for_each(|_| std::hint::spin_loop());
                while handled[KEEPER].load(Ordering::SeqCst) == worker as u64 {
                    thread::yield_now();
                }
                handled[number].fetch_add(1, Ordering::SeqCst);
                has.fetch_sub(1, Ordering::SeqCst);
                job.done().unwrap();
            }
        };
        thread::scope(|scope| {
            (0..THREADS).for_each(|_| {
                scope.spawn(work);
            });
        });
    })
}

/// Stops a worker that has a job, and submits jobs until it has one.
fn stop_with_a_job(
    worker: &mut Forked,
    index: usize,
    handled: &Handled,
    jobs: &JobQueue<Message>,
    submitted: &mut u64,
) {
    handled[KEEPER].store(index as u64, Ordering::SeqCst);
    while !has_a_job(handled, index) {
        if jobs.try_submit(&Message::new(*submitted)).unwrap() {
            *submitted += 1;
        }
        thread::yield_now();
    }
    worker.stop();
    handled[KEEPER].store(NONE, Ordering::SeqCst);
}

fn has_a_job(handled: &Handled, index: usize) -> bool {
    handled[JOBS + index].load(Ordering::SeqCst) > 0
}

fn count(handled: &Handled, number: u64) -> u64 {
    handled[usize::try_from(number).unwrap()].load(Ordering::SeqCst)
}

/// Submits jobs to workers that are killed. Every job is handled, and twice only if its worker was
/// killed after it had handled it.
fn killer(role: &mut Role) {
    let (name, kills) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let handled = handled(role);
    let jobs = JobQueue::<Message>::create(&*name, CAPACITY).unwrap();
    let mut workers: Vec<_> = (0..WORKERS).map(|worker| start(&name, &handled, worker)).collect();
    let (mut rng, mut submitted, mut inside) = (Rng::new(), 0, 0);
    let mut longest = Duration::ZERO;
    for kill in 0..kills {
        let victim = rng.index(WORKERS);
        for _ in 0..1 + rng.below(30) {
            jobs.submit(&Message::new(submitted)).unwrap();
            submitted += 1;
        }
        // Half of the kills wherever it is, half of them while it has a job.
        if kill % 2 == 0 {
            workers[victim].stop();
        } else {
            stop_with_a_job(&mut workers[victim], victim, &handled, &jobs, &mut submitted);
        }
        inside += u64::from(has_a_job(&handled, victim));
        workers[victim].kill();
        let killed = Instant::now();
        while jobs.depth() != ipc_ring::Depth::default() {
            assert!(killed.elapsed() < Duration::from_secs(25), "kill {kill}: {:?}", jobs.depth());
            thread::yield_now();
        }
        longest = longest.max(killed.elapsed());
        workers[victim] = start(&name, &handled, victim);
        if kill % 16 == 0 {
            role.say("going on");
        }
    }
    workers.iter_mut().for_each(Forked::kill);
    assert!(submitted < JOBS as u64, "too many jobs for the test");
    let again: u64 = (0..submitted).map(|number| count(&handled, number)).sum::<u64>() - submitted;
    for number in 0..submitted {
        assert!(count(&handled, number) > 0, "job {number} is lost");
    }
    let most = kills * THREADS as u64;
    assert!(again <= most, "{again} jobs were handled again");
    assert!(inside * 4 >= kills, "only {inside} killed with a job");
    role.say(&format!(
        "done: {kills} workers of {THREADS} threads killed, {inside} with a job, \
         {submitted} jobs all done, {again} of them again after their workers had died, all done \
         after {longest:?} at most"
    ));
}

#[test]
fn jobs_of_workers_that_are_killed_are_done_by_others() {
    let kills = rounds(40, 10_000).to_string();
    let names = [(); 2].map(|()| fixture::name());
    Child::run("killer", &[&names[0], &kills, &names[1]]).figures();
}

/// Stops workers wherever they are: their jobs stay with them.
fn stopper(role: &mut Role) {
    let (name, stops) = (role.arg(0).to_owned(), role.arg(1).parse::<u64>().unwrap());
    let handled = handled(role);
    let jobs = JobQueue::<Message>::create(&*name, CAPACITY).unwrap();
    let mut workers: Vec<_> = (0..WORKERS).map(|worker| start(&name, &handled, worker)).collect();
    let (mut rng, mut submitted, mut inside) = (Rng::new(), 0, 0);
    for stop in 0..stops {
        let victim = rng.index(WORKERS);
        for _ in 0..1 + rng.below(30) {
            jobs.submit(&Message::new(submitted)).unwrap();
            submitted += 1;
        }
        // Half of the stops wherever it is, half of them while it has a job.
        if stop % 2 == 0 {
            workers[victim].stop();
        } else {
            stop_with_a_job(&mut workers[victim], victim, &handled, &jobs, &mut submitted);
        }
        inside += u64::from(has_a_job(&handled, victim));
        // It looks for jobs of the dead, and then the others do all that is ready.
        if let Some(job) = jobs.take_timeout(Duration::ZERO).unwrap() {
            let number = usize::try_from(job.checked()).unwrap();
            handled[number].fetch_add(1, Ordering::SeqCst);
            job.done().unwrap();
        }
        while jobs.depth().ready > 0 {
            thread::yield_now();
        }
        workers[victim].cont();
        if stop % 16 == 0 {
            role.say("going on");
        }
    }
    let start = Instant::now();
    while jobs.depth() != ipc_ring::Depth::default() {
        assert!(start.elapsed() < Duration::from_secs(25), "{:?}", jobs.depth());
        thread::yield_now();
    }
    workers.iter_mut().for_each(Forked::kill);
    assert!(submitted < JOBS as u64, "too many jobs for the test");
    for number in 0..submitted {
        assert_eq!(count(&handled, number), 1, "job {number}");
    }
    assert!(inside * 4 >= stops, "only {inside} stopped with a job");
    role.say(&format!(
        "done: {stops} stops, {inside} of them with a job, {submitted} jobs done once each"
    ));
}

#[test]
fn the_jobs_of_a_worker_that_is_stopped_stay_with_it() {
    let stops = rounds(20, 1_000).to_string();
    let names = [(); 2].map(|()| fixture::name());
    Child::run("stopper", &[&names[0], &stops, &names[1]]).figures();
}
