//! Tools for the tests of this workspace: child processes, watchdogs, killed processes and
//! fixtures.
//!
//! The guarantees of this project hold *between* processes, so its tests need processes: some that
//! talk to each other, some that are killed in the middle, stopped, stormed with signals, or run as
//! another user. This crate starts the processes, always ends them, and shows their output when a
//! test fails. Its functions panic where those of a library would return an error.
//!
//! # Roles
//!
//! A child process runs the test binary again, in a *role*. Each test file with children has one
//! test named `roles`, which lists them and does nothing in the parent:
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
//! [`ChildOptions`] start a role under another user id, with a small `/dev/shm` of its own, with a
//! crash point, or from a table in another module. [`c_program`] compiles a C program.
//! [`Child::run`] also runs that program, and exchanges lines with it through its standard input
//! and output.
//!
//! # What else is here
//!
//! | need | tool |
//! |---|---|
//! | a test that may hang | [`watchdog()`]: backtraces of all processes, then abort |
//! | names that are removed when the test ends or panics | [`fixture::name`], [`fixture::dir`] |
//! | a check that a test leaves no objects behind | [`LeakCheck`] |
//! | reproducible random numbers | [`Rng`] |
//! | headers that were damaged or forged | [`Rng::damage`] |
//! | inputs kept from fuzzing | [`corpus()`] |
//! | the number of rounds of a test, and its counts | [`rounds`], [`figures`] |
//! | many children to stop and kill, each a copy of this process | [`Forked`] |
//! | whether a process or a thread waits | [`sleepers`], [`thread_sleeps`] |
//! | a check that no call with a timeout returns early | [`Timed`] |
//! | killing a child at a random time, or at every step | [`kill_at_random`], [`crash_points`] |
//! | continuous signals | [`Storm`] |
//! | exhausted limits, denied calls, closed descriptors | [`adversity`] |
//! | waiting for the end of a process that a test forked | [`reap`] |
//! | tests that need root | [`Root::or_skip`] |
//! | a Python interpreter | [`python()`] |
//!
//! # Environment variables
//!
//! | variable | meaning |
//! |---|---|
//! | `IPC_TEST_SECONDS` | the time limit of a [`watchdog()`], default 60; a wait for a line or for the end of a child has half of it |
//! | `IPC_TEST_SEED` | the seed of every [`Rng::new`], to replay a failure |
//! | `IPC_TEST_FULL` | if set, tests run the full number of [`rounds`]; a value such as 1000 limits that number |
//! | `IPC_TEST_STOP` | how many seconds a process that a test has stopped stays stopped at least, default 0 |
//! | `IPC_TEST_PLAYER` | the command that plays the roles, such as another build; by default this test binary |
//! | `IPC_SWITCHED_OFF` | the name of a protection to switch off, so that its test fails |
//! | `IPC_TEST_SKIPPED` | the file to which each skipped test appends a line; CI counts the lines |
//! | `CC` | the C compiler, `cc` if not set |

pub mod adversity;
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
mod sleepers;
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
pub use sleepers::{sleepers, this_thread, thread_sleeps};
pub use storm::Storm;
pub use sys::reap;
pub use timed::Timed;
pub use watchdog::{Watchdog, watchdog};
