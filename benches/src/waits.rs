//! How long a process waits for a lock at most, and how evenly processes share it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use ipc_core::Result;
use ipc_sync::futex;
use ipc_sync::pthread::{MutexOptions, RawMutex};
use ipc_testkit::{Child, Part, Role, fixture};

use crate::groups::contended::{steps_of_50_ns, work};
use crate::partners::{Object, Stage};
use crate::sys::cores;

/// A process that wants the lock all the time.
pub(crate) const CONTENDER: (&str, Part) = ("contender", contender);

const MOST: usize = 4;

const TIME: Duration = Duration::from_secs(3);

struct Scene {
    steps: Object<AtomicU64>,
    /// 1 while the contenders run, then 2.
    phase: Object<AtomicU64>,
    turns: Vec<Object<AtomicU64>>,
    longest: Vec<Object<AtomicU64>>,
    native: Object<futex::RawMutex>,
    robust: Object<RawMutex>,
}

impl Scene {
    fn new(name: &str, leads: bool) -> Result<Self> {
        let mut stage = Stage::new(name, leads)?;
        let numbers =
            |stage: &mut Stage| (0..MOST).map(|_| stage.number()).collect::<Result<Vec<_>>>();
        Ok(Self {
            steps: stage.number()?,
            phase: stage.number()?,
            turns: numbers(&mut stage)?,
            longest: numbers(&mut stage)?,
            native: stage.object(|part| futex::RawMutex::create_in(part, ()))?,
            robust: stage.object(|part| RawMutex::create_in(part, MutexOptions::new()))?,
        })
    }

    /// Takes turns until the first process ends it.
    fn contend<G>(&self, number: usize, lock: impl Fn() -> Option<G>) {
        while self.phase.load(Ordering::Acquire) == 0 {
            // With real-time priority, a thread that only spins would keep others from starting.
            std::thread::yield_now();
        }
        let steps = self.steps.load(Ordering::Relaxed);
        let (mut turns, mut longest) = (0, Duration::ZERO);
        while self.phase.load(Ordering::Relaxed) == 1 {
            let before = Instant::now();
            let guard = lock();
            longest = longest.max(before.elapsed());
            work(steps);
            drop(guard);
            turns += 1;
        }
        self.turns[number].store(turns, Ordering::Relaxed);
        let longest = u64::try_from(longest.as_micros()).unwrap_or(u64::MAX);
        self.longest[number].store(longest, Ordering::Relaxed);
    }
}

fn contender(role: &mut Role) {
    let [number, core] = [2, 3].map(|i| role.arg(i).parse().expect("a number"));
    cores::pin(Some(core)).expect("a core");
    let scene = Scene::new(role.arg(0), false).expect("the scene of the first process");
    role.say("ready");
    match role.arg(1) {
        "native mutex" => scene.contend(number, || scene.native.lock().ok()),
        _ => scene.contend(number, || scene.robust.lock().ok()),
    }
}

/// Has two and four processes contend on two cores, and prints what they got.
///
/// # Errors
///
/// Those of shared memory.
pub fn report(is_test: bool) -> Result<()> {
    println!(
        "### Processes that want a lock all the time, with a section of 50 ns, on two cores\n"
    );
    println!("| lock | processes | turns a second | least share of an even one | longest wait |");
    println!("|---|--:|--:|--:|--:|");
    let Some((first, second)) = cores::two() else { return Ok(()) };
    let time = if is_test { Duration::from_millis(10) } else { TIME };
    for processes in [2, MOST] {
        for kind in ["native mutex", "robust mutex of C"] {
            let name = fixture::name();
            let scene = Scene::new(&name, true)?;
            scene.steps.store(steps_of_50_ns(), Ordering::Relaxed);
            let core = |number: usize| if number.is_multiple_of(2) { first } else { second };
            let children = (0..processes).map(|number| {
                let args = [&*name, kind, &number.to_string(), &core(number).to_string()];
                let mut child = Child::run("contender", &args);
                child.wait_for("ready");
                child
            });
            let children: Vec<_> = children.collect();
            scene.phase.store(1, Ordering::Release);
            std::thread::sleep(time);
            scene.phase.store(2, Ordering::Release);
            children.into_iter().for_each(Child::finish);
            let counts = |numbers: &[Object<AtomicU64>]| {
                numbers[..processes].iter().map(|n| n.load(Ordering::Relaxed)).collect::<Vec<_>>()
            };
            let (turns, longest) = (counts(&scene.turns), counts(&scene.longest));
            #[expect(clippy::cast_precision_loss, reason = "to show")]
            let share = |turns: u64, sum: u64| turns as f64 * processes as f64 / sum as f64;
            let sum: u64 = turns.iter().sum();
            let least = share(turns.iter().copied().min().unwrap_or(0), sum);
            let longest = Duration::from_micros(longest.into_iter().max().unwrap_or(0));
            let rate = u128::from(sum) * 1000 / time.as_millis();
            println!("| {kind} | {processes} | {rate} | {least:.2} | {longest:?} |");
        }
    }
    println!();
    Ok(())
}
