//! A computation that Ctrl-C asks to end, and that a second Ctrl-C ends at once. Then a poll loop
//! that a byte in a pipe wakes.

use std::error::Error;
use std::io::{Read, pipe};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use ipc_signal::{Reaction, Signal, raise};

fn main() -> Result<(), Box<dyn Error>> {
    let (ending, asked) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    // In this order: at the first signal the flag is not yet set.
    let _second = Reaction::die_if(Signal::INT, ending.clone())?;
    let _first = Reaction::set_flag(Signal::INT, ending.clone())?;
    // `kill -USR1` asks for the progress.
    let _count = Reaction::count(Signal::USR1, asked.clone())?;

    let (mut step, mut told) = (0_u64, 0);
    while !ending.load(Ordering::Relaxed) {
        step += 1;
        if asked.load(Ordering::Relaxed) != told {
            told += 1;
            println!("at step {step}");
        }
        match step {
            1000 => raise(Signal::USR1)?, // usually another process does
            2000 => raise(Signal::INT)?,
            _ => {}
        }
    }
    println!("asked to end at step {step}");

    let (mut wake, waker) = pipe()?;
    let _resized = Reaction::write_byte(Signal::WINCH, waker)?;
    raise(Signal::WINCH)?;
    let mut byte = [0];
    wake.read_exact(&mut byte)?; // or poll for `wake`
    println!("woken by signal {}", byte[0]);
    Ok(())
}
