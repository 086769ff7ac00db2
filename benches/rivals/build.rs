//! Compiles the Boost.Interprocess part, if the compiler finds its headers.

fn main() {
    println!("cargo::rerun-if-changed=c/boost.cpp");
    println!("cargo::rustc-check-cfg=cfg(boost)");
    let mut build = cc::Build::new();
    build.cpp(true).file("c/boost.cpp").std("c++17").opt_level(2).cargo_warnings(false);
    match build.try_compile("boost_calls") {
        Ok(()) => println!("cargo::rustc-cfg=boost"),
        Err(_) => println!("cargo::warning=without Boost.Interprocess: its headers are in libboost-dev"),
    }
}
