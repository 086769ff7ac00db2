//! The bindings of a target without checked-in ones, which `build.rs` made of its headers.

include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
