//! Real-time signals queue in order, each with a value; a full queue is an error.

use std::thread;

use ipc_core::ProcessId;
use ipc_signal::{Code, Signal, Signals, send, send_value};

fn main() -> ipc_core::Result<()> {
    let job = Signal::realtime(0)?;
    let mut signals = Signals::block([job, Signal::TERM])?; // before any other thread exists

    // Usually another process, which knows the id of this one.
    let to = ProcessId::current();
    let sender = thread::spawn(move || {
        for value in 0..100_000 {
            while let Err(err) = send_value(to, job, value) {
                assert!(err.is_queue_full(), "{err}");
                thread::yield_now(); // the queue is full: nothing is lost
            }
        }
    });

    let mut sum = 0;
    for info in signals.by_ref().take(100_000) {
        let info = info?;
        assert_eq!(info.code(), Code::Queue);
        sum += info.value().map_or(0, i64::from);
    }
    println!("the sum of 100000 values is {sum}");
    assert!(sender.join().is_ok());

    send(to, Signal::TERM)?;
    let last = signals.recv()?;
    println!("{} from process {:?}", last.signal(), last.process().map(ProcessId::raw));
    Ok(())
}
