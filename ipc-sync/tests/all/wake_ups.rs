//! Wake-ups that go to who is killed.

use std::{array, iter};

use ipc_mem::{Placed, SharedMemory};
use ipc_sync::posix::{NamedSemaphore, Semaphore};
use ipc_testkit::{Child, Forked, Rng, Role, Watchdog, figures, fixture, rounds};

use crate::common::{new_file, until, waits};

pub(crate) const ROLES: &[(&str, ipc_testkit::Part)] = &[("killer of the woken", killer)];

/// At how many gates at once: who was not told of a permit sleeps for up to a second.
const GATES: usize = 100;

type Gates<T> = Placed<[T; GATES], SharedMemory>;

struct Killer<'a> {
    wait: &'a dyn Fn(usize),
    post: &'a dyn Fn(usize),
    value: &'a dyn Fn(usize) -> u32,
    /// How many permits of each gate were taken by who lived to tell.
    taken: Gates<Semaphore>,
}

fn killer(role: &mut Role) {
    let taken = Placed::create_in(new_file(&format!("{}-taken", role.arg(0)))).unwrap();
    if role.arg(2) == "named" {
        let create = |_| {
            let gate = NamedSemaphore::create(role.arg(0), 0).unwrap();
            NamedSemaphore::unlink(role.arg(0)).unwrap(); // who has it keeps it
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
    /// One more who waits at a gate, behind those who do.
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

    /// Of two who wait, the first is killed as soon as there is a permit: woken, or with it.
    fn run(&self, role: &mut Role) {
        let (mut rng, mut lost, mut gone) = (Rng::new(), 0, 0);
        let mut first: [_; GATES] = array::from_fn(|gate| self.waiter(gate));
        for _ in 0..role.arg(1).parse().unwrap() {
            let _watchdog = Watchdog::new(); // stuck is who sleeps beside a permit for ever
            let second: [_; GATES] = array::from_fn(|gate| self.waiter(gate));
            let untold: [_; GATES] = array::from_fn(|gate| {
                (self.post)(gate);
                (0..rng.below(2) * rng.below(10_000)).for_each(|_| std::hint::spin_loop());
                first[gate].kill();
                // Nobody is told of it any more.
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
