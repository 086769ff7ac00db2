//! Mappings that may not be unmapped yet.
//!
//! The kernel knows a robust mutex that a thread of this process holds by its address. If a handle is dropped while its
//! bytes may not be unmapped, they stay mapped, and each later drop asks again. A handle that is opened meanwhile uses
//! the mapping that was kept, so that a process keeps no more than one mapping of each object, however many handles it
//! opens and drops while a lock is held.

#![expect(unsafe_code, reason = "a list that threads share without waiting for each other")]

use std::any::TypeId;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::file::Body;

/// The remains of a handle, which are dropped as soon as they report that they may be dropped.
pub(crate) trait Retained: Send + 'static {
    /// Returns `true` if it may be dropped now.
    fn may_go(&self) -> bool;

    /// The bytes that stay mapped.
    fn body(&self) -> &Arc<Body>;

    /// The address that [`may_go`](Self::may_go) looks at.
    fn place(&self) -> usize;

    /// Identifies the question: two retained mappings with the same value ask the same one.
    fn question(&self) -> (TypeId, usize) {
        (TypeId::of::<Self>(), self.place())
    }
}

struct Node {
    value: Box<dyn Retained>,
    next: *mut Node,
}

/// The head of a list of leaked boxes. No thread ever waits for another here, so a child may be forked at any moment.
static LIST: AtomicPtr<Node> = AtomicPtr::new(ptr::null_mut());

/// Keeps a value until it may be dropped.
pub(crate) fn keep(value: impl Retained) {
    let mut is_kept = false;
    retain(|kept| {
        is_kept |= kept.question() == value.question() && Arc::ptr_eq(kept.body(), value.body());
        true
    });
    if !is_kept {
        push(Box::new(Node { value: Box::new(value), next: ptr::null_mut() }));
    }
}

/// Drops the values that may be dropped by now.
pub(crate) fn sweep() {
    retain(|value| !value.may_go());
}

/// Shares a body: the one of the same bytes that is kept, or else this one.
pub(crate) fn share(body: Body) -> Arc<Body> {
    let mut found = None;
    retain(|value| {
        if found.is_none() && value.body().replaces(&body) {
            found = Some(Arc::clone(value.body()));
        }
        true
    });
    found.unwrap_or_else(|| Arc::new(body))
}

/// Drops the values that `stays` does not retain.
fn retain(mut stays: impl FnMut(&dyn Retained) -> bool) {
    if LIST.load(Ordering::Relaxed).is_null() {
        return;
    }
    let mut rest = LIST.swap(ptr::null_mut(), Ordering::Acquire);
    while !rest.is_null() {
        // SAFETY: `push` leaked this box, and the swap took the whole list out, so that this thread alone has it.
        let node = unsafe { Box::from_raw(rest) };
        rest = node.next;
        if stays(&*node.value) {
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
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::{Access, Mapping, Placement, Tag};

    struct Pinned(Arc<AtomicBool>, Arc<Body>);

    impl Retained for Pinned {
        fn may_go(&self) -> bool {
            !self.0.load(Ordering::SeqCst)
        }

        fn body(&self) -> &Arc<Body> {
            &self.1
        }

        fn place(&self) -> usize {
            Arc::as_ptr(&self.0) as usize
        }
    }

    fn body() -> Arc<Body> {
        let mapping = Mapping::allocated(64, 64).unwrap();
        let placement = Placement::new();
        Arc::new(Body::fixed(mapping, 0..64, Access::ReadWrite, Tag::BARE, placement).unwrap())
    }

    #[test]
    fn a_mapping_that_must_stay_is_kept_until_it_may_go() {
        let pins: Vec<_> = (0..3).map(|_| Arc::new(AtomicBool::new(true))).collect();
        let body = body();
        let keep_all = || pins.iter().for_each(|pin| keep(Pinned(Arc::clone(pin), body.clone())));
        keep_all();
        keep_all(); // the same questions about the same bytes are kept once
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
