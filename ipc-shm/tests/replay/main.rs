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
fn a_recorded_file_gives_bytes_inside_it_or_a_refusal() {
    replay("memory", memory::run);
}

#[test]
fn a_recorded_shared_value_lies_inside_its_file_or_is_refused() {
    replay("value", value::run);
}
