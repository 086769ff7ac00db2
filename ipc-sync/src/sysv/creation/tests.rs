//! Sets that were never completed.

use ipc_core::Trust;

use super::*;

/// Removes the set of a key at its end.
struct Left(Key);

impl Drop for Left {
    fn drop(&mut self) {
        SemaphoreSet::remove(self.0).unwrap();
    }
}

/// A set without values, as it is between the two calls of its creator.
fn without_values(key: Key, len: u16, mode: u32) -> SemaphoreSet {
    sys::create(key.raw(), len.into(), mode).unwrap();
    SemaphoreSet::of_key(key, Trust::Anyone).unwrap()
}

fn key(number: i32) -> Key {
    Key::new(0x5e70_0000 ^ (std::process::id().cast_signed() << 4) ^ number)
}

#[test]
fn a_stopped_creator_learns_that_its_set_was_replaced() {
    let key = key(0);
    let _left = Left(key);
    let stopped = without_values(key, 2, incomplete(0o600));
    let err = SemaphoreSet::open(key).unwrap_err();
    assert!(err.is_mismatch() && err.to_string().contains("mode 0601"), "{err}");
    let set = SemaphoreSet::open_or_create(key, [5, 7]).unwrap();
    assert!(set.was_created() && set.id != stopped.id);
    assert!(stopped.complete(vec![1, 1], 0o666).unwrap_err().is_removed());
    assert_eq!(set.values().unwrap(), [5, 7]);
    assert_eq!(set.info().unwrap().permissions, Permissions::OWNER);
}

#[test]
fn a_set_of_another_program_without_values_is_never_replaced() {
    thread::scope(|scope| {
        // The last one is 777 in decimal.
        let modes = [0o600, 0o666, 0o700, 0o777, 0o711, 0o755, 0o411];
        for (number, mode) in (1..).zip(modes) {
            scope.spawn(move || {
                let key = key(number);
                let _left = Left(key);
                let theirs = without_values(key, 3, mode);
                let options = SetOptions::new([0, 0, 0]).trust(Trust::Anyone);
                let err =
                    SemaphoreSet::open_or_create(key, SetOptions::new([1]).trust(Trust::Anyone))
                        .unwrap_err();
                assert!(err.is_mismatch(), "{err}");
                assert!(err.to_string().ends_with("found 3 semaphores, wanted 1"), "{err}");
                let set = SemaphoreSet::open_or_create(key, options).unwrap();
                assert!(!set.was_created() && set.id == theirs.id, "{mode:o}");
                assert_eq!(set.values().unwrap(), [0, 0, 0]);
            });
        }
    });
}
