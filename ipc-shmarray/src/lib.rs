//! Arrays in shared memory.
//!
//! | to | use |
//! |---|---|
//! | create an array that other processes open by name | [`ShmArray::create`], with [`ArrayOptions`] |
//! | open it | [`ShmArray::open`], or [`ShmArray::open_or_create`] |
//! | open it read-only | [`ShmArray::open_read_only`] |
//! | open an array of unknown element type and shape | [`AnyArray::open`] |
//! | change an integer atomically | [`ShmArray::atomic`] |
//! | create an array in another memory object | [`ShmArray::create_in`], [`ShmArray::open_in`] |
//! | share all elements under a lock | [`GuardedArray`] |
//! | read a consistent version while others write | [`SnapshotArray`]; `Snapshot` of `ipc-sync` for a single value |
//! | write and read NumPy files | [`write_npy`](ShmArray::write_npy), [`create_from_npy`](ShmArray::create_from_npy) |
//!
//! # Three ways to access elements
//!
//! 1. Safe copies: [`get`](ShmArray::get) and [`set`](ShmArray::set) for one element,
//!    [`read_into`](ShmArray::read_into) and [`write_from`](ShmArray::write_from) for all,
//!    [`chunks`](ShmArray::chunks) to compute on copies of a page each. Other processes may write
//!    at the same time: an element of up to 8 bytes that is as large as its alignment is never
//!    torn, and any bytes are a valid value.
//! 2. Slices under a lock: creating a [`GuardedArray`] is `unsafe`, because the caller must ensure
//!    that every access to the elements holds the lock. Its methods are safe.
//! 3. `unsafe` slices, [`as_slice`](ShmArray::as_slice), and views (feature `ndarray`): the caller
//!    must ensure that no thread of any process writes meanwhile.
//!
//! Slices are as fast as those of a `Vec`.
//!
//! # Order
//!
//! Arrays are column-major: the first index varies fastest in memory, as in Julia and Fortran. A
//! picture of 640 columns and 480 rows whose rows are contiguous, as in C and in NumPy's default,
//! is an array of shape `[640, 480]`.
//!
//! # Format
//!
//! The bytes are those of IPC.jl's `WrappedArray` (format WA-1) for its twelve element types: each
//! side opens what the other created. The folder `interop` of the repository has support for C and
//! NumPy. Elements of other [`Plain`](ipc_mem::Plain) types carry a description of their layout
//! behind the header. A program whose definition differs gets an error that names the field where
//! they differ.

mod any_array;
mod array_guard;
mod array_options;
mod copies;
mod elements;
mod guarded_array;
mod integer;
mod npy;
mod npy_header;
mod page;
mod read;
mod reinterpret;
mod shm_array;
mod snapshot_array;
mod write;

pub use any_array::{AnyArray, ArrayInfo};
pub use array_guard::{ArrayGuard, ArrayReadGuard};
pub use array_options::ArrayOptions;
pub use guarded_array::{GuardOf, GuardedArray, GuardedResult};
pub use integer::Integer;
#[doc(hidden)]
pub use ipc_mem as mem; // where the derives find it
pub use ipc_mem::Shape;
pub use reinterpret::ReinterpretError;
pub use shm_array::ShmArray;
pub use snapshot_array::SnapshotArray;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
