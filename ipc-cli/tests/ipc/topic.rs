//! Topics, as `ipc ls` and `ipc show` report them.

use ipc::ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};
use ipc_testkit::{fixture, watchdog};

use crate::common::{ipc, object};

#[test]
fn a_topic_is_listed_and_shown_with_its_publishers_and_subscribers() {
    watchdog(|| {
        let name = fixture::name();
        // The largest table of publishers and subscribers.
        let options = TopicOptions::new().max_publishers(64).max_subscribers(63).queue(2);
        let topic = Publisher::<f64>::create(&*name, options.history(1)).unwrap();
        let orders = Subscriber::<f64>::open(&*name, WhenFull::DropOldest).unwrap();
        let _waits = Subscriber::<f64>::open(&*name, WhenFull::DropNewest).unwrap();
        for number in 0..5 {
            topic.publish(&f64::from(number)).unwrap();
        }
        assert_eq!(orders.recv().unwrap().missed(), 3);
        let listed = object(&format!("shm:{}", &*name)).unwrap();
        assert_eq!(listed["content"], "topic f64, 1 publisher, 2 subscribers");
        assert!(ipc(&["ls", "topic"]).contains(&*name));
        let here = std::process::id();
        let shown = ipc(&["show", &name]);
        let lines: Vec<String> = shown
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .collect();
        for wanted in [
            "message: f64",
            "queue: 2 messages of each publisher",
            "history: 1 message of each publisher",
            "publishers: 1 of 64",
            "subscribers: 2 of 63",
            "sent: 5",
            "received: 1",
            "lost: 3",
            &format!("publisher: process {here}, 5 published"),
            &format!(
                "subscriber: process {here}, 1 received, 3 missed; when full, the oldest message \
                 is dropped"
            ),
        ] {
            assert!(lines.iter().any(|line| line == wanted), "`{wanted}` is not in: {shown}");
        }
    });
}
