//! Waiting for several objects at once, from outside and between real processes.

mod any;
#[cfg(feature = "io-uring")]
mod uring;

#[test]
fn roles() {
    #[cfg(feature = "io-uring")]
    ipc_testkit::play(&[any::ROLES, uring::ROLES].concat());
    #[cfg(not(feature = "io-uring"))]
    ipc_testkit::play(any::ROLES);
}
