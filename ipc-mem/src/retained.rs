//! Mappings that may not be unmapped yet.
//!
//! While a thread of this process holds a robust mutex, the kernel refers to the mutex by its
//! address, so its bytes may not be unmapped. If a handle is dropped meanwhile, the bytes stay
//! mapped, and each later drop of a handle checks again. A handle that is opened meanwhile uses the
//! mapping that was kept. So while a lock is held, a process keeps at most one mapping of an object
//! for each handle that it had open at the same time, and one more for each time that a thread
//! searched a list while another thread did: a search takes the nodes out of the list, so the other
//! thread does not find them, and maps the object again. Those mappings are dropped like the others.

#![expect(unsafe_code, reason = "a list that threads share without waiting for each other")]

use std::any::TypeId;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};

use crate::file::Body;

/// The remains of a handle, which are dropped as soon as they report that they may be dropped.
pub(crate) trait Retained: Send + 'static {
    /// Returns `true` if it may be dropped now.
    fn may_go(&self) -> bool;

    /// The bytes that stay mapped.
    fn body(&self) -> &Arc<Body>;

    /// The address of the object that decides [`may_go`](Self::may_go).
    fn place(&self) -> usize;

    /// Identifies the check: two retained mappings with the same value make the same check.
    fn question(&self) -> (TypeId, usize) {
        (TypeId::of::<Self>(), self.place())
    }
}

struct Node {
    value: Box<dyn Retained>,
    next: *mut Node,
}

/// Heads of lists of leaked boxes. A body belongs to the list with the index [`Body::number`]
/// modulo 64. No thread ever waits for another here, so a child may be forked at any time.
static LISTS: [AtomicPtr<Node>; 64] = [const { AtomicPtr::new(ptr::null_mut()) }; 64];

/// The number of values in the lists.
static KEPT: AtomicUsize = AtomicUsize::new(0);

/// The number of drops since the lists were last searched.
static DROPS: AtomicUsize = AtomicUsize::new(0);

fn list_of(body: &Body) -> &'static AtomicPtr<Node> {
    &LISTS[body.number() % LISTS.len()]
}

/// Keeps a value until it may be dropped.
pub(crate) fn keep(value: impl Retained) {
    let list = list_of(value.body());
    // A body that no other value has is not kept yet.
    let mut is_kept = false;
    if Arc::strong_count(value.body()) > 1 {
        retain(list, |kept| {
            is_kept |=
                kept.question() == value.question() && Arc::ptr_eq(kept.body(), value.body());
            true
        });
    }
    if !is_kept {
        KEPT.fetch_add(1, Ordering::Relaxed);
        push(list, Box::new(Node { value: Box::new(value), next: ptr::null_mut() }));
    }
}

/// Drops the values that may be dropped by now. Call it for each handle that is dropped. If `n`
/// values are kept, only every `n`-th call checks all of them, so that the mean cost of a call does
/// not depend on `n`.
pub(crate) fn sweep() {
    let kept = KEPT.load(Ordering::Relaxed);
    if kept == 0 || DROPS.fetch_add(1, Ordering::Relaxed) + 1 < kept {
        return;
    }
    DROPS.store(0, Ordering::Relaxed);
    for list in &LISTS {
        retain(list, |value| !value.may_go());
    }
}

/// Returns the kept body of the same bytes if there is one; otherwise `body`.
pub(crate) fn share(body: Body) -> Arc<Body> {
    let mut found = None;
    retain(list_of(&body), |value| {
        if found.is_none() && value.body().replaces(&body) {
            found = Some(Arc::clone(value.body()));
        }
        true
    });
    found.unwrap_or_else(|| Arc::new(body))
}

/// Drops the values of a list that `stays` does not retain.
fn retain(list: &AtomicPtr<Node>, mut stays: impl FnMut(&dyn Retained) -> bool) {
    if list.load(Ordering::Relaxed).is_null() {
        return;
    }
    let mut rest = list.swap(ptr::null_mut(), Ordering::Acquire);
    while !rest.is_null() {
        // SAFETY: `push` leaked this box, and the swap took the whole list out, so that this thread
        // alone has it.
        let node = unsafe { Box::from_raw(rest) };
        rest = node.next;
        if stays(&*node.value) {
            push(list, node);
        } else {
            KEPT.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn push(list: &AtomicPtr<Node>, mut node: Box<Node>) {
    let mut head = list.load(Ordering::Relaxed);
    loop {
        node.next = head;
        let new = Box::into_raw(node);
        match list.compare_exchange_weak(head, new, Ordering::Release, Ordering::Relaxed) {
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
        let sweep_all = || (0..pins.len()).for_each(|_| sweep());
        sweep_all();
        assert!(pins.iter().all(|pin| Arc::strong_count(pin) == 2));
        pins[1].store(false, Ordering::SeqCst);
        sweep_all();
        assert_eq!(pins.iter().map(Arc::strong_count).collect::<Vec<_>>(), [2, 1, 2]);
        pins.iter().for_each(|pin| pin.store(false, Ordering::SeqCst));
        sweep_all();
        assert!(pins.iter().all(|pin| Arc::strong_count(pin) == 1));
    }
}
