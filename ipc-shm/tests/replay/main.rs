//! The inputs of the fuzz targets of this crate, run once more.

mod memory;
mod value;

use ipc_testkit::fixture;

fn replay(target: &str, run: fn(&str, &[u8]) -> bool) {
    let fixture = fixture::name();
    for (name, bytes) in ipc_testkit::corpus(target) {
        println!("{name}"); // shown if it fails
        run(&fixture, &bytes);
    }
}

#[test]
fn a_file_that_is_kept_as_a_memory_gives_bytes_of_its_own_or_a_refusal() {
    replay("memory", memory::run);
}

#[test]
fn a_file_that_is_kept_as_a_shared_value_gives_one_inside_it_or_a_refusal() {
    replay("value", value::run);
}
