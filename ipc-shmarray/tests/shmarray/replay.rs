//! Any bytes as an array: what the fuzz targets do. Each function tells whether any door let the bytes in.

use std::fs;
use std::sync::Arc;

use ipc_mem::Plain;
use ipc_shmarray::{AnyArray, ReadOnlyShmArray, ShmArray};

use crate::look::{look, look_at_any};
use crate::memory::Guarded;
use crate::sys::Pages;

const MOST: usize = 65536;

#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Reading {
    time: f64,
    channel: [u16; 3],
    gain: u16,
}

/// Bytes behind which nothing can be read are an array inside them, or refused, at each door.
pub(crate) fn run(bytes: &[u8]) -> bool {
    if bytes.len() > MOST {
        return false;
    }
    let mut found = look(ReadOnlyShmArray::<f32, _>::open_in(memory(bytes)).as_ref());
    found |= look(ReadOnlyShmArray::<[u8; 3], _>::open_in(memory(bytes)).as_ref());
    found |= look(ReadOnlyShmArray::<Reading, _>::open_in(memory(bytes)).as_ref());
    found |= look(ShmArray::<u8, _>::open_in(memory(bytes)).as_deref());
    found | look_at_any(AnyArray::open_in(memory(bytes)))
}

/// The bytes in the same pages as this thread's before, whose user has gone.
pub(crate) fn memory(bytes: &[u8]) -> Guarded {
    thread_local! {
        static PAGES: Arc<Pages> = Arc::new(Pages::new(MOST));
    }

    PAGES.with(|pages| Guarded::new(pages, bytes))
}

/// The same through a file, where the header is read with `pread` and a trailer may give the size.
pub(crate) fn run_file(name: &str, bytes: &[u8]) -> bool {
    let path = format!("/dev/shm{name}");
    // Whose trailer says so is gone with its last user.
    fs::write(&path, bytes).unwrap();
    let mut found = look(ReadOnlyShmArray::<f32>::open(name).as_ref());
    found |= look(ReadOnlyShmArray::<Reading>::open(name).as_ref());
    found |= look_at_any(AnyArray::open(name));
    let _ = fs::remove_file(path);
    found
}

/// Any bytes as a file of NumPy's: an array that can be written as one, and read back from it, or refused.
pub(crate) fn run_npy(name: &str, npy: &[u8]) -> bool {
    read_npy::<u8>(name, npy) | read_npy::<f64>(name, npy)
}

fn read_npy<T: Plain>(name: &str, npy: &[u8]) -> bool {
    match ShmArray::<T>::create_from_npy(name, npy) {
        Ok(array) => {
            look(Ok(&*array));
            let (mut written, elements, shape) = (Vec::new(), bits(&array), *array.shape());
            array.write_npy(&mut written).unwrap();
            drop(array);
            let again = ShmArray::<T>::create_from_npy(name, &*written).unwrap();
            assert!(bits(&again) == elements && *again.shape() == shape);
            true
        }
        Err(err) => {
            // Or it tells of more elements than there can be.
            assert!(err.is_no_space() || err.is_invalid_argument() || err.is_mismatch(), "{err}");
            false
        }
    }
}

/// The bytes of all elements: what is not a number is not equal to itself.
fn bits<T: Plain>(array: &ShmArray<T>) -> Vec<u8> {
    AnyArray::open(array.memory().name()).unwrap().to_bytes()
}
