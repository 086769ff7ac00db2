//! `ipc` from outside, on objects that Rust, C and Python have.

mod calls;
mod churn;
mod common;
mod frames;
mod gc;
mod heap;
mod hostile;
mod kinds;
mod lock;
mod mistakes;
mod natives;
mod plant;
mod screen;
mod sight;
mod structures;
mod topic;
mod verbs;

#[test]
fn roles() {
    ipc_testkit::play(&[
        ("user", gc::user),
        ("visitor", churn::visitor),
        ("holder", churn::holder),
        ("planter", plant::planter),
    ]);
}
