//! The inputs of the fuzz targets of this crate, run once more.

use ipc_testkit::{corpus, fixture};

use crate::replay::{run, run_file, run_npy};

#[test]
fn recorded_bytes_give_an_array_inside_them_or_a_refusal() {
    for (name, bytes) in corpus("array") {
        println!("{name}"); // shown if it fails
        run(&bytes);
    }
}

#[test]
fn a_recorded_file_gives_an_array_inside_it_or_a_refusal() {
    let fixture = fixture::name();
    for (name, bytes) in corpus("array_file") {
        println!("{name}"); // shown if it fails
        run_file(&fixture, &bytes);
    }
}

#[test]
fn recorded_bytes_of_a_numpy_file_give_an_array_or_a_refusal() {
    let fixture = fixture::name();
    for (name, bytes) in corpus("npy") {
        println!("{name}"); // shown if it fails
        run_npy(&fixture, &bytes);
    }
}
