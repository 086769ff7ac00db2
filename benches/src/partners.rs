//! Two processes, or two threads, that work together.
//!
//! The second one is started once, runs this program again, and stays on its core until the pair is
//! dropped. It receives orders through shared memory: the number of repetitions, and the side. The
//! first one has the clock, which starts when the second has reported that it begins.

#![expect(unsafe_code, reason = "opens objects that its partner created in shared memory")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use ipc_core::{Error, Result};
use ipc_mem::{Carver, Fresh, Part, Placed, Resident};
use ipc_shm::SharedMemory;
use ipc_sync::posix::Semaphore;
use ipc_testkit::{Child, Fixture, Role, Watchdog, fixture};

use crate::groups::{contended, frames, heap, ring, round_trip, signals, stream, topic};
use crate::sys::cores;
use crate::{Pair, Side, Turn, deaths, waits};

/// The work of each of the two. If they compete, it returns how often this one and the other did
/// it.
pub(crate) type Work = Box<dyn FnMut(Side, u64) -> Result<Option<[u64; 2]>>>;

/// Prepares one of the two; both prepare the same, in the same order. The number is a row of the
/// group's table.
pub(crate) type Scene = fn(&mut Stage, usize) -> Result<Work>;

/// The scenes, which the other process finds by name.
const SCENES: [(&str, Scene); 8] = [
    ("contended", contended::scene),
    ("frames", frames::scene),
    ("heap", heap::scene),
    ("ring", ring::scene),
    ("round-trip", round_trip::scene),
    ("signals", signals::scene),
    ("stream", stream::scene),
    ("topic", topic::scene),
];

/// The kind of the other one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Other {
    Process,
    Thread,
}

/// The cores that the two use.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cores {
    Two,
    One,
}

/// Longer than any turn that does not hang.
const PATIENCE: Duration = Duration::from_secs(20);

/// Replaces a side: there are no more turns.
const END: u64 = 2;

/// Plays the second process, if this one was started as that; otherwise prepares to be the first.
///
/// # Errors
///
/// If the signals cannot be blocked.
pub fn play() -> Result<()> {
    ipc_testkit::play(&[("partner", partner), deaths::VICTIM, waits::CONTENDER]);
    signals::block()
}

/// Passes on the pair of a scene, unless it needs two cores and there is only one.
pub(crate) fn visit(
    visit: &mut dyn FnMut(Pair) -> Result<()>,
    name: &str,
    (scene, variant): (&'static str, usize),
    (other, cores): (Other, Cores),
    target: Option<f64>,
) -> Result<()> {
    let Some((first, second)) = cores::two() else { return Ok(()) };
    let second = match cores {
        Cores::Two if first == second => return Ok(()),
        Cores::Two => second,
        Cores::One => first,
    };
    let mut partners = Partners::start((scene, variant), other, [first, second])?;
    visit(
        Pair::timed(name, move |side, times| partners.run(side, times)).target(target).stretch(10),
    )
}

/// The stage on which the two prepare, in shared memory.
pub(crate) struct Stage {
    pub(crate) name: String,
    /// If `true`, this one has the clock, and creates what the other opens.
    pub(crate) leads: bool,
    cut: Cut,
}

/// Divides the shared bytes, in the first and in the second process.
enum Cut {
    New(Carver<Fresh<SharedMemory>>),
    Found(Carver<SharedMemory>),
}

pub(crate) type Object<T> = Placed<T, Part<SharedMemory>>;

impl Stage {
    pub(crate) fn new(name: &str, leads: bool) -> Result<Self> {
        let cut = if leads {
            Cut::New(Carver::new(SharedMemory::create(name, 16_384)?)?)
        } else {
            // SAFETY: created by the line above in the process that started this one, and divided
            // by the same scene.
            Cut::Found(unsafe { Carver::attach(SharedMemory::open(name)?) })
        };
        Ok(Self { name: name.to_owned(), leads, cut })
    }

    /// Creates an object on cache lines of its own, or opens the one that the other created.
    pub(crate) fn object<T: Resident>(
        &mut self,
        make: impl FnOnce(Fresh<Part<SharedMemory>>) -> Result<Object<T>>,
    ) -> Result<Object<T>> {
        let size = size_of::<T>().next_multiple_of(128);
        match &mut self.cut {
            Cut::New(carver) => make(carver.carve(size, 128)?),
            Cut::Found(carver) => {
                let part = carver.carve(size, 128)?;
                // SAFETY: the first process has created it there, as the scene is the same, and its
                // handle outlives this one.
                unsafe { Placed::open_in(part) }
            }
        }
    }

    pub(crate) fn number(&mut self) -> Result<Object<AtomicU64>> {
        self.object(Placed::create_in)
    }

    pub(crate) fn semaphore(&mut self, value: u32) -> Result<Object<Semaphore>> {
        self.object(|part| Semaphore::create_in(part, value))
    }

    /// Returns the first for the leader, the second for the other.
    pub(crate) fn mine_and_theirs<T>(&self, [first, second]: [T; 2]) -> [T; 2] {
        if self.leads { [first, second] } else { [second, first] }
    }
}

/// The orders of the first one and the replies of the second.
struct Orders {
    side: Object<AtomicU64>,
    times: Object<AtomicU64>,
    begin: Object<Semaphore>,
    begun: Object<Semaphore>,
    done: Object<Semaphore>,
}

impl Orders {
    fn new(stage: &mut Stage) -> Result<Self> {
        let (side, times) = (stage.number()?, stage.number()?);
        Ok(Self {
            side,
            times,
            begin: stage.semaphore(0)?,
            begun: stage.semaphore(0)?,
            done: stage.semaphore(0)?,
        })
    }

    fn give(&self, side: u64, times: u64) -> Result<()> {
        self.side.store(side, Ordering::Relaxed);
        self.times.store(times, Ordering::Relaxed);
        self.begin.post()
    }
}

fn partner(role: &mut Role) {
    let [scene, variant, name, core] = [0, 1, 2, 3].map(|i| role.arg(i).to_owned());
    let number = |text: &str| text.parse().expect("a number");
    let (variant, core) = (number(&variant), number(&core));
    follow(&scene, variant, &name, core, || role.say("ready")).expect("a partner");
}

fn prepare(stage: &mut Stage, scene: &str, variant: usize) -> Result<Work> {
    let found = SCENES.iter().find(|(name, _)| *name == scene);
    let (_, make) = found.ok_or_else(|| Error::invalid("prepare", scene, "no such scene"))?;
    make(stage, variant)
}

fn follow(
    scene: &str,
    variant: usize,
    name: &str,
    core: usize,
    ready: impl FnOnce(),
) -> Result<()> {
    cores::pin(Some(core))?;
    let mut stage = Stage::new(name, false)?;
    let orders = Orders::new(&mut stage)?;
    let mut work = prepare(&mut stage, scene, variant)?;
    ready();
    loop {
        orders.begin.wait()?;
        let side = match orders.side.load(Ordering::Relaxed) {
            END => return Ok(()),
            0 => Side::Ours,
            _ => Side::Reference,
        };
        orders.begun.post()?;
        work(side, orders.times.load(Ordering::Relaxed))?;
        orders.done.post()?;
    }
}

enum Running {
    Process(Child),
    Thread(Option<JoinHandle<Result<()>>>),
}

struct Partners {
    orders: Orders,
    work: Work,
    other: Running,
    _name: Fixture,
    _watchdog: Watchdog,
}

impl Partners {
    fn start(
        (scene, variant): (&'static str, usize),
        other: Other,
        [first, second]: [usize; 2],
    ) -> Result<Self> {
        let name = fixture::name();
        cores::pin(Some(first))?;
        let mut stage = Stage::new(&name, true)?;
        let orders = Orders::new(&mut stage)?;
        let work = prepare(&mut stage, scene, variant)?;
        let other = if other == Other::Process {
            let args = [scene, &variant.to_string(), &name, &second.to_string()];
            let mut child = Child::run("partner", &args);
            child.wait_for("ready");
            Running::Process(child)
        } else {
            let name = name.to_string();
            Running::Thread(Some(thread::spawn(move || {
                follow(scene, variant, &name, second, || ())
            })))
        };
        Ok(Self { orders, work, other, _name: name, _watchdog: Watchdog::after(10 * PATIENCE) })
    }

    fn run(&mut self, side: Side, times: u64) -> Result<Turn> {
        self.orders.give(side as u64, times)?;
        self.expect(&self.orders.begun)?;
        let start = Instant::now();
        let shares = (self.work)(side, times)?;
        let mut turn = Turn { time: start.elapsed(), share: None };
        if let Some([mine, theirs]) = shares {
            #[expect(clippy::cast_precision_loss, reason = "to show")]
            let [mine, theirs, times] = [mine, theirs, times].map(|count| count as f64);
            // They share the work, and do not stop at the same time.
            turn.time = turn.time.mul_f64(times / (mine + theirs));
            turn.share = Some(mine.min(theirs) / (mine + theirs));
        }
        self.expect(&self.orders.done)?;
        Ok(turn)
    }

    fn expect(&self, answer: &Semaphore) -> Result<()> {
        if answer.wait_timeout(PATIENCE)? {
            return Ok(());
        }
        let said = match &self.other {
            Running::Process(child) => child.output(),
            Running::Thread(_) => "a thread".into(),
        };
        Err(Error::mismatch("run", said, "the partner does not answer"))
    }
}

impl Drop for Partners {
    fn drop(&mut self) {
        // A failure has already stopped the benchmark; the handle ends the process.
        let _ = self.orders.give(END, 0);
        if let Running::Thread(thread) = &mut self.other {
            let _ = thread.take().map(JoinHandle::join);
        }
        let _ = cores::pin(None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(scene: (&'static str, usize), side: Side) -> Option<Turn> {
        let (first, second) = cores::two()?;
        let mut partners = Partners::start(scene, Other::Thread, [first, second]).unwrap();
        (first != second).then(|| partners.run(side, 1000).unwrap())
    }

    #[test]
    fn a_partner_answers_each_time_by_either_way() {
        ipc_testkit::watchdog(|| {
            for side in [Side::Ours, Side::Reference] {
                assert!(run(("round-trip", 1), side).is_none_or(|turn| turn.share.is_none()));
            }
        });
    }

    #[test]
    fn a_competitor_has_at_most_half_of_the_smaller_share() {
        ipc_testkit::watchdog(|| {
            let turn = run(("contended", 0), Side::Ours);
            assert!(turn.is_none_or(|turn| turn.share.is_some_and(|share| share <= 0.5)));
        });
    }
}
