//! A consumer that a signal wakes when messages arrive, and a producer in another process.
//!
//! `cargo run -p ipc-queue --example notify_consumer`

use std::env;
use std::process::{self, Command};

use ipc_core::{Removal, Result, Signal};
use ipc_queue::{MessageQueue, Notification, QueueOptions};
use signal_hook::consts::SIGUSR1;
use signal_hook::iterator::Signals;

fn main() -> Result<()> {
    if let Some(queue) = env::args().nth(1) {
        return producer(&queue);
    }
    let mut signals = Signals::new([SIGUSR1]).expect("a signal to wait for");
    let name = format!("/news-{}", process::id());
    let queue = MessageQueue::create(&name, QueueOptions::new(4, 64).removal(Removal::OnDrop))?;
    let news = queue.notify(Signal::USR1, 0)?;
    let program = env::current_exe().expect("the path of this program");
    let mut producer = Command::new(program).arg(&name).spawn().expect("a second process");
    let consumed = consume(news, &mut signals);
    assert!(producer.wait().expect("a producer").success());
    consumed
}

fn consume(mut news: Notification<'_>, signals: &mut Signals) -> Result<()> {
    for _ in signals.forever() {
        // This registers again first, so no message is missed.
        for message in news.messages()? {
            let text = message?.bytes;
            if text.is_empty() {
                return Ok(());
            }
            println!("consumer: {}", String::from_utf8_lossy(&text));
        }
    }
    Ok(())
}

fn producer(queue: &str) -> Result<()> {
    let queue = MessageQueue::open(queue)?;
    for number in 1..=10 {
        queue.send(format!("news {number}").as_bytes(), 1)?;
    }
    queue.send(b"", 0) // the end: the lowest priority comes last
}
