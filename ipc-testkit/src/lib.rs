//! Child processes, watchdogs, killers and fixtures for the tests of this workspace.
//!
//! What this project promises holds *between* processes, so its tests need processes: some that
//! talk to each other, some that are killed in the middle, stopped, stormed with signals, or run
//! as somebody else. This crate starts them, ends them for certain, and shows what they printed
//! when a test fails. It panics where a library would return an error, for a test wants that.
//!
//! # Roles
//!
//! A child process is the test binary once more, in a *role*. Each file of tests that has children
//! has one test named `roles`, which lists them and does nothing in the parent:
//!
//! ```no_run
//! use ipc_testkit::{Child, Role, fixture};
//!
//! # const _: &str = stringify! {
//! #[test]
//! # };
//! fn roles() {
//!     ipc_testkit::play(&[("poster", poster)]);
//! }
//!
//! fn poster(role: &mut Role) {
//!     let name = role.arg(0).to_owned();
//!     role.say("ready");
//!     role.wait_for("go");
//!     println!("posting {name}"); // shown only if the test fails
//! }
//!
//! # const _: &str = stringify! {
//! #[test]
//! # };
//! fn a_post_in_one_process_ends_the_wait_in_another() {
//!     let name = fixture::name();
//!     let mut child = Child::run("poster", &[&name]);
//!     child.wait_for("ready");
//!     child.tell("go");
//!     child.finish(); // panics, with what it printed, unless it ended well
//! } // the fixture removes what has that name
//! # fn main() {}
//! ```
//!
//! [`ChildOptions`] start a role with more: under another user id, with a small `/dev/shm` of its
//! own, dying at a crash point, or from a table in another module. [`c_program`] compiles a C
//! source and [`Child::run`] runs it with the same line protocol on its standard input and output.
//!
//! # What else is here
//!
//! | need | tool |
//! |---|---|
//! | a test that may hang | [`watchdog()`]: backtraces of everybody, then abort |
//! | names of shared objects that go when the test ends, also by a panic | [`fixture::name`], [`fixture::dir`] |
//! | nothing left behind | [`LeakCheck`] |
//! | chance that can be repeated | [`Rng`] |
//! | headers that were damaged or made to deceive | [`Rng::damage`] |
//! | what a fuzzer found worth keeping | [`corpus()`] |
//! | few rounds in every run, many before a release, and what they came to | [`rounds`], [`figures`] |
//! | many children that are stopped and killed, each a copy of this process | [`Forked`] |
//! | that no call with a time-out comes back early | [`Timed`] |
//! | death at a random moment, or at every single step | [`kill_at_random`], [`crash_points`] |
//! | signals all the time | [`Storm`] |
//! | the end of a process that a test forks | [`reap`] |
//! | things only root can do | [`Root::or_skip`] |
//! | Python at the other end | [`python()`] |
//!
//! # Variables of the environment
//!
//! | variable | meaning |
//! |---|---|
//! | `IPC_TEST_SECONDS` | how long a [`watchdog()`] waits, 60 if not set; a wait for a line or an end takes half of it |
//! | `IPC_TEST_SEED` | the seed of every [`Rng::new`], to replay a failure |
//! | `IPC_TEST_FULL` | if set, tests do all of their [`rounds`] |
//! | `IPC_SWITCHED_OFF` | a protection that is switched off, so that the test which guards it fails |
//! | `IPC_TEST_SKIPPED` | a file that gets a line for each test skipped, so that CI can count them |
//! | `CC` | the C compiler, `cc` if not set |

mod c_program;
mod child;
mod corpus;
mod crash;
mod damage;
pub mod fixture;
mod forked;
mod leak;
mod options;
mod privilege;
mod python;
mod rng;
mod role;
mod storm;
mod sys;
mod talk;
mod timed;
mod watchdog;

pub use c_program::c_program;
pub use child::Child;
pub use corpus::corpus;
pub use crash::{crash_points, kill_at_random};
pub use fixture::{Fixture, TempDir};
pub use forked::Forked;
pub use leak::LeakCheck;
pub use options::ChildOptions;
pub use privilege::{Root, skip};
pub use python::python;
pub use rng::{Rng, figures, rounds};
pub use role::{Part, Role, play};
pub use storm::Storm;
pub use sys::reap;
pub use timed::Timed;
pub use watchdog::{Watchdog, watchdog};
