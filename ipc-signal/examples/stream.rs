//! Signals with values in a tokio program, beside tokio's own signal handling.

use std::error::Error;
use std::time::Duration;

use ipc_core::ProcessId;
use ipc_signal::stream::SignalStream;
use ipc_signal::{Signal, Signals, send, send_value};

fn main() -> Result<(), Box<dyn Error>> {
    let job = Signal::realtime(0)?;
    // Before the runtime has threads; with `#[tokio::main]` it would be too late.
    let signals = Signals::block([job, Signal::TERM])?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve(signals))?;
    Ok(())
}

async fn serve(signals: Signals) -> ipc_core::Result<()> {
    let stream = SignalStream::new(signals)?;
    let administrator = tokio::spawn(async move {
        let me = ProcessId::current();
        for value in 1..=3 {
            send_value(me, job()?, value)?;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        send(me, Signal::TERM)
    });
    loop {
        let info = stream.recv().await?;
        match info.value() {
            Some(value) => {
                println!("job {value} from process {:?}", info.process().map(ProcessId::raw));
            }
            None => break println!("{}: no more jobs", info.signal()),
        }
    }
    assert!(administrator.await.is_ok_and(|sent| sent.is_ok()));
    Ok(())
}

fn job() -> ipc_core::Result<Signal> {
    Signal::realtime(0)
}
