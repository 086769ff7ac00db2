//! POSIX message queues: the files of the `mqueue` file system, wherever it is mounted.

use std::fs::{self, File};
use std::os::fd::AsFd;
use std::path::Path;

use ipc::core::Name;
use ipc::queue::Direction;

use super::{Found, Kind, Object, Sight, State, library, shm};
use crate::output;

/// Adds message queues.
pub(super) fn list(sight: &Sight, found: &mut Found) {
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let Some(place) = mounted(&mounts) else {
        let how = "mkdir -p /dev/mqueue && mount -t mqueue none /dev/mqueue";
        found.unseen(format!(
            "message queues: no file system of type mqueue is mounted; as root: `{how}`"
        ));
        return;
    };
    let entries = match fs::read_dir(place) {
        Ok(entries) => entries,
        Err(err) => return found.unseen(format!("message queues: {place}: {err}")),
    };
    let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    for name in names {
        let path = Path::new(place).join(&name);
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        let mut object = Object::new(Kind::Queue, format!("/{}", name.to_string_lossy()));
        shm::of_file(&mut object, &metadata);
        object.path = Some(path.clone());
        object.is(State::Idle, "no process uses it");
        describe(sight, &mut object, &fs::read_to_string(&path).unwrap_or_default());
        found.objects.push(object);
    }
}

/// A message queue by name, for a machine on which no file system lists them.
pub(crate) fn by_name(sight: &Sight, name: &str) -> Option<Object> {
    let opened = library::queue(&Name::new(name).ok()?, Direction::Receive);
    let mut object = Object::new(Kind::Queue, name.to_owned());
    object.is(State::Idle, "no process uses it");
    match opened {
        Ok(queue) => {
            let file = File::from(queue.as_fd().try_clone_to_owned().ok()?);
            shm::of_file(&mut object, &file.metadata().ok()?);
        }
        Err(err) if err.is_permission_denied() => {}
        Err(_) => return None,
    }
    describe(sight, &mut object, "");
    let mut found = Found { objects: vec![object], ..Found::default() };
    sight.processes.tell(&mut found);
    found.objects.pop()
}

/// Adds what the text of its file says, and what the queue does.
fn describe(sight: &Sight, object: &mut Object, status: &str) {
    object.size = field(status, "QSIZE").and_then(|bytes| u64::try_from(bytes).ok());
    let queue = Name::new(&object.name).and_then(|name| library::queue(&name, Direction::Receive));
    let numbers =
        queue.and_then(|queue| Ok((queue.len()?, queue.capacity(), queue.message_size())));
    object.content = match numbers {
        Ok((len, capacity, size)) => {
            let messages = output::count(capacity, "message", "messages");
            format!("{len} of {messages} of {}", output::count(size, "byte", "bytes"))
        }
        Err(err) if err.is_permission_denied() => String::from("not readable"),
        Err(err) => err.to_string(),
    };
    if let Some(pid) =
        field(status, "NOTIFY_PID").and_then(|pid| i32::try_from(pid).ok()).filter(|pid| *pid > 0)
    {
        object.processes.extend(sight.processes.process(pid, "is notified"));
        object.content += &format!(", notifies {pid}");
    }
}

/// A number in the text of a queue's file: `QSIZE:10 NOTIFY:0 SIGNO:0 NOTIFY_PID:0`.
fn field(status: &str, name: &str) -> Option<i64> {
    status
        .split_whitespace()
        .find_map(|field| field.strip_prefix(name)?.strip_prefix(':')?.parse().ok())
}

/// Where queues are files, of lines that name a device, a place and a type.
pub(crate) fn mounted(mounts: &str) -> Option<&str> {
    mounts.lines().find_map(|line| match line.split(' ').collect::<Vec<_>>()[..] {
        [_, place, "mqueue", ..] => Some(place),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_the_text_of_a_queue_and_nothing_else() {
        let status = "QSIZE:129     NOTIFY:2    SIGNO:0    NOTIFY_PID:8260 \n";
        assert_eq!((field(status, "QSIZE"), field(status, "NOTIFY_PID")), (Some(129), Some(8260)));
        assert_eq!((field("", "QSIZE"), field("QSIZE:x", "QSIZE")), (None, None));
    }
}
