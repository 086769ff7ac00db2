//! `ipc bench`: what the toolkit costs here, beside the calls of C that do the same.

use std::hint::black_box;
use std::process;
use std::time::{Duration, Instant};

use clap::Args;
use ipc::array::ShmArray;
use ipc::core::{Removal, Signal};
use ipc::queue::{MessageQueue, QueueOptions};
use ipc::shm::Shared;
use ipc::signal::{Signals, send_value};
use ipc::sync::posix::SemaphoreOptions;
use ipc::sync::{NamedSemaphore, pthread::Mutex};
use serde::Serialize;

use crate::failure::Failure;
use crate::output::{self, Align, Column, Style, Table};
use crate::sys;

pub(super) const AFTER: &str = "\
One process and one thread, without contention: a rough estimate. Other running programs make \
the times longer.

Examples:
  ipc bench                     ten seconds
  ipc bench --seconds 60        a minute";

/// The options of `ipc bench`.
#[derive(Args, Debug)]
pub(crate) struct Bench {
    /// Seconds for the whole measurement
    #[arg(long, default_value_t = 10.0, value_parser = super::number(0.0..=86_400.0))]
    seconds: f64,

    /// Print JSON, for programs
    #[arg(long)]
    json: bool,
}

/// A comparison, in nanoseconds.
#[derive(Serialize)]
struct Line {
    what: &'static str,
    ipc: f64,
    c: f64,
}

/// The bytes of an array that is written and read.
const BYTES: usize = 1 << 20;

impl Bench {
    /// Measures all, and prints a table.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let name = |what: &str| format!("/ipc-bench-{}-{what}", process::id());
        let each = Duration::try_from_secs_f64(self.seconds / 10.0)
            .map_err(|why| Failure::usage("--seconds", why))?;
        let mut lines = Vec::new();

        let options = SemaphoreOptions::new(0).removal(Removal::OnDrop);
        let semaphore = NamedSemaphore::create(name("semaphore"), options)?;
        let c = sys::CSemaphore::new().map_err(|why| Failure::new("sem_init", why))?;
        lines.push(Line {
            what: "semaphore: post and wait",
            ipc: time(each, || semaphore.post().and_then(|()| semaphore.wait()))?,
            c: time(each, || c.post_and_wait())?,
        });

        let mutex = Shared::<Mutex<u64>>::create_with(name("mutex"), 0)?;
        let c = sys::CMutex::new().map_err(|why| Failure::new("pthread_mutex_init", why))?;
        lines.push(Line {
            what: "robust mutex: lock and unlock",
            ipc: time(each, || mutex.lock_or_repair(|_| ()).map(|mut count| *count += 1))?,
            c: time(each, || c.lock_and_unlock())?,
        });

        let options = QueueOptions::new(8, 64).removal(Removal::OnDrop);
        let queue = MessageQueue::create(name("queue"), options)?;
        let (message, mut buffer) = ([7; 64], [0; 64]);
        lines.push(Line {
            what: "message queue: send and receive 64 bytes",
            ipc: time(each, || {
                queue.send(&message, 0).and_then(|()| queue.recv_into(&mut buffer))
            })?,
            c: time(each, || sys::mq_send_and_receive(&queue, &message, &mut buffer))?,
        });

        let signal = Signal::realtime(0)?;
        let signals = Signals::block(signal)?;
        lines.push(Line {
            what: "signal: send a value and receive it",
            ipc: time(each, || send_value(process::id(), signal, 7).and_then(|()| signals.recv()))?,
            c: time(each, || sys::sigqueue_and_wait(signal.raw()))?,
        });

        let array = ShmArray::<u8>::create(name("array"), [BYTES])?;
        let (from, mut into) = (vec![7_u8; BYTES], vec![0_u8; BYTES]);
        let mut other = vec![0_u8; BYTES];
        lines.push(Line {
            what: "array: write and read 1 MiB",
            ipc: time(each, || array.write_from(&from).and_then(|()| array.read_into(&mut into)))?,
            c: time(each, || {
                other.copy_from_slice(black_box(&from));
                into.copy_from_slice(black_box(&other));
                Ok::<_, Failure>(())
            })?,
        });
        if self.json {
            return output::json(&lines);
        }
        output::print(&table(&lines))
    }
}

fn table(lines: &[Line]) -> String {
    const COLUMNS: [Column; 4] = [
        Column::new("NANOSECONDS FOR EACH", Align::Left),
        Column::new("IPC", Align::Right),
        Column::new("C", Align::Right),
        Column::new("RATIO", Align::Right),
    ];

    let mut table = Table::new(&COLUMNS, false);
    for line in lines {
        let cells = [
            line.what.to_owned(),
            format!("{:.1}", line.ipc),
            format!("{:.1}", line.c),
            format!("{:.2}", line.ipc / line.c),
        ];
        table.row(cells.map(|cell| (cell.into(), Style::Plain)));
    }
    table.text()
}

/// The nanoseconds that `step` takes, at the best of many short rounds.
#[expect(clippy::cast_precision_loss, reason = "a time that is shown")]
fn time<T, E: Into<Failure>>(
    limit: Duration,
    mut step: impl FnMut() -> Result<T, E>,
) -> Result<f64, Failure> {
    const ROUND: Duration = Duration::from_millis(5);

    let (begin, mut best, mut steps) = (Instant::now(), f64::INFINITY, 1_u32);
    while begin.elapsed() < limit {
        let start = Instant::now();
        for _ in 0..steps {
            black_box(step().map_err(Into::into)?);
        }
        let took = start.elapsed();
        if took < ROUND {
            steps = steps.saturating_mul(2);
        } else {
            best = best.min(took.as_nanos() as f64 / f64::from(steps));
        }
    }
    Ok(best)
}
