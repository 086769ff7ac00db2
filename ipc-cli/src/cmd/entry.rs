//! Listings and objects for programs, as JSON.

use std::borrow::Cow;
use std::time::SystemTime;

use serde::Serialize;

use crate::machine::{self, Found, Object, State, users};
use crate::output;

/// A listing for programs.
#[derive(Serialize)]
pub(super) struct Listing<'a> {
    objects: Vec<Entry<'a>>,
    unseen: Vec<&'a str>,
}

impl<'a> Listing<'a> {
    pub(super) fn of(found: &'a Found) -> Self {
        let unseen = found.unseen.iter().map(String::as_str).collect();
        Self { objects: found.objects.iter().map(Entry::of).collect(), unseen }
    }
}

/// An object for programs.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    kind: &'static str,
    name: &'a str,
    selector: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    size: Option<u64>,
    uid: Option<u32>,
    owner: Option<&'static str>,
    mode: Option<String>,
    /// Seconds since 1970.
    since: Option<u64>,
    state: State,
    reason: Cow<'a, str>,
    attached: Option<usize>,
    processes: &'a [machine::Process],
    content: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_namespace_of: Option<i32>,
}

impl<'a> Entry<'a> {
    pub(super) fn of(object: &'a Object) -> Self {
        let since =
            object.since.and_then(|since| since.duration_since(SystemTime::UNIX_EPOCH).ok());
        Self {
            kind: object.kind.word(),
            name: &object.name,
            selector: object.selector(),
            key: object.key.map(|key| format!("{:#x}", key.cast_unsigned())),
            id: object.id,
            path: object.path().map(|path| path.to_string_lossy().into_owned()),
            size: object.size,
            uid: object.owner,
            owner: object.owner.map(users::name),
            mode: object.mode.map(output::mode),
            since: since.map(|since| since.as_secs()),
            state: object.state,
            reason: object.reason(),
            attached: object.attached,
            processes: &object.processes,
            content: &object.content,
            in_namespace_of: object.elsewhere,
        }
    }
}
