//! The bindings of a target without checked-in ones, which the build script made of its headers.

include!(concat!(env!("OUT_DIR"), "/bindings.rs"));
