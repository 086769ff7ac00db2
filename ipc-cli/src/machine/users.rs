//! Users by name.

use std::cell::RefCell;
use std::collections::BTreeMap;

use nix::unistd::{Uid, User};

thread_local! {
    /// Names are asked for once each: the answer may come over a network.
    static NAMES: RefCell<BTreeMap<u32, &'static str>> = RefCell::default();
}

/// The name of a user, or the number of a user without a name.
pub(crate) fn name(uid: u32) -> &'static str {
    let ask = || {
        let user = User::from_uid(Uid::from_raw(uid)).ok().flatten();
        // Each name is kept until the program ends.
        &*user.map_or_else(|| uid.to_string(), |user| user.name).leak()
    };
    NAMES.with_borrow_mut(|names| *names.entry(uid).or_insert_with(ask))
}

/// The user that a command line names, by name or number.
pub(crate) fn uid(name: &str) -> Option<u32> {
    name.parse().ok().or_else(|| Some(User::from_name(name).ok()??.uid.as_raw()))
}
