//! Queues, services and mailboxes, as `ipc ls` and `ipc show` report them.

use std::time::Duration;

use ipc::ring::mailbox::{Mailbox, Sender};
use ipc::ring::mpmc::{self, QueueOptions};
use ipc::ring::service::{Client, Server};
use ipc::ring::{JobOptions, JobQueue};
use ipc_testkit::{fixture, watchdog};

use crate::common::{ipc, object};

fn lines(name: &str) -> Vec<String> {
    let shown = ipc(&["show", name]);
    shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn services_and_mailboxes_are_listed_and_shown_with_their_processes() {
    watchdog(|| {
        let name = fixture::name();
        let server = Server::<u32, f64>::create(&*name, 16).unwrap();
        let client = Client::<u32, f64>::open(&*name).unwrap();
        let pending = client.submit(&1).unwrap();
        let listed = object(&format!("shm:{}", &*name)).unwrap();
        assert_eq!(listed["content"], "service of 16 calls, 1 waiting");
        assert!(ipc(&["ls", "service"]).contains(&*name));
        let shown = lines(&name);
        for wanted in [
            "capacity: 16 calls",
            "waiting: 1 call",
            "sent: 1",
            "received: 0",
            "lost: 0",
            "slept when full: 0",
            "servers: 1",
            "clients: 1",
        ] {
            assert!(shown.iter().any(|line| line == wanted), "`{wanted}` is not in {shown:?}");
        }
        assert!(
            shown.iter().any(|line| line.contains("reply") && line.contains("f64")),
            "{shown:?}"
        );
        let json = ipc(&["show", "--json", &name]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let details = json[0]["details"].as_array().unwrap();
        for pair in [["sent", "1"], ["received", "0"], ["lost", "0"]] {
            assert!(details.contains(&serde_json::json!(pair)), "{pair:?}: {json}");
        }
        drop(pending);
        drop(server);

        let name = fixture::name();
        let sender = Sender::<u8>::open_or_create(&*name, 4).unwrap();
        sender.send(&1).unwrap();
        let listed = object(&format!("shm:{}", &*name)).unwrap();
        assert_eq!(listed["content"], "mailbox of 4 messages, 1 waiting");
        assert!(lines(&name).iter().any(|line| line == "owner: not open yet"));
        let inbox = Mailbox::<u8>::open(&*name).unwrap();
        assert!(lines(&name).iter().any(|line| line == "owner: open"));
        drop(inbox);
    });
}

#[test]
fn a_queue_is_shown_with_its_priorities() {
    watchdog(|| {
        let name = fixture::name();
        let tasks =
            mpmc::Sender::<u32>::create(&*name, QueueOptions::new(4).priorities(3)).unwrap();
        tasks.send(&1).unwrap();
        tasks.with_priority(2).unwrap().send(&2).unwrap();
        let shown = lines(&name);
        for wanted in [
            "capacity: 4 messages",
            "priorities: 3, each with that capacity",
            "waiting: 2 messages",
            "sent: 2",
        ] {
            assert!(shown.iter().any(|line| line == wanted), "`{wanted}` is not in {shown:?}");
        }
    });
}

#[test]
fn a_job_queue_is_shown_with_its_jobs_by_state() {
    watchdog(|| {
        let name = fixture::name();
        let jobs = JobQueue::<u32>::create(&*name, JobOptions::new(8).max_deliveries(1)).unwrap();
        (0..4).for_each(|job| jobs.submit(&job).unwrap());
        jobs.submit_after(&4, Duration::from_secs(3600)).unwrap();
        jobs.take().unwrap().retry().unwrap(); // it was delivered as often as possible
        let _taken = jobs.take().unwrap();
        let shown = lines(&name);
        for wanted in ["ready: 3, 1 of them delayed", "taken: 1", "dead letters: 1"] {
            assert!(shown.iter().any(|line| line == wanted), "`{wanted}` is not in {shown:?}");
        }
    });
}
