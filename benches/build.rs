//! Compiles the part that is measured from C itself.

fn main() {
    println!("cargo::rerun-if-changed=c/calls.c");
    cc::Build::new()
        .file("c/calls.c")
        .std("gnu11")
        .opt_level(2)
        .warnings_into_errors(true)
        .compile("calls");
}
