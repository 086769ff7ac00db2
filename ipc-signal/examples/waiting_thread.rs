//! A thread that waits for signals, as on any POSIX system, and passes them on to another thread
//! through a channel.

use std::sync::mpsc;
use std::thread;

use ipc_core::ProcessId;
use ipc_signal::{Signal, SignalMask, send, wait};

fn main() -> ipc_core::Result<()> {
    let mine = [Signal::HUP, Signal::TERM];
    SignalMask::block(mine)?.keep(); // before any other thread exists

    let (events, inbox) = mpsc::channel();
    let waiter = thread::spawn(move || -> ipc_core::Result<()> {
        loop {
            let info = wait(mine)?;
            if events.send(info.signal()).is_err() || info.signal() == Signal::TERM {
                return Ok(());
            }
        }
    });

    // The signals arrive like other events of the program.
    send(ProcessId::current(), Signal::HUP)?;
    println!("first: {:?}", inbox.recv());
    send(ProcessId::current(), Signal::TERM)?;
    println!("then: {:?}", inbox.recv());
    assert!(waiter.join().is_ok_and(|ended| ended.is_ok()));
    Ok(())
}
