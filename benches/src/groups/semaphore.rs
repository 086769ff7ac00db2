//! Semaphores without waiters.

use std::sync::atomic::{AtomicU32, Ordering};

use ipc_core::{Key, Removal, Result};
use ipc_mem::{LocalMemory, Placed};
use ipc_sync::NamedSemaphore;
use ipc_sync::futex::{self, Permits};
use ipc_sync::posix::Semaphore;
use ipc_sync::sysv::{Operation, SemaphoreSet, SetOptions};
use ipc_testkit::fixture;

use crate::sys::{self, failed, from_c};
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "semaphore",
    about: "A post and a wait that succeeds at once, by one thread, beside `sem_post` and\n\
            `sem_wait` on a `sem_t` shared between processes, or beside `semop`. In the rows\n\
            *from a C file*, the same loop in C replaces ours. *Two locked additions* is the\n\
            minimum cost of a post and a wait. The *owned permit* returns when its process is\n\
            killed. `values` reads all counters of a set.",
    ratio: Ratio::Time,
    pairs,
};

const TARGET: f64 = 1.03;

/// The number of counters of a set that is read as a whole.
const COUNTERS: usize = 16;

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    let ours = Semaphore::create_in(LocalMemory::new(64)?, 0)?;
    visit(
        beside_sem_t("in memory", each(move || ours.post().and_then(|()| ours.wait())))?
            .target(TARGET),
    )?;
    let ours = NamedSemaphore::create(&*fixture::name(), 0)?;
    visit(
        beside_sem_t("named", each(move || ours.post().and_then(|()| ours.wait())))?.target(TARGET),
    )?;
    let ours = Placed::<futex::Semaphore, _>::create_in_with(LocalMemory::new(64)?, 0)?;
    let native = each(move || ours.post().map(|()| ours.wait()));
    visit(beside_sem_t("native", native)?.target(0.97))?;
    let ours = Placed::<Permits, _>::create_in_with(LocalMemory::new(1024)?, 8)?;
    let owned = each(move || {
        drop(ours.acquire());
        Ok(())
    });
    visit(beside_sem_t("native, owned permit", owned)?.target(1.15))?;
    let plain = sys::Semaphore::new().map_err(failed)?;
    visit(beside_sem_t("from a C file", move |times| from_c::semaphore(&plain, times))?)?;
    let number = AtomicU32::new(0);
    let add = move || {
        number.fetch_add(1, Ordering::SeqCst);
        number.fetch_sub(1, Ordering::SeqCst);
        Ok(())
    };
    visit(beside_sem_t("two locked additions", each(add))?)?;

    let ours = set()?;
    let operate = move || {
        ours.operate(&[Operation::add(0, 1)]).and_then(|()| ours.operate(&[Operation::take(0, 1)]))
    };
    visit(beside_semop("System V", each(operate))?)?;
    let plain = set()?;
    visit(beside_semop("System V, from a C file", move |times| {
        from_c::semaphore_set(plain.id(), times)
    })?)?;
    visit(beside_operate()?.target(1.05))?;
    visit(beside_getall()?.target(1.3))
}

fn beside_operate() -> Result<Pair> {
    let (ours, plain) = (set()?, set()?);
    let [add, take] = [Operation::add(0, 1), Operation::take(0, 1)];
    let ours = each(move || ours.try_operate(&[add]).and(ours.try_operate(&[take])).map(drop));
    let plain = each(move || plain.operate(&[add]).and(plain.operate(&[take])));
    Ok(pair("System V, `try_operate` beside `operate`", ours, plain))
}

fn beside_getall() -> Result<Pair> {
    let options = SetOptions::new([1; COUNTERS]).removal(Removal::OnDrop);
    let [ours, plain] =
        [options.clone(), options].map(|all| SemaphoreSet::create(Key::PRIVATE, all));
    let (ours, plain) = (ours?, plain?);
    let ours = each(move || ours.values().map(drop));
    let plain = move |times| from_c::all_values(plain.id(), COUNTERS, times);
    Ok(pair("System V, `values` of 16 beside GETALL", ours, plain))
}

fn each(once: impl Fn() -> Result<()> + 'static) -> impl Fn(u64) -> Result<()> + 'static {
    move |times| (0..times).try_for_each(|_| once())
}

fn set() -> Result<SemaphoreSet> {
    SemaphoreSet::create(Key::PRIVATE, SetOptions::new([0]).removal(Removal::OnDrop))
}

fn beside_sem_t(what: &str, ours: impl Fn(u64) -> Result<()> + 'static) -> Result<Pair> {
    let plain = sys::Semaphore::new().map_err(failed)?;
    let plain = each(move || plain.post().and_then(|()| plain.wait()).map_err(failed));
    Ok(pair(what, ours, plain))
}

fn beside_semop(what: &str, ours: impl Fn(u64) -> Result<()> + 'static) -> Result<Pair> {
    let set = set()?;
    let plain = each(move || {
        let add = |count| sys::add_to_set(set.id(), count).map_err(failed);
        add(1).and_then(|()| add(-1))
    });
    Ok(pair(what, ours, plain))
}

fn pair(
    what: &str,
    ours: impl Fn(u64) -> Result<()> + 'static,
    plain: impl Fn(u64) -> Result<()> + 'static,
) -> Pair {
    Pair::new(what, move |side, times| match side {
        Side::Ours => ours(times),
        Side::Reference => plain(times),
    })
}
