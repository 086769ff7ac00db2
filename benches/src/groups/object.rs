//! Creating and opening shared memory.

use ipc_core::{Error, Name, Removal, Result};
use ipc_shm::{MemoryOptions, SharedMemory};
use ipc_shmarray::{ArrayOptions, ShmArray};
use ipc_testkit::fixture;

use crate::sys::{self, Making};
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "object",
    about: "Creating and opening 4 KiB of shared memory, mapped and unmapped, beside C. C\n\
            creates by `shm_open`, `posix_fallocate`, `pwrite` of 64 bytes, `mmap`, `close`,\n\
            `munmap`, `shm_unlink`, with the 64 bytes *behind* the 4 KiB, where ours are, or\n\
            *within* them, which needs one page less; *bare* replaces the second and third call\n\
            by `ftruncate`, which reserves nothing. C opens by `shm_open`, `fstat`, `mmap`,\n\
            `close`, `munmap`. *Volatile* objects are unlinked by their last attached process,\n\
            even if others were killed: C has no such function, and ours may take 20 µs longer to open.\n\
            *Persistent* objects stay: both sides unlink them by `shm_unlink`. *On drop* objects\n\
            are unlinked by their creator's handle, which never removes the name of a successor.",
    ratio: Ratio::Time,
    pairs,
};

const SIZE: usize = 4096;

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    let volatile = |name: &Name| SharedMemory::create(name, SIZE).map(drop);
    visit(make("volatile: create and drop, behind", Making::Behind, volatile)?.target(2.2))?;
    visit(make("persistent: create and drop, behind", Making::Behind, persistent)?.target(1.45))?;
    visit(make("persistent: create and drop, within", Making::Within, persistent)?.target(1.45))?;
    visit(make("persistent: create and drop, bare", Making::Bare, persistent)?)?;
    let on_drop = |name: &Name| SharedMemory::create(name, memory(Removal::OnDrop)).map(drop);
    visit(make("on drop: create and drop, behind", Making::Behind, on_drop)?)?;
    let array = |name: &Name| {
        drop(ShmArray::<u8>::create(name, ArrayOptions::new(SIZE).removal(Removal::Never))?);
        unlink(name)
    };
    visit(make("persistent array: create and drop, behind", Making::Behind, array)?)?;

    let find_memory = |name: &Name| SharedMemory::open(name).map(drop);
    let name = fixture::name();
    let kept = SharedMemory::create(&*name, SIZE)?;
    visit(find("volatile: open and drop", (&*name).try_into()?, find_memory))?;
    drop(kept);
    let kept = SharedMemory::create(&*name, memory(Removal::OnDrop))?;
    visit(find("persistent: open and drop", (&*name).try_into()?, find_memory).target(1.3))?;
    drop(kept);
    let kept = ShmArray::<u8>::create(&*name, ArrayOptions::new(SIZE).removal(Removal::OnDrop))?;
    visit(find("persistent array: open and drop", (&*name).try_into()?, |name| {
        ShmArray::<u8>::open(name).map(drop)
    }))?;
    drop(kept);
    Ok(())
}

fn memory(removal: Removal) -> MemoryOptions {
    MemoryOptions::new(SIZE).removal(removal)
}

fn persistent(name: &Name) -> Result<()> {
    drop(SharedMemory::create(name, memory(Removal::Never))?);
    unlink(name)
}

fn unlink(name: &Name) -> Result<()> {
    sys::unlink(name.as_c_str()).map_err(|errno| Error::os("shm_unlink", name, errno))
}

fn make(what: &str, making: Making, ours: fn(&Name) -> Result<()>) -> Result<Pair> {
    let fixture = fixture::name();
    let name = Name::new(&fixture)?;
    Ok(Pair::new(what, move |side, times| {
        for _ in 0..times {
            match side {
                Side::Ours => ours(&name)?,
                Side::Reference => {
                    let made = sys::make(making, name.as_c_str(), SIZE);
                    made.map_err(|errno| Error::os("make", &*fixture, errno))?;
                }
            }
        }
        Ok(())
    }))
}

fn find(what: &str, name: Name, ours: fn(&Name) -> Result<()>) -> Pair {
    Pair::new(what, move |side, times| {
        for _ in 0..times {
            match side {
                Side::Ours => ours(&name)?,
                Side::Reference => {
                    sys::find(name.as_c_str()).map_err(|errno| Error::os("find", &name, errno))?;
                }
            }
        }
        Ok(())
    })
}
