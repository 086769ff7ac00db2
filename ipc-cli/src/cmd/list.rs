//! `ipc list`: what has a name in shared memory, and who uses it.

use std::fs;
use std::os::unix::fs::MetadataExt;

use clap::Args;
use ipc_core::{Name, Permissions, Result, Trust};
use ipc_mem::Content;
use ipc_shm::{MemoryInfo, OpenOptions, ReadOnlyMappedFile, SharedMemory};
use ipc_shmarray::AnyArray;
use ipc_sync::NamedSemaphore;

use crate::failure::Failure;
use crate::output::{harmless, print, table};

/// The options of `ipc list`.
#[derive(Args, Debug)]
pub(crate) struct List {
    /// Only what has a name that begins so
    #[arg(default_value = "/")]
    prefix: String,

    /// Only what should have gone with its last user and is still there, which `ipc gc` removes
    #[arg(long)]
    stale: bool,
}

const HEAD: Row<&str> = ["NAME", "KIND", "SIZE", "USERS", "OWNER", "MODE", "CONTENT"];

/// The cells of a line.
type Row<T> = [T; 7];

impl List {
    /// Writes a table, an object a line.
    pub(crate) fn run(&self) -> Result<(), Failure> {
        let mut rows = vec![HEAD.map(String::from)];
        for name in named(SharedMemory::names()?, &self.prefix) {
            let info = MemoryInfo::of_name(&name);
            if !self.stale || info.as_ref().is_ok_and(MemoryInfo::is_stale) {
                rows.extend(memory(&name, info));
            }
        }
        if !self.stale {
            rows.extend(named(NamedSemaphore::names()?, &self.prefix).filter_map(|name| semaphore(&name)));
        }
        print(&table(&rows))
    }
}

/// Those of the names that begin so.
pub(crate) fn named(names: Vec<Name>, prefix: &str) -> impl Iterator<Item = Name> {
    names.into_iter().filter(move |name| name.as_str().starts_with(prefix))
}

/// Where the file of an object is.
fn path(prefix: &str, name: &Name) -> String {
    format!("/dev/shm/{prefix}{}", name.file_name())
}

fn memory(name: &Name, info: Result<MemoryInfo>) -> Option<Row<String>> {
    let (size, users, content) = match info {
        Ok(info) => (Some(info.size), users(&info), content(name, info.content)),
        Err(err) if err.is_not_found() || err.is_removed() => return None, // just now
        Err(err) => (None, String::from("-"), err.to_string()),
    };
    row(name, "", "memory", size, users, content)
}

fn users(info: &MemoryInfo) -> String {
    match info.users {
        _ if info.is_stale() => String::from("stale"),
        Some(users) => users.to_string(),
        None => String::from("-"),
    }
}

fn content(name: &Name, content: Content) -> String {
    // By its name as memory, looking at it would make a user of us.
    let array = || ReadOnlyMappedFile::open_with(path("", name), OpenOptions::new().trust(Trust::Anyone));
    match content {
        Content::Array | Content::Foreign => array()
            .and_then(AnyArray::open_in)
            .map_or_else(|_| content.to_string(), |array| format!("array of {}, {}", array.kind(), array.shape())),
        Content::Value | Content::Bare => content.to_string(),
    }
}

fn semaphore(name: &Name) -> Option<Row<String>> {
    let value = NamedSemaphore::open_with(name, Trust::Anyone).and_then(|semaphore| semaphore.value());
    let content = value.map_or_else(|err| err.to_string(), |value| format!("value {value}"));
    row(name, "sem.", "semaphore", None, String::from("-"), content)
}

/// What is not known of it is told by its file, if it is still there.
fn row(
    name: &Name,
    prefix: &str,
    kind: &str,
    size: Option<usize>,
    users: String,
    content: String,
) -> Option<Row<String>> {
    let file = fs::symlink_metadata(path(prefix, name)).ok()?;
    let size = size.map_or_else(|| file.len().to_string(), |size| size.to_string());
    let mode = Permissions::from_mode(file.mode()).to_string();
    Some([harmless(name), String::from(kind), size, users, file.uid().to_string(), mode, harmless(content)])
}
