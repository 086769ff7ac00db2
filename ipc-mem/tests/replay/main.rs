//! The inputs of the fuzz targets of this crate, tried once more.

mod fingerprint;

#[test]
fn recorded_bytes_of_a_fingerprint_give_a_layout_or_a_refusal() {
    for (name, bytes) in ipc_testkit::corpus("fingerprint") {
        println!("{name}"); // shown if it fails
        fingerprint::run(&bytes);
    }
}
