//! Which sets a handle removes when it is dropped.

use std::sync::atomic::AtomicI64;

use ipc_core::{GroupId, UserId};

use super::*;
use crate::sysv::SetOptions;

fn private(values: impl Into<SetOptions>) -> SemaphoreSet {
    SemaphoreSet::create(Key::PRIVATE, values).unwrap()
}

#[test]
fn a_set_that_got_the_id_of_a_removed_one_is_not_removed_in_its_place() {
    let other = private([1, 2, 3]);
    let ((key, user, group), changed) = (other.made, other.changed.load(Relaxed));
    let another_user = UserId::new(user.raw() ^ 1);
    let another_group = GroupId::new(group.raw() ^ 1);
    for (len, made, changed) in [
        (1, other.made, changed),
        (3, (key, another_user, group), changed),
        (3, (key, user, another_group), changed),
        (3, (Key::new(7), user, group), changed),
        (3, other.made, changed - 1),
        (3, other.made, changed + 1),
    ] {
        let (creator, removal) = (Some(Origin::here()), Removal::OnDrop);
        let changed = AtomicI64::new(changed);
        drop(SemaphoreSet { key, id: other.id, len, made, creator, removal, changed });
        assert_eq!(other.values().unwrap(), [1, 2, 3]);
    }
}

#[test]
fn a_private_set_goes_with_its_handle_also_after_the_handle_changed_it() {
    let changes: [fn(&SemaphoreSet); 3] = [
        |set| set.set(0, 5).unwrap(),
        |set| set.set_values(&[5, 6]).unwrap(),
        |set| set.set_permissions(0o640).unwrap(),
    ];
    for change in changes {
        let set = private([1, 2]);
        set.changed.store(0, Relaxed); // as if the last change was long ago
        change(&set);
        let id = set.id;
        drop(set);
        assert!(SemaphoreSet::open_id(id).unwrap_err().is_removed());
    }
}

#[test]
fn a_set_that_another_handle_changed_stays_until_it_is_destroyed() {
    let set = private([1, 2]);
    set.changed.store(0, Relaxed); // as if the change below came later
    let other = SemaphoreSet::open_id(set.id).unwrap();
    other.set(0, 5).unwrap();
    drop(set);
    assert_eq!(other.values().unwrap(), [5, 2]);
    let id = other.id;
    other.destroy().unwrap();
    assert!(SemaphoreSet::open_id(id).unwrap_err().is_removed());
}
