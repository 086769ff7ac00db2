//! Arrays in shared memory.
//!
//! | to | there is |
//! |---|---|
//! | make an array that others find by name | [`ShmArray::create`], with [`ArrayOptions`] |
//! | find it | [`ShmArray::open`], or [`ShmArray::open_or_create`] |
//! | look without being able to write | [`ReadOnlyShmArray`], by [`ShmArray::open_read_only`] |
//! | find out what it is first | [`AnyArray::open`] |
//! | count with an element in one step | [`ShmArray::atomic`] |
//! | have one in other memory | [`ShmArray::create_in`], [`ShmArray::open_in`] |
//! | let one at a time use all of it | [`GuardedArray`] |
//! | read it whole while others write | [`SnapshotArray`]; [`Snapshot`] for a value |
//! | write and read files of NumPy's | [`write_npy`](ReadOnlyShmArray::write_npy), [`create_from_npy`](ShmArray::create_from_npy) |
//!
//! # Three doors to the elements
//!
//! 1. Safe copies: [`get`](ReadOnlyShmArray::get) and [`set`](ShmArray::set) for one,
//!    [`read_into`](ReadOnlyShmArray::read_into) and [`write_from`](ShmArray::write_from) for all,
//!    [`chunks`](ReadOnlyShmArray::chunks) to compute on copies of a page each. Other processes may write at the same
//!    time: an element of up to 8 bytes that is as large as its alignment is never torn, and whatever is read is a value.
//! 2. Slices under a lock: a [`GuardedArray`] is made in `unsafe`, where the caller vouches that all users take that
//!    lock, and is safe from then on.
//! 3. `unsafe` slices, [`as_slice`](ReadOnlyShmArray::as_slice), and with the feature `ndarray` views, where the
//!    caller vouches that nobody writes meanwhile.
//!
//! Slices are as fast as those of a `Vec`.
//!
//! # Order
//!
//! Arrays are column-major: the first index is the one whose neighbours are neighbours in memory,
//! as in Julia and Fortran. A picture of 640 columns and 480 rows whose rows are runs of memory, as in C
//! and in NumPy's default, is an array of shape `[640, 480]`.
//!
//! # Format
//!
//! The bytes are those of IPC.jl's `WrappedArray` (format WA-1) for its twelve element types: either side opens what
//! the other made. For C and NumPy there is the folder `interop` of the repository. Elements of other
//! [`Plain`](ipc_mem::Plain) types carry a description of their layout behind the header, so that a program with another
//! idea of it is told, field by field, where they differ.

mod any_array;
mod array_guard;
mod array_header;
mod array_options;
mod guarded_array;
mod integer;
mod npy;
mod npy_header;
mod page;
mod read_only_shm_array;
mod reinterpret;
mod shape;
mod shm_array;
mod snapshot;
mod snapshot_array;
mod snapshot_latch;

pub use any_array::AnyArray;
pub use array_guard::{ArrayGuard, ArrayReadGuard};
pub use array_options::ArrayOptions;
pub use guarded_array::{GuardedArray, GuardedResult};
pub use integer::Integer;
#[doc(hidden)]
pub use ipc_mem as mem; // where the derives find it
pub use read_only_shm_array::ReadOnlyShmArray;
pub use reinterpret::ReinterpretError;
pub use shape::Shape;
pub use shm_array::ShmArray;
pub use snapshot::Snapshot;
pub use snapshot_array::SnapshotArray;
pub use snapshot_latch::SnapshotLatch;
