//! Arrays in shared memory.
//!
//! | to | use |
//! |---|---|
//! | create an array that other processes open by name | [`ShmArray::create`], with [`ArrayOptions`] |
//! | open it | [`ShmArray::open`], or [`ShmArray::open_or_create`] |
//! | open it read-only | [`ShmArray::open_read_only`] |
//! | open an array of unknown element type and shape | [`AnyArray::open`] |
//! | read element type and shape without opening it | [`ArrayInfo`], [`SnapshotArrayInfo`] |
//! | change an integer atomically | [`ShmArray::atomic`] |
//! | create or open an array in memory that you have, such as a `MappedFile` | [`ShmArray::create_in`], [`ShmArray::open_in`] |
//! | use all elements as a slice, under a lock | [`GuardedArray`] |
//! | read a consistent version while others write | [`SnapshotArray`]; `Snapshot` of `ipc-sync` for a single value |
//! | write and read NumPy files | [`write_npy`](ShmArray::write_npy), [`create_from_npy`](ShmArray::create_from_npy) |
//!
//! # Three ways to access elements
//!
//! 1. Safe copies: [`get`](ShmArray::get) and [`set`](ShmArray::set) for one element,
//!    [`read_into`](ShmArray::read_into) and [`write_from`](ShmArray::write_from) for all,
//!    [`chunks`](ShmArray::chunks) to compute on copies of 4 KiB each. Other processes may write at
//!    the same time. Integers and floating-point numbers of up to 8 bytes are never *torn* (a mix
//!    of two writes). All other elements (structs, arrays, complex numbers) can be torn, even small
//!    ones: they are copied in *granules*, each as large as the alignment of the element type, but
//!    at most 8 bytes. A torn element is a wrong value, but a valid one: these types have no
//!    invalid bit patterns.
//! 2. Slices under a lock: creating a [`GuardedArray`] is `unsafe`, because the caller must ensure
//!    that all code that accesses the elements holds the lock. The methods of `GuardedArray` are
//!    safe.
//! 3. `unsafe` slices and views (feature `ndarray`): the caller must ensure that no thread of any
//!    process writes the elements meanwhile ([`as_slice`](ShmArray::as_slice)), or that no other
//!    code reads or writes them ([`as_mut_slice`](ShmArray::as_mut_slice)).
//!
//! Slices are as fast as those of a `Vec`.
//!
//! # Order
//!
//! Arrays are column-major: the first index varies fastest in memory, as in Julia and Fortran. A
//! picture of 640 columns and 480 rows whose rows are contiguous, as in C and in NumPy's default,
//! is an array of shape `[640, 480]`: its bytes are those of a NumPy array of shape `(480, 640)`. A
//! `.npy` file keeps the shape: an array of shape `[640, 480]` becomes a NumPy array of shape
//! `(640, 480)`, in which each element has the same indices.
//!
//! # Format
//!
//! The format, WA-1, has twelve numbered element types: the integers of 8 to 64 bits, `f32`, `f64`,
//! and complex numbers of these two. For these types, the bytes are those of IPC.jl's
//! `WrappedArray`: Rust and Julia programs can open each other's arrays. The folder `interop` of
//! the repository has support for C and NumPy. If the elements are of another
//! [`Plain`](ipc_mem::Plain) type, a [`Fingerprint`](ipc_mem::Fingerprint) of the type, which
//! describes its layout, follows the dimensions. If the definition in another program differs,
//! opening the array fails, and the error names the field that differs.

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
mod snapshot_array_info;
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
pub use snapshot_array_info::SnapshotArrayInfo;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
