//! Wake-ups that the kernel delivers to a process that is killed.

use std::{array, iter};

use ipc_mem::{Placed, SharedMemory};
use ipc_sync::posix::{NamedSemaphore, Semaphore};
use ipc_testkit::{Child, Forked, Rng, Role, Watchdog, figures, fixture, rounds};

use crate::common::{new_file, until, waits};

pub(crate) const ROLES: &[(&str, ipc_testkit::Part)] = &[("killer of the woken", killer)];

/// The number of gates at the same time: a waiter whose wake-up was lost sleeps for up to a second.
const GATES: usize = 100;

type Gates<T> = Placed<[T; GATES], SharedMemory>;

struct Killer<'a> {
    wait: &'a dyn Fn(usize),
    post: &'a dyn Fn(usize),
    value: &'a dyn Fn(usize) -> u32,
    /// The number of permits of each gate that were acquired by a waiter that lived to count them.
    taken: Gates<Semaphore>,
}

fn killer(role: &mut Role) {
    let taken = Placed::create_in(new_file(&format!("{}-taken", role.arg(0)))).unwrap();
    if role.arg(2) == "named" {
        let create = |_| {
            let gate = NamedSemaphore::create(role.arg(0), 0).unwrap();
            NamedSemaphore::unlink(role.arg(0)).unwrap(); // the handle stays valid
            gate
        };
        let gates: [_; GATES] = array::from_fn(create);
        let (wait, post) =
            (|gate: usize| gates[gate].wait().unwrap(), |gate: usize| gates[gate].post().unwrap());
        Killer { wait: &wait, post: &post, value: &|gate| gates[gate].value().unwrap(), taken }
            .run(role);
    } else {
        let gates: Gates<Semaphore> = Placed::create_in(new_file(role.arg(0))).unwrap();
        let (wait, post) =
            (|gate: usize| gates[gate].wait().unwrap(), |gate: usize| gates[gate].post().unwrap());
        Killer { wait: &wait, post: &post, value: &|gate| gates[gate].value().unwrap(), taken }
            .run(role);
    }
}

impl Killer<'_> {
    /// Starts another waiter at a gate, behind the others.
    fn waiter(&self, gate: usize) -> Forked {
        let waiter = Forked::run(|| {
            loop {
                (self.wait)(gate);
                self.taken[gate].post().unwrap();
            }
        });
        until(|| waits(waiter.pid()));
        waiter
    }

    /// Kills the first of two waiters right after a post: it was woken, or has the permit.
    fn run(&self, role: &mut Role) {
        let (mut rng, mut lost, mut gone) = (Rng::new(), 0, 0);
        let mut first: [_; GATES] = array::from_fn(|gate| self.waiter(gate));
        for _ in 0..role.arg(1).parse().unwrap() {
            let _watchdog = Watchdog::new(); // ends the test if a waiter never gets a permit
            let second: [_; GATES] = array::from_fn(|gate| self.waiter(gate));
            let untold: [_; GATES] = array::from_fn(|gate| {
                (self.post)(gate);
                (0..rng.below(2) * rng.below(10_000)).for_each(|_| std::hint::spin_loop());
                first[gate].kill();
                // If the permit is still there, no wake-up for it is left.
                (self.value)(gate) == 1
            });
            for gate in 0..GATES {
                if untold[gate] {
                    self.taken[gate].wait().unwrap();
                    lost += 1;
                }
                until(|| (self.value)(gate) == 0 && waits(second[gate].pid()));
                gone += u32::from(!untold[gate] && !self.taken[gate].try_wait().unwrap());
                assert_eq!(self.taken[gate].value().unwrap(), 0, "a permit was taken twice");
            }
            first = second;
            role.say("going on");
        }
        role.say(&format!(
            "done: {lost} wake-ups lost and repaired, {gone} permits lost with their killed holders"
        ));
    }
}

#[test]
fn a_permit_that_a_killed_waiter_did_not_take_goes_to_another() {
    let batches = rounds(1, 100);
    let names = [fixture::name(), fixture::name()];
    let kinds = ["unnamed", "named"];
    let killers = kinds.iter().zip(&names);
    let killers = killers.map(|(kind, name)| {
        (kind, Child::run("killer of the woken", &[name, &batches.to_string(), kind]))
    });
    for (kind, mut killer) in killers.collect::<Vec<_>>() {
        let said = iter::repeat_with(|| killer.hear())
            .find_map(|said| Some(said.strip_prefix("done: ")?.to_owned()));
        let said = said.unwrap();
        killer.finish();
        assert!(rounds(0, 1) == 0 || !said.starts_with("0 "), "the test is blind: {said}");
        figures(format_args!("{kind}: {} kills, {said}", batches * GATES as u64));
    }
}
