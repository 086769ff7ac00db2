//! Submitters and workers that are killed at every single step.

use std::time::Duration;

use ipc_hostile::message::Message;
use ipc_ring::{JobOptions, JobQueue};
use ipc_testkit::{Child, Part, Role, crash_points, fixture, watchdog};

pub(crate) const ROLES: &[(&str, Part)] =
    &[("submitter", submitter), ("worker", worker), ("taker", taker), ("helper", helper)];

fn options() -> JobOptions {
    JobOptions::new(2).max_deliveries(2)
}

fn submitter(role: &mut Role) {
    let jobs = JobQueue::<Message>::open(role.arg(0)).unwrap();
    assert!(jobs.try_submit(&Message::new(1)).unwrap());
}

/// Has the job three times, and does not get it a fourth time.
fn worker(role: &mut Role) {
    let jobs = JobQueue::<Message>::open(role.arg(0)).unwrap();
    jobs.take().unwrap().retry().unwrap();
    drop(jobs.take().unwrap());
    assert!(jobs.try_take().unwrap().is_none());
    jobs.take_dead_letter().unwrap().unwrap().retry().unwrap();
    jobs.take().unwrap().done().unwrap();
}

/// Does all jobs, those of the dead included.
fn drain(jobs: &JobQueue<Message>) -> Vec<u64> {
    let mut numbers = Vec::new();
    loop {
        let job = match jobs.take_timeout(Duration::from_millis(100)).unwrap() {
            Some(job) => job,
            None => match jobs.take_dead_letter().unwrap() {
                Some(letter) => letter,
                None => return numbers,
            },
        };
        numbers.push(job.checked());
        job.done().unwrap();
    }
}

#[test]
fn a_submitter_killed_at_any_step_has_submitted_a_whole_job_or_none() {
    watchdog(|| {
        let name = fixture::name();
        let _jobs = JobQueue::<Message>::create(&*name, options()).unwrap();
        let points = crash_points("submitter", &[&name]);
        let submitted_at = points.iter().position(|(point, _)| point == "jobs: a job is submitted");
        assert!(submitted_at.is_some());
        for (at, (point, hits)) in points.into_iter().enumerate() {
            for hit in 1..=hits {
                let name = fixture::name();
                let jobs = JobQueue::<Message>::create(&*name, options()).unwrap();
                Child::run_crashing("submitter", &[&name], &point, hit).crash();
                let wanted = if Some(at) >= submitted_at { vec![1] } else { vec![] };
                assert_eq!(drain(&jobs), wanted, "{point}:{hit}");
                // Both places are free again.
                (2..4).for_each(|job| {
                    let time = Duration::from_secs(10);
                    assert!(
                        jobs.submit_timeout(&Message::new(job), time).unwrap(),
                        "{point}:{hit}"
                    );
                });
                let mut rest = drain(&jobs);
                rest.sort_unstable();
                assert_eq!(rest, [2, 3]);
            }
        }
    });
}

#[test]
fn a_worker_killed_at_any_step_has_done_its_job_or_leaves_it_to_another() {
    watchdog(|| {
        let prepared = || {
            let name = fixture::name();
            let jobs = JobQueue::<Message>::create(&*name, options()).unwrap();
            jobs.submit(&Message::new(1)).unwrap();
            (name, jobs)
        };
        let (name, _jobs) = prepared();
        let points = crash_points("worker", &[&name]);
        let done_at = points.iter().position(|(point, _)| point == "jobs: a job is done");
        assert!(done_at.is_some());
        for (at, (point, hits)) in points.into_iter().enumerate() {
            for hit in 1..=hits {
                let (name, jobs) = prepared();
                Child::run_crashing("worker", &[&name], &point, hit).crash();
                let wanted = if Some(at) >= done_at { vec![] } else { vec![1] };
                assert_eq!(drain(&jobs), wanted, "{point}:{hit}");
                assert_eq!(jobs.depth(), ipc_ring::Depth::default());
            }
        }
    });
}

/// Takes a job and keeps it.
fn taker(role: &mut Role) {
    let jobs = JobQueue::<Message>::open(role.arg(0)).unwrap();
    let job = jobs.take().unwrap();
    role.say("taken");
    role.wait_for("never");
    drop(job);
}

/// Looks for jobs of dead workers, and finds no job that is ready.
fn helper(role: &mut Role) {
    let jobs = JobQueue::<Message>::open(role.arg(0)).unwrap();
    drop(jobs.take_timeout(Duration::ZERO).unwrap());
}

#[test]
fn a_process_that_returns_the_job_of_a_dead_worker_never_has_it() {
    watchdog(|| {
        let prepared = || {
            let name = fixture::name();
            let jobs = JobQueue::<Message>::create(&*name, options()).unwrap();
            jobs.submit(&Message::new(1)).unwrap();
            let mut worker = Child::run("taker", &[&name]);
            worker.wait_for("taken");
            worker.kill();
            (name, jobs)
        };
        let (name, _jobs) = prepared();
        let points = crash_points("helper", &[&name]);
        let is_point = |point: &String| point == "jobs: a job of the dead is returned";
        let returned_at = points.iter().position(|(point, _)| is_point(point)).unwrap();
        let (name, jobs) = prepared();
        let (point, _) = &points[returned_at];
        Child::run_crashing("helper", &[&name], point, 1).crash();
        // Without a proof that the helper is dead: it might as well be stopped.
        assert_eq!(jobs.try_take().unwrap().map(|job| job.checked()), Some(1));
    });
}
