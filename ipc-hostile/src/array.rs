//! Arbitrary bytes as an array: the work of the fuzz targets. Each function returns whether any way
//! of opening accepted the bytes.

use std::fs;

use ipc_core::Result;
use ipc_mem::{Memory, Plain};
use ipc_shmarray::{AnyArray, ShmArray};

use crate::memory::{self, MOST};

#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Reading {
    time: f64,
    channel: [u16; 3],
    gain: u16,
}

/// Each way of opening the bytes, with unreadable memory after them, gives an array inside them or
/// an error.
pub fn run(bytes: &[u8]) -> bool {
    if bytes.len() > MOST {
        return false;
    }
    let mut found = look(ShmArray::<f32, _>::open_in(memory::memory(bytes)).as_ref());
    found |= look(ShmArray::<[u8; 3], _>::open_in(memory::memory(bytes)).as_ref());
    found |= look(ShmArray::<Reading, _>::open_in(memory::memory(bytes)).as_ref());
    found |= look(ShmArray::<u8, _>::open_in(memory::memory(bytes)).as_ref());
    found | look_at_any(AnyArray::open_in(memory::memory(bytes)))
}

/// The same through a file, where the header is read with `pread` and a trailer may give the size.
pub fn run_file(name: &str, bytes: &[u8]) -> bool {
    let path = format!("/dev/shm{name}");
    // A file whose trailer says so is removed by its last detach.
    fs::write(&path, bytes).unwrap();
    let mut found = look(ShmArray::<f32>::open_read_only(name).as_ref());
    found |= look(ShmArray::<Reading>::open_read_only(name).as_ref());
    found |= look_at_any(AnyArray::open(name));
    let _ = fs::remove_file(path);
    found
}

/// Arbitrary bytes as a NumPy file: an error, or an array that can be written as one and read back
/// from it.
pub fn run_npy(name: &str, npy: &[u8]) -> bool {
    read_npy::<u8>(name, npy) | read_npy::<f64>(name, npy)
}

fn read_npy<T: Plain>(name: &str, npy: &[u8]) -> bool {
    match ShmArray::<T>::create_from_npy(name, npy) {
        Ok(array) => {
            look(Ok(&array));
            let (mut written, elements, shape) = (Vec::new(), bits(&array), *array.shape());
            array.write_npy(&mut written).unwrap();
            drop(array);
            let again = ShmArray::<T>::create_from_npy(name, &*written).unwrap();
            assert!(bits(&again) == elements && *again.shape() == shape);
            true
        }
        Err(err) => {
            // Or its header claims more elements than are possible.
            assert!(err.is_no_space() || err.is_invalid_argument() || err.is_mismatch(), "{err}");
            false
        }
    }
}

/// The bytes of all elements: a NaN is not equal to itself.
fn bits<T: Plain>(array: &ShmArray<T>) -> Vec<u8> {
    AnyArray::open(array.memory().name()).unwrap().to_bytes()
}

/// An array lies inside its memory and can be read to its end; otherwise there is only an error.
/// Returns whether it is an array.
pub fn look<T: Plain, M: Memory>(opened: Result<&ShmArray<T, M>, &ipc_core::Error>) -> bool {
    match opened {
        Ok(array) => {
            let (base, from) = (array.memory().base().addr().get(), array.as_ptr().addr());
            assert!(
                base <= from && from + array.len() * size_of::<T>() <= base + array.memory().size()
            );
            assert_eq!(array.shape().checked_len(), Some(array.len()));
            assert_eq!(array.to_vec().len(), array.len());
        }
        Err(err) => refused(err),
    }
    opened.is_ok()
}

/// The same for an array of any type.
pub fn look_at_any(opened: Result<AnyArray<impl Memory>>) -> bool {
    match &opened {
        Ok(array) => {
            assert_eq!(array.shape().checked_len(), Some(array.len()));
            assert_eq!(array.to_bytes().len(), array.len() * array.element_size());
            assert!(array.element_size() > 0);
        }
        Err(err) => refused(err),
    }
    opened.is_ok()
}

fn refused(err: &ipc_core::Error) {
    assert!(err.is_mismatch(), "{err}");
    assert!(err.to_string().len() < 10_000, "an error as long as the author of the header likes");
}
