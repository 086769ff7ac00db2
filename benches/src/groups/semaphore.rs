//! Semaphores that nobody waits for.

use ipc_core::{Error, LocalMemory, Result};
use ipc_sync::NamedSemaphore;
use ipc_sync::posix::Semaphore;
use ipc_testkit::fixture;

use crate::{Group, Pair, Ratio, Side, sys};

/// The group.
pub const GROUP: Group = Group {
    name: "semaphore",
    about: "A post and a wait that finds it, by one thread, beside `sem_post` and `sem_wait` on a `sem_t` made for\n\
            several processes.",
    ratio: Ratio::Time,
    pairs,
};

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    let ours = Semaphore::create_in(LocalMemory::new(64)?, 0)?;
    visit(pair("in a memory", move || ours.post().and_then(|()| ours.wait()))?)?;
    let ours = NamedSemaphore::create(&*fixture::name(), 0)?;
    visit(pair("named", move || ours.post().and_then(|()| ours.wait()))?)
}

fn pair(what: &str, ours: impl Fn() -> Result<()> + 'static) -> Result<Pair> {
    let plain = sys::Semaphore::new().map_err(|errno| Error::os("sem_init", "", errno))?;
    Ok(Pair::new(what, move |side, times| {
        for _ in 0..times {
            match side {
                Side::Ours => ours()?,
                Side::Reference => {
                    let done = plain.post().and_then(|()| plain.wait());
                    done.map_err(|errno| Error::os("sem_post", "", errno))?;
                }
            }
        }
        Ok(())
    }))
}
