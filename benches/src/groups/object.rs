//! Making and finding shared memory.

use ipc_core::{Error, Name, Result};
use ipc_shm::SharedMemory;
use ipc_shmarray::ShmArray;
use ipc_testkit::fixture;

use crate::sys::{self, Making};
use crate::{Group, Pair, Ratio, Side};

/// The group.
pub const GROUP: Group = Group {
    name: "object",
    about: "Making and finding 4 KiB of shared memory, mapped and unmapped, beside C. To make: `shm_open`,\n\
            `posix_fallocate`, `pwrite` of 64 bytes, `mmap`, `close`, `munmap`, `shm_unlink`, with the 64 bytes *behind* the\n\
            4 KiB, where ours has them, or *within*, which takes a page less; *bare* is `ftruncate` in place of the second\n\
            and third, which reserves nothing. To find: `shm_open`, `fstat`, `mmap`, `close`, `munmap`.",
    ratio: Ratio::Time,
    pairs,
};

const SIZE: usize = 4096;

fn pairs(visit: &mut dyn FnMut(Pair) -> Result<()>) -> Result<()> {
    let create_memory = |name: &Name| SharedMemory::create(name, SIZE).map(drop);
    let create_array = |name: &Name| ShmArray::<u8>::create(name, SIZE).map(drop);
    visit(make("create and drop, behind", Making::Behind, create_memory)?.target(1.45))?;
    visit(make("create and drop, within", Making::Within, create_memory)?.target(1.45))?;
    visit(make("create and drop, bare", Making::Bare, create_memory)?)?;
    visit(make("array: create and drop, behind", Making::Behind, create_array)?)?;

    let name = fixture::name();
    let memory = SharedMemory::create(&*name, SIZE)?;
    visit(find("open and drop", (&*name).try_into()?, |name| SharedMemory::open(name).map(drop)).target(1.3))?;
    drop(memory);
    let array = ShmArray::<u8>::create(&*name, SIZE)?;
    visit(find("array: open and drop", (&*name).try_into()?, |name| ShmArray::<u8>::open(name).map(drop)))?;
    drop(array);
    Ok(())
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
