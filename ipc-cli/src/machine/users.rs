//! Users by name.

use std::cell::RefCell;
use std::collections::HashMap;

use nix::unistd::{Uid, User};

thread_local! {
    /// Names are asked for once each: the answer may come over a network.
    static NAMES: RefCell<HashMap<u32, String>> = RefCell::default();
}

/// The name of a user, or the number of a user without a name.
pub(crate) fn name(uid: u32) -> String {
    let ask = || {
        User::from_uid(Uid::from_raw(uid))
            .ok()
            .flatten()
            .map_or_else(|| uid.to_string(), |user| user.name)
    };
    NAMES.with_borrow_mut(|names| names.entry(uid).or_insert_with(ask).clone())
}

/// The user that a command line names, by name or number.
pub(crate) fn uid(name: &str) -> Option<u32> {
    name.parse().ok().or_else(|| Some(User::from_name(name).ok()??.uid.as_raw()))
}
