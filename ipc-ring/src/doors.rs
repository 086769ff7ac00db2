//! How each handle of a ring or queue is created and opened.

use ipc_core::{Error, Name, Result};
use ipc_mem::{Fresh, Memory, Object, OpenOptions, ReadWrite, SharedMemory};

use crate::parts::{Contents, Parts};

/// An end of a ring or queue, or the only handle of one.
pub(crate) trait Handle<M: Memory = SharedMemory>: Sized {
    type Contents: Contents;

    /// Opens the handle of a ring or queue that is open.
    fn attach(object: Object<Parts<Self::Contents>, M>) -> Result<Self>;
}

/// The options of a handle's ring or queue.
type Options<H, M = SharedMemory> = <<H as Handle<M>>::Contents as Contents>::Options;

/// Creates a ring or queue under a new name.
pub(crate) fn create<H: Handle>(
    name: impl TryInto<Name, Error: Into<Error>>,
    options: impl Into<Options<H>>,
) -> Result<H> {
    let options = options.into();
    H::attach(Object::create(name, options, H::Contents::memory(options), |_| Ok(()))?)
}

/// Opens a ring or queue by name.
pub(crate) fn open<H: Handle>(
    name: impl TryInto<Name, Error: Into<Error>>,
    options: OpenOptions,
) -> Result<H> {
    H::attach(Object::open(name, options)?)
}

/// Opens a ring or queue by name, or creates it; one with other numbers is refused.
pub(crate) fn open_or_create<H: Handle>(
    name: impl TryInto<Name, Error: Into<Error>>,
    options: impl Into<Options<H>>,
) -> Result<H> {
    let options = options.into();
    let memory = H::Contents::memory(options);
    let object: Object<Parts<H::Contents>> =
        Object::open_or_create(name, options, memory, |_| Ok(()))?;
    object.expect_numbers(options).map_err(|refusal| refusal.on(object.memory().label()))?;
    H::attach(object)
}

/// Creates a ring or queue in a fresh memory object.
pub(crate) fn create_in<M: Memory<Access = ReadWrite>, H: Handle<M>>(
    memory: Fresh<M>,
    options: impl Into<Options<H, M>>,
) -> Result<H> {
    H::attach(Object::create_in(memory, options.into(), |_| Ok(()))?)
}

/// Opens the ring or queue in a memory object.
pub(crate) fn open_in<M: Memory<Access = ReadWrite>, H: Handle<M>>(memory: M) -> Result<H> {
    H::attach(Object::open_in(memory)?)
}
