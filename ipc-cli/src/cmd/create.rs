//! `ipc create`: objects that stay until they are removed.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use ipc::array::{ArrayOptions, Shape, ShmArray};
use ipc::core::{Key, Name, Removal};
use ipc::mem::Plain;
use ipc::queue::{MessageQueue, QueueOptions, SysvQueue, SysvQueueOptions};
use ipc::shm::{MemoryOptions, SharedMemory, SysvMemory};
use ipc::sync::NamedSemaphore;
use ipc::sync::posix::SemaphoreOptions;
use ipc::sync::sysv::{SemaphoreSet, SetOptions};
use nix::sys::stat::Mode;

use crate::failure::{Failure, os, reason};
use crate::output;
use crate::selector::{Called, Selector, new_name};

pub(super) const AFTER: &str = "\
Examples:
  ipc create sem /ready 3                 a semaphore with the value 3
  ipc create mq /jobs --capacity 8        a message queue
  ipc create array /frames f32 640x480    an array, also for Julia, C and NumPy
  ipc create set 1 0 --key 0x52e2c1       a System V set of two semaphores";

/// The options of `ipc create`.
#[derive(Args, Debug)]
pub(crate) struct Create {
    #[command(subcommand)]
    what: What,

    /// The mode of the object: three octal digits, such as 640
    #[arg(long, global = true, default_value = "600", value_parser = super::mode)]
    mode: u32,
}

/// The object to create.
#[derive(Debug, Subcommand)]
enum What {
    /// Shared memory filled with zeros
    Shm {
        /// The name, such as /frames
        name: String,
        /// The size in bytes, such as 4096, 64K or 1.5G
        #[arg(value_parser = super::bytes)]
        size: usize,
    },
    /// A named semaphore
    Sem {
        /// The name, such as /ready
        name: String,
        /// The initial value
        #[arg(default_value_t = 0, value_parser = super::number::<u32>(0..=2_147_483_647))]
        value: u32,
    },
    /// A POSIX message queue
    Mq {
        /// The name, such as /jobs
        name: String,
        /// The maximum number of messages
        #[arg(long, default_value_t = 10, value_parser = super::number::<usize>(1..=65_536))]
        capacity: usize,
        /// The maximum size of a message in bytes
        #[arg(long, default_value = "8192", value_parser = super::bytes)]
        size: usize,
    },
    /// An array filled with zeros
    Array {
        /// The name, such as /frames
        name: String,
        /// The element type: i8, u8, i16, u16, i32, u32, i64, u64, f32 or f64
        element: String,
        /// The shape, such as 640x480: elements along the first dimension are adjacent in memory
        shape: String,
    },
    /// A System V segment filled with zeros; prints its id
    Segment {
        /// The size in bytes, such as 4096, 64K or 1.5G
        #[arg(value_parser = super::bytes)]
        size: usize,
        /// The key; without a key, other processes open it by its id, and `ipc gc` removes it when
        /// no process uses it
        #[arg(long)]
        key: Option<String>,
    },
    /// A System V semaphore set; prints its id
    Set {
        /// The initial values of the semaphores
        #[arg(required = true, value_parser = super::number::<u16>(0..=32_767))]
        values: Vec<u16>,
        /// The key; without a key, other processes open it by its id
        #[arg(long)]
        key: Option<String>,
    },
    /// A System V message queue; prints its id
    Queue {
        /// The key; without a key, other processes open it by its id
        #[arg(long)]
        key: Option<String>,
    },
    /// A FIFO
    Fifo {
        /// The path of the FIFO
        path: PathBuf,
    },
}

impl Create {
    /// Creates it.
    pub(crate) fn run(self) -> Result<(), Failure> {
        let mode = self.mode;
        let id = match self.what {
            What::Shm { name, size } => {
                let options = MemoryOptions::new(size).removal(Removal::Never).permissions(mode);
                SharedMemory::create(&new_name(&name)?, options).map(|_| None)?
            }
            What::Sem { name, value } => {
                let options = SemaphoreOptions::new(value).permissions(mode);
                NamedSemaphore::create(&new_name(&name)?, options).map(|_| None)?
            }
            What::Mq { name, capacity, size } => {
                let options = QueueOptions::new(capacity, size).permissions(mode);
                MessageQueue::create(&new_name(&name)?, options).map(|_| None)?
            }
            What::Array { name, element, shape } => {
                let options = ArrayOptions::new(self::shape(&shape)?)
                    .removal(Removal::Never)
                    .permissions(mode);
                array(&new_name(&name)?, &element, options).map(|()| None)?
            }
            What::Segment { size, key } => {
                let options = MemoryOptions::new(size).removal(Removal::Never).permissions(mode);
                let segment = SysvMemory::create(self::key(key.as_deref())?, options)?;
                Some(segment.id())
            }
            What::Set { values, key } => {
                let options = SetOptions::new(values).removal(Removal::Never).permissions(mode);
                Some(SemaphoreSet::create(self::key(key.as_deref())?, options)?.id())
            }
            What::Queue { key } => {
                let options = SysvQueueOptions::new().removal(Removal::Never).permissions(mode);
                Some(SysvQueue::create(self::key(key.as_deref())?, options)?.id())
            }
            What::Fifo { path } => {
                nix::unistd::mkfifo(&path, Mode::from_bits_truncate(mode))
                    .map_err(os("mkfifo", path.display()))?;
                None
            }
        };
        id.map_or(Ok(()), |id| output::print(&format!("{id}\n")))
    }
}

/// The key that was asked for, or none.
fn key(text: Option<&str>) -> Result<Key, Failure> {
    let Some(text) = text else { return Ok(Key::PRIVATE) };
    match Selector::new(text)?.called {
        Called::Key(key) | Called::Number(key) => Ok(Key::new(key)),
        _ => Err(Failure::usage(format!("{text:?}"), "a key is a number, such as 0x52e2c1")),
    }
}

/// Dimensions such as `640x480`.
pub(super) fn shape(text: &str) -> Result<Shape, Failure> {
    let wrong = |why: &str| Failure::usage(format!("{text:?}"), why);
    let dims: Result<Vec<usize>, _> =
        text.split(['x', '×', ',']).map(|dim| dim.trim().parse()).collect();
    let dims = dims.map_err(|_| wrong("a shape consists of numbers, such as 640x480"))?;
    if let Some(dimension) = dims.iter().position(|dim| *dim == 0) {
        return Err(wrong(&format!("dimension {dimension} is 0")));
    }
    Shape::new(&dims).map_err(|why| wrong(&reason(&why)))
}

fn array(name: &Name, element: &str, options: ArrayOptions) -> Result<(), Failure> {
    fn create<T: Plain>(name: &Name, options: ArrayOptions) -> ipc::core::Result<()> {
        ShmArray::<T>::create(name, options).map(drop)
    }

    let create = match element {
        "i8" => create::<i8>,
        "u8" => create::<u8>,
        "i16" => create::<i16>,
        "u16" => create::<u16>,
        "i32" => create::<i32>,
        "u32" => create::<u32>,
        "i64" => create::<i64>,
        "u64" => create::<u64>,
        "f32" => create::<f32>,
        "f64" => create::<f64>,
        _ => {
            let known = "i8, u8, i16, u16, i32, u32, i64, u64, f32 or f64";
            return Err(Failure::usage(
                format!("{element:?}"),
                format!("the type of elements is {known}"),
            ));
        }
    };
    Ok(create(name, options)?)
}
