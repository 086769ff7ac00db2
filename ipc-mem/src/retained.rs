//! Mappings that may not be unmapped yet.
//!
//! The kernel knows a robust mutex that a thread of this process holds by its address. If a handle is dropped while its
//! bytes may not be unmapped, they stay mapped, and each later drop asks again.

#![expect(unsafe_code, reason = "a list that threads share without waiting for each other")]

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// A value that is dropped as soon as it reports that it may be dropped.
pub(crate) trait Retained: Send {
    /// Returns `true` if it may be dropped now.
    fn may_go(&self) -> bool;
}

struct Node {
    value: Box<dyn Retained>,
    next: *mut Node,
}

/// The head of a list of leaked boxes. No thread ever waits for another here, so a child may be forked at any moment.
static LIST: AtomicPtr<Node> = AtomicPtr::new(ptr::null_mut());

/// Keeps a value until it may be dropped.
pub(crate) fn keep(value: impl Retained + 'static) {
    push(Box::new(Node { value: Box::new(value), next: ptr::null_mut() }));
}

/// Drops the values that may be dropped by now.
pub(crate) fn sweep() {
    if LIST.load(Ordering::Relaxed).is_null() {
        return;
    }
    let mut rest = LIST.swap(ptr::null_mut(), Ordering::Acquire);
    while !rest.is_null() {
        // SAFETY: `push` leaked this box, and the swap took the whole list out, so that this thread alone has it.
        let node = unsafe { Box::from_raw(rest) };
        rest = node.next;
        if !node.value.may_go() {
            push(node);
        }
    }
}

fn push(mut node: Box<Node>) {
    let mut head = LIST.load(Ordering::Relaxed);
    loop {
        node.next = head;
        let new = Box::into_raw(node);
        match LIST.compare_exchange_weak(head, new, Ordering::Release, Ordering::Relaxed) {
            Ok(_) => return,
            // SAFETY: leaked above, and not in the list, since the exchange failed.
            Err(other) => (head, node) = (other, unsafe { Box::from_raw(new) }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;

    use super::*;

    struct Pinned(Arc<AtomicBool>);

    impl Retained for Pinned {
        fn may_go(&self) -> bool {
            !self.0.load(Ordering::SeqCst)
        }
    }

    #[test]
    fn what_may_not_go_stays_until_it_may() {
        let pins: Vec<_> = (0..3).map(|_| Arc::new(AtomicBool::new(true))).collect();
        pins.iter().for_each(|pin| keep(Pinned(Arc::clone(pin))));
        sweep();
        assert!(pins.iter().all(|pin| Arc::strong_count(pin) == 2));
        pins[1].store(false, Ordering::SeqCst);
        sweep();
        assert_eq!(pins.iter().map(Arc::strong_count).collect::<Vec<_>>(), [2, 1, 2]);
        pins.iter().for_each(|pin| pin.store(false, Ordering::SeqCst));
        sweep();
        assert!(pins.iter().all(|pin| Arc::strong_count(pin) == 1));
    }
}
