//! The locks between threads that `pthread_create` made, for tools that watch every access.
//!
//! `cargo xtask sanitize` runs this under helgrind, DRD and the sanitizers. They know the threads of C, and not all that
//! the standard library does with its own: so there is no harness, which would make some. Arguments
//! choose tests as in a usual harness. The *seeded bugs* are run by their full names only: a tool that finds
//! nothing wrong with them is blind.

mod locks;
mod seeded;
mod sys;

use std::env;

type Test = (&'static str, fn());

fn main() {
    let (mut wanted, mut unwanted) = (Vec::new(), Vec::new());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--skip" => unwanted.extend(arguments.next()),
            option if option.starts_with('-') => {} // one of the usual harness
            _ => wanted.push(argument),
        }
    }
    let tests = locks::TESTS.iter().filter(|(name, _)| {
        (wanted.is_empty() || wanted.iter().any(|part| name.contains(part)))
            && !unwanted.iter().any(|part| name.contains(part))
    });
    let bugs = seeded::BUGS.iter().filter(|(name, _)| wanted.iter().any(|wanted| wanted == name));
    for (name, test) in tests.chain(bugs) {
        println!("test {name}"); // the last one is who failed
        sys::end_if_it_hangs();
        test();
    }
}
