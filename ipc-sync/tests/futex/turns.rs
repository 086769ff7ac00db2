//! Processes that take turns, and sleep between them until they are woken. In debug builds they do
//! not check by themselves after a while, so a lost wake-up would stop them for good.

use ipc_sync::futex::{Barrier, Condvar, Event, Mutex, Permits, Reset, RwLock, Semaphore};
use ipc_testkit::{Child, ChildOptions, Forked, Part, Role, fixture, rounds};

use crate::common::Memory;
use crate::mutex::done;

pub(crate) const ROLES: &[(&str, Part)] = &[("turn takers", turn_takers)];

/// The number of processes: more than a small machine has processors.
const PARTIES: usize = 4;

fn turn_takers(role: &mut Role) {
    let each = role.arg(1).parse::<u64>().unwrap();
    let mut memory = Memory::create(role.arg(0));
    let gates = [(); PARTIES].map(|()| memory.put::<Semaphore>(0u32));
    let bells = [(); PARTIES].map(|()| memory.put::<Event>(Reset::Auto));
    let (turn, change) = (memory.put::<Mutex<u64>>(0u64), memory.put::<Condvar>(()));
    let (count, value) = (memory.put::<Mutex<u64>>(0u64), memory.put::<RwLock<u64>>(0u64));
    let permits = memory.put::<Permits>(2u32);
    let line = memory.put::<Barrier<PARTIES>>(u32::try_from(PARTIES).unwrap());
    for start in [0, PARTIES / 2] {
        gates[start].post().unwrap();
    }
    bells[0].set();
    let next = |me| (me + 1) % PARTIES;
    let kinds: [(&str, &dyn Fn(usize)); 7] = [
        ("semaphores", &|me| {
            gates[me].wait();
            gates[next(me)].post().unwrap();
        }),
        ("events", &|me| {
            bells[me].wait();
            bells[next(me)].set();
        }),
        ("a condition variable", &|me| {
            let is_other = |turn: &mut u64| *turn != me as u64;
            let mut turn = change.wait_while(turn.lock().unwrap(), is_other).unwrap();
            *turn = next(me) as u64;
            drop(turn);
            change.notify_all().unwrap();
        }),
        ("a mutex", &|_| *count.lock().unwrap() += 1),
        ("a read/write lock", &|me| {
            if me.is_multiple_of(2) {
                *value.write().unwrap() += 1;
            } else {
                assert!(*value.read().unwrap() <= 2 * each);
            }
        }),
        ("permits", &|_| drop(permits.acquire())),
        ("a barrier", &|_| ()),
    ];
    for (kind, take) in kinds {
        let parties = [0, 1, 2, 3].map(|me| {
            Forked::run(|| {
                let mut place = line.join().unwrap();
                for number in 0..each {
                    take(me);
                    if kind == "a barrier" {
                        place.wait().unwrap();
                    }
                    if number.is_multiple_of(1 << 6) {
                        role.say(kind);
                    }
                }
            })
        });
        parties.into_iter().for_each(Forked::finish);
    }
    assert_eq!((*count.lock().unwrap(), *value.read().unwrap()), (4 * each, 2 * each));
    role.say(&format!("done: {} turns, no wake-up was lost", 4 * 7 * each));
}

#[test]
fn no_wake_up_is_lost() {
    let takers = ChildOptions::role("turn takers").env("IPC_SWITCHED_OFF", "slices");
    done(Child::run(takers, &[&fixture::name(), &rounds(4_000, 3_600_000).to_string()]));
}
