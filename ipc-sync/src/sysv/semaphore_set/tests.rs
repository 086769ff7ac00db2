//! Sets whose id was reused, and sets longer than a page.

use super::*;
use crate::sysv::SetOptions;

/// A handle of a removed set of `len` counters whose id `other` has now.
fn gone(other: &SemaphoreSet, len: u16) -> SemaphoreSet {
    let (key, id, made) = (other.key, other.id, other.made);
    let changed = AtomicI64::new(0);
    SemaphoreSet { key, id, len, made, creator: None, removal: Removal::Never, changed }
}

fn private(values: impl Into<SetOptions>) -> SemaphoreSet {
    SemaphoreSet::create(Key::PRIVATE, values).unwrap()
}

#[test]
fn a_set_that_reuses_the_id_is_neither_read_nor_written() {
    let other = private([1, 2, 3]);
    for len in [1, 2, 4, 100] {
        let gone = gone(&other, len);
        // What an earlier call has read is left in the buffer.
        assert_eq!(private(vec![7; 100]).values().unwrap(), [7; 100]);
        for err in [gone.values().unwrap_err(), gone.set_values(&vec![7; len.into()]).unwrap_err()]
        {
            let why = "another set, with another number of semaphores, has this id";
            assert!(err.is_removed() && err.to_string().ends_with(why), "{err}");
        }
    }
    assert_eq!(other.values().unwrap(), [1, 2, 3]);
}

#[test]
fn a_set_that_is_longer_than_a_page_is_neither_read_nor_written_beyond() {
    let len = 3000;
    let other = private(vec![7; len]);
    for wanted in [1, 2047, 2048, 2049, 2871, 2872, 2999] {
        let gone = gone(&other, wanted);
        assert!(gone.values().unwrap_err().is_removed());
        assert!(gone.set_values(&vec![1; wanted.into()]).unwrap_err().is_removed());
        // Without the comparison of the lengths, as if the other set had got the id after it.
        assert_eq!(sys::set_values(other.id, &vec![1; wanted.into()]), Err(Errno::EFAULT));
    }
    assert_eq!(other.values().unwrap(), vec![7; len]);
}
