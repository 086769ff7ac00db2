//! Signals as a stream of tokio, in a program of its own, which blocks them before any thread
//! exists.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_core::Stream;
use ipc_core::ProcessId;
use ipc_signal::stream::SignalStream;
use ipc_signal::{Signal, Signals, send_value};
use ipc_testkit::{Child, Role, watchdog};

#[test]
fn roles() {
    ipc_testkit::play(&[
        ("streams", streams),
        ("two tasks", two_tasks),
        ("a task beside", a_task_beside),
    ]);
}

#[test]
fn a_stream_yields_all_signals_in_order_with_many_threads() {
    watchdog(|| Child::run("streams", &[]).finish());
}

fn streams(_: &mut Role) {
    const COUNT: i32 = 10_000;
    let job = Signal::realtime(0).unwrap();
    let signals = Signals::block(job).unwrap();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
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
        // A dropped future has received nothing.
        assert!(tokio::time::timeout(Duration::from_millis(1), stream.recv()).await.is_err());
        send_value(ProcessId::current(), job, -1).unwrap();
        let mut stream = pin!(Arc::into_inner(stream).unwrap());
        let next = poll_fn(|context| stream.as_mut().poll_next(context)).await;
        assert_eq!(next.unwrap().unwrap().value(), Some(-1));
    });
}

#[test]
fn two_waiting_tasks_are_each_woken_for_a_signal() {
    watchdog(|| Child::run("two tasks", &[]).finish());
}

fn two_tasks(_: &mut Role) {
    let job = Signal::realtime(0).unwrap();
    let signals = Signals::block(job).unwrap();
    on_one_thread(async {
        let stream = Arc::new(SignalStream::new(signals).unwrap());
        let begun = Arc::new(AtomicUsize::new(0));
        let tasks = [(); 2].map(|()| {
            let (stream, begun) = (stream.clone(), begun.clone());
            tokio::spawn(async move {
                begun.fetch_add(1, Ordering::Relaxed);
                stream.recv().await.unwrap().value()
            })
        });
        // There is one thread, so a task that has begun waits.
        while begun.load(Ordering::Relaxed) < 2 {
            tokio::task::yield_now().await;
        }
        let mut values = Vec::new();
        for value in [1, 2] {
            send_value(ProcessId::current(), job, value).unwrap();
        }
        for task in tasks {
            values.extend(task.await.unwrap());
        }
        values.sort_unstable();
        assert_eq!(values, [1, 2]);
    });
}

#[test]
fn other_tasks_run_while_signals_are_always_pending() {
    watchdog(|| Child::run("a task beside", &[]).finish());
}

fn a_task_beside(_: &mut Role) {
    let job = Signal::realtime(0).unwrap();
    let signals = Signals::block(job).unwrap();
    on_one_thread(async {
        let stream = SignalStream::new(signals).unwrap();
        let next = async || {
            send_value(ProcessId::current(), job, 0).unwrap();
            stream.recv().await.unwrap();
        };
        next().await;
        let had_its_turn = Arc::new(AtomicBool::new(false));
        tokio::spawn({
            let had_its_turn = had_its_turn.clone();
            async move { had_its_turn.store(true, Ordering::Relaxed) }
        });
        for _ in 0..10_000 {
            next().await;
        }
        assert!(had_its_turn.load(Ordering::Relaxed));
    });
}

fn on_one_thread(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap().block_on(test);
}
