//! A feed of orders with three subscribers: an archive that must not miss an order, a display that
//! wants the newest ones, and a slow auditor that is killed by `kill -9`.
//!
//! ```sh
//! cargo run -p ipc-ring --example order_feed
//! ```

use std::env;
use std::process::{self, Child, Command};
use std::thread;
use std::time::Duration;

use ipc_mem::Plain;
use ipc_ring::topic::{Publisher, Subscriber, TopicOptions, WhenFull};

const ORDERS: u64 = 20_000;

#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Order {
    id: u64,
    price: f64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = env::args().collect();
    match args.get(1..) {
        Some([name, role]) => Ok(subscribe(name, role)?),
        _ => lead(),
    }
}

/// The parent: publishes orders, and kills the auditor on the way.
fn lead() -> Result<(), Box<dyn std::error::Error>> {
    let name = format!("/order-feed-{}", process::id());
    let options = TopicOptions::new().max_publishers(1).max_subscribers(4).queue(64).history(8);
    let topic = Publisher::<Order>::create(&name, options)?;
    let start = |role| Command::new(env::current_exe()?).args([&*name, role]).spawn();
    let mut archive = start("archive")?;
    let mut display = start("display")?;
    let mut auditor = start("auditor")?;
    // The archive must not miss the first order.
    while topic.info()?.subscribers.len() < 3 {
        thread::sleep(Duration::from_millis(1));
    }
    for id in 1..=ORDERS {
        let mut sample = topic.loan()?; // in shared memory: nothing is copied again
        sample.write(Order { id, price: 9.5 });
        sample.publish()?; // waits while the archive has 64 orders to store
        if id == ORDERS / 2 {
            auditor.kill()?; // wherever it is: the others go on, and what it held comes back
        }
    }
    let is_well = [finish(&mut archive)?, finish(&mut display)?];
    auditor.wait()?;
    assert_eq!(is_well, [true; 2]);

    // A subscriber that comes late gets the last orders.
    let late = Subscriber::<Order>::open(&name, WhenFull::Block)?;
    println!("a late subscriber begins with order {}", late.recv()?.get().id);
    let info = topic.info()?;
    println!("{} orders published, {:?} in use", info.publishers[0].published, info.in_use);
    Ok(())
}

fn finish(child: &mut Child) -> std::io::Result<bool> {
    Ok(child.wait()?.success())
}

/// A subscriber, until it has seen the last order.
fn subscribe(name: &str, role: &str) -> ipc_core::Result<()> {
    let when_full = match role {
        "archive" => WhenFull::Block,
        "display" => WhenFull::DropOldest,
        _ => WhenFull::DropNewest,
    };
    let orders = Subscriber::<Order>::open(name, when_full)?;
    let mut sum = 0.0;
    loop {
        let sample = orders.recv()?;
        let Order { id, price } = sample.get();
        sum += price;
        if role != "archive" {
            thread::sleep(Duration::from_micros(if role == "display" { 100 } else { 5000 }));
        }
        if id == ORDERS {
            break;
        }
    }
    let (received, missed) = (orders.received(), orders.missed());
    println!("{role}: {received} orders received, {missed} missed, {sum} in all");
    assert_eq!(received + missed, ORDERS);
    assert!(role != "archive" || missed == 0);
    Ok(())
}
