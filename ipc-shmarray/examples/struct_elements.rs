//! An array of structs that two processes share, and the error in a program that has another
//! definition of the struct:
//!
//! ```sh
//! cargo run -p ipc-shmarray --example struct_elements
//! ```

use std::env;
use std::error::Error;
use std::process::{self, Command};

use ipc_mem::Plain;
use ipc_shmarray::ShmArray;

#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct Particle {
    position: [f32; 3],
    charge: f32,
}

/// The struct in an older version of the program.
#[derive(Clone, Copy, Plain)]
#[repr(C)]
struct OldParticle {
    position: [f32; 3],
    charge: i32,
}

fn main() -> Result<(), Box<dyn Error>> {
    env::args().nth(1).map_or_else(parent, |name| mover(&name))
}

fn parent() -> Result<(), Box<dyn Error>> {
    let name = format!("/particles-{}", process::id());
    // The name is unlinked at the last detach.
    let particles = ShmArray::<Particle>::create(&name, 1000)?;
    particles.fill(Particle { position: [1.0, 2.0, 3.0], charge: -1.0 });

    if !Command::new(env::current_exe()?).arg(&name).status()?.success() {
        return Err("the mover failed".into());
    }
    let moved = particles.get([999])?;
    assert_eq!((moved.position, moved.charge), ([1.5, 2.0, 3.0], -1.0));
    println!("the last one is at {:?}", moved.position);

    let refused = ShmArray::<OldParticle>::open(&name)
        .map(|old| old.get([0]).map(|old| old.charge))
        .unwrap_err();
    println!("{refused}");
    Ok(())
}

fn mover(name: &str) -> Result<(), Box<dyn Error>> {
    let particles = ShmArray::<Particle>::open(name)?;
    for i in 0..particles.len() {
        let mut particle = particles.get([i])?;
        particle.position[0] += 0.5;
        particles.set([i], particle)?;
    }
    Ok(())
}
