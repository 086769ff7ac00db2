//! The details that `ipc show` adds to a listing.

use std::fs::File;
use std::time::SystemTime;

use ipc::core::Name;
use ipc::mem::Tag;
use ipc::queue::Direction;

use super::{Kind, Object, library, proc, structure};
use crate::output;

/// Lines on the content of an object: what they are about, and what it is.
pub(crate) fn of(object: &Object) -> Vec<(String, String)> {
    match object.kind {
        Kind::Shm => memory(object),
        Kind::Semaphore => semaphore(object),
        Kind::Queue => queue(object),
        Kind::Set => set(object),
        Kind::SysvQueue => sysv_queue(object),
        _ => Vec::new(),
    }
}

fn line(what: &str, is: impl ToString) -> (String, String) {
    (what.to_owned(), is.to_string())
}

fn file(object: &Object) -> Option<File> {
    library::look(&object.path()?).ok()
}

fn memory(object: &Object) -> Vec<(String, String)> {
    let Some(file) = file(object) else { return Vec::new() };
    let len = file.metadata().map_or(0, |metadata| metadata.len());
    let Ok((memory, _)) = library::memory(&file, len, &mut [], || None) else { return Vec::new() };
    let mut lines = Vec::new();
    lines.extend(memory.removal.map(|when| line("removal", when)));
    lines.extend(memory.creator.map(|pid| line("creator", creator(pid, memory.created))));
    lines.extend(memory.max_size.map(|size| line("grows to", output::size(size as u64))));
    lines.extend(structure::details(&file, memory.tag, memory.size));
    let Some(name) = Name::new(&object.name).ok().filter(|_| object.elsewhere.is_none()) else {
        return lines;
    };
    if let Ok(array) = library::view(&name) {
        lines.extend(library::statistics(&array));
    }
    if memory.tag == Tag::FRAMES {
        lines.extend(library::frames_now(&name));
    }
    lines
}

/// A creator, and whether it runs. The id is that of its own PID namespace.
fn creator(pid: i32, created: Option<SystemTime>) -> String {
    match created.and_then(|created| proc::running_since(pid, created)) {
        Some(command) => format!("process {pid} {command} (runs)"),
        None => format!("process {pid} (ended, or of another PID namespace)"),
    }
}

fn semaphore(object: &Object) -> Vec<(String, String)> {
    let Some(Ok([value, waiting])) = file(object).map(|file| library::semaphore_words(&file))
    else {
        return Vec::new();
    };
    vec![
        line("value", value),
        line("waiting", output::count(waiting as usize, "thread", "threads")),
    ]
}

fn queue(object: &Object) -> Vec<(String, String)> {
    let queue = Name::new(&object.name).and_then(|name| library::queue(&name, Direction::Receive));
    let Ok(queue) = queue else { return Vec::new() };
    let held = queue
        .len()
        .map_or_else(|err| err.to_string(), |len| format!("{len} of {}", queue.capacity()));
    let size = output::count(queue.message_size(), "byte", "bytes");
    vec![line("messages", held), line("message size", format_args!("at most {size}"))]
}

fn set(object: &Object) -> Vec<(String, String)> {
    /// The maximum of semaphores that are shown.
    const SHOWN: usize = 64;

    let Some(Ok(set)) = object.id.map(library::set) else { return Vec::new() };
    let Ok(values) = set.values() else { return Vec::new() };
    let of_one = |(index, value): (u16, &u16)| {
        let waiting =
            [(set.waiting_for_more(index), "more"), (set.waiting_for_zero(index), "zero")];
        let waiting = waiting
            .into_iter()
            .filter_map(|(count, what)| Some((count.ok().filter(|count| *count > 0)?, what)));
        let waiting: String =
            waiting.map(|(count, what)| format!(", {count} waiting for {what}")).collect();
        let last = set.last_process(index).ok().flatten();
        let last =
            last.map(|pid| format!(", last used by process {}", pid.raw())).unwrap_or_default();
        line(&format!("semaphore {index}"), format_args!("value {value}{waiting}{last}"))
    };
    (0..).zip(&values).take(SHOWN).map(of_one).collect()
}

fn sysv_queue(object: &Object) -> Vec<(String, String)> {
    let Some(Ok(info)) = object.id.map(|id| library::sysv_queue(id).and_then(|queue| queue.info()))
    else {
        return Vec::new();
    };
    let mut lines = vec![
        line("messages", info.messages),
        line("bytes", format_args!("{} of {}", info.bytes, info.byte_limit)),
    ];
    lines.extend(info.last_sender.map(|pid| line("last sender", pid.raw())));
    lines.extend(info.last_receiver.map(|pid| line("last receiver", pid.raw())));
    lines
}
