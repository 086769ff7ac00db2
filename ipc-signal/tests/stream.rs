//! Signals as a stream of tokio, in a program of its own: it has to block before any thread is there.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_core::Stream;
use ipc_core::ProcessId;
use ipc_signal::stream::SignalStream;
use ipc_signal::{Signal, Signals, send_value};
use ipc_testkit::{Child, Role, watchdog};

#[test]
fn roles() {
    ipc_testkit::play(&[("streams", streams)]);
}

#[test]
fn a_stream_gives_all_signals_in_order_on_a_runtime_with_many_threads() {
    watchdog(|| Child::run("streams", &[]).finish());
}

fn streams(_: &mut Role) {
    const COUNT: i32 = 10_000;
    let job = Signal::realtime(0).unwrap();
    let signals = Signals::block(job).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let stream = Arc::new(SignalStream::new(signals).unwrap());
        let receiver = tokio::spawn({
            let stream = stream.clone();
            async move {
                for expected in 0..COUNT {
                    assert_eq!(stream.recv().await.unwrap().value(), Some(expected));
                }
            }
        });
        for value in 0..COUNT {
            while let Err(err) = send_value(ProcessId::current(), job, value) {
                assert!(err.is_queue_full(), "{err}");
                tokio::task::yield_now().await;
            }
        }
        receiver.await.unwrap();
        // Cancelled, it has taken nothing.
        assert!(tokio::time::timeout(Duration::from_millis(1), stream.recv()).await.is_err());
        send_value(ProcessId::current(), job, -1).unwrap();
        let mut stream = pin!(Arc::into_inner(stream).unwrap());
        let next = poll_fn(|context| stream.as_mut().poll_next(context)).await;
        assert_eq!(next.unwrap().unwrap().value(), Some(-1));
    });
}
