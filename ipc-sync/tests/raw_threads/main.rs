//! The locks between threads that `pthread_create` created, for tools that check every access.
//!
//! `cargo xtask sanitize` runs this under helgrind, DRD and the sanitizers. They understand C's threads, but not
//! everything that the standard library does with its own threads. So this program uses no test harness, which would
//! create such threads. Arguments select tests as in the usual harness. The *seeded bugs* run only if they are named in
//! full: each tool must report them.

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
            option if option.starts_with('-') => {} // an option of the usual harness
            _ => wanted.push(argument),
        }
    }
    let tests = locks::TESTS.iter().filter(|(name, _)| {
        (wanted.is_empty() || wanted.iter().any(|part| name.contains(part)))
            && !unwanted.iter().any(|part| name.contains(part))
    });
    let bugs = seeded::BUGS.iter().filter(|(name, _)| wanted.iter().any(|wanted| wanted == name));
    for (name, test) in tests.chain(bugs) {
        println!("test {name}"); // the last name printed is the test that failed
        sys::end_if_it_hangs();
        test();
    }
}
