//! Any bytes as an array: what the fuzz targets do, and their inputs tried once more.

use std::fs;
use std::sync::{Arc, LazyLock};

use ipc_core::Plain;
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
pub(crate) fn run(bytes: &[u8]) {
    static PAGES: LazyLock<Arc<Pages>> = LazyLock::new(|| Arc::new(Pages::new(MOST)));

    if bytes.len() <= MOST {
        let memory = || Guarded::new(&PAGES, bytes);
        look(ReadOnlyShmArray::<f32, _>::open_in(memory()).as_ref());
        look(ReadOnlyShmArray::<[u8; 3], _>::open_in(memory()).as_ref());
        look(ReadOnlyShmArray::<Reading, _>::open_in(memory()).as_ref());
        look(ShmArray::<u8, _>::open_in(memory()).as_deref());
        look_at_any(AnyArray::open_in(memory()));
    }
}

/// The same through a file, where the header is read with `pread` and a trailer may give the size.
pub(crate) fn run_file(name: &str, bytes: &[u8]) {
    let path = format!("/dev/shm{name}");
    // Whose trailer says so is gone with its last user.
    fs::write(&path, bytes).unwrap();
    look(ReadOnlyShmArray::<f32>::open(name).as_ref());
    look(ReadOnlyShmArray::<Reading>::open(name).as_ref());
    look_at_any(AnyArray::open(name));
    let _ = fs::remove_file(path);
}

/// Any bytes as a file of NumPy's: an array that can be written as one, and read back from it, or refused.
pub(crate) fn run_npy(name: &str, npy: &[u8]) {
    read_npy::<u8>(name, npy);
    read_npy::<f64>(name, npy);
}

fn read_npy<T: Plain>(name: &str, npy: &[u8]) {
    match ShmArray::<T>::create_from_npy(name, npy) {
        Ok(array) => {
            look(Ok(&*array));
            let (mut written, elements, shape) = (Vec::new(), bits(&array), *array.shape());
            array.write_npy(&mut written).unwrap();
            drop(array);
            let again = ShmArray::<T>::create_from_npy(name, &*written).unwrap();
            assert!(bits(&again) == elements && *again.shape() == shape);
        }
        // Or it tells of more elements than there can be.
        Err(err) => assert!(err.is_no_space() || err.is_invalid_argument() || err.is_mismatch(), "{err}"),
    }
}

/// The bytes of all elements: what is not a number is not equal to itself.
fn bits<T: Plain>(array: &ShmArray<T>) -> Vec<u8> {
    AnyArray::open(array.memory().name()).unwrap().to_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_kept_as_an_array_give_one_inside_them_or_a_refusal() {
        for (name, bytes) in ipc_testkit::corpus("array") {
            println!("{name}"); // shown if it fails
            run(&bytes);
        }
    }

    #[test]
    fn a_file_that_is_kept_as_an_array_gives_one_inside_it_or_a_refusal() {
        let fixture = ipc_testkit::fixture::name();
        for (name, bytes) in ipc_testkit::corpus("array_file") {
            println!("{name}"); // shown if it fails
            run_file(&fixture, &bytes);
        }
    }

    #[test]
    fn bytes_that_are_kept_as_a_file_of_numpy_give_an_array_or_a_refusal() {
        let fixture = ipc_testkit::fixture::name();
        for (name, bytes) in ipc_testkit::corpus("npy") {
            println!("{name}"); // shown if it fails
            run_npy(&fixture, &bytes);
        }
    }
}
